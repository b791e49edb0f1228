//! What a book under a chain needs beside its entries: a random id and a key of its own for MACs.
//!
//! The ledger is one such book; the versions of the policy (`review`) are another. Each is a database
//! with the tables `meta (name, value)` and `head` as `chain` has them.

use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use crate::keys::{KEY_LENGTH, Ring};
use crate::ledger::Error;
use crate::ledger::chain::{Head, read_head, write_head};
use crate::model::{Entropy, Secret};

/// One kind of book. The names keep keys and hashes of one kind from being taken for another's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Book {
    /// What the key is wrapped for.
    pub(crate) context: &'static str,
    /// What the first hash begins with.
    pub(crate) domain: &'static [u8],
}

impl Book {
    /// The key of the MACs, where the book was begun.
    pub(crate) fn key(
        self,
        connection: &Connection,
        ring: &Ring,
    ) -> Result<Option<hmac::Key>, Error> {
        let Some(wrapped) = meta(connection, "key")? else {
            return Ok(None);
        };
        let secret = ring.unwrap(self.context, &wrapped)?;
        Ok(Some(hmac::Key::new(hmac::HMAC_SHA256, secret.expose())))
    }

    /// The head before the first entry, where the book was begun.
    pub(crate) fn first(self, connection: &Connection) -> Result<Option<Head>, Error> {
        let id = meta(connection, "id")?;
        Ok(id.map(|id| Head::first(self.domain, &id)))
    }

    /// Begins a book: a random id, a random key, the head of no entry. The caller has a transaction
    /// open, and has seen that there are no entries yet.
    pub(crate) fn begin(
        self,
        transaction: &Connection,
        ring: &Ring,
        entropy: &dyn Entropy,
    ) -> Result<hmac::Key, Error> {
        // One with a head and without its key was tampered with; a new key would hide that.
        if read_head(transaction)?.is_some() {
            return Err(Error::Broken(0));
        }
        let mut secret = Zeroizing::new(vec![0; KEY_LENGTH]);
        entropy.fill(&mut secret)?;
        let mut id = [0; 16];
        entropy.fill(&mut id)?;
        let secret = Secret::new(secret.to_vec());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
        let wrapped = ring.wrap(self.context, secret.expose())?;
        let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2)";
        transaction.execute(sql, ("id", id.as_slice()))?;
        transaction.execute(sql, ("key", wrapped))?;
        write_head(transaction, &key, Head::first(self.domain, &id))?;
        Ok(key)
    }
}

pub(super) fn meta(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT value FROM meta WHERE name = ?1";
    let value = connection.query_row(sql, [name], |row| row.get(0));
    Ok(value.optional()?)
}
