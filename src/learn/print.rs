//! Fingerprints: whether a text was typed somewhere, without keeping what was typed.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Fingerprints under a key that is made anew for each run and never leaves it: 64 bits, so that a
/// text taken for another costs a line of the proposal once in a great many runs.
#[derive(Clone, Debug, Default)]
pub struct Printer(RandomState);

/// A set of fingerprints.
pub type Prints = HashSet<u64>;

impl Printer {
    /// The fingerprint of a text's letters and digits; none where it has hardly any.
    pub fn whole(&self, text: &str) -> Option<u64> {
        const LEAST: usize = 3;
        let plain: String = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        (plain.chars().count() >= LEAST).then(|| self.0.hash_one(&plain))
    }

    /// Those of its words too: of a name, each part.
    pub fn words<'t>(&'t self, text: &'t str) -> impl Iterator<Item = u64> + 't {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.filter_map(|word| self.whole(word))
    }

    /// Whether a text is what was typed, or has a part of it as one of its own parts.
    pub fn tells(&self, typed: &Prints, text: &str) -> bool {
        let is_typed = |print: Option<u64>| print.is_some_and(|print| typed.contains(&print));
        is_typed(self.whole(text)) || self.words(text).any(|print| typed.contains(&print))
    }
}
