//! A script of `tests/browser` at work.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::support::suite::{PROXIES, installed, root};

/// Runs a script; `how` tells it where everything is. Screenshots go to `target/screens`.
///
/// # Errors
/// When the browser is not installed, or an act fails: the error has what the script said.
pub fn run(script: &str, how: &Value) -> Result<String> {
    let modules = installed("target/clients/browser/node_modules")?;
    let mut how = how.clone();
    how["screens"] = root().join("target/screens").to_string_lossy().into();
    let mut command = Command::new("node");
    for name in PROXIES {
        command.env_remove(name);
    }
    let output = command
        .arg(root().join("tests/browser").join(script))
        .env("NODE_PATH", modules)
        .env("SLUIS_BROWSER", how.to_string())
        .stdin(Stdio::null())
        .output()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    ensure!(
        output.status.success(),
        "{script} ended with {}:\n{text}",
        output.status
    );
    Ok(text)
}
