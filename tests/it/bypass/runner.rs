//! Runs cases and looks everywhere for what they must not leave behind.

use std::sync::atomic::{AtomicUsize, Ordering};

use data_encoding::{BASE64_NOPAD, HEXLOWER};
use serde_json::Value;

use crate::bypass::case::{Case, Expect, Send};
use crate::bypass::http2;
use crate::bypass::support::{Answer, Demo, demo};

/// What every canary begins with. Letters and digits, so that no escape changes it.
pub const CANARY: &str = "zwqkanarie";

/// The stand-in's name and session, which no client may be told.
const CRM_NAMES: &[&str] = &[
    "crm.demo.internal",
    "salesforce.com",
    "force.com",
    "00D000000000001!",
];

/// Runs cases one after the other; panics with all that went wrong.
pub fn run(cases: &[Case]) {
    let demo = demo();
    let _alone = demo.alone();
    let mut wrong = Vec::new();
    let (allowed, refused): (Vec<&Case>, Vec<&Case>) = cases
        .iter()
        .partition(|case| case.expect == Expect::Allowed);

    let before = demo.requests().len();
    for case in &refused {
        one(demo, case, &mut wrong);
    }
    let after = demo.requests();
    for request in after.iter().skip(before) {
        wrong.push(format!("OPEN: the CRM got {request}"));
    }
    for case in &allowed {
        one(demo, case, &mut wrong);
    }
    let reached = demo.requests().len() - after.len();
    if reached < allowed.len() {
        wrong.push(format!(
            "{reached} of {} controls reached the CRM",
            allowed.len()
        ));
    }
    search(demo, &mut wrong);
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(!allowed.is_empty(), "no positive control");
}

/// Looks for canaries in all that leaves the border but for answers.
pub fn search(demo: &Demo, wrong: &mut Vec<String>) {
    for (name, bytes) in demo.sinks() {
        for found in traces(&bytes) {
            wrong.push(format!("LEAK: {name}: {found}"));
        }
    }
}

fn one(demo: &Demo, case: &Case, wrong: &mut Vec<String>) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let canary = format!("Zwqkanarie{:04}", COUNT.fetch_add(1, Ordering::Relaxed));
    let (row, name) = (case.row, &case.name);
    let mut note = |text: String| wrong.push(format!("{row} {name}: {text}"));
    let answer = match &case.send {
        Send::Stream {
            fields,
            data,
            trailers,
        } => {
            let fill = |fields: &[(String, Vec<u8>)]| {
                let filled = fields
                    .iter()
                    .map(|(name, value)| (name.clone(), filled(demo, value, &canary)));
                filled.collect::<Vec<_>>()
            };
            let data = data.as_ref().map(|data| filled(demo, data, &canary));
            http2::exchange(demo, &fill(fields), data.as_deref(), &fill(trailers))
        }
        _ => demo.exchange(&filled(demo, &bytes(demo, case), &canary)),
    };
    let status = answer.status();
    if answer.body().contains("REQUEST_LIMIT_EXCEEDED")
        && answer.body().contains("too many requests")
    {
        note("not judged: it came too soon after the others".to_owned());
    }
    match case.expect {
        Expect::Refused(statuses) if !statuses.contains(&status) => {
            note(format!("answered {status}: {}", short(&answer)));
        }
        Expect::Dropped if !matches!(status, 0 | 400..=499 | 501 | 505) => {
            note(format!("answered {status}: {}", short(&answer)));
        }
        Expect::Allowed | Expect::Answered if !(200..300).contains(&status) => {
            note(format!("CONTROL answered {status}: {}", short(&answer)));
        }
        // GraphQL and Aura tell what is wrong with status 200.
        Expect::Allowed if answer.body().contains("[sluis ") => {
            note(format!("CONTROL refused: {}", short(&answer)));
        }
        _ => {}
    }
    if answer.count() > 1 {
        note(format!("DESYNC: {} answers", answer.count()));
    }
    if matches!(case.expect, Expect::Refused(_) | Expect::Dropped) {
        if traces(&answer.bytes).next().is_some() {
            note(format!("ECHO: {}", short(&answer)));
        }
        if status != 0 && !is_head(case) && !has_error_shape(&answer.body()) {
            note(format!("not the CRM's error shape: {}", short(&answer)));
        }
    }
    // The namespaces of SOAP are names of an API, not of the CRM's host.
    let text = answer.text().replace("soap.sforce.com", "");
    if let Some(name) = CRM_NAMES.iter().find(|name| text.contains(*name)) {
        note(format!(
            "the answer names the CRM ({name}): {}",
            short(&answer)
        ));
    }
}

