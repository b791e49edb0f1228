//! F02, F08, A12 over HTTP/2, as raw frames: what no client library would send.

use std::io::{Read, Write};
use std::time::Duration;

use crate::bypass::case::{CONTACT, Case, Expect, Send};
use crate::bypass::runner::run;
use crate::bypass::support::{Answer, Demo, Tls, demo};

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

/// Where an answer has to come, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub fn cases() -> Vec<Case> {
    let mut cases = vec![];
    for (row, name, fields) in odd_heads() {
        cases.push(stream(row, name, fields).expect(Expect::Dropped));
    }
    let with = |name: &str, value: &[u8]| {
        let mut fields = post();
        fields.push((name.to_owned(), value.to_vec()));
        fields
    };
    for (name, value) in ODD_FIELDS {
        let text = format!("{}: {}", name.escape_debug(), value.escape_ascii());
        cases.push(stream("F02", &text, with(name, value)).expect(Expect::Dropped));
    }
    for name in [
        "content-length",
        "x",
        "authorization",
        ":path",
        ":status",
        "host",
        "transfer-encoding",
    ] {
        let mut case = stream("F02", &format!("a trailer {name}"), post()).expect(Expect::Dropped);
        if let Send::Stream { trailers, .. } = &mut case.send {
            trailers.push((name.to_owned(), b"{c}".to_vec()));
        }
        cases.push(case);
    }
    cases.push(stream("F02", "a plain request", post()).allowed());
    cases.push(stream("A12", "Host and :authority agree", with("host", b"{host}")).allowed());
    cases
}

fn stream(row: &'static str, name: &str, fields: Vec<(String, Vec<u8>)>) -> Case {
    Case {
        row,
        name: format!("HTTP/2: {name}"),
        send: Send::Stream {
            fields,
            data: Some(br#"{"LastName":"{c}"}"#.to_vec()),
            trailers: vec![],
        },
        expect: Expect::Dropped,
    }
}

fn post() -> Vec<(String, Vec<u8>)> {
    [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "{host}"),
        (":path", CONTACT),
        ("authorization", "Bearer {token}"),
        ("content-type", "application/json"),
    ]
    .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
    .to_vec()
}

type Fields = Vec<(String, Vec<u8>)>;

/// Pseudo-fields that are wrong, missing, late or there twice.
fn odd_heads() -> Vec<(&'static str, &'static str, Fields)> {
    let but = |name: &str, value: &str| -> Fields {
        let mut fields = post();
        for field in fields.iter_mut().filter(|field| field.0 == name) {
            field.1 = value.as_bytes().to_vec();
        }
        fields
    };
    let without =
        |name: &str| -> Fields { post().into_iter().filter(|field| field.0 != name).collect() };
    let twice = |name: &str| -> Fields {
        let mut fields = post();
        let found = fields.iter().position(|field| field.0 == name);
        let at = found.expect("a field");
        let copy = fields[at].clone();
        fields.insert(at, copy);
        fields
    };
    let late = |name: &str| -> Fields {
        let mut fields = post();
        let found = fields.iter().position(|field| field.0 == name);
        let field = fields.remove(found.expect("a field"));
        fields.push(field);
        fields
    };
    vec![
        ("F02", "no :method", without(":method")),
        ("F02", "no :scheme", without(":scheme")),
        ("F02", "no :path", without(":path")),
        ("F02", "no :authority", without(":authority")),
        ("F02", ":method twice", twice(":method")),
        ("F02", ":path twice", twice(":path")),
        ("F02", ":authority twice", twice(":authority")),
        ("F02", ":scheme twice", twice(":scheme")),
        ("F02", ":path late", late(":path")),
        ("F02", ":method late", late(":method")),
        ("F02", "an empty :path", but(":path", "")),
        (
            "F02",
            ":path with a space",
            but(":path", "/services/data/v60.0/sobjects/Contact HTTP/1.1"),
        ),
        (
            "F02",
            ":path with CRLF",
            but(
                ":path",
                "/services/data/v60.0/sobjects/Contact HTTP/1.1\r\nX: {c}\r\n\r\n",
            ),
        ),
        (
            "F02",
            ":path with a fragment",
            but(":path", "/services/data/v60.0/sobjects/Contact#{c}"),
        ),
        (
            "F02",
            ":path with a tab",
            but(":path", "/services/data/v60.0/sobjects/Contact\t"),
        ),
        (
            "F02",
            ":path of 8 bits",
            but(":path", "/services/data/v60.0/sobjects/Cont\u{e5}ct"),
        ),
        (
            "F02",
            ":path that is absolute",
            but(
                ":path",
                "https://{host}/services/data/v60.0/sobjects/Contact",
            ),
        ),
        (
            "F02",
            ":path without a slash",
            but(":path", "services/data/v60.0/sobjects/Contact"),
        ),
        ("F02", ":path of a star", but(":path", "*")),
        (
            "F02",
            ":path with two slashes",
            but(":path", "//services/data/v60.0/sobjects/Contact"),
        ),
        (
            "F02",
            ":path with a dot segment",
            but(":path", "/services/data/v60.0/x/../sobjects/Contact"),
        ),
        ("F02", ":method in lower case", but(":method", "post")),
        (
            "F02",
            ":method with a space",
            but(":method", "POST /x HTTP/1.1"),
        ),
        ("F02", ":method with CRLF", but(":method", "POST\r\n")),
        ("F02", ":method CONNECT", but(":method", "CONNECT")),
        ("F02", ":method TRACE", but(":method", "TRACE")),
        ("F02", ":scheme http", but(":scheme", "http")),
        (
            "F02",
            ":scheme with more",
            but(":scheme", "https://evil.example.nl/?"),
        ),
        (
            "A12",
            ":authority of another",
            but(":authority", "evil.example.nl"),
        ),
        (
            "A12",
            ":authority of the CRM",
            but(":authority", "example.my.salesforce.com"),
        ),
        (
            "A12",
            ":authority with a user",
            but(":authority", "{c}@{host}"),
        ),
        (
            "A12",
            ":authority with a path",
            but(":authority", "{host}/x"),
        ),
        (
            "A12",
            ":authority in upper case",
            but(":authority", "LOCALHOST"),
        ),
        (
            "A12",
            ":authority with a final dot",
            but(":authority", "localhost."),
        ),
        ("A12", "an empty :authority", but(":authority", "")),
        ("A12", "Host differs from :authority", {
            let mut fields = post();
            fields.push(("host".to_owned(), b"evil.example.nl".to_vec()));
            fields
        }),
        ("A12", "Host instead of :authority, of another", {
            let mut fields = without(":authority");
            fields.push(("host".to_owned(), b"evil.example.nl".to_vec()));
            fields
        }),
    ]
}

