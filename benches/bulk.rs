//! How fast tables of bulk jobs pass, and in how much memory: MB/s and RSS, both ways.
//!
//!     cargo bench --bench bulk [-- MEGABYTES]     64 unless said
//!
//! The built border is a process of its own between a client and a CRM, both here: the client makes
//! the table while it sends it, the CRM throws away what it gets, and gives back rows with the tokens
//! that it got at first. TLS on both hops, 2 cores for all three.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that cannot be made ends; what it says is its result"
)]

#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "as the tests have it, which use more"
)]
#[path = "../tests/it/ops/certificates.rs"]
mod certificates;
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "as the tests have it, which use more"
)]
#[path = "../tests/it/ops/crm.rs"]
mod crm;
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "as the tests have it, which use more"
)]
#[path = "../tests/it/ops/house.rs"]
mod house;
#[path = "../tests/it/support/port.rs"]
mod port;
mod support {
    pub(crate) use super::port;
}

use std::net::TcpStream as Port;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use certificates::{Authority, VALID};
use house::{API, House, read};

const HEADER: &str = "FirstName,LastName,Email,Phone,LeadSource,Description\n";
/// A text of the length that such columns have; it passes, and is looked through.
const TEXT: &str = "Belt graag terug, liefst in de ochtend. Wil een offerte voor twaalf werkplekken \
    met bureaus, stoelen en lampen, te leveren in twee delen: zes voor de zomer en zes daarna. De \
    vorige levering kwam een week te laat, en twee bladen hadden krassen; die zijn vervangen. \
    Vraagt of de korting van het vorige jaar nog geldt, en of de montage bij de prijs hoort. \
    Antwoord per mail aan de afdeling inkoop is goed.";
/// How much of an upload the CRM keeps, to give it back.
const KEPT: usize = 4 << 20;

/// A CRM that takes tables and gives tables.
struct Crm {
    acceptor: TlsAcceptor,
    kept: Mutex<Vec<u8>>,
    /// How many bytes a query's results have.
    results: usize,
}

impl Crm {
    async fn serve(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let crm = Arc::clone(&self);
            tokio::spawn(async move {
                let stream = crm.acceptor.accept(stream).await.expect("TLS");
                crm.converse(stream).await
            });
        }
    }

    async fn converse(&self, mut stream: TlsStream<TcpStream>) -> Option<()> {
        let mut buffer = Vec::new();
        loop {
            let end = loop {
                if let Some(at) = memchr::memmem::find(&buffer, b"\r\n\r\n") {
                    break at + 4;
                }
                more(&mut stream, &mut buffer).await?;
            };
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            buffer.drain(..end);
            let target = head.split(' ').nth(1)?.to_owned();
            if head.contains("transfer-encoding: chunked") {
                self.swallow(&mut stream, &mut buffer).await?;
                tell(&mut stream, "201 Created", "").await?;
                continue;
            }
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length = length.map_or(0, |text| text.trim().parse().expect("a length"));
            while buffer.len() < length {
                more(&mut stream, &mut buffer).await?;
            }
            buffer.drain(..length);
            if target.ends_with("/results") {
                self.give(&mut stream).await?;
            } else if target.ends_with("/oauth2/token") {
                tell(
                    &mut stream,
                    "200 OK",
                    "{\"access_token\":\"00D!x\",\"token_type\":\"Bearer\"}",
                )
                .await?;
            } else if target.ends_with("/describe") {
                tell(&mut stream, "200 OK", DESCRIPTION).await?;
            } else {
                tell(
                    &mut stream,
                    "200 OK",
                    "{\"id\":\"750000000000001AAA\",\"state\":\"Open\"}",
                )
                .await?;
            }
        }
    }

    /// Reads a chunked body to its end, and keeps its beginning.
    async fn swallow(&self, stream: &mut TlsStream<TcpStream>, buffer: &mut Vec<u8>) -> Option<()> {
        loop {
            let line = loop {
                if let Some(at) = memchr::memmem::find(buffer, b"\r\n") {
                    break at;
                }
                more(stream, buffer).await?;
            };
            let size =
                usize::from_str_radix(std::str::from_utf8(&buffer[..line]).ok()?, 16).ok()?;
            while buffer.len() < line + 2 + size + 2 {
                more(stream, buffer).await?;
            }
            let mut kept = self.kept.lock().expect("a lock");
            if kept.len() < KEPT {
                kept.extend_from_slice(&buffer[line + 2..line + 2 + size]);
            }
            drop(kept);
            buffer.drain(..line + 2 + size + 2);
            if size == 0 {
                return Some(());
            }
        }
    }

    /// Rows with the tokens of before, over and over.
    async fn give(&self, stream: &mut TlsStream<TcpStream>) -> Option<()> {
        let kept = self.kept.lock().expect("a lock").clone();
        let text = String::from_utf8_lossy(&kept);
        let (_, rows) = text.split_once('\n')?;
        let (rows, _) = rows.rsplit_once('\n')?;
        let rows = format!("{rows}\n");
        let times = self.results.div_ceil(rows.len());
        let length = HEADER.len() + times * rows.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nSforce-Locator: null\r\n\
             Content-Length: {length}\r\n\r\n{HEADER}"
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        for _ in 0..times {
            stream.write_all(rows.as_bytes()).await.ok()?;
        }
        stream.flush().await.ok()
    }
}

