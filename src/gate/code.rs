//! Taking a one-time code: once, and with a bound on how often one may guess.

use rusqlite::{Transaction, params};

use crate::gate::client::Client;
use crate::gate::totp::{self, Checked};
use crate::gate::{Error, Gate};
use crate::model::{Secret, Timestamp};

/// Wrong codes in a row that cost nothing.
const FREE_FAILURES: i64 = 5;
/// Wrong codes in a row after which only an administrator opens the client again.
/// NIST SP 800-63B, section 5.2.2, wants no more than 100.
const MOST_FAILURES: i64 = 50;
/// The first and the longest wait, in seconds.
const FIRST_WAIT: i64 = 30;
const LONGEST_WAIT: i64 = 3600;

impl Gate {
    /// The secret of a client's codes. Asks the key ring, so it is done before a transaction.
    pub(in crate::gate) fn open_codes(&self, client: &Client) -> Result<Option<Secret>, Error> {
        let Some(sealed) = &client.totp_sealed else {
            return Ok(None);
        };
        let context = Client::totp_context(&client.client_id);
        Ok(Some(self.sealer.open(&context, sealed)?))
    }
}

/// Whose code it is: the row of its holder.
#[derive(Clone, Copy, Debug)]
pub(in crate::gate) enum Holder {
    Client(i64),
    Person(i64),
}

/// Takes a code or counts the failure; the caller commits in either case.
///
/// Only someone who has shown the holder's other proof comes here, so that nobody else can lock a
/// holder out. Checking and counting are one write transaction: parallel tries take turns, one
/// code is accepted once, and the count is exact.
///
/// Returns the reason of a refusal, for our log alone.
pub(in crate::gate) fn take(
    tx: &Transaction<'_>,
    holder: Holder,
    secret: &Secret,
    code: &str,
    now: Timestamp,
) -> Result<Result<(), &'static str>, Error> {
    let (table, row) = match holder {
        Holder::Client(row) => ("client", row),
        Holder::Person(row) => ("person", row),
    };
    let (last_step, failures, locked_until): (i64, i64, i64) = tx.query_row(
        &format!("SELECT totp_step, totp_failures, totp_locked_until FROM {table} WHERE id = ?1"),
        [row],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if now < Timestamp(locked_until) {
        return Ok(Err("code-locked"));
    }
    match totp::check(secret, code, now, last_step)? {
        Checked::Fresh(step) => {
            tx.execute(
                &format!(
                    "UPDATE {table} SET totp_step = ?2, totp_failures = 0, totp_locked_until = 0 \
                     WHERE id = ?1"
                ),
                params![row, step],
            )?;
            Ok(Ok(()))
        }
        // Not counted: it teaches a guesser nothing, and two workers of one client may well send
        // the same code.
        Checked::Used => Ok(Err("code-used")),
        Checked::Wrong => {
            let failures = failures.saturating_add(1);
            tx.execute(
                &format!(
                    "UPDATE {table} SET totp_failures = ?2, totp_locked_until = ?3 WHERE id = ?1"
                ),
                params![row, failures, locked_after(failures, now).0],
            )?;
            Ok(Err("code-wrong"))
        }
    }
}

fn locked_after(failures: i64, now: Timestamp) -> Timestamp {
    if failures < FREE_FAILURES {
        return Timestamp(0);
    }
    if failures >= MOST_FAILURES {
        return Timestamp(i64::MAX);
    }
    let doublings = u32::try_from(failures - FREE_FAILURES).unwrap_or(u32::MAX);
    let wait = FIRST_WAIT.saturating_mul(2_i64.saturating_pow(doublings.min(32)));
    now.plus_seconds(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_codes_lock_longer_and_longer_and_in_the_end_for_good() {
        let after = |failures| locked_after(failures, Timestamp(0)).0;
        assert_eq!(after(4), 0);
        assert_eq!(after(5), 30_000);
        assert_eq!(after(6), 60_000);
        assert_eq!(after(49), 3_600_000);
        assert_eq!(after(50), i64::MAX);
    }
}