fn is_head(case: &Case) -> bool {
    match &case.send {
        Send::Call { method, .. } => method == "HEAD",
        Send::Raw(bytes) => bytes.starts_with(b"HEAD"),
        // Only the status of a stream's answer is read.
        Send::Stream { .. } => true,
    }
}

fn short(answer: &Answer) -> String {
    let text = answer.text();
    text.chars()
        .rev()
        .take(300)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect()
}

/// The bytes of a case over HTTP/1.1.
fn bytes(demo: &Demo, case: &Case) -> Vec<u8> {
    let (method, target, headers, body) = match &case.send {
        Send::Call {
            method,
            target,
            headers,
            body,
        } => (method, target, headers, body),
        Send::Raw(bytes) => return bytes.clone(),
        Send::Stream { .. } => return vec![],
    };
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {{host}}\r\nConnection: close\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
    {
        head.push_str("Authorization: Bearer {token}\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut bytes = head.into_bytes();
    if let Some(body) = body {
        // The canary is longer than its place.
        let more = count(body, b"{c}") * (CANARY.len() + 4 - 3);
        let tokens = count(body, b"{token}") * (demo.token.len() - 7);
        let length = body.len() + more + tokens;
        bytes.extend(format!("Content-Length: {length}\r\n").bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body.iter().flatten());
    bytes
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    memchr::memmem::find_iter(bytes, part).count()
}

fn filled(demo: &Demo, bytes: &[u8], canary: &str) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, text) in [
        ("{c}", canary),
        ("{host}", &demo.host),
        ("{token}", &demo.token),
    ] {
        bytes = replace(&bytes, place.as_bytes(), text.as_bytes());
    }
    bytes
}

fn replace(bytes: &[u8], place: &[u8], text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for found in memchr::memmem::find_iter(bytes, place) {
        out.extend_from_slice(&bytes[at..found]);
        out.extend_from_slice(text);
        at = found + place.len();
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// Errors as Salesforce's clients read them: `[{"message","errorCode"}]`, OAuth's object, or a fault
/// of SOAP.
fn has_error_shape(body: &str) -> bool {
    let after = |text: &'static str| body.find(text);
    if let (Some(fault), Some(code), Some(text)) = (
        after("<soapenv:Fault>"),
        after("<faultcode>"),
        after("<faultstring>"),
    ) {
        return fault < code && code < text && body.ends_with("</soapenv:Envelope>");
    }
    let Ok(body) = serde_json::from_str::<Value>(body) else {
        return false;
    };
    match &body {
        // Bayeux's.
        Value::Array(answers) if answers.iter().any(|answer| answer["channel"].is_string()) => {
            answers.iter().all(|answer| {
                answer["successful"] == false
                    && answer["error"]
                        .as_str()
                        // Or it is the client's name that nobody knows.
                        .is_some_and(|text| text.starts_with("403::") || text.starts_with("402::"))
            })
        }
        Value::Array(errors) => {
            !errors.is_empty()
                && errors
                    .iter()
                    .all(|error| error["message"].is_string() && error["errorCode"].is_string())
        }
        // The UI API's.
        Value::Object(error) if error.contains_key("enhancedErrorType") => {
            error["message"].is_string()
                && error["statusCode"].is_number()
                && error["output"]["errors"].is_array()
                && error["output"]["fieldErrors"].is_object()
        }
        // Aura's: each action has its own, as the UI API writes it.
        Value::Object(answer) if answer.contains_key("actions") => {
            let told = |action: &Value| {
                let error = &action["error"][0]["event"]["attributes"]["values"]["error"];
                action["state"] == "ERROR"
                    && action["id"].is_string()
                    && error["data"]["statusCode"].is_number()
                    && error["data"]["output"]["fieldErrors"].is_object()
            };
            let actions = answer["actions"].as_array();
            actions.is_some_and(|actions| !actions.is_empty() && actions.iter().all(told))
        }
        // GraphQL's.
        Value::Object(answer) if answer.contains_key("errors") => {
            let told = |error: &Value| {
                error["message"].is_string()
                    && error["locations"].is_array()
                    && error["extensions"]["ErrorType"].is_string()
            };
            let errors = answer["errors"].as_array();
            answer.get("data").is_some_and(Value::is_null)
                && errors.is_some_and(|errors| !errors.is_empty() && errors.iter().all(told))
        }
        Value::Object(error) => error.get("error").is_some_and(Value::is_string),
        _ => false,
    }
}

/// Every trace of a canary, with what stands around it: plain in any case, in UTF-16, in
/// hexadecimal, and in base64 at each of its three alignments.
pub fn traces(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    let lower = bytes.to_ascii_lowercase();
    let mut found: Vec<usize> = Vec::new();
    // Without its first byte, the big-endian form of UTF-16 is the little-endian one.
    for form in [CANARY.as_bytes(), &wide(CANARY)] {
        let form = form.strip_suffix(&[0]).unwrap_or(form);
        found.extend(memchr::memmem::find_iter(&lower, form));
    }
    found.extend(memchr::memmem::find_iter(
        &lower,
        hexadecimal("wqkanarie").as_bytes(),
    ));
    for form in base64("Zwqkanarie").iter().chain(&base64("zwqkanarie")) {
        found.extend(memchr::memmem::find_iter(bytes, form.as_bytes()));
    }
    found.into_iter().map(move |at| {
        let around = &bytes[at.saturating_sub(120)..bytes.len().min(at + 60)];
        String::from_utf8_lossy(around).into_owned()
    })
}

fn wide(text: &str) -> Vec<u8> {
    text.bytes().flat_map(|byte| [byte, 0]).collect()
}

fn wide_big(text: &str) -> Vec<u8> {
    text.bytes().flat_map(|byte| [0, byte]).collect()
}

fn hexadecimal(text: &str) -> String {
    HEXLOWER.encode(text.as_bytes())
}

/// What is the same in the base64 of any text with this one in it, for each alignment.
fn base64(text: &str) -> [String; 3] {
    [0, 1, 2].map(|shift| {
        let mut padded = vec![b'x'; shift];
        padded.extend(text.bytes());
        let encoded = BASE64_NOPAD.encode(&padded);
        let from = [0, 2, 3][shift];
        let whole = padded.len() * 8 / 6;
        encoded[from..whole].to_owned()
    })
}

#[test]
fn a_canary_is_found_in_every_form() {
    let canary = "Zwqkanarie0042";
    let mixed = format!("a{}b", canary.to_uppercase());
    let coded =
        |shift: usize| BASE64_NOPAD.encode(format!("{}{canary}!", &"{\"a"[..shift]).as_bytes());
    for form in [
        canary.as_bytes().to_vec(),
        mixed.into_bytes(),
        wide(canary),
        wide_big(canary),
        hexadecimal(canary).into_bytes(),
        hexadecimal(canary).to_uppercase().into_bytes(),
        coded(0).into_bytes(),
        coded(1).into_bytes(),
        coded(2).into_bytes(),
    ] {
        let text = String::from_utf8_lossy(&form).into_owned();
        assert!(traces(&form).next().is_some(), "{text}");
    }
    assert_eq!(traces(b"Zwq kanarie, zwqkanari").count(), 0);
}
