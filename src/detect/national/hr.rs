//! Croatia: osobni identifikacijski broj (OIB act, 2008).

use super::digits::{all, iso_7064_mod_11_10};
use super::{Need, Scheme};

pub(super) const SCHEMES: &[Scheme] = &[Scheme {
    name: "oib",
    lengths: &[11],
    check: |id| all(id) && iso_7064_mod_11_10(id),
    need: Need::Word,
    words: &[],
}];
