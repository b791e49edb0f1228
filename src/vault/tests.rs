use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;

use super::*;
use crate::keys::{Kek, KeyProvider, SystemEntropy};
use crate::model::Timestamp;
use crate::protect::{Context, FormatVersion, Index, seal};

pub(super) const TENANT: &str = "gemeente-voorbeeld";

struct Fixed(u8);

impl KeyProvider for Fixed {
    fn open(&self) -> Result<Kek, keys::Error> {
        Kek::new(Secret::new(vec![self.0; 32]))
    }
}

#[derive(Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

fn open_with(folder: &Path, kek: u8, tenant: &str) -> Result<Vault, Error> {
    let entropy = Arc::new(SystemEntropy::default());
    let ring = Ring::open(&Fixed(kek), entropy.clone()).unwrap();
    Vault::open(
        folder,
        Arc::new(ring),
        tenant,
        Arc::new(Ticking::default()),
        entropy,
    )
}

fn open(folder: &Path) -> Vault {
    open_with(folder, 1, TENANT).unwrap()
}

pub(super) fn vault() -> (TempDir, Vault) {
    let dir = tempfile::tempdir().unwrap();
    let vault = open(dir.path());
    (dir, vault)
}

pub(super) fn record(object: &str, id: &str) -> Record {
    Record {
        object: object.into(),
        id: id.into(),
    }
}

fn term(vault: &Vault, class: &str, value: &str) -> Term {
    let index = Index::new(&vault.index_key(), TENANT).unwrap();
    Term {
        class: class.into(),
        mac: index.term(class, &value.into()).unwrap(),
    }
}

/// Exchanges from here on are answered later.
const LATE: u128 = 100;

/// One value of one record, as `proxy` will write it.
struct Value<'a> {
    exchange: u128,
    record: Option<&'a str>,
    field: &'a str,
    value: &'a str,
    stable: bool,
}

const EMAIL: Value<'static> = Value {
    exchange: 1,
    record: None,
    field: "Email",
    value: "jan.jansen@example.nl",
    stable: false,
};

/// All phases before the request is sent: the row of its token.
async fn write(vault: &Vault, value: &Value<'_>) -> Result<u64, Error> {
    let by = term(vault, "email", value.value);
    let ask = Ask {
        subjects: vec![SubjectOf {
            record: value.record.map(|id| record("Contact", id)),
            identities: vec![by.clone()],
            ..SubjectOf::default()
        }],
        stable: if value.stable {
            vec![by.clone()]
        } else {
            Vec::new()
        },
        rows: 1,
        ..Ask::default()
    };
    let known = vault.prepare(ask).await?;
    let subject = Arc::clone(&known.subjects[0]);
    let mut rows = Rows {
        exchange: value.exchange,
        units: vec![Unit {
            index: 0,
            subject: subject.id,
            object: "Contact".into(),
            record: value.record.map(Into::into),
        }],
        subjects: vec![Arc::clone(&subject)],
        late: value.exchange >= LATE,
        ..Rows::default()
    };
    let row = match known.stable.first() {
        Some(Some(row)) => {
            rows.reused.push(Reused {
                row: *row,
                unit: 0,
                field: value.field.into(),
            });
            *row
        }
        _ => {
            rows.tokens
                .push(token(&subject, known.rows.start, value, by));
            known.rows.start
        }
    };
    vault.commit(rows).await?;
    Ok(row)
}

fn token(subject: &Subject, row: u64, value: &Value<'_>, by: Term) -> NewToken {
    let nonce = [7; 12];
    NewToken {
        row,
        unit: 0,
        class: "email".into(),
        field: value.field.into(),
        stable: value.stable.then_some(by.mac),
        search: vec![by],
        form: FormatVersion::Vault1,
        nonce,
        ciphertext: sealed(subject, row, nonce, value.value),
    }
}

fn sealed(subject: &Subject, row: u64, nonce: [u8; 12], value: &str) -> Box<[u8]> {
    let context = Context {
        form: FormatVersion::Vault1,
        tenant: TENANT,
        class: "email",
        subject: subject.id,
        key: subject.key_version.into(),
        row,
    };
    seal(&subject.key, &context, nonce, value.as_bytes())
        .unwrap()
        .into()
}

/// The value that a row opens to; `None` when there is no such row.
async fn opened(vault: &Vault, row: u64) -> Option<String> {
    let found = vault.load(&[row]).await.unwrap().pop().unwrap()?;
    let context = Context {
        form: found.form,
        tenant: TENANT,
        class: &found.class,
        subject: found.subject,
        key: found.key_version.into(),
        row,
    };
    let plain = crate::protect::open(&found.key, &context, found.nonce, &found.ciphertext);
    Some(plain.unwrap().expose().to_owned())
}

async fn bind(vault: &Vault, exchange: u128, id: &str) {
    bind_as(vault, exchange, id, Said::Done).await;
}

async fn bind_as(vault: &Vault, exchange: u128, id: &str, said: Said) {
    let bound = Bound {
        unit: 0,
        record: record("Contact", id),
        said,
    };
    vault.bind(exchange, vec![bound]).await.unwrap();
}

#[tokio::test]
async fn a_committed_value_opens_after_a_restart() {
    let (dir, vault) = vault();
    let row = write(&vault, &EMAIL).await.unwrap();
    let keys = (vault.token_key(), vault.index_key());
    drop(vault);
    let vault = open(dir.path());
    assert_eq!(opened(&vault, row).await.unwrap(), EMAIL.value);
    assert!(keys.0.matches(vault.token_key().expose()));
    assert!(keys.1.matches(vault.index_key().expose()));
    assert!(!keys.0.matches(keys.1.expose()));
}

#[tokio::test]
async fn a_loaded_row_is_cached_unless_of_a_table_and_an_unknown_one_is_none() {
    let (_dir, vault) = vault();
    let row = write(&vault, &EMAIL).await.unwrap();
    assert!(vault.cached(row).is_none());
    let scanned = vault.scan(&[row + 9, row]).await.unwrap();
    assert!(scanned[0].is_none() && scanned[1].is_some());
    assert!(vault.cached(row).is_none(), "a table leaves nothing behind");
    let loaded = vault.load(&[row + 9, row, row]).await.unwrap();
    assert!(loaded[0].is_none() && loaded[1].is_some() && loaded[2].is_some());
    assert!(vault.cached(row).is_some() && vault.cached(row + 9).is_none());
}

