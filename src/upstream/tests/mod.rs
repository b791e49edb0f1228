//! The CRM's side from an attacker's: certificates that are not its own, answers that two readers
//! would cut differently.

mod session;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderMap;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::model::{Clock, Timestamp};
use crate::upstream::answer::Expected;
use crate::upstream::{Answer, Client, Credential, Error, Sessions, Settings};

const NAME: &str = "crm.example.nl";

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp(1_767_225_600_000)
    }
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    fn sign(&self, name: &str, (from, to): (i32, i32)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, (from, to))
            .signed_by(&key, &self.issuer)
            .unwrap();
        Identity {
            certificate: certificate.der().clone(),
            key,
        }
    }
}

struct Identity {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

fn params(name: &str, (from, to): (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(to, 1, 1);
    params
}

const VALID: (i32, i32) = (2020, 2090);

/// Serves one answer after the other, over all connections, each as bytes; then silence.
async fn serve(identity: &Identity, answers: Vec<Vec<u8>>) -> std::net::SocketAddr {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivatePkcs8KeyDer::from(identity.key.serialize_der());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (answers, next) = (Arc::new(answers), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, answers, next) = (acceptor.clone(), answers.clone(), next.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    return;
                };
                let mut head = Vec::new();
                while let Ok(byte) = stream.read_u8().await {
                    head.push(byte);
                    if !head.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    head.clear();
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(answer) = answers.get(at) else {
                        break;
                    };
                    let _ = stream.write_all(answer).await;
                    let _ = stream.flush().await;
                    if answer.ends_with(CUT) {
                        break;
                    }
                }
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

/// What an answer ends with after which the connection ends.
const CUT: &[u8] = b"{\"cut";

fn client(address: std::net::SocketAddr, trusted: &Authority) -> Client {
    let mut settings = Settings::new(&format!("https://{NAME}"));
    settings.address = Some(address);
    settings.trust = Some(vec![trusted.certificate.clone()]);
    settings.answer_bytes = 1 << 20;
    settings.head = Duration::from_secs(5);
    settings.stall = Duration::from_secs(5);
    let sessions = Sessions::new(Credential::Token("token".into()), Arc::new(Standing));
    Client::new(settings, Arc::new(sessions)).unwrap()
}

async fn ask(client: &Client) -> Result<Answer, Error> {
    let (line, headers) = (("GET", "/x"), HeaderMap::new());
    client.exchange(line, headers, vec![], Expected::Json).await
}

const GOOD: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

#[tokio::test]
async fn only_the_crms_own_certificate_is_taken() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let own_key = KeyPair::generate().unwrap();
    let self_signed = Identity {
        certificate: params(NAME, VALID)
            .self_signed(&own_key)
            .unwrap()
            .der()
            .clone(),
        key: own_key,
    };
    for (name, identity, taken) in [
        ("its own", ours.sign(NAME, VALID), true),
        ("a wildcard over it", ours.sign("*.example.nl", VALID), true),
        ("another name", ours.sign("evil.example.nl", VALID), false),
        (
            "a wildcard of another depth",
            ours.sign("*.crm.example.nl", VALID),
            false,
        ),
        ("the parent's name", ours.sign("example.nl", VALID), false),
        ("an address", ours.sign("127.0.0.1", VALID), false),
        ("an expired one", ours.sign(NAME, (2020, 2021)), false),
        ("one of later", ours.sign(NAME, (2080, 2090)), false),
        ("a stranger's", theirs.sign(NAME, VALID), false),
        ("a self-signed one", self_signed, false),
    ] {
        let address = serve(&identity, vec![GOOD.to_vec()]).await;
        let answer = ask(&client(address, &ours)).await;
        assert_eq!(answer.is_ok(), taken, "{name}");
        if let Err(error) = answer {
            assert!(matches!(error, Error::Unreachable(_)), "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn a_crm_without_tls_is_not_spoken_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 1024];
        let length = socket.read(&mut bytes).await.unwrap_or(0);
        let _ = socket.write_all(GOOD).await;
        bytes.truncate(length);
        bytes
    });
    assert!(ask(&client(address, &Authority::new())).await.is_err());
    // A client hello, and nothing of the request.
    assert_eq!(heard.await.unwrap().first(), Some(&22));
    let plain = Settings::new("http://crm.example.nl");
    assert!(
        plain.authority().is_err(),
        "there is no way to say plain HTTP"
    );
}

fn answer(fields: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{fields}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn an_answer_without_one_reading_is_none() {
    let authority = Authority::new();
    let identity = authority.sign(NAME, VALID);
    let long = "a".repeat(2 << 20);
    let mut taken = Vec::new();
    for (name, bytes) in [
        ("two lengths", answer("Content-Length: 2\r\nContent-Length: 40\r\n", "{}")),
        ("a list of lengths", answer("Content-Length: 2, 40\r\n", "{}")),
        ("a length and chunks", answer("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        ("chunks and a length", answer("Transfer-Encoding: chunked\r\nContent-Length: 40\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        ("a length with a sign", answer("Content-Length: +2\r\n", "{}")),
        ("a length below zero", answer("Content-Length: -2\r\n", "{}")),
        ("a length of letters", answer("Content-Length: two\r\n", "{}")),
        ("another coding", answer("Transfer-Encoding: gzip\r\n", "{}")),
        ("two codings", answer("Transfer-Encoding: gzip, chunked\r\n", "2\r\n{}\r\n0\r\n\r\n")),
        ("a bad chunk", answer("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n")),
        ("a chunk that is too long", answer("Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n")),
        ("cut within its length", answer("Content-Length: 40\r\n", "{\"cut")),
        ("cut within a chunk", answer("Transfer-Encoding: chunked\r\n", "40\r\n{\"cut")),
        ("a field with NUL", answer("X: \0\r\nContent-Length: 2\r\n", "{}")),
        ("a folded field", answer("X: a\r\n b\r\nContent-Length: 2\r\n", "{}")),
        ("a field with a space before the colon", answer("X : a\r\nContent-Length: 2\r\n", "{}")),
        ("two types", answer("Content-Type: text/html\r\nContent-Length: 2\r\n", "{}")),
        ("two content codings", answer("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n", "{}")),
        ("an unknown content coding", answer("Content-Encoding: br\r\nContent-Length: 2\r\n", "{}")),
        ("gzip that is none", answer("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}")),
        ("a large body", answer(&format!("Content-Length: {}\r\n", long.len()), &long)),
        ("a large head", answer(&format!("X: {long}\r\nContent-Length: 2\r\n"), "{}")),
        ("HTML", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n<>".to_vec()),
        ("no type", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec()),
        ("a redirect", b"HTTP/1.1 302 Found\r\nLocation: https://evil.example.nl/\r\nContent-Length: 0\r\n\r\n".to_vec()),
        ("a redirect that keeps the method", b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://evil.example.nl/\r\nContent-Length: 0\r\n\r\n".to_vec()),
        ("another protocol", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_vec()),
        ("no HTTP", b"{}\r\n\r\n".to_vec()),
        ("an unknown version", b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()),
        ("an unknown status", b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n".to_vec()),
    ] {
        let address = serve(&identity, vec![bytes]).await;
        let answer = ask(&client(address, &authority)).await;
        if let Ok(answer) = answer {
            taken.push(format!("{name}: {answer:?}"));
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
    for (name, bytes) in [
        ("a length", GOOD.to_vec()),
        (
            "chunks",
            answer("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
        ),
    ] {
        let address = serve(&identity, vec![bytes]).await;
        let answer = ask(&client(address, &authority)).await.unwrap();
        assert_eq!(answer.body, b"{}", "{name}");
    }
}

/// The next exchange gets its own answer, never what the last one left behind.
#[tokio::test]
async fn a_second_answer_is_given_to_nobody() {
    let authority = Authority::new();
    let identity = authority.sign(NAME, VALID);
    let of = |text: &str| answer(&format!("Content-Length: {}\r\n", text.len()), text);
    let left = [of("{\"a\":1}"), of("{\"left\":\"behind\"}")].concat();
    let address = serve(&identity, vec![left, of("{\"b\":2}")]).await;
    let client = client(address, &authority);
    // Whether the first is taken is up to what has arrived when it is read.
    if let Ok(first) = ask(&client).await {
        assert_eq!(first.body, b"{\"a\":1}");
    }
    for _ in 0..3 {
        if let Ok(answer) = ask(&client).await {
            assert_eq!(answer.body, b"{\"b\":2}");
            return;
        }
    }
    panic!("no exchange succeeds any more");
}
