//! What crossed the border, counted from the ledger: by hour, field, class, reason and program.
//!
//! The ledger is read on from where it was read last, so that a page costs what is new. Of a ledger
//! that is longer than [`MOST`] its end is counted, and the page says so.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::ledger::{self, Entry, Kind, Ledger};
use crate::model::Timestamp;

/// Entries that a console counts when it begins.
const MOST: u64 = 200_000;
const BATCH: u32 = 5_000;
/// How far back hours are kept.
const KEPT_HOURS: i64 = 24 * 92;
pub(super) const HOUR: i64 = 3_600_000;
pub(super) const WEEK: i64 = 7 * 24 * HOUR;

/// What became of a value.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Fate {
    Protected,
    Clear,
    Withheld,
    Blocked,
}

/// One hour.
#[derive(Clone, Debug, Default)]
pub(super) struct Hour {
    pub fields: BTreeMap<(String, Fate), u64>,
    /// Values that were shown, by class.
    pub revealed: BTreeMap<String, u64>,
    /// Refused requests and people who did not get in, by reason.
    pub refused: BTreeMap<String, u64>,
}

#[derive(Default)]
pub(super) struct Traffic(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    /// The number of the next entry; 0 before the first look.
    next: u64,
    partial: bool,
    hours: BTreeMap<i64, Hour>,
    /// When a program or person last did something.
    used: BTreeMap<String, Timestamp>,
}

/// A look at what was counted.
#[derive(Default)]
pub(super) struct Seen {
    /// By the beginning of the hour, in milliseconds.
    pub hours: BTreeMap<i64, Hour>,
    /// Whether older entries were left out.
    pub partial: bool,
}

impl Traffic {
    /// The hours from a time on.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn since(&self, ledger: &Ledger, from: Timestamp) -> Result<Seen, ledger::Error> {
        let counted = self.counted(ledger)?;
        let first = from.0 - from.0.rem_euclid(HOUR);
        let hours = counted.hours.range(first..);
        Ok(Seen {
            hours: hours.map(|(at, hour)| (*at, hour.clone())).collect(),
            partial: counted.partial,
        })
    }

    /// How often each field was written from a time on, by its label, whatever became of the value.
    ///
    /// # Errors
    /// As there.
    pub fn written(
        &self,
        ledger: &Ledger,
        from: Timestamp,
    ) -> Result<BTreeMap<String, u64>, ledger::Error> {
        let seen = self.since(ledger, from)?;
        let mut written = BTreeMap::new();
        for ((field, fate), count) in seen.hours.values().flat_map(|hour| &hour.fields) {
            match fate {
                Fate::Protected | Fate::Clear | Fate::Withheld => {
                    *written.entry(field.clone()).or_default() += count;
                }
                // What is refused fills no field.
                Fate::Blocked => {}
            }
        }
        Ok(written)
    }

    /// When somebody last did something, as far as was counted.
    ///
    /// # Errors
    /// As there.
    pub fn last_use(&self, ledger: &Ledger) -> Result<BTreeMap<String, Timestamp>, ledger::Error> {
        Ok(self.counted(ledger)?.used.clone())
    }

    fn counted(
        &self,
        ledger: &Ledger,
    ) -> Result<std::sync::MutexGuard<'_, Counted>, ledger::Error> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.next == 0 {
            let last = ledger.last()?;
            counted.next = last.saturating_sub(MOST).max(1);
            counted.partial = counted.next > 1;
        }
        loop {
            let from = counted.next;
            let next = ledger.each(from, BATCH, |_, entry| counted.count(entry))?;
            counted.next = next;
            if next < from + u64::from(BATCH) {
                break;
            }
        }
        let newest = counted
            .hours
            .keys()
            .next_back()
            .copied()
            .unwrap_or_default();
        counted.hours = counted.hours.split_off(&(newest - KEPT_HOURS * HOUR));
        Ok(counted)
    }
}

impl Counted {
    fn count(&mut self, entry: &Entry<'_>) {
        let at = entry.time.0 - entry.time.0.rem_euclid(HOUR);
        let hour = self.hours.entry(at).or_default();
        match entry.kind {
            Kind::Sent => {
                for touched in &entry.fields {
                    if let Some(fate) = fate(&touched.action) {
                        let key = (touched.field.to_string(), fate);
                        *hour.fields.entry(key).or_default() += touched.count;
                    }
                }
            }
            Kind::Revealed => {
                for touched in entry.fields.iter().filter(|one| one.action == "reveal") {
                    *hour.revealed.entry(touched.class.to_string()).or_default() += touched.count;
                }
            }
            Kind::Refused => {
                *hour.refused.entry(entry.outcome.to_string()).or_default() += 1;
                for touched in entry.fields.iter().filter(|one| one.action == "refuse") {
                    let key = (touched.field.to_string(), Fate::Blocked);
                    *hour.fields.entry(key).or_default() += touched.count;
                }
            }
            Kind::Denied => *hour.refused.entry(entry.outcome.to_string()).or_default() += 1,
            Kind::Access | Kind::Admin | Kind::Rights => {}
        }
        if !entry.client.is_empty() {
            let used = self
                .used
                .entry(entry.client.to_string())
                .or_insert(entry.time);
            *used = (*used).max(entry.time);
        }
    }
}

/// What an action of the ledger's means to a value. None where it is about no value that was written.
fn fate(action: &str) -> Option<Fate> {
    match action {
        "tokenize" | "tokenize-stable" | "encrypt" => Some(Fate::Protected),
        "pass" | "generalize" => Some(Fate::Clear),
        "hold" | "strip" | "quarantine" => Some(Fate::Withheld),
        "block" | "refuse" => Some(Fate::Blocked),
        _ => None,
    }
}
