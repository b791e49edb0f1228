//! Files of records: whole or not at all, in constant memory, and only what was sealed here.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use memchr::memmem;
use reqwest::{Response, StatusCode};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::crm::{FakeCrm, Seen, answer, json as whole};
use super::house::{API, CLIENT, House, PERSON, POLICY, created, read};
use super::process::Process;

const VERSION: &str = "068000000000001AAA";
/// How long a large file may take in a build for tests, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(300);
const CHUNK: usize = 64 * 1024;
/// What stands before the chunks of a sealed file up to the length of its head.
const LEAD: usize = 41;
const SEALED: usize = CHUNK + 16;

/// A house whose client may see files.
async fn house() -> (House, FakeCrm) {
    let (house, crm) = House::with_crm().await;
    house.write("policy.toml", &policy());
    (house, crm)
}

fn policy() -> String {
    let roles = "roles = [\"sales\", \"support\", \"privacy\"]";
    let more = "roles = [\"sales\", \"support\", \"privacy\", \"integration\"]";
    POLICY.replace(roles, more)
}

fn versions() -> String {
    format!("{API}/sobjects/ContentVersion")
}

fn data() -> String {
    format!("{}/{VERSION}/VersionData", versions())
}

/// Bytes of which no two chunks are the same, with the person's name in each.
fn content(length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..length)
        .map(|at| u8::try_from((at / 7 + at) % 251).unwrap())
        .collect();
    for place in bytes.chunks_mut(CHUNK / 2) {
        let count = PERSON.len().min(place.len());
        place[..count].copy_from_slice(&PERSON.as_bytes()[..count]);
    }
    bytes
}

/// A form with a file of this content, record last.
fn form(content: &[u8]) -> Vec<u8> {
    let before = format!(
        "--bb\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"{PERSON}.pdf\"\r\n\
         Content-Type: application/pdf\r\n\r\n"
    );
    let record = json!({"PathOnClient": format!("{PERSON}.pdf"), "Title": PERSON});
    let behind = format!(
        "\r\n--bb\r\nContent-Disposition: form-data; name=\"ContentVersion\"\r\n\
         Content-Type: application/json\r\n\r\n{record}\r\n--bb--\r\n"
    );
    [before.as_bytes(), content, behind.as_bytes()].concat()
}

async fn send(house: &House, body: Vec<u8>) -> Response {
    let request = house.post(&versions(), &json!(null)).body(body);
    let kind = "multipart/form-data; boundary=bb";
    let mut request = request.build().unwrap();
    let headers = request.headers_mut();
    headers.insert("content-type", kind.parse().unwrap());
    *request.timeout_mut() = Some(PATIENCE);
    house.send(request).await
}

/// A CRM that keeps the file that it was sent last, and gives it back.
fn keeps(crm: &FakeCrm) -> Arc<Mutex<Vec<u8>>> {
    let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
    let place = Arc::clone(&kept);
    crm.does(move |seen| match seen.method.as_str() {
        "POST" => {
            *place.lock().unwrap() = sealed(seen);
            whole(201, &created(VERSION))
        }
        _ => answer(
            200,
            "Content-Type: application/octet-stream\r\n",
            &place.lock().unwrap(),
        ),
    });
    kept
}

