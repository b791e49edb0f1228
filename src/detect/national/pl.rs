//! Poland: PESEL (act of 24 September 2010 on the population register).

use super::digits::{all, is_date, last, number, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "pesel",
    lengths: &[11],
    check: is_pesel,
    need: Need::Word,
    words: &["DOWOD", "UR.", "UBEZPIECZ", "PACJENT", "ZUS"],
}];

/// The month carries the century: 80, 0, 20, 40 or 60 is added to it.
fn is_pesel(id: &[u8]) -> bool {
    let (Some(base), Some(month), Some(day)) = (id.get(..10), id.get(2..4), id.get(4..6)) else {
        return false;
    };
    all(id)
        && is_date(number(month) % 20, number(day))
        && (10 - weighted(base, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10 == last(id)
}
