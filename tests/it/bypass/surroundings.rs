//! A06, A07, N01, N03, N05, N06, N08, O01, K01, K03: what surrounds a request.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;

use crate::bypass::case::{CONTACT, Case, D, Expect, PERSON, call, get, person, raw, send};
use crate::bypass::runner::{run, search};
use crate::bypass::support::{Demo, demo};

pub fn cases() -> Vec<Case> {
    [sessions(), links(), upstreams(), listeners()].concat()
}

/// Sessions that are not the border's own.
fn sessions() -> Vec<Case> {
    const ROW: &str = "A06";
    const STATUSES: &[u16] = &[400, 401, 403];
    let mut cases = Vec::new();
    for value in [
        "Bearer 00D000000000001!AQEAQFAKE.{c}",
        "Bearer {c}",
        "Bearer",
        "Bearer ",
        "Basic e2N9OnB3",
        "Basic {c}",
        "Bearer {token}x",
        "Bearer {token} {c}",
        "Bearer {token},{c}",
        "bearer={token}",
        "Token {token}",
        "Negotiate {c}",
        "{token}",
        "Bearer \"{token}\"",
        "Digest username={c}",
        "MAC id={c}",
        "",
    ] {
        let case = person(ROW, &format!("Authorization: {value}"), PERSON);
        cases.push(case.with(("Authorization", value)).refused(STATUSES));
    }
    for header in [
        ("Cookie", "sid={token}"),
        ("X-SFDC-Session", "{token}"),
        ("Sforce-Session-Id", "{token}"),
        ("X-Authorization", "Bearer {token}"),
    ] {
        let case = person(ROW, &format!("{} instead", header.0), PERSON)
            .with(("Authorization", "Bearer x"));
        cases.push(case.with(header).refused(STATUSES));
    }
    let request = format!(
        "POST {CONTACT} HTTP/1.1\r\nHost: {{host}}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: 29\r\n\r\n{PERSON}"
    );
    cases.push(raw(ROW, "no Authorization", request).refused(STATUSES));
    cases.push(person(ROW, "a token of the border", PERSON).allowed());
    // Salesforce takes both words.
    let old = person(ROW, "a token of the border as OAuth", PERSON);
    cases.push(old.with(("Authorization", "OAuth {token}")).allowed());
    cases
}

/// Answers that have links in them; the runner looks for the CRM's names in all of them.
fn links() -> Vec<Case> {
    const ROW: &str = "A07";
    let mut cases = Vec::new();
    for target in [
        "/services/data",
        "/services/data/v60.0",
        "/services/data/v60.0/sobjects",
        "/services/data/v60.0/sobjects/Contact",
        "/services/data/v60.0/sobjects/Contact/describe",
        "/services/data/v60.0/sobjects/User/describe",
        "/services/data/v60.0/limits",
        "/services/data/v60.0/recent",
        "/services/data/v60.0/query?q=SELECT%20FIELDS(ALL)%20FROM%20Organization%20LIMIT%201",
        "/services/data/v60.0/query?q=SELECT%20Id%2CName%20FROM%20Contact",
    ] {
        cases.push(get(ROW, target, target).allowed());
    }
    cases.push(get(ROW, "who the token is", "/services/oauth2/userinfo").expect(Expect::Answered));
    let identity = "/id/00D000000000001AAA/005000000000001AAA?oauth_token={c}";
    cases.push(get(ROW, "the token in the URL of the identity", identity).expect(Expect::Answered));
    cases
}

fn upstreams() -> Vec<Case> {
    const ROW: &str = "N01";
    let mut cases = Vec::new();
    for target in [
        "http://169.254.169.254/latest/meta-data/{c}",
        "https://evil.example.nl/{c}",
        "http://localhost:1/{c}",
        "file:///etc/passwd",
        "gopher://127.0.0.1:1/{c}",
        "//169.254.169.254/{c}",
        "/http://evil.example.nl/{c}",
        "/https:%2F%2Fevil.example.nl/{c}",
        "@evil.example.nl/{c}",
        ":1/{c}",
        ".evil.example.nl/{c}",
    ] {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {{host}}\r\nAuthorization: Bearer {{token}}\r\nConnection: close\r\n\r\n"
        );
        cases.push(raw(ROW, target, request).refused(&[400, 403, 404, 421]));
    }
    for parameter in [
        "instance_url",
        "endpoint",
        "url",
        "serverUrl",
        "target",
        "proxy",
        "host",
    ] {
        let target = format!("{D}/limits?{parameter}=https://evil.example.nl/{{c}}");
        cases.push(get(ROW, parameter, &target));
    }
    for header in [
        "X-Sforce-Instance-Url",
        "SFDC-Endpoint",
        "SalesforceProxy-Endpoint",
        "X-Forwarded-Host",
        "X-Upstream",
    ] {
        let case = person(ROW, &format!("{header} chooses nothing"), PERSON);
        cases.push(case.with((header, "https://evil.example.nl/{c}")).allowed());
    }
    cases
}

