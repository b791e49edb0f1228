//! `sluis init`: a configuration file, a key file and a starter policy, ready to be edited.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use super::{Ended, say};
use crate::app::World;
use crate::keys::FileProvider;

#[derive(Args, Debug)]
pub(super) struct Options {
    /// The folder to write into; it is made if need be. Nothing in it is overwritten.
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// A file with a passphrase that the key file is to be wrapped with.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

const CONFIG: &str = include_str!("sluis.toml");
const POLICY: &str = include_str!("../../policies/salesforce.toml");
const CASES: &str = include_str!("../../policies/salesforce.cases.toml");
const SCHEMA: &str = include_str!("../../policies/policy.schema.json");

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let folder = &options.folder;
    let policies = folder.join("policies");
    fs::create_dir_all(&policies).with_context(|| format!("{}", policies.display()))?;
    let key = folder.join("sluis.key");
    let files = [
        (folder.join("sluis.toml"), CONFIG),
        (policies.join("salesforce.toml"), POLICY),
        (policies.join("salesforce.cases.toml"), CASES),
        (policies.join("policy.schema.json"), SCHEMA),
    ];
    for path in files.iter().map(|(path, _)| path).chain([&key]) {
        if path.exists() {
            bail!("{} is there already; nothing was written", path.display());
        }
    }
    let passphrase = match &options.passphrase_file {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
            Some(text.trim_end_matches(['\r', '\n']).into())
        }
        None => None,
    };
    FileProvider::create(&key, passphrase, &*World::default().entropy)?;
    for (path, text) in &files {
        write(path, text)?;
    }
    say(&format!(
        "Written: {folder}/sluis.toml, {folder}/sluis.key, {folder}/policies/.\n\n\
         Next:\n\
         \x20 1. In {folder}/sluis.toml: the names of this border, its certificate, the CRM's address.\n\
         \x20 2. sluis check --config {folder}/sluis.toml\n\
         \x20 3. sluis crm set-client --config {folder}/sluis.toml --id ID --secret-file FILE\n\
         \x20 4. sluis client add NAME --config {folder}/sluis.toml --purpose customer-relations --role integration\n\
         \x20 5. sluis serve --config {folder}/sluis.toml\n\n\
         Keep a copy of {folder}/sluis.key in a safe place in the EU: without it the vault cannot be opened.",
        folder = folder.display()
    ))?;
    Ok(Ended::Well)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    let mut file = file.with_context(|| format!("{}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
