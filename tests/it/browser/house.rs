//! A border before Creme, as its own process, with two people who are to come through it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64;
use rcgen::PublicKeyData;
use sluis::app::World;
use sluis::keys::FileProvider;
use tempfile::TempDir;

use crate::support::port::free_port;
use crate::support::suite::root;

const BINARY: &str = env!("CARGO_BIN_EXE_sluis");
/// The name that people type. The browser is told where it is.
pub const HOST: &str = "crm.example.eu";
/// How long a start may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct House {
    child: Child,
    folder: TempDir,
    port: u16,
    /// The SHA-256 of the public key of its certificate, in base64: what the browser trusts.
    pub key: String,
}

impl House {
    /// Starts a border by `policies/creme.toml` before the CRM at `crm`.
    ///
    /// # Errors
    /// When it does not start; the error has what it logged.
    pub fn before(crm: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sluis-house-").tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()])?;
        let port = free_port()?;
        let policy = fs::read_to_string(root().join("policies/creme.toml"))?;
        let configuration = format!(
            "listen = \"127.0.0.1:{port}\"\nhosts = [\"{HOST}\"]\npolicy = \"policy.toml\"\n\
             key_file = \"sluis.key\"\ndata = \"data\"\nworkers = 1\n\n\
             [tls]\ncertificate = \"border.pem\"\nkey = \"border.key\"\n\n\
             [crm]\nurl = \"{crm}\"\n"
        );
        for (name, text) in [
            ("border.pem", made.cert.pem()),
            ("border.key", made.signing_key.serialize_pem()),
            ("policy.toml", policy),
            ("sluis.toml", configuration),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        }
        let key_file = folder.path().join("sluis.key");
        FileProvider::create(&key_file, None, &*World::default().entropy)?;
        let spki = made.signing_key.subject_public_key_info();
        Ok(Self {
            child: serve(folder.path())?,
            folder,
            port,
            key: BASE64.encode(digest(&SHA256, &spki).as_ref()),
        })
    }

    /// The rule by which the browser finds it.
    pub fn resolve(&self) -> String {
        format!("MAP {HOST} 127.0.0.1:{}", self.port)
    }

    /// Adds a person with a role, and gives the link with which they choose their factors.
    ///
    /// # Errors
    /// When the command fails.
    pub fn invite(&self, role: &str) -> Result<String> {
        let output = Command::new(BINARY)
            .args(["user", "add", role, "--name", "Jannes Medewerker"])
            .args(["--purpose", "customer-relations", "--role", role])
            .arg("--config")
            .arg(self.folder.path().join("sluis.toml"))
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "sluis user add: {complaint}");
        let link = said
            .split_whitespace()
            .find(|word| word.starts_with("https://"));
        Ok(link.context("it prints no link")?.to_owned())
    }

    /// Stops it as an operator does, and gives what it left on disk, its log included.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn stop(mut self) -> Result<TempDir> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(sent.success(), "the signal could not be sent");
        let ended = self.child.wait()?;
        ensure!(
            ended.success(),
            "the border ended with {ended}: {}",
            self.log()
        );
        Ok(std::mem::replace(&mut self.folder, tempfile::tempdir()?))
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `sluis serve` with the most talkative log there is, once it is open.
fn serve(folder: &Path) -> Result<Child> {
    let mut child = Command::new(BINARY)
        .args(["--log", "trace", "serve", "--config"])
        .arg(folder.join("sluis.toml"))
        // What it does not keep in its folder, it keeps here, so that a scan finds it too.
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take().context("it has no stderr")?;
    let open = log(stderr, File::create(folder.join("log"))?);
    if open.recv_timeout(PATIENCE).is_err() {
        let _ = child.kill();
        let _ = child.wait();
        let log = fs::read_to_string(folder.join("log"))?;
        bail!("the border does not open:\n{log}");
    }
    Ok(child)
}

/// Keeps what it logs, and tells once it is open.
fn log(stderr: ChildStderr, mut file: File) -> mpsc::Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = writeln!(file, "{line}");
            if line.contains("the border is open") {
                let _ = sender.send(());
            }
        }
    });
    receiver
}
