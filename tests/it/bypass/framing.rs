//! F01, F03-F06, F08: bytes that two readers would cut differently.

use crate::bypass::case::{CONTACT, Case, Expect, raw};
use crate::bypass::runner::run;

pub fn cases() -> Vec<Case> {
    [
        smuggling(),
        bytes(),
        trailers(),
        early(),
        versions(),
        sizes(),
    ]
    .concat()
}

/// A body that is a whole request in itself: what smuggling would bring to the CRM.
const INNER: &str = "GET /services/data/v60.0/limits HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nX: {c}\r\n\r\n";

/// A POST of a contact with these header lines in the place of its framing, and this body.
fn post(lines: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {CONTACT} HTTP/1.1\r\nHost: {{host}}\r\nAuthorization: Bearer {{token}}\r\n\
         Content-Type: application/json\r\n{lines}\r\n{body}"
    )
    .into_bytes()
}

/// 29 bytes once the canary stands in it.
const PERSON: &str = "{\"LastName\":\"{c}\"}";
const CHUNKED: &str = "1d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n";

fn smuggling() -> Vec<Case> {
    const ROW: &str = "F01";
    let mut cases = Vec::new();
    // Length and coding together, in either order.
    for (name, lines) in [
        (
            "CL and TE",
            "Content-Length: 29\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "TE and CL",
            "Transfer-Encoding: chunked\r\nContent-Length: 29\r\n",
        ),
        (
            "CL 0 and TE",
            "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "CL of the chunks and TE",
            "Content-Length: 39\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "TE and CL 4",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        ),
    ] {
        cases.push(raw(ROW, name, post(lines, &format!("{CHUNKED}{INNER}"))));
    }
    // Codings that some readers take for chunked.
    for coding in [
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunkedx",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: 'chunked'",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding: cow",
        "Transfer-Encoding:",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding: chunked\x0b",
        "Transfer-Encoding: chun\u{17f}ed",
        "Transfer-Encoding: c hunked",
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "\tTransfer-Encoding: chunked",
        "X: y\r\n Transfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer_Encoding: chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: CHUNKED",
        "Transfer-Encoding: Chunked",
        "X\x00: y\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\rX: y",
        "Transfer\u{2010}Encoding: chunked",
        "Transfer-Encoding: chunked\x00",
    ] {
        let lines = format!("{coding}\r\nContent-Length: 39\r\n");
        cases.push(raw(
            ROW,
            &format!("{} with CL", coding.escape_debug()),
            post(&lines, CHUNKED),
        ));
        let lines = format!("{coding}\r\n");
        let case = raw(
            ROW,
            &format!("{} alone", coding.escape_debug()),
            post(&lines, CHUNKED),
        );
        cases.push(case.dropped());
    }
    // Lengths.
    for length in [
        "+29",
        "-29",
        "-0",
        "029",
        "0x1d",
        "2 9",
        "29,29",
        "29, 29",
        "29;x",
        "29.0",
        "2e1",
        "29 ",
        "",
        " ",
        "\u{ff12}\u{ff19}",
        "18446744073709551645",
        "99999999999999999999",
        "4294967325",
        "29\x0b",
        "29\x00",
        "\"29\"",
        "0b11101",
        "1_9",
        "twenty",
        "{c}",
    ] {
        let lines = format!("Content-Length: {length}\r\nConnection: close\r\n");
        cases.push(
            raw(
                ROW,
                &format!("CL {}", length.escape_debug()),
                post(&lines, PERSON),
            )
            .dropped(),
        );
    }
    for (name, lines) in [
        (
            "CL twice, the same",
            "Content-Length: 29\r\nContent-Length: 29\r\n",
        ),
        (
            "CL twice, longer last",
            "Content-Length: 29\r\nContent-Length: 140\r\n",
        ),
        (
            "CL twice, shorter last",
            "Content-Length: 29\r\nContent-Length: 0\r\n",
        ),
        ("CL behind a space", "Content-Length : 29\r\n"),
        ("CL folded", "Content-Length:\r\n 29\r\n"),
        ("CL with an underscore", "Content_Length: 29\r\n"),
        (
            "CL and another with an underscore",
            "Content-Length: 29\r\nContent_Length: 0\r\n",
        ),
        (
            "CL in a Connection",
            "Content-Length: 29\r\nConnection: content-length\r\n",
        ),
        (
            "Host in a Connection",
            "Content-Length: 29\r\nConnection: close, host\r\n",
        ),
        (
            "an Authorization in a Connection",
            "Content-Length: 29\r\nConnection: authorization\r\n",
        ),
        (
            "a second Authorization",
            "Content-Length: 29\r\nAuthorization: Bearer x\r\n",
        ),
        (
            "a second Content-Type",
            "Content-Length: 29\r\nContent-Type: text/plain\r\n",
        ),
    ] {
        cases.push(raw(ROW, name, post(lines, &format!("{PERSON}{INNER}"))));
    }
    // Chunks.
    for (name, chunks) in [
        (
            "a size with 0x",
            "0x1d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a negative size",
            "-1d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size with a plus",
            "+1d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size behind a space",
            " 1d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size before a space",
            "1d \r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size before a tab",
            "1d\t\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size with underscores",
            "1_d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size of many digits",
            "0000000000000000000000000000001d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size beyond 64 bits",
            "1000000000000001d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size beyond 32 bits",
            "10000001d\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        ("no size", "\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n"),
        (
            "a size that is too small",
            "1c\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "an extension",
            "1d;x={c}\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "an extension with a line end",
            "1d;x=\"\r\n\"\r\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "an extension with LF",
            "1d;x\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size before LF",
            "1d\n{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        (
            "a size before CR",
            "1d\r{\"LastName\":\"{c}\"}\r\n0\r\n\r\n",
        ),
        ("data before LF", "1d\r\n{\"LastName\":\"{c}\"}\n0\r\n\r\n"),
        (
            "data before nothing",
            "1d\r\n{\"LastName\":\"{c}\"}0\r\n\r\n",
        ),
        (
            "data before two bytes",
            "1d\r\n{\"LastName\":\"{c}\"}xx0\r\n\r\n",
        ),
        (
            "a last chunk of LF",
            "1d\r\n{\"LastName\":\"{c}\"}\r\n0\n\n",
        ),
        (
            "a last chunk of two digits",
            "1d\r\n{\"LastName\":\"{c}\"}\r\n00\r\n\r\n",
        ),
        (
            "a last chunk with an extension",
            "1d\r\n{\"LastName\":\"{c}\"}\r\n0;{c}\r\n\r\n",
        ),
        ("no chunks at all", PERSON),
    ] {
        let lines = "Transfer-Encoding: chunked\r\n";
        cases.push(raw(ROW, &format!("chunks: {name}"), post(lines, chunks)).dropped());
    }
    let lines = "Content-Length: 29\r\nConnection: close\r\n";
    cases.push(raw(ROW, "a length", post(lines, PERSON)).expect(Expect::Allowed));
    let lines = "Transfer-Encoding: chunked\r\nConnection: close\r\n";
    cases.push(raw(ROW, "chunks", post(lines, CHUNKED)).expect(Expect::Allowed));
    let parts = "d\r\n{\"LastName\":\"\r\ne\r\n{c}\r\n2\r\n\"}\r\n0\r\n\r\n";
    cases.push(raw(ROW, "several chunks", post(lines, parts)).expect(Expect::Allowed));
    cases
}

fn bytes() -> Vec<Case> {
    const ROW: &str = "F03";
    let framed = |line: &str| {
        post(
            &format!("Content-Length: 29\r\nConnection: close\r\n{line}"),
            PERSON,
        )
    };
    let mut cases = Vec::new();
    for line in [
        "X: a\nY: b\r\n",
        "X: a\rY: b\r\n",
        "X: a\r\r\n",
        "\nX: a\r\n",
        "X: a\r\n b\r\n",
        "X: a\r\n\tb\r\n",
        "X: a\x00b\r\n",
        "X: \x01\r\n",
        "X: \x7f\r\n",
        "X: \u{e9}\r\n",
        "X : a\r\n",
        "X\t: a\r\n",
        "X a\r\n",
        ": a\r\n",
        "X(: a\r\n",
        "X@: a\r\n",
        "X y: a\r\n",
        "\u{e9}: a\r\n",
        "X\x00: a\r\n",
        "{X}: a\r\n",
        "\"X\": a\r\n",
        "X: {c}\u{85}\r\n",
        "X;y: a\r\n",
        "X/y: a\r\n",
        "X=y: a\r\n",
    ] {
        cases.push(raw(
            ROW,
            &format!("a field {}", line.escape_debug()),
            framed(line),
        ));
    }
    for (name, line) in [
        (
            "a space before the method",
            " POST /services/data/v60.0/sobjects/Contact HTTP/1.1\r\n",
        ),
        (
            "two spaces",
            "POST  /services/data/v60.0/sobjects/Contact HTTP/1.1\r\n",
        ),
        (
            "a tab",
            "POST\t/services/data/v60.0/sobjects/Contact HTTP/1.1\r\n",
        ),
        (
            "a space behind the version",
            "POST /services/data/v60.0/sobjects/Contact HTTP/1.1 \r\n",
        ),
        (
            "LF behind the version",
            "POST /services/data/v60.0/sobjects/Contact HTTP/1.1\n",
        ),
        (
            "CR behind the version",
            "POST /services/data/v60.0/sobjects/Contact HTTP/1.1\r",
        ),
        (
            "a space in the target",
            "POST /services/data/v60.0/sobjects/Contact x HTTP/1.1\r\n",
        ),
        (
            "NUL in the target",
            "POST /services/data/v60.0/sobjects/Contact\x00 HTTP/1.1\r\n",
        ),
        (
            "a byte of 8 bits in the target",
            "POST /services/data/v60.0/sobjects/Cont\u{e5}ct HTTP/1.1\r\n",
        ),
        (
            "a control character in the method",
            "PO\x01ST /services/data/v60.0/sobjects/Contact HTTP/1.1\r\n",
        ),
        (
            "CR in the target",
            "POST /services/data/v60.0/sobjects/Contact\rX: HTTP/1.1\r\n",
        ),
    ] {
        let rest = "Host: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 29\r\n\r\n";
        cases.push(raw(ROW, name, format!("{line}{rest}{PERSON}")));
    }
    let bare = String::from_utf8(framed(""))
        .expect("ASCII")
        .replace("\r\n", "\n");
    cases.push(raw(ROW, "LF everywhere", bare));
    let bare = String::from_utf8(framed(""))
        .expect("ASCII")
        .replace("\r\n", "\r");
    cases.push(raw(ROW, "CR everywhere", bare).dropped());
    cases.push(raw(ROW, "bytes", b"\x80\x81{c}\x00\r\n\r\n"));
    cases.push(raw(ROW, "a TLS record", b"\x16\x03\x01\x02\x00{c}\r\n\r\n"));
    cases.push(raw(ROW, "the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\n"));
    cases.push(raw(ROW, "a plain field", framed("X: {c}\r\n")).expect(Expect::Allowed));
    cases
}

fn trailers() -> Vec<Case> {
    const ROW: &str = "F04";
    let lines = "Transfer-Encoding: chunked\r\nConnection: close\r\n";
    let mut cases = Vec::new();
    for trailer in [
        "X: {c}",
        "Content-Length: 0",
        "Transfer-Encoding: chunked",
        "Authorization: Bearer x",
        "Host: evil.example.nl",
        "Content-Type: text/plain",
        "X-HTTP-Method-Override: DELETE",
        "Cookie: sid={c}",
        "Content-Encoding: gzip",
        "X: a\nY: b",
        "X : a",
        " X: a",
        "X",
        ": a",
        "X: \x00",
    ] {
        let chunks = format!("1d\r\n{PERSON}\r\n0\r\n{trailer}\r\n\r\n");
        let name = format!("a trailer {}", trailer.escape_debug());
        cases.push(raw(ROW, &name, post(lines, &chunks)));
    }
    let announced = format!("{lines}Trailer: X\r\n");
    let chunks = format!("1d\r\n{PERSON}\r\n0\r\nX: {{c}}\r\n\r\n");
    cases.push(raw(ROW, "an announced trailer", post(&announced, &chunks)));
    cases.push(raw(ROW, "no trailer", post(lines, CHUNKED)).expect(Expect::Allowed));
    cases
}

fn early() -> Vec<Case> {
    const ROW: &str = "F05";
    let framed = "Content-Length: 29\r\n";
    let mut cases = Vec::new();
    for (name, lines) in [
        (
            "an upgrade to h2c",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        ),
        (
            "an upgrade to a web socket",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n",
        ),
        (
            "an upgrade to TLS",
            "Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n",
        ),
        ("an upgrade without a Connection", "Upgrade: websocket\r\n"),
        ("a Connection to upgrade", "Connection: Upgrade\r\n"),
        ("an unknown expectation", "Expect: 200-ok\r\n"),
        ("an expectation with more", "Expect: 100-continue, x\r\n"),
        (
            "two expectations",
            "Expect: 100-continue\r\nExpect: 100-continue\r\n",
        ),
        (
            "settings of HTTP/2 alone",
            "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        ),
        ("a TE field", "TE: trailers\r\n"),
    ] {
        // The bytes behind it are what the other protocol would begin with.
        let bytes = post(&format!("{framed}{lines}"), &format!("{PERSON}{INNER}"));
        cases.push(raw(ROW, name, bytes));
    }
    cases.push(
        raw(
            ROW,
            "an expectation without a body",
            post("Expect: 100-continue\r\n", ""),
        )
        .dropped(),
    );
    let cut = post("Content-Length: 2900\r\n", PERSON);
    cases.push(raw(ROW, "a body that does not come whole", cut).dropped());
    let cut = post(
        "Transfer-Encoding: chunked\r\n",
        "1d\r\n{\"LastName\":\"{c}\"}\r\n",
    );
    cases.push(raw(ROW, "chunks that do not end", cut).dropped());
    let bytes = post("Content-Length: 29\r\nConnection: close\r\n", PERSON);
    cases.push(raw(ROW, "one request", bytes).expect(Expect::Allowed));
    cases
}

fn versions() -> Vec<Case> {
    const ROW: &str = "F06";
    let rest =
        "Host: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n";
    let mut cases = Vec::new();
    for version in [
        "HTTP/1.0",
        "HTTP/0.9",
        "HTTP/1.2",
        "HTTP/2.0",
        "HTTP/2",
        "HTTP/3.0",
        "http/1.1",
        "Http/1.1",
        "HTTP/01.1",
        "HTTP/1.10",
        "HTTP/1,1",
        "HTTP/1",
        "HTTP/",
        "HTTP",
        "HTTPS/1.1",
        "ICAP/1.0",
        "RTSP/1.0",
        "HTTP/1.1x",
        "HTTP /1.1",
        "",
    ] {
        for (name, framing) in [
            ("a length", "Content-Length: 29\r\n\r\n"),
            ("chunks", "Transfer-Encoding: chunked\r\n\r\n"),
        ] {
            let body = if name == "chunks" { CHUNKED } else { PERSON };
            let bytes = format!("POST {CONTACT} {version}\r\n{rest}{framing}{body}");
            cases.push(raw(ROW, &format!("{version} with {name}"), bytes).dropped());
        }
    }
    cases.push(raw(ROW, "a line of two words", "GET /services/data\r\n\r\n").dropped());
    let bytes = format!(
        "POST {CONTACT} HTTP/1.1\r\n{rest}Connection: close\r\nContent-Length: 29\r\n\r\n{PERSON}"
    );
    cases.push(raw(ROW, "HTTP/1.1", bytes).expect(Expect::Allowed));
    cases
}

fn sizes() -> Vec<Case> {
    const ROW: &str = "F08";
    let framed = "Content-Length: 29\r\nConnection: close\r\n";
    let many = |count: usize| {
        (0..count)
            .map(|at| format!("X-{at}: {{c}}\r\n"))
            .collect::<String>()
    };
    let long = "a".repeat(64 << 10);
    let target = format!(
        "GET /services/data/v60.0/query?q={long} HTTP/1.1\r\nHost: {{host}}\r\nAuthorization: Bearer {{token}}\r\n\r\n"
    );
    vec![
        raw(
            ROW,
            "200 fields",
            post(&format!("{framed}{}", many(200)), PERSON),
        ),
        raw(
            ROW,
            "10,000 fields",
            post(&format!("{framed}{}", many(10_000)), PERSON),
        )
        .dropped(),
        raw(
            ROW,
            "a long field",
            post(&format!("{framed}X: {long}\r\n"), PERSON),
        )
        .dropped(),
        raw(
            ROW,
            "a long field's name",
            post(&format!("{framed}{long}: x\r\n"), PERSON),
        )
        .dropped(),
        raw(ROW, "a long target", target).dropped(),
        raw(ROW, "a long method", format!("{long} / HTTP/1.1\r\n\r\n")).dropped(),
        raw(
            ROW,
            "a line without an end",
            format!("GET /{}", "a".repeat(1 << 20)),
        )
        .dropped(),
        raw(
            ROW,
            "a large body",
            post("Content-Length: 2000000000\r\n", PERSON),
        ),
        raw(
            ROW,
            "20 fields",
            post(&format!("{framed}{}", many(20)), PERSON),
        )
        .expect(Expect::Allowed),
    ]
}

#[test]
fn ambiguous_framing_is_refused() {
    run(&smuggling());
}

#[test]
fn bytes_outside_the_grammar_are_refused() {
    run(&bytes());
    run(&versions());
}

#[test]
fn trailers_and_early_bytes_are_refused() {
    run(&trailers());
    run(&early());
}

#[test]
fn heads_without_end_are_refused() {
    run(&sizes());
}
