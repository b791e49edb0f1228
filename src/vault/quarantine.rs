//! Texts in quarantine: sealed here while a person decides, with a placeholder in the CRM.
//!
//! A text is on disk before its placeholder leaves. It goes only by a decision: not when the CRM
//! refuses the write, and not when the answer to it is never known.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::model::Timestamp;
use crate::protect::{FormatVersion, SubjectKey};
use crate::vault::commit::Write;
use crate::vault::names::Names;
use crate::vault::rows::{NewQuarantined, Record};
use crate::vault::subject_keys::SubjectKeys;
use crate::vault::{Error, Vault};

/// What became of a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    Waiting,
    Released,
    Dropped,
}

impl Fate {
    const fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Released => 1,
            Self::Dropped => 2,
        }
    }

    fn of(number: i64) -> Result<Self, Error> {
        [Self::Waiting, Self::Released, Self::Dropped]
            .into_iter()
            .find(|fate| fate.number() == number)
            .ok_or(Error::Broken("a text in quarantine without a fate"))
    }
}

/// A text in quarantine, sealed; without its key it cannot be read any more.
pub struct Quarantined {
    pub id: String,
    pub row: u64,
    pub subject: u64,
    pub key_version: u32,
    pub class: Arc<str>,
    pub object: Arc<str>,
    pub field: Arc<str>,
    /// `None` until the CRM has told the id of a new record, and where it never did.
    pub record: Option<String>,
    /// Whether the CRM has refused the write.
    pub refused: bool,
    pub client: String,
    /// Names of categories, separated by blanks.
    pub categories: String,
    pub made: Timestamp,
    pub fate: Fate,
    pub decided: Option<Decided>,
    pub nonce: [u8; 12],
    /// Empty once it was decided.
    pub ciphertext: Vec<u8>,
    pub key: Option<Arc<SubjectKey>>,
}

/// Who decided, when, and why: the reason is sealed as the text was.
#[derive(Clone, Debug)]
pub struct Decided {
    pub at: Timestamp,
    pub by: String,
    pub second: Option<String>,
    pub nonce: [u8; 12],
    pub reason: Vec<u8>,
}

const COLUMNS: &str = "id, row, subject, key_version, class, object, field, record, refused,
    client, categories, made, fate, nonce, ciphertext, decided, decided_by, second, reason_nonce,
    reason";