#[tokio::test]
async fn row_numbers_rise_and_are_never_given_out_twice_not_even_after_a_crash() {
    let (dir, vault) = vault();
    let mut seen = HashSet::new();
    let ask = || Ask {
        rows: 100,
        ..Ask::default()
    };
    for _ in 0..3 {
        for row in vault.prepare(ask()).await.unwrap().rows {
            assert!(row >= 1024 && seen.insert(row));
        }
    }
    // Nothing of these was written. A copy of the files is what a killed process leaves.
    let crash = copied(dir.path());
    let vault = open(crash.path());
    for row in vault.prepare(ask()).await.unwrap().rows {
        assert!(seen.insert(row), "{row} was given out before");
    }
}

#[tokio::test]
async fn an_older_vault_beside_its_keys_does_not_give_numbers_out_again() {
    let (dir, vault) = vault();
    let old = copied(dir.path());
    let row = write(&vault, &EMAIL).await.unwrap();
    drop(vault);
    for name in ["keys.db", "keys.db-wal"] {
        let _none = std::fs::remove_file(old.path().join(name));
    }
    std::fs::copy(dir.path().join("keys.db"), old.path().join("keys.db")).unwrap();
    let vault = open(old.path());
    assert!(opened(&vault, row).await.is_none());
    let known = vault
        .prepare(Ask {
            rows: 1,
            ..Ask::default()
        })
        .await
        .unwrap();
    assert!(known.rows.start > row);
}

