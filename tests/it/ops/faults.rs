//! What can be wrong with an answer, as the bytes that come.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::crm::{Step, answer, raw};

pub const JSON: &str = "Content-Type: application/json\r\n";

pub type Faults = Vec<(&'static str, Vec<Step>)>;

/// The faults of an answer that would otherwise be `record`.
pub fn faults(record: &str) -> Faults {
    let body = record.as_bytes();
    [
        times(body),
        heads(body),
        lengths(body),
        kinds(body),
        codings(body),
    ]
    .concat()
}

fn head(lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{JSON}{lines}\r\n").into_bytes()
}

fn with(lines: &str, body: &[u8]) -> Vec<u8> {
    [&head(lines), body].concat()
}

fn sized(body: &[u8]) -> String {
    format!("Content-Length: {}\r\n", body.len())
}

/// It does not come, or not in time.
fn times(body: &[u8]) -> Faults {
    let sized = sized(body);
    let half = with(&sized, &body[..body.len() / 2]);
    let slow = Duration::from_millis(50);
    let interim = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(200);
    let start = b"HTTP/1.1 200 OK\r\n".to_vec();
    vec![
        ("no answer", vec![Step::Cut]),
        ("half a head", raw("HTTP/1.1 200 OK\r\nContent-Ty")),
        ("a stalled head", vec![Step::Write(start), Step::Stall]),
        ("a stalled body", vec![Step::Write(half), Step::Stall]),
        (
            "a body byte by byte",
            vec![
                Step::Write(head(&sized)),
                Step::Trickle(body.to_vec(), slow),
            ],
        ),
        (
            "interim answers without end",
            vec![Step::Trickle(interim, Duration::from_millis(5))],
        ),
    ]
}

/// Its head is none.
fn heads(body: &[u8]) -> Faults {
    let lines = |lines: &str| answer(200, &format!("{JSON}{lines}\r\n"), body);
    let after = |first: &str, lines: &str| {
        raw([
            first.as_bytes(),
            JSON.as_bytes(),
            lines.as_bytes(),
            b"\r\n",
            body,
        ]
        .concat())
    };
    vec![
        ("a zero in a header", lines("X: a\0b")),
        ("a name with a blank", lines("X y: b")),
        ("a header without a name", lines(": b")),
        (
            "a head that is too large",
            lines(&format!("X: {}", "a".repeat(1 << 20))),
        ),
        ("headers without number", lines(&"X: y\r\n".repeat(5000))),
        (
            "a status of two digits",
            after("HTTP/1.1 20 OK\r\n", &sized(body)),
        ),
        ("HTTP/0.9", raw(body)),
        ("HTTP/1.0", after("HTTP/1.0 200 OK\r\n", "")),
        (
            "HTTP/1.0 with a length",
            after("HTTP/1.0 200 OK\r\n", &sized(body)),
        ),
        (
            "an upgrade",
            raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        ),
    ]
}

/// Where it ends is not clear, or it does not come to its end.
fn lengths(body: &[u8]) -> Faults {
    let (sized, chunked) = (sized(body), "Transfer-Encoding: chunked\r\n");
    let chunk = [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat();
    let chunks = [&chunk[..], b"0\r\n\r\n"].concat();
    let huge = format!("{{\"Id\":\"{}\"}}", "a".repeat(9 << 20));
    let endless = head("Content-Length: 99999999999\r\n");
    vec![
        (
            "a shorter body than said",
            raw(with(&sized, &body[..body.len() - 1])),
        ),
        ("chunks without an end", raw(with(chunked, &chunk))),
        (
            "a chunk of no size",
            raw(with(chunked, b"zz\r\n{}\r\n0\r\n\r\n")),
        ),
        (
            "two lengths",
            raw(with(&format!("{sized}Content-Length: 2\r\n"), body)),
        ),
        (
            "the same length twice",
            raw(with(&format!("{sized}{sized}"), body)),
        ),
        (
            "a length and chunks",
            raw(with(&format!("{sized}{chunked}"), &chunks)),
        ),
        (
            "chunks twice",
            raw(with(&format!("{chunked}{chunked}"), &chunks)),
        ),
        ("no length at all", raw(with("", body))),
        (
            "a negative length",
            raw(with("Content-Length: -1\r\n", body)),
        ),
        ("more than the limit", answer(200, JSON, huge.as_bytes())),
        ("a length over the limit", vec![Step::Write(endless)]),
    ]
}

/// It is whole, and not what was asked for.
fn kinds(body: &[u8]) -> Faults {
    let page = b"<html>Maintenance</html>";
    let moved = format!("{JSON}Location: /login\r\n");
    vec![
        (
            "a redirect",
            answer(302, "Location: https://evil.example/\r\n", b""),
        ),
        ("a permanent redirect", answer(308, &moved, body)),
        ("a page", answer(200, "Content-Type: text/html\r\n", page)),
        ("a page that says it is JSON", answer(200, JSON, page)),
        (
            "two types",
            answer(200, &format!("{JSON}Content-Type: text/html\r\n"), body),
        ),
        ("half of JSON", answer(200, JSON, &body[..body.len() - 1])),
        ("two documents", answer(200, JSON, &[body, body].concat())),
        (
            "bytes that are no UTF-8",
            answer(200, JSON, b"{\"Id\":\"\xff\xfe\"}"),
        ),
    ]
}

/// It does not decode, or to far too much.
fn codings(body: &[u8]) -> Faults {
    let zipped = gzip(body);
    let coded = |coding: &str, body: &[u8]| {
        answer(200, &format!("{JSON}Content-Encoding: {coding}\r\n"), body)
    };
    vec![
        (
            "a gzip that breaks off",
            coded("gzip", &zipped[..zipped.len() - 9]),
        ),
        ("a gzip that is none", coded("gzip", body)),
        ("a gzip with a wrong sum", coded("gzip", &broken(&zipped))),
        ("a gzip bomb", coded("gzip", &gzip(&vec![b' '; 6 << 20]))),
        ("gzip in gzip", coded("gzip, gzip", &gzip(&zipped))),
        ("a coding of its own", coded("br", body)),
    ]
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// One bit of the checksum is wrong.
fn broken(zipped: &[u8]) -> Vec<u8> {
    let mut zipped = zipped.to_vec();
    let at = zipped.len() - 8;
    zipped[at] ^= 1;
    zipped
}