impl Vault {
    /// All texts that wait, the oldest first; with `all` also those that were decided.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn quarantined(&self, all: bool) -> Result<Vec<Quarantined>, Error> {
        let inner = Arc::clone(&self.0);
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            let sql =
                format!("SELECT {COLUMNS} FROM quarantine WHERE fate = 0 OR ?1 ORDER BY made, id");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([all])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(quarantined(connection, &names, &inner.subject_keys, row)?);
            }
            Ok::<_, Error>(found)
        };
        self.0.readers.run(read).await
    }

    /// A field of one of these records in which a text waits, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(&self, records: Vec<Record>) -> Result<Option<Arc<str>>, Error> {
        let inner = Arc::clone(&self.0);
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            let mut statement = connection.prepare_cached(
                "SELECT field FROM quarantine WHERE record = ?1 AND object = ?2 AND fate = 0
                 AND refused = 0 LIMIT 1",
            )?;
            for record in &records {
                let Some(object) = names.id(&record.object) else {
                    continue;
                };
                let found = statement.query_row((&record.id, object), |row| row.get(0));
                if let Some(field) = found.optional()? {
                    return names.text(field).map(Some);
                }
            }
            Ok::<_, Error>(None)
        };
        self.0.readers.run(read).await
    }

    /// The text of that id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn in_quarantine(&self, id: &str) -> Result<Option<Quarantined>, Error> {
        let inner = Arc::clone(&self.0);
        let id = id.to_owned();
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            let sql = format!("SELECT {COLUMNS} FROM quarantine WHERE id = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let read =
                |row: &Row<'_>| Ok(quarantined(connection, &names, &inner.subject_keys, row));
            let found = statement.query_row([&id], read).optional()?;
            found.transpose()
        };
        self.0.readers.run(read).await
    }

    /// Records that a person looks at a text. The caller shows it after this has returned.
    ///
    /// # Errors
    /// When the database fails: then it may not be shown.
    pub async fn viewed(&self, id: &str, by: Decided) -> Result<(), Error> {
        let id = id.to_owned();
        let write = move |connection: &Connection, (): &mut ()| {
            connection.execute(
                "INSERT INTO quarantine_view (id, seen, seen_by, nonce, reason)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (id, by.at.0, by.by, by.nonce, by.reason),
            )?;
            Ok::<_, Error>(())
        };
        self.0.rows.submit(write).await
    }

    /// Who has looked at a text, the first first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn views(&self, id: &str) -> Result<Vec<Decided>, Error> {
        let id = id.to_owned();
        let read = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seen, seen_by, nonce, reason FROM quarantine_view WHERE id = ?1
                 ORDER BY view",
            )?;
            let rows = statement.query_map([id], |row| {
                Ok(Decided {
                    at: Timestamp(row.get(0)?),
                    by: row.get(1)?,
                    second: None,
                    nonce: row.get(2)?,
                    reason: row.get(3)?,
                })
            })?;
            Ok::<_, Error>(rows.collect::<Result<_, _>>()?)
        };
        self.0.readers.run(read).await
    }

    /// Records a decision and wipes the text. `false`: it waits no more, nothing was done.
    ///
    /// # Errors
    /// When the database fails: then it goes on waiting.
    pub async fn decide(&self, id: &str, fate: Fate, decided: Decided) -> Result<bool, Error> {
        let id = id.to_owned();
        let write = move |connection: &Connection, (): &mut ()| {
            let done = connection.execute(
                "UPDATE quarantine SET fate = ?2, decided = ?3, decided_by = ?4, second = ?5,
                 reason_nonce = ?6, reason = ?7, ciphertext = x'' WHERE id = ?1 AND fate = 0",
                (
                    id,
                    fate.number(),
                    decided.at.0,
                    decided.by,
                    decided.second,
                    decided.nonce,
                    decided.reason,
                ),
            )?;
            Ok::<_, Error>(done == 1)
        };
        self.0.rows.submit(write).await
    }

    /// Rows of a subject's newest values of some classes: what may be known of a person in text.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows_of(
        &self,
        subject: u64,
        classes: Vec<String>,
        most: u32,
    ) -> Result<Vec<u64>, Error> {
        let inner = Arc::clone(&self.0);
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            let known: Vec<i64> = classes.iter().filter_map(|name| names.id(name)).collect();
            let mut statement = connection.prepare_cached(
                "SELECT row, class FROM token WHERE subject = ?1 AND length(ciphertext) > 0
                 ORDER BY row DESC LIMIT 1000",
            )?;
            let mut rows = statement.query([subject.cast_signed()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                if known.contains(&row.get(1)?) && found.len() < most as usize {
                    found.push(row.get::<_, i64>(0)?.cast_unsigned());
                }
            }
            Ok::<_, Error>(found)
        };
        self.0.readers.run(read).await
    }
}

impl Write<'_> {
    pub(super) fn quarantined(&self, new: &NewQuarantined) -> Result<(), Error> {
        let (pending, unit) = self.unit(new.unit)?;
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO quarantine (id, row, subject, key_version, class, object, field, record,
             pending, refused, client, categories, made, fate, form, nonce, ciphertext)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, 0, ?13, ?14, ?15)",
        )?;
        let done = insert.execute(rusqlite::params![
            new.id,
            new.row.cast_signed(),
            unit.subject.cast_signed(),
            self.version(unit)?,
            self.names.known(&new.class)?,
            self.names.known(&unit.object)?,
            self.names.known(&new.field)?,
            unit.record,
            pending,
            self.rows.client,
            new.categories,
            self.now.0,
            FormatVersion::Vault1.byte(),
            new.nonce,
            new.ciphertext,
        ]);
        // Another text has the same short id: the exchange begins again with another row.
        done.map_err(crate::vault::commit::conflict)?;
        Ok(())
    }
}

