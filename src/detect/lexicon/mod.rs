//! The lexicons: one file a language and category, compiled into one table when the program is built.
//!
//! `build.rs` runs [`compile`] over all files and the program carries its result, because reading
//! and interning 80,000 patterns takes a second and more, and reading the table a few milliseconds.
//!
//! Read first: [`Source`] (a file), [`Weight`] (what a list says of its patterns), [`Built`] (the
//! table), `docs/detection.md` (how to edit a lexicon).

mod built;
mod compile;
mod flat;
pub(in crate::detect) mod symbols;

pub(in crate::detect) use built::{Built, Meaning, Move, Pattern};
pub(in crate::detect) use compile::compile;
pub use compile::{LexiconError, Source};
pub(in crate::detect) use flat::Lists;

/// Compiles lexicons into the table that the program carries.
///
/// # Errors
///
/// [`LexiconError`] names the file, the line and the pattern that cannot be read.
pub fn table(sources: &[Source<'_>]) -> Result<Vec<u8>, LexiconError> {
    Ok(compile(sources)?.write())
}

/// What a list says of its patterns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weight {
    /// It says it about a person by itself.
    Strong,
    /// It says it only when the sentence is about a person.
    Weak,
    /// A whole phrase that says it.
    Statement,
    /// It is innocent: whatever hits it overlaps do not count.
    Innocent,
}

impl Weight {
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("strong", Self::Strong),
        ("weak", Self::Weak),
        ("statement", Self::Statement),
        ("innocent", Self::Innocent),
    ];
}
