//! Somebody with the database and without the key, and somebody with an older copy.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// Lets the thief past the triggers: they hold honest programs only.
fn unlocked(house: &House) -> Connection {
    let thief = house.thief();
    let drop = "DROP TRIGGER version_kept; DROP TRIGGER version_fixed; DROP TRIGGER version_last;";
    thief.execute_batch(drop).unwrap();
    thief
}

fn three() -> House {
    let house = House::new();
    house.version(&[STRICTER]);
    house.version(&[SEARCHED]);
    house
}

#[test]
fn no_version_can_be_changed_without_the_key() {
    let changes = [
        "UPDATE version SET policy = (SELECT policy FROM version WHERE number = 1) WHERE number = 3",
        "UPDATE version SET cases = '' WHERE number = 3",
        "UPDATE version SET body = CAST(replace(CAST(body AS TEXT), 'bram', 'eric') AS BLOB) WHERE number = 3",
        "UPDATE version SET mac = (SELECT mac FROM version WHERE number = 2) WHERE number = 3",
        "UPDATE version SET mac = x'' WHERE number = 3",
        "UPDATE version SET hash = (SELECT hash FROM version WHERE number = 2) WHERE number = 3",
        "UPDATE head SET mac = x''",
        "UPDATE head SET seq = 2",
        "UPDATE head SET seq = 2, hash = (SELECT hash FROM version WHERE number = 2)",
        "DELETE FROM head",
        "DELETE FROM version WHERE number = 3",
        "DELETE FROM version WHERE number = 1",
        "DELETE FROM version WHERE number = 3; UPDATE head SET seq = 2, hash = (SELECT hash FROM version WHERE number = 2), mac = (SELECT mac FROM version WHERE number = 2)",
        "INSERT INTO version SELECT 4, body, policy, cases, hash, mac FROM version WHERE number = 1",
        "INSERT INTO version SELECT 4, body, policy, cases, hash, mac FROM version WHERE number = 1; UPDATE head SET seq = 4, hash = (SELECT hash FROM version WHERE number = 1)",
    ];
    for change in changes {
        let house = three();
        let before = house.review.newest().unwrap();
        assert_eq!(
            house.review.verify(before).unwrap().first_broken,
            None,
            "a positive control"
        );
        unlocked(&house).execute_batch(change).unwrap();
        let live = house.review.live();
        let since = house.review.since(None);
        assert!(live.is_err() || since.is_err(), "{change}");
        let checked = house.review.verify(before);
        assert!(
            checked.map_or(true, |checked| checked.first_broken.is_some()),
            "{change}"
        );
        // Nothing more is approved on top of it.
        let begun = house.review.begin("x", text(&[SEARCHED]), &editor("anna"));
        let submitted = begun.and_then(|draft| {
            let (review, bench) = (&house.review, &house.bench);
            review.submit(draft.id, &draft.digest(), "x", bench, &editor("anna"))?;
            review.approve(draft.id, &draft.digest(), bench, &approver("bram"))
        });
        assert!(submitted.is_err(), "{change}");
    }
}

#[test]
fn honest_programs_cannot_change_or_remove_a_version() {
    let house = three();
    for change in ["DELETE FROM version", "UPDATE version SET cases = ''"] {
        assert!(house.thief().execute_batch(change).is_err(), "{change}");
    }
}

#[test]
fn a_draft_that_was_changed_in_the_database_is_not_used() {
    let changes = [
        "UPDATE revision SET policy = replace(policy, 'oldest = 50', 'oldest = 40')",
        "UPDATE revision SET cases = ''",
        "UPDATE revision SET mac = x''",
        // The author takes their own name away.
        "UPDATE draft SET body = CAST(replace(CAST(body AS TEXT), '\"anna\"', '\"bram\"') AS BLOB)",
        "UPDATE draft SET body = CAST(replace(CAST(body AS TEXT), '\"open\"', '\"submitted\"') AS BLOB) WHERE id = 2; DELETE FROM draft WHERE id = 1",
        "UPDATE draft SET body = (SELECT body FROM draft WHERE id = 2), mac = (SELECT mac FROM draft WHERE id = 2) WHERE id = 1",
        "DELETE FROM revision",
    ];
    for change in changes {
        let house = House::new();
        let draft = house.submitted(&[STRICTER], &editor("anna"));
        let other = house
            .review
            .begin("other", text(&[SEARCHED]), &editor("eva"))
            .unwrap();
        assert_eq!(other.id, 2);
        house.review.draft(draft.id).unwrap();
        let thief = house.thief();
        thief.pragma_update(None, "foreign_keys", false).unwrap();
        thief.execute_batch(change).unwrap();
        assert!(
            house.approve(&draft, &approver("bram")).is_err(),
            "{change}"
        );
        // The list has no texts; whoever opens the draft finds that one was changed.
        let (_, broken) = house.review.drafts(true).unwrap();
        let opened = house.review.draft(draft.id);
        assert!(!broken.is_empty() || opened.is_err(), "{change}");
        assert_eq!(house.number(), 1);
    }
}

