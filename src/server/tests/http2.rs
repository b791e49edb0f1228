//! HTTP/2 as raw frames: what no client library would send.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use crate::server::tests::{HOST, PATIENCE, Rig};
use crate::server::{Limits, Protocol};

/// What became of stream 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Answered,
    /// Answered with the status 400.
    Refused,
    /// Answered with a status that is neither.
    Status,
    Reset,
    Closed,
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113, section 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A literal field that is not indexed (RFC 7541, section 6.2.2), without Huffman coding.
fn field(name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        assert!(text.len() < 127, "a length of one byte");
        bytes.push(u8::try_from(text.len()).unwrap());
        bytes.extend(text);
    }
    bytes
}

fn block(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let encoded = fields
        .iter()
        .map(|(name, value)| field(name.as_bytes(), value));
    encoded.collect::<Vec<_>>().concat()
}

/// The pseudo-fields of a request to `/a`, and more.
fn request<'a>(method: &'a str, more: &[(&'a str, &'a [u8])]) -> Vec<(&'a str, &'a [u8])> {
    let mut fields: Vec<(&str, &[u8])> = vec![
        (":method", method.as_bytes()),
        (":scheme", b"https"),
        (":authority", HOST.as_bytes()),
        (":path", b"/a"),
    ];
    fields.extend_from_slice(more);
    fields
}

/// A GET with one pseudo-field said otherwise.
fn but<'a>(name: &'a str, value: &'a [u8]) -> Vec<(&'a str, &'a [u8])> {
    let mut fields = request("GET", &[]);
    for field in &mut fields {
        if field.0 == name {
            field.1 = value;
        }
    }
    fields
}

/// A GET without one pseudo-field.
fn without(name: &str) -> Vec<(&str, &[u8])> {
    let fields = request("GET", &[]).into_iter();
    fields.filter(|field| field.0 != name).collect()
}

async fn open(rig: &Rig) -> TlsStream<TcpStream> {
    let mut stream = rig.connect_as(b"h2", None, HOST).await.unwrap();
    let mut preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    preface.extend(frame(SETTINGS, 0, 0, &[]));
    stream.write_all(&preface).await.unwrap();
    stream
}

/// One frame: kind, the stream's last byte, payload. Answers pings, as every client does.
async fn read_frame(stream: &mut TlsStream<TcpStream>) -> Option<(u8, u8, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.ok()?;
    if head[3] == PING && head[4] & ACK == 0 {
        let pong = frame(PING, ACK, 0, &payload);
        stream.write_all(&pong).await.ok()?;
        stream.flush().await.ok()?;
    }
    Some((head[3], head[8], payload))
}

async fn fate(stream: &mut TlsStream<TcpStream>) -> Fate {
    let read = async {
        loop {
            let Some((kind, of, payload)) = read_frame(stream).await else {
                return Fate::Closed;
            };
            match (kind, of) {
                // The static table's entries for :status (RFC 7541, appendix A).
                (HEADERS, 1) if payload[0] == 0x88 => return Fate::Answered,
                (HEADERS, 1) if payload[0] == 0x8c => return Fate::Refused,
                (HEADERS, 1) => return Fate::Status,
                (RST_STREAM, 1) => return Fate::Reset,
                (GOAWAY, _) => return Fate::Closed,
                _ => {}
            }
        }
    };
    timeout(PATIENCE, read).await.expect("an end of the stream")
}

/// Sends frames on a connection of their own.
async fn send(rig: &Rig, frames: &[Vec<u8>]) -> Fate {
    let mut stream = open(rig).await;
    stream.write_all(&frames.concat()).await.unwrap();
    stream.flush().await.unwrap();
    fate(&mut stream).await
}

async fn head_only(rig: &Rig, fields: &[(&str, &[u8])]) -> Fate {
    let head = frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(fields));
    send(rig, &[head]).await
}

async fn with_data(rig: &Rig, fields: &[(&str, &[u8])], data: &[u8]) -> Fate {
    let head = frame(HEADERS, END_HEADERS, 1, &block(fields));
    let data = frame(DATA, END_STREAM, 1, data);
    send(rig, &[head, data]).await
}

#[tokio::test]
async fn a_plain_request_is_delivered() {
    let rig = Rig::start();
    assert_eq!(head_only(&rig, &request("GET", &[])).await, Fate::Answered);
    let length = [("content-length", &b"5"[..])];
    let posted = with_data(&rig, &request("POST", &length), b"hello").await;
    assert_eq!(posted, Fate::Answered);
    assert_eq!(
        with_data(&rig, &request("POST", &[]), b"hello").await,
        Fate::Answered
    );
    let delivered = rig.delivered();
    assert_eq!(delivered.len(), 3);
    assert_eq!(delivered[1].body, "hello");
    assert_eq!(delivered[1].peer.protocol, Protocol::Http2);
}

