//! Czechia and Slovakia: rodné číslo (act 133/2000), written with a slash after the birth date.

use super::digits::{all, is_date, number};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "rodne-cislo",
    lengths: &[10],
    check: is_number,
    need: Need::Grouping(&[&[6, 4]]),
    words: &[],
}];

/// Women's months have 50 added, and 20 more where serials ran out.
fn is_number(id: &[u8]) -> bool {
    let (Some(month), Some(day)) = (id.get(2..4), id.get(4..6)) else {
        return false;
    };
    let month = number(month) % 50;
    let month = if month > 20 { month - 20 } else { month };
    all(id) && is_date(month, number(day)) && number(id).is_multiple_of(11)
}
