//! What would fill the ledger if each time were written down: the first time is, and then once a
//! minute with how often it was.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Timestamp;

/// Seconds between two entries of one thing.
const PAUSE: i64 = 60;
/// Things that are remembered. Beyond, all that is new counts as one.
const REMEMBERED: usize = 10_000;

/// When which thing was last written down.
#[derive(Default)]
pub struct Seldom(Mutex<HashMap<String, Last>>);

struct Last {
    written: Timestamp,
    /// How often since then.
    times: u64,
}

impl Seldom {
    /// How often the thing happened since it was last due, this time included; none where it is
    /// not due again.
    pub fn due(&self, thing: &str, now: Timestamp) -> Option<u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let late = |last: &Last| now >= last.written.plus_seconds(PAUSE) || now < last.written;
        if known.len() >= REMEMBERED && !known.contains_key(thing) {
            known.retain(|_, last| !late(last) || last.times > 0);
        }
        let thing = match known.len() >= REMEMBERED && !known.contains_key(thing) {
            true => "",
            false => thing,
        };
        let Some(last) = known.get_mut(thing) else {
            let last = Last {
                written: now,
                times: 0,
            };
            known.insert(thing.to_owned(), last);
            return Some(1);
        };
        last.times = last.times.saturating_add(1);
        if !late(last) {
            return None;
        }
        last.written = now;
        Some(std::mem::take(&mut last.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_is_due_and_then_once_a_minute_with_all_times_counted() {
        let seldom = Seldom::default();
        let at = |second: i64| Timestamp(second * 1000);
        assert_eq!(seldom.due("a", at(0)), Some(1));
        assert_eq!(seldom.due("b", at(0)), Some(1));
        assert_eq!(seldom.due("a", at(1)), None);
        assert_eq!(seldom.due("a", at(59)), None);
        assert_eq!(seldom.due("a", at(60)), Some(3));
        assert_eq!(seldom.due("a", at(61)), None);
        // A clock that was set back does not keep anything out of the ledger.
        assert_eq!(seldom.due("a", at(-600)), Some(2));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_nothing_is_lost() {
        let seldom = Seldom::default();
        for thing in 0..REMEMBERED {
            assert_eq!(seldom.due(&thing.to_string(), Timestamp(0)), Some(1));
        }
        assert_eq!(seldom.due("new", Timestamp(0)), Some(1));
        assert_eq!(seldom.due("newer", Timestamp(1)), None);
        assert!(seldom.0.lock().unwrap().len() <= REMEMBERED + 1);
        assert_eq!(seldom.due("newest", Timestamp(60_000)), Some(1));
    }
}
