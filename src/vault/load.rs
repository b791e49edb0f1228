//! The way in: rows for tokens, and held values for records. Warm reads touch no disk.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rusqlite::{Connection, OptionalExtension, Row};

use crate::protect::{FormatVersion, SubjectKey};
use crate::vault::cache::Weighs;
use crate::vault::names::Names;
use crate::vault::rows::{Held, Record, Sealed};
use crate::vault::subject_keys::SubjectKeys;
use crate::vault::{Error, Vault};

impl Weighs for Sealed {
    fn weight(&self) -> usize {
        // Once sealed and once opened.
        2 * self.ciphertext.len() + self.record.as_deref().map_or(0, str::len)
    }

    fn is_of(&self, subject: u64) -> bool {
        self.subject == subject
    }
}

/// The held values of one record; most records have none, and that is worth keeping too.
pub(super) type HeldOf = Vec<Held>;

impl Weighs for HeldOf {
    fn weight(&self) -> usize {
        self.iter()
            .map(|held| 192 + 2 * held.ciphertext.len())
            .sum()
    }

    fn is_of(&self, subject: u64) -> bool {
        self.iter().any(|held| held.subject == subject)
    }
}

/// What a read is for. A table of millions of rows is read once: kept, it would only drive out what
/// people look at again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reader {
    /// What it finds is kept for the next one.
    Page,
    Table,
}

impl Vault {
    /// A row that was read before: no disk, no waiting.
    #[must_use]
    pub fn cached(&self, row: u64) -> Option<Arc<Sealed>> {
        self.0.tokens.get(&row)
    }

    /// Rows in the order asked, from the cache or in one read. `None` stands for a token that
    /// never was, was replaced, or cannot be opened because its key is gone or does not unwrap.
    ///
    /// # Errors
    /// When the database fails; then nothing may be revealed.
    pub async fn load(&self, rows: &[u64]) -> Result<Vec<Option<Arc<Sealed>>>, Error> {
        self.rows(rows, Reader::Page).await
    }

    /// As [`Self::load`] for one of many portions of a table.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn scan(&self, rows: &[u64]) -> Result<Vec<Option<Arc<Sealed>>>, Error> {
        self.rows(rows, Reader::Table).await
    }

    async fn rows(&self, rows: &[u64], reader: Reader) -> Result<Vec<Option<Arc<Sealed>>>, Error> {
        let mut found: Vec<Option<Arc<Sealed>>> =
            rows.iter().map(|row| self.cached(*row)).collect();
        let mut missing: Vec<u64> = rows
            .iter()
            .zip(&found)
            .filter(|(_, found)| found.is_none())
            .map(|(row, _)| *row)
            .collect();
        if missing.is_empty() {
            return Ok(found);
        }
        // In the order in which they lie in the file, each page is looked at once.
        missing.sort_unstable();
        missing.dedup();
        let mark = self.0.tokens.mark();
        let inner = Arc::clone(&self.0);
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            read_tokens(connection, &names, &inner.subject_keys, &missing)
        };
        let read: HashMap<u64, Arc<Sealed>> = self.0.readers.run(read).await?;
        for (row, found) in rows.iter().zip(&mut found) {
            if found.is_none() {
                *found = read.get(row).cloned();
            }
        }
        if reader == Reader::Page {
            self.0.tokens.fill(mark, read);
        }
        Ok(found)
    }

    /// The row of the one token that stands in a field of a record, the newest, for each place in
    /// order. None where there is none, where a write has not been answered, and for stable tokens, which stand
    /// in many places.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows_at(&self, places: Vec<(Record, String)>) -> Result<Vec<Option<u64>>, Error> {
        let inner = Arc::clone(&self.0);
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            let mut statement = connection.prepare_cached(
                "SELECT row, pending IS NULL AND stable = 0 FROM token
                 WHERE record = ?1 AND object = ?2 AND field = ?3 AND superseded = 0 LIMIT 2",
            )?;
            let mut found = Vec::with_capacity(places.len());
            for (record, field) in &places {
                let ids = names.id(&record.object).zip(names.id(field));
                let Some((object, field)) = ids else {
                    found.push(None);
                    continue;
                };
                let rows = statement.query_map((&record.id, object, field), |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
                })?;
                let rows = rows.collect::<Result<Vec<_>, _>>()?;
                found.push(match rows.as_slice() {
                    [(row, true)] => Some(row.cast_unsigned()),
                    _ => None,
                });
            }
            Ok::<_, Error>(found)
        };
        self.0.readers.run(read).await
    }

    /// The held values of each record, in the order asked.
    ///
    /// # Errors
    /// When the database fails; then the answer may not pass.
    pub async fn held(&self, records: &[Record]) -> Result<Vec<Arc<HeldOf>>, Error> {
        self.held_of(records, Reader::Page).await
    }

    /// As [`Self::held`] for one of many portions of a table.
    ///
    /// # Errors
    /// As [`Self::held`].
    pub async fn scan_held(&self, records: &[Record]) -> Result<Vec<Arc<HeldOf>>, Error> {
        self.held_of(records, Reader::Table).await
    }

    async fn held_of(&self, records: &[Record], reader: Reader) -> Result<Vec<Arc<HeldOf>>, Error> {
        let missing: Vec<Record> = records
            .iter()
            .filter(|record| self.0.held.get(record).is_none())
            .cloned()
            .collect();
        let mut read = HashMap::new();
        if !missing.is_empty() {
            let mark = self.0.held.mark();
            let inner = Arc::clone(&self.0);
            let work = move |connection: &Connection| {
                let names = inner.names_at(connection)?;
                let mut found = HashMap::with_capacity(missing.len());
                for record in missing {
                    let held = read_held(connection, &names, &inner.subject_keys, &record)?;
                    found.insert(record, Arc::new(held));
                }
                Ok::<_, Error>(found)
            };
            read = self.0.readers.run(work).await?;
            if reader == Reader::Page {
                let fresh = read
                    .iter()
                    .map(|(record, held)| (record.clone(), Arc::clone(held)));
                self.0.held.fill(mark, fresh);
            }
        }
        let mut all = Vec::with_capacity(records.len());
        for record in records {
            let held = match read.get(record) {
                Some(held) => Some(Arc::clone(held)),
                None => self.0.held.get(record),
            };
            // Between the two looks an entry may have been removed; then it is read by itself.
            all.push(match held {
                Some(held) => held,
                None => self.held_anew(record).await?,
            });
        }
        Ok(all)
    }

    async fn held_anew(&self, record: &Record) -> Result<Arc<HeldOf>, Error> {
        let inner = Arc::clone(&self.0);
        let record = record.clone();
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            read_held(connection, &names, &inner.subject_keys, &record)
        };
        Ok(Arc::new(self.0.readers.run(read).await?))
    }
}

