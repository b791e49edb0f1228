//! Sweden, Denmark and Finland: personnummer, CPR and henkilötunnus.
//!
//! Each begins with the birth date. Denmark gave up its check digit in 2007, so there the date,
//! the grouping and a word must do.

use super::digits::{all, is_date, luhn, number};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "personnummer",
        lengths: &[12, 10],
        check: is_swedish,
        need: Need::Word,
        words: &[],
    },
    Scheme {
        name: "cpr",
        lengths: &[10],
        check: is_danish,
        need: Need::Both(&[6, 4]),
        words: &[],
    },
    Scheme {
        name: "hetu",
        lengths: &[10, 11],
        check: is_finnish,
        need: Need::Word,
        words: &[],
    },
];

fn is_swedish(id: &[u8]) -> bool {
    let short = id.get(id.len().saturating_sub(10)..).unwrap_or_default();
    let (Some(month), Some(day)) = (short.get(2..4), short.get(4..6)) else {
        return false;
    };
    // A coordination number adds 60 to the day.
    all(id) && is_date(number(month), number(day) % 60) && luhn(short)
}

fn is_danish(id: &[u8]) -> bool {
    let (Some(day), Some(month)) = (id.get(..2), id.get(2..4)) else {
        return false;
    };
    all(id) && is_date(number(month), number(day))
}

/// The sign of the century (`-`, `+`, or a letter) is lost with the separators when it is one.
fn is_finnish(id: &[u8]) -> bool {
    let (Some(date), Some((check, rest))) = (id.get(..6), id.split_last()) else {
        return false;
    };
    let serial = rest.get(rest.len().saturating_sub(3)..).unwrap_or_default();
    let sign = rest
        .get(6..rest.len().saturating_sub(3))
        .unwrap_or_default();
    let known = matches!(sign, [] | [b'A'..=b'F' | b'U'..=b'Y']);
    let (Some(day), Some(month)) = (date.get(..2), date.get(2..4)) else {
        return false;
    };
    let place = usize::try_from((number(date) * 1000 + number(serial)) % 31).unwrap_or(0);
    known
        && all(date)
        && all(serial)
        && is_date(number(month), number(day))
        && b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(place) == Some(check)
}