fn copied(folder: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with("-shm") {
            std::fs::copy(&path, to.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    to
}

#[tokio::test]
async fn what_was_acknowledged_opens_in_a_copy_of_the_files_taken_then() {
    let (dir, vault) = vault();
    for n in 0..10 {
        let value = Value {
            exchange: n,
            value: &format!("p{n}@example.nl"),
            ..EMAIL
        };
        let row = write(&vault, &value).await.unwrap();
        let crash = copied(dir.path());
        let other = open(crash.path());
        assert_eq!(opened(&other, row).await.unwrap(), value.value);
    }
}

#[tokio::test]
async fn files_that_do_not_belong_together_are_refused() {
    let (first, vault_one) = vault();
    write(&vault_one, &EMAIL).await.unwrap();
    drop(vault_one);
    let (second, vault_two) = vault();
    drop(vault_two);
    assert!(matches!(
        open_with(first.path(), 1, "other"),
        Err(Error::Apart(_))
    ));
    assert!(matches!(
        open_with(first.path(), 2, TENANT),
        Err(Error::Keys(_))
    ));
    let swapped = copied(first.path());
    std::fs::copy(
        second.path().join("keys.db"),
        swapped.path().join("keys.db"),
    )
    .unwrap();
    assert!(matches!(
        open_with(swapped.path(), 1, TENANT),
        Err(Error::Apart(_))
    ));
    for lost in ["keys.db", "vault.db"] {
        let without = copied(first.path());
        std::fs::remove_file(without.path().join(lost)).unwrap();
        let refused = open_with(without.path(), 1, TENANT);
        assert!(matches!(refused, Err(Error::Apart(_))), "{lost}");
    }
    assert!(open_with(first.path(), 1, TENANT).is_ok());
}

#[tokio::test]
async fn the_same_identity_is_the_same_subject_also_within_one_ask() {
    let (_dir, vault) = vault();
    let who = |value| SubjectOf {
        identities: vec![term(&vault, "email", value)],
        ..SubjectOf::default()
    };
    let jan = "jan.jansen@example.nl";
    let asked = || vec![who(jan), who("fatima@example.nl"), who(jan)];
    let ask = || Ask {
        subjects: asked(),
        ..Ask::default()
    };
    let known = vault.prepare(ask()).await.unwrap();
    let ids = |known: &Known| known.subjects.iter().map(|s| s.id).collect::<Vec<_>>();
    let first = ids(&known);
    assert!(first[0] == first[2] && first[0] != first[1]);
    assert!(known.subjects.iter().all(|subject| subject.is_new()));
    let rows = Rows {
        exchange: 1,
        subjects: known.subjects,
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    let again = vault.prepare(ask()).await.unwrap();
    assert_eq!(ids(&again), first);
    assert!(again.subjects.iter().all(|subject| !subject.is_new()));
}

#[tokio::test]
async fn a_record_has_the_subject_of_another_one_of_its_ask() {
    let (_dir, vault) = vault();
    let of = |within, identities| SubjectOf {
        identities,
        within,
        ..SubjectOf::default()
    };
    let jan = || vec![term(&vault, "email", "jan.jansen@example.nl")];
    let ask = |subjects| Ask {
        subjects,
        ..Ask::default()
    };
    let asked = vec![
        of(None, jan()),
        of(Some(0), vec![]),
        of(Some(1), vec![]),
        of(None, vec![]),
        // Nothing that comes later is known.
        of(Some(5), vec![]),
        of(None, vec![]),
    ];
    let known = vault.prepare(ask(asked)).await.unwrap();
    let ids: Vec<u64> = known.subjects.iter().map(|subject| subject.id).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
    for (one, other) in [(0, 3), (0, 4), (3, 4), (4, 5)] {
        assert_ne!(ids[one], ids[other], "{ids:?}");
    }
    // A record that is known goes before one that is beside it.
    let followed = SubjectOf {
        follow: Some(record("Contact", "003A")),
        within: Some(0),
        ..SubjectOf::default()
    };
    let known = vault
        .prepare(ask(vec![of(None, jan()), followed]))
        .await
        .unwrap();
    assert_ne!(known.subjects[0].id, known.subjects[1].id);
}

#[tokio::test]
async fn a_record_follows_the_one_it_refers_to_before_and_after_that_one_is_known() {
    let (_dir, vault) = vault();
    let case = |follow: &str, own: Option<&str>| Ask {
        subjects: vec![SubjectOf {
            record: own.map(|id| record("Case", id)),
            follow: Some(record("Contact", follow)),
            ..SubjectOf::default()
        }],
        ..Ask::default()
    };
    let known = vault.prepare(case("003A", None)).await.unwrap();
    let owner = known.subjects[0].id;
    let unit = |subject, id: Option<&str>| Unit {
        index: 0,
        subject,
        object: "Case".into(),
        record: id.map(Into::into),
    };
    let rows = Rows {
        exchange: 1,
        subjects: known.subjects,
        units: vec![unit(owner, None)],
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    let bound = Bound {
        unit: 0,
        record: record("Case", "500A"),
        said: Said::Done,
    };
    vault.bind(1, vec![bound.clone()]).await.unwrap();
    let subject_of = async |object: &str, id: &str| {
        let of = SubjectOf {
            record: Some(record(object, id)),
            ..SubjectOf::default()
        };
        let known = vault
            .prepare(Ask {
                subjects: vec![of],
                ..Ask::default()
            })
            .await
            .unwrap();
        known.subjects[0].id
    };
    assert_eq!(subject_of("Contact", "003A").await, owner);
    assert_eq!(subject_of("Case", "500A").await, owner);

    // The case goes to another contact: once the CRM has agreed, not before.
    let known = vault.prepare(case("003B", Some("500A"))).await.unwrap();
    let other = known.subjects[0].id;
    assert_ne!(other, owner);
    let rows = Rows {
        exchange: 2,
        subjects: known.subjects,
        units: vec![unit(other, Some("500A"))],
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    assert_eq!(subject_of("Case", "500A").await, owner);
    vault.bind(2, vec![bound]).await.unwrap();
    assert_eq!(subject_of("Case", "500A").await, other);
}

#[tokio::test]
async fn two_exchanges_that_make_the_same_subject_or_stable_token_conflict() {
    let (_dir, vault) = vault();
    let by = term(&vault, "email", EMAIL.value);
    let of = |identities| SubjectOf {
        identities,
        ..SubjectOf::default()
    };
    let ask = |identities| Ask {
        subjects: vec![of(identities)],
        stable: vec![by.clone()],
        rows: 1,
        ..Ask::default()
    };
    // Both were prepared before either is committed.
    for (identities, exchange) in [(vec![by.clone()], 10), (Vec::new(), 20)] {
        let one = vault.prepare(ask(identities.clone())).await.unwrap();
        let two = vault.prepare(ask(identities)).await.unwrap();
        let rows = |known: &Known, exchange| {
            let subject = Arc::clone(&known.subjects[0]);
            let value = Value {
                stable: true,
                ..EMAIL
            };
            let mut value_of = token(&subject, known.rows.start, &value, by.clone());
            value_of.search.clear();
            // The second round has no identity in common: the stable token alone conflicts.
            if exchange >= 20 {
                value_of.class = "other".into();
            }
            Rows {
                exchange,
                units: vec![Unit {
                    index: 0,
                    subject: subject.id,
                    object: "Contact".into(),
                    record: None,
                }],
                subjects: vec![subject],
                tokens: vec![value_of],
                ..Rows::default()
            }
        };
        vault.commit(rows(&one, exchange)).await.unwrap();
        let before = vault.stats().await.unwrap();
        let second = vault.commit(rows(&two, exchange + 1)).await;
        assert!(matches!(second, Err(Error::Conflict)), "{second:?}");
        assert_eq!(vault.stats().await.unwrap(), before, "nothing of it stays");
    }
}

#[tokio::test]
async fn a_search_finds_every_token_of_the_value_and_no_other() {
    let (_dir, vault) = vault();
    let mut rows = Vec::new();
    for n in 0..3 {
        rows.push(
            write(
                &vault,
                &Value {
                    exchange: n,
                    ..EMAIL
                },
            )
            .await
            .unwrap(),
        );
    }
    let other = Value {
        exchange: 9,
        value: "fatima@example.nl",
        ..EMAIL
    };
    write(&vault, &other).await.unwrap();
    let search = vec![
        term(&vault, "email", EMAIL.value),
        term(&vault, "email", "nobody@example.nl"),
        term(&vault, "phone", EMAIL.value),
    ];
    let known = vault
        .prepare(Ask {
            search,
            ..Ask::default()
        })
        .await
        .unwrap();
    assert_eq!(
        known.search[0],
        Matches {
            rows,
            overflow: false
        }
    );
    assert_eq!(known.search[1..], [Matches::default(), Matches::default()]);
}

#[tokio::test]
async fn a_search_with_too_many_hits_says_so() {
    let (_dir, vault) = vault();
    let by = term(&vault, "email", EMAIL.value);
    let who = SubjectOf {
        identities: vec![by.clone()],
        ..SubjectOf::default()
    };
    let ask = Ask {
        subjects: vec![who],
        rows: SEARCH_LIMIT + 1,
        ..Ask::default()
    };
    let known = vault.prepare(ask).await.unwrap();
    let subject = Arc::clone(&known.subjects[0]);
    let unit = Unit {
        index: 0,
        subject: subject.id,
        object: "Contact".into(),
        record: None,
    };
    let tokens = known
        .rows
        .map(|row| token(&subject, row, &EMAIL, by.clone()))
        .collect();
    let rows = Rows {
        exchange: 1,
        subjects: vec![subject],
        units: vec![unit],
        tokens,
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    let known = vault
        .prepare(Ask {
            search: vec![by],
            ..Ask::default()
        })
        .await
        .unwrap();
    assert!(known.search[0].overflow && known.search[0].rows.len() == SEARCH_LIMIT);
}

#[tokio::test]
async fn standing_tells_the_place_once_the_record_is_known() {
    let (_dir, vault) = vault();
    let row = write(&vault, &EMAIL).await.unwrap();
    let standing = async |row| {
        let ask = Ask {
            standing: vec![row],
            ..Ask::default()
        };
        vault.prepare(ask).await.unwrap().standing.pop().unwrap()
    };
    assert!(standing(row + 1).await.is_none());
    let before = standing(row).await.unwrap();
    assert_eq!(before.places[0].record, None);
    assert!(
        vault.load(&[row]).await.unwrap()[0]
            .as_ref()
            .unwrap()
            .record
            .is_none()
    );
    bind(&vault, 1, "003A").await;
    let after = standing(row).await.unwrap();
    assert_eq!(after.places.len(), 1);
    assert_eq!(after.places[0].record.as_deref(), Some("003A"));
    assert_eq!(
        (&*after.places[0].field, &*after.class, after.stable),
        ("Email", "email", false)
    );
    let loaded = vault.load(&[row]).await.unwrap();
    assert_eq!(
        loaded[0].as_ref().unwrap().record.as_deref(),
        Some("003A"),
        "not from a stale cache"
    );
}

#[tokio::test]
async fn a_refused_write_leaves_nothing_behind() {
    let (dir, vault) = vault();
    let row = write(&vault, &EMAIL).await.unwrap();
    assert!(opened(&vault, row).await.is_some());
    vault.forget_pending(1).await.unwrap();
    assert!(vault.cached(row).is_none() && opened(&vault, row).await.is_none());
    let stats = vault.stats().await.unwrap();
    assert_eq!((stats.subjects, stats.tokens, stats.pending), (0, 0, 0));
    let known = vault
        .prepare(Ask {
            search: vec![term(&vault, "email", EMAIL.value)],
            ..Ask::default()
        })
        .await
        .unwrap();
    assert!(known.search[0].rows.is_empty());
    drop(vault);
    let keys = Connection::open(dir.path().join("keys.db")).unwrap();
    let left: i64 = keys
        .query_row("SELECT count(*) FROM subject_key", [], |r| r.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_refused_write_leaves_what_was_accepted_before() {
    let (_dir, vault) = vault();
    let first = write(&vault, &EMAIL).await.unwrap();
    bind(&vault, 1, "003A").await;
    let update = Value {
        exchange: 2,
        record: Some("003A"),
        value: "j.jansen@example.nl",
        ..EMAIL
    };
    let second = write(&vault, &update).await.unwrap();
    assert!(
        opened(&vault, first).await.is_some(),
        "the CRM has not answered"
    );
    vault.forget_pending(2).await.unwrap();
    assert_eq!(opened(&vault, first).await.unwrap(), EMAIL.value);
    assert!(opened(&vault, second).await.is_none());
    assert_eq!(vault.stats().await.unwrap().subjects, 1);
}

#[tokio::test]
async fn an_accepted_update_removes_the_old_value_and_what_finds_it() {
    let (_dir, vault) = vault();
    let first = write(&vault, &EMAIL).await.unwrap();
    bind(&vault, 1, "003A").await;
    let elsewhere = write(
        &vault,
        &Value {
            exchange: 5,
            record: Some("003B"),
            ..EMAIL
        },
    )
    .await
    .unwrap();
    bind(&vault, 5, "003B").await;
    let update = Value {
        exchange: 2,
        record: Some("003A"),
        value: "j.jansen@example.nl",
        ..EMAIL
    };
    let second = write(&vault, &update).await.unwrap();
    assert!(opened(&vault, first).await.is_some());
    bind(&vault, 2, "003A").await;
    assert!(vault.cached(first).is_none() && opened(&vault, first).await.is_none());
    assert_eq!(opened(&vault, second).await.unwrap(), update.value);
    assert!(
        opened(&vault, elsewhere).await.is_some(),
        "another record keeps its own"
    );
    let search = vec![term(&vault, "email", EMAIL.value)];
    let known = vault
        .prepare(Ask {
            search,
            ..Ask::default()
        })
        .await
        .unwrap();
    assert_eq!(known.search[0].rows, [elsewhere]);
}

#[tokio::test]
async fn where_a_crm_only_went_on_the_old_value_opens_and_searches_find_the_new_one() {
    let (_dir, vault) = vault();
    let email = |exchange, record, value| Value {
        exchange,
        record,
        value,
        ..EMAIL
    };
    let place = || vec![(record("Contact", "7"), "Email".to_owned())];
    let first = write(&vault, &email(1, None, "a@example.nl"))
        .await
        .unwrap();
    bind_as(&vault, 1, "7", Said::WentOnToNew).await;
    let second = email(2, Some("7"), "b@example.nl");
    let second = write(&vault, &second).await.unwrap();
    bind_as(&vault, 2, "7", Said::WentOn).await;
    assert_eq!(opened(&vault, first).await.unwrap(), "a@example.nl");
    assert_eq!(opened(&vault, second).await.unwrap(), "b@example.nl");
    assert_eq!(vault.rows_at(place()).await.unwrap(), [Some(second)]);
    // A new record that turns out to be one that was there takes nothing from it.
    let third = write(&vault, &email(3, None, "c@example.nl"))
        .await
        .unwrap();
    bind_as(&vault, 3, "7", Said::WentOnToNew).await;
    assert_eq!(opened(&vault, third).await.unwrap(), "c@example.nl");
    assert_eq!(vault.rows_at(place()).await.unwrap(), [Some(second)]);
    let values = ["a@example.nl", "b@example.nl"];
    let search = values.map(|value| term(&vault, "email", value));
    let ask = Ask {
        search: search.into(),
        ..Ask::default()
    };
    let known = vault.prepare(ask).await.unwrap();
    assert_eq!(known.search[0].rows, [0; 0]);
    assert_eq!(known.search[1].rows, [second]);
}

#[tokio::test]
async fn of_two_updates_that_overlap_neither_value_is_lost_and_the_next_removes_both() {
    let (_dir, vault) = vault();
    let update = |exchange, value| Value {
        exchange,
        record: Some("003A"),
        value,
        ..EMAIL
    };
    let first = write(&vault, &update(1, "a@example.nl")).await.unwrap();
    let second = write(&vault, &update(2, "b@example.nl")).await.unwrap();
    // The CRM took the second first.
    bind(&vault, 2, "003A").await;
    bind(&vault, 1, "003A").await;
    assert!(opened(&vault, first).await.is_some() && opened(&vault, second).await.is_some());
    let third = write(&vault, &update(3, "c@example.nl")).await.unwrap();
    bind(&vault, 3, "003A").await;
    let left = vault.load(&[first, second, third]).await.unwrap();
    assert_eq!(
        left.iter().map(Option::is_some).collect::<Vec<_>>(),
        [false, false, true]
    );
}

#[tokio::test]
async fn a_field_that_is_emptied_loses_its_token_and_others_keep_theirs() {
    let (_dir, vault) = vault();
    let email = write(
        &vault,
        &Value {
            record: Some("003A"),
            ..EMAIL
        },
    )
    .await
    .unwrap();
    let other = Value {
        exchange: 2,
        record: Some("003A"),
        field: "Other__c",
        ..EMAIL
    };
    let other = write(&vault, &other).await.unwrap();
    bind(&vault, 1, "003A").await;
    bind(&vault, 2, "003A").await;
    let of = SubjectOf {
        record: Some(record("Contact", "003A")),
        ..SubjectOf::default()
    };
    let known = vault
        .prepare(Ask {
            subjects: vec![of],
            ..Ask::default()
        })
        .await
        .unwrap();
    let rows = Rows {
        exchange: 3,
        units: vec![Unit {
            index: 0,
            subject: known.subjects[0].id,
            object: "Contact".into(),
            record: Some("003A".into()),
        }],
        subjects: known.subjects,
        cleared: vec![Cleared {
            unit: 0,
            field: "Email".into(),
        }],
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    bind(&vault, 3, "003A").await;
    assert!(opened(&vault, email).await.is_none() && opened(&vault, other).await.is_some());
}

#[tokio::test]
async fn a_stable_token_stands_at_several_places_and_goes_with_the_last() {
    let (_dir, vault) = vault();
    let stable = |exchange, id| Value {
        exchange,
        record: Some(id),
        stable: true,
        ..EMAIL
    };
    let row = write(&vault, &stable(1, "003A")).await.unwrap();
    bind(&vault, 1, "003A").await;
    assert_eq!(
        write(&vault, &stable(2, "003B")).await.unwrap(),
        row,
        "the same token"
    );
    bind(&vault, 2, "003B").await;
    let ask = Ask {
        standing: vec![row],
        ..Ask::default()
    };
    let standing = vault
        .prepare(ask)
        .await
        .unwrap()
        .standing
        .pop()
        .unwrap()
        .unwrap();
    let records: Vec<_> = standing
        .places
        .iter()
        .filter_map(|p| p.record.as_deref())
        .collect();
    assert!(standing.stable && records == ["003A", "003B"]);
    // Written again unchanged, then replaced at one place, then at the other.
    write(&vault, &stable(3, "003A")).await.unwrap();
    bind(&vault, 3, "003A").await;
    for (exchange, id, left) in [(4, "003A", true), (5, "003B", false)] {
        let value = format!("new{exchange}@example.nl");
        let update = Value {
            value: &value,
            ..stable(exchange, id)
        };
        write(&vault, &update).await.unwrap();
        assert!(opened(&vault, row).await.is_some());
        bind(&vault, exchange, id).await;
        assert_eq!(opened(&vault, row).await.is_some(), left, "{id}");
    }
}

#[tokio::test]
async fn a_stable_token_in_use_survives_that_its_first_write_was_refused() {
    let (_dir, vault) = vault();
    let stable = |exchange, id| Value {
        exchange,
        record: Some(id),
        stable: true,
        ..EMAIL
    };
    let row = write(&vault, &stable(1, "003A")).await.unwrap();
    assert_eq!(write(&vault, &stable(2, "003B")).await.unwrap(), row);
    vault.forget_pending(1).await.unwrap();
    bind(&vault, 2, "003B").await;
    assert_eq!(opened(&vault, row).await.unwrap(), EMAIL.value);
}

#[tokio::test]
async fn a_reused_stable_token_that_went_meanwhile_is_a_conflict() {
    let (_dir, vault) = vault();
    let stable = Value {
        stable: true,
        ..EMAIL
    };
    let row = write(&vault, &stable).await.unwrap();
    let by = term(&vault, "email", EMAIL.value);
    let who = SubjectOf {
        identities: vec![term(&vault, "email", "f@example.nl")],
        ..SubjectOf::default()
    };
    let known = vault
        .prepare(Ask {
            subjects: vec![who],
            stable: vec![by],
            ..Ask::default()
        })
        .await
        .unwrap();
    assert_eq!(known.stable, [Some(row)]);
    vault.forget_pending(1).await.unwrap();
    let rows = Rows {
        exchange: 2,
        units: vec![Unit {
            index: 0,
            subject: known.subjects[0].id,
            object: "Contact".into(),
            record: None,
        }],
        subjects: known.subjects,
        reused: vec![Reused {
            row,
            unit: 0,
            field: "Email".into(),
        }],
        ..Rows::default()
    };
    assert!(matches!(vault.commit(rows).await, Err(Error::Conflict)));
}

async fn hold(vault: &Vault, exchange: u128, id: Option<&str>, value: &str) -> u64 {
    let of = SubjectOf {
        record: id.map(|id| record("Contact", id)),
        identities: vec![term(vault, "email", EMAIL.value)],
        ..SubjectOf::default()
    };
    let known = vault
        .prepare(Ask {
            subjects: vec![of],
            rows: 1,
            ..Ask::default()
        })
        .await
        .unwrap();
    let subject = Arc::clone(&known.subjects[0]);
    let row = known.rows.start;
    let rows = Rows {
        exchange,
        units: vec![Unit {
            index: 0,
            subject: subject.id,
            object: "Contact".into(),
            record: id.map(Into::into),
        }],
        held: vec![NewHeld {
            row,
            unit: 0,
            class: "email".into(),
            field: "Birthdate".into(),
            form: FormatVersion::Vault1,
            nonce: [9; 12],
            ciphertext: sealed(&subject, row, [9; 12], value),
        }],
        subjects: vec![subject],
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    row
}

#[tokio::test]
async fn held_values_appear_change_and_stay_with_their_record() {
    let (_dir, vault) = vault();
    let contact = [record("Contact", "003A"), record("Contact", "003B")];
    let rows = async || -> Vec<Vec<u64>> {
        let held = vault.held(&contact).await.unwrap();
        held.iter()
            .map(|held| held.iter().map(|held| held.row).collect())
            .collect()
    };
    assert_eq!(rows().await, [vec![0; 0], vec![0; 0]], "and that is cached");
    let first = hold(&vault, 1, None, "1980-01-01").await;
    assert_eq!(
        rows().await,
        [vec![0; 0], vec![0; 0]],
        "its record is not known"
    );
    bind(&vault, 1, "003A").await;
    assert_eq!(rows().await, [vec![first], vec![]]);
    let refused = hold(&vault, 2, Some("003A"), "1980-01-02").await;
    assert_eq!(rows().await, [vec![first], vec![]], "not agreed to");
    vault.forget_pending(2).await.unwrap();
    let second = hold(&vault, 3, Some("003A"), "1980-01-03").await;
    bind(&vault, 3, "003A").await;
    assert_eq!(rows().await, [vec![second], vec![]]);
    assert!(refused > first && second > refused);
    assert_eq!(vault.stats().await.unwrap().held, 1);
}

#[tokio::test]
async fn a_subject_whose_key_is_gone_is_neither_read_nor_written() {
    let (dir, vault) = vault();
    let row = write(
        &vault,
        &Value {
            record: Some("003A"),
            ..EMAIL
        },
    )
    .await
    .unwrap();
    let other = Value {
        exchange: 2,
        value: "fatima@example.nl",
        ..EMAIL
    };
    let other = write(&vault, &other).await.unwrap();
    assert!(opened(&vault, row).await.is_some() && opened(&vault, other).await.is_some());
    let subject = vault.cached(row).unwrap().subject;
    let erase = move |connection: &Connection, (): &mut ()| {
        connection.execute(
            "DELETE FROM subject_key WHERE subject = ?1",
            [subject.cast_signed()],
        )?;
        Ok::<_, Error>(())
    };
    vault.0.keys.submit(erase).await.unwrap();
    vault.forget_subject(subject);
    assert!(vault.cached(row).is_none() && opened(&vault, row).await.is_none());
    assert!(
        opened(&vault, other).await.is_some(),
        "others are as they were"
    );
    let update = Value {
        exchange: 3,
        record: Some("003A"),
        ..EMAIL
    };
    assert!(matches!(
        write(&vault, &update).await,
        Err(Error::KeyMissing { .. })
    ));
    drop(vault);
    assert!(opened(&open(dir.path()), row).await.is_none());
}

#[tokio::test]
async fn a_row_moved_to_another_number_does_not_open() {
    let (dir, vault) = vault();
    let one = write(&vault, &EMAIL).await.unwrap();
    drop(vault);
    let connection = Connection::open(dir.path().join("vault.db")).unwrap();
    connection
        .execute("UPDATE token SET row = row + 1", [])
        .unwrap();
    drop(connection);
    let vault = open(dir.path());
    let moved = vault
        .load(&[one + 1])
        .await
        .unwrap()
        .pop()
        .unwrap()
        .unwrap();
    let context = Context {
        form: moved.form,
        tenant: TENANT,
        class: &moved.class,
        subject: moved.subject,
        key: moved.key_version.into(),
        row: moved.row,
    };
    assert!(crate::protect::open(&moved.key, &context, moved.nonce, &moved.ciphertext).is_err());
}

#[tokio::test]
async fn credentials_come_back_and_lie_sealed() {
    let (dir, vault) = vault();
    assert!(vault.credential("crm").await.unwrap().is_none());
    for secret in ["first-crm-secret", "second-crm-secret"] {
        vault.credential_set("crm", &secret.into()).await.unwrap();
        assert!(
            vault
                .credential("crm")
                .await
                .unwrap()
                .unwrap()
                .matches(secret.as_bytes())
        );
    }
    assert_absent(dir.path(), &["first-crm-secret", "second-crm-secret"]);
}

#[tokio::test]
async fn no_file_of_the_vault_holds_a_value_or_a_key_in_any_spelling() {
    let (dir, vault) = vault();
    let values = [
        "jan.jansen@example.nl",
        "fatima.el-idrissi@example.nl",
        "1980-01-01",
    ];
    for (n, value) in [(1, values[0]), (2, values[1])] {
        write(
            &vault,
            &Value {
                exchange: n,
                record: Some("003A"),
                value,
                ..EMAIL
            },
        )
        .await
        .unwrap();
        bind(&vault, n, "003A").await;
    }
    hold(&vault, 3, Some("003A"), values[2]).await;
    assert_absent(dir.path(), &values);
    for secret in [vault.token_key(), vault.index_key()] {
        assert!(
            !raw(dir.path())
                .windows(32)
                .any(|bytes| bytes == secret.expose())
        );
    }
    // Positive control: what is there in the clear is found by the same search.
    assert!(!absent(dir.path(), "003A") && !absent(dir.path(), "Birthdate"));
}

fn raw(folder: &Path) -> Vec<u8> {
    let files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 4, "{files:?}");
    files
        .iter()
        .flat_map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn absent(folder: &Path, value: &str) -> bool {
    let raw = raw(folder);
    let spellings = [
        value.as_bytes().to_vec(),
        value.to_uppercase().into_bytes(),
        // Without the ends, which depend on what stands beside it.
        data_encoding::BASE64_NOPAD
            .encode(&value.as_bytes()[..value.len() / 3 * 3])
            .into_bytes(),
        data_encoding::HEXLOWER
            .encode(value.as_bytes())
            .into_bytes(),
        data_encoding::HEXUPPER
            .encode(value.as_bytes())
            .into_bytes(),
        value.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        value.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ];
    !spellings
        .iter()
        .any(|spelling| raw.windows(spelling.len()).any(|at| at == spelling))
}

fn assert_absent(folder: &Path, values: &[&str]) {
    for value in values {
        assert!(absent(folder, value), "{value}");
    }
}

#[tokio::test]
async fn a_replaced_value_leaves_no_bytes_after_scrubbing() {
    let (dir, vault) = vault();
    let row = write(
        &vault,
        &Value {
            record: Some("003A"),
            ..EMAIL
        },
    )
    .await
    .unwrap();
    bind(&vault, 1, "003A").await;
    let ciphertext = vault.load(&[row]).await.unwrap()[0]
        .as_ref()
        .unwrap()
        .ciphertext
        .clone();
    let lies_there = |dir: &Path| {
        raw(dir)
            .windows(ciphertext.len())
            .any(|at| at == &*ciphertext)
    };
    assert!(lies_there(dir.path()));
    write(
        &vault,
        &Value {
            exchange: 2,
            record: Some("003A"),
            value: "new@example.nl",
            ..EMAIL
        },
    )
    .await
    .unwrap();
    bind(&vault, 2, "003A").await;
    vault.scrub().await.unwrap();
    assert!(!lies_there(dir.path()));
}

#[tokio::test]
async fn a_full_disk_fails_the_write_and_reading_goes_on() {
    let (_dir, vault) = vault();
    let row = write(&vault, &EMAIL).await.unwrap();
    let limit = |pages: u32| {
        move |connection: &Connection, (): &mut ()| {
            let sql = format!("PRAGMA max_page_count={pages}");
            Ok::<(), Error>(connection.query_row(&sql, [], |_| Ok(()))?)
        }
    };
    vault.0.rows.submit(limit(1)).await.unwrap();
    let long = "x".repeat(200_000);
    let big = Value {
        exchange: 2,
        value: &long,
        ..EMAIL
    };
    assert!(matches!(write(&vault, &big).await, Err(Error::Store(_))));
    assert_eq!(opened(&vault, row).await.unwrap(), EMAIL.value);
    assert_eq!(vault.stats().await.unwrap().pending, 1, "only the first");
    vault.0.rows.submit(limit(1_000_000)).await.unwrap();
    write(&vault, &big).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_exchanges_at_once_keep_their_values_apart() {
    let (_dir, vault) = vault();
    let tasks: Vec<_> = (0..32_u128)
        .map(|n| {
            let vault = vault.clone();
            tokio::spawn(async move {
                let value = format!("p{n}@example.nl");
                let row = write(
                    &vault,
                    &Value {
                        exchange: n,
                        value: &value,
                        ..EMAIL
                    },
                )
                .await
                .unwrap();
                bind(&vault, n, &format!("003{n}")).await;
                (row, value)
            })
        })
        .collect();
    for task in tasks {
        let (row, value) = task.await.unwrap();
        assert_eq!(opened(&vault, row).await.unwrap(), value);
    }
    assert_eq!(vault.stats().await.unwrap().subjects, 32);
}

/// Settles what a later answer tells of a record.
async fn told(vault: &Vault, id: Option<&str>, rows: &[u64], accepted: bool) {
    let told = Told {
        object: "Contact".into(),
        record: id.map(Into::into),
        rows: rows.to_vec(),
    };
    let within = (LATE, LATE + 9);
    vault
        .settle_late(within, vec![told], accepted)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_later_answer_finds_what_it_is_of_by_tokens_or_by_the_record() {
    let (_dir, vault) = vault();
    let of = async |vault: &Vault, row| {
        let loaded = vault.load(&[row]).await.unwrap().pop().unwrap().unwrap();
        loaded.record.as_deref().map(str::to_owned)
    };
    // A token of its own.
    let own = Value {
        exchange: LATE,
        ..EMAIL
    };
    let row = write(&vault, &own).await.unwrap();
    told(&vault, Some("003A"), &[row], true).await;
    assert_eq!(of(&vault, row).await.as_deref(), Some("003A"));
    // The record that is written: what stood there goes, though no token tells of it.
    let update = Value {
        exchange: LATE + 1,
        record: Some("003A"),
        value: "j.jansen@example.nl",
        ..EMAIL
    };
    let newer = write(&vault, &update).await.unwrap();
    told(&vault, Some("003B"), &[], true).await;
    assert!(opened(&vault, row).await.is_some(), "of another record");
    told(&vault, Some("003A"), &[], true).await;
    assert_eq!(of(&vault, newer).await.as_deref(), Some("003A"));
    assert!(opened(&vault, row).await.is_none());
}

#[tokio::test]
async fn a_stable_token_tells_of_a_later_answer_where_one_unit_alone_has_it() {
    let (_dir, vault) = vault();
    let stable = |exchange, value| Value {
        exchange,
        value,
        stable: true,
        ..EMAIL
    };
    let alone = write(&vault, &stable(LATE, "a@example.nl")).await.unwrap();
    told(&vault, Some("003A"), &[alone], true).await;
    assert_eq!(vault.stats().await.unwrap().pending, 0);
    for exchange in [LATE + 1, LATE + 2] {
        write(&vault, &stable(exchange, "b@example.nl"))
            .await
            .unwrap();
    }
    let shared = write(&vault, &stable(LATE + 3, "b@example.nl"))
        .await
        .unwrap();
    told(&vault, Some("003B"), &[shared], true).await;
    assert_eq!(
        vault.stats().await.unwrap().pending,
        3,
        "it may be any of them"
    );
    // Another job's are not looked at.
    let other = write(&vault, &stable(LATE + 50, "c@example.nl"))
        .await
        .unwrap();
    told(&vault, Some("003C"), &[other], true).await;
    assert_eq!(vault.stats().await.unwrap().pending, 4);
}

#[tokio::test]
async fn what_a_later_answer_refuses_goes_and_the_rest_stays() {
    let (_dir, vault) = vault();
    let own = Value {
        exchange: LATE,
        ..EMAIL
    };
    let other = Value {
        exchange: LATE + 1,
        value: "p.jansen@example.nl",
        ..EMAIL
    };
    let row = write(&vault, &own).await.unwrap();
    let stays = write(&vault, &other).await.unwrap();
    told(&vault, None, &[row], false).await;
    assert!(opened(&vault, row).await.is_none());
    assert!(opened(&vault, stays).await.is_some());
    vault.refuse(LATE + 1, vec![7]).await.unwrap();
    assert!(opened(&vault, stays).await.is_some(), "another unit");
    vault.refuse(LATE + 1, vec![0]).await.unwrap();
    assert!(opened(&vault, stays).await.is_none());
    let stats = vault.stats().await.unwrap();
    assert_eq!((stats.subjects, stats.tokens, stats.pending), (0, 0, 0));
}

#[tokio::test]
async fn what_was_copied_opens_until_its_last_place_is_written_over() {
    let (_dir, vault) = vault();
    let lead = |exchange, value| Value {
        exchange,
        record: Some("00QL"),
        value,
        ..EMAIL
    };
    let row = write(&vault, &lead(1, EMAIL.value)).await.unwrap();
    bind(&vault, 1, "00QL").await;
    assert!(opened(&vault, row).await.is_some());
    let copied = || {
        vec![Copied {
            from: record("Contact", "00QL"),
            to: vec![record("Contact", "003C")],
        }]
    };
    let fields = || vec![("Email".into(), "Contact".into(), "OtherEmail".into())];
    vault.copied(copied(), fields()).await.unwrap();
    // Nothing stands twice.
    vault.copied(copied(), fields()).await.unwrap();
    let places = async || {
        let ask = Ask {
            standing: vec![row],
            ..Ask::default()
        };
        let mut known = vault.prepare(ask).await.unwrap();
        let standing = known.standing.pop().unwrap();
        let places = standing.map(|standing| standing.places).unwrap_or_default();
        let places = places.into_iter();
        let places = places.map(|place| format!("{} {}", place.record.unwrap(), place.field));
        places.collect::<Vec<_>>()
    };
    assert_eq!(places().await, ["00QL Email", "003C OtherEmail"]);
    let stands = async |id, field| {
        let records = vec![record("Contact", "003X"), record("Contact", id)];
        vault.stands(records, field).await.unwrap()
    };
    assert!(stands("00QL", "Email").await && stands("003C", "OtherEmail").await);
    assert!(!stands("003C", "Email").await && !stands("003C", "Unknown").await);
    write(&vault, &lead(2, "other@example.nl")).await.unwrap();
    bind(&vault, 2, "00QL").await;
    assert_eq!(opened(&vault, row).await.as_deref(), Some(EMAIL.value));
    assert_eq!(places().await, ["003C OtherEmail"]);
    let contact = Value {
        exchange: 3,
        record: Some("003C"),
        field: "OtherEmail",
        value: "third@example.nl",
        ..EMAIL
    };
    write(&vault, &contact).await.unwrap();
    bind(&vault, 3, "003C").await;
    assert_eq!(opened(&vault, row).await, None);
}

/// Asks whose data two records are, of which the second is the first one's person's.
async fn joined(vault: &Vault, first: Option<&str>, second: Option<&str>) -> Known {
    let of = |id: Option<&str>, within| SubjectOf {
        record: id.map(|id| record("Contact", id)),
        within,
        ..SubjectOf::default()
    };
    let ask = Ask {
        subjects: vec![of(first, None), of(second, Some(0))],
        ..Ask::default()
    };
    vault.prepare(ask).await.unwrap()
}

async fn subject_of(vault: &Vault, id: &str) -> Arc<Subject> {
    let known = joined(vault, Some(id), None).await;
    Arc::clone(&known.subjects[0])
}

/// Makes records that are known, each by its address.
async fn people(vault: &Vault, all: &[(&str, &str)]) {
    for (exchange, (id, value)) in (1..).zip(all) {
        let value = Value {
            exchange,
            record: Some(id),
            value,
            ..EMAIL
        };
        write(vault, &value).await.unwrap();
        bind(vault, exchange, id).await;
    }
}

#[tokio::test]
async fn two_records_are_one_persons_only_where_both_are_known_as_that_persons() {
    let (_dir, vault) = vault();
    let (a, b) = ("a@example.nl", "b@example.nl");
    people(&vault, &[("00QA", a), ("003A", a), ("003B", b)]).await;
    let owner = subject_of(&vault, "00QA").await.id;
    assert_eq!(subject_of(&vault, "003A").await.id, owner);
    assert_ne!(subject_of(&vault, "003B").await.id, owner);
    for (first, second, binds) in [
        ("00QA", "003A", false),
        ("00QA", "003B", true),
        ("00QA", "003X", true),
        ("00QX", "003B", true),
        ("00QX", "003X", true),
    ] {
        let known = joined(&vault, Some(first), Some(second)).await;
        let found = known.binds(&record("Contact", second));
        assert_eq!(found, binds, "{first} {second}");
        assert_eq!(known.subjects[0].id, known.subjects[1].id);
    }
}

#[tokio::test]
async fn a_new_person_stays_new_beside_a_known_record_that_becomes_theirs() {
    let (_dir, vault) = vault();
    people(&vault, &[("500A", EMAIL.value)]).await;
    let before = subject_of(&vault, "500A").await.id;
    // As a composite that makes a contact and gives it a case of somebody else's.
    let new = SubjectOf {
        identities: vec![term(&vault, "email", "new@example.nl")],
        ..SubjectOf::default()
    };
    let case = SubjectOf {
        record: Some(record("Contact", "500A")),
        within: Some(0),
        ..SubjectOf::default()
    };
    let ask = Ask {
        subjects: vec![new, case],
        ..Ask::default()
    };
    let known = vault.prepare(ask).await.unwrap();
    let made = Arc::clone(&known.subjects[0]);
    assert!(made.is_new() && made.id != before);
    assert_eq!(known.subjects[1].id, made.id);
    let unit = |index, id: Option<&str>| Unit {
        index,
        subject: made.id,
        object: "Contact".into(),
        record: id.map(Into::into),
    };
    let rows = Rows {
        exchange: 2,
        units: vec![unit(0, None), unit(1, Some("500A"))],
        subjects: known.subjects,
        ..Rows::default()
    };
    vault.commit(rows).await.unwrap();
    assert_eq!(subject_of(&vault, "500A").await.id, before);
    let bound = |unit, id| Bound {
        unit,
        record: record("Contact", id),
        said: Said::Done,
    };
    vault
        .bind(2, vec![bound(0, "003N"), bound(1, "500A")])
        .await
        .unwrap();
    assert_eq!(subject_of(&vault, "003N").await.id, made.id);
    assert_eq!(subject_of(&vault, "500A").await.id, made.id);
}

#[tokio::test]
async fn two_writes_of_one_ask_to_a_record_that_nobody_knows_are_one_persons() {
    let (_dir, vault) = vault();
    let case = |within| SubjectOf {
        record: Some(record("Contact", "500X")),
        within,
        ..SubjectOf::default()
    };
    let ask = Ask {
        subjects: vec![SubjectOf::default(), case(Some(0)), case(None)],
        ..Ask::default()
    };
    let known = vault.prepare(ask).await.unwrap();
    let ids: Vec<u64> = known.subjects.iter().map(|subject| subject.id).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
}

#[tokio::test]
async fn what_the_crm_refused_to_convert_is_nobodys_and_may_be_converted_later() {
    let (_dir, vault) = vault();
    let convert = async |exchange| {
        let known = joined(&vault, Some("00QX"), None).await;
        assert!(known.subjects[0].is_new());
        let unit = |index, id: Option<&str>| Unit {
            index,
            subject: known.subjects[0].id,
            object: "Contact".into(),
            record: id.map(Into::into),
        };
        let rows = Rows {
            exchange,
            units: vec![unit(0, Some("00QX")), unit(1, None)],
            subjects: known.subjects.clone(),
            ..Rows::default()
        };
        vault.commit(rows).await.unwrap();
        known.subjects[0].id
    };
    convert(1).await;
    vault.forget_pending(1).await.unwrap();
    assert_eq!(vault.stats().await.unwrap().subjects, 0);
    let subject = convert(2).await;
    let bound = |unit, id| Bound {
        unit,
        record: record("Contact", id),
        said: Said::Done,
    };
    vault
        .bind(2, vec![bound(0, "00QX"), bound(1, "003N")])
        .await
        .unwrap();
    for id in ["00QX", "003N"] {
        assert_eq!(subject_of(&vault, id).await.id, subject);
    }
}
