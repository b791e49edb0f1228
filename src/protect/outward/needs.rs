//! What protection needs to know from the vault, what it learns, and what it makes.
//!
//! Protection is pure, so it asks in one batch ([`Needs`]), is told in one batch ([`Known`]), and
//! hands over what must be durable before anything leaves ([`Rows`]).

use std::ops::Range;
use std::sync::Arc;

use crate::dialect::salesforce::id::Id;
use crate::protect::SubjectKey;

/// A blind-index term: the keyed MAC of a value's canonical form within its class.
pub type Term = [u8; 16];

/// A record of the CRM.
pub type RecordRef = (String, Id);

/// What one exchange asks of the vault before it can be protected.
#[derive(Debug, Default)]
pub struct Needs {
    /// Whose data it is, one for each record that is written.
    pub subjects: Vec<SubjectOf>,
    /// Values whose token is the same wherever they stand.
    pub stable: Vec<(String, Term)>,
    /// Values that a query looks for.
    pub search: Vec<(String, Term)>,
    /// Tokens that the client sent: where do they stand?
    pub standing: Vec<u64>,
    /// How many row numbers to reserve.
    pub rows: usize,
}

/// The ways in which a record's subject may be known already, the surest first.
#[derive(Clone, Debug, Default)]
pub struct SubjectOf {
    pub record: Option<RecordRef>,
    pub identities: Vec<(String, Term)>,
    pub follow: Option<RecordRef>,
}

/// The vault's answer to [`Needs`], each list in the order of the question.
#[derive(Debug, Default)]
pub struct Known {
    pub subjects: Vec<Owner>,
    pub stable: Vec<Option<u64>>,
    pub search: Vec<Found>,
    pub standing: Vec<Option<Standing>>,
    pub rows: Range<u64>,
}

/// A data subject with the key of today.
#[derive(Clone, Debug)]
pub struct Owner {
    pub subject: u64,
    pub key_version: u32,
    pub key: Arc<SubjectKey>,
}

/// The rows of one looked-up value; `more` when there are more than a query can name.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub rows: Vec<u64>,
    pub more: bool,
}

/// Where a token stands in the CRM.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    pub object: String,
    pub field: String,
    pub record: Option<Id>,
}

/// What must be on disk before the request leaves.
#[derive(Debug, Default)]
pub struct Rows {
    pub tokens: Vec<NewToken>,
    pub held: Vec<NewHeld>,
    /// Held values that the write replaces by nothing.
    pub dropped: Vec<(RecordRef, String)>,
}

/// A new token with its ciphertext. `unit` counts the written records of the exchange.
#[derive(Debug)]
pub struct NewToken {
    pub row: u64,
    pub unit: usize,
    pub class: String,
    pub object: String,
    pub field: String,
    pub record: Option<Id>,
    /// The term by which queries find it.
    pub term: Option<Term>,
    /// Whether the term has this one token only.
    pub stable: bool,
    pub nonce: [u8; 12],
    /// Empty where the ciphertext stands in the CRM's field.
    pub ciphertext: Vec<u8>,
}

/// A value that stays here.
#[derive(Debug)]
pub struct NewHeld {
    pub unit: usize,
    pub class: String,
    pub object: String,
    pub field: String,
    pub record: Option<Id>,
    pub nonce: [u8; 12],
    pub ciphertext: Vec<u8>,
}
