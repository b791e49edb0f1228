use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::keys::{Kek, KeyProvider, Ring, SystemEntropy};
use crate::model::{Secret, Timestamp};

struct Fixed(u8);

impl KeyProvider for Fixed {
    fn open(&self) -> Result<Kek, keys::Error> {
        Kek::new(Secret::new(vec![self.0; 32]))
    }
}

fn ring(byte: u8) -> Ring {
    Ring::open(&Fixed(byte), Arc::new(SystemEntropy::default())).unwrap()
}

fn open(path: &Path) -> Result<Ledger, Error> {
    Ledger::open(path, &ring(1), &SystemEntropy::default())
}

fn entry(exchange: u128) -> Entry<'static> {
    Entry {
        time: Timestamp(1_700_000_000_000),
        exchange,
        kind: Kind::Revealed,
        client: "service-desk".into(),
        roles: vec!["agent".into()].into(),
        operation: "query".into(),
        fields: vec![Touched {
            field: "Contact.Email".into(),
            class: "email".into(),
            action: "reveal".into(),
            count: 200,
        }],
        records: 200,
        subjects: vec![1, 17, u64::MAX >> 1].into(),
        policy: [7; 32],
        outcome: "ok".into(),
    }
}

/// A ledger with that many entries, closed.
async fn filled(count: u128) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let ledger = open(&path).unwrap();
    let tasks: Vec<_> = (0..count)
        .map(|n| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.append(&entry(n)).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    (dir, path)
}

/// A copy of a closed ledger, to be spoilt.
fn copy(path: &Path) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("ledger.db");
    std::fs::copy(path, &to).unwrap();
    (dir, to)
}

/// The attacker with the file: no triggers, no key.
fn tamper(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(&format!(
            "DROP TRIGGER entry_kept; DROP TRIGGER entry_fixed;
             DROP TRIGGER checkpoint_kept; DROP TRIGGER checkpoint_fixed; {sql}"
        ))
        .unwrap();
}

fn report(path: &Path) -> Report {
    verify(path, Some(&ring(1)), None).unwrap()
}

#[test]
fn classes_that_were_revealed_are_a_map_and_read_back() {
    let revealed = |classes: &[&'static str]| Entry {
        fields: classes
            .iter()
            .map(|class| Touched {
                field: "".into(),
                class: (*class).into(),
                action: "reveal".into(),
                count: 3,
            })
            .collect(),
        ..entry(1)
    };
    let written = |entry: &Entry<'_>| String::from_utf8(entry.encode().unwrap()).unwrap();
    for (classes, map) in [
        (&["email", "name"][..], true),
        (&["name"], true),
        (&[], false),
        (&["name", "email"], false),
        (&["name", "name"], false),
    ] {
        let entry = revealed(classes);
        let text = written(&entry);
        assert_eq!(text.contains("\"revealed\":{"), map, "{text}");
        assert_eq!(Entry::decode(text.as_bytes()).unwrap(), entry);
        // Of another version, or without what its version has.
        for (of, to) in [
            ("{\"v\":", "{\"v\":7"),
            ("\"fields\":[", "\"revealed\":{},\"fields\":["),
            ("\"revealed\":{", "\"fields\":[],\"revealed\":{"),
        ] {
            let other = text.replace(of, to);
            assert_eq!(Entry::decode(other.as_bytes()).is_ok(), other == text);
        }
    }
}

#[tokio::test]
async fn entries_come_back_as_they_were_and_the_chain_is_whole() {
    let (_dir, path) = filled(600).await;
    let ledger = open(&path).unwrap();
    assert_eq!(ledger.append(&entry(9)).await.unwrap(), 601);
    let last = ledger.read(601, 10).await.unwrap();
    assert_eq!(last, [(601, entry(9))]);
    let found = report(&path);
    assert!(
        found.ok && found.macs_checked && found.entries == 601,
        "{found:?}"
    );
    assert_eq!(found.head, ledger.head().await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_writers_gets_a_number_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let ledger = open(&path).unwrap();
    let tasks: Vec<_> = (0..32)
        .map(|task| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let mut numbers = Vec::new();
                for n in 0..10 {
                    numbers.push(ledger.append(&entry(task * 100 + n)).await.unwrap());
                }
                numbers
            })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for task in tasks {
        numbers.extend(task.await.unwrap());
    }
    assert_eq!(numbers, (1..=320).collect());
    assert!(report(&path).ok, "also while the server runs");
}

