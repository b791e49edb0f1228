//! The lexicons: one file a language and category, read and compiled once.
//!
//! Read first: [`Source`] (a file), [`Weight`] (what a list says of its patterns), `docs/detection.md`
//! (how to edit one).

mod build;
mod embedded;
mod pattern;
pub(in crate::detect) mod symbols;

use std::collections::BTreeMap;

use crate::detect::category::{Language, Special};

pub(in crate::detect) use build::{Built, Meaning, Move, Pattern, build};
pub use embedded::SOURCES;

/// A file of a lexicon.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Whose language it is.
    pub language: Language,
    /// Its name without `.toml`: a category, or `cues`.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// Why a lexicon is none.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    /// The file is not TOML of the right shape.
    #[error("{language}/{name}.toml: {message}")]
    File {
        /// The language's code.
        language: &'static str,
        /// The file's name.
        name: String,
        /// What is wrong, with line and column.
        message: String,
    },
    /// A pattern cannot be read.
    #[error("{language}/{name}.toml, {list}, \"{pattern}\": {message}")]
    Pattern {
        /// The language's code.
        language: &'static str,
        /// The file's name.
        name: String,
        /// The list in which it stands.
        list: String,
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
    /// A list of the recognizers of direct identifiers cannot be read.
    #[error(transparent)]
    List(#[from] crate::detect::identifiers::ListError),
    /// The model's weights are not such.
    #[error("the model's weights cannot be read: {0}")]
    Model(&'static str),
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
    const ALL: [(&'static str, Self); 4] = [
        ("strong", Self::Strong),
        ("weak", Self::Weak),
        ("statement", Self::Statement),
        ("innocent", Self::Innocent),
    ];
}

/// The lists of a file, by name.
pub(super) type Lists = BTreeMap<String, Vec<String>>;

/// The lists of a category's file.
pub(super) fn lists(source: Source<'_>) -> Result<Lists, LexiconError> {
    let lists: Lists = toml::from_str(source.text).map_err(|error| file_error(source, &error))?;
    if let Some(name) = lists
        .keys()
        .find(|name| !Weight::ALL.iter().any(|(known, _)| known == name))
    {
        let message = format!("there is no list `{name}`; strong, weak, statement, innocent");
        return Err(error_in(source, message));
    }
    Ok(lists)
}

/// The groups of `cues.toml`.
pub(super) fn groups(source: Source<'_>) -> Result<Lists, LexiconError> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Cues {
        groups: Lists,
    }
    toml::from_str::<Cues>(source.text)
        .map(|cues| cues.groups)
        .map_err(|error| file_error(source, &error))
}

/// The category of a file's name.
pub(super) fn category(source: Source<'_>) -> Result<Special, LexiconError> {
    Special::named(source.name)
        .ok_or_else(|| error_in(source, "the file's name is no category".to_owned()))
}

fn file_error(source: Source<'_>, error: &toml::de::Error) -> LexiconError {
    error_in(source, error.to_string())
}

fn error_in(source: Source<'_>, message: String) -> LexiconError {
    LexiconError::File {
        language: source.language.code(),
        name: source.name.to_owned(),
        message,
    }
}

/// An error of one pattern.
pub(super) fn pattern_error(
    source: Source<'_>,
    list: &str,
    pattern: &str,
    message: String,
) -> LexiconError {
    LexiconError::Pattern {
        language: source.language.code(),
        name: source.name.to_owned(),
        list: list.to_owned(),
        pattern: pattern.to_owned(),
        message,
    }
}
