//! Romania: cod numeric personal (law 105/1996). Bulgaria: EGN (ordinance RD-02-20-9).

use super::digits::{all, is_date, last, number, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[
    Scheme {
        name: "cnp",
        lengths: &[13],
        check: is_cnp,
        need: Need::Word,
        words: &[],
    },
    Scheme {
        name: "egn",
        lengths: &[10],
        check: is_egn,
        need: Need::Word,
        words: &[],
    },
];

fn is_cnp(id: &[u8]) -> bool {
    let (Some(month), Some(day)) = (id.get(3..5), id.get(5..7)) else {
        return false;
    };
    let rest = weighted(id, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    all(id)
        && id.first() != Some(&b'0')
        && is_date(number(month), number(day))
        && last(id) == if rest == 10 { 1 } else { rest }
}

/// The month has 20 added for births before 1900 and 40 for those from 2000 on.
fn is_egn(id: &[u8]) -> bool {
    let (Some(month), Some(day)) = (id.get(2..4), id.get(4..6)) else {
        return false;
    };
    let check = weighted(id, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    all(id) && is_date(number(month) % 20, number(day)) && check == last(id)
}
