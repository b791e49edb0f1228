//! `sluis crm`: the credential with which the border signs in to the CRM, sealed in the vault.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{ConfigFile, Ended, say};
use crate::app::{self, CRM_CREDENTIAL, World};
use crate::config;
use crate::model::Secret;
use crate::protect::outward;
use crate::upstream::{Client, Credential, Sessions};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// OAuth 2.0 client credentials of a connected app in the CRM.
    SetClient {
        #[arg(long)]
        id: String,
        /// A file with the client secret, so that it is in no process list.
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
    },
    /// Write the CRM's own description of objects as a file for `fields` in the configuration, so
    /// that a policy can name the organization's own fields.
    Describe {
        #[arg(required = true, value_name = "OBJECT")]
        objects: Vec<String>,
    },
    /// A session id that something else keeps valid.
    SetToken {
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
    },
}

pub(super) fn run(options: Options) -> anyhow::Result<Ended> {
    let settings = config::load(&options.file.config)?;
    let world = World::default();
    crate::store::make_folder(&settings.data)?;
    // Only one process may write the vault: a running border is stopped first.
    let _lock = crate::store::lock(&settings.data)?;
    let ring = app::open_ring(&settings, &world)?;
    let vault = app::open_vault(&settings, &ring, &world)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let credential = match options.command {
        Command::Describe { objects } => {
            let credential = app::crm_credential(&vault)?;
            let sessions = Arc::new(Sessions::new(credential, Arc::clone(&world.clock)));
            let client = Client::new(settings.upstream, sessions)?;
            say(&runtime.block_on(describe(&client, &objects))?)?;
            return Ok(Ended::Well);
        }
        Command::SetClient { id, secret_file } => Credential::Client {
            id,
            secret: secret(&secret_file)?,
        },
        Command::SetToken { token_file } => Credential::Token(secret(&token_file)?),
    };
    let sealed = credential
        .to_secret()
        .ok_or_else(|| anyhow!("the credential is not text"))?;
    runtime.block_on(vault.credential_set(CRM_CREDENTIAL, &sealed))?;
    say("The credential is sealed in the vault.")?;
    Ok(Ended::Well)
}

/// The version in which descriptions are asked; what a field is does not differ by it.
const VERSION: u16 = 60;

/// The objects as `policy::FieldTable` reads them.
async fn describe(client: &Client, objects: &[String]) -> anyhow::Result<String> {
    let mut table = Map::new();
    for object in objects {
        let answer = client
            .send(outward::describe(VERSION, object)?, http::HeaderMap::new())
            .await?;
        if !answer.status.is_success() {
            bail!(
                "the CRM does not describe {object}: status {}",
                answer.status.as_u16()
            );
        }
        let mut described: Value = serde_json::from_slice(&answer.body)?;
        let fields = described["fields"].take();
        let fields = fields
            .as_array()
            .with_context(|| format!("the description of {object} has no fields"))?;
        let named = fields
            .iter()
            .filter_map(|field| Some((field["name"].as_str()?.to_owned(), field.clone())));
        let fields: Map<String, Value> = named.collect();
        let name = described["name"].as_str().unwrap_or(object).to_owned();
        table.insert(
            name,
            json!({ "keyPrefix": described["keyPrefix"], "fields": fields }),
        );
    }
    Ok(serde_json::to_string_pretty(&table)?)
}

fn secret(path: &Path) -> anyhow::Result<Secret> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    match text.trim() {
        "" => bail!("{}: the file is empty", path.display()),
        text => Ok(text.into()),
    }
}
