//! What stands beside the fields of a document: arguments and directives that hold nobody's values.

use super::name;
use crate::dialect::salesforce::graphql::ast::{Directive, Field, Value};
use crate::model::Refusal;
use crate::protect::outward::query::clause;

/// The scopes of records (UI API Developer Guide, "GraphQL").
pub(super) const SCOPES: &[&str] = &[
    "DELEGATED",
    "EVERYTHING",
    "MINE",
    "MINE_AND_MY_GROUPS",
    "MY_TERRITORY",
    "MY_TEAM_TERRITORY",
    "TEAM",
];

/// Whether it is one of these fields; they have neither arguments nor fields of their own, and no
/// directive but those that are known.
pub(super) fn leaf(field: &Field, known: &[&str]) -> Result<bool, Refusal> {
    if !known.contains(&field.name.text()) {
        return Ok(false);
    }
    directives(&field.directives)?;
    match field.selections.is_empty() {
        true => no_arguments(field).map(|()| true),
        false => Err(clause("GraphQL", "this field has no fields of its own")),
    }
}

pub(super) fn no_arguments(field: &Field) -> Result<(), Refusal> {
    match field.arguments.is_empty() {
        true => Ok(()),
        false => Err(clause("GraphQL", "this field takes no argument")),
    }
}

/// `@include(if: true)`, `@skip(if: false)`, `@optional`.
pub(super) fn directives(directives: &[Directive]) -> Result<(), Refusal> {
    for directive in directives {
        let fits = match (directive.name.text(), directive.arguments.as_slice()) {
            ("include" | "skip", [(name, Value::Bool(_))]) => name.text() == "if",
            ("optional", []) => true,
            _ => false,
        };
        if !fits {
            return Err(clause("GraphQL", "a directive is not one that is known"));
        }
    }
    Ok(())
}

pub(super) fn count(value: &Value) -> Result<(), Refusal> {
    let digits = |text: &str| text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    match value {
        Value::Number(text) if digits(text.expose()) => Ok(()),
        Value::Null => Ok(()),
        _ => Err(clause("first", "a number of records is expected")),
    }
}

/// Where the page before ended. A text has no room in it: base64 of digits and marks alone.
pub(super) fn cursor(value: &Value) -> Result<(), Refusal> {
    const LONGEST: usize = 64;
    let fits = match value {
        Value::Null => true,
        Value::Text(text) if text.expose().len() <= LONGEST => {
            let decoded = data_encoding::BASE64.decode(text.expose().as_bytes());
            let number = |b: &u8| b.is_ascii_digit() || b.is_ascii_punctuation();
            decoded.is_ok_and(|bytes| bytes.iter().all(|b| number(b) || b"v".contains(b)))
        }
        _ => false,
    };
    match fits {
        true => Ok(()),
        false => Err(clause("after", "a cursor of an answer is expected")),
    }
}

/// One of these words, which a variable gives as text.
pub(super) fn word(value: &mut Value, place: &'static str, known: &[&str]) -> Result<(), Refusal> {
    let text = match &*value {
        Value::Enum(name) => name.text(),
        Value::Text(text) => text.expose(),
        Value::Null => return Ok(()),
        _ => "",
    };
    let word = known.iter().find(|known| **known == text);
    let word = word.ok_or_else(|| clause(place, "the word is not one that is known"))?;
    *value = Value::Enum(name(word)?);
    Ok(())
}
