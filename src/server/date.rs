//! The `Date` field (RFC 9110, section 6.6.1), formatted once a second.

use std::cell::RefCell;

use jiff::fmt::rfc2822::DateTimePrinter;

use crate::model::Timestamp;

/// The last formatted second of one worker.
#[derive(Debug, Default)]
pub(super) struct Dates(RefCell<(i64, String)>);

impl Dates {
    /// `now` as an HTTP date; empty for a time that no calendar has.
    pub(super) fn at(&self, now: Timestamp) -> String {
        let mut last = self.0.borrow_mut();
        if last.0 != now.seconds() || last.1.is_empty() {
            *last = (now.seconds(), imf_fixdate(now).unwrap_or_default());
        }
        last.1.clone()
    }
}

fn imf_fixdate(at: Timestamp) -> Option<String> {
    let at = jiff::Timestamp::from_second(at.seconds()).ok()?;
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_follows_the_clock() {
        let dates = Dates::default();
        assert_eq!(
            dates.at(Timestamp(784_111_777_000)),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
        assert_eq!(
            dates.at(Timestamp(784_111_778_999)),
            "Sun, 06 Nov 1994 08:49:38 GMT"
        );
    }
}
