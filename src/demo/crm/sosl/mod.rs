//! The stand-in's own SOSL: words that are looked for in the text of records.
//!
//! A text is words of letters and digits; whatever else stands in it parts them, so that an address
//! is three words or more, and a word of the search with such marks is a row of words.
//!
//! Read first: [`written::parse`], [`run::answer`].

mod expression;
pub mod run;
mod words;
mod written;

pub use run::{answer, find};
