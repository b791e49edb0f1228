//! After the CRM has answered: what it accepted is bound to its records, what it refused goes.
//!
//! What a write replaces goes when the CRM has agreed to the write, not before. Two writes to one
//! field may reach the CRM in another order than they reached us, so a write removes only what was
//! settled before it was made; of two that overlap both values stay, until the next write of the
//! field removes both. A write whose answer is never known stays pending: its tokens open, for the
//! CRM may hold them. A stable token goes with the last place that uses it.
//!
//! A CRM of pages never quite says that it has written: it leads on, after a refusal as after a
//! write, and shows its history. There nothing is removed: what was replaced opens, and searches
//! find the newest alone.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use crate::protect::FormatVersion;
use crate::vault::names::Names;
use crate::vault::quarantine;
use crate::vault::rows::{Bound, Record, Said, Told};
use crate::vault::{Error, Vault};

/// What is no longer in the tables, for the caches and `keys.db` to follow.
#[derive(Default)]
struct Gone {
    rows: Vec<u64>,
    held: Vec<Record>,
    subjects: Vec<u64>,
}

impl Gone {
    fn append(&mut self, mut other: Self) {
        self.rows.append(&mut other.rows);
        self.held.append(&mut other.held);
        self.subjects.append(&mut other.subjects);
    }
}

/// The unit that a record of a later answer is of.
fn late(
    connection: &Connection,
    names: &Names,
    within: (u128, u128),
    told: &Told,
) -> Result<Option<(u128, u32)>, Error> {
    let unit = |row: &rusqlite::Row<'_>| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, u32>(1)?));
    let found = |(exchange, unit): ([u8; 16], u32)| (u128::from_be_bytes(exchange), unit);
    let (first, last) = (within.0.to_be_bytes(), within.1.to_be_bytes());
    let mut own = connection.prepare_cached(
        "SELECT pending.exchange, pending.unit FROM token JOIN pending
         ON pending.id = token.pending WHERE token.row = ?1 AND token.stable = 0",
    )?;
    for row in &told.rows {
        if let Some(unit) = own.query_row([row.cast_signed()], unit).optional()? {
            return Ok(Some(found(unit)));
        }
    }
    if let Some(record) = &told.record {
        let mut by_record = connection.prepare_cached(
            "SELECT exchange, unit FROM pending WHERE record = ?1 AND object = ?2
             AND exchange BETWEEN ?3 AND ?4 ORDER BY id DESC LIMIT 1",
        )?;
        let by = (record, names.known(&told.object)?, first, last);
        if let Some(unit) = by_record.query_row(by, unit).optional()? {
            return Ok(Some(found(unit)));
        }
    }
    let mut stable = connection.prepare_cached(
        "SELECT DISTINCT pending.exchange, pending.unit FROM place JOIN pending
         ON pending.id = place.pending WHERE place.row = ?1
         AND pending.exchange BETWEEN ?2 AND ?3 LIMIT 2",
    )?;
    for row in &told.rows {
        let units = stable.query_map((row.cast_signed(), first, last), unit)?;
        if let [one] = units.collect::<Result<Vec<_>, _>>()?.as_slice() {
            return Ok(Some(found(*one)));
        }
    }
    Ok(None)
}

impl Vault {
    /// The CRM has accepted these units. Units that are not pending (any more) are passed over.
    ///
    /// # Errors
    /// When the database fails: then the units stay pending.
    pub async fn bind(&self, exchange: u128, bound: Vec<Bound>) -> Result<(), Error> {
        let words = bound.iter().map(|bound| Arc::clone(&bound.record.object));
        let names = self.intern(words.collect()).await?;
        let write = move |connection: &Connection, (): &mut ()| {
            let mut settling = Settling::new(connection, &names, exchange);
            for bound in &bound {
                settling.accept(bound)?;
            }
            Ok::<_, Error>(settling.gone)
        };
        let gone = self.0.rows.submit(write).await?;
        self.follow(gone).await;
        Ok(())
    }

