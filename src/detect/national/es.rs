//! Spain: DNI and NIE (royal decree 1553/2005): the letter is the number modulo 23 in a table.

use super::digits::{all, is_repdigit, number};
use super::{Need, Scheme};

const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

pub(super) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "dni",
        lengths: &[9],
        check: is_dni,
        need: Need::Nothing,
        words: &[],
    },
    Scheme {
        name: "nuss",
        lengths: &[12],
        check: is_social,
        need: Need::Word,
        words: &["AFILIACION", "S. S", "SS ", "NSS"],
    },
    Scheme {
        name: "nie",
        lengths: &[9],
        check: is_nie,
        need: Need::Nothing,
        words: &[],
    },
];

fn is_dni(id: &[u8]) -> bool {
    id.split_last().is_some_and(|(letter, digits)| {
        all(digits) && !is_repdigit(digits) && fits(number(digits), *letter)
    })
}

fn is_nie(id: &[u8]) -> bool {
    let [first, digits @ .., letter] = id else {
        return false;
    };
    let front = match first {
        b'X' => 0,
        b'Y' => 10_000_000,
        b'Z' => 20_000_000,
        _ => return false,
    };
    digits.len() == 7 && all(digits) && fits(front + number(digits), *letter)
}

/// Social security: province, serial, and the remainder modulo 97 (royal decree 84/1996).
fn is_social(id: &[u8]) -> bool {
    let (Some(base), Some(check)) = (id.get(..10), id.get(10..)) else {
        return false;
    };
    // Serials below ten million count without their leading zero.
    let (province, serial) = (number(base) / 100_000_000, number(base) % 100_000_000);
    let joined = if serial < 10_000_000 {
        province * 10_000_000 + serial
    } else {
        number(base)
    };
    all(id) && joined % 97 == number(check)
}

fn fits(number: u64, letter: u8) -> bool {
    usize::try_from(number % 23).is_ok_and(|at| LETTERS.get(at) == Some(&letter))
}
