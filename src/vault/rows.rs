//! What goes in and out of the vault: questions, answers, and the rows of one write.

use std::fmt::{self, Debug, Formatter};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::model::Personal;
use crate::protect::{FormatVersion, SubjectKey};

/// A record of the CRM: its object, and its id in the form of 18 characters.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    pub object: Arc<str>,
    pub id: Box<str>,
}

/// A term of the blind index: a keyed MAC of a canonical value, for one field class.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Term {
    pub class: Arc<str>,
    pub mac: [u8; 16],
}

/// Whom a record is about: the subject of the record that it follows, a new one where that has none;
/// without such a record the subject that it has; else the subject of its first known identity;
/// else a new subject.
#[derive(Clone, Debug, Default)]
pub struct SubjectOf {
    /// The record itself, where its id is known.
    pub record: Option<Record>,
    /// Terms of its identifying fields, the strongest first.
    pub identities: Vec<Term>,
    /// The record that it refers to, such as the contact of a case.
    pub follow: Option<Record>,
    /// Another one of the same ask, before this one, whose subject it has where it follows no record.
    pub within: Option<usize>,
}

/// All that one exchange wants to know before its values are protected.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// One for each record that is written.
    pub subjects: Vec<SubjectOf>,
    /// Values whose stable token is wanted.
    pub stable: Vec<Term>,
    /// Values that are searched for.
    pub search: Vec<Term>,
    /// Tokens that came from the client: where do they stand?
    pub standing: Vec<u64>,
    /// How many row numbers to reserve: one for each token and each held value.
    pub rows: usize,
}

/// The answer to an [`Ask`]; each list is in its order.
#[derive(Clone, Debug)]
pub struct Known {
    /// The same subject is the same `Arc`.
    pub subjects: Vec<Arc<Subject>>,
    pub stable: Vec<Option<u64>>,
    pub search: Vec<Matches>,
    pub standing: Vec<Option<Standing>>,
    /// Never given out before and never again.
    pub rows: Range<u64>,
}

impl Known {
    /// Whether the record would get its person by this exchange, or another one.
    #[must_use]
    pub fn binds(&self, record: &Record) -> bool {
        let records = self.subjects.iter().flat_map(|subject| &subject.records);
        let mut bound = records.map(|(bound, _)| bound);
        bound.any(|bound| bound == record)
    }
}

/// A record whose values the CRM has copied to others.
#[derive(Clone, Debug)]
pub struct Copied {
    pub from: Record,
    pub to: Vec<Record>,
}

/// A subject as one exchange found or made it. Goes back to the vault in [`Rows::subjects`].
#[derive(Debug)]
pub struct Subject {
    pub id: u64,
    pub key_version: u32,
    pub key: Arc<SubjectKey>,
    /// The wrapped key of a subject that does not exist before [`Rows`] is committed.
    pub(super) new: Option<Vec<u8>>,
    /// Identities that nobody had.
    pub(super) identities: Vec<Term>,
    /// Records that had no subject, or another one.
    pub(super) records: Vec<(Record, Option<u64>)>,
}

impl Subject {
    /// Whether this exchange makes the subject.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.new.is_some()
    }
}

/// The tokens that stand for a searched value.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Matches {
    /// Rising, at most [`crate::vault::SEARCH_LIMIT`].
    pub rows: Vec<u64>,
    /// There are more than the limit; a search over these alone would be wrong.
    pub overflow: bool,
}

/// Where a token stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    pub subject: u64,
    pub class: Arc<str>,
    pub stable: bool,
    /// One place, or several for a stable token.
    pub places: Vec<Place>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    pub object: Arc<str>,
    pub field: Arc<str>,
    /// `None` until the CRM has told the id of the new record.
    pub record: Option<Box<str>>,
}

/// Everything that one exchange makes durable before it is sent to the CRM.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub exchange: u128,
    /// From [`Known::subjects`]; each subject once or as often as it came.
    pub subjects: Vec<Arc<Subject>>,
    pub units: Vec<Unit>,
    pub tokens: Vec<NewToken>,
    pub held: Vec<NewHeld>,
    /// Stable tokens of before that this write puts into a further place.
    pub reused: Vec<Reused>,
    /// Fields of known records that the write empties, or fills with something that has no token.
    pub cleared: Vec<Cleared>,
    /// Texts that wait here for a person's decision.
    pub quarantined: Vec<NewQuarantined>,
    /// The name of the API client that writes.
    pub client: String,
    /// Whether the answer comes in a later exchange, which finds units by their records.
    pub late: bool,
}

