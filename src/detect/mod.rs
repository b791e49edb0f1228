//! Personal data in free text: special categories (GDPR Articles 9 and 10) and national ids.
//!
//! Pure: a text in, places and scores out. It knows no field, no policy and no model of language;
//! what it finds it finds with lexicons that a lawyer can read, rules over the words around a hit,
//! and a small linear model that was trained offline. Time and memory grow with the text's length.
//!
//! Read first: [`Detector`], [`Finding`], [`judge`] (what a hit is worth where it stands).

pub mod category;
#[cfg(test)]
mod corpus_tests;
mod fold;
#[cfg(test)]
mod gate_tests;
mod given;
mod hash;
pub mod identifiers;
mod judge;
pub mod known;
mod language;
pub mod lexicon;
mod matcher;
mod model;
pub mod national;
mod partner;
#[cfg(test)]
mod plain_tests;
pub mod special;
#[cfg(test)]
mod tests;
mod text;
mod weights;

pub use category::{Finding, Identifier, Kind, Language, Special};
pub use lexicon::{LexiconError, Source};
pub use special::{Detector, Error, Example, Keep, Reason};