    /// What the CRM tells of records in a later exchange, in any order: each was accepted, or refused.
    /// `within` are the exchanges, the first and the last, that may have written them.
    ///
    /// A unit is found by a token of its own that stands in the record, by the record that it
    /// writes, or by a stable token that no other unit of these exchanges has. One that none of
    /// these tells of stays pending.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub async fn settle_late(
        &self,
        within: (u128, u128),
        told: Vec<Told>,
        accepted: bool,
    ) -> Result<(), Error> {
        let words = told.iter().map(|told| Arc::clone(&told.object));
        let names = self.intern(words.collect()).await?;
        let write = move |connection: &Connection, (): &mut ()| {
            let mut gone = Gone::default();
            for told in &told {
                let found = late(connection, &names, within, told)?;
                let Some((exchange, unit)) = found else {
                    continue;
                };
                let mut settling = Settling::new(connection, &names, exchange);
                match (&told.record, accepted) {
                    (Some(id), true) => settling.accept(&Bound {
                        unit,
                        record: Record {
                            object: Arc::clone(&told.object),
                            id: id.clone(),
                        },
                        said: Said::Done,
                    })?,
                    (None, true) => {}
                    (_, false) => settling.refuse(&[unit])?,
                }
                gone.append(settling.gone);
            }
            Ok::<_, Error>(gone)
        };
        let gone = self.0.rows.submit(write).await?;
        self.follow(gone).await;
        Ok(())
    }

    /// The CRM has refused these units. Units that are not pending (any more) are passed over.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub async fn refuse(&self, exchange: u128, units: Vec<u32>) -> Result<(), Error> {
        let inner = Arc::clone(&self.0);
        let write = move |connection: &Connection, (): &mut ()| {
            let names = inner.names.load_full();
            let mut settling = Settling::new(connection, &names, exchange);
            settling.refuse(&units)?;
            Ok::<_, Error>(settling.gone)
        };
        let gone = self.0.rows.submit(write).await?;
        self.follow(gone).await;
        Ok(())
    }

    /// The CRM has refused what of this exchange is still pending, or it was never sent.
    ///
    /// # Errors
    /// When the database fails: then the units stay pending.
    pub async fn forget_pending(&self, exchange: u128) -> Result<(), Error> {
        let inner = Arc::clone(&self.0);
        let write = move |connection: &Connection, (): &mut ()| {
            let names = inner.names.load_full();
            let mut settling = Settling::new(connection, &names, exchange);
            settling.refuse_all()?;
            Ok::<_, Error>(settling.gone)
        };
        let gone = self.0.rows.submit(write).await?;
        self.follow(gone).await;
        Ok(())
    }

    async fn follow(&self, gone: Gone) {
        self.0.tokens.remove(gone.rows);
        self.0.held.remove(gone.held);
        self.drop_keys(gone.subjects).await;
    }
}

struct Settling<'a> {
    connection: &'a Connection,
    names: &'a Names,
    exchange: [u8; 16],
    gone: Gone,
}

/// A row of `pending`.
struct Pending {
    id: i64,
    subject: i64,
    former: Option<i64>,
    object: i64,
    first: i64,
    last: i64,
}

impl Pending {
    /// The parameters of [`AT`].
    fn at<'r>(&self, record: &'r str) -> (&'r str, i64, i64, i64, i64) {
        (record, self.object, self.id, self.first, self.last)
    }
}

/// What was settled at a record before a unit was made, in a field that the unit wrote.
const AT: &str = "record = ?1 AND object = ?2 AND settled < ?3 AND field IN (
    SELECT field FROM token WHERE row BETWEEN ?4 AND ?5 AND pending = ?3
    UNION SELECT field FROM held WHERE pending = ?3
    UNION SELECT field FROM place WHERE pending = ?3
    UNION SELECT field FROM cleared WHERE pending = ?3)";

/// Of those, the ones that stand in one place.
fn tokens_at() -> String {
    // A CRM may keep older files of a field, and adds more to it: their rows hold their keys.
    let file = FormatVersion::FileName1.byte();
    format!("stable = 0 AND form <> {file} AND {AT}")
}

impl<'a> Settling<'a> {
    fn new(connection: &'a Connection, names: &'a Names, exchange: u128) -> Self {
        Self {
            connection,
            names,
            exchange: exchange.to_be_bytes(),
            gone: Gone::default(),
        }
    }

