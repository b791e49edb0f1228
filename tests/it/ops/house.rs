//! A folder with all that a border needs, and a client that may come through.

use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use sluis::app::{self, App, CRM_CREDENTIAL, World};
use sluis::config::{self, Settings};
use sluis::gate::{Binding, Factor, Gate, NewClient, NewToken, Pace, Pair};
use sluis::keys::FileProvider;
use sluis::upstream::Credential;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::certificates::{Authority, VALID};
use super::crm::{CRM_NAME, FakeCrm, Seen, Voice, json as answer};
use crate::support::port::free_port;

/// The policy that the product comes with.
pub const POLICY: &str = include_str!("../../../policies/salesforce.toml");
/// A path at the API.
pub const API: &str = "/services/data/v62.0";
/// The name of an invented person: it must never be seen where it does not belong.
pub const PERSON: &str = "Kanariezoon";
/// The secret with which the border signs in to the CRM.
pub const CRM_SECRET: &str = "CanaryOfTheCrmSecret";
/// The name of the client that `token` belongs to.
pub const CLIENT: &str = "adapter";

pub struct House {
    folder: tempfile::TempDir,
    pub authority: Authority,
    pub port: u16,
    pub status: u16,
    /// A static token of the client.
    pub token: String,
    pub client: reqwest::Client,
}

/// A border that runs in this process until it is dropped.
pub struct Within(Option<App>);

impl Drop for Within {
    fn drop(&mut self) {
        if let Some(app) = self.0.take() {
            app.control().stop();
        }
    }
}

impl House {
    /// A house before a CRM that speaks TLS as it should.
    pub async fn with_crm() -> (Self, FakeCrm) {
        let authority = Authority::new("authority of a test");
        let crm = FakeCrm::start(Voice::Tls(authority.issue(&[CRM_NAME], VALID))).await;
        (Self::before(authority, crm.address), crm)
    }

    /// A house before whatever listens at `crm` under a certificate of `authority`.
    pub fn before(authority: Authority, crm: SocketAddr) -> Self {
        let credential = Credential::Client {
            id: "border".to_owned(),
            secret: CRM_SECRET.into(),
        };
        Self::signing_in_by(authority, crm, &credential)
    }

    pub fn signing_in_by(authority: Authority, crm: SocketAddr, credential: &Credential) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, status) = (free_port().unwrap(), free_port().unwrap());
        let border = authority.issue(&["localhost"], VALID);
        for (name, text) in [
            ("ca.pem", &authority.pem),
            ("border.pem", &border.certificate),
            ("border.key", &border.key),
            ("policy.toml", &POLICY.to_owned()),
            ("sluis.toml", &configuration(port, status, crm)),
        ] {
            write_owned(&folder.path().join(name), text);
        }
        let world = World::default();
        let settings = config::load(&folder.path().join("sluis.toml")).unwrap();
        FileProvider::create(&settings.key_file, None, &*world.entropy).unwrap();
        keep_credential(&settings, &world, credential);
        let token = admit(&settings, &world);
        let root = reqwest::Certificate::from_pem(authority.pem.as_bytes()).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([root])
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build();
        Self {
            folder,
            authority,
            port,
            status,
            token,
            client: client.unwrap(),
        }
    }

    /// Another node of the same organization: its own data, under the other's key file.
    pub fn take_key_of(&mut self, other: &Self) {
        fs::remove_dir_all(self.path("data")).unwrap();
        self.write("sluis.key", &other.read("sluis.key"));
        let (settings, world) = (self.settings(), World::default());
        let credential = Credential::Client {
            id: "border".to_owned(),
            secret: CRM_SECRET.into(),
        };
        keep_credential(&settings, &world, &credential);
        self.token = admit(&settings, &world);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        write_owned(&self.path(name), text);
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn settings(&self) -> Settings {
        config::load(&self.path("sluis.toml")).unwrap()
    }

    /// The gate, as a command line beside the border has it open.
    pub fn gate(&self) -> Gate {
        let (settings, world) = (self.settings(), World::default());
        let ring = app::open_ring(&settings, &world).unwrap();
        app::open_gate(&settings, &ring, &world).unwrap()
    }

    /// Starts the border in this process, with short limits towards the CRM.
    pub fn open(&self) -> Within {
        self.open_looking(Duration::from_hours(1))
    }

    /// As [`House::open`], asking the CRM again and again what it describes.
    pub fn open_looking(&self, every: Duration) -> Within {
        let mut settings = self.settings();
        settings.upstream.head = Duration::from_millis(700);
        settings.upstream.stall = Duration::from_millis(500);
        settings.upstream.whole = Duration::from_millis(1500);
        settings.upstream.answer_bytes = 8 << 20;
        settings.describe_every = Some(every);
        // Starting blocks, and this may run inside of a runtime.
        let started = std::thread::scope(|scope| {
            let thread = scope.spawn(|| app::start(settings, &World::default()));
            thread.join().unwrap()
        });
        Within(Some(started.unwrap()))
    }

    pub fn url(&self, target: &str) -> String {
        format!("https://localhost:{}{target}", self.port)
    }

    pub fn get(&self, target: &str) -> reqwest::RequestBuilder {
        self.client.get(self.url(target)).bearer_auth(&self.token)
    }

    pub fn post(&self, target: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client
            .post(self.url(target))
            .bearer_auth(&self.token)
            .json(body)
    }

    pub async fn send(&self, request: reqwest::Request) -> reqwest::Response {
        self.client.execute(request).await.unwrap()
    }

    pub fn patch(&self, target: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client
            .patch(self.url(target))
            .bearer_auth(&self.token)
            .json(body)
    }

    /// A table.
    pub fn put(&self, target: &str, table: String) -> reqwest::RequestBuilder {
        self.client
            .put(self.url(target))
            .bearer_auth(&self.token)
            .header("content-type", "text/csv")
            .body(table)
    }

    /// A connection to the border, for what no honest client sends.
    pub async fn connect(&self) -> TlsStream<TcpStream> {
        let mut roots = rustls::RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(self.authority.pem.as_bytes()).unwrap();
        roots.add(authority).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let name = "localhost".try_into().unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await.unwrap()
    }

    /// Status and text of one of the operator's pages.
    pub async fn status(&self, page: &str) -> (u16, String) {
        let url = format!("http://127.0.0.1:{}{page}", self.status);
        let answer = reqwest::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The value of a metric without labels, or with exactly the ones given.
    pub async fn metric(&self, name: &str) -> Option<f64> {
        let (_, page) = self.status("/metrics").await;
        let line = page.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse().ok())
    }

    /// Creates the person through the border and gives back the token that the CRM got.
    pub async fn person(&self, crm: &FakeCrm) -> String {
        crm.does(|_| answer(201, &created("003000000000001AAA")));
        crm.take();
        let sent = self.post(&contacts(), &json!({"LastName": PERSON})).send();
        let sent = sent.await.unwrap();
        let (status, text) = (sent.status(), sent.text().await.unwrap());
        assert_eq!(status, 201, "{text}");
        let calls: Vec<Seen> = crm.calls();
        let name = calls[0].field("LastName");
        assert!(!name.is_empty() && !name.contains(PERSON), "{name}");
        name
    }
}

