use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::keys::{Kek, KeyProvider, Ring, SystemEntropy};
use crate::model::{Clock, Secret, Timestamp};

const START: i64 = 1_700_000_000_000;
const HOUR: i64 = 3_600_000;
const CANARY: &str = "Wilhelmina Kanarie-Roodborst";

struct Fixed(u8);

impl KeyProvider for Fixed {
    fn open(&self) -> Result<Kek, keys::Error> {
        Kek::new(Secret::new(vec![self.0; 32]))
    }
}

/// A clock that tests set.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Hands {
    fn to(&self, time: i64) {
        self.0.store(time, Ordering::SeqCst);
    }
}

fn open(path: &Path, key: u8, clock: &Arc<Hands>) -> Result<Tape, Error> {
    let entropy = Arc::new(SystemEntropy::default());
    let ring = Ring::open(&Fixed(key), Arc::<SystemEntropy>::clone(&entropy)).unwrap();
    Tape::open(path, Arc::new(ring), Arc::<Hands>::clone(clock), entropy)
}

fn house() -> (tempfile::TempDir, PathBuf, Arc<Hands>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("replay.db");
    (folder, path, Arc::new(Hands(AtomicI64::new(START))))
}

fn exchange(time: i64, client: &str) -> Exchange {
    Exchange {
        time,
        client: client.to_owned(),
        roles: vec!["support".to_owned()],
        fields: vec![],
        fresh: false,
        route: "sobject.create".to_owned(),
        method: "POST".to_owned(),
        target: "/services/data/v62.0/sobjects/Contact".to_owned(),
        page: None,
        content_type: Some("application/json".to_owned()),
        body: Some(format!("{{\"LastName\":\"{CANARY}\"}}")),
        answer: Some(Answered {
            text: "{\"id\":\"003000000000001AAA\",\"success\":true,\"errors\":[]}".to_owned(),
        }),
    }
}