fn listeners() -> Vec<Case> {
    const ROW: &str = "N05";
    let mut cases = Vec::new();
    for path in [
        "/metrics",
        "/healthz",
        "/readyz",
        "/livez",
        "/health",
        "/status",
        "/debug/pprof",
        "/debug/vars",
        "/_dump",
        "/_requests",
        "/_reset",
        "/console",
        "/admin",
        "/actuator/env",
        "/server-status",
        "/.env",
        "/.git/config",
        "/api",
        "/graphql",
        "/swagger.json",
        "/login",
        "/favicon.ico",
        "/robots.txt",
        "/",
        "/index.html",
        "/services",
        "/services/",
        "/portal",
    ] {
        cases.push(get(ROW, path, path).refused(&[400, 401, 403, 404]));
        let case = call(ROW, &format!("POST {path}"), "POST", path).body(b"{c}");
        cases.push(case.refused(&[400, 401, 403, 404, 405]));
    }
    cases.push(send(ROW, "the border's own work", "POST", CONTACT, PERSON).allowed());
    cases
}

#[test]
fn only_the_borders_own_sessions_are_taken() {
    run(&sessions());
}

#[test]
fn answers_do_not_lead_past_the_border() {
    run(&links());
}

#[test]
fn the_upstream_is_nobodys_choice() {
    run(&upstreams());
}

#[test]
fn the_public_listener_has_nothing_but_the_border() {
    run(&listeners());
}

/// N03, N08: what does not begin a TLS handshake gets no answer in plain.
#[test]
fn the_border_speaks_tls_only() {
    let demo = demo();
    let _alone = demo.alone();
    let before = demo.requests().len();
    for (name, bytes) in [
        (
            "plain HTTP",
            b"GET /services/data HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        ),
        (
            "the PROXY protocol",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\nGET / HTTP/1.1\r\n\r\n".to_vec(),
        ),
        (
            "its binary form",
            b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\0\x01\x01\xbb"
                .to_vec(),
        ),
        (
            "HTTP/2 in plain",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        ),
        ("TLS 1.0", hello([3, 1])),
        ("TLS 1.1", hello([3, 2])),
        ("SSL 3", hello([3, 0])),
    ] {
        let mut stream = plain(demo);
        stream.write_all(&bytes).expect("bytes");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "{name}: an answer in plain");
        // A server hello is a handshake record (22); an alert (21) or nothing is a refusal.
        assert_ne!(answer.first(), Some(&22), "{name}: a handshake begins");
    }
    assert_eq!(demo.requests().len(), before);
    assert!(demo.connect("http/1.1", "localhost").is_ok(), "the control");
}

fn plain(demo: &Demo) -> TcpStream {
    let port = demo.port().parse::<u16>().expect("a port");
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(12)))
        .expect("a limit");
    stream
}

/// A client hello (RFC 5246, section 7.4.1.2) of an old version with a suite of its time.
fn hello(version: [u8; 2]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([7; 32]); // random
    body.push(0); // no session
    body.extend([0, 4, 0xc0, 0x13, 0, 0x2f]); // ECDHE_RSA and RSA with AES-128-CBC-SHA
    body.extend([1, 0]); // no compression
    let length = u16::try_from(body.len()).expect("short").to_be_bytes();
    let mut handshake = vec![1, 0];
    handshake.extend(length);
    handshake.extend(body);
    let length = u16::try_from(handshake.len()).expect("short").to_be_bytes();
    let mut record = vec![22, version[0], version[1]];
    record.extend(length);
    record.extend(handshake);
    record
}

/// N06: a replayed first flight cannot carry a request.
#[test]
fn a_resumed_session_has_no_early_data() {
    let demo = demo();
    let _alone = demo.alone();
    let mut config = ClientConfig::clone(&demo.tls("http/1.1"));
    config.enable_early_data = true;
    let config = Arc::new(config);
    for _ in 0..2 {
        let name = "localhost".try_into().expect("a name");
        let mut connection = ClientConnection::new(Arc::clone(&config), name).expect("a client");
        assert!(connection.early_data().is_none(), "early data is offered");
        let mut stream = StreamOwned::new(connection, plain(demo));
        let request = format!(
            "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            demo.host
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.starts_with(b"HTTP/1.1 4"), "the control");
    }
}