#[tokio::test]
async fn no_pseudo_field_has_a_second_reading() {
    let rig = Rig::start();
    let mut twice = request("GET", &[]);
    twice.push((":path", b"/b"));
    let mut late = request("GET", &[("x-a", b"b")]);
    late.push((":authority", HOST.as_bytes()));
    for fields in [
        but(":method", b"get"),
        but(":method", b"TRACE"),
        but(":method", b"CONNECT"),
        but(":method", b"G T"),
        but(":method", b""),
        but(":scheme", b"http"),
        but(":scheme", b"ftp"),
        but(":authority", b"evil.example"),
        but(":authority", b"a@crm.example.nl"),
        but(":authority", b"crm.example.nl:443"),
        but(":authority", b"crm.example.nl."),
        but(":authority", b"crm.example.nl evil"),
        but(":authority", b""),
        but(":path", b""),
        but(":path", b"*"),
        but(":path", b"a"),
        but(":path", b"?a"),
        but(":path", b"#a"),
        but(":path", b"/a#b"),
        but(":path", b"/a#/../b"),
        but(":path", b"//a"),
        but(":path", b"/a/../b"),
        but(":path", b"/a/%2e%2e/b"),
        but(":path", b"/a;b"),
        but(":path", b"/a b"),
        but(":path", b"/a\xc3\xa9"),
        but(":path", b"/a\r\nx: y"),
        but(":path", b"/a\\b"),
        but(":path", b"/a?_HttpMethod=PATCH"),
        but(":path", b"https://crm.example.nl/a"),
        without(":method"),
        without(":scheme"),
        without(":authority"),
        without(":path"),
        twice,
        late,
    ] {
        let fate = head_only(&rig, &fields).await;
        assert_ne!(fate, Fate::Answered, "{fields:?}");
        assert!(rig.delivered().is_empty(), "{fields:?}");
    }
}

#[tokio::test]
async fn no_field_smuggles_into_another_protocol() {
    let rig = Rig::start();
    for (name, value) in [
        ("host", &b"evil.example"[..]),
        ("connection", b"close"),
        ("connection", b"keep-alive"),
        ("keep-alive", b"timeout=5"),
        ("proxy-connection", b"close"),
        ("transfer-encoding", b"chunked"),
        ("upgrade", b"h2c"),
        ("te", b"gzip"),
        ("trailer", b"x-a"),
        ("expect", b"100-continue"),
        ("content-length", b"5"),
        ("x-a", b"b\r\nx-c: d"),
        ("x-a", b"b\nc"),
        ("x-a", b"b\0c"),
        ("x-a", b"b\xe9c"),
        ("x-a\r\nx-c", b"d"),
        ("x-a: b", b"c"),
        ("x a", b"b"),
        ("X-A", b"b"),
        ("", b"b"),
        ("x-http-method-override", b"PATCH"),
        ("x-original-url", b"/b"),
        (":protocol", b"websocket"),
        (":unknown", b"x"),
    ] {
        let fate = head_only(&rig, &request("GET", &[(name, value)])).await;
        assert_ne!(fate, Fate::Answered, "{name:?}: {value:?}");
        assert!(rig.delivered().is_empty(), "{name:?}: {value:?}");
    }
    let twice = request("GET", &[("authorization", b"a"), ("authorization", b"b")]);
    assert_eq!(head_only(&rig, &twice).await, Fate::Refused);
    let same_host = request("GET", &[("host", HOST.as_bytes()), ("x-a", b"b")]);
    assert_eq!(head_only(&rig, &same_host).await, Fate::Answered);
}

#[tokio::test]
async fn no_body_has_two_lengths() {
    let rig = Rig::start();
    for length in [&b"4"[..], b"6", b"0", b"+5", b"5,5", b"05", b""] {
        let fields = request("POST", &[("content-length", length)]);
        let fate = with_data(&rig, &fields, b"hello").await;
        assert_ne!(fate, Fate::Answered, "{length:?}");
        assert!(rig.delivered().is_empty(), "{length:?}");
    }
    let twice = request(
        "POST",
        &[("content-length", b"5"), ("content-length", b"5")],
    );
    assert_ne!(with_data(&rig, &twice, b"hello").await, Fate::Answered);
    for method in ["GET", "HEAD", "DELETE"] {
        let fate = with_data(&rig, &request(method, &[]), b"hello").await;
        assert_eq!(fate, Fate::Refused, "{method}");
    }
    assert!(rig.delivered().is_empty());
}

