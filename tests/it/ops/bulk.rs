//! Bulk tables in operation: large ones in little memory, and a border that dies between portions.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::crm::{Seen, Step, answer, json as whole};
use super::durability::before_a_laptop_crm;
use super::house::{API, House, PERSON, read};
use super::process::Process;

/// What a table may cost beside what the border takes at rest, in KiB.
const MOST: u64 = 64 * 1024;
const TABLE: usize = 60 << 20;

async fn job(house: &House, kind: &str, job: &Value) -> String {
    let (status, text) = read(house.post(&format!("{API}/jobs/{kind}"), job)).await;
    assert_eq!(status, 200, "{text}");
    let told: Value = serde_json::from_str(&text).unwrap();
    told["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_table_passes_in_little_memory() {
    let (house, crm) = before_a_laptop_crm().await;
    crm.record_requests(false);
    let border = Process::serve(&house).await;
    let made = job(
        &house,
        "ingest",
        &json!({"object": "Contact", "operation": "delete"}),
    )
    .await;
    let rest = border.memory("VmRSS");
    let mut table = "Id\n".to_owned();
    while table.len() < TABLE {
        table.push_str("003000000000001AAA\n");
    }
    let path = format!("{API}/jobs/ingest/{made}/batches");
    let (status, text) = read(house.put(&path, table).timeout(Duration::from_secs(300))).await;
    assert_eq!(status, 201, "{text}");
    let most = border.memory("VmHWM");
    assert!(most < rest + MOST, "{rest} KiB at rest, {most} KiB at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_results_pass_in_little_memory() {
    let (house, crm) = House::with_crm().await;
    let border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    let row = format!(
        "\"003000000000001AAA\",\"{token}\",\"{}\"\n",
        "x".repeat(1000)
    );
    let mut table = "\"Id\",\"LastName\",\"LeadSource\"\n".to_owned();
    while table.len() < TABLE {
        table.push_str(&row);
    }
    let rows = table.lines().count() - 1;
    let head = "Content-Type: text/csv\r\nSforce-Locator: null\r\nSforce-NumberOfRecords: 1\r\n";
    let results = answer(200, head, table.as_bytes());
    drop(table);
    crm.does(move |seen: &Seen| match seen.target.ends_with("/results") {
        true => results.clone(),
        false => whole(
            200,
            "{\"id\":\"750000000000001AAA\",\"state\":\"UploadComplete\"}",
        ),
    });
    let query =
        json!({"operation": "query", "query": "SELECT Id, LastName, LeadSource FROM Contact"});
    let made = job(&house, "query", &query).await;
    let rest = border.memory("VmRSS");
    let (status, text) = read(house.get(&format!("{API}/jobs/query/{made}/results"))).await;
    assert_eq!(status, 200, "{text:.300}");
    assert_eq!(text.lines().count(), rows + 1);
    assert_eq!(
        text.matches(PERSON).count(),
        rows,
        "each row shows the value"
    );
    let most = border.memory("VmHWM");
    assert!(most < rest + MOST, "{rest} KiB at rest, {most} KiB at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_break_off_do_not_look_whole() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let begun = "HTTP/1.1 200 X\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\n\"Id\"\n\"003000000000001AAA\"\n";
    crm.does(move |seen: &Seen| match seen.target.ends_with("/results") {
        true => vec![Step::Write(begun.as_bytes().to_vec()), Step::Cut],
        false => whole(
            200,
            "{\"id\":\"750000000000001AAA\",\"state\":\"UploadComplete\"}",
        ),
    });
    let query = json!({"operation": "query", "query": "SELECT Id FROM Contact"});
    let made = job(&house, "query", &query).await;
    let sent = house
        .get(&format!("{API}/jobs/query/{made}/results"))
        .send()
        .await;
    let whole = match sent {
        Ok(answer) => answer.status().is_success() && answer.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole, "half a table looked whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_border_that_dies_between_portions_loses_nothing_and_leaks_nothing() {
    let (house, crm) = before_a_laptop_crm().await;
    let mut border = Process::serve(&house).await;
    let made = job(
        &house,
        "ingest",
        &json!({"object": "Contact", "operation": "insert"}),
    )
    .await;
    let line = |at: usize| format!("{PERSON}{at},{}.{at}@example.nl\n", PERSON.to_lowercase());
    let table = |count: usize| {
        let rows: String = (0..count).map(line).collect();
        format!("LastName,Email\n{rows}")
    };
    let half = table(450);
    let head = format!(
        "PUT {API}/jobs/ingest/{made}/batches HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{half}\r\n",
        house.port,
        house.token,
        half.len()
    );
    let mut stream = house.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    // Two portions are on disk; the third waits for its end, which never comes.
    for tries in 0.. {
        if tokens(&house) >= 400 {
            break;
        }
        assert!(tries < 1200, "nothing is kept");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    border.kill();
    drop(stream);
    let whole = |crm: &sluis::demo::crm::Crm| {
        let requests = crm.requests();
        requests
            .iter()
            .filter(|request| request.method == "PUT")
            .count()
    };
    assert_eq!(whole(&crm), 0, "half a table reached the CRM as one");

    let border = Process::serve(&house).await;
    let path = format!("{API}/jobs/ingest/{made}");
    let (status, text) = read(house.put(&format!("{path}/batches"), table(450))).await;
    assert_eq!(status, 201, "the job is known still: {text}");
    let (status, text) = read(house.patch(&path, &json!({"state": "UploadComplete"}))).await;
    assert_eq!(status, 200, "{text}");
    let (status, text) = read(house.get(&format!("{path}/successfulResults"))).await;
    assert_eq!(status, 200, "{text}");
    let found: BTreeSet<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(2))
        .collect();
    assert_eq!(found.len(), 450);
    assert!(
        found.iter().all(|name| name.contains(PERSON)),
        "a token that does not open"
    );
    let memory = crm.memory_dump().unwrap();
    let names = memchr::memmem::find(&memory, PERSON.as_bytes());
    assert_eq!(names, None, "a value is in the CRM");
    drop(border);
}

/// How many tokens the vault has.
fn tokens(house: &House) -> i64 {
    let path = house.path("data").join("vault.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let Ok(vault) = Connection::open_with_flags(path, flags) else {
        return 0;
    };
    let count = vault.query_row("SELECT count(*) FROM token", [], |row| row.get(0));
    count.unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn results_bring_no_cookie_of_the_crms() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let head =
        "Content-Type: text/csv\r\nSforce-Locator: null\r\nSet-Cookie: sid=CanaryOfASession\r\n";
    let results = answer(200, head, b"\"Id\"\n\"003000000000001AAA\"\n");
    crm.does(move |seen: &Seen| match seen.target.ends_with("/results") {
        true => results.clone(),
        false => whole(
            200,
            "{\"id\":\"750000000000001AAA\",\"state\":\"UploadComplete\"}",
        ),
    });
    let query = json!({"operation": "query", "query": "SELECT Id FROM Contact"});
    let made = job(&house, "query", &query).await;
    let asked = house.get(&format!("{API}/jobs/query/{made}/results"));
    let told = asked.send().await.unwrap();
    assert_eq!(told.status(), 200);
    assert!(told.headers().contains_key("sforce-locator"), "{told:?}");
    assert!(!told.headers().contains_key("set-cookie"), "{told:?}");
}

/// One record that the CRM takes and one that it refuses, whose name is missing.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_batch_of_1_0_tells_of_refused_records_is_let_go_of_in_every_form() {
    const OLD: &str = "/services/async/60.0/job";
    let (house, _crm) = before_a_laptop_crm().await;
    let _border = Process::serve(&house).await;
    let space = "xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\"";
    let forms = [
        (
            "CSV",
            "text/csv",
            format!("LastName,FirstName\n{PERSON}1,\n,{PERSON}2\n"),
        ),
        (
            "JSON",
            "application/json",
            json!([{"LastName": format!("{PERSON}3")}, {"FirstName": format!("{PERSON}4")}])
                .to_string(),
        ),
        (
            "XML",
            "application/xml",
            format!(
                "<sObjects {space}><sObject><LastName>{PERSON}5</LastName></sObject>\
                 <sObject><FirstName>{PERSON}6</FirstName></sObject></sObjects>"
            ),
        ),
    ];
    for (form, media, records) in forms {
        let new = json!({"object": "Contact", "operation": "insert", "contentType": form});
        let (status, text) = read(house.post(OLD, &new)).await;
        assert_eq!(status, 201, "{text}");
        let told: Value = serde_json::from_str(&text).unwrap();
        let batches = format!("{OLD}/{}/batch", told["id"].as_str().unwrap());
        let before = tokens(&house);
        let request = house.client.post(house.url(&batches));
        let request = request.bearer_auth(&house.token);
        let request = request.header("content-type", media).body(records);
        let (status, text) = read(request).await;
        assert_eq!(status, 201, "{text}");
        assert_eq!(
            tokens(&house),
            before + 2,
            "{form}: both are kept until the CRM says"
        );
        let (_, after) = text.split_once("751").unwrap();
        let id: String = after
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let results = house.get(&format!("{batches}/751{id}/result"));
        let (status, text) = read(results).await;
        assert_eq!(status, 200, "{text}");
        assert!(text.contains("REQUIRED_FIELD_MISSING"), "{text}");
        assert_eq!(tokens(&house), before + 1, "{form}");
    }
}

/// 1.0 says by the code of an error that a session has ended; words of a client's in its text do not.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_code_of_an_error_of_1_0_makes_the_border_sign_in_anew() {
    const OLD: &str = "/services/async/60.0/job";
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let says = |code: &'static str| {
        crm.does(move |seen: &Seen| match seen.target.starts_with(OLD) {
            true => whole(
                400,
                &json!({"exceptionCode": code, "exceptionMessage": "InvalidSessionId"}).to_string(),
            ),
            false => whole(200, "{}"),
        });
    };
    let asked = async || {
        let new = json!({"object": "Contact", "operation": "insert", "contentType": "CSV"});
        read(house.post(OLD, &new)).await.0
    };
    let signs_in = || crm.take().iter().filter(|seen| seen.is_sign_in()).count();
    says("InvalidBatch");
    assert_eq!(asked().await, 400);
    drop(crm.take()); // The border has signed in by now.
    assert_eq!(
        (asked().await, signs_in()),
        (400, 0),
        "an echo ends no session"
    );
    says("InvalidSessionId");
    assert_eq!(asked().await, 502, "this one does");
    // Whoever is first signs in anew: the next request, or the look at what the CRM describes.
    says("InvalidBatch");
    assert_eq!((asked().await, signs_in()), (400, 1));
}
