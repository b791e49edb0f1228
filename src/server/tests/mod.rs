//! The server over loopback, from the attacker's side, with invented names and certificates.

mod http1;
mod http2;
mod limits;
mod operation;

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::model::{Clock, Entropy, NoEntropy, Timestamp};
use crate::server::{
    Accepted, Body, Check, Environment, Handler, Limits, Peer, Running, Settings, TlsFiles,
    respond, run,
};
use crate::telemetry::Metrics;

const HOST: &str = "crm.example.nl";
/// Longer than anything that a test waits for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server, its certificate files, and what its handler was given.
struct Rig {
    running: Option<Running>,
    settings: Settings,
    clock: Arc<TestClock>,
    delivered: Arc<Mutex<Vec<Delivered>>>,
    ready: Arc<Mutex<bool>>,
    metrics: Arc<Metrics>,
    dir: TempDir,
    trusted: RootCertStore,
}

/// A request that came whole: what would be sent on.
#[derive(Clone, Debug)]
struct Delivered {
    method: String,
    target: String,
    body: Bytes,
    peer: Peer,
}

struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in out.chunks_mut(8) {
            let value = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&value[..chunk.len()]);
        }
        Ok(())
    }
}

/// Takes what comes whole; the paths below make it misbehave.
struct Recorder(Arc<Mutex<Vec<Delivered>>>);

impl Handler for Recorder {
    async fn handle(&self, request: Accepted) -> Response<Body> {
        let (target, mut listener) = (request.target, request.listener);
        match target.path.as_str() {
            "/panic" => panic!("a value that must not be logged"),
            "/ignore" => return Response::new(Body::from("unread")),
            "/slow" => tokio::time::sleep(Duration::from_millis(300)).await,
            "/stuck" => std::future::pending().await,
            _ => {}
        }
        let body = match request.body.read(64 * 1024).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let target = match target.query {
            Some(query) => format!("{}?{query}", target.path),
            None => target.path,
        };
        self.0.lock().unwrap().push(Delivered {
            method: request.method.to_string(),
            target: target.clone(),
            body,
            peer: request.peer,
        });
        if target == "/listen" {
            let over = format!("{:?}", listener.over().await);
            self.0.lock().unwrap().push(Delivered {
                method: "OVER".to_owned(),
                target: over.clone(),
                body: Bytes::new(),
                peer: Peer {
                    source: [127, 0, 0, 1].into(),
                    certificate: None,
                    protocol: crate::server::Protocol::Http1,
                },
            });
            return Response::new(Body::from(over));
        }
        if target == "/hold" {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        if target == "/huge" {
            return Response::new(Body::from(vec![b'x'; 32 * 1024 * 1024]));
        }
        if target == "/large" {
            return Response::new(Body::from(vec![b'x'; 1_000_000]));
        }
        Response::new(Body::from("delivered"))
    }
}

impl Rig {
    fn start() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(Mutex::new(now())));
        let settings = Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            ops_listen: Some("127.0.0.1:0".parse().unwrap()),
            hosts: vec![HOST.to_owned()],
            tls: TlsFiles {
                certificate: dir.path().join("certificate.pem"),
                key: dir.path().join("key.pem"),
                client_ca: None,
            },
            limits,
            workers: 2,
        };
        let mut rig = Self {
            running: None,
            settings,
            clock,
            delivered: Arc::default(),
            ready: Arc::new(Mutex::new(true)),
            metrics: Arc::new(Metrics::new()),
            dir,
            trusted: RootCertStore::empty(),
        };
        rig.issue(2020, 2030);
        let ready = rig.ready.clone();
        let environment = Environment {
            clock: rig.clock.clone(),
            entropy: Arc::new(Counter(AtomicU64::new(0))),
            metrics: rig.metrics.clone(),
            checks: vec![Check {
                name: "store",
                passes: Box::new(move || *ready.lock().unwrap()),
            }],
        };
        let delivered = rig.delivered.clone();
        let handler = move |_| Recorder(delivered.clone());
        rig.running = Some(run(rig.settings.clone(), environment, handler).unwrap());
        rig
    }

    /// Writes a new certificate and key, and lets clients trust it.
    fn issue(&mut self, from: i32, to: i32) {
        let (certificate, key) = self_signed(HOST, from, to);
        let files = &self.settings.tls;
        fs::write(&files.certificate, certificate.pem()).unwrap();
        fs::write(&files.key, key.serialize_pem()).unwrap();
        self.trusted.add(certificate.der().clone()).unwrap();
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap().clone()
    }

    /// Waits until a request for `target` was delivered with this method.
    async fn sees(&self, method: &str, target: &str) -> bool {
        let seen = async {
            loop {
                let delivered = self.delivered();
                let mut all = delivered.iter();
                if all.any(|one| one.method == method && one.target == target) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, seen).await.is_ok()
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_as(b"http/1.1", None, HOST).await.unwrap()
    }

    async fn connect_as(
        &self,
        protocol: &[u8],
        client: Option<&(rcgen::Certificate, rcgen::KeyPair)>,
        name: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.trusted.clone());
        let mut config = match client {
            None => config.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = PrivatePkcs8KeyDer::from(key.serialize_der());
                let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
                config.with_client_auth_cert(chain, key.into()).unwrap()
            }
        };
        config.alpn_protocols = vec![protocol.to_vec()];
        let socket = TcpStream::connect(self.running().address).await?;
        // Without it a second small write waits for the first one's late acknowledgement.
        socket.set_nodelay(true)?;
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await
    }

    /// Sends bytes on a connection of their own and reads until the server closes it.
    async fn send(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        read_to_end(&mut stream).await
    }

    /// A page of the operations listener.
    async fn ops(&self, path: &str) -> String {
        let address = self.running().ops_address.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        read_to_end(&mut stream).await
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.control.stop();
        }
    }
}

async fn read_to_end(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = Vec::new();
    // A peer that closes without close_notify is an error to rustls; what came before it counts.
    let ended = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the server keeps the connection open");
    String::from_utf8(answer).unwrap()
}

/// One answer with a length, leaving the connection open.
async fn read_answer(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = String::new();
    loop {
        let byte = timeout(PATIENCE, stream.read_u8())
            .await
            .expect("an answer");
        answer.push(char::from(byte.expect("a whole answer")));
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if length.is_none_or(|length| body.len() == length.parse::<usize>().unwrap()) {
            return answer;
        }
    }
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

fn self_signed(name: &str, from: i32, to: i32) -> (rcgen::Certificate, rcgen::KeyPair) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(from, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(to, 1, 1);
    (parameters.self_signed(&key).unwrap(), key)
}

/// 2026-01-01.
fn now() -> Timestamp {
    Timestamp(1_767_225_600_000)
}