    fn accept(&mut self, bound: &Bound) -> Result<(), Error> {
        let Some(pending) = self.pending(Some(bound.unit))?.pop() else {
            return Ok(());
        };
        let record = &bound.record.id;
        let object = self.names.known(&bound.record.object)?;
        if object != pending.object {
            return Err(Error::Broken("a unit bound to a record of another object"));
        }
        // Whatever stands at a record was bound to it, and what is bound has a subject: a record
        // that the CRM has just made has neither.
        let is_known: bool = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM record WHERE object = ?1 AND record = ?2)",
            )?
            .query_row((object, record), |row| row.get(0))?;
        match bound.said {
            Said::Done if is_known => self.replace(&pending, record)?,
            Said::WentOn if is_known => self.supersede(&pending, record)?,
            // Not one that it has made: what was written may stand there, or nowhere.
            Said::WentOnToNew if is_known => return Ok(()),
            Said::Done | Said::WentOn | Said::WentOnToNew => {}
        }
        // Where the record has a subject, only a write that was prepared to do so gives it another.
        self.run(
            "INSERT INTO record (object, record, subject) VALUES (?1, ?2, ?3)
             ON CONFLICT (object, record) DO UPDATE SET subject = ?3 WHERE subject = ?4",
            (object, record, pending.subject, pending.former),
        )?;
        // AUTOINCREMENT: no later write has a number as low as the highest of now.
        let latest: i64 = self
            .connection
            .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'pending'")?
            .query_row([], |row| row.get(0))?;
        // The cache may know these rows without their record.
        let rows = self.numbers(
            "UPDATE token SET pending = NULL, settled = ?2, record = ?3
             WHERE row BETWEEN ?4 AND ?5 AND pending = ?1 RETURNING row",
            (pending.id, latest, record, pending.first, pending.last),
        )?;
        self.gone
            .rows
            .extend(rows.into_iter().map(i64::cast_unsigned));
        for sql in [
            "UPDATE held SET pending = NULL, settled = ?2, record = ?3 WHERE pending = ?1",
            "UPDATE place SET pending = NULL, settled = ?2, record = ?3 WHERE pending = ?1",
        ] {
            self.run(sql, (pending.id, latest, record))?;
        }
        quarantine::bind(self.connection, pending.id, record)?;
        // `+`: by subject, which has few identities, and not by exchange, which may have many.
        for sql in [
            "UPDATE identity SET exchange = NULL WHERE +exchange = ?1 AND subject = ?2",
            "UPDATE subject SET exchange = NULL WHERE exchange = ?1 AND id = ?2",
        ] {
            self.run(sql, (self.exchange, pending.subject))?;
        }
        self.gone.held.push(bound.record.clone());
        self.close(pending.id)
    }

    /// Removes what stood in the fields that the unit wrote.
    fn replace(&mut self, pending: &Pending, record: &str) -> Result<(), Error> {
        let place = pending.at(record);
        let rows = self.numbers(
            &format!("SELECT row FROM token WHERE {}", tokens_at()),
            place,
        )?;
        rows.into_iter().try_for_each(|row| self.remove(row))?;
        self.run(&format!("DELETE FROM held WHERE {AT}"), place)?;
        let left = self.numbers(
            &format!("DELETE FROM place WHERE {AT} RETURNING row"),
            place,
        )?;
        left.into_iter().try_for_each(|row| self.remove_unused(row))
    }

    /// Keeps what stood in the fields that the unit wrote. It opens, but is found by searches no more.
    fn supersede(&self, pending: &Pending, record: &str) -> Result<(), Error> {
        let rows = self.numbers(
            &format!(
                "UPDATE token SET superseded = 1 WHERE superseded = 0 AND {} RETURNING row",
                tokens_at()
            ),
            pending.at(record),
        )?;
        let mut rows = rows.into_iter();
        rows.try_for_each(|row| self.run("DELETE FROM term WHERE row = ?1", [row]))
    }

    /// Removes what these units have made.
    fn refuse(&mut self, units: &[u32]) -> Result<(), Error> {
        for unit in units {
            for pending in self.pending(Some(*unit))? {
                self.remove_made(&pending)?;
            }
        }
        let others: bool = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM pending WHERE exchange = ?1)")?
            .query_row([self.exchange], |row| row.get(0))?;
        match others {
            true => Ok(()), // Of which identities and subjects may be.
            false => self.remove_claims(),
        }
    }

    fn refuse_all(&mut self) -> Result<(), Error> {
        for pending in self.pending(None)? {
            self.remove_made(&pending)?;
        }
        self.remove_claims()
    }

    fn remove_made(&mut self, pending: &Pending) -> Result<(), Error> {
        let used = self.numbers(
            "DELETE FROM place WHERE pending = ?1 RETURNING row",
            [pending.id],
        )?;
        let rows = self.numbers(
            "SELECT row FROM token WHERE row BETWEEN ?2 AND ?3 AND pending = ?1 AND stable = 0",
            (pending.id, pending.first, pending.last),
        )?;
        rows.into_iter().try_for_each(|row| self.remove(row))?;
        used.into_iter()
            .try_for_each(|row| self.remove_unused(row))?;
        self.refuse_held(pending.id)?;
        quarantine::refuse(self.connection, pending.id)?;
        self.close(pending.id)
    }

    /// Identities that only the refused units have claimed, then subjects that only they knew.
    fn remove_claims(&mut self) -> Result<(), Error> {
        self.run("DELETE FROM identity WHERE exchange = ?1", [self.exchange])?;
        let made = self.numbers(
            "SELECT id FROM subject WHERE exchange = ?1",
            [self.exchange],
        )?;
        for subject in made {
            if !self.is_used(subject)? {
                self.run("DELETE FROM record WHERE subject = ?1", [subject])?;
                self.run("DELETE FROM subject WHERE id = ?1", [subject])?;
                self.gone.subjects.push(subject.cast_unsigned());
            }
        }
        self.run(
            "UPDATE subject SET exchange = NULL WHERE exchange = ?1",
            [self.exchange],
        )
    }

    fn refuse_held(&mut self, pending: i64) -> Result<(), Error> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM held WHERE pending = ?1 RETURNING object, record")?;
        let mut rows = delete.query([pending])?;
        while let Some(row) = rows.next()? {
            if let Some(id) = row.get(1)? {
                self.gone.held.push(Record {
                    object: self.names.text(row.get(0)?)?,
                    id,
                });
            }
        }
        Ok(())
    }

    /// Whether anything but the refused units' own claims refers to the subject.
    fn is_used(&self, subject: i64) -> Result<bool, Error> {
        let used = self
            .connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM token WHERE subject = ?1)
                 OR EXISTS (SELECT 1 FROM held WHERE subject = ?1)
                 OR EXISTS (SELECT 1 FROM identity WHERE subject = ?1)
                 OR EXISTS (SELECT 1 FROM quarantine WHERE subject = ?1)
                 OR EXISTS (SELECT 1 FROM pending WHERE subject = ?1 OR former = ?1)",
            )?
            .query_row([subject], |row| row.get(0))?;
        Ok(used)
    }

    fn remove_unused(&mut self, row: i64) -> Result<(), Error> {
        let used: bool = self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM place WHERE row = ?1)")?
            .query_row([row], |row| row.get(0))?;
        if used { Ok(()) } else { self.remove(row) }
    }

    fn remove(&mut self, row: i64) -> Result<(), Error> {
        self.run("DELETE FROM term WHERE row = ?1", [row])?;
        self.run("DELETE FROM token WHERE row = ?1", [row])?;
        self.gone.rows.push(row.cast_unsigned());
        Ok(())
    }

    fn close(&self, pending: i64) -> Result<(), Error> {
        self.run("DELETE FROM cleared WHERE pending = ?1", [pending])?;
        self.run("DELETE FROM pending WHERE id = ?1", [pending])
    }

    fn pending(&self, unit: Option<u32>) -> Result<Vec<Pending>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, subject, former, object, first_row, last_row FROM pending
             WHERE exchange = ?1 AND unit BETWEEN ?2 AND ?3",
        )?;
        let (from, to) = unit.map_or((0, u32::MAX), |unit| (unit, unit));
        let rows = statement.query_map((self.exchange, from, to), |row| {
            Ok(Pending {
                id: row.get(0)?,
                subject: row.get(1)?,
                former: row.get(2)?,
                object: row.get(3)?,
                first: row.get(4)?,
                last: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn numbers(&self, sql: &str, by: impl rusqlite::Params) -> Result<Vec<i64>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(by, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn run(&self, sql: &str, by: impl rusqlite::Params) -> Result<(), Error> {
        self.connection.prepare_cached(sql)?.execute(by)?;
        Ok(())
    }
}
