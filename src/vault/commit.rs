//! The durable phase of a write: keys first, then rows; acknowledged when both are on disk.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode, OptionalExtension};

use crate::model::Timestamp;
use crate::vault::names::{Names, intern};
use crate::vault::rows::{NewHeld, Reused, Rows, Subject, Unit};
use crate::vault::{Error, Vault};

impl Vault {
    /// Makes one exchange's rows durable. Nothing may be sent to the CRM before this returns `Ok`.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another exchange made the same subject or stable token, or removed
    /// what this one refers to: prepare again. On any error the exchange has no rows.
    pub async fn commit(&self, rows: Rows) -> Result<(), Error> {
        let names = self.intern(words(&rows)).await?;
        let wrapped: Vec<(u64, u32, Vec<u8>)> = rows
            .subjects
            .iter()
            .filter_map(|subject| {
                let key = subject.new.clone()?;
                Some((subject.id, subject.key_version, key))
            })
            .collect();
        let made: Vec<u64> = wrapped.iter().map(|(subject, ..)| *subject).collect();
        if !wrapped.is_empty() {
            let keep =
                move |connection: &Connection, (): &mut ()| insert_keys(connection, &wrapped);
            self.0.keys.submit(keep).await?;
        }
        let rows = Arc::new(rows);
        let write = {
            let rows = Arc::clone(&rows);
            let now = self.0.clock.now();
            move |connection: &Connection, (): &mut ()| {
                Write::new(connection, &names, &rows, now)?.run()
            }
        };
        if let Err(error) = self.0.rows.submit(write).await {
            self.drop_keys(made).await;
            return Err(error);
        }
        // A record whose held values were read before this write has more of them.
        self.0.held.remove(rows.units.iter().filter_map(|unit| {
            let id = unit.record.clone()?;
            Some(crate::vault::Record {
                object: Arc::clone(&unit.object),
                id,
            })
        }));
        Ok(())
    }

    /// Numbers for words, on disk before anything refers to them.
    pub(super) async fn intern(&self, mut words: Vec<Arc<str>>) -> Result<Arc<Names>, Error> {
        let names = self.0.names.load_full();
        words.retain(|word| names.id(word).is_none());
        if words.is_empty() {
            return Ok(names);
        }
        let write = move |connection: &Connection, (): &mut ()| intern(connection, &words);
        let added = self.0.rows.submit(write).await?;
        self.0.names.rcu(|names| {
            let mut more = Names::clone(names);
            for (id, word) in &added {
                more.add(*id, Arc::clone(word));
            }
            more
        });
        Ok(self.0.names.load_full())
    }

    /// Keys of subjects that do not exist after all. Left over, they would open nothing.
    pub(super) async fn drop_keys(&self, subjects: Vec<u64>) {
        for subject in &subjects {
            self.0.subject_keys.forget(*subject);
        }
        if subjects.is_empty() {
            return;
        }
        let drop = move |connection: &Connection, (): &mut ()| {
            let mut delete =
                connection.prepare_cached("DELETE FROM subject_key WHERE subject = ?1")?;
            for subject in &subjects {
                delete.execute([subject.cast_signed()])?;
            }
            Ok::<(), Error>(())
        };
        if let Err(error) = self.0.keys.submit(drop).await {
            tracing::warn!(%error, "keys of subjects that were not made could not be removed");
        }
    }
}

fn words(rows: &Rows) -> Vec<Arc<str>> {
    let mut words: Vec<&Arc<str>> = Vec::new();
    let mut add = |word| {
        // Few distinct words, in long runs of the same.
        if !words.contains(&word) {
            words.push(word);
        }
    };
    for subject in &rows.subjects {
        subject.identities.iter().for_each(|term| add(&term.class));
        subject
            .records
            .iter()
            .for_each(|(record, _)| add(&record.object));
    }
    rows.units.iter().for_each(|unit| add(&unit.object));
    for token in &rows.tokens {
        add(&token.class);
        add(&token.field);
        token.search.iter().for_each(|term| add(&term.class));
    }
    for held in &rows.held {
        add(&held.class);
        add(&held.field);
    }
    for text in &rows.quarantined {
        add(&text.class);
        add(&text.field);
    }
    rows.reused.iter().for_each(|reused| add(&reused.field));
    rows.cleared.iter().for_each(|cleared| add(&cleared.field));
    words.into_iter().cloned().collect()
}

