//! Italy: codice fiscale (ministerial decree of 12 March 1974, with the letters of "omocodia").

use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "codice-fiscale",
    lengths: &[16],
    check: is_codice,
    need: Need::Nothing,
    words: &[],
}];

/// Where letters stand for digits when two people would have the same code.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// What a letter or its digit counts at the odd places.
const ODD: [u32; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

fn is_codice(id: &[u8]) -> bool {
    let shaped = id.iter().enumerate().all(|(at, byte)| match at {
        0..=5 | 11 | 15 => byte.is_ascii_uppercase(),
        8 => MONTHS.contains(byte),
        _ => byte.is_ascii_digit() || OMOCODIA.contains(byte),
    });
    let Some((check, rest)) = id.split_last() else {
        return false;
    };
    let sum: u32 = rest
        .iter()
        .enumerate()
        .map(|(at, byte)| if at % 2 == 0 { odd(*byte) } else { even(*byte) })
        .sum();
    shaped && sum % 26 == u32::from(check.wrapping_sub(b'A'))
}

fn even(byte: u8) -> u32 {
    if byte.is_ascii_digit() {
        u32::from(byte - b'0')
    } else {
        u32::from(byte.wrapping_sub(b'A') % 26)
    }
}

fn odd(byte: u8) -> u32 {
    usize::try_from(even(byte))
        .ok()
        .and_then(|place| ODD.get(place).copied())
        .unwrap_or(0)
}