/// The bytes of DATA that a stream's answer has, by method.
async fn bytes_of(rig: &Rig, method: &str) -> usize {
    let mut stream = open(rig).await;
    let whole = END_HEADERS | END_STREAM;
    let asked = frame(HEADERS, whole, 1, &block(&request(method, &[])));
    let after = frame(HEADERS, whole, 3, &block(&request("GET", &[])));
    stream.write_all(&asked).await.unwrap();
    stream.flush().await.unwrap();
    let mut bytes = 0;
    loop {
        let read = timeout(PATIENCE, read_frame(&mut stream)).await;
        match read.expect("a frame").expect("an open connection") {
            // Its answer has come; whatever else belongs to it comes before the next one's.
            (HEADERS, 1, _) => {
                stream.write_all(&after).await.unwrap();
                stream.flush().await.unwrap();
            }
            (DATA, 1, data) => bytes += data.len(),
            (HEADERS, 3, _) => return bytes,
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_answer_to_head_has_no_body() {
    let rig = Rig::start();
    assert_eq!(bytes_of(&rig, "HEAD").await, 0);
    assert!(bytes_of(&rig, "GET").await > 0);
}

/// Whether stream 1 is answered to its end, and not reset before a later stream is answered. Its body
/// follows when another stream has had its answer, so that an early one would have come by then.
async fn ends_whole(stream: &mut TlsStream<TcpStream>, body: &[u8]) -> bool {
    let get = |of| {
        let fields = block(&request("GET", &[]));
        frame(HEADERS, END_HEADERS | END_STREAM, of, &fields)
    };
    stream.write_all(&get(3)).await.unwrap();
    stream.flush().await.unwrap();
    loop {
        let read = timeout(PATIENCE, read_frame(stream)).await;
        let (kind, of, _) = read.expect("a frame").expect("an open connection");
        let next = match (kind, of) {
            (RST_STREAM, 1) => return false,
            (HEADERS, 5) => return true,
            (HEADERS, 3) => body.to_vec(),
            (HEADERS, 1) => get(5),
            _ => continue,
        };
        stream.write_all(&next).await.unwrap();
        stream.flush().await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_before_the_end_of_a_small_body_is_not_followed_by_a_reset() {
    let rig = Rig::start();
    let mut fields = request("POST", &[]);
    fields[3].1 = b"/ignore";
    let head = frame(HEADERS, END_HEADERS, 1, &block(&fields));
    let part = |flags| frame(DATA, flags, 1, &[b'x'; 15 * 1024]);
    for (body, whole) in [
        (part(END_STREAM), true),
        ([part(0), part(0), part(END_STREAM)].concat(), true),
        (part(0), false),
    ] {
        let mut stream = open(&rig).await;
        stream.write_all(&head).await.unwrap();
        assert_eq!(ends_whole(&mut stream, &body).await, whole);
    }
}

#[tokio::test]
async fn trailers_are_refused() {
    let rig = Rig::start();
    let head = frame(HEADERS, END_HEADERS, 1, &block(&request("POST", &[])));
    let data = frame(DATA, 0, 1, b"hello");
    let trailers =
        |fields: &[(&str, &[u8])]| frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(fields));
    for fields in [
        [("x-a", &b"b"[..])],
        [("content-length", b"9")],
        [(":path", b"/b")],
    ] {
        let frames = [head.clone(), data.clone(), trailers(&fields)];
        assert_ne!(send(&rig, &frames).await, Fate::Answered, "{fields:?}");
    }
    assert!(rig.delivered().is_empty());
}

#[tokio::test]
async fn a_client_that_compresses_its_fields_is_served() {
    let rig = Rig::start();
    let stream = rig.connect_as(b"h2", None, HOST).await.unwrap();
    let handshake = hyper::client::conn::http2::handshake(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    );
    let (mut client, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    // Enough of different fields to fill the dynamic table and to push entries out of it.
    for index in 0..300 {
        let value = format!("{index}-{}", "~z#Q".repeat(index % 40));
        let request = http::Request::builder()
            .method("POST")
            .uri(format!("https://{HOST}/a/{index}?q=Jan%20{}", index % 7))
            .header(format!("x-field-{}", index % 50), &value)
            .header("x-again", &value)
            .header("authorization", "Bearer 00D!A.B")
            .body(Full::<Bytes>::from(format!("body {index}")))
            .unwrap();
        let answer = client.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200, "{index}");
    }
    let delivered = rig.delivered();
    assert_eq!(delivered.len(), 300);
    assert_eq!(delivered[299].target, "/a/299?q=Jan%205");
}

#[tokio::test]
async fn floods_end_their_own_connection_only() {
    let rig = Rig::start();
    let mut other = open(&rig).await;
    let block = block(&request("GET", &[]));
    let odd = |index: u32| 2 * index + 1;
    let resets: Vec<Vec<u8>> = (0..2000)
        .flat_map(|index| {
            let head = frame(HEADERS, END_HEADERS | END_STREAM, odd(index), &block);
            [head, frame(RST_STREAM, 0, odd(index), &8_u32.to_be_bytes())]
        })
        .collect();
    let mut continuations = vec![frame(HEADERS, END_STREAM, 1, &block)];
    let padding = field(b"x-a", &[b'b'; 120]);
    continuations.extend((0..5000).map(|_| frame(CONTINUATION, 0, 1, &padding)));
    for flood in [resets, continuations] {
        let mut stream = open(&rig).await;
        // The server may hang up before the flood is over.
        let _ = stream.write_all(&flood.concat()).await;
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "the flood's connection stays open");
    }
    let head = frame(HEADERS, END_HEADERS | END_STREAM, 1, &block);
    other.write_all(&head).await.unwrap();
    assert_eq!(fate(&mut other).await, Fate::Answered);
}

#[tokio::test]
async fn large_header_lists_are_refused() {
    let rig = Rig::start();
    let big = [b'b'; 120];
    let many: Vec<(String, &[u8])> = (0..101).map(|i| (format!("x-{i}"), &big[..1])).collect();
    let long: Vec<(String, &[u8])> = (0..400).map(|i| (format!("y-{i}"), &big[..])).collect();
    for more in [many, long] {
        let more: Vec<(&str, &[u8])> = more.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        let fields = block(&request("GET", &more));
        let mut chunks = fields.chunks(10_000);
        let mut frames = vec![frame(HEADERS, END_STREAM, 1, chunks.next().unwrap())];
        frames.extend(chunks.map(|chunk| frame(CONTINUATION, 0, 1, chunk)));
        frames.push(frame(CONTINUATION, END_HEADERS, 1, &[]));
        assert_ne!(send(&rig, &frames).await, Fate::Answered);
    }
    assert!(rig.delivered().is_empty());
}

#[tokio::test]
async fn a_connection_without_requests_is_closed() {
    let rig = Rig::with(Limits {
        header: Duration::from_millis(200),
        idle: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut silent = rig.connect_as(b"h2", None, HOST).await.unwrap();
    let mut rest = Vec::new();
    timeout(PATIENCE, silent.read_to_end(&mut rest))
        .await
        .expect("closed before the preface")
        .ok();
    let mut used = open(&rig).await;
    let head = frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        1,
        &block(&request("GET", &[])),
    );
    used.write_all(&head).await.unwrap();
    assert_eq!(fate(&mut used).await, Fate::Answered);
    timeout(PATIENCE, used.read_to_end(&mut rest))
        .await
        .expect("closed when idle")
        .ok();
}

#[tokio::test]
async fn a_body_that_stalls_is_refused() {
    let rig = Rig::with(Limits {
        body_stall: Duration::from_millis(200),
        ..Limits::default()
    });
    let head = frame(HEADERS, END_HEADERS, 1, &block(&request("POST", &[])));
    assert_eq!(send(&rig, &[head]).await, Fate::Status);
    assert!(rig.delivered().is_empty());
}

#[tokio::test]
async fn a_panic_answers_on_its_stream() {
    let rig = Rig::start();
    assert_eq!(
        head_only(&rig, &but(":path", b"/panic")).await,
        Fate::Status
    );
    assert_eq!(head_only(&rig, &request("GET", &[])).await, Fate::Answered);
}

#[tokio::test]
async fn a_drain_says_goaway_and_lets_streams_end() {
    let rig = Rig::start();
    let mut busy = open(&rig).await;
    let head = frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        1,
        &block(&but(":path", b"/slow")),
    );
    busy.write_all(&head).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    rig.running().control.stop();
    let kinds = async {
        let mut kinds = Vec::new();
        while let Some((kind, _, _)) = read_frame(&mut busy).await {
            kinds.push(kind);
        }
        kinds
    };
    let kinds = timeout(PATIENCE, kinds)
        .await
        .expect("closed after the stream");
    assert!(
        kinds.contains(&GOAWAY) && kinds.contains(&HEADERS),
        "{kinds:?}"
    );
    assert_eq!(rig.delivered().len(), 1);
}

#[tokio::test]
async fn http1_bytes_on_an_http2_connection_are_closed() {
    let rig = Rig::start();
    let mut stream = rig.connect_as(b"h2", None, HOST).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(fate(&mut stream).await, Fate::Closed);
    assert!(rig.delivered().is_empty());
}

#[tokio::test]
async fn who_waits_is_told_that_the_stream_was_reset() {
    let rig = Rig::start();
    let mut stream = open(&rig).await;
    let fields = block(&but(":path", b"/listen"));
    let head = frame(HEADERS, END_HEADERS | END_STREAM, 1, &fields);
    stream.write_all(&head).await.unwrap();
    assert!(rig.sees("GET", "/listen").await);
    let reset = frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes());
    stream.write_all(&reset).await.unwrap();
    assert!(rig.sees("OVER", "Gone").await, "the client has gone");
}
