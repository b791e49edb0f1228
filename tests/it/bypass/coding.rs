//! E01-E04: bodies in another coding, and bodies that grow.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::bypass::case::{CONTACT, Case, PERSON, call};
use crate::bypass::runner::run;
use crate::bypass::support::demo;

pub fn cases() -> Vec<Case> {
    [codings(), bombs(), parts()].concat()
}

/// What is compressed cannot have its place filled, so it has a canary of its own.
const KNOWN: &[u8] = br#"{"LastName":"Zwqkanarie9998"}"#;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

fn coded(row: &'static str, name: &str, coding: &str, body: &[u8]) -> Case {
    let case = call(row, name, "POST", CONTACT).with(("Content-Type", "application/json"));
    case.with(("Content-Encoding", coding)).body(body)
}

fn codings() -> Vec<Case> {
    const ROW: &str = "E01";
    let mut cases = Vec::new();
    for coding in [
        "br",
        "zstd",
        "x-gzip",
        "compress",
        "x-compress",
        "lzma",
        "exi",
        "pack200-gzip",
        "gzip, gzip",
        "gzip,br",
        "identity, gzip",
        "gzip, identity",
        "gzip;q=1",
        "gzipx",
        "\"gzip\"",
        "g zip",
        "",
        "*",
        "none",
        "utf-8",
        "base64",
        "aes128gcm",
        "dcb",
        "{c}",
    ] {
        cases.push(coded(
            ROW,
            &format!("{coding} over gzip"),
            coding,
            &gzip(KNOWN),
        ));
        cases.push(coded(
            ROW,
            &format!("{coding} over plain JSON"),
            coding,
            PERSON.as_bytes(),
        ));
    }
    let mut cut = gzip(KNOWN);
    cut.truncate(cut.len() - 9);
    let mut wrong = gzip(KNOWN);
    let at = wrong.len() - 6;
    wrong[at] ^= 1;
    let tail = |bytes: &[u8]| [gzip(KNOWN).as_slice(), bytes].concat();
    for (name, coding, body) in [
        ("gzip over plain JSON", "gzip", PERSON.as_bytes().to_vec()),
        ("gzip, cut", "gzip", cut),
        ("gzip with a wrong checksum", "gzip", wrong),
        ("gzip with a tail", "gzip", tail(b"{c}")),
        ("gzip with zeros behind", "gzip", tail(b"\0\0\0\0")),
        ("gzip of two members", "gzip", tail(&gzip(b" "))),
        ("gzip twice", "gzip", gzip(&gzip(KNOWN))),
        ("gzip of nothing", "gzip", gzip(b"")),
        ("nothing as gzip", "gzip", vec![]),
        ("zlib as gzip", "gzip", zlib(KNOWN)),
        ("gzip as deflate", "deflate", gzip(KNOWN)),
        ("raw deflate", "deflate", deflate(KNOWN)),
        ("gzip that says nothing", "identity", gzip(KNOWN)),
        ("deflate that says nothing", "identity", zlib(KNOWN)),
        ("gzip of UTF-16", "gzip", gzip(b"\xff\xfe{\0}\0")),
        (
            "gzip of two keys",
            "gzip",
            gzip(br#"{"LastName":"x","LastName":"Zwqkanarie9997"}"#),
        ),
        (
            "gzip of an unknown field",
            "gzip",
            gzip(br#"{"LastName":"x","Q__c":"Zwqkanarie9996"}"#),
        ),
    ] {
        cases.push(coded(ROW, name, coding, &body));
    }
    cases.push(coded(ROW, "two fields", "gzip", &gzip(KNOWN)).with(("Content-Encoding", "gzip")));
    cases.push(coded(ROW, "gzip", "gzip", &gzip(KNOWN)).allowed());
    cases.push(coded(ROW, "GZIP", "GZIP", &gzip(KNOWN)).allowed());
    cases.push(coded(ROW, "deflate", "deflate", &zlib(KNOWN)).allowed());
    cases.push(coded(ROW, "identity", "identity", PERSON.as_bytes()).allowed());
    cases
}

fn bombs() -> Vec<Case> {
    const ROW: &str = "E02";
    let blank = |bytes: usize| {
        let mut body = vec![b' '; bytes];
        body.extend(KNOWN);
        body
    };
    let mut cases = Vec::new();
    for (name, body) in [
        ("1:1000", gzip(&blank(1 << 20))),
        ("1:1000 of 16 MB", gzip(&blank(16 << 20))),
        ("1:1000 twice over", gzip(&gzip(&blank(16 << 20)))),
        ("of many members", gzip(&blank(1 << 16)).repeat(100)),
    ] {
        cases.push(coded(ROW, name, "gzip", &body));
    }
    cases.push(coded(
        ROW,
        "zlib of 16 MB",
        "deflate",
        &zlib(&blank(16 << 20)),
    ));
    cases.push(coded(ROW, "1:10", "gzip", &gzip(&blank(300))).allowed());
    cases
}

fn parts() -> Vec<Case> {
    const ROW: &str = "E03";
    let mut cases = Vec::new();
    for coding in [
        "base64",
        "quoted-printable",
        "8bit",
        "binary",
        "7bit",
        "x-uuencode",
    ] {
        let case = call(ROW, &format!("the request as {coding}"), "POST", CONTACT);
        let case = case.with(("Content-Type", "application/json"));
        let case = case.with(("Content-Transfer-Encoding", coding));
        // eyJMYXN0TmFtZSI6InoifQ== is {"LastName":"z"}
        cases.push(case.body(b"eyJMYXN0TmFtZSI6InoifQ=="));
        let parts = format!(
            "--b\r\nContent-Disposition: form-data; name=\"entity_content\"\r\nContent-Type: application/json\r\n\
             Content-Transfer-Encoding: {coding}\r\nContent-Encoding: gzip\r\n\r\n{{c}}\r\n--b--\r\n"
        );
        let case = call(
            ROW,
            &format!("a part as {coding}"),
            "POST",
            "/services/data/v60.0/sobjects/ContentVersion",
        );
        let kind = ("Content-Type", "multipart/form-data; boundary=b");
        cases.push(case.with(kind).body(parts.as_bytes()));
    }
    let case = call(ROW, "JSON", "POST", CONTACT).with(("Content-Type", "application/json"));
    cases.push(case.body(PERSON.as_bytes()).allowed());
    cases
}

#[test]
fn bodies_are_decoded_or_refused() {
    run(&codings());
    run(&bombs());
    run(&parts());
}

/// E04: what is revealed is not compressed beside what an attacker chose.
#[test]
fn revealed_answers_are_not_compressed() {
    let demo = demo();
    let _alone = demo.alone();
    for accepted in ["gzip", "br", "deflate", "zstd", "gzip, br, zstd", "*"] {
        let target =
            "/services/data/v60.0/query?q=SELECT%20Id%2CLastName%20FROM%20Contact%20LIMIT%205";
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept-Encoding: {accepted}\r\nConnection: close\r\n\r\n",
            demo.host, demo.token
        );
        let answer = demo.exchange(request.as_bytes());
        let text = answer.text().to_ascii_lowercase();
        assert_eq!(answer.status(), 200, "{text}");
        assert!(!text.contains("content-encoding"), "{accepted}: {text}");
        assert!(text.contains("cache-control: no-store"), "{accepted}");
    }
}
