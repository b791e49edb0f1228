//! Ireland: Personal Public Service number (Social Welfare Consolidation Act 2005).

use super::digits::{all, weighted};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "pps",
    lengths: &[9, 8],
    check: is_pps,
    need: Need::Nothing,
    words: &[],
}];

/// Seven digits and a letter; a second letter, A to I or W, counts nine times.
fn is_pps(id: &[u8]) -> bool {
    let (Some(digits), Some(check)) = (id.get(..7), id.get(7)) else {
        return false;
    };
    let extra = match id.get(8) {
        None | Some(b'W') => 0,
        Some(letter @ b'A'..=b'I') => u32::from(letter - b'A') + 1,
        Some(_) => return false,
    };
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + extra * 9;
    let place = usize::try_from(sum % 23).unwrap_or(0);
    all(digits) && b"WABCDEFGHIJKLMNOPQRSTUV".get(place) == Some(check)
}
