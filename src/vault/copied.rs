//! What the CRM has copied from one record to others, tokens and all.

use std::sync::Arc;

use rusqlite::Connection;

use crate::protect::FormatVersion;
use crate::vault::names::Names;
use crate::vault::rows::{Copied, Record};
use crate::vault::{Error, Vault};

/// A field, and where what stands in it stands after a copy: an object and a field of it.
pub type Field = (Arc<str>, Arc<str>, Arc<str>);

impl Vault {
    /// The tokens of these records stand at others too from now on. A token that stood in one place
    /// has several then, as a stable one: it goes with the last of them, and with its person.
    ///
    /// # Errors
    /// When the database fails: then they go with the place that they stood in first.
    pub async fn copied(&self, all: Vec<Copied>, fields: Vec<Field>) -> Result<(), Error> {
        let records = all
            .iter()
            .flat_map(|copied| copied.to.iter().chain([&copied.from]));
        let objects = records.map(|record| Arc::clone(&record.object));
        let words = fields
            .iter()
            .flat_map(|(from, object, to)| [from, object, to].map(Arc::clone));
        let names = self.intern(objects.chain(words).collect()).await?;
        let write = move |connection: &Connection, (): &mut ()| {
            let mut changed = Vec::new();
            for copied in &all {
                copy(connection, &names, copied, &fields, &mut changed)?;
            }
            Ok::<_, Error>(changed)
        };
        // The cache may know them as tokens of one place.
        let changed = self.0.rows.submit(write).await?;
        self.0.tokens.remove(changed);
        Ok(())
    }

    /// Whether a token stands, or is about to, in this field of one of these records.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stands(&self, records: Vec<Record>, field: &'static str) -> Result<bool, Error> {
        let inner = Arc::clone(&self.0);
        let read = move |connection: &Connection| {
            let names = inner.names_at(connection)?;
            let mut statement = connection.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM token WHERE record = ?1 AND object = ?2 AND field = ?3)
                 OR EXISTS (SELECT 1 FROM place WHERE record = ?1 AND object = ?2 AND field = ?3)",
            )?;
            for record in &records {
                let Some((object, field)) = names.id(&record.object).zip(names.id(field)) else {
                    continue;
                };
                if statement.query_row((&record.id, object, field), |row| row.get(0))? {
                    return Ok(true);
                }
            }
            Ok::<_, Error>(false)
        };
        self.0.readers.run(read).await
    }
}

fn copy(
    connection: &Connection,
    names: &Names,
    copied: &Copied,
    fields: &[Field],
    changed: &mut Vec<u64>,
) -> Result<(), Error> {
    let object = names.known(&copied.from.object)?;
    // AUTOINCREMENT: no later write has a number as low as the highest of now.
    let latest: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'pending'")?
        .query_row([], |row| row.get(0))?;
    let file = FormatVersion::FileName1.byte();
    connection
        .prepare_cached(
            "INSERT INTO place (row, object, field, record, settled)
             SELECT row, object, field, record, settled FROM token WHERE record = ?1
             AND object = ?2 AND stable = 0 AND pending IS NULL AND form <> ?3",
        )?
        .execute((&copied.from.id, object, file))?;
    let mut many = connection.prepare_cached(
        "UPDATE token SET stable = 1 WHERE record = ?1 AND object = ?2 AND stable = 0
         AND pending IS NULL AND form <> ?3 RETURNING row",
    )?;
    let rows = many.query_map((&copied.from.id, object, file), |row| row.get::<_, i64>(0))?;
    for row in rows {
        changed.push(row?.cast_unsigned());
    }
    let mut place = connection.prepare_cached(
        "INSERT INTO place (row, object, field, record, settled)
         SELECT row, ?4, ?5, ?6, ?7 FROM place WHERE record = ?1 AND object = ?2 AND field = ?3
         AND pending IS NULL AND NOT EXISTS (SELECT 1 FROM place AS other WHERE other.row = place.row
            AND other.object = ?4 AND other.field = ?5 AND other.record = ?6)",
    )?;
    for (from, to_object, to_field) in fields {
        let (from, to) = (names.known(from)?, names.known(to_field)?);
        let same = |record: &&Record| record.object == *to_object;
        for record in copied.to.iter().filter(same) {
            let other = names.known(&record.object)?;
            place.execute((&copied.from.id, object, from, other, to, &record.id, latest))?;
        }
    }
    Ok(())
}
