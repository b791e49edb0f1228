//! What the model sees of a sentence for one category.
//!
//! All features are there or not. Some are shared by the categories (how a hit stands among cues
//! and words), some are a category's own (words, word pairs, beginnings and ends of words, the
//! pattern that hit). Changing anything here means training again.

use crate::detect::category::Special;
use crate::detect::hash;
use crate::detect::judge::{Counted, Scene};
use crate::detect::lexicon::{Built, Weight};
use crate::detect::text::Text;

/// In this category's place the model answers whether the sentence says anything special at all:
/// national ids have checksums and need no model.
pub(in crate::detect) const ANY: Special = Special::NationalId;

/// A feature.
#[derive(Clone, Copy, Debug)]
pub(in crate::detect) struct Feature {
    /// Its name's hash.
    pub hash: u64,
    /// The word that it is about, where it is a category's own.
    pub word: Option<usize>,
}

/// The features of a sentence for a category; for [`ANY`], whether it says anything special at all.
pub(in crate::detect) fn features(
    category: Special,
    text: &Text,
    scene: &Scene,
    counted: &[Counted],
    odds: Option<f32>,
    built: &Built,
) -> Vec<Feature> {
    let mut list = List {
        category: [b'0' + u8::try_from(category.index()).unwrap_or(0)],
        features: Vec::with_capacity(32 + scene.words.len() * 10),
    };
    let about = |hit: &&Counted| category == ANY || hit.category == category;
    let hits: Vec<&Counted> = counted.iter().filter(about).collect();
    let best = hits
        .iter()
        .copied()
        .max_by(|a, b| a.score.total_cmp(&b.score));
    list.own(&[b"bias"], None);
    let state = state(best);
    list.rules(&hits, best, odds, built);
    list.surroundings(state, text, scene, best);
    if counted.iter().any(|hit| !about(&hit) && hit.score > 0.0) {
        list.shared(&[b"other category", state]);
    }
    list.words(state, text, scene, best);
    list.features
}

/// The best hit in one letter.
fn state(best: Option<&Counted>) -> &'static [u8] {
    match best.map(|hit| hit.weight) {
        None => b"n",
        Some(Weight::Statement) => b"c",
        Some(Weight::Strong) => b"s",
        Some(Weight::Weak | Weight::Innocent) => b"w",
    }
}

struct List {
    category: [u8; 1],
    features: Vec<Feature>,
}

impl List {
    /// A feature of this category alone.
    fn own(&mut self, parts: &[&[u8]], word: Option<usize>) {
        let mut all: [&[u8]; 6] = [b""; 6];
        for (slot, part) in all.iter_mut().zip(
            [&self.category as &[u8]]
                .into_iter()
                .chain(parts.iter().copied()),
        ) {
            *slot = part;
        }
        let hash = hash::of(&all);
        self.features.push(Feature { hash, word });
    }

    /// A feature that all categories share.
    fn shared(&mut self, parts: &[&[u8]]) {
        let mut all: [&[u8]; 6] = [b""; 6];
        // Whether anything is said at all is another question than whether this is said.
        let whose: &[u8] = if self.category == [b'9'] {
            b"any"
        } else {
            b"*"
        };
        for (slot, part) in all
            .iter_mut()
            .zip([whose].into_iter().chain(parts.iter().copied()))
        {
            *slot = part;
        }
        let hash = hash::of(&all);
        self.features.push(Feature { hash, word: None });
    }

    /// What the rules say.
    fn rules(
        &mut self,
        hits: &[&Counted],
        best: Option<&Counted>,
        odds: Option<f32>,
        built: &Built,
    ) {
        let state = state(best);
        self.own(&[b"state", state], None);
        self.shared(&[b"state", state]);
        for (step, name) in (-5_i8..8).zip(0_u8..) {
            if odds.is_some_and(|odds| odds > f32::from(step) * 0.5) {
                self.shared(&[b"odds", &[name]]);
                self.own(&[b"odds", &[name]], None);
            }
        }
        let Some(best) = best else { return };
        if hits.len() > 1 {
            self.shared(&[b"several", state]);
        }
        if best.mistyped {
            self.shared(&[b"mistyped"]);
        }
        if best.words.len() > 1 {
            self.shared(&[b"phrase", state]);
        }
        for hit in hits {
            let entry = built.entry(hit.entry);
            let source: &[u8] = entry.map_or(b"partner", |entry| entry.source.as_bytes());
            let language = hit.language.code().as_bytes();
            self.own(&[b"entry", language, source], None);
        }
    }

    /// Cues, and where in the sentence the best hit stands.
    fn surroundings(&mut self, state: &[u8], text: &Text, scene: &Scene, best: Option<&Counted>) {
        let clause = best
            .map(|hit| scene.clause(text, hit.words.start))
            .unwrap_or_default();
        for (name, (near, far)) in (0_u8..).zip(clause.iter().zip(&scene.sentence)) {
            if *near > 0 {
                self.shared(&[b"near", &[name], state]);
            }
            if *far > 0 {
                self.shared(&[b"far", &[name], state]);
                self.own(&[b"far", &[name]], None);
            } else {
                self.shared(&[b"without", &[name], state]);
            }
        }
        if scene.carried {
            self.shared(&[b"carried", state]);
        }
        let length = match scene.words.len() {
            0..=2 => b"1",
            3..=4 => b"2",
            5..=7 => b"3",
            8..=12 => b"4",
            13..=20 => b"5",
            _ => b"6",
        };
        self.shared(&[b"length", length, state]);
        if let Some(hit) = best {
            if hit.words.start == scene.words.start {
                self.shared(&[b"first", state]);
            }
            if hit.words.end == scene.words.end {
                self.shared(&[b"last", state]);
            }
        }
    }

    /// The words of the sentence, alone, in pairs, and in parts.
    fn words(&mut self, state: &[u8], text: &Text, scene: &Scene, best: Option<&Counted>) {
        let mut before = "^";
        for at in scene.words.clone() {
            let full = text.low(at);
            let word = if full.bytes().all(|byte| byte.is_ascii_digit()) {
                "#"
            } else {
                full
            };
            let inside = best.is_some_and(|hit| hit.words.contains(&at));
            self.own(&[b"word", word.as_bytes()], Some(at));
            self.own(&[b"pair", before.as_bytes(), word.as_bytes()], Some(at));
            for length in [4, 6] {
                if let Some(part) = word.get(..length).filter(|part| part.len() < word.len()) {
                    self.own(&[b"front", part.as_bytes()], Some(at));
                }
            }
            if let Some(part) = word.len().checked_sub(5).and_then(|from| word.get(from..)) {
                self.own(&[b"back", part.as_bytes()], Some(at));
            }
            if !inside {
                self.shared(&[b"with", state, word.as_bytes()]);
                if let Some(part) = word.get(..5) {
                    self.shared(&[b"with front", state, part.as_bytes()]);
                }
            }
            if best.is_some_and(|hit| hit.words.start == at) {
                self.shared(&[b"behind", state, before.as_bytes()]);
            }
            if best.is_some_and(|hit| hit.words.end == at) {
                self.shared(&[b"ahead", state, word.as_bytes()]);
            }
            before = word;
        }
        self.own(&[b"pair", before.as_bytes(), b"$"], None);
    }
}
