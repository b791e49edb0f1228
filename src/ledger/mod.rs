//! The ledger: what was sent, revealed, refused and administered, in a chain that shows tampering.
//!
//! An entry says who did what to which fields under which policy; it never holds a value. Entries
//! are only ever added. When one cannot be added the caller refuses the exchange: no ledger, no
//! answer.
//!
//! Each entry's hash covers the one before it, so that anyone can check the order without a key. A
//! MAC under a key that the key ring wraps covers the last entry of each commit and every 256th, so
//! that someone who has the file and not the key can neither change, add nor cut entries. What the
//! file alone cannot show: that all of it was put back to an older copy. For that, keep the
//! [`Head`] elsewhere and give it to [`verify`].
//!
//! Read first: [`Entry`], [`Ledger`], [`verify`].

mod book;
mod chain;
mod entry;
mod open;
mod search;
mod seldom;
#[cfg(test)]
mod tests;
mod verify;

use std::path::PathBuf;

use rusqlite::Connection;

use crate::keys;
use crate::ledger::chain::Chain;
use crate::model::NoEntropy;
use crate::store::{self, Readers, Writer};

pub(crate) use book::Book;
pub use chain::Head;
pub(crate) use chain::{Purpose, read_head, write_head};
pub use entry::{Entry, Kind, Touched};
pub use search::{Found, Sought};
pub use seldom::Seldom;
pub use verify::{Report, verify};

/// Why the ledger cannot take an entry or is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error("there is no ledger at {}", .0.display())]
    Missing(PathBuf),
    /// A word of an entry is longer or has other characters than a name has.
    #[error("an entry's {0} is not a name")]
    NotAName(&'static str),
    #[error("the ledger is broken at entry {0}; run `sluis ledger verify`")]
    Broken(u64),
    #[error("an entry cannot be written or read as JSON")]
    Encoding(#[source] serde_json::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        Self::Store(source.into())
    }
}

/// The open ledger. Clones share it.
#[derive(Clone)]
pub struct Ledger {
    /// Before the writer, because the last to close the database empties its log.
    readers: Readers,
    writer: Writer<Chain>,
}

impl Ledger {
    /// Adds an entry; returns its number once it is on disk. Until then nothing may be sent or
    /// revealed.
    ///
    /// # Errors
    /// Whenever it is not certain that the entry is on disk: the caller refuses.
    pub async fn append(&self, entry: &Entry<'_>) -> Result<u64, Error> {
        let bytes = entry.encode()?;
        let write = move |connection: &Connection, chain: &mut Chain| {
            Ok::<_, Error>(chain.append(connection, &bytes)?)
        };
        self.writer.submit(write).await
    }

    /// Whether the last entry could be written. Returns at once.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.writer.is_writable()
    }

    /// Entries from a number on, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database fails or an entry does not read.
    pub async fn read(&self, from: u64, limit: u32) -> Result<Vec<(u64, Entry<'static>)>, Error> {
        let read = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seq, entry FROM entry WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
            )?;
            let mut rows = statement.query((from.cast_signed(), limit))?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let seq = row.get::<_, i64>(0)?.cast_unsigned();
                let bytes = row.get_ref(1)?.as_blob().map_err(|_| Error::Broken(seq))?;
                entries.push((seq, Entry::decode(bytes)?));
            }
            Ok(entries)
        };
        self.readers.run(read).await
    }

    /// The last entry that is on disk: to be kept outside, where who can write here cannot.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn head(&self) -> Result<Head, Error> {
        let read = |connection: &Connection| read_head(connection);
        let stored = self.readers.run(read).await?;
        Ok(stored.ok_or(Error::Broken(0))?.head)
    }
}
