//! Belgium: rijksregisternummer / numéro national, and the bis number (royal decree of 3 April
//! 1984). Birth date, a serial, and 97 minus the remainder; a 2 goes before births from 2000 on.

use super::digits::{all, is_date, number};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "niss",
    lengths: &[11],
    check: is_niss,
    need: Need::Grouping(&[&[2, 2, 2, 3, 2], &[6, 3, 2]]),
    words: &[],
}];

fn is_niss(id: &[u8]) -> bool {
    let (Some(base), Some(month), Some(day), Some(check)) =
        (id.get(..9), id.get(2..4), id.get(4..6), id.get(9..))
    else {
        return false;
    };
    // Bis numbers add 20 or 40 to the month.
    let (month, day) = (number(month) % 20, number(day));
    let matches = |base: u64| 97 - base % 97 == number(check);
    all(id)
        && (is_date(month, day) || (month == 0 && day <= 31))
        && (matches(number(base)) || matches(2_000_000_000 + number(base)))
}