#[tokio::test]
async fn nothing_is_added_where_somebody_else_has_added_or_cut() {
    for others in [
        "INSERT INTO entry (entry, hash) VALUES (x'7b7d', zeroblob(32))",
        "INSERT INTO entry (seq, entry, hash) VALUES (900, x'7b7d', zeroblob(32))",
        "DROP TRIGGER entry_kept; DELETE FROM entry WHERE seq = 4",
    ] {
        let (_dir, path) = filled(3).await;
        let ledger = open(&path).unwrap();
        assert_eq!(ledger.append(&entry(1)).await.unwrap(), 4);
        let other = Connection::open(&path).unwrap();
        other.execute_batch(others).unwrap();
        let count = "SELECT count(*), max(seq) FROM entry";
        let read = || -> (i64, i64) {
            let row = other.query_row(count, [], |row| row.try_into());
            row.unwrap()
        };
        let before = read();
        for _ in 0..2 {
            let added = ledger.append(&entry(2)).await;
            let overtaken = matches!(added, Err(Error::Store(store::Error::Overtaken)));
            assert!(overtaken, "{others}");
            assert_eq!(read(), before);
            // The thread was asked whether it heals, and has looked once it has come to the scrub.
            assert!(!ledger.is_writable());
            let _held_by_a_reader = ledger.writer.scrub().await;
            assert!(!ledger.is_writable());
        }
        drop(ledger);
        assert!(!report(&path).ok);
    }
}

#[tokio::test]
async fn a_change_of_any_column_of_any_row_is_found_at_that_row() {
    let (_whole, whole) = filled(600).await;
    for seq in [1, 255, 256, 257, 599, 600] {
        for change in [
            "entry = CAST(replace(CAST(entry AS TEXT), 'query', 'count') AS BLOB)",
            "entry = CAST(entry || x'20' AS BLOB)",
            "hash = zeroblob(32)",
            "hash = x'00'",
            "seq = seq + 1000",
        ] {
            let (_dir, path) = copy(&whole);
            tamper(
                &path,
                &format!("UPDATE entry SET {change} WHERE seq = {seq}"),
            );
            let found = report(&path);
            assert_eq!(found.first_broken, Some(seq), "{change} at {seq}");
            assert_eq!(found.head.seq, seq - 1);
        }
    }
}

#[tokio::test]
async fn changed_macs_are_found() {
    let (_whole, whole) = filled(600).await;
    for (sql, broken) in [
        (
            "UPDATE checkpoint SET mac = zeroblob(32) WHERE seq = 512",
            512,
        ),
        ("DELETE FROM checkpoint WHERE seq = 256", 256),
        ("INSERT INTO checkpoint VALUES (257, zeroblob(32))", 601),
        ("UPDATE head SET mac = zeroblob(32)", 601),
        ("UPDATE head SET seq = 599", 601),
        ("UPDATE head SET hash = zeroblob(32)", 601),
        ("DELETE FROM head", 601),
        ("DELETE FROM meta WHERE name = 'key'", 0),
    ] {
        let (_dir, path) = copy(&whole);
        assert!(report(&path).ok);
        tamper(&path, sql);
        assert_eq!(report(&path).first_broken, Some(broken), "{sql}");
    }
}

#[tokio::test]
async fn an_entry_taken_out_or_put_in_another_place_is_found() {
    let (_whole, whole) = filled(600).await;
    for (sql, broken) in [
        ("DELETE FROM entry WHERE seq = 100", 100),
        ("DELETE FROM entry WHERE seq = 600", 600),
        ("DELETE FROM entry", 1),
        (
            "UPDATE entry SET seq = -1 WHERE seq = 10; UPDATE entry SET seq = 10 WHERE seq = 11;
             UPDATE entry SET seq = 11 WHERE seq = -1",
            10,
        ),
        (
            "INSERT INTO entry SELECT 601, entry, hash FROM entry WHERE seq = 600",
            601,
        ),
    ] {
        let (_dir, path) = copy(&whole);
        tamper(&path, sql);
        assert_eq!(report(&path).first_broken, Some(broken), "{sql}");
        assert!(
            open(&path).is_err() || broken == 100 || broken == 10,
            "{sql}"
        );
    }
}

#[tokio::test]
async fn a_cut_with_a_head_that_fits_needs_the_key() {
    let (_whole, whole) = filled(600).await;
    // Cut to a checkpoint, whose MAC the attacker has, and to an entry between.
    for seq in [512, 590] {
        let (_dir, path) = copy(&whole);
        tamper(
            &path,
            &format!(
                "DELETE FROM entry WHERE seq > {seq}; DELETE FROM checkpoint WHERE seq > {seq};
                 UPDATE head SET seq = {seq}, hash = (SELECT hash FROM entry WHERE seq = {seq}),
                 mac = coalesce((SELECT mac FROM checkpoint WHERE seq = {seq}), mac)"
            ),
        );
        assert!(!report(&path).ok);
        assert!(matches!(open(&path), Err(Error::Broken(_))));
        let without_key = verify(&path, None, None).unwrap();
        assert!(
            without_key.ok && !without_key.macs_checked,
            "only the key shows it"
        );
    }
}

#[tokio::test]
async fn an_older_copy_is_found_by_the_head_that_was_kept_elsewhere() {
    let (dir, path) = filled(300).await;
    let older = dir.path().join("older.db");
    std::fs::copy(&path, &older).unwrap();
    let ledger = open(&path).unwrap();
    ledger.append(&entry(1)).await.unwrap();
    let kept = ledger.head().await.unwrap();
    assert!(verify(&path, None, Some(kept)).unwrap().ok);
    assert!(report(&older).ok, "in itself it is whole");
    let found = verify(&older, Some(&ring(1)), Some(kept)).unwrap();
    assert_eq!(found.first_broken, Some(301));
}

