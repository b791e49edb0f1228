//! Requests of real clients (simple-salesforce, salesforce-bulk, jsforce, the Salesforce CLI), sent again as they
//! were recorded: each is answered or refused, and none brings a value to the CRM.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::bypass::support::demo;

const CAPTURES: &[(&str, &str)] = &[
    (
        "simple-salesforce",
        include_str!("../../fixtures/captures/simple-salesforce.jsonl"),
    ),
    (
        "jsforce",
        include_str!("../../fixtures/captures/jsforce.jsonl"),
    ),
    (
        "salesforce-bulk",
        include_str!("../../fixtures/captures/salesforce-bulk.jsonl"),
    ),
    (
        "sf-cli",
        include_str!("../../fixtures/captures/sf-cli.jsonl"),
    ),
];

/// The personal values in them.
const VALUES: &[&str] = &[
    "jan@example.nl",
    "jan+x@example.nl",
    "de Vries",
    "+31 6",
    "+31612345678",
    "x@y.nl",
    "a@b.nl",
    "O\"Neil",
    "HIV",
    "FIND {",
];

#[test]
fn the_requests_of_real_clients_leave_nothing_behind() {
    let demo = demo();
    let _alone = demo.alone();
    let mut wrong = Vec::new();
    let mut answered = 0;
    let mut refused = 0;
    for (client, lines) in CAPTURES {
        for line in lines.lines() {
            let request: Value = serde_json::from_str(line).expect("a capture");
            let name = format!("{client}: {} {}", request["method"], request["target"]);
            let before = demo.requests().len();
            let answer = demo.exchange(&bytes(&request, &demo.host, &demo.token));
            match answer.status() {
                200..300 => answered += 1,
                // Also what the CRM itself answers of records that are not there.
                400..500 if answer.status() != 401 => refused += 1,
                status => wrong.push(format!("{name}: {status} {}", answer.text())),
            }
            for sent in demo.requests().iter().skip(before) {
                let sent = sent.to_string();
                let target = percent_decode_str(&sent.replace('+', " "))
                    .decode_utf8_lossy()
                    .into_owned();
                for value in VALUES {
                    if sent.contains(value) || target.contains(value) {
                        wrong.push(format!("LEAK {value}: {name}: {sent}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(answered >= 30, "{answered} answered, {refused} refused");
}

fn bytes(request: &Value, host: &str, token: &str) -> Vec<u8> {
    let text = |name: &str| request[name].as_str().expect("text");
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n",
        text("method"),
        text("target")
    );
    for header in request["headers"].as_array().expect("headers") {
        let (name, value) = (header[0].as_str(), header[1].as_str());
        // Bodies were recorded decoded.
        if name.is_some_and(|name| !name.eq_ignore_ascii_case("content-encoding")) {
            head.push_str(&format!(
                "{}: {}\r\n",
                name.unwrap_or_default(),
                value.unwrap_or_default()
            ));
        }
    }
    let body = text("body");
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    format!("{head}\r\n{body}").into_bytes()
}
