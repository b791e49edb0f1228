//! What is kept of an exchange.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The most bytes of target and body that are kept of an exchange.
pub(super) const LONGEST: usize = 64 << 10;
/// The most bytes of an answer that are kept with it.
const LONGEST_ANSWER: usize = 64 << 10;

/// A request as it came and what the CRM answered to what became of it. Wiped when dropped; it
/// prints nothing.
#[derive(Deserialize, Serialize, Zeroize, ZeroizeOnDrop)]
pub struct Exchange {
    /// When it came, as [`crate::model::Timestamp`].
    pub time: i64,
    /// The program that asked, as the ledger calls it; empty for people, of whom roles are enough.
    pub client: String,
    pub roles: Vec<String>,
    /// The objects and fields that the program kept to; empty where it kept to none.
    pub fields: Vec<String>,
    /// Whether a second factor was shown just now.
    pub fresh: bool,
    /// The route's name.
    pub route: String,
    pub method: String,
    /// Path and query in canonical form.
    pub target: String,
    /// Where the policy describes pages: the CRM's host that was asked, empty for the first.
    pub page: Option<String>,
    pub content_type: Option<String>,
    /// Without its content coding.
    pub body: Option<String>,
    /// None where nothing was sent, or the answer was too long to keep.
    pub answer: Option<Answered>,
}

/// What the CRM answered: tokens in the places of values.
#[derive(Deserialize, Serialize, Zeroize, ZeroizeOnDrop)]
pub struct Answered {
    pub text: String,
}

impl Exchange {
    /// Whether a body is short enough to be kept.
    #[must_use]
    pub fn has_room(body: &str) -> bool {
        body.len() <= LONGEST
    }

    /// Bytes that it takes.
    pub(super) fn length(&self) -> usize {
        let answer = self.answer.as_ref().map_or(0, |answer| answer.text.len());
        self.target.len() + self.body.as_ref().map_or(0, String::len) + answer
    }
}

impl Answered {
    /// Whether an answer is short enough to be kept.
    #[must_use]
    pub fn has_room(text: &str) -> bool {
        text.len() <= LONGEST_ANSWER
    }
}