#[tokio::test]
async fn the_file_itself_refuses_changes_by_mistake() {
    let (_dir, path) = filled(3).await;
    let connection = Connection::open(&path).unwrap();
    for sql in ["UPDATE entry SET entry = x'00'", "DELETE FROM entry"] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
    assert!(report(&path).ok);
}

#[tokio::test]
async fn a_ledger_that_was_tampered_with_at_its_end_does_not_open() {
    let (_dir, path) = filled(300).await;
    assert!(open(&path).is_ok());
    tamper(&path, "UPDATE entry SET entry = x'7b7d' WHERE seq = 280");
    assert!(matches!(open(&path), Err(Error::Broken(280))));
}

#[tokio::test]
async fn another_key_opens_nothing_and_a_missing_ledger_is_not_made_by_verify() {
    let (dir, path) = filled(1).await;
    let other = Ledger::open(&path, &ring(2), &SystemEntropy::default());
    assert!(matches!(other, Err(Error::Keys(_))));
    let none = dir.path().join("none.db");
    assert!(matches!(verify(&none, None, None), Err(Error::Missing(_))));
    assert!(!none.exists());
}

#[tokio::test]
async fn a_full_disk_refuses_entries_and_leaves_a_whole_chain() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let ledger = open(&path).unwrap();
    let limit = |pages: u32| {
        move |connection: &Connection, _: &mut Chain| {
            let sql = format!("PRAGMA max_page_count={pages}");
            Ok::<(), Error>(connection.query_row(&sql, [], |_| Ok(()))?)
        }
    };
    ledger.writer.submit(limit(14)).await.unwrap();
    let mut taken = 0;
    while ledger.append(&entry(taken)).await.is_ok() {
        taken += 1;
        assert!(taken < 1000);
    }
    assert!(taken > 0);
    assert!(ledger.append(&entry(0)).await.is_err(), "still full");
    ledger.writer.submit(limit(1000)).await.unwrap();
    assert_eq!(
        u128::from(ledger.append(&entry(0)).await.unwrap()),
        taken + 1
    );
    assert!(report(&path).ok);
}

#[tokio::test]
async fn what_was_acknowledged_is_in_a_copy_of_the_files_taken_then() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let ledger = open(&path).unwrap();
    for n in 0..20 {
        let seq = ledger.append(&entry(n)).await.unwrap();
        // What a killed process leaves: the database and its log, no clean end.
        let crash = tempfile::tempdir().unwrap();
        for name in ["ledger.db", "ledger.db-wal"] {
            std::fs::copy(dir.path().join(name), crash.path().join(name)).unwrap();
        }
        let copy = crash.path().join("ledger.db");
        drop(open(&copy).unwrap());
        assert_eq!(report(&copy).entries, seq);
    }
}

#[test]
fn an_entry_is_written_as_version_1_has_it_and_reads_back() {
    let mut entry = entry(0x0001_92ab);
    entry.fields.push(Touched {
        field: "".into(),
        class: "".into(),
        action: "mask".into(),
        count: u64::MAX,
    });
    entry.roles.to_mut().push("hr".into());
    let bytes = entry.encode().unwrap();
    let policy = "07".repeat(32);
    let expected = format!(
        "{{\"v\":1,\"time\":1700000000000,\"exchange\":\"000000000000000000000000000192ab\",\
         \"kind\":\"revealed\",\"client\":\"service-desk\",\"roles\":[\"agent\",\"hr\"],\
         \"operation\":\"query\",\"fields\":[{{\"f\":\"Contact.Email\",\"c\":\"email\",\
         \"a\":\"reveal\",\"n\":200}},{{\"a\":\"mask\",\"n\":18446744073709551615}}],\
         \"records\":200,\"subjects\":[1,17,9223372036854775807],\"policy\":\"{policy}\",\
         \"outcome\":\"ok\"}}"
    );
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    assert_eq!(Entry::decode(&bytes).unwrap(), entry);
    let (fields, subjects) = (vec![], vec![].into());
    let bare = Entry {
        fields,
        subjects,
        ..entry
    };
    assert_eq!(Entry::decode(&bare.encode().unwrap()).unwrap(), bare);
}

#[test]
fn a_word_that_could_be_a_value_is_refused() {
    assert!(entry(1).encode().is_ok());
    for value in [
        "jan@example.nl",
        "Jan Jansen",
        "Zo\u{eb}",
        "a'b",
        &"x".repeat(200),
    ] {
        let mut changed: [Entry<'_>; 6] = std::array::from_fn(|_| entry(1));
        changed[0].client = value.into();
        changed[1].operation = value.into();
        changed[2].outcome = value.into();
        changed[3].fields[0].field = value.into();
        changed[4].fields[0].class = value.into();
        changed[5].roles = vec![value.into()].into();
        for entry in changed {
            let error = entry.encode().unwrap_err();
            assert!(matches!(error, Error::NotAName(_)));
            assert!(!error.to_string().contains(value));
        }
    }
}
