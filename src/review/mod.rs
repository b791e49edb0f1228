//! Policies under change control: drafts, review by a second person, and the chain of versions.
//!
//! A draft is edited by whoever may, submitted by one of them, and approved by somebody who had no
//! hand in it, for exactly the text that was submitted. That makes a version: its number is one more
//! than the last one's, and a MAC under a key that the key ring wraps covers it together with all
//! before it, so that whoever has the file and not the key can neither change, add nor cut. An older
//! text comes back only as a new version. What the file alone cannot show, that all of it was put
//! back to an older copy, each node notices by the [`Head`] that it took last ([`Review::since`]).
//!
//! It decides by names, roles and texts alone. It knows no HTTP, no session and no record, and puts
//! nothing in force: the nodes do, once the version is on disk and in their ledgers.
//!
//! Read first: [`Review`] (all that can be done), [`Actor`] (who does it), [`Trial`] (what a text
//! would change), [`Draft`] and [`Version`].

mod chain;
mod decide;
mod draft;
mod edit;
mod error;
mod event;
mod lines;
mod merge;
mod open;
mod standing;
#[cfg(test)]
mod tests;
mod trial;
mod verify;

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::{digest, hmac};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::model::{Clock, Timestamp};

pub use crate::ledger::Head;
pub use chain::{Signed, Version};
pub use draft::{Draft, Listed, State};
pub use edit::Edited;
pub use error::Error;
pub use event::{Act, Event};
pub use lines::{FURTHEST, are_near};
pub use merge::{Merged, merge};
pub use standing::{CODES, Finding, Standing};
pub use trial::{Bench, Trial, unknown_host};
pub use verify::Checked;

/// The store of versions and drafts. Every call is one transaction, on disk when it returns; several
/// processes on one machine may have it open.
pub struct Review {
    connection: Mutex<Connection>,
    key: hmac::Key,
    clock: Arc<dyn Clock>,
}

/// Who does something, as the caller has just established it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Actor {
    /// What the ledger calls them: letters, digits and `_-.:/`, no `@`.
    pub name: String,
    /// The name that they sign in by, whatever the node: the gates of two nodes have names of their
    /// own for whoever signs in by an address. Never kept as it is.
    pub login: String,
    pub editor: bool,
    pub approver: bool,
    /// A second factor of theirs was shown just now.
    pub fresh: bool,
}

/// What a draft and a version have: the policy, and the cases that it is tried on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Text {
    pub policy: String,
    /// The file of cases; empty where there is none.
    pub cases: String,
}

/// The most bytes of a policy, and of a file of cases: all of it is compiled and compared at each
/// look.
pub const LONGEST: usize = 256 << 10;

impl Text {
    /// SHA-256 of the policy: what the ledger and [`crate::policy::Plan::version_hash`] call it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[self.policy.as_bytes()])
    }
}

impl Review {
    /// Changes whenever somebody wrote to the store, here or in another process. So cheap that it may
    /// be asked many times a second.
    ///
    /// # Errors
    /// When the database fails.
    pub fn stamp(&self) -> Result<(i64, u64), Error> {
        let connection = self.lock();
        let others = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        Ok((others, connection.total_changes()))
    }

    fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let mut connection = self.lock();
        work(&connection.transaction()?)
    }

    /// One transaction that nobody else writes in.
    fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let now = self.clock.now();
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction, now)?;
        transaction.commit()?;
        Ok(done)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Actor {
    /// That the ledger can name them.
    fn check(&self) -> Result<(), Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
        match (1..=160).contains(&self.name.len()) && self.name.chars().all(plain) {
            true => Ok(()),
            false => Err(Error::Name),
        }
    }

    fn as_editor(&self) -> Result<(), Error> {
        self.check()?;
        self.editor.then_some(()).ok_or(Error::Role("editor"))
    }

    fn as_approver(&self) -> Result<(), Error> {
        self.check()?;
        self.approver.then_some(()).ok_or(Error::Role("approver"))
    }

    /// Whether this is one of those people: names that differ in case only are one person's.
    fn is_among(&self, names: &[String]) -> bool {
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&self.name))
    }
}

/// SHA-256 of parts, each after its length, so that none can run into the next; of one part alone
/// that part's own.
fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        if parts.len() > 1 {
            context.update(&(part.len() as u64).to_be_bytes());
        }
        context.update(part);
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}