const ODD_FIELDS: &[(&str, &[u8])] = &[
    ("X-Upper", b"{c}"),
    ("x\r\ny", b"{c}"),
    ("x y", b"{c}"),
    ("x:", b"{c}"),
    ("", b"{c}"),
    ("x\0", b"{c}"),
    ("x", b"a\r\nTransfer-Encoding: chunked"),
    ("x", b"a\nb"),
    ("x", b"a\rb"),
    ("x", b"a\0b"),
    ("x", b"\xff"),
    ("x", b" a"),
    (":x", b"{c}"),
    (":status", b"200"),
    (":protocol", b"websocket"),
    ("connection", b"close"),
    ("connection", b"x"),
    ("keep-alive", b"5"),
    ("proxy-connection", b"close"),
    ("transfer-encoding", b"chunked"),
    ("upgrade", b"h2c"),
    ("te", b"gzip"),
    ("content-length", b"28"),
    ("content-length", b"30"),
    ("content-length", b"0"),
    ("content-length", b"029"),
    ("content-length", b"29, 29"),
    ("authorization", b"Bearer x"),
    ("content-type", b"text/plain"),
    ("x-http-method-override", b"DELETE"),
    ("trailer", b"x"),
    ("expect", b"200-ok"),
];

/// RFC 9113, section 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .expect("a short payload")
        .to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Literal fields that are not indexed (RFC 7541, section 6.2.2), without Huffman coding.
fn block(fields: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name.as_bytes(), value] {
            // An integer with a prefix of seven bits (section 5.1).
            match u8::try_from(text.len()) {
                Ok(short) if short < 127 => bytes.push(short),
                _ => {
                    let mut rest = text.len() - 127;
                    bytes.push(127);
                    while rest >= 128 {
                        bytes.push(u8::try_from(rest % 128).expect("seven bits") | 128);
                        rest /= 128;
                    }
                    bytes.push(u8::try_from(rest).expect("seven bits"));
                }
            }
            bytes.extend(text);
        }
    }
    bytes
}

fn open(demo: &Demo) -> Tls {
    let mut stream = demo.connect("h2", "localhost").expect("a connection");
    let mut preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    preface.extend(frame(SETTINGS, 0, 0, &[]));
    stream.write_all(&preface).expect("the preface");
    stream.flush().expect("the preface");
    stream
}

/// Sends one stream and gives its status in the words of HTTP/1.1; nothing where it was reset.
pub fn exchange(
    demo: &Demo,
    fields: &[(String, Vec<u8>)],
    data: Option<&[u8]>,
    trailers: &[(String, Vec<u8>)],
) -> Answer {
    let last = |is: bool| if is { END_STREAM } else { 0 };
    let mut bytes = frame(
        HEADERS,
        END_HEADERS | last(data.is_none()),
        1,
        &block(fields),
    );
    if let Some(data) = data {
        bytes.extend(frame(DATA, last(trailers.is_empty()), 1, data));
    }
    if !trailers.is_empty() {
        bytes.extend(frame(
            HEADERS,
            END_HEADERS | END_STREAM,
            1,
            &block(trailers),
        ));
    }
    let mut stream = open(demo);
    let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
    let status = status(&mut stream);
    let line = status.map_or_else(String::new, |status| format!("HTTP/1.1 {status} \r\n\r\n"));
    Answer {
        bytes: line.into_bytes(),
        ended: true,
    }
}

