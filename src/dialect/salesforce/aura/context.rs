//! `aura.context`: which version of which application asks. It leaves as it came once each member
//! has its form.

use super::{is_choice, is_id, is_number, is_words, malformed};
use crate::model::Refusal;
use crate::wire::json::{Document, Kind, Limits, NodeId};

/// The lengths of fingerprints of code: of the framework, and of what is loaded.
const FINGERPRINT: std::ops::RangeInclusive<usize> = 16..=128;

/// How many definitions may be told of.
const MOST: usize = 500;

/// Checks a context.
///
/// # Errors
/// What is no JSON object of this shape.
pub(super) fn context(text: &str) -> Result<(), Refusal> {
    let document = Document::parse(text.as_bytes(), &Limits::default());
    let document = document.map_err(|_| malformed("aura.context is not strictly JSON"))?;
    let root = document.root();
    if document.kind(root) != Kind::Object {
        return Err(malformed("aura.context must be an object"));
    }
    for (key, node) in document.members(root) {
        let fits = match key.as_ref() {
            "mode" => text_of(&document, node, is_choice),
            "fwuid" => text_of(&document, node, is_fingerprint),
            "app" | "cmp" => text_of(&document, node, is_component),
            "loaded" => is_loaded(&document, node),
            "dn" => is_list(&document, node, is_definition),
            "globals" => are_globals(&document, node),
            "uad" => document.kind(node) == Kind::Bool,
            _ => false,
        };
        if !fits {
            return Err(malformed(
                "aura.context has a member that is unknown or has not its form",
            ));
        }
    }
    Ok(())
}

fn text_of(document: &Document<'_>, node: NodeId, fits: impl Fn(&str) -> bool) -> bool {
    document.text(node).is_some_and(|text| fits(&text))
}

fn is_list(document: &Document<'_>, node: NodeId, fits: impl Fn(&str) -> bool) -> bool {
    let mut items = document.elements(node);
    document.kind(node) == Kind::Array
        && document.len(node) <= MOST
        && items.all(|item| text_of(document, item, &fits))
}

/// Base64 for URLs, with dots and padding as the framework writes it.
fn is_fingerprint(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte);
    FINGERPRINT.contains(&text.len())
        && text.bytes().all(plain)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// `one:one`.
fn is_component(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(namespace, name)| is_words(namespace) && is_words(name))
}

/// `markup://force:record`.
fn is_definition(text: &str) -> bool {
    text.strip_prefix("markup://").is_some_and(is_component)
}

/// `{"APPLICATION@markup://one:one": "…"}`
fn is_loaded(document: &Document<'_>, node: NodeId) -> bool {
    let fits = |key: &str| {
        let (kind, name) = key.split_once('@').unwrap_or_default();
        matches!(kind, "APPLICATION" | "COMPONENT" | "LIBRARY") && is_definition(name)
    };
    let mut loaded = document.members(node);
    document.kind(node) == Kind::Object
        && document.len(node) <= MOST
        && loaded.all(|(key, value)| fits(&key) && text_of(document, value, is_fingerprint))
}

/// `{"density": "VIEW_TWO", "appContextId": "06m…"}`
fn are_globals(document: &Document<'_>, node: NodeId) -> bool {
    let plain = |value: NodeId| match document.kind(value) {
        Kind::Null | Kind::Bool => true,
        Kind::Number => is_number(document.raw(value)),
        Kind::String => text_of(document, value, |text| {
            is_choice(text) || is_id(text, |_| false)
        }),
        Kind::Array | Kind::Object => false,
    };
    let mut globals = document.members(node);
    document.kind(node) == Kind::Object
        && document.len(node) <= MOST
        && globals.all(|(key, value)| is_words(&key) && plain(value))
}
