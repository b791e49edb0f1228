//! The demo's house: a folder, a CRM, a border before it, a client that may use it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context, anyhow, bail};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::certificates::{self, CRM_NAME};
use super::crm::{Credential, Crm, Seed};
use super::people::{self, Person};
use super::seed;
use crate::app::{self, Accept, Answer, App, Ask, CRM_CREDENTIAL, Looked, World};
use crate::config::{self, Settings};
use crate::gate::{Binding, Factor, Gate, NewClient, NewToken, Pace, Pair};
use crate::keys::FileProvider;
use crate::model::Secret;
use crate::upstream;

/// What the demo is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The border's port; the CRM's page is on the next, status on the one after, the console on the one
    /// after that. 0: any free ones.
    pub port: u16,
    /// Where everything is kept; a folder that goes away with the demo unless said.
    pub folder: Option<PathBuf>,
    /// A policy file; the starter policy unless said.
    pub policy: Option<PathBuf>,
    /// Whether to send the invented people.
    pub people: bool,
    /// Worker threads.
    pub workers: u16,
    /// Whether the border looks by itself at what the CRM describes.
    pub looks: bool,
    /// Whether there is a console.
    pub console: bool,
    /// Whether there are people who may use it.
    pub staff: bool,
}

/// A running demo.
pub struct Demo {
    pub app: App,
    pub crm: Crm,
    pub border: String,
    pub crm_url: String,
    pub status: String,
    /// Where the console is; empty where there is none.
    pub console: String,
    pub console_people: Vec<Person>,
    pub ca: PathBuf,
    pub folder: PathBuf,
    /// A bearer token of a client that sees everything that a role of the policy may see.
    pub access_token: String,
    /// A bearer token of a client whose role sees nothing protected.
    pub masked_token: String,
    /// What a client needs for the token endpoint.
    pub client: Value,
    /// How many requests the seed took.
    pub seeded: usize,
    stop: watch::Sender<bool>,
    stand_in: Option<JoinHandle<()>>,
    _temporary: Option<tempfile::TempDir>,
}

const STARTER_POLICY: &str = include_str!("../../policies/salesforce.toml");
const STARTER_CASES: &str = include_str!("../../policies/salesforce.cases.toml");

/// Takes what the laptop CRM describes as what its policy relies on, as whoever sets a border up does
/// once: it has fewer fields than the starter policy names.
fn accept(settings: &Settings, world: &World) -> anyhow::Result<()> {
    let look = |accept| app::ask(settings.clone(), world, Ask::Look { accept });
    let Answer::Looked(Looked { mark, .. }) = look(None)? else {
        bail!("the laptop CRM was not looked at");
    };
    match look(Some(Accept { mark }))? {
        Answer::Looked(_) => Ok(()),
        Answer::Refused(why) => bail!(why),
        _ => bail!("what the laptop CRM describes was not accepted"),
    }
}

/// The role of the client that sees nothing protected.
const BLIND_ROLE: &str = "demo-blind";

/// Starts the CRM and the border before it.
///
/// # Errors
/// When a port is taken, a file cannot be written, or the seed is not accepted.
pub fn start(options: &Options, world: &World) -> anyhow::Result<Demo> {
    let temporary = match options.folder {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("sluis-demo-").tempdir()?),
    };
    let folder = match (&options.folder, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => return Err(anyhow!("no folder for the demo")),
    };
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    certificates::write(&folder)?;

    let credential = credential(world)?;
    let now = Arc::clone(&world.clock);
    let crm = Crm::new(Seed {
        people: false,
        credential: credential.clone(),
        now: Arc::new(move || now.now().0),
    })?;
    let ports = Ports::choose(options.port)?;
    let (stop, stopped) = watch::channel(false);
    let stand_in = serve_crm(&crm, &folder, &ports, stopped)?;

    let mut settings = settings(&folder, &ports, options)?;
    settings.describe_every = settings.describe_every.filter(|_| options.looks);
    prepare(&settings, world, &credential)?;
    if options.looks {
        // What differs is no news to whoever starts a demo.
        let quiet = tracing::subscriber::NoSubscriber::default();
        tracing::subscriber::with_default(quiet, || accept(&settings, world))?;
    }
    let app = app::start(settings, world)?;
    let border = format!("https://localhost:{}", app.address().port());
    let roles = roles(&app::compile_policy(&folder.join("salesforce.toml"), None)?);
    let (access_token, client) = admit(&app.gate, "demo", &roles, world, &border)?;
    let (masked_token, _) = admit(
        &app.gate,
        "demo-blind",
        &[BLIND_ROLE.to_owned()],
        world,
        &border,
    )?;
    let (console, console_people) = match app.console_address() {
        None => (String::new(), vec![]),
        Some(address) => {
            let host = format!("console.localhost:{}", address.port());
            let people = match options.staff {
                true => people::enrol(&app.gate, world, &host)?,
                false => vec![],
            };
            (format!("https://{host}"), people)
        }
    };
    let ca = folder.join("ca.pem");
    let seeded = if options.people {
        seeding(&border, &ca, &access_token)?
    } else {
        0
    };
    let status = app
        .ops_address()
        .map_or_else(String::new, |address| format!("http://{address}"));
    Ok(Demo {
        app,
        crm,
        border,
        crm_url: format!("http://127.0.0.1:{}", ports.crm_page),
        status,
        console,
        console_people,
        ca,
        folder,
        access_token,
        masked_token,
        client,
        seeded,
        stop,
        stand_in: Some(stand_in),
        _temporary: temporary,
    })
}