/// Who asked in what is given back; `-` for what does not open.
fn played(tape: &Tape) -> Vec<String> {
    let mut found = Vec::new();
    tape.play(|exchange| {
        found.push(exchange.map_or_else(|| "-".to_owned(), |kept| kept.client.clone()));
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

#[test]
fn what_was_kept_comes_back_whole_and_stands_nowhere_readable() {
    let (folder, path, clock) = house();
    let tape = open(&path, 1, &clock).unwrap();
    tape.keep(exchange(START, "intake"));
    let mut found = 0;
    tape.play(|kept| {
        let kept = kept.unwrap();
        assert_eq!(kept.client, "intake");
        assert!(kept.body.as_deref().unwrap().contains(CANARY));
        assert!(kept.answer.as_ref().unwrap().text.contains("success"));
        found += 1;
        assert!(matches!(
            tape.play(|_| ControlFlow::Break(())),
            Err(Error::Busy)
        ));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(found, 1);
    let mut bytes = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let held = std::fs::read(file.unwrap().path()).unwrap();
        let stands = |needle: &[u8]| held.windows(needle.len()).any(|window| window == needle);
        assert!(!stands(CANARY.as_bytes()) && !stands(b"intake"));
        bytes += held.len();
    }
    assert!(bytes > 4096);
    // A new start goes on with it; another key opens none of it, and says so.
    drop(tape);
    assert_eq!(played(&open(&path, 1, &clock).unwrap()), ["intake"]);
    assert_eq!(played(&open(&path, 2, &clock).unwrap()), ["-"]);
}

#[test]
fn an_exchange_opens_in_its_own_place_only() {
    let (_folder, path, clock) = house();
    let tape = open(&path, 1, &clock).unwrap();
    tape.keep(exchange(START, "first"));
    tape.keep(exchange(START, "second"));
    assert_eq!(played(&tape), ["first", "second"]);
    drop(tape);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let sql =
        "UPDATE exchange SET sealed = (SELECT sealed FROM exchange WHERE id = 1) WHERE id = 2";
    connection.execute(sql, ()).unwrap();
    drop(connection);
    assert_eq!(played(&open(&path, 1, &clock).unwrap()), ["first", "-"]);
}

#[test]
fn after_a_day_exchange_and_key_are_gone() {
    let (_folder, path, clock) = house();
    let tape = open(&path, 1, &clock).unwrap();
    for (hour, many) in (0..).zip(1..=3) {
        let time = START + hour * HOUR;
        clock.to(time);
        tape.keep(exchange(time, &format!("hour-{hour}")));
        assert_eq!(played(&tape).len(), many);
    }
    clock.to(START + 23 * HOUR);
    assert_eq!(played(&tape).len(), 3);
    clock.to(START + 24 * HOUR);
    assert_eq!(played(&tape), ["hour-1", "hour-2"]);
    clock.to(START + 48 * HOUR);
    assert_eq!(played(&tape), [""; 0]);
    drop(tape);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let keys: i64 = connection
        .query_row("SELECT count(*) FROM hour", [], |row| row.get(0))
        .unwrap();
    assert_eq!(keys, 0);
}

#[test]
fn what_is_of_a_time_to_come_is_not_kept_for_ever() {
    let (_folder, path, clock) = house();
    let tape = open(&path, 1, &clock).unwrap();
    tape.keep(exchange(START + 400 * 24 * HOUR, "later"));
    tape.keep(exchange(START, "now"));
    drop(tape);
    assert_eq!(played(&open(&path, 1, &clock).unwrap()), ["now"]);
}

#[test]
fn no_client_and_no_kind_of_request_fills_the_sample_alone() {
    let (_folder, path, clock) = house();
    let tape = open(&path, 1, &clock).unwrap();
    let taken = |client: &str, route: &str| {
        let asked = (0..100).filter(|_| tape.takes((client, route), 100));
        asked.count()
    };
    assert_eq!(taken("busy", "query"), 4);
    assert_eq!(taken("busy", "sobject.create"), 4);
    assert_eq!(taken("busy", "search"), 0);
    assert_eq!(taken("quiet", "query"), 4);
    // There is an end to all of them, and the next minute begins anew.
    let all: usize = (0..30)
        .map(|n| taken(&format!("client-{n}"), "query"))
        .sum();
    assert_eq!(all, 8);
    let left_out = tape.left_out();
    assert_eq!(left_out, 34 * 100 - 20);
    clock.to(START + 60_000);
    assert_eq!(taken("busy", "query"), 4);
    // What is too long is not taken.
    assert!(tape.takes(("other", "query"), 64 << 10));
    assert!(!tape.takes(("other", "query"), (64 << 10) + 1));
}

#[test]
fn a_minute_has_room_for_so_many_bytes() {
    let (_folder, path, clock) = house();
    let tape = open(&path, 1, &clock).unwrap();
    let mut long = exchange(START, "long");
    long.body = Some("x".repeat(64 << 10));
    assert!(tape.takes(("long", "query"), 64 << 10));
    tape.keep(long);
    assert!(tape.takes(("other", "query"), 10));
    let mut long = exchange(START, "long");
    long.body = Some("x".repeat(64 << 10));
    tape.keep(long);
    assert!(!tape.takes(("third", "query"), 10));
    // Nor is one kept that began while there was room.
    tape.keep(exchange(START, "late"));
    assert_eq!(played(&tape), ["long", "long"]);
}

#[test]
fn what_is_switched_off_leaves_no_file() {
    let (folder, path, clock) = house();
    let tape = open(&path, 1, &clock).unwrap();
    tape.keep(exchange(START, "intake"));
    assert_eq!(played(&tape), ["intake"]);
    drop(tape);
    Tape::remove(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    Tape::remove(&path).unwrap();
}

#[test]
fn effects_count_exchanges_and_values_the_worst_first() {
    let mut replay = Replay::default();
    let effect = |what, about: &str| Effect {
        what,
        about: about.to_owned(),
        rule: "".into(),
        client: "intake".to_owned(),
    };
    replay.count(2, [(effect(What::Refused, "Contact.Phone"), 0)]);
    replay.count(3, [(effect(What::Exposed, "Contact.Email"), 2)]);
    replay.count(4, [(effect(What::Exposed, "Contact.Email"), 3)]);
    replay.count(5, []);
    assert_eq!((replay.exchanges, replay.changed), (4, 3));
    assert_eq!(replay.since, Some(2));
    let told: Vec<_> = replay
        .effects()
        .map(|(effect, count)| (effect.what, count.exchanges, count.values))
        .collect();
    assert_eq!(told, [(What::Exposed, 2, 5), (What::Refused, 1, 0)]);
    let sent = serde_json::to_string(&replay).unwrap();
    assert_eq!(serde_json::from_str::<Replay>(&sent).unwrap(), replay);
}
