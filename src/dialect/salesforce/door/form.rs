//! The forms that parts of a target have.

use super::Key;
use super::resolve::unknown;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::version;
use crate::model::{Code, Refusal};

/// `v60.0` as 60.
pub(super) fn version(text: &str) -> Result<u16, Refusal> {
    text.strip_prefix('v')
        .and_then(version::number)
        .ok_or_else(|| Refusal::new(Code::VersionOutside, "the API version must read vNN.0"))
}

/// An API name of an object or a field. What it may be, policy decides; here only its form.
pub(in crate::dialect::salesforce) fn name(text: &str) -> Result<String, Refusal> {
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err(unknown())
}

/// Whether a text has the form of an API name: a letter, then letters, digits and underscores.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= 80
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

pub(super) fn id_or_reference(text: &str) -> Result<Key, Refusal> {
    if let Some(id) = Id::parse(text) {
        return Ok(Key::Id(id));
    }
    let found = reference(text).map(|(name, path)| Key::Reference {
        name: name.to_owned(),
        path: path.to_owned(),
    });
    found.ok_or_else(unknown)
}

/// What stands inside `@{name.id}`: a reference to the id of an earlier sub-request's record, as
/// name and path. No other reference is allowed, since any other moves a value that nobody checks.
#[must_use]
pub fn reference(text: &str) -> Option<(&str, &str)> {
    let (name, path) = text
        .strip_prefix("@{")?
        .strip_suffix('}')?
        .split_once('.')?;
    let row = path
        .strip_prefix("records[")
        .and_then(|rest| rest.split_once("].Id"));
    let of_query = row.is_some_and(|(row, rest)| {
        rest.is_empty() && (1..=4).contains(&row.len()) && row.bytes().all(|b| b.is_ascii_digit())
    });
    (is_name(name) && (of_query || path.eq_ignore_ascii_case("id"))).then_some((name, path))
}

/// A query locator, `01gD0000002HU6KIAW-2000`, or `0r8` in newer organizations. Its length is held
/// to that of an id, so that a text has no room in it.
pub(in crate::dialect::salesforce) fn locator(text: &str) -> Result<String, Refusal> {
    let (id, offset) = text.split_once('-').ok_or_else(unknown)?;
    let offset_fits =
        !offset.is_empty() && offset.len() <= 9 && offset.bytes().all(|b| b.is_ascii_digit());
    if Id::parse(id).is_none()
        && !(id.starts_with("0r8")
            && id.len() == 18
            && id.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        return Err(unknown());
    }
    if offset_fits {
        Ok(text.to_owned())
    } else {
        Err(unknown())
    }
}