impl Demo {
    /// Stops both and waits for them.
    ///
    /// # Errors
    /// When a worker ended by a panic.
    pub fn end(mut self) -> anyhow::Result<()> {
        self.app.control().stop();
        self.app.join()?;
        self.stop.send_replace(true);
        if let Some(thread) = self.stand_in.take() {
            thread
                .join()
                .map_err(|_| anyhow!("the laptop CRM ended by a panic"))?;
        }
        Ok(())
    }
}

/// What the laptop CRM asks of the border: made anew for each demo.
fn credential(world: &World) -> anyhow::Result<Credential> {
    let mut random = [0; 48];
    world.entropy.fill(&mut random)?;
    let text = data_encoding::BASE32_NOPAD
        .encode(&random)
        .to_ascii_lowercase();
    let (id, rest) = text.split_at(24);
    let (secret, token) = rest.split_at(28);
    Ok(Credential {
        client_id: id.to_owned(),
        client_secret: secret.to_owned(),
        token: format!("00D000000000001!{token}"),
    })
}

struct Ports {
    border: u16,
    ops: u16,
    console: u16,
    crm_page: u16,
    crm_plain: StdListener,
    crm_tls: StdListener,
    /// Those of the border, its status and its console, until it listens there.
    _kept: [Socket; 3],
}

impl Ports {
    fn choose(port: u16) -> anyhow::Result<Self> {
        let at = |offset: u16| {
            if port == 0 {
                0
            } else {
                port.saturating_add(offset)
            }
        };
        let bind = |port: u16| {
            StdListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
                format!(
                    "port {port} is taken; choose another with --port, or --port 0 for any free one"
                )
            })
        };
        let crm_plain = bind(at(1))?;
        let crm_tls = bind(0)?;
        // The border binds for itself, and shares its ports with a second one. Whether one is free is
        // found by trying, as somebody who does not share.
        let free = |offset: u16| {
            let address = bind(at(offset))?.local_addr()?;
            anyhow::Ok((address.port(), keep(address)?))
        };
        let ((border, first), (ops, second), (console, third)) = (free(0)?, free(2)?, free(3)?);
        Ok(Self {
            border,
            ops,
            console,
            crm_page: crm_plain.local_addr()?.port(),
            crm_plain,
            crm_tls,
            _kept: [first, second, third],
        })
    }
}