fn insert_keys(connection: &Connection, keys: &[(u64, u32, Vec<u8>)]) -> Result<(), Error> {
    // The same subject may come several times. Another key under a number that was given out once
    // would be a fault of ours, and the stored one must stand.
    let mut insert = connection.prepare_cached(
        "INSERT INTO subject_key (subject, version, wrapped) VALUES (?1, ?2, ?3)
         ON CONFLICT (subject, version) DO UPDATE SET wrapped = excluded.wrapped
         WHERE wrapped = excluded.wrapped",
    )?;
    for (subject, version, wrapped) in keys {
        if insert.execute((subject.cast_signed(), version, wrapped))? == 0 {
            return Err(Error::Broken("a subject with two keys"));
        }
    }
    Ok(())
}

/// One exchange's rows on their way into the tables.
pub(super) struct Write<'a> {
    pub(super) connection: &'a Connection,
    pub(super) names: &'a Names,
    pub(super) rows: &'a Rows,
    exchange: [u8; 16],
    pub(super) now: Timestamp,
    subjects: BTreeMap<u64, &'a Subject>,
    /// For each unit its row of `pending`.
    pending: HashMap<u32, (i64, &'a Unit)>,
}

impl<'a> Write<'a> {
    fn new(
        connection: &'a Connection,
        names: &'a Names,
        rows: &'a Rows,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let subjects: BTreeMap<u64, &Subject> = rows
            .subjects
            .iter()
            .map(|subject| (subject.id, &**subject))
            .collect();
        if rows
            .units
            .iter()
            .any(|unit| !subjects.contains_key(&unit.subject))
        {
            return Err(Error::Broken("a unit of a subject that was not prepared"));
        }
        Ok(Self {
            connection,
            names,
            rows,
            exchange: rows.exchange.to_be_bytes(),
            now,
            subjects,
            pending: HashMap::new(),
        })
    }

    fn run(mut self) -> Result<(), Error> {
        for subject in self.subjects.values() {
            self.subject(subject)?;
        }
        self.units()?;
        self.tokens()?;
        for held in &self.rows.held {
            self.held(held)?;
        }
        for reused in &self.rows.reused {
            self.reused(reused)?;
        }
        for text in &self.rows.quarantined {
            self.quarantined(text)?;
        }
        for cleared in &self.rows.cleared {
            let (pending, _) = self.unit(cleared.unit)?;
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO cleared (pending, field) VALUES (?1, ?2)")?
                .execute((pending, self.names.known(&cleared.field)?))?;
        }
        Ok(())
    }

