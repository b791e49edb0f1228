//! France: numéro d'inscription au répertoire (NIR, "numéro de sécu"; decree 82-103).
//!
//! Sex, year, month, department, commune, serial, and 97 minus the remainder. Corsica's 2A and 2B
//! count as 19 and 18.

use super::digits::{all, number};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "nir",
        lengths: &[15],
        check: is_nir,
        need: Need::Grouping(&[&[15], &[1, 2, 2, 2, 3, 3, 2], &[13, 2]]),
        words: &["ASSURE", "AMELI", "CPAM", "VITALE", "SS "],
    },
    Scheme {
        name: "nir-without-key",
        lengths: &[13],
        check: is_shaped,
        need: Need::Word,
        words: &[],
    },
];

fn is_nir(id: &[u8]) -> bool {
    let (Some(base), Some(key)) = (id.get(..13), id.get(13..)) else {
        return false;
    };
    is_shaped(base) && all(key) && plain(base).is_some_and(|n| 97 - n % 97 == number(key))
}

/// Months beyond 12 are those of people whose month of birth is not known.
fn is_shaped(base: &[u8]) -> bool {
    let month = base.get(3..5).map_or(99, number);
    let known = (1..=12).contains(&month) || (20..=42).contains(&month) || month >= 50;
    matches!(base.first(), Some(b'1' | b'2' | b'7' | b'8')) && plain(base).is_some() && known
}

fn plain(base: &[u8]) -> Option<u64> {
    let (front, department, back) = (base.get(..5)?, base.get(5..7)?, base.get(7..)?);
    let department = match department {
        b"2A" => 19,
        b"2B" => 18,
        digits if all(digits) => number(digits),
        _ => return None,
    };
    let digits = all(front) && all(back) && back.len() == 6;
    digits.then(|| (number(front) * 100 + department) * 1_000_000 + number(back))
}
