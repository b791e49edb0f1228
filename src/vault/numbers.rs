//! Rising numbers that are given out once for ever: token rows and subjects.
//!
//! A number that was given out may stand in the CRM although its row was never written or is gone;
//! given out again it would reveal another person's value. So the mark up to which numbers may have
//! been given out is on disk, in both databases, before the first of them is.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension};

use crate::protect::LAST_ROW;
use crate::vault::Error;

/// One more than a token can carry.
pub(super) const LIMIT: u64 = LAST_ROW + 1;

/// How far the mark is raised at a time: one more durable write for so many numbers.
const STEP: u64 = 1 << 16;

#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) name: &'static str,
    open: Mutex<Range<u64>>,
}

impl Numbers {
    /// Nothing can be taken before the mark was raised: what a former process had reserved and
    /// not used is skipped.
    pub(super) fn starting_at(name: &'static str, mark: u64) -> Self {
        Self {
            name,
            open: Mutex::new(mark..mark),
        }
    }

    /// `count` numbers, or the mark that must be on disk before they can be had.
    pub(super) fn take(&self, count: u64) -> Result<Result<Range<u64>, u64>, Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let end = open.start.checked_add(count).ok_or(Error::Exhausted)?;
        if end >= LIMIT - STEP {
            return Err(Error::Exhausted);
        }
        if end > open.end {
            return Ok(Err(end + STEP));
        }
        let taken = open.start..end;
        open.start = end;
        Ok(Ok(taken))
    }

    /// The mark is on disk.
    pub(super) fn raised(&self, mark: u64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.end = open.end.max(mark);
    }
}

pub(super) fn read_mark(connection: &Connection, name: &str) -> Result<u64, Error> {
    let next: Option<i64> = connection
        .query_row("SELECT next FROM mark WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(next.map_or(0, i64::cast_unsigned))
}

pub(super) fn raise_mark(connection: &Connection, name: &str, mark: u64) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO mark (name, next) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET next = max(next, excluded.next)",
        )?
        .execute((name, mark.cast_signed()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_wait_for_the_mark() {
        let numbers = Numbers::starting_at("row", 1024);
        let mark = numbers.take(10).unwrap().unwrap_err();
        assert!(mark >= 1034);
        numbers.raised(mark);
        assert_eq!(numbers.take(10).unwrap(), Ok(1024..1034));
        assert_eq!(numbers.take(5).unwrap(), Ok(1034..1039));
        assert!(
            numbers.take(STEP).unwrap().is_err(),
            "more than the mark allows"
        );
    }

    #[test]
    fn numbers_end_before_a_token_cannot_carry_them() {
        let numbers = Numbers::starting_at("row", LIMIT - STEP);
        assert!(matches!(numbers.take(1), Err(Error::Exhausted)));
    }
}
