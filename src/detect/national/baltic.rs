//! Estonia and Lithuania: isikukood and asmens kodas, one algorithm (standard EVS 585).

use super::digits::{all, is_date, last, number, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "isikukood",
    lengths: &[11],
    check: is_code,
    need: Need::Word,
    words: &[],
}];

fn is_code(id: &[u8]) -> bool {
    let (Some(month), Some(day)) = (id.get(3..5), id.get(5..7)) else {
        return false;
    };
    let first = weighted(id, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(id, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = if first < 10 { first } else { second % 10 };
    all(id)
        && matches!(id.first(), Some(b'1'..=b'6'))
        && is_date(number(month), number(day))
        && check == last(id)
}
