//! `sluis crm`: the credential with which the border signs in to the CRM, sealed in the vault.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};

use super::{ConfigFile, Ended, say};
use crate::app::{self, CRM_CREDENTIAL, World};
use crate::config;
use crate::model::Secret;
use crate::upstream::Credential;

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
    /// A session id that something else keeps valid.
    SetToken {
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
    },
}

pub(super) fn run(options: Options) -> anyhow::Result<Ended> {
    let settings = config::load(&options.file.config)?;
    let credential = match options.command {
        Command::SetClient { id, secret_file } => Credential::Client {
            id,
            secret: secret(&secret_file)?,
        },
        Command::SetToken { token_file } => Credential::Token(secret(&token_file)?),
    };
    let sealed = credential
        .to_secret()
        .ok_or_else(|| anyhow!("the credential is not text"))?;
    let world = World::default();
    fs::create_dir_all(&settings.data)?;
    // Only one process may write the vault: a running border is stopped first.
    let _lock = crate::store::lock(&settings.data)?;
    let ring = app::open_ring(&settings, &world)?;
    let vault = app::open_vault(&settings, &ring, &world)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(vault.credential_set(CRM_CREDENTIAL, &sealed))?;
    say("The credential is sealed in the vault.")?;
    Ok(Ended::Well)
}

fn secret(path: &Path) -> anyhow::Result<Secret> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    match text.trim() {
        "" => bail!("{}: the file is empty", path.display()),
        text => Ok(text.into()),
    }
}