/// The status of stream 1, from the first byte of its head (RFC 7541, appendix A).
fn status(stream: &mut Tls) -> Option<u16> {
    let _ = stream.sock.set_read_timeout(Some(PATIENCE));
    loop {
        let (kind, of, payload) = read_frame(stream)?;
        match (kind, of) {
            (HEADERS, 1) => return Some(code(&payload)),
            (RST_STREAM, 1) | (GOAWAY, _) => return None,
            _ => {}
        }
    }
}

fn code(block: &[u8]) -> u16 {
    match block {
        // Indexed: the static table's entries for :status.
        [0x88, ..] => 200,
        [0x89, ..] => 204,
        [0x8b, ..] => 304,
        [0x8c, ..] => 400,
        [0x8d, ..] => 404,
        [0x8e, ..] => 500,
        // A literal with the name of entry 8, its value plain or in the digits' Huffman codes.
        [_, 0x03, digits @ ..] => {
            let text = digits.get(..3).map(String::from_utf8_lossy);
            text.and_then(|text| text.parse().ok()).unwrap_or(0)
        }
        [_, 0x82 | 0x83, coded @ ..] => huffman(coded),
        _ => 599,
    }
}

/// Three digits: 0-2 are five bits (0, 1, 2), 3-9 are six (25 to 31) (RFC 7541, appendix B).
fn huffman(coded: &[u8]) -> u16 {
    let bits = coded.iter().chain(&[0xff; 3]).take(3);
    let bits = bits.fold(0, |bits: u32, byte| bits << 8 | u32::from(*byte));
    let mut at = 24;
    let mut number = 0;
    for _ in 0..3 {
        let five = bits >> (at - 5) & 31;
        let six = bits >> (at - 6) & 63;
        let (digit, used) = if five < 3 {
            (five, 5)
        } else {
            (six.saturating_sub(22), 6)
        };
        number = number * 10 + digit;
        at -= used;
    }
    u16::try_from(number).unwrap_or(0)
}

/// One frame: kind, the stream's last byte, payload. Answers pings, as every client does.
fn read_frame(stream: &mut Tls) -> Option<(u8, u8, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).ok()?];
    stream.read_exact(&mut payload).ok()?;
    if head[3] == PING && head[4] & ACK == 0 {
        stream.write_all(&frame(PING, ACK, 0, &payload)).ok()?;
        stream.flush().ok()?;
    }
    Some((head[3], head[8], payload))
}

#[test]
fn http2_is_held_to_one_reading() {
    run(&cases());
}

/// F08: each flood ends with the connection, and the next client is served.
#[test]
fn floods_end_the_connection_and_nobody_elses() {
    let demo = demo();
    let _alone = demo.alone();
    let field = |name: &str, value: &[u8]| vec![(name.to_owned(), value.to_vec())];
    let endless = {
        let mut bytes = frame(HEADERS, 0, 1, &block(&post()));
        for _ in 0..5_000 {
            bytes.extend(frame(CONTINUATION, 0, 1, &block(&field("x", &[b'a'; 100]))));
        }
        bytes
    };
    let resets: Vec<u8> = (0..20_000_u32)
        .flat_map(|at| {
            let mut bytes = frame(HEADERS, END_HEADERS, at * 2 + 1, &block(&post()));
            bytes.extend(frame(RST_STREAM, 0, at * 2 + 1, &[0, 0, 0, 8]));
            bytes
        })
        .collect();
    let empty = {
        let mut bytes = frame(HEADERS, END_HEADERS, 1, &block(&post()));
        for _ in 0..50_000 {
            bytes.extend(frame(DATA, 0, 1, &[]));
        }
        bytes
    };
    let settings: Vec<u8> = (0..50_000)
        .flat_map(|_| frame(SETTINGS, 0, 0, &[]))
        .collect();
    let before = demo.requests().len();
    for (name, bytes) in [
        ("CONTINUATION", endless),
        ("resets", resets),
        ("empty DATA", empty),
        ("SETTINGS", settings),
    ] {
        let mut stream = open(demo);
        let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
        let served = exchange(demo, &filled(demo), Some(b"[]"), &[]);
        assert_eq!(
            served.status(),
            400,
            "after {name}: another client's malformed body"
        );
    }
    assert_eq!(demo.requests().len(), before, "the CRM got a request");
}

fn filled(demo: &Demo) -> Fields {
    let fill = |value: Vec<u8>| {
        let text = String::from_utf8(value).expect("text");
        text.replace("{host}", &demo.host)
            .replace("{token}", &demo.token)
            .into_bytes()
    };
    post()
        .into_iter()
        .map(|(name, value)| (name, fill(value)))
        .collect()
}

#[test]
fn statuses_are_read_from_their_codes() {
    assert_eq!(code(&[0x88]), 200);
    assert_eq!(code(&[0x48, 0x03, b'4', b'1', b'3']), 413);
    // 403 and 201 as Huffman codes: 011010 00000 011001, 00010 00000 00001.
    assert_eq!(
        code(&[0x48, 0x83, 0b0110_1000, 0b0000_1100, 0b1111_1111]),
        403
    );
    assert_eq!(code(&[0x48, 0x82, 0b0001_0000, 0b0000_0011]), 201);
}
