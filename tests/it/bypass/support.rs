//! The demo as a process, and sockets that send what no client library would.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

pub type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A running `sluis demo`, one for all tests of this binary.
pub struct Demo {
    /// `localhost:PORT`, as clients name the border.
    pub host: String,
    pub token: String,
    pub client: Value,
    /// Where the border keeps its files.
    pub folder: PathBuf,
    crm: String,
    status: String,
    trusted: RootCertStore,
    log: tempfile::NamedTempFile,
    /// While it is open, the demo runs; it closes with this process.
    _life: ChildStdin,
    alone: Mutex<()>,
}

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a socket may say nothing before it is taken for silent.
const QUIET: Duration = Duration::from_millis(1_500);

/// The demo; the first caller starts it.
pub fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(Demo::start)
}

impl Demo {
    #[expect(
        clippy::zombie_processes,
        reason = "the shell ends with the input that this process holds"
    )]
    pub fn start() -> Self {
        let log = tempfile::NamedTempFile::new().expect("a file for the log");
        // The shell ends the demo when its own input ends, and that ends with the tests.
        let script = r#""$0" demo --json --port 0 </dev/null & demo=$!; read -r end; kill -TERM $demo; wait $demo"#;
        let mut child = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_sluis")])
            .env("SLUIS_LOG", "trace")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.reopen().map(Stdio::from).expect("a log"))
            .spawn()
            .expect("a shell");
        let life = child.stdin.take().expect("the shell's input");
        let mut line = String::new();
        let output = child.stdout.take().expect("the demo's output");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the demo's line");
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let log = fs::read_to_string(log.path()).unwrap_or_default();
            panic!("the demo does not start: {line}\n{log}")
        });
        let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        let mut trusted = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(text("ca")).expect("the demo's CA") {
            trusted
                .add(certificate.expect("a certificate"))
                .expect("a certificate");
        }
        Self {
            host: text("border").trim_start_matches("https://").to_owned(),
            token: text("access_token"),
            client: told["client"].clone(),
            folder: text("folder").into(),
            crm: text("crm"),
            status: text("status"),
            trusted,
            log,
            _life: life,
            alone: Mutex::new(()),
        }
    }

    /// Nobody else talks to the border as long as this is held, so that what the CRM gets is known.
    pub fn alone(&self) -> MutexGuard<'_, ()> {
        self.alone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn port(&self) -> &str {
        self.host.split_once(':').map_or("443", |(_, port)| port)
    }

    /// How a client that trusts the demo's authority speaks TLS.
    pub fn tls(&self, protocol: &str) -> Arc<ClientConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(self.trusted.clone())
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        Arc::new(config)
    }

    /// A TLS connection, or what the handshake failed with.
    pub fn connect(&self, protocol: &str, name: &str) -> std::io::Result<Tls> {
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        let connection = ClientConnection::new(self.tls(protocol), name).expect("a client");
        let socket = TcpStream::connect(("127.0.0.1", self.port().parse().expect("a port")))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        let mut stream = StreamOwned::new(connection, socket);
        stream.conn.complete_io(&mut stream.sock)?;
        Ok(stream)
    }

    /// Sends bytes on a connection of their own and reads what comes until it ends or is silent.
    pub fn exchange(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect("http/1.1", "localhost").expect("a connection");
        // The server may close before it has read all.
        let _ = stream.write_all(bytes).and_then(|()| stream.flush());
        Answer::read(&mut stream)
    }

    /// What the CRM was sent, the border's own sign-in aside.
    pub fn requests(&self) -> Vec<Value> {
        let all = self.plain(&self.crm, "/_requests");
        let all: Vec<Value> = serde_json::from_str(&all).expect("the CRM's log");
        let mut all = all;
        all.retain(|request| request["target"] != "/services/oauth2/token");
        all
    }

    /// All that left the border but for answers to clients: by name.
    pub fn sinks(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut log = Vec::new();
        let file = File::open(self.log.path()).and_then(|mut file| file.read_to_end(&mut log));
        file.expect("the log");
        vec![
            (
                "the CRM's requests",
                self.plain(&self.crm, "/_requests").into_bytes(),
            ),
            (
                "the CRM's records",
                self.plain(&self.crm, "/_dump").into_bytes(),
            ),
            (
                "the metrics",
                self.plain(&self.status, "/metrics").into_bytes(),
            ),
            ("the log", log),
        ]
    }

    /// A page of the CRM or of the status listener; no TLS there.
    pub fn plain(&self, base: &str, path: &str) -> String {
        let host = base.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).expect("a plain connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        body.to_owned()
    }

    pub fn status_page(&self, path: &str) -> String {
        self.plain(&self.status, path)
    }
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub bytes: Vec<u8>,
    /// Whether the other side ended the connection.
    pub ended: bool,
}

impl Answer {
    fn read(stream: &mut Tls) -> Self {
        let mut answer = Self::default();
        let mut part = vec![0; 16 << 10];
        let _ = stream.sock.set_read_timeout(Some(PATIENCE));
        loop {
            match stream.read(&mut part) {
                Ok(0) => break,
                Ok(length) => {
                    answer.bytes.extend_from_slice(&part[..length]);
                    let _ = stream.sock.set_read_timeout(Some(QUIET));
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return answer;
                }
                Err(_) => break,
            }
        }
        answer.ended = true;
        answer
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The status of the first answer; 0 where there is none.
    pub fn status(&self) -> u16 {
        let text = self.text();
        let digits = text
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3));
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    /// How many answers came.
    pub fn count(&self) -> usize {
        let text = self.text();
        let lines = text.match_indices("HTTP/1.1 ");
        // An error's words may name the version too.
        let is_status = |at: usize| {
            let digits = text.get(at + 9..at + 12);
            digits.is_some_and(|digits| digits.parse::<u16>().is_ok())
        };
        lines.filter(|(at, _)| is_status(*at)).count()
    }

    pub fn body(&self) -> String {
        let text = self.text();
        text.split_once("\r\n\r\n")
            .map_or_else(String::new, |(_, body)| body.to_owned())
    }
}
