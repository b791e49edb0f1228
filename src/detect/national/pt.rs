//! Portugal: número de identificação fiscal of natural persons (first digit 1, 2, 3 or 45).

use super::digits::{all, last, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "nif-pt",
    lengths: &[9],
    check: is_nif,
    need: Need::Word,
    words: &[],
}];

fn is_nif(id: &[u8]) -> bool {
    let rest = weighted(id, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    let natural = matches!(id, [b'1'..=b'3', ..] | [b'4', b'5', ..]);
    all(id) && natural && check == last(id)
}
