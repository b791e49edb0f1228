//! Requests of real clients (simple-salesforce, salesforce-bulk, jsforce, the Salesforce CLI, zeep),
//! sent again as they were recorded: each is answered or refused, and none brings a value to the CRM.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::bypass::support::Demo;

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
    (
        "zeep, partner",
        include_str!("../../fixtures/captures/zeep-soap.jsonl"),
    ),
    (
        "zeep, enterprise",
        include_str!("../../fixtures/captures/zeep-soap-enterprise.jsonl"),
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
    "1980-01-02",
    "u@acme.example",
];

/// The sessions that zeep had, which stand in the body.
const SESSIONS: &[&str] = &["00D000000000001!AQEAQFAKE.TOKEN", "00D000000000001!T"];

/// Faults that are no refusal: they would make a client sign in, or try again.
const FAILURES: &[&str] = &["sf:INVALID_SESSION_ID", "sf:SERVER_UNAVAILABLE"];

#[test]
fn the_requests_of_real_clients_leave_nothing_behind() {
    // One of its own: a recorded client ends its session.
    let demo = Demo::start();
    let mut wrong = Vec::new();
    let mut answered = 0;
    let mut refused = 0;
    for (client, line) in recorded() {
        let request: Value = serde_json::from_str(line).expect("a capture");
        let name = format!("{client}: {} {}", request["method"], request["target"]);
        let before = demo.requests().len();
        let answer = demo.exchange(&bytes(&request, &demo.host, &demo.token));
        match answer.status() {
            200..300 => answered += 1,
            // Also what the CRM itself answers of records that are not there.
            400..500 if answer.status() != 401 => refused += 1,
            500 if is_refusal(&answer.text()) => refused += 1,
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
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(answered >= 30, "{answered} answered, {refused} refused");
}

/// Each client with its requests, those that end the session last.
fn recorded() -> Vec<(&'static str, &'static str)> {
    let all = CAPTURES
        .iter()
        .flat_map(|(client, lines)| lines.lines().map(|line| (*client, line)));
    let (ending, mut recorded): (Vec<_>, Vec<_>) =
        all.partition(|(_, line)| line.contains("<logout "));
    assert_eq!(ending.len(), 1, "jsforce signs out");
    recorded.extend(ending);
    recorded
}

/// Whether an answer is a fault that a client must take for a no.
fn is_refusal(text: &str) -> bool {
    text.contains("<faultcode>") && !FAILURES.iter().any(|code| text.contains(code))
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
    let body = SESSIONS
        .iter()
        .fold(text("body").to_owned(), |body, theirs| {
            body.replace(theirs, token)
        });
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    format!("{head}\r\n{body}").into_bytes()
}
