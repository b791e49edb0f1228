//! Slovenia: EMŠO. Hungary: TAJ. Greece: AMKA. Luxembourg: matricule.

use super::digits::{all, is_date, last, luhn, number, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "emso",
        lengths: &[13],
        check: is_emso,
        need: Need::Word,
        words: &[],
    },
    Scheme {
        name: "taj",
        lengths: &[9],
        check: |id| all(id) && weighted(id, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == last(id),
        need: Need::Word,
        words: &[],
    },
    Scheme {
        name: "amka",
        lengths: &[11],
        check: is_amka,
        need: Need::Word,
        words: &[],
    },
    Scheme {
        name: "matricule",
        lengths: &[13],
        check: is_matricule,
        need: Need::Word,
        words: &[],
    },
];

fn is_emso(id: &[u8]) -> bool {
    let (Some(day), Some(month)) = (id.get(..2), id.get(2..4)) else {
        return false;
    };
    let sum = weighted(id, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    all(id) && is_date(number(month), number(day)) && sum != 1 && (11 - sum) % 11 == last(id)
}

fn is_amka(id: &[u8]) -> bool {
    let (Some(day), Some(month)) = (id.get(..2), id.get(2..4)) else {
        return false;
    };
    all(id) && is_date(number(month), number(day)) && luhn(id)
}

/// Luhn over the first twelve digits; the thirteenth is Verhoeff's and is not looked at.
fn is_matricule(id: &[u8]) -> bool {
    let (Some(front), Some(month), Some(day)) = (id.get(..12), id.get(4..6), id.get(6..8)) else {
        return false;
    };
    all(id) && is_date(number(month), number(day)) && luhn(front)
}
