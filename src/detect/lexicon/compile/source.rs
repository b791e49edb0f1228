//! The files of the lexicons as lists of patterns.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::detect::category::{Language, Special};
use crate::detect::lexicon::Weight;

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
    #[error("{language}/{name}.toml:{line}, {list}, \"{pattern}\": {message}")]
    Pattern {
        /// The language's code.
        language: &'static str,
        /// The file's name.
        name: String,
        /// Its line, from 1.
        line: usize,
        /// The list in which it stands.
        list: String,
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
}

/// The lists of a file, by name.
pub(super) type Lists = BTreeMap<String, Vec<Spanned<String>>>;

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
    pattern: &Spanned<String>,
    message: String,
) -> LexiconError {
    let before = source.text.get(..pattern.span().start).unwrap_or_default();
    LexiconError::Pattern {
        language: source.language.code(),
        name: source.name.to_owned(),
        line: before.matches('\n').count() + 1,
        list: list.to_owned(),
        pattern: pattern.get_ref().clone(),
        message,
    }
}
