//! A border before the CRM of these tests, as its own process, and two clients: one that sees all,
//! one that may not see telephone numbers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use sluis::app::{self, World};
use sluis::config;
use sluis::gate::{Binding, Factor, Gate, NewClient, NewToken, Pace, Pair};
use sluis::keys::FileProvider;

use super::crm::Crm;
use crate::support::port::free_port;
use crate::support::scan::Scanner;

/// Nothing of an invented person has these letters but their name.
pub const CANARY: &str = "kanariezuidwest";

const STARTER: &str = include_str!("../../../policies/salesforce.toml");
const SITE: &str = include_str!("site.toml");
pub const NOTE: &str = "note = \"free_text\"";

/// The border's second host.
pub const FILES: &str = "files.localhost";

pub struct House {
    pub crm: Crm,
    folder: tempfile::TempDir,
    child: Child,
    pub port: u16,
    pub client: reqwest::Client,
    /// The same over HTTP/1.1.
    pub http1: reqwest::Client,
    /// Of somebody who sees everything, and of somebody who sees no telephone number.
    tokens: [String; 2],
    /// What the CRM's sign-in gave each of them, as the browser sends it.
    pub cookies: [String; 2],
    settings: config::Settings,
    /// The one to trust.
    pub certificate: CertificateDer<'static>,
}

#[derive(Clone, Copy)]
pub enum Who {
    Sales = 0,
    Marketing = 1,
}

/// A policy for the CRM of these tests, with this rule for the field `note`.
pub fn policy(note: &str) -> String {
    let (before, _) = STARTER.split_once("[objects.").unwrap();
    let (before, _) = before.rsplit_once("# ---").unwrap_or((before, ""));
    let api = STARTER
        .lines()
        .find(|line| line.starts_with("api = "))
        .unwrap();
    let head = before
        .replace("crm = \"salesforce\"", "crm = \"small\"")
        .replace(api, "")
        .replace("[search]\nunanswerable = \"leave-out\"\n", "");
    format!("{head}\n{}", SITE.replace("NOTE", note))
}

impl House {
    pub fn start() -> Result<Self> {
        Self::by(NOTE)
    }

    /// Under a policy with this rule for the field `note`.
    pub fn by(note: &str) -> Result<Self> {
        Self::with(&policy(note))
    }

    /// Before a CRM into which both clients have signed in.
    pub fn with(policy: &str) -> Result<Self> {
        Self::set(Crm::start(), policy, "")?.signed_in()
    }

    /// Signs both clients in to the CRM, which then forgets what it was asked.
    pub fn signed_in(mut self) -> Result<Self> {
        self.cookies = [self.let_in(Who::Sales)?, self.let_in(Who::Marketing)?];
        self.crm.forget();
        Ok(self)
    }

    /// A border by this policy, with these lines at the end of its configuration. Besides `localhost`
    /// it has the host `files.localhost` where they name it.
    pub fn set(crm: Crm, policy: &str, more: &str) -> Result<Self> {
        Self::at(free_port()?, crm, policy, more)
    }

