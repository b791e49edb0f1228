//! No ledger, no answer; and a ledger that was touched does not verify.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use super::crm::json as whole;
use super::house::{House, PERSON, contact, contacts, created, read, record};
use super::process::{Process, run, run_with};

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_revealed_or_sent_and_it_heals_without_a_start() {
    let (house, crm) = House::with_crm().await;
    let border = Process::serve_on_a_disk_that_can_be_full(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!((status, text.contains(PERSON)), (200, true), "{text}");
    crm.take();

    // Less than a page with its frame: not even what finds out whether it heals can be written.
    border.limit_files(Some(4096));
    for _ in 0..3 {
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(status, 503, "{text}");
        assert!(
            !text.contains(PERSON) && text.contains("errorCode"),
            "{text}"
        );
    }
    crm.take();
    for _ in 0..3 {
        let (status, text) = read(house.post(&contacts(), &json!({"LastName": PERSON}))).await;
        assert_eq!(status, 503, "{text}");
    }
    assert!(crm.calls().is_empty(), "a write went out without its entry");
    let (ready, page) = house.status("/readyz").await;
    assert_eq!(ready, 503, "{page}");

    border.limit_files(None);
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!((status, text.contains(PERSON)), (200, true), "{text}");
    crm.does(|_| whole(201, &created("003000000000002AAA")));
    let (status, text) = read(house.post(&contacts(), &json!({"LastName": PERSON}))).await;
    assert_eq!(status, 201, "{text}");
    let (ready, page) = house.status("/readyz").await;
    assert_eq!(ready, 200, "{page}");
    let (code, text) = run(&house, &["ledger", "verify"]);
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_taken_away_or_replaced_ends_the_revealing() {
    for replace in [false, true] {
        let (house, crm) = House::with_crm().await;
        let _border = Process::serve(&house).await;
        let token = house.person(&crm).await;
        crm.does(move |_| whole(200, &record(&token)));
        let path = house.path("data/ledger.db");
        if replace {
            fs::copy(&path, house.path("copy.db")).unwrap();
            fs::rename(house.path("copy.db"), &path).unwrap();
        } else {
            fs::rename(&path, house.path("away.db")).unwrap();
        }
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(status, 503, "replaced: {replace}: {text}");
        assert!(!text.contains(PERSON), "{text}");
        let (ready, page) = house.status("/readyz").await;
        assert_eq!(ready, 503, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_another_process_holds_is_waited_for_and_then_refused() {
    let (house, crm) = House::with_crm().await;
    let _border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    let other = Connection::open(house.path("data/ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!(status, 503, "{text}");
    assert!(!text.contains(PERSON), "{text}");
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!((status, text.contains(PERSON)), (200, true), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_verifies_after_traffic_and_no_edit_of_it_does() {
    let (house, crm) = House::with_crm().await;
    let border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    for _ in 0..5 {
        assert_eq!(read(house.get(&contact())).await.0, 200);
        assert_eq!(read(house.get("/services/apexrest/x")).await.0, 403);
    }
    let (code, text) = run(&house, &["ledger", "verify"]);
    assert_eq!(code, Some(0), "while it runs: {text}");
    assert!(text.contains("the chain holds"), "{text}");
    drop(border);
    let (code, text) = run(&house, &["ledger", "verify"]);
    assert_eq!(code, Some(0), "{text}");
    let clean = fs::read(house.path("data/ledger.db")).unwrap();
    let wal = fs::read(house.path("data/ledger.db-wal")).unwrap_or_default();
    for edit in [
        "UPDATE entry SET entry = CAST(replace(CAST(entry AS TEXT), 'adapter', 'stranger') AS BLOB)
         WHERE seq = 3",
        "UPDATE entry SET hash = zeroblob(32) WHERE seq = 2",
        "DELETE FROM entry WHERE seq = 4",
        "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
        "UPDATE entry SET seq = -seq WHERE seq IN (2, 3);
         UPDATE entry SET seq = 5 + seq WHERE seq < 0",
        "INSERT INTO entry SELECT seq + 100, entry, hash FROM entry WHERE seq = 1",
        "DELETE FROM meta WHERE name = 'key'",
    ] {
        fs::create_dir_all(house.path("copy/data")).unwrap();
        fs::write(house.path("copy/data/ledger.db"), &clean).unwrap();
        fs::write(house.path("copy/data/ledger.db-wal"), &wal).unwrap();
        for name in ["sluis.toml", "sluis.key", "ca.pem"] {
            fs::copy(house.path(name), house.path(&format!("copy/{name}"))).unwrap();
        }
        let copy = Connection::open(house.path("copy/data/ledger.db")).unwrap();
        open_to_edits(&copy);
        copy.execute_batch(edit).unwrap();
        drop(copy);
        let (code, text) = run_with(&house.path("copy/sluis.toml"), &["ledger", "verify"]);
        assert_eq!(code, Some(1), "{edit}: {text}");
        fs::remove_dir_all(house.path("copy")).unwrap();
    }
    let entries = fs::read(house.path("data/ledger.db")).unwrap();
    let shows = |value: &str| memchr::memmem::find(&entries, value.as_bytes()).is_some();
    assert!(!shows(PERSON), "the ledger holds a value");
}

/// Takes away what keeps an honest program from editing; whoever has the file can.
fn open_to_edits(ledger: &Connection) {
    let mut statement = ledger
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap();
    let names = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    for name in names {
        let name = name.unwrap();
        ledger
            .execute_batch(&format!("DROP TRIGGER \"{name}\""))
            .unwrap();
    }
}
