//! What the tests of the recognizers share.

use std::sync::LazyLock;

use crate::detect::identifiers::Recognizers;
use crate::detect::{Finding, Identifier, Kind};

static ALL: LazyLock<Recognizers> =
    LazyLock::new(|| Recognizers::new().expect("the lists can be read"));

pub fn findings(text: &str) -> Vec<Finding> {
    ALL.find(text)
}

/// What of one kind is found in a text.
pub fn found(text: &str, what: Identifier) -> Vec<&str> {
    let of_kind = |hit: &Finding| hit.kind == Kind::Identifier(what);
    findings(text)
        .iter()
        .filter(|hit| of_kind(hit))
        .map(|hit| &text[hit.start..hit.end])
        .collect()
}

/// Each text has exactly these of the kind.
pub fn assert_table(what: Identifier, table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        assert_eq!(found(text, what), *expected, "{text}");
    }
}
