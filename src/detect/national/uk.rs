//! United Kingdom: National Insurance number (HMRC, NIM39110) and NHS number.

use super::digits::{all, is_repdigit, last, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "nino",
        lengths: &[9],
        check: is_nino,
        need: Need::Nothing,
        words: &[],
    },
    Scheme {
        name: "nhs",
        lengths: &[10],
        check: is_nhs,
        need: Need::Word,
        words: &["PATIENT", "GP "],
    },
];

/// Two letters, six digits and A to D; some pairs of letters are never given.
fn is_nino(id: &[u8]) -> bool {
    let [first, second, digits @ .., suffix] = id else {
        return false;
    };
    digits.len() == 6
        && all(digits)
        && matches!(suffix, b'A'..=b'D')
        && first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && !b"DFIQUV".contains(first)
        && !b"DFIOQUV".contains(second)
        && ![b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"].contains(&&[*first, *second])
}

fn is_nhs(id: &[u8]) -> bool {
    let check = 11
        - weighted(
            id.get(..9).unwrap_or_default(),
            &[10, 9, 8, 7, 6, 5, 4, 3, 2],
        ) % 11;
    all(id) && !is_repdigit(id) && check != 10 && check % 11 == last(id)
}
