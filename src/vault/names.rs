//! Classes, objects and fields as small numbers: words of policy and schema, never of clients.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use crate::vault::Error;

/// What is on disk in `name`, in both directions. A snapshot: new words make a new one.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    by_text: HashMap<Arc<str>, i64>,
    by_id: HashMap<i64, Arc<str>>,
}

impl Names {
    pub(super) fn read(connection: &Connection) -> Result<Self, Error> {
        let mut names = Self::default();
        let mut statement = connection.prepare("SELECT id, text FROM name")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            names.add(row.get(0)?, row.get::<_, String>(1)?.into());
        }
        Ok(names)
    }

    pub(super) fn add(&mut self, id: i64, text: Arc<str>) {
        self.by_text.insert(Arc::clone(&text), id);
        self.by_id.insert(id, text);
    }

    pub(super) fn id(&self, text: &str) -> Option<i64> {
        self.by_text.get(text).copied()
    }

    /// The number of a word that was interned before.
    pub(super) fn known(&self, text: &str) -> Result<i64, Error> {
        self.id(text)
            .ok_or(Error::Broken("a name without a number"))
    }

    pub(super) fn text(&self, id: i64) -> Result<Arc<str>, Error> {
        self.by_id
            .get(&id)
            .cloned()
            .ok_or(Error::Broken("a number without a name"))
    }
}

/// Gives each word a number; to be committed before anything refers to it.
pub(super) fn intern(
    connection: &Connection,
    words: &[Arc<str>],
) -> Result<Vec<(i64, Arc<str>)>, Error> {
    let mut add = connection.prepare_cached("INSERT OR IGNORE INTO name (text) VALUES (?1)")?;
    let mut find = connection.prepare_cached("SELECT id FROM name WHERE text = ?1")?;
    let mut found = Vec::with_capacity(words.len());
    for word in words {
        add.execute([word])?;
        found.push((find.query_row([word], |row| row.get(0))?, Arc::clone(word)));
    }
    Ok(found)
}
