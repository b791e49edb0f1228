//! Creme as a process of its own, with a database of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::support::suite::{installed, root};

/// How long a start may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

/// The users that `tests/creme/seed.py` made at Creme: name and password.
pub const AGENTS: [(&str, &str); 2] = [("agent1", "agent1-pw"), ("agent2", "agent2-pw")];

/// A running Creme; it is stopped when this is dropped.
pub struct Creme {
    child: Child,
    folder: TempDir,
    url: String,
}

impl Creme {
    /// Starts it on a copy of the empty database, and waits until it listens.
    ///
    /// # Errors
    /// When it is not installed, or does not start.
    pub fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sluis-creme-").tempdir()?;
        let data = folder.path().join("data");
        copy(&installed("target/creme/data")?, &data)?;
        let mut child = Command::new(root().join("tests/creme/serve"))
            .arg(&data)
            .arg("0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = child.stderr.take().context("it has no stderr")?;
        let listens = log(stderr, File::create(data.join("error.log"))?);
        let mut creme = Self {
            child,
            folder,
            url: String::new(),
        };
        let Ok(url) = listens.recv_timeout(PATIENCE) else {
            let log = fs::read_to_string(data.join("error.log"))?;
            bail!("Creme does not listen; its log is:\n{log}");
        };
        creme.url = url;
        Ok(creme)
    }

    /// `http://127.0.0.1:port`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its database, its uploads, its log of requests and its log of errors.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it, and gives what it left on disk.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(mut self) -> Result<TempDir> {
        self.end()?;
        Ok(std::mem::replace(&mut self.folder, tempfile::tempdir()?))
    }

    fn end(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(sent.success(), "the signal could not be sent");
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Creme {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Keeps what it logs, and gives the address once it says that it listens there.
fn log(stderr: ChildStderr, mut file: File) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = writeln!(file, "{line}");
            if let Some((_, rest)) = line.split_once("Listening at: ") {
                let url = rest.split(' ').next().unwrap_or_default();
                let _ = sender.send(url.to_owned());
            }
        }
    });
    receiver
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// What `tests/creme/leakscan.py` said.
pub struct Scan {
    /// Whether it ended well: nothing was found, or everything that was expected.
    pub clean: bool,
    pub text: String,
}

/// Runs `tests/creme/leakscan.py` over some folders: nothing may be found, or with `expected` each of
/// these fields must be.
///
/// # Errors
/// When it cannot be run.
pub fn leakscan(expected: Option<&str>, places: &[&Path]) -> Result<Scan> {
    let folder = root().join("tests/creme");
    let mut command = Command::new("python3");
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(folder.join("leakscan.py"))
        .arg(folder.join("people.json"));
    if let Some(fields) = expected {
        command.args(["--expect", fields]);
    }
    let output = command.args(places).output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok(Scan {
        clean: output.status.success(),
        text: String::from_utf8_lossy(&text).into_owned(),
    })
}
