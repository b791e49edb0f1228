//! The token vault: what each token stands for, whom it is about, where it stands.
//!
//! The vault keeps what `protect` has sealed and the wrapped keys of data subjects, in two files. It
//! never sees a plaintext value: not to store it, not to find it (terms are keyed MACs), not to
//! return it. It never gives out a row number twice, and it never answers a write before the keys
//! and then the rows are on disk.
//!
//! Read first: [`Vault`], [`Ask`] and [`Known`] (before a write), [`Rows`] (the write), [`Sealed`]
//! (the way in). `settle` says what happens to the value that a write replaces.

mod cache;
mod commit;
mod copied;
mod credential;
mod described;
mod load;
mod names;
mod notes;
mod numbers;
mod open;
mod prepare;
mod quarantine;
mod rows;
mod schema;
mod settle;
mod status;
mod subject_keys;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rusqlite::Connection;

use crate::keys::{self, Ring};
use crate::model::{Clock, Entropy, NoEntropy, Secret};
use crate::store::{self, Readers, Writer};
use crate::vault::cache::Cache;
use crate::vault::load::HeldOf;
use crate::vault::names::Names;
use crate::vault::numbers::{Numbers, raise_mark};
use crate::vault::subject_keys::SubjectKeys;

pub use copied::Field;
pub use prepare::SEARCH_LIMIT;
pub use quarantine::{Decided, Fate, Quarantined};
pub use rows::{
    Ask, Bound, Cleared, Copied, Held, Known, Matches, NewHeld, NewQuarantined, NewToken, Place,
    Record, Reused, Rows, Said, Sealed, Standing, Subject, SubjectOf, Term, Told, Unit,
};
pub use status::Stats;

/// Why the vault cannot answer. None of these lets a value pass.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
    #[error(transparent)]
    Protect(#[from] crate::protect::Error),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error("another exchange was first; prepare again")]
    Conflict,
    #[error("the key of subject {subject} is gone")]
    KeyMissing { subject: u64 },
    #[error("keys.db and vault.db do not belong together: {0}")]
    Apart(&'static str),
    #[error("the vault has given out all numbers that tokens can carry")]
    Exhausted,
    #[error("the vault is not as it must be: {0}")]
    Broken(&'static str),
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        Self::Store(source.into())
    }
}

/// The vault of one tenant. Clones share everything.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    /// Read `vault.db` as `main` and `keys.db` as `keys`. They stand before the writers because
    /// fields are dropped in order: the last to close a database empties its log, and a reader
    /// cannot.
    readers: Readers,
    keys: Writer<()>,
    rows: Writer<()>,
    ring: Arc<Ring>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    token_key: Secret,
    index_key: Secret,
    cookie_key: Secret,
    names: ArcSwap<Names>,
    rows_open: Numbers,
    subjects_open: Numbers,
    subject_keys: SubjectKeys,
    tokens: Cache<u64, Sealed>,
    held: Cache<Record, HeldOf>,
}

impl Vault {
    /// The key of the permutation that makes tokens of row numbers.
    #[must_use]
    pub fn token_key(&self) -> Secret {
        self.0.token_key.clone()
    }

    /// The key of the blind index.
    #[must_use]
    pub fn index_key(&self) -> Secret {
        self.0.index_key.clone()
    }

    /// The key that seals the CRM's cookies towards browsers.
    #[must_use]
    pub fn cookie_key(&self) -> Secret {
        self.0.cookie_key.clone()
    }

    /// Takes the subject's rows and keys out of every cache, reads under way included. To be called
    /// after its key is gone from disk and before the erasure is acknowledged.
    pub fn forget_subject(&self, subject: u64) {
        self.0.subject_keys.forget(subject);
        self.0.tokens.remove_subject(subject);
        self.0.held.remove_subject(subject);
    }

    /// Empties the write-ahead logs, so that what was deleted stands in no file.
    ///
    /// # Errors
    /// When a reader holds a log: try again.
    pub async fn scrub(&self) -> Result<(), Error> {
        self.0.rows.scrub().await?;
        Ok(self.0.keys.scrub().await?)
    }

    /// Whether the last write of keys and the last of rows could be committed. Returns at once.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        // Both are asked: each finds out by itself when it is well again.
        let (keys, rows) = (self.0.keys.is_writable(), self.0.rows.is_writable());
        keys && rows
    }

    /// Numbers that nobody had and nobody will have again.
    async fn reserve(&self, numbers: &Numbers, count: usize) -> Result<Range<u64>, Error> {
        let count = u64::try_from(count).map_err(|_| Error::Exhausted)?;
        loop {
            let mark = match numbers.take(count)? {
                Ok(taken) => return Ok(taken),
                Err(mark) => mark,
            };
            let name = numbers.name;
            let raise =
                move |connection: &Connection, (): &mut ()| raise_mark(connection, name, mark);
            self.0.keys.submit(raise).await?;
            self.0.rows.submit(raise).await?;
            numbers.raised(mark);
        }
    }
}

impl Inner {
    /// The words of all rows that this read can see: they are interned before a row refers to
    /// them, so the snapshot is taken after the read transaction has begun.
    fn names_at(&self, connection: &Connection) -> Result<Arc<Names>, Error> {
        connection
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM meta LIMIT 1)")?
            .query_row([], |_| Ok(()))?;
        Ok(self.names.load_full())
    }
}
