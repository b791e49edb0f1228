//! What protection needs to know from the vault, what it learns, and what it makes.
//!
//! Protection is pure, so it asks in one batch ([`Needs`]), is told in one batch ([`Known`]), and
//! hands over what must be durable before anything leaves ([`Rows`]).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::model::{Personal, RecordId};
use crate::policy::KnownAs;
use crate::protect::{FormatVersion, SubjectKey};

/// A blind-index term: the keyed MAC of a value's canonical form within its class.
pub type Term = [u8; 16];

/// A record of the CRM.
pub type RecordRef = (String, RecordId);

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
    /// Written records in whose text values of their person are looked for.
    pub people: Vec<usize>,
    /// Fields of known records whose value may be the one that stands there.
    pub unchanged: Vec<(RecordRef, String)>,
}

/// The ways in which a record's subject may be known already, the surest first.
#[derive(Clone, Debug, Default)]
pub struct SubjectOf {
    pub record: Option<RecordRef>,
    pub identities: Vec<(String, Term)>,
    pub follow: Option<RecordRef>,
    /// An earlier record of the same request, which has no id yet and whose person this one's is.
    pub within: Option<usize>,
    /// A document that a file becomes a further version of. The CRM says which record to follow;
    /// until it was asked, nobody knows whose the file is.
    pub document: Option<RecordId>,
}

impl SubjectOf {
    /// Whether anything tells whose data it is.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.record.is_some()
            || self.follow.is_some()
            || self.within.is_some()
            || self.document.is_some()
            || !self.identities.is_empty()
    }
}

/// The vault's answer to [`Needs`], each list in the order of the question.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub subjects: Vec<Owner>,
    pub stable: Vec<Option<u64>>,
    pub search: Vec<Found>,
    pub standing: Vec<Vec<Standing>>,
    pub rows: Range<u64>,
    /// What is known of the person of each written record in [`Needs::people`].
    pub people: HashMap<usize, Vec<KnownValue>>,
    /// The one value that stands at each place of [`Needs::unchanged`]; none where that is not
    /// certain. May be shorter than the question: then nothing is known.
    pub unchanged: Vec<Option<StandingValue>>,
}

/// A value whose token stands in a field of the CRM's.
#[derive(Clone, Debug)]
pub struct StandingValue {
    pub row: u64,
    pub class: String,
    pub value: Personal,
}

/// A value of a person that may stand in text about them.
#[derive(Clone, Debug)]
pub struct KnownValue {
    pub role: KnownAs,
    pub value: Personal,
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

/// A place of a token in the CRM; a stable one may have several.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    pub object: String,
    pub field: String,
    pub record: Option<RecordId>,
}

/// What must be on disk before the request leaves. `unit` counts the written records of the
/// exchange.
#[derive(Debug, Default)]
pub struct Rows {
    pub tokens: Vec<NewToken>,
    pub held: Vec<NewHeld>,
    /// Stable tokens of before that stand in a further place.
    pub reused: Vec<Reused>,
    /// Fields that are emptied, or filled with something that has no token.
    pub cleared: Vec<(usize, String)>,
    pub quarantined: Vec<NewQuarantined>,
    /// Whether the written records get their person though no value of them is kept.
    pub binds: bool,
}

/// A new token with its ciphertext.
#[derive(Debug)]
pub struct NewToken {
    pub row: u64,
    pub unit: usize,
    pub class: String,
    pub field: String,
    /// The term by which queries find it.
    pub term: Option<Term>,
    /// Whether the term has this one token only.
    pub stable: bool,
    /// With [`FormatVersion::Field1`] the ciphertext stands in the CRM's field, and is empty here.
    pub form: FormatVersion,
    pub nonce: [u8; 12],
    pub ciphertext: Vec<u8>,
}

/// A value that stays here.
#[derive(Debug)]
pub struct NewHeld {
    pub row: u64,
    pub unit: usize,
    pub class: String,
    pub field: String,
    pub nonce: [u8; 12],
    pub ciphertext: Vec<u8>,
}

/// A text that waits here until a person decides.
#[derive(Debug)]
pub struct NewQuarantined {
    pub row: u64,
    pub unit: usize,
    pub class: String,
    pub field: String,
    /// What its placeholder names it by.
    pub id: String,
    /// Why it waits.
    pub categories: Vec<&'static str>,
    pub nonce: [u8; 12],
    pub ciphertext: Vec<u8>,
}

/// A stable token in a further place.
#[derive(Debug)]
pub struct Reused {
    pub row: u64,
    pub unit: usize,
    pub field: String,
}

impl Rows {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
            && self.held.is_empty()
            && self.reused.is_empty()
            && self.cleared.is_empty()
            && self.quarantined.is_empty()
            && !self.binds
    }
}
