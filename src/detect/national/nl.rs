//! The Netherlands: burgerservicenummer (Wet algemene bepalingen burgerservicenummer).
//!
//! Nine digits, the weights 9 8 7 6 5 4 3 2 -1 and a sum divisible by eleven. Until 2020 a sole
//! trader's VAT id was `NL`, the BSN, `B` and two digits, so it is a BSN too.

use super::digits::{all, is_repdigit, last, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "bsn",
    lengths: &[9],
    check: is_bsn,
    need: Need::Word,
    words: &[
        "BURGER",
        "ID-BEWIJS",
        "ID-KAART",
        "EID",
        "IDENTITEITSBEWIJS",
        "IDENTITEITSKAART",
        "LEGITIMATIE",
        "PASPOORT",
        "RIJBEWIJS",
        "BELASTINGDIENST",
        "ZORGPOLIS",
        "TOESLAG",
    ],
}];

pub(super) const VAT: &[Scheme] = &[Scheme {
    name: "bsn-vat",
    lengths: &[14],
    check: is_vat,
    need: Need::Never,
    words: &[],
}];

fn is_bsn(id: &[u8]) -> bool {
    all(id)
        && !is_repdigit(id)
        && weighted(id, &[9, 8, 7, 6, 5, 4, 3, 2])
            .checked_sub(last(id))
            .is_some_and(|sum| sum > 0 && sum.is_multiple_of(11))
}

/// Numbers of legal persons (RSIN) begin with 8 or 00 and are nobody's.
fn is_vat(id: &[u8]) -> bool {
    let [b'N', b'L', number @ .., b'B', first, second] = id else {
        return false;
    };
    number.len() == 9
        && first.is_ascii_digit()
        && second.is_ascii_digit()
        && !number.starts_with(b"8")
        && !number.starts_with(b"00")
        && is_bsn(number)
}
