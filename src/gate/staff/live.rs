//! A session on the hot path: read once, then decided from memory until the database changes.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension};

use crate::gate::credential::Hash;
use crate::gate::events::recorded_as;
use crate::gate::limits::{Limiter, Limits};
use crate::gate::permit::{Principal, SignIn};
use crate::gate::staff::person::{self, Handle};
use crate::gate::staff::{IDLE, TOUCH};
use crate::gate::{Denied, Error, Factor, Pace};
use crate::model::Timestamp;

/// What one person's browsers may send: pages come with many small requests. Who copies a CRM
/// through a stolen session is slowed down.
const PACE: Pace = Pace {
    per_second: NonZeroU32::MIN.saturating_add(49),
    burst: NonZeroU32::MIN.saturating_add(399),
};

/// A session's row with its person's, as far as admission needs them.
pub(in crate::gate) struct Live {
    pub principal: Arc<Principal>,
    pub limiter: Arc<Limiter>,
    seen: i64,
    expires: Timestamp,
    /// When this memory last asked for the time of use to be written down.
    asked: AtomicI64,
}

impl Live {
    /// None for a session that is unknown, that a person has who was disabled, that rests on one factor,
    /// or that is of the console.
    pub fn read(
        connection: &Connection,
        hash: &Hash,
        limits: &Limits,
    ) -> Result<Option<Self>, Error> {
        let row = connection
            .prepare_cached(
                "SELECT first, second, seen, expires, person.id, login, handle, roles, purpose, \
                 sign_in, proven \
                 FROM session JOIN person ON person.id = session.person \
                 WHERE hash = ?1 AND second IS NOT NULL AND enabled = 1 AND session.console = 0",
            )?
            .query_row([hash], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?,
                    row.get::<_, i64>(4)?,
                    row.get::<_, String>(5)?,
                    row.get::<_, Handle>(6)?,
                    row.get::<_, String>(7)?,
                    row.get::<_, String>(8)?,
                    SignIn {
                        name: row.get(9)?,
                        proven: Timestamp(row.get(10)?),
                    },
                ))
            })
            .optional()?;
        let Some((first, second, seen, expires, row, login, handle, roles, purpose, sign_in)) = row
        else {
            return Ok(None);
        };
        let factor = |name: &str| {
            Factor::from_name(name).ok_or(Error::RowUnreadable("session.first, second"))
        };
        Ok(Some(Self {
            principal: Arc::new(Principal {
                recorded_as: recorded_as(&login, || HEXLOWER.encode(&handle)),
                name: login,
                client_id: HEXLOWER.encode(&handle),
                roles: serde_json::from_str(&roles)
                    .map_err(|_| Error::RowUnreadable("person.roles"))?,
                purpose,
                factors: [factor(&first)?, factor(&second)?],
                user_id: person::user_id(row),
                sign_in: Some(sign_in),
                fields: None,
            }),
            // Rows of clients are positive.
            limiter: limits.of_client(row.saturating_neg(), PACE),
            seen,
            expires: Timestamp(expires),
            asked: AtomicI64::new(seen),
        }))
    }

    /// Whether the session holds. Looking makes it no longer.
    pub fn check(&self, now: Timestamp) -> Result<(), Denied> {
        let used = Timestamp(self.seen.max(self.asked.load(Ordering::Relaxed)));
        if now >= self.expires || now >= used.plus_seconds(IDLE) {
            return Err(Denied::Expired);
        }
        Ok(())
    }

    /// Counts a use of the session: whether its time is due to be written down. Whoever is told so
    /// must do it: nobody is told again for a while, and a use that is not on disk is forgotten with
    /// this memory.
    pub fn used(&self, now: Timestamp) -> bool {
        let asked = self.asked.load(Ordering::Relaxed);
        now >= Timestamp(asked).plus_seconds(TOUCH)
            && self
                .asked
                .compare_exchange(asked, now.0, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}