/// The file in a form, which is the part behind the record.
fn sealed(seen: &Seen) -> Vec<u8> {
    let body = &seen.body;
    let (_, boundary) = seen.head.split_once("boundary=").unwrap();
    let boundary = boundary.split("\r\n").next().unwrap();
    let record = memmem::find(body, b"Content-Type: application/json").unwrap();
    let file = memmem::find(body, b"Content-Type: application/octet-stream\r\n\r\n").unwrap();
    assert!(record < file);
    let start = file + b"Content-Type: application/octet-stream\r\n\r\n".len();
    let end = format!("\r\n--{boundary}--\r\n");
    body[start..].strip_suffix(end.as_bytes()).unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_megabytes_go_up_and_come_down_in_constant_memory() {
    let (house, crm) = house().await;
    let border = Process::serve(&house).await;
    let kept = keeps(&crm);
    let sent = send(&house, form(&content(CHUNK))).await;
    let status = sent.status();
    assert_eq!(status, 201, "{}", sent.text().await.unwrap());
    let first = house.get(&data()).send().await.unwrap();
    assert_eq!(first.bytes().await.unwrap().len(), CHUNK);
    let before = border.memory("VmHWM");

    let large = content(1 << 20).repeat(100);
    assert_eq!(send(&house, form(&large)).await.status(), 201);
    let request = house.get(&data()).timeout(PATIENCE);
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-length"], large.len().to_string());
    let mut at = 0;
    while let Some(part) = answer.chunk().await.unwrap() {
        assert!(large[at..].starts_with(&part), "at {at}");
        at += part.len();
    }
    assert_eq!(at, large.len());
    // The kernel counts in steps of its own, and may come out a little below.
    let more = border.memory("VmHWM").saturating_sub(before);
    assert!(more < 24 * 1024, "{more} KiB more than {before} KiB");
    let kept = kept.lock().unwrap();
    assert!(kept.len() > large.len() && memmem::find(&kept, PERSON.as_bytes()).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_given_by_its_own_words_and_nothing_of_the_crms() {
    let (house, crm) = house().await;
    let _border = house.open();
    let kept = keeps(&crm);
    for length in [0, 10, CHUNK, 2 * CHUNK + 77] {
        let plain = content(length);
        assert_eq!(send(&house, form(&plain)).await.status(), 201);
        let file = kept.lock().unwrap().clone();
        assert!(file.starts_with(b"\x89SLUIS\r\n\x01"));
        crm.take();
        let request = house.get(&data()).header("range", "bytes=0-3");
        let request = request.header("if-none-match", "\"x\"");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        for (name, value) in [
            ("content-type", "application/pdf"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("content-length", &length.to_string()),
        ] {
            assert_eq!(answer.headers()[name], value, "{name}");
        }
        let named = answer.headers()["content-disposition"].to_str().unwrap();
        assert!(
            named.starts_with("attachment; ") && named.contains(PERSON),
            "{named}"
        );
        assert!(answer.bytes().await.unwrap() == plain, "{length}");
        let asked = &crm.calls()[0].head.to_ascii_lowercase();
        for name in ["range:", "if-none-match:", "cookie:"] {
            assert!(!asked.contains(name), "{asked}");
        }
        assert!(asked.contains("accept-encoding: identity"), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pages_ask_of_servlets_the_crm_is_asked_for_by_its_api() {
    let (house, crm) = house().await;
    let _border = house.open();
    let kept = keeps(&crm);
    let plain = content(100);
    assert_eq!(send(&house, form(&plain)).await.status(), 201);
    let file = kept.lock().unwrap().clone();
    crm.does(
        move |seen| match seen.target.contains("/sobjects/ContentDocument/") {
            true => whole(
                200,
                &json!({"Id": "069000000000001AAA", "LatestPublishedVersionId": VERSION})
                    .to_string(),
            ),
            false => answer(200, "Content-Type: application/octet-stream\r\n", &file),
        },
    );
    let version = format!("/sfc/servlet.shepherd/version/download/{VERSION}");
    let newest = "/sfc/servlet.shepherd/document/download/069000000000001AAA?operationContext=S1";
    for target in [&*version, newest] {
        crm.take();
        let request = house
            .get(target)
            .header("if-modified-since", "Sat, 01 Jan 2028 00:00:00 GMT");
        let given = request.send().await.unwrap();
        assert_eq!(given.status(), 200, "{target}");
        assert!(given.bytes().await.unwrap() == plain, "{target}");
        let asked = crm.calls();
        let file = asked.last().unwrap();
        assert_eq!(file.target, data(), "{target}");
        for call in &asked {
            let head = call.head.to_ascii_lowercase();
            assert!(head.contains("authorization: bearer 00d"), "{head}");
            assert!(
                !head.contains("cookie:") && !head.contains("if-modified"),
                "{head}"
            );
        }
    }
    // A document of which the CRM names another record's file, or none.
    for (status, said, expected) in [
        (
            200,
            json!({"LatestPublishedVersionId": "068000000000002AAA"}),
            403,
        ),
        (
            200,
            json!({"LatestPublishedVersionId": "003000000000001AAA"}),
            403,
        ),
        (200, json!({"LatestPublishedVersionId": null}), 403),
        (
            404,
            json!([{"errorCode": "NOT_FOUND", "message": "x"}]),
            403,
        ),
        (500, json!([]), 502),
    ] {
        let file = kept.lock().unwrap().clone();
        let text = said.to_string();
        crm.does(
            move |seen| match seen.target.contains("/sobjects/ContentDocument/") {
                true => whole(status, &text),
                false => answer(200, "Content-Type: application/octet-stream\r\n", &file),
            },
        );
        let (found, text) = read(house.get(newest)).await;
        assert_eq!(found, expected, "{said}: {text}");
    }
}

/// The entries of the ledger.
fn ledger(house: &House) -> Vec<Value> {
    let file = Connection::open(house.path("data/ledger.db")).unwrap();
    let mut statement = file
        .prepare("SELECT entry FROM entry ORDER BY seq")
        .unwrap();
    let entries = statement.query_map([], |row| row.get::<_, Vec<u8>>(0));
    let entry = |bytes: rusqlite::Result<Vec<u8>>| serde_json::from_slice(&bytes.unwrap()).unwrap();
    entries.unwrap().map(entry).collect()
}

/// How many people the last write was about.
fn people(house: &House) -> Vec<u64> {
    let sent = ledger(house)
        .into_iter()
        .rfind(|entry| entry["kind"] == "sent");
    let subjects = sent.unwrap()["subjects"].clone();
    serde_json::from_value(subjects).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_its_owners_also_where_both_are_made_at_once() {
    let (house, crm) = house().await;
    let _border = house.open();
    crm.does(|_| whole(500, "[]"));
    let contact = json!({"LastName": PERSON});
    let file = |parent: &str| json!({"ParentId": parent, "Name": "x.pdf", "Body": "SmFuc2Vu"});
    let part = |object: &str, name: &str, body: &Value| {
        json!({
            "method": "POST", "url": format!("{API}/sobjects/{object}"),
            "referenceId": name, "body": body,
        })
    };
    let change = json!({
        "method": "PATCH", "url": format!("{API}/sobjects/Contact/@{{c.id}}"),
        "referenceId": "again", "body": {"Phone": "0612345678"},
    });
    let composite = |parts: Vec<Value>| json!({"compositeRequest": parts});
    let child = json!({
        "attributes": {"type": "Attachment", "referenceId": "a"}, "Name": "x.pdf", "Body": "SmFuc2Vu",
    });
    let tree = json!({"records": [{
        "attributes": {"type": "Contact", "referenceId": "c"}, "LastName": PERSON,
        "Attachments": {"records": [child]},
    }]});
    let made = part("Contact", "c", &contact);
    for (path, body, expected) in [
        (
            "composite",
            composite(vec![
                made.clone(),
                part("Attachment", "a", &file("@{c.id}")),
            ]),
            1,
        ),
        ("composite", composite(vec![made.clone(), change]), 1),
        ("composite/tree/Contact", tree, 1),
        // Of somebody else.
        (
            "composite",
            composite(vec![
                made,
                part("Attachment", "a", &file("003000000000009AAA")),
            ]),
            2,
        ),
    ] {
        let request = house.post(&format!("{API}/{path}"), &body);
        let (status, text) = read(request).await;
        assert!(status >= 500, "{status} {text}");
        assert_eq!(people(&house).len(), expected, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_further_version_of_a_document_is_the_same_persons() {
    let (house, crm) = house().await;
    let _border = house.open();
    let versions = versions();
    let version = |more: Value| {
        let mut body = json!({"PathOnClient": "x.pdf", "VersionData": "SmFuc2Vu"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    crm.does(
        |seen| match seen.target.ends_with("LatestPublishedVersionId") {
            true => whole(
                200,
                &json!({"LatestPublishedVersionId": VERSION}).to_string(),
            ),
            false => whole(201, &created(VERSION)),
        },
    );
    let first = version(json!({"FirstPublishLocationId": "003000000000001AAA"}));
    assert_eq!(read(house.post(&versions, &first)).await.0, 201);
    let owner = people(&house);
    let next = version(json!({"ContentDocumentId": "069000000000001AAA"}));
    assert_eq!(read(house.post(&versions, &next)).await.0, 201);
    assert_eq!(people(&house), owner);
    // Another file is somebody else's.
    assert_eq!(
        read(house.post(&versions, &version(json!({})))).await.0,
        201
    );
    assert_ne!(people(&house), owner);

    crm.does(|_| whole(404, r#"[{"errorCode":"NOT_FOUND","message":"x"}]"#));
    crm.take();
    let (status, text) = read(house.post(&versions, &next)).await;
    assert!(
        status == 400 && text.contains("reference-refused"),
        "{status} {text}"
    );
    assert!(crm.calls().iter().all(|call| call.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_revoked_gets_no_more_of_a_file_that_lay_there_before() {
    let (house, crm) = house().await;
    let plain = "VersionData = { class = \"file_content\", plain_files = \"pass\" }";
    let policy = policy().replace("VersionData = \"file_content\"", plain);
    house.write("policy.toml", &policy);
    let _border = house.open();
    let old = content(32 << 20);
    crm.does(move |_| answer(200, "Content-Type: application/pdf\r\n", &old));
    let mut given = house.get(&data()).timeout(PATIENCE).send().await.unwrap();
    assert_eq!(given.status(), 200);
    given.chunk().await.unwrap();
    let entry = ledger(&house).pop().unwrap();
    assert_eq!(entry["kind"], "revealed", "{entry}");
    let touched = json!([{"f": "ContentVersion.VersionData", "c": "file_content", "a": "pass-plain", "n": 1}]);
    assert_eq!(entry["fields"], touched, "{entry}");

    house.gate().revoke_tokens(CLIENT).unwrap();
    let ended = async {
        while ledger(&house).pop().unwrap()["outcome"] != "role-refused" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
    let whole = loop {
        match given.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    assert!(!whole, "all of it came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_is_never_whole() {
    let (house, crm) = house().await;
    let _border = house.open();
    let kept = keeps(&crm);
    let plain = content(4 * CHUNK + 100);
    assert_eq!(send(&house, form(&plain)).await.status(), 201);
    let file = kept.lock().unwrap().clone();
    let first = LEAD + usize::from(u16::from_be_bytes([file[39], file[40]]));
    let at = |chunk: usize| first + chunk * SEALED;
    let mut changed = file.clone();
    *changed.last_mut().unwrap() ^= 1;
    let without = [&file[..at(1)], &file[at(2)..]].concat();
    for late in [
        file[..at(4)].to_vec(),
        file[..at(3) + 5].to_vec(),
        changed,
        without,
    ] {
        *kept.lock().unwrap() = late;
        // By HTTP/2 the reset may overtake the head.
        let whole = match house.get(&data()).send().await {
            Ok(answer) => {
                assert_eq!(answer.status(), 200);
                answer.bytes().await.is_ok()
            }
            Err(_) => false,
        };
        assert!(!whole, "it looked whole");
    }
    let mut head = file.clone();
    head[first - 1] ^= 1;
    for early in [
        head,
        file[..first].to_vec(),
        file[..30].to_vec(),
        b"%PDF-1.7".to_vec(),
        vec![],
    ] {
        *kept.lock().unwrap() = early;
        let (status, text) = read(house.get(&data())).await;
        assert_eq!(status, 403, "{text}");
        assert!(
            text.contains("[sluis file-withheld]") && text.starts_with("[{"),
            "{text}"
        );
    }
    *kept.lock().unwrap() = file;
    let whole = house.get(&data()).send().await.unwrap();
    assert!(whole.bytes().await.unwrap() == plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_says_instead_of_a_file_is_said_and_a_page_is_not() {
    let (house, crm) = house().await;
    let _border = house.open();
    crm.does(|_| {
        whole(
            404,
            r#"[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]"#,
        )
    });
    let (status, text) = read(house.get(&data())).await;
    assert!(
        status == 404 && text.contains("NOT_FOUND"),
        "{status} {text}"
    );
    for (status, headers) in [
        (
            302,
            "Location: https://crm.example.nl/\r\nContent-Type: text/html\r\n",
        ),
        (404, "Content-Type: text/html\r\n"),
        (500, "Content-Type: application/json\r\n"),
        (206, "Content-Type: application/octet-stream\r\n"),
    ] {
        crm.does(move |_| answer(status, headers, b"{}"));
        let (said, text) = read(house.get(&data())).await;
        assert!(
            said == 502 && !text.contains("crm.example.nl"),
            "{said} {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_refused_or_breaks_off_leaves_nothing_in_the_crm() {
    let (house, crm) = house().await;
    let _border = house.open();
    let _kept = keeps(&crm);
    let good = form(&content(3 * CHUNK));
    let text = String::from_utf8_lossy(&good).into_owned();
    assert!(text.contains("\"Title\""));
    let refused = |from: &str, to: &str| {
        let at = memmem::rfind(&good, from.as_bytes()).unwrap();
        [&good[..at], to.as_bytes(), &good[at + from.len()..]].concat()
    };
    for body in [
        refused("\"Title\"", "\"TagCsv\""),
        refused("--bb--", "--bb-"),
        refused("ContentVersion", "collection"),
    ] {
        let answer = send(&house, body).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let text = answer.text().await.unwrap();
        assert!(text.contains("[sluis ") && !text.contains(PERSON), "{text}");
    }
    assert!(crm.calls().is_empty());
    assert_eq!(send(&house, good).await.status(), 201);
    assert_eq!(crm.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_records_file_is_not_taken_for_its_own() {
    let (house, crm) = house().await;
    let _border = house.open();
    let kept = keeps(&crm);
    assert_eq!(send(&house, form(&content(50))).await.status(), 201);
    assert_eq!(house.get(&data()).send().await.unwrap().status(), 200);
    let other = data().replace("0001AAA", "0002AAA");
    let (status, text) = read(house.get(&other)).await;
    assert!(
        status == 403 && text.contains("another record"),
        "{status} {text}"
    );
    assert!(!kept.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_lay_in_the_crm_before_takes_a_word_of_policy() {
    let (house, crm) = house().await;
    let plain = "VersionData = { class = \"file_content\", plain_files = \"pass\" }";
    for (rule, opens) in [("VersionData = \"file_content\"", false), (plain, true)] {
        let policy = policy().replace("VersionData = \"file_content\"", rule);
        house.write("policy.toml", &policy);
        let border = house.open();
        let old = content(3 * CHUNK);
        let given = old.clone();
        crm.does(move |_| answer(200, "Content-Type: text/html\r\nETag: \"x\"\r\n", &given));
        let answer = house.get(&data()).send().await.unwrap();
        match opens {
            false => assert_eq!(answer.status(), 403),
            true => {
                assert_eq!(answer.status(), 200);
                assert_eq!(answer.headers()["content-type"], "application/octet-stream");
                assert!(!answer.headers().contains_key("etag"));
                assert!(answer.bytes().await.unwrap() == old);
            }
        }
        drop(border);
    }
}
