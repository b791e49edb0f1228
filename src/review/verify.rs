//! Walking all versions, for an operator or an auditor.

use crate::ledger::Head;
use crate::review::chain::{newest, version};
use crate::review::open::BOOK;
use crate::review::{Error, Review};

/// What a walk over all versions has found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Checked {
    /// Versions that are in order.
    pub versions: u64,
    /// The first that is missing, changed, or one too many.
    pub first_broken: Option<u64>,
    /// The last version in order: to be kept elsewhere for the next time.
    pub head: Head,
}

impl Review {
    /// Walks over all versions and holds each to its MAC, its texts and the one before it, and to
    /// the rule that an approver is no author. With `kept`, a head written down before, also that
    /// the store was not put back to an older copy.
    ///
    /// # Errors
    /// When the file cannot be read; a broken chain is no error but a [`Checked`].
    pub fn verify(&self, kept: Option<Head>) -> Result<Checked, Error> {
        self.read(|connection| {
            let mut head = BOOK.first(connection)?.ok_or(Error::Broken(0))?;
            let mut time = i64::MIN;
            let first_broken = loop {
                let number = head.seq + 1;
                let next = match version(connection, &self.key, number) {
                    Ok(next) => next,
                    Err(Error::NoVersion(_)) => break None,
                    Err(Error::Store(error)) => return Err(Error::Store(error)),
                    Err(_) => break Some(number),
                };
                let own = next
                    .authors
                    .iter()
                    .any(|author| author.eq_ignore_ascii_case(&next.approver));
                let other =
                    kept.is_some_and(|kept| kept.seq == number && kept.hash != next.head.hash);
                if (own && !next.emergency) || next.time.0 < time || other {
                    break Some(number);
                }
                (head, time) = (next.head, next.time.0);
            };
            let ends = match newest(connection, &self.key) {
                Ok(end) => end.map_or(0, |end| end.seq) == head.seq,
                Err(Error::Store(error)) => return Err(Error::Store(error)),
                Err(_) => false,
            };
            let cut = !ends || kept.is_some_and(|kept| kept.seq > head.seq);
            Ok(Checked {
                versions: head.seq,
                first_broken: first_broken.or(cut.then_some(head.seq + 1)),
                head,
            })
        })
    }
}
