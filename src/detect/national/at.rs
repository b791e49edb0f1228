//! Austria: Sozialversicherungsnummer (section 31 ASVG): serial, check, birth date.

use super::digits::{all, is_date, number, value, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "svnr",
    lengths: &[10],
    check: is_svnr,
    need: Need::Word,
    words: &["E-CARD", "ECARD", "E CARD", "OGK", "VERSICHERT"],
}];

fn is_svnr(id: &[u8]) -> bool {
    let (Some(day), Some(month), Some(check)) = (id.get(4..6), id.get(6..8), id.get(3)) else {
        return false;
    };
    let sum = weighted(id, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    all(id)
        && id.first() != Some(&b'0')
        // When dates run out the month counts on from 13.
        && is_date(number(month).min(12), number(day))
        && sum % 11 == value(*check)
}