/// Point reads by rising primary key.
fn read_tokens(
    connection: &Connection,
    names: &Names,
    keys: &SubjectKeys,
    rows: &[u64],
) -> Result<HashMap<u64, Arc<Sealed>>, Error> {
    let mut found = HashMap::with_capacity(rows.len());
    let mut statement = connection.prepare_cached(
        "SELECT subject, key_version, class, form, nonce, ciphertext, object, field, record, stable
         FROM token WHERE row = ?1",
    )?;
    for row in rows {
        let read = |columns: &Row<'_>| Ok(sealed(connection, names, keys, *row, columns));
        let Some(sealed) = statement.query_row([row.cast_signed()], read).optional()? else {
            continue;
        };
        if let Some(sealed) = sealed? {
            found.insert(*row, Arc::new(sealed));
        }
    }
    Ok(found)
}

fn sealed(
    connection: &Connection,
    names: &Names,
    keys: &SubjectKeys,
    row: u64,
    columns: &Row<'_>,
) -> Result<Option<Sealed>, Error> {
    let content = Content::read(names, columns)?;
    let Some(key) = content.key(connection, keys)? else {
        return Ok(None);
    };
    Ok(Some(Sealed {
        row,
        subject: content.subject,
        key_version: content.key_version,
        class: content.class,
        object: names.text(columns.get(6)?)?,
        field: names.text(columns.get(7)?)?,
        record: columns.get(8)?,
        stable: columns.get(9)?,
        form: content.form,
        nonce: content.nonce,
        ciphertext: content.ciphertext,
        key,
        opened: OnceLock::new(),
    }))
}

/// Of a field that has several values the latest that the CRM has agreed to; where it has agreed to
/// none, the latest.
fn read_held(
    connection: &Connection,
    names: &Names,
    keys: &SubjectKeys,
    record: &Record,
) -> Result<HeldOf, Error> {
    let mut held: HeldOf = Vec::new();
    let Some(object) = names.id(&record.object) else {
        return Ok(held);
    };
    let mut statement = connection.prepare_cached(
        "SELECT subject, key_version, class, form, nonce, ciphertext, field, row
         FROM held WHERE record = ?1 AND object = ?2
         ORDER BY field, settled IS NULL, row DESC",
    )?;
    let mut rows = statement.query((&record.id, object))?;
    let mut last = None;
    while let Some(columns) = rows.next()? {
        let field: i64 = columns.get(6)?;
        if last == Some(field) {
            continue;
        }
        last = Some(field);
        let content = Content::read(names, columns)?;
        if let Some(key) = content.key(connection, keys)? {
            held.push(Held {
                row: columns.get::<_, i64>(7)?.cast_unsigned(),
                subject: content.subject,
                key_version: content.key_version,
                class: content.class,
                field: names.text(field)?,
                form: content.form,
                nonce: content.nonce,
                ciphertext: content.ciphertext,
                key,
                opened: OnceLock::new(),
            });
        }
    }
    Ok(held)
}

/// The first six columns of either query.
struct Content {
    subject: u64,
    key_version: u32,
    class: Arc<str>,
    form: FormatVersion,
    nonce: [u8; 12],
    ciphertext: Box<[u8]>,
}

impl Content {
    fn read(names: &Names, columns: &Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            subject: columns.get::<_, i64>(0)?.cast_unsigned(),
            key_version: columns.get(1)?,
            class: names.text(columns.get(2)?)?,
            form: FormatVersion::try_from(columns.get::<_, u8>(3)?)?,
            nonce: columns.get(4)?,
            ciphertext: columns.get_ref(5)?.as_blob().map_err(|_| BLOB)?.into(),
        })
    }

    /// One key that does not unwrap makes its own values unreadable and no others.
    fn key(
        &self,
        connection: &Connection,
        keys: &SubjectKeys,
    ) -> Result<Option<Arc<SubjectKey>>, Error> {
        match keys.find(connection, self.subject, self.key_version) {
            Err(Error::Keys(error)) => {
                tracing::error!(subject = self.subject, %error, "a subject's key does not unwrap");
                Ok(None)
            }
            other => other,
        }
    }
}

const BLOB: Error = Error::Broken("a ciphertext that is no blob");
