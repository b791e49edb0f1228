//! Germany: Steuer-Identifikationsnummer (section 139b AO), Rentenversicherungsnummer (VKVV,
//! section 2) and Krankenversichertennummer (section 290 SGB V).

use super::digits::{all, cross, is_date, iso_7064_mod_11_10, last, number, value};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "rvnr",
        lengths: &[12],
        check: is_pension,
        need: Need::Nothing,
        words: &[],
    },
    Scheme {
        name: "kvnr",
        lengths: &[10],
        check: is_insured,
        need: Need::Word,
        words: &[
            "VERSICHERT",
            "KASSE",
            "KARTE",
            "AOK",
            "BARMER",
            "TK",
            "DAK",
            "IKK",
            "PATIENT",
        ],
    },
    Scheme {
        name: "steuer-id",
        lengths: &[11],
        check: is_tax,
        need: Need::Word,
        words: &[
            "TIN",
            "ID-N",
            "ID N",
            "IDNR",
            "ST-ID",
            "ID:",
            "IDENT",
            "FINANZAMT",
            "STEUER",
            "FREISTELLUNG",
        ],
    },
];

/// Eleven digits, not 0 first; of the first ten one occurs twice or three times.
fn is_tax(id: &[u8]) -> bool {
    let Some(base) = id.get(..10) else {
        return false;
    };
    if !all(id) || id.first() == Some(&b'0') {
        return false;
    }
    let count = |digit: u8| base.iter().filter(|byte| **byte == digit).count();
    let repeated = (b'0'..=b'9').filter(|digit| count(*digit) > 1);
    let most = (b'0'..=b'9').map(count).max().unwrap_or(0);
    repeated.count() == 1 && most <= 3 && iso_7064_mod_11_10(id)
}

/// Area, birth date, initial, serial and a check: the letter counts as its two-digit place, and
/// the cross sums of the products are added.
fn is_pension(id: &[u8]) -> bool {
    let (Some(front), Some(letter), Some(back)) = (id.get(..8), id.get(8), id.get(9..)) else {
        return false;
    };
    if !(all(front) && letter.is_ascii_uppercase() && all(back) && back.len() == 3) {
        return false;
    }
    let day = front.get(2..4).map_or(0, number);
    let month = front.get(4..6).map_or(0, number);
    // A second person with the same number gets 50 added to the day.
    if !is_date(month, day % 50) {
        return false;
    }
    weigh(front, *letter, back.get(..2).unwrap_or_default()) % 10 == last(back)
}

fn weigh(front: &[u8], letter: u8, serial: &[u8]) -> u32 {
    const WEIGHTS: [u32; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let place = u32::from(letter - b'A') + 1;
    let values = front
        .iter()
        .map(|byte| value(*byte))
        .chain([place / 10, place % 10])
        .chain(serial.iter().map(|byte| value(*byte)));
    values
        .zip(WEIGHTS)
        .map(|(value, weight)| cross(value * weight))
        .sum()
}

/// A letter and nine digits: weights 1 and 2 in turn over the letter's place and eight digits.
fn is_insured(id: &[u8]) -> bool {
    let Some((letter, rest)) = id.split_first() else {
        return false;
    };
    if !(letter.is_ascii_uppercase() && all(rest) && rest.len() == 9) {
        return false;
    }
    let place = u32::from(letter - b'A') + 1;
    let sum: u32 = [place / 10, place % 10]
        .into_iter()
        .chain(rest.iter().take(8).map(|byte| value(*byte)))
        .zip([1, 2].into_iter().cycle())
        .map(|(value, weight)| cross(value * weight))
        .sum();
    sum % 10 == last(rest)
}
