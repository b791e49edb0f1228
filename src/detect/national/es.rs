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
    },
    Scheme {
        name: "nie",
        lengths: &[9],
        check: is_nie,
        need: Need::Nothing,
    },
];

fn is_dni(id: &[u8]) -> bool {
    id.split_last()
        .is_some_and(|(letter, digits)| all(digits) && !is_repdigit(digits) && fits(number(digits), *letter))
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

fn fits(number: u64, letter: u8) -> bool {
    usize::try_from(number % 23).is_ok_and(|at| LETTERS.get(at) == Some(&letter))
}
