//! Switzerland: AHV number (AHVG, article 50c), which employers near the border hold.
//!
//! 756 and ten digits, the last by EAN-13. No country has the article prefix 756, so a number that
//! passes is one.

use super::digits::{all, value};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "ahv",
    lengths: &[13],
    check: is_ahv,
    need: Need::Nothing,
    words: &[],
}];

fn is_ahv(id: &[u8]) -> bool {
    let sum: u32 = id
        .iter()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| value(*digit) * weight)
        .sum();
    all(id) && id.starts_with(b"756") && sum.is_multiple_of(10)
}
