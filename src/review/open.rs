//! The database: its schema, its key, and what is checked before anybody uses it.

use std::path::Path;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use rusqlite::{Connection, TransactionBehavior};

use crate::keys::Ring;
use crate::ledger::Book;
use crate::model::{Clock, Entropy};
use crate::review::{Error, Review, chain};
use crate::store::{self, Log, Schema};

const SCHEMA: Schema = Schema {
    application: 0x736c_7031, // "slp1"
    log: Log::Short,
    migrations: &[include_str!("schema/001-versions-and-drafts.sql")],
};

pub(super) const BOOK: Book = Book {
    context: "review/mac",
    domain: b"sluis-review-1",
};

impl Review {
    /// Opens the store or makes it, and checks its end.
    ///
    /// # Errors
    /// When it is damaged, was cut or changed, or its key does not unwrap.
    pub fn open(
        path: &Path,
        ring: &Ring,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
    ) -> Result<Self, Error> {
        let mut connection = store::open(path, &SCHEMA)?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        let key = key(&mut connection, ring, entropy)?;
        let review = Self {
            connection: Mutex::new(connection),
            key,
            clock,
        };
        review.newest()?;
        Ok(review)
    }
}

/// The store's key. Two nodes may begin it at the same time: one does, and the other waits.
fn key(
    connection: &mut Connection,
    ring: &Ring,
    entropy: &dyn Entropy,
) -> Result<hmac::Key, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let Some(key) = BOOK.key(&transaction, ring)? {
        return Ok(key);
    }
    if chain::last(&transaction)? != 0 {
        return Err(Error::Broken(0));
    }
    let key = BOOK.begin(&transaction, ring, entropy)?;
    transaction.commit()?;
    Ok(key)
}

/// A MAC over a row that is no version: of a draft, its texts, an event, a signature.
pub(super) fn tag(key: &hmac::Key, kind: &'static [u8; 5], id: u64, body: &[u8]) -> Vec<u8> {
    hmac::sign(key, &message(kind, id, body)).as_ref().to_vec()
}

pub(super) fn is_right(
    key: &hmac::Key,
    kind: &'static [u8; 5],
    id: u64,
    body: &[u8],
    tag: &[u8],
) -> bool {
    hmac::verify(key, &message(kind, id, body), tag).is_ok()
}

/// The kinds have one length, so that no message can be read as one of another kind.
fn message(kind: &[u8; 5], id: u64, body: &[u8]) -> Vec<u8> {
    [kind.as_slice(), &id.to_be_bytes(), body].concat()
}
