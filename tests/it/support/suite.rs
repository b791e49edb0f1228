//! Clients that people use, run as they are against a demo.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};

use crate::support::demo::Demo;

/// A suite under `tests/clients`, by the client that it drives.
#[derive(Clone, Copy, Debug)]
pub enum Suite {
    /// simple-salesforce, in Python.
    SimpleSalesforce,
    /// jsforce, in Node.js.
    Jsforce,
}

/// Runs a suite against a demo.
///
/// # Errors
/// When the client is not installed, or a test of the suite fails: the error has its output.
pub fn run(suite: Suite, demo: &Demo) -> Result<String> {
    let mut command = match suite {
        Suite::SimpleSalesforce => python(demo)?,
        Suite::Jsforce => node(demo)?,
    };
    for name in PROXIES {
        command.env_remove(name);
    }
    let output = command
        .env("SLUIS_DEMO", demo.line())
        .env("SLUIS_BINARY", env!("CARGO_BIN_EXE_sluis"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    ensure!(
        output.status.success(),
        "{suite:?} ended with {}:\n{text}",
        output.status
    );
    Ok(text)
}

/// A proxy between client and border would be asked for a host that only this machine has.
pub const PROXIES: [&str; 8] = [
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "CURL_CA_BUNDLE",
    "NODE_OPTIONS",
];

fn python(demo: &Demo) -> Result<Command> {
    let interpreter = installed("target/clients/python/bin/python")?;
    let mut command = Command::new(interpreter);
    command
        .args([
            "-m",
            "unittest",
            "discover",
            "--verbose",
            "--start-directory",
        ])
        .arg(root().join("tests/clients/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env(
            "PYTHONWARNINGS",
            "error::ResourceWarning,ignore::DeprecationWarning",
        )
        .env_remove("PYTHONPATH")
        .env("REQUESTS_CA_BUNDLE", &demo.ready().ca);
    Ok(command)
}

fn node(demo: &Demo) -> Result<Command> {
    let modules = installed("target/clients/node/node_modules")?;
    let mut command = Command::new("node");
    command
        // The library keeps its connections for a minute after the last test.
        .arg("--test-force-exit")
        .arg(root().join("tests/clients/node/suite.js"))
        .env("NODE_PATH", modules)
        .env("NODE_EXTRA_CA_CERTS", &demo.ready().ca);
    Ok(command)
}

/// The place where `tests/run` installs something. That it is missing is a failure and no reason
/// to skip: a suite that is skipped proves nothing, and nobody would see it.
pub fn installed(place: impl AsRef<OsStr>) -> Result<PathBuf> {
    let path = root().join(place.as_ref());
    ensure!(
        path.exists(),
        "a client of the tests is not installed; run `bash tests/run`"
    );
    Ok(path)
}

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