/// The CRM has accepted the write of `pending`: its texts wait at this record.
pub(super) fn bind(connection: &Connection, pending: i64, record: &str) -> Result<(), Error> {
    connection
        .prepare_cached("UPDATE quarantine SET pending = NULL, record = ?2 WHERE pending = ?1")?
        .execute((pending, record))?;
    Ok(())
}

/// The CRM has refused the write of `pending`: its texts wait all the same.
pub(super) fn refuse(connection: &Connection, pending: i64) -> Result<(), Error> {
    connection
        .prepare_cached("UPDATE quarantine SET pending = NULL, refused = 1 WHERE pending = ?1")?
        .execute([pending])?;
    Ok(())
}

fn quarantined(
    connection: &Connection,
    names: &Names,
    keys: &SubjectKeys,
    row: &Row<'_>,
) -> Result<Quarantined, Error> {
    let subject = row.get::<_, i64>(2)?.cast_unsigned();
    let key_version = row.get(3)?;
    let key = match keys.find(connection, subject, key_version) {
        Err(Error::Keys(error)) => {
            tracing::error!(subject, %error, "a subject's key does not unwrap");
            None
        }
        other => other?,
    };
    let decided = match row.get::<_, Option<i64>>(15)? {
        Some(at) => Some(Decided {
            at: Timestamp(at),
            by: row.get(16)?,
            second: row.get(17)?,
            nonce: row.get(18)?,
            reason: row.get(19)?,
        }),
        None => None,
    };
    Ok(Quarantined {
        id: row.get(0)?,
        row: row.get::<_, i64>(1)?.cast_unsigned(),
        subject,
        key_version,
        class: names.text(row.get(4)?)?,
        object: names.text(row.get(5)?)?,
        field: names.text(row.get(6)?)?,
        record: row.get(7)?,
        refused: row.get(8)?,
        client: row.get(9)?,
        categories: row.get(10)?,
        made: Timestamp(row.get(11)?),
        fate: Fate::of(row.get(12)?)?,
        nonce: row.get(13)?,
        ciphertext: row.get(14)?,
        decided,
        key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::{Context, open, seal};
    use crate::vault::tests::{record, vault};
    use crate::vault::{Ask, Bound, Rows, Said, SubjectOf, Unit};

    const TEXT: &str = "Mevrouw ligt aan de dialyse";

    fn context(subject: u64, row: u64) -> Context<'static> {
        Context {
            form: FormatVersion::Vault1,
            tenant: "voorbeeld",
            class: "free_text",
            subject,
            key: 1,
            row,
        }
    }

    /// A text of a record that is not known yet, made durable: its subject.
    async fn kept(vault: &Vault, exchange: u128, id: &str) -> u64 {
        let ask = Ask {
            subjects: vec![SubjectOf::default()],
            rows: 1,
            ..Ask::default()
        };
        let known = vault.prepare(ask).await.unwrap();
        let (subject, row) = (Arc::clone(&known.subjects[0]), known.rows.start);
        let sealed = seal(
            &subject.key,
            &context(subject.id, row),
            [3; 12],
            TEXT.as_bytes(),
        );
        let number = subject.id;
        let rows = Rows {
            exchange,
            units: vec![Unit {
                index: 0,
                subject: number,
                object: "Contact".into(),
                record: None,
            }],
            subjects: vec![subject],
            quarantined: vec![NewQuarantined {
                row,
                unit: 0,
                class: "free_text".into(),
                field: "Description".into(),
                id: id.to_owned(),
                categories: "health".to_owned(),
                nonce: [3; 12],
                ciphertext: sealed.unwrap().into(),
            }],
            client: "adapter".to_owned(),
            ..Rows::default()
        };
        vault.commit(rows).await.unwrap();
        number
    }

    fn opened(found: &Quarantined) -> String {
        let key = found.key.as_ref().unwrap();
        let context = context(found.subject, found.row);
        let text = open(key, &context, found.nonce, &found.ciphertext).unwrap();
        text.expose().to_owned()
    }

    fn decided() -> Decided {
        Decided {
            at: Timestamp(7),
            by: "anna".to_owned(),
            second: None,
            nonce: [4; 12],
            reason: vec![1, 2, 3],
        }
    }

    #[tokio::test]
    async fn a_text_waits_at_the_record_that_the_crm_has_told() {
        let (_dir, vault) = vault();
        kept(&vault, 1, "aaaaaaaa").await;
        let before = vault.quarantined(false).await.unwrap();
        assert_eq!((before.len(), &before[0].record), (1, &None));
        let bound = Bound {
            unit: 0,
            record: record("Contact", "003A"),
            said: Said::Done,
        };
        vault.bind(1, vec![bound]).await.unwrap();
        let found = vault.in_quarantine("aaaaaaaa").await.unwrap().unwrap();
        assert_eq!(found.record.as_deref(), Some("003A"));
        assert!(!found.refused && found.fate == Fate::Waiting);
        assert_eq!((&*found.client, &*found.categories), ("adapter", "health"));
        assert_eq!(opened(&found), TEXT);
        let waiting = async |id| vault.waiting(vec![record("Contact", id)]).await.unwrap();
        assert_eq!(waiting("003A").await.as_deref(), Some("Description"));
        assert_eq!(waiting("003B").await, None);
        vault
            .decide("aaaaaaaa", Fate::Dropped, decided())
            .await
            .unwrap();
        assert_eq!(waiting("003A").await, None);
    }

    #[tokio::test]
    async fn a_text_whose_write_was_refused_is_kept_with_its_key() {
        let (_dir, vault) = vault();
        kept(&vault, 1, "aaaaaaaa").await;
        vault.forget_pending(1).await.unwrap();
        let found = vault.in_quarantine("aaaaaaaa").await.unwrap().unwrap();
        assert!(found.refused);
        assert_eq!(opened(&found), TEXT);
    }

    #[tokio::test]
    async fn a_decision_wipes_the_text_and_is_made_once() {
        let (_dir, vault) = vault();
        kept(&vault, 1, "aaaaaaaa").await;
        kept(&vault, 2, "bbbbbbbb").await;
        let first = vault.decide("aaaaaaaa", Fate::Dropped, decided()).await;
        assert!(first.unwrap());
        let second = vault.decide("aaaaaaaa", Fate::Released, decided()).await;
        assert!(!second.unwrap());
        let found = vault.in_quarantine("aaaaaaaa").await.unwrap().unwrap();
        assert_eq!((found.fate, found.ciphertext.len()), (Fate::Dropped, 0));
        assert_eq!(found.decided.unwrap().by, "anna");
        let waiting = vault.quarantined(false).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].id, "bbbbbbbb");
        assert_eq!(vault.quarantined(true).await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn two_texts_of_one_id_conflict_and_the_first_stands() {
        let (_dir, vault) = vault();
        let first = kept(&vault, 1, "aaaaaaaa").await;
        let ask = Ask {
            subjects: vec![SubjectOf::default()],
            rows: 1,
            ..Ask::default()
        };
        let known = vault.prepare(ask).await.unwrap();
        let rows = Rows {
            exchange: 2,
            units: vec![Unit {
                index: 0,
                subject: known.subjects[0].id,
                object: "Contact".into(),
                record: None,
            }],
            quarantined: vec![NewQuarantined {
                row: known.rows.start,
                unit: 0,
                class: "free_text".into(),
                field: "Description".into(),
                id: "aaaaaaaa".to_owned(),
                categories: String::new(),
                nonce: [3; 12],
                ciphertext: [1].into(),
            }],
            subjects: known.subjects,
            ..Rows::default()
        };
        assert!(matches!(vault.commit(rows).await, Err(Error::Conflict)));
        let found = vault.in_quarantine("aaaaaaaa").await.unwrap().unwrap();
        assert_eq!(found.subject, first);
    }
}