/// A record as a later answer tells of it.
#[derive(Clone, Debug)]
pub struct Told {
    pub object: Arc<str>,
    /// Its id, where it has one.
    pub record: Option<Box<str>>,
    /// The tokens that stand in it.
    pub rows: Vec<u64>,
}

/// One record that the exchange writes.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The caller's number for it; the other lists and [`Bound`] refer to it.
    pub index: u32,
    pub subject: u64,
    pub object: Arc<str>,
    /// `None` for a record that is new or named by another key than its id.
    pub record: Option<Box<str>>,
}

/// A sealed value that a token will stand for.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// One of [`Known::rows`].
    pub row: u64,
    pub unit: u32,
    pub class: Arc<str>,
    pub field: Arc<str>,
    /// The value has one token only: this is its term.
    pub stable: Option<[u8; 16]>,
    /// Terms by which the value can be searched for.
    pub search: Vec<Term>,
    /// With [`FormatVersion::Field1`] the ciphertext lies in the CRM's field and is empty here.
    pub form: FormatVersion,
    pub nonce: [u8; 12],
    pub ciphertext: Box<[u8]>,
}

/// A sealed value that does not go to the CRM at all and is put back on the way in.
#[derive(Clone, Debug)]
pub struct NewHeld {
    /// One of [`Known::rows`].
    pub row: u64,
    pub unit: u32,
    pub class: Arc<str>,
    pub field: Arc<str>,
    pub form: FormatVersion,
    pub nonce: [u8; 12],
    pub ciphertext: Box<[u8]>,
}

/// A sealed text that waits for a decision while a placeholder stands in the CRM.
#[derive(Clone, Debug)]
pub struct NewQuarantined {
    /// One of [`Known::rows`].
    pub row: u64,
    pub unit: u32,
    pub class: Arc<str>,
    pub field: Arc<str>,
    /// What the placeholder and the operator call it.
    pub id: String,
    /// Names of categories, separated by blanks.
    pub categories: String,
    pub nonce: [u8; 12],
    pub ciphertext: Box<[u8]>,
}

#[derive(Clone, Debug)]
pub struct Reused {
    pub row: u64,
    pub unit: u32,
    pub field: Arc<str>,
}

#[derive(Clone, Debug)]
pub struct Cleared {
    pub unit: u32,
    pub field: Arc<str>,
}

/// A unit that the CRM has accepted, and the record that it is.
#[derive(Clone, Debug)]
pub struct Bound {
    pub unit: u32,
    pub record: Record,
    pub said: Said,
}

/// What a CRM's answer says of a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Said {
    /// That it was done: what stood in the fields stands there no more.
    Done,
    /// It went on as after a write. What stood there may stand there still, or in a history.
    WentOn,
    /// As the one before, after a record was to be made. It may show another that was there already.
    WentOnToNew,
}

/// A value as the vault keeps it, with the key that opens it.
pub struct Sealed {
    pub row: u64,
    pub subject: u64,
    pub key_version: u32,
    pub class: Arc<str>,
    /// Where it was first written; a stable token may stand elsewhere too.
    pub object: Arc<str>,
    pub field: Arc<str>,
    pub record: Option<Box<str>>,
    pub stable: bool,
    pub form: FormatVersion,
    pub nonce: [u8; 12],
    pub ciphertext: Box<[u8]>,
    pub key: Arc<SubjectKey>,
    /// The value, once an exchange has opened it: it leaves memory with its entry of the cache.
    pub opened: OnceLock<Personal>,
}

impl Debug for Sealed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} of subject {})", self.row, self.subject)
    }
}

/// A value that stands in for a field of a record on the way in.
pub struct Held {
    pub row: u64,
    pub subject: u64,
    pub key_version: u32,
    pub class: Arc<str>,
    pub field: Arc<str>,
    pub form: FormatVersion,
    pub nonce: [u8; 12],
    pub ciphertext: Box<[u8]>,
    pub key: Arc<SubjectKey>,
    /// The value, once an exchange has opened it: it leaves memory with its entry of the cache.
    pub opened: OnceLock<Personal>,
}

impl Debug for Held {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Held({} of subject {})", self.field, self.subject)
    }
}