    fn subject(&self, subject: &Subject) -> Result<(), Error> {
        let id = subject.id.cast_signed();
        if subject.is_new() {
            self.connection
                .prepare_cached(
                    "INSERT INTO subject (id, key_version, made, exchange) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((id, subject.key_version, self.now.0, self.exchange))?;
        } else {
            let version: Option<u32> = self
                .connection
                .prepare_cached("SELECT key_version FROM subject WHERE id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?;
            // Erased, or given another key, since it was read.
            if version != Some(subject.key_version) {
                return Err(Error::Conflict);
            }
        }
        for term in &subject.identities {
            self.connection
                .prepare_cached(
                    "INSERT INTO identity (class, term, subject, exchange) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((self.names.known(&term.class)?, term.mac, id, self.exchange))
                .map_err(conflict)?;
        }
        for (record, was) in &subject.records {
            let object = self.names.known(&record.object)?;
            // A record that moves to another subject does so when the CRM has agreed.
            if was.is_none() {
                self.connection
                    .prepare_cached(
                        "INSERT INTO record (subject, object, record) VALUES (?1, ?2, ?3)",
                    )?
                    .execute((id, object, &record.id))
                    .map_err(conflict)?;
            }
        }
        Ok(())
    }

    fn units(&mut self) -> Result<(), Error> {
        // The rows of a unit lie close together, so that their range serves as their index.
        let mut ranges: HashMap<u32, (i64, i64)> = HashMap::new();
        for token in &self.rows.tokens {
            let row = token.row.cast_signed();
            let range = ranges.entry(token.unit).or_insert((row, row));
            *range = (range.0.min(row), range.1.max(row));
        }
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO pending
             (exchange, unit, subject, former, object, first_row, last_row, made, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for unit in &self.rows.units {
            let (first, last) = ranges.get(&unit.index).copied().unwrap_or((0, -1));
            insert.execute((
                self.exchange,
                unit.index,
                unit.subject.cast_signed(),
                self.former(unit).map(u64::cast_signed),
                self.names.known(&unit.object)?,
                first,
                last,
                self.now.0,
                unit.record.as_deref().filter(|_| self.rows.late),
            ))?;
            self.pending
                .insert(unit.index, (self.connection.last_insert_rowid(), unit));
        }
        Ok(())
    }

    /// The subject that the unit's record has until the CRM has agreed to this write.
    fn former(&self, unit: &Unit) -> Option<u64> {
        let subject = self.subjects.get(&unit.subject)?;
        let is_own =
            |id: &str, object: &str| unit.record.as_deref() == Some(id) && *unit.object == *object;
        let own = subject.records.iter();
        let mut own = own.filter(|(record, _)| is_own(&record.id, &record.object));
        own.find_map(|(_, was)| *was)
    }

    pub(super) fn unit(&self, index: u32) -> Result<(i64, &'a Unit), Error> {
        self.pending
            .get(&index)
            .copied()
            .ok_or(Error::Broken("a value of no unit"))
    }

    pub(super) fn version(&self, unit: &Unit) -> Result<u32, Error> {
        self.subjects
            .get(&unit.subject)
            .map(|subject| subject.key_version)
            .ok_or(Error::Broken("a unit of no subject"))
    }

    fn tokens(&self) -> Result<(), Error> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO token (row, subject, key_version, class, object, field, record, stable,
             pending, form, nonce, ciphertext)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?;
        let mut insert_term = self.connection.prepare_cached(
            "INSERT INTO term (class, term, row, stable) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for token in &self.rows.tokens {
            let (pending, unit) = self.unit(token.unit)?;
            let class = self.names.known(&token.class)?;
            let row = token.row.cast_signed();
            insert.execute((
                row,
                unit.subject.cast_signed(),
                self.version(unit)?,
                class,
                self.names.known(&unit.object)?,
                self.names.known(&token.field)?,
                &unit.record,
                token.stable.is_some(),
                pending,
                token.form.byte(),
                token.nonce,
                &token.ciphertext,
            ))?;
            if let Some(mac) = token.stable {
                let values = (class, mac, row, true);
                insert_term.execute(values).map_err(conflict)?;
                self.place(token.unit, row, &token.field)?;
            }
            for term in &token.search {
                if token.stable != Some(term.mac) || term.class != token.class {
                    let class = self.names.known(&term.class)?;
                    insert_term.execute((class, term.mac, row, false))?;
                }
            }
        }
        Ok(())
    }

    fn held(&self, held: &NewHeld) -> Result<(), Error> {
        let (pending, unit) = self.unit(held.unit)?;
        self.connection
            .prepare_cached(
                "INSERT INTO held (row, subject, key_version, class, object, field, record,
                 pending, form, nonce, ciphertext)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute((
                held.row.cast_signed(),
                unit.subject.cast_signed(),
                self.version(unit)?,
                self.names.known(&held.class)?,
                self.names.known(&unit.object)?,
                self.names.known(&held.field)?,
                &unit.record,
                pending,
                held.form.byte(),
                held.nonce,
                &held.ciphertext,
            ))?;
        Ok(())
    }

    fn reused(&self, reused: &Reused) -> Result<(), Error> {
        let row = reused.row.cast_signed();
        let stable: Option<bool> = self
            .connection
            .prepare_cached("SELECT stable FROM token WHERE row = ?1")?
            .query_row([row], |row| row.get(0))
            .optional()?;
        match stable {
            Some(true) => self.place(reused.unit, row, &reused.field),
            Some(false) => Err(Error::Broken("a token that is not stable, used twice")),
            // The last place that used it was written over since it was read.
            None => Err(Error::Conflict),
        }
    }

    fn place(&self, unit: u32, row: i64, field: &str) -> Result<(), Error> {
        let (pending, unit) = self.unit(unit)?;
        self.connection
            .prepare_cached(
                "INSERT INTO place (row, object, field, record, pending)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((
                row,
                self.names.known(&unit.object)?,
                self.names.known(field)?,
                &unit.record,
                pending,
            ))?;
        Ok(())
    }
}

/// Somebody else was first.
pub(super) fn conflict(error: rusqlite::Error) -> Error {
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        Error::Conflict
    } else {
        error.into()
    }
}
