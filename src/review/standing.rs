//! How a node stands towards the store: which version it has in force, and what it found.

use crate::policy::Sentence;
use crate::review::Text;

/// Every code that a [`Finding`] can have. `docs/errors.md` has a section for each.
pub const CODES: &[&str] = &[
    "review-emergency",
    "review-file-foreign",
    "review-file-unwritable",
    "review-store",
    "review-version-refused",
];

/// What a node knows of the policy in force; kept anew at each look.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// The number of the version in force.
    pub version: u64,
    pub findings: Vec<Finding>,
    /// What stands in the policy's file, and that of its cases, where it is not the version in
    /// force: it can be taken as a draft.
    pub found: Option<Text>,
}

/// Something that a person has to look at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    pub code: &'static str,
    /// In English, as in the log.
    pub text: String,
    /// The same in Dutch.
    pub dutch: String,
}

impl Finding {
    #[must_use]
    pub fn new(code: &'static str, sentence: Sentence) -> Self {
        Self {
            code,
            text: sentence.english,
            dutch: sentence.dutch,
        }
    }
}