const DESCRIPTION: &str = r#"{"fields":[{"name":"FirstName","type":"string","length":80},{"name":"LastName","type":"string","length":80},{"name":"Email","type":"email","length":80},{"name":"Phone","type":"phone","length":80},{"name":"LeadSource","type":"picklist","length":255},{"name":"Description","type":"textarea","length":32000}]}"#;

async fn more(stream: &mut TlsStream<TcpStream>, buffer: &mut Vec<u8>) -> Option<()> {
    (stream.read_buf(buffer).await.ok()? > 0).then_some(())
}

async fn tell(stream: &mut TlsStream<TcpStream>, status: &str, body: &str) -> Option<()> {
    let length = body.len();
    let kind = "Content-Type: application/json\r\n";
    let text = format!("HTTP/1.1 {status}\r\n{kind}Content-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

/// `sluis serve`, killed when dropped.
struct Border(Child);

impl Border {
    fn serve(house: &House) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(["--log", "debug", "serve", "--config"])
            .arg(house.path("sluis.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the border");
        let begun = Instant::now();
        while Port::connect(("localhost", house.port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "it does not open"
            );
            std::thread::yield_now();
        }
        Self(child)
    }

    /// A number of `/proc/ID/status`, in MB.
    fn memory(&self, name: &str) -> f64 {
        let path = format!("/proc/{}/status", self.0.id());
        let status = std::fs::read_to_string(path).expect("its status");
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number
            .and_then(|text| text.parse::<f64>().ok())
            .expect("a number")
            / 1024.0
    }
}

impl Drop for Border {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A table of invented people, made while it is sent.
fn table(bytes: usize) -> reqwest::Body {
    let mut at = 0;
    let mut left = bytes;
    let parts = std::iter::once(HEADER.to_owned()).chain(std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        let mut part = String::with_capacity(70_000);
        while part.len() < 65_536 {
            part.push_str(&format!(
                "Noor,Visser{at},noor.{at}@example.nl,+31612{:06},Web,\"{TEXT}\"\n",
                at % 1_000_000
            ));
            at += 1;
        }
        left = left.saturating_sub(part.len());
        Some(part)
    }));
    let parts = parts.map(|part| Ok::<_, std::io::Error>(Frame::data(Bytes::from(part))));
    reqwest::Body::wrap(StreamBody::new(futures_util::stream::iter(parts)))
}

fn told(way: &str, megabytes: f64, begun: Instant, border: &Border, rest: f64) {
    let speed = megabytes / begun.elapsed().as_secs_f64();
    let most = border.memory("VmHWM");
    println!(
        "bulk CSV {way}: {speed:.1} MB/s; {:.1} MB above the {rest:.1} MB at rest",
        most - rest
    );
}

#[tokio::main]
async fn main() {
    let megabytes = std::env::args().find_map(|text| text.parse::<usize>().ok());
    let bytes = megabytes.unwrap_or(64) << 20;
    let authority = Authority::new("authority of a measurement");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let crm = Arc::new(Crm {
        acceptor: TlsAcceptor::from(authority.issue(&[crm::CRM_NAME], VALID).server()),
        kept: Mutex::default(),
        results: bytes,
    });
    tokio::spawn(Arc::clone(&crm).serve(listener));
    let house = House::before(authority, address);
    let border = Border::serve(&house);
    let job = async |kind: &str, job: Value| {
        let (status, text) = read(house.post(&format!("{API}/jobs/{kind}"), &job)).await;
        assert_eq!(status, 200, "{text}");
        format!("{API}/jobs/{kind}/750000000000001AAA")
    };
    let hour = Duration::from_secs(3600);

    let made = job(
        "ingest",
        json!({"object": "Contact", "operation": "insert"}),
    )
    .await;
    let rest = border.memory("VmRSS");
    let begun = Instant::now();
    let upload = house.put(&format!("{made}/batches"), String::new());
    let (status, text) = read(upload.body(table(bytes)).timeout(hour)).await;
    assert_eq!(status, 201, "{text}");
    told("out", megabytes.unwrap_or(64) as f64, begun, &border, rest);

    let query = "SELECT FirstName, LastName, Email, Phone, LeadSource, Description FROM Contact";
    let made = job("query", json!({"operation": "query", "query": query})).await;
    let begun = Instant::now();
    let asked = house.get(&format!("{made}/results")).timeout(hour).send();
    let mut answer = asked.await.expect("an answer");
    let (mut received, mut first) = (0, Vec::new());
    while let Some(part) = answer.chunk().await.expect("the rest") {
        received += part.len();
        if first.len() < 4096 {
            first.extend_from_slice(&part);
        }
    }
    assert!(
        memchr::memmem::find(&first, b"Visser").is_some(),
        "nothing was revealed"
    );
    told(
        "in",
        received as f64 / f64::from(1 << 20),
        begun,
        &border,
        rest,
    );
}
