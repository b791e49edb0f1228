//! `sluis version`.

use clap::Args;
use serde_json::json;

use super::{Ended, say};

#[derive(Args, Debug)]
pub(super) struct Options {
    /// As one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let version = env!("CARGO_PKG_VERSION");
    if options.json {
        say(&json!({ "version": version, "tls": "rustls with aws-lc-rs", "sqlite": rusqlite::version() }).to_string())?;
    } else {
        say(&format!(
            "sluis {version} (rustls with aws-lc-rs, SQLite {})",
            rusqlite::version()
        ))?;
    }
    Ok(Ended::Well)
}