/// N05: the status listener has states and counts, and no page of the border.
#[test]
fn the_status_listener_has_no_secrets() {
    let demo = demo();
    let _alone = demo.alone();
    let metrics = demo.status_page("/metrics");
    assert!(metrics.contains("sluis"), "the control: {metrics}");
    for secret in [
        &demo.token,
        demo.client["client_secret"]
            .as_str()
            .unwrap_or("client_secret"),
    ] {
        assert!(!metrics.contains(secret));
    }
}

/// O01: the log is written at its most talkative, and no canary of any case stands in it.
#[test]
fn no_canary_is_in_logs_or_metrics() {
    run(&[
        person("O01", "a value", PERSON).allowed(),
        person("O01", "a refused value", r#"{"Q__c":"{c}"}"#),
    ]);
    let demo = demo();
    let _alone = demo.alone();
    let mut wrong = Vec::new();
    search(demo, &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sinks = demo.sinks();
    let log = sinks
        .iter()
        .find(|(name, _)| *name == "the log")
        .map(|(_, log)| log);
    let log = String::from_utf8_lossy(log.expect("a log")).into_owned();
    assert!(log.lines().count() > 5, "the control: nothing is logged");
    assert!(!log.contains(&demo.token), "the log has a token");
}

/// K03: equal values get tokens of their own, unless policy makes them stable, and never a plain
/// hash.
#[test]
fn equal_values_do_not_show() {
    let demo = demo();
    let _alone = demo.alone();
    let (name, mail) = ("Zwqkanarie de Wit", "zwqkanarie.de.wit@example.nl");
    let body = format!(
        r#"{{"LastName":"{name}","FirstName":"{name}","Title":"{name}","MailingCity":"{name}","Email":"{mail}"}}"#
    );
    let request = format!(
        "POST {CONTACT} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        demo.host,
        demo.token,
        body.len()
    );
    let before = demo.requests().len();
    for _ in 0..2 {
        let answer = demo.exchange(request.as_bytes());
        assert_eq!(answer.status(), 201, "{}", answer.text());
    }
    let sent: Vec<Value> = demo.requests()[before..]
        .iter()
        .map(|request| {
            serde_json::from_str(request["body"].as_str().expect("a body")).expect("JSON")
        })
        .collect();
    let mut tokens: Vec<&str> = sent
        .iter()
        .flat_map(|body| {
            ["LastName", "FirstName", "Title", "MailingCity"]
                .map(|field| body[field].as_str().expect("a token"))
        })
        .collect();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 8, "{tokens:?}");
    assert_eq!(
        sent[0]["Email"], sent[1]["Email"],
        "the control: a stable token"
    );
    let all = format!("{sent:?}").to_ascii_lowercase();
    for value in [name, mail] {
        for algorithm in [
            &aws_lc_rs::digest::SHA256,
            &aws_lc_rs::digest::SHA512,
            &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        ] {
            let digest = aws_lc_rs::digest::digest(algorithm, value.as_bytes());
            let digest = data_encoding::HEXLOWER.encode(digest.as_ref());
            assert!(!all.contains(&digest[..12]), "a hash of the value");
        }
    }
}

/// K01: no two values are sealed with one nonce, whatever their keys.
#[test]
fn no_nonce_is_used_twice() {
    run(&[person(
        "K01",
        "values",
        r#"{"LastName":"{c}","FirstName":"{c}","Phone":"{c}"}"#,
    )
    .allowed()]);
    let demo = demo();
    let _alone = demo.alone();
    let mut nonces: Vec<Vec<u8>> = Vec::new();
    for path in files(&demo.folder) {
        if path.file_name().is_none_or(|name| name != "vault.db") {
            continue;
        }
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let vault = rusqlite::Connection::open_with_flags(path, flags).expect("the vault");
        let all = "SELECT nonce FROM token UNION ALL SELECT nonce FROM held";
        let mut statement = vault.prepare(all).expect("the vault's tables");
        let rows = statement.query_map([], |row| row.get(0)).expect("nonces");
        nonces.extend(
            rows.map(|nonce| nonce.expect("a nonce"))
                .filter(|nonce: &Vec<u8>| !nonce.is_empty()),
        );
    }
    let count = nonces.len();
    assert!(count > 100, "the control: {count} nonces");
    assert!(nonces.iter().all(|nonce| nonce.len() == 12), "96 bits");
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), count);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