#[test]
fn an_authors_older_row_brings_back_their_absence_only_with_the_older_text() {
    let house = House::new();
    let anna = editor("anna");
    let draft = house.submitted(&[STRICTER], &anna);
    let thief = house.thief();
    let row = |thief: &Connection| -> (Vec<u8>, Vec<u8>) {
        let sql = "SELECT body, mac FROM draft WHERE id = 1";
        thief.query_row(sql, [], |row| row.try_into()).unwrap()
    };
    let before = row(&thief);
    // Bram writes something of his own, and puts the row back in which he has no part.
    house
        .review
        .edit(1, 1, text(&[SEARCHED]), &approver("bram"))
        .unwrap();
    let written = house.review.draft(1).unwrap();
    house
        .review
        .submit(1, &written.digest(), "x", &house.bench, &anna)
        .unwrap();
    thief
        .execute("UPDATE draft SET body = ?1, mac = ?2 WHERE id = 1", before)
        .unwrap();
    let own = house.approve(&written, &approver("bram"));
    assert!(matches!(own, Err(Error::Changed)), "{own:?}");
    let made = house.approve(&draft, &approver("bram")).unwrap();
    assert_eq!(made.text, text(&[STRICTER]), "what anna wrote alone");
}

#[test]
fn a_signature_under_an_emergency_cannot_be_forged() {
    let house = House::new();
    let bram = approver("bram");
    let draft = house.review.begin("now", text(&[STRICTER]), &bram).unwrap();
    house
        .review
        .emergency(draft.id, &draft.digest(), "a leak", &house.bench, &bram)
        .unwrap();
    let body = br#"{"by":"carla","time":1}"#.to_vec();
    let sql = "INSERT INTO signature (version, body, mac) VALUES (2, ?1, x'00')";
    house.thief().execute(sql, [body]).unwrap();
    assert!(matches!(house.review.flagged(), Err(Error::Broken(2))));
}

#[test]
fn an_event_cannot_be_forged() {
    let house = House::new();
    house.submitted(&[STRICTER], &editor("anna"));
    let forge = "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'anna', 'eric') AS BLOB)";
    house.thief().execute_batch(forge).unwrap();
    assert!(house.review.events(0).is_err());
}

#[test]
fn an_older_copy_of_the_whole_store_is_noticed_by_who_took_more() {
    let house = House::new();
    house.version(&[STRICTER]);
    let copy = house.path.with_extension("copy");
    house
        .thief()
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    let early = house.review.newest().unwrap();
    house.version(&[SEARCHED]);
    let taken = house.review.newest().unwrap();
    assert_eq!(house.review.since(early).unwrap().len(), 1);
    assert_eq!(house.review.since(taken).unwrap(), []);

    let House {
        _folder,
        path,
        clock,
        review,
        bench,
    } = house;
    drop(review); // Closing it later would take the other's log with it.
    let moved = House {
        review: open(&path.with_extension("none"), 1, &clock).unwrap(),
        _folder,
        path,
        clock,
        bench,
    };
    for extension in ["db", "db-wal", "db-shm"] {
        let _gone = fs::remove_file(moved.path.with_extension(extension));
    }
    fs::rename(&copy, &moved.path).unwrap();
    fs::set_permissions(&moved.path, fs::Permissions::from_mode(0o600)).unwrap();
    let back = moved.open_again().unwrap();
    assert_eq!(
        back.verify(None).unwrap().first_broken,
        None,
        "by itself it is whole"
    );
    assert!(matches!(
        back.since(taken),
        Err(Error::PutBack { taken: 3, found: 2 })
    ));
    assert_eq!(back.verify(taken).unwrap().first_broken, Some(3));
    assert_eq!(back.since(early).unwrap(), [], "who took no more goes on");
    // An empty store, too, and another version in the place of the one that was taken.
    assert!(matches!(
        moved.review.since(taken),
        Err(Error::PutBack { taken: 3, found: 0 })
    ));
    let again = House {
        review: back,
        ..moved
    };
    again.version(&[("oldest = 50", "oldest = 60")]);
    assert!(matches!(
        again.review.since(taken),
        Err(Error::PutBack { taken: 3, found: 3 })
    ));
}

#[test]
fn another_key_or_no_key_opens_nothing() {
    let house = three();
    assert!(open(&house.path, 2, &house.clock).is_err());
    house
        .thief()
        .execute_batch("DELETE FROM meta WHERE name = 'key'")
        .unwrap();
    assert!(
        house.open_again().is_err(),
        "a new key would hide what was done"
    );
}

#[test]
fn a_clock_that_is_set_back_changes_no_order() {
    let house = House::new();
    let first = house.review.version(1).unwrap().time;
    house.clock.0.store(5, Ordering::Relaxed);
    let made = house.version(&[STRICTER]);
    assert_eq!((made.number, made.time), (2, first));
    assert_eq!(house.review.live().unwrap().unwrap().number, 2);
    assert_eq!(house.review.verify(None).unwrap().first_broken, None);
}

#[test]
fn two_processes_share_one_store() {
    let house = House::new();
    let other = house.open_again().unwrap();
    house.version(&[STRICTER]);
    assert_eq!(other.newest().unwrap().unwrap().seq, 2);
    let draft = house.submitted(&[SEARCHED], &editor("anna"));
    other
        .approve(draft.id, &draft.digest(), &house.bench, &approver("bram"))
        .unwrap();
    assert_eq!(house.number(), 3);
}