/// Status and text of an answer.
pub async fn read(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

pub fn contacts() -> String {
    format!("{API}/sobjects/Contact")
}

/// Where the person stands.
pub fn contact() -> String {
    format!("{API}/sobjects/Contact/003000000000001AAA")
}

/// What the CRM says of a record that it made.
pub fn created(id: &str) -> String {
    json!({"id": id, "success": true, "errors": []}).to_string()
}

/// The CRM's record of the person under a token.
pub fn record(token: &str) -> String {
    json!({
        "attributes": {"type": "Contact", "url": contact()},
        "Id": "003000000000001AAA",
        "LastName": token,
    })
    .to_string()
}

/// Writes a file that only its owner may read, in one step.
pub fn write_owned(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(beside, path).unwrap();
}

fn configuration(port: u16, status: u16, crm: SocketAddr) -> String {
    let crm_port = crm.port();
    format!(
        "listen = \"127.0.0.1:{port}\"\n\
         hosts = [\"localhost:{port}\"]\n\
         ops_listen = \"127.0.0.1:{status}\"\n\
         policy = \"policy.toml\"\n\
         key_file = \"sluis.key\"\n\
         data = \"data\"\n\
         tenant = \"test\"\n\
         workers = 2\n\n\
         [tls]\ncertificate = \"border.pem\"\nkey = \"border.key\"\n\n\
         [crm]\nurl = \"https://{CRM_NAME}:{crm_port}\"\naddress = \"{crm}\"\nca = \"ca.pem\"\n\n\
         [limits]\ndrain_seconds = 5\n"
    )
}

pub fn keep_credential(settings: &Settings, world: &World, credential: &Credential) {
    let ring = app::open_ring(settings, world).unwrap();
    let vault = app::open_vault(settings, &ring, world).unwrap();
    let sealed = credential.to_secret().unwrap();
    // The vault's calls want a runtime, and this may run inside of one.
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime
                .block_on(vault.credential_set(CRM_CREDENTIAL, &sealed))
                .unwrap();
        });
        thread.join().unwrap();
    });
}

pub fn admit(settings: &Settings, world: &World) -> String {
    let ring = app::open_ring(settings, world).unwrap();
    let gate = app::open_gate(settings, &ring, world).unwrap();
    let pair = Pair::new(Factor::Secret, Factor::Totp).unwrap();
    let shown = gate
        .add(&NewClient::new(CLIENT, "test", &["integration"], pair))
        .unwrap();
    let pace = Pace {
        per_second: NonZeroU32::new(100_000).unwrap(),
        burst: NonZeroU32::new(100_000).unwrap(),
    };
    gate.set_pace(CLIENT, pace).unwrap();
    let code = shown.codes.unwrap().code(world.clock.now()).unwrap();
    let token = gate.static_token(&NewToken {
        client: CLIENT,
        binding: Binding {
            certificate: None,
            networks: vec!["127.0.0.1/32".parse().unwrap(), "::1/128".parse().unwrap()],
        },
        lifetime: Duration::from_hours(12),
        code: Some(std::str::from_utf8(code.expose()).unwrap()),
    });
    String::from_utf8(token.unwrap().expose().to_vec()).unwrap()
}