/// A socket that has a port and does not listen: until the border does, which shares it, nobody else
/// gets it.
fn keep(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn serve_crm(
    crm: &Crm,
    folder: &Path,
    ports: &Ports,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<JoinHandle<()>> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(folder.join("crm.pem"))?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(folder.join("crm.key"))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (plain, tls) = (ports.crm_plain.try_clone()?, ports.crm_tls.try_clone()?);
    plain.set_nonblocking(true)?;
    tls.set_nonblocking(true)?;
    let crm = crm.clone();
    let thread = thread::Builder::new().name("laptop-crm".to_owned());
    Ok(thread.spawn(move || {
        runtime.block_on(async move {
            let (Ok(plain), Ok(tls)) = (TcpListener::from_std(plain), TcpListener::from_std(tls))
            else {
                return;
            };
            let until = |mut stopped: watch::Receiver<bool>| async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            tokio::join!(
                crm.clone().serve_plain(plain, until(stopped.clone())),
                crm.serve_tls(tls, Arc::new(config), until(stopped)),
            );
        });
    })?)
}

/// Writes the demo's configuration file and reads it as `sluis serve` would.
fn settings(folder: &Path, ports: &Ports, options: &Options) -> anyhow::Result<Settings> {
    let policy = match &options.policy {
        Some(path) => fs::read_to_string(path).with_context(|| format!("{}", path.display()))?,
        // The stand-in has one topic.
        None => STARTER_POLICY.replace("streams = []", "streams = [\"/topic/Contacts\"]"),
    };
    fs::write(folder.join("salesforce.toml"), policy)?;
    if options.policy.is_none() && options.people {
        // With people to look at there is something to try cases on.
        fs::write(folder.join("salesforce.cases.toml"), STARTER_CASES)?;
    }
    let source = match options.console {
        true => "console",
        false => "files",
    };
    let console = match options.console {
        true => format!(
            "\n[console]\nlisten = \"127.0.0.1:{console}\"\n\
             hosts = [\"console.localhost:{console}\"]\n\
             certificate = \"console.pem\"\nkey = \"console.key\"\n",
            console = ports.console,
        ),
        false => String::new(),
    };
    let text = format!(
        "# The demo's configuration; `sluis serve --config` takes it too, once the demo has stopped.\n\
         listen = \"127.0.0.1:{border}\"\n\
         hosts = [\"localhost:{border}\", \"127.0.0.1:{border}\"]\n\
         ops_listen = \"127.0.0.1:{ops}\"\n\
         policy = \"salesforce.toml\"\n\
         policy_source = \"{source}\"\n\
         key_file = \"sluis.key\"\n\
         data = \"data\"\n\
         tenant = \"demo\"\n\
         workers = {workers}\n\n\
         [tls]\ncertificate = \"border.pem\"\nkey = \"border.key\"\n\n\
         [crm]\nurl = \"https://{CRM_NAME}:{crm}\"\naddress = \"127.0.0.1:{crm}\"\nca = \"ca.pem\"\n{console}",
        border = ports.border,
        ops = ports.ops,
        workers = options.workers,
        crm = ports.crm_tls.local_addr()?.port(),
    );
    let path = folder.join("sluis.toml");
    fs::write(&path, text)?;
    Ok(config::load(&path)?)
}

/// Makes the key file and puts the CRM's credential into the vault.
fn prepare(settings: &Settings, world: &World, credential: &Credential) -> anyhow::Result<()> {
    if !settings.key_file.exists() {
        FileProvider::create(&settings.key_file, None, &*world.entropy)?;
    }
    let ring = app::open_ring(settings, world)?;
    let vault = app::open_vault(settings, &ring, world)?;
    let credential = upstream::Credential::Client {
        id: credential.client_id.clone(),
        secret: credential.client_secret.as_str().into(),
    };
    let secret = credential
        .to_secret()
        .ok_or_else(|| anyhow!("the credential is not text"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(vault.credential_set(CRM_CREDENTIAL, &secret))?;
    Ok(())
}

fn roles(plan: &crate::policy::Plan) -> Vec<String> {
    plan.role_names().to_vec()
}

/// Adds a client with a secret and one-time codes, and a static token for this machine only.
fn admit(
    gate: &Gate,
    name: &str,
    roles: &[String],
    world: &World,
    border: &str,
) -> anyhow::Result<(String, Value)> {
    if gate.list()?.iter().any(|client| client.name == name) {
        gate.remove(name)?;
    }
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let pair = Pair::new(Factor::Secret, Factor::Totp)?;
    let mut new = NewClient::new(name, "demo", &roles, pair);
    // People who try it run whole test suites against it.
    new.pace = Pace {
        per_second: NonZeroU32::MIN.saturating_add(1_999),
        burst: NonZeroU32::MIN.saturating_add(4_999),
    };
    let shown = gate.add(&new)?;
    let codes = shown
        .codes
        .ok_or_else(|| anyhow!("the demo's client has no one-time codes"))?;
    let code = codes.code(world.clock.now())?;
    let token = gate.static_token(&NewToken {
        client: name,
        binding: Binding {
            certificate: None,
            networks: vec!["127.0.0.1/32".parse()?, "::1/128".parse()?],
        },
        lifetime: Duration::from_hours(12),
        code: Some(text(&code)?),
    })?;
    let url = codes.url()?;
    let address = text(&url)?;
    let seed = address
        .split(['?', '&'])
        .find_map(|part| part.strip_prefix("secret="));
    let client = json!({
        "grant_type": "client_credentials",
        "token_url": format!("{border}/services/oauth2/token"),
        "client_id": shown.client_id,
        "client_secret": shown.secret.as_ref().map(text).transpose()?,
        "username": name,
        "totp_secret": seed,
        "totp_url": address,
    });
    Ok((text(&token)?.to_owned(), client))
}

pub(super) fn text(secret: &Secret) -> anyhow::Result<&str> {
    Ok(std::str::from_utf8(secret.expose())?)
}

fn seeding(border: &str, ca: &Path, token: &str) -> anyhow::Result<usize> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(seed::send(border, ca, token))
}

/// Where the border of a demo listens.
impl Demo {
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.app.address()
    }
}