    /// As [`House::set`], at a port that was free.
    pub fn at(port: u16, crm: Crm, policy: &str, more: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("sluis-pages-").tempdir()?;
        let made =
            rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), FILES.to_owned()])?;
        let at = |name: &str| folder.path().join(name);
        let more = more.replace("PORT", &port.to_string());
        let files = match more.contains(FILES) {
            true => format!(", \"{FILES}:{port}\""),
            false => String::new(),
        };
        let configuration = format!(
            "listen = \"127.0.0.1:{port}\"\nhosts = [\"localhost:{port}\"{files}]\npolicy = \"policy.toml\"\n\
             key_file = \"sluis.key\"\ndata = \"data\"\nworkers = 1\n\n\
             [tls]\ncertificate = \"border.pem\"\nkey = \"border.key\"\n\n[crm]\nurl = \"{}\"\n{more}",
            crm.origin
        );
        for (name, text) in [
            ("border.pem", made.cert.pem()),
            ("border.key", made.signing_key.serialize_pem()),
            ("policy.toml", policy.to_owned()),
            ("oidc-secret", "geheim-van-de-grens".to_owned()),
            ("sluis.toml", configuration),
        ] {
            write_owned(&at(name), &text)?;
        }
        let world = World::default();
        let settings = config::load(&at("sluis.toml"))?;
        FileProvider::create(&settings.key_file, None, &*world.entropy)?;
        let tokens = [
            admit(&settings, &world, "sales")?,
            admit(&settings, &world, "marketing")?,
        ];
        let child = serve(folder.path())?;
        let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes())?;
        let builder = || {
            reqwest::Client::builder()
                .tls_certs_only([root.clone()])
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .resolve(FILES, SocketAddr::from(([127, 0, 0, 1], port)))
        };
        let (client, http1) = (builder().build()?, builder().http1_only().build()?);
        Ok(Self {
            crm,
            folder,
            child,
            port,
            client,
            http1,
            tokens,
            cookies: Default::default(),
            settings,
            certificate: made.cert.der().clone(),
        })
    }

    /// Signs in to the CRM, in a thread of its own, because this one may have a runtime.
    fn let_in(&self, who: Who) -> Result<String> {
        let request = self.request(who, reqwest::Method::POST, "/login");
        let request = request.form(&[("username", "anna"), ("password", "x")]);
        let signed_in = thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build()?;
            anyhow::Ok(runtime.block_on(request.send())?)
        });
        let answer = signed_in
            .join()
            .map_err(|_| anyhow::anyhow!("it panics"))??;
        ensure!(answer.status() == 302, "{answer:?}");
        Ok(given(&answer))
    }

    /// The gate, as a command line beside the border has it open.
    pub fn gate(&self) -> Result<Gate> {
        let world = World::default();
        let ring = app::open_ring(&self.settings, &world)?;
        app::open_gate(&self.settings, &ring, &world)
    }

    /// The gate's database.
    pub fn gate_file(&self) -> Result<Connection> {
        Ok(Connection::open(self.settings.data.join("gate.db"))?)
    }

    /// A request of a person's browser: with the session of the border and cookies of the CRM.
    pub fn visit(
        &self,
        (session, crm): (&str, &str),
        method: reqwest::Method,
        target: &str,
    ) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}{target}", self.origin()))
            .header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("origin", self.origin())
            .header("cookie", format!("{crm}; __Host-sluis={session}"))
    }

    pub fn origin(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// A request as a browser sends it, with the session of the CRM.
    pub fn request(
        &self,
        who: Who,
        method: reqwest::Method,
        target: &str,
    ) -> reqwest::RequestBuilder {
        self.by_client(&self.client, who, method, target)
    }

    pub fn by_client(
        &self,
        client: &reqwest::Client,
        who: Who,
        method: reqwest::Method,
        target: &str,
    ) -> reqwest::RequestBuilder {
        client
            .request(method, format!("{}{target}", self.origin()))
            .bearer_auth(&self.tokens[who as usize])
            .header("accept", "text/html,application/xhtml+xml")
            .header("sec-fetch-mode", "navigate")
            .header("origin", self.origin())
            .header(
                "cookie",
                format!(
                    "{}; __Host-sluis=ours-and-secret",
                    self.cookies[who as usize]
                ),
            )
    }

    pub fn token(&self, who: Who) -> &str {
        &self.tokens[who as usize]
    }

    /// A command of the operator's, beside the running border.
    pub fn command(&self, arguments: &[&str]) -> Result<()> {
        let said = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(arguments)
            .arg("--config")
            .arg(self.folder.path().join("sluis.toml"))
            .output()?;
        let text = String::from_utf8([said.stdout, said.stderr].concat())?;
        ensure!(said.status.success(), "{text}");
        Ok(())
    }

    pub async fn get(&self, who: Who, target: &str) -> Result<(u16, String)> {
        let answer = self
            .request(who, reqwest::Method::GET, target)
            .send()
            .await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    pub async fn post(
        &self,
        who: Who,
        target: &str,
        form: &[(&str, &str)],
    ) -> Result<reqwest::Response> {
        let request = self.request(who, reqwest::Method::POST, target);
        Ok(request.form(form).send().await?)
    }

    pub async fn post_multipart(
        &self,
        who: Who,
        target: &str,
        form: &[(&str, &str)],
    ) -> Result<reqwest::Response> {
        let mut body = String::new();
        for (name, value) in form {
            body.push_str(&format!(
                "--bb\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str("--bb--\r\n");
        let request = self.request(who, reqwest::Method::POST, target);
        let request = request.header("content-type", "multipart/form-data; boundary=bb");
        Ok(request.body(body).send().await?)
    }

    /// Puts another policy into force, as an operator does.
    pub fn reload(&self, policy: &str) -> Result<()> {
        write_owned(&self.folder.path().join("policy.toml"), policy)?;
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-HUP", &id]).status()?;
        ensure!(sent.success(), "the signal could not be sent");
        Ok(())
    }

    /// Destroys the keys of all data subjects, as erasing them does.
    pub fn erase_everybody(&self) -> Result<usize> {
        let file = Connection::open(self.folder.path().join("data/keys.db"))?;
        Ok(file.execute("DELETE FROM subject_key", [])?)
    }

    /// The border's own process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// What the border logs, once it has said this.
    pub async fn log_with(&self, text: &str) -> Result<String> {
        let mut log = String::new();
        for _ in 0..400 {
            log = fs::read_to_string(self.folder.path().join("log"))?;
            if log.contains(text) {
                return Ok(log);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        anyhow::bail!("{text:?} is not in the log:\n{log}")
    }

    /// The entries of the ledger, as JSON.
    pub fn ledger(&self) -> Result<Vec<Value>> {
        let file = Connection::open(self.folder.path().join("data/ledger.db"))?;
        let mut statement = file.prepare("SELECT entry FROM entry ORDER BY seq")?;
        let entries = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        entries
            .map(|entry| Ok(serde_json::from_slice(&entry?)?))
            .collect()
    }

    /// That the CRM never had one of these values, in whatever form.
    pub fn crm_never_had(&self, values: &[&str]) -> Result<()> {
        Scanner::new(values.iter().copied())?.clean("the CRM", &self.crm.kept().bytes)
    }
}

/// The cookies that an answer sets, as the browser sends them back.
pub fn given(answer: &reqwest::Response) -> String {
    let set = answer.headers().get_all("set-cookie").iter();
    let pairs = set.filter_map(|value| value.to_str().ok()?.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_owned(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text)?;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o600),
    )?)
}

fn admit(settings: &config::Settings, world: &World, role: &str) -> Result<String> {
    fs::create_dir_all(&settings.data)?;
    let ring = app::open_ring(settings, world)?;
    let gate = app::open_gate(settings, &ring, world)?;
    let mut new = NewClient::new(
        role,
        "tests",
        &[role],
        Pair::new(Factor::Secret, Factor::Totp)?,
    );
    new.pace = Pace {
        per_second: NonZeroU32::MIN.saturating_add(999),
        burst: NonZeroU32::MIN.saturating_add(999),
    };
    let shown = gate.add(&new)?;
    let codes = shown.codes.context("no one-time codes")?;
    let code = codes.code(world.clock.now())?;
    let token = gate.static_token(&NewToken {
        client: role,
        binding: Binding {
            certificate: None,
            networks: vec!["127.0.0.1/32".parse()?],
        },
        lifetime: Duration::from_secs(3600),
        code: Some(std::str::from_utf8(code.expose())?),
    })?;
    Ok(std::str::from_utf8(token.expose())?.to_owned())
}

/// `sluis serve`, once it is open.
fn serve(folder: &Path) -> Result<Child> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(["--log", "trace", "serve", "--config"])
        .arg(folder.join("sluis.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let stderr = child.stderr.take().context("no stderr")?;
    let (sender, open) = mpsc::channel();
    let log = folder.join("log");
    thread::spawn(move || {
        let mut all = String::new();
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            all.push_str(&line);
            all.push('\n');
            let _ = fs::write(&log, &all);
            if line.contains("the border is open") {
                let _ = sender.send(());
            }
        }
    });
    let waited = open.recv_timeout(Duration::from_secs(120));
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    ensure!(waited.is_ok(), "the border does not open: {log}");
    Ok(child)
}
