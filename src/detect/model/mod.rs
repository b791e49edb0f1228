//! The second stage: a linear model over what the rules saw and over the words of a sentence.
//!
//! It was trained offline on the development corpus (`train.py`), to weigh the
//! rules' hits where they stand and to see what is said without a telling word. Its weights are one
//! byte each in `weights.bin`; a feature's place is its hash, so there is no dictionary to ship.
//! Without weights the rules decide alone.
//!
//! Read first: [`Model`], [`features`].

mod features;

use std::ops::Range;

use super::Error;
use super::category::Special;

pub(super) use features::{ANY, Feature, features};

/// The trained weights: `SLW2`, the number of places as a power of two (one byte), the thresholds of
/// nine categories, those of a sentence with a hit and of one without, the size of one step of a
/// weight (each a little-endian float of four bytes), and a signed byte for each place.
const WEIGHTS: &[u8] = include_bytes!("weights.bin");

const MAGIC: &[u8] = b"SLW2";
const OWN: usize = Special::ALL.len() - 1;
const HEAD: usize = 4 + 1 + 4 * (OWN + 3);

/// How much a hit of the rules counts when the likeliest category of a sentence is chosen.
const SUPPORT: f32 = 1.0;

/// The linear model.
#[derive(Debug)]
pub(super) struct Model {
    /// What a category needs to be found beside another.
    own: [f32; OWN],
    /// What a sentence needs to say something special: with a hit, without one.
    any: [f32; 2],
    step: f32,
    mask: u64,
    weights: &'static [u8],
}

impl Model {
    /// The model that the program carries; `None` when there is none.
    pub(super) fn embedded() -> Result<Option<Self>, Error> {
        if WEIGHTS.is_empty() {
            return Ok(None);
        }
        Self::read(WEIGHTS).map(Some)
    }

    fn read(bytes: &'static [u8]) -> Result<Self, Error> {
        let (head, weights) = bytes
            .split_at_checked(HEAD)
            .ok_or(Error::Model("it is cut short"))?;
        let numbers = head
            .strip_prefix(MAGIC)
            .ok_or(Error::Model("it is of another kind"))?;
        let (power, numbers) = numbers
            .split_first()
            .ok_or(Error::Model("it is cut short"))?;
        let mut floats = numbers
            .as_chunks::<4>()
            .0
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes));
        let own = std::array::from_fn(|_| floats.next().unwrap_or_default());
        let any = std::array::from_fn(|_| floats.next().unwrap_or_default());
        let places = 1_usize.checked_shl(u32::from(*power)).unwrap_or(0);
        if weights.len() != places {
            return Err(Error::Model("it has not as many weights as it says"));
        }
        Ok(Self {
            own,
            any,
            step: floats.next().unwrap_or_default(),
            mask: u64::try_from(places).unwrap_or(1) - 1,
            weights,
        })
    }

    /// The categories of a sentence, with log-odds above the threshold.
    ///
    /// Whether a sentence says something special is easier to tell than what, so that is asked first;
    /// then the likeliest category is taken, and each other one that is likely by itself.
    /// `features` and `rules` give the features and the rules' log-odds of a category.
    pub(super) fn decide(
        &self,
        features: impl Fn(Special) -> Vec<Feature>,
        rules: impl Fn(Special) -> Option<f32>,
        prior: Option<(Special, f32)>,
    ) -> Vec<(Special, f32)> {
        let hit = Special::ALL
            .iter()
            .any(|category| rules(*category).is_some());
        let [with_hit, without_hit] = self.any;
        let any = self.sum(&features(ANY)) - if hit { with_hit } else { without_hit };
        if any <= 0.0 && prior.is_none() {
            return Vec::new();
        }
        let mut found: Vec<(Special, f32)> = Vec::new();
        let mut likeliest: Option<(Special, f32)> = None;
        for (category, own) in Special::ALL.into_iter().zip(self.own) {
            let expected = prior
                .filter(|(known, _)| *known == category)
                .map(|(_, odds)| odds);
            let sum = self.sum(&features(category)) + expected.unwrap_or(0.0);
            let supported = rules(category).is_some_and(|odds| odds > 0.0);
            let support = sum + if supported { SUPPORT } else { 0.0 };
            if likeliest.is_none_or(|(_, most)| support > most) {
                likeliest = Some((category, support));
            }
            if sum > own && (any > 0.0 || expected.is_some()) {
                found.push((category, any.max(sum - own)));
            }
        }
        if let Some((category, _)) = likeliest
            && any > 0.0
            && !found.iter().any(|(known, _)| *known == category)
        {
            found.push((category, any));
        }
        found
    }

    /// Each place counts once, as in training: a word that is repeated says no more for it.
    fn sum(&self, features: &[Feature]) -> f32 {
        let mut places: Vec<u64> = features.iter().map(|feature| self.place(feature)).collect();
        places.sort_unstable();
        places.dedup();
        let sum: i32 = places.iter().map(|place| i32::from(self.at(*place))).sum();
        small(sum) * self.step
    }

    fn weight(&self, feature: &Feature) -> i8 {
        self.at(self.place(feature))
    }

    fn place(&self, feature: &Feature) -> u64 {
        feature.hash & self.mask
    }

    fn at(&self, place: u64) -> i8 {
        let weight = usize::try_from(place)
            .ok()
            .and_then(|at| self.weights.get(at));
        weight.map_or(0, |weight| i8::from_le_bytes([*weight]))
    }

    /// What each clause of a sentence adds to a category's log-odds by its words, and the words
    /// from the first to the last that add.
    pub(super) fn clauses(&self, features: &[Feature], clauses: &[Range<usize>]) -> Vec<Clause> {
        let weighed = |clause: &Range<usize>| {
            let (mut sum, mut words) = (0, clause.end..clause.start);
            for feature in features {
                let Some(at) = feature.word.filter(|at| clause.contains(at)) else {
                    continue;
                };
                let weight = self.weight(feature);
                sum += i32::from(weight);
                if weight > 0 {
                    words = words.start.min(at)..words.end.max(at + 1);
                }
            }
            Clause {
                odds: small(sum) * self.step,
                words: if words.is_empty() {
                    clause.clone()
                } else {
                    words
                },
            }
        };
        clauses.iter().map(weighed).collect()
    }
}

/// What a clause says of a category.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// How much its words add to the log-odds.
    pub odds: f32,
    /// The words that say it most.
    pub words: Range<usize>,
}

/// A sum of a few hundred bytes as a float.
fn small(sum: i32) -> f32 {
    i16::try_from(sum).map_or(if sum > 0 { f32::MAX } else { f32::MIN }, f32::from)
}
