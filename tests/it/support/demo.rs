//! The demo as its own process, as a person starts it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;

/// How long a start and a stop may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running demo. All its files lie in one folder of its own, which goes when this is dropped.
pub struct Demo {
    child: Child,
    folder: TempDir,
    line: String,
    ready: Ready,
    /// Its further lines, read so that the demo never waits for room to write one.
    lines: mpsc::Receiver<String>,
}

/// The line that the demo prints when it is ready, as far as these tests read it.
#[derive(Deserialize)]
pub struct Ready {
    /// The border: `https://host:port`.
    pub border: String,
    /// The certificate to trust, as a PEM file.
    pub ca: String,
    /// The laptop CRM behind it, in plain: `http://host:port`.
    pub crm: String,
    /// The operations listener: `http://host:port`.
    pub status: String,
    pub access_token: String,
}

impl Demo {
    /// Starts the demo, with the most talkative log there is, and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or stays silent instead; the error has the end of what it logged.
    pub fn start() -> Result<Self> {
        Self::start_with(None, &[])
    }

    /// As [`Demo::start`], by a policy instead of the starter policy, without people in the CRM.
    ///
    /// # Errors
    /// As there.
    pub fn start_by(policy: &str) -> Result<Self> {
        Self::start_with(Some(policy), &[])
    }

    /// As [`Demo::start_by`], where the policy's file is in force and no version of a console's.
    ///
    /// # Errors
    /// As there.
    pub fn start_by_file(policy: &str) -> Result<Self> {
        Self::start_with(Some(policy), &["--no-console"])
    }

    fn start_with(policy: Option<&str>, more: &[&str]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sluis-demo-").tempdir()?;
        let log = folder.path().join("stderr.log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command
            .args(["demo", "--json", "--port", "0", "--folder"])
            .arg(folder.path().join("demo"))
            .args(more);
        if let Some(policy) = policy {
            let path = folder.path().join("own.toml");
            fs::write(&path, policy)?;
            command.args(["--empty", "--policy"]).arg(path);
        }
        let mut child = command
            .env("SLUIS_LOG", "trace")
            // What it does not keep in its folder, it keeps here, so that a scan finds it too.
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()?;
        let stdout = child.stdout.take().context("the demo has no stdout")?;
        let lines = lines(stdout);
        let Ok(line) = lines.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let status = child.wait()?;
            let log = fs::read_to_string(&log)?;
            let end = log.len().saturating_sub(4000);
            let end = log.get(end..).unwrap_or(&log);
            bail!("`sluis demo --json --port 0` said nothing ({status}); its log ends in:\n{end}");
        };
        let ready = serde_json::from_str(&line).context("the demo's first line")?;
        Ok(Self {
            child,
            folder,
            line,
            ready,
            lines,
        })
    }

    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The line that it printed, as JSON.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Everything that it keeps on disk: data, certificates and `stderr.log`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command of the operator's on it: its exit code, and all that it said.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn operator(&self, words: &[&str]) -> Result<(Option<i32>, String)> {
        let done = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(words)
            .arg("--config")
            .arg(self.folder().join("demo/sluis.toml"))
            .output()?;
        let text = [done.stdout, done.stderr].concat();
        Ok((
            done.status.code(),
            String::from_utf8_lossy(&text).into_owned(),
        ))
    }

    /// What a plain GET of one of its plain listeners answers.
    ///
    /// # Errors
    /// When there is no answer, or one that is not 200.
    pub async fn plain(&self, base: &str, path: &str) -> Result<Vec<u8>> {
        let answer = reqwest::get(format!("{base}{path}")).await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.bytes().await?.to_vec())
    }

    /// A client that trusts the demo's certificate.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn client(&self) -> Result<reqwest::Client> {
        let pem = fs::read(&self.ready.ca)?;
        let client = reqwest::Client::builder()
            .tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem)?)
            .no_proxy()
            .build()?;
        Ok(client)
    }

    /// Stops it as an operator does, and gives what it left on disk.
    ///
    /// # Errors
    /// When it does not stop in time, or says that it failed.
    pub fn stop(mut self) -> Result<Stopped> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status()?;
        ensure!(sent.success(), "the signal could not be sent");
        // Its end closes its stdout, and that can be waited for with a limit.
        let until = Instant::now() + PATIENCE;
        let mut ended = false;
        while let Some(left) = until.checked_duration_since(Instant::now())
            && !ended
        {
            let line = self.lines.recv_timeout(left);
            ended = line == Err(RecvTimeoutError::Disconnected);
        }
        ensure!(ended, "the demo did not stop on SIGTERM");
        let status = self.child.wait()?;
        ensure!(status.success(), "the demo ended with {status}");
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir()?);
        Ok(Stopped { folder })
    }
}

/// What is left of a demo that was stopped.
pub struct Stopped {
    folder: TempDir,
}

impl Stopped {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Its lines, read by a thread of their own, so that one can wait for them with a limit.
fn lines(stdout: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
