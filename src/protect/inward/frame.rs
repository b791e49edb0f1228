//! Where the walk over an answer stands.

use std::ops::Range;

use super::aura::Part;
use super::read::Key;
use super::view::Sight;
use crate::dialect::salesforce::id::Id;

/// An open object or array of the answer.
#[derive(Debug)]
pub(super) enum Frame<'p> {
    /// An object whose first key will tell what it is; `under` is the sight of the field that it is
    /// the value of.
    Opening { at: usize, under: Under<'p> },
    /// A record of the CRM.
    Record(Record),
    /// The attributes of the record below on the stack.
    Attributes,
    /// An object of the API's own making: results, errors, pages.
    Envelope(Envelope),
    /// An object that is a field's value, such as an address; or one of metadata.
    Part(Sight<'p>),
    /// An object or array that is masked whole: where it began, and how many sites there were.
    Masked { at: usize, sites: usize },
    /// An object of the UI API that is no record: records may stand in it.
    UiEnvelope,
    /// A record of the UI API.
    UiRecord(UiRecord),
    /// Its fields, by the position of its object's view.
    UiFields { view: Option<usize> },
    /// One of them: its value, and how that is shown.
    UiValue(UiField<'p>),
    /// An object of GraphQL: words of the schema, behind which records stand, or a record.
    Graph(Graph),
    /// A field of such a record; its object's view.
    GraphValue {
        sight: Sight<'p>,
        view: Option<usize>,
    },
    /// An object of an answer of Aura, as the value of a key: its first key tells whether it is what
    /// it stands for, or is shared with other places.
    Unsure { at: usize, stand: Key<'p> },
    /// `{"s": 1, "v": …}`, which other places repeat by `{"r": 1}`: the value within is what the
    /// whole stands for.
    Shared { stand: Key<'p> },
    /// An object of Aura's own.
    Aura(Part),
    /// An object of which nobody knows what it means.
    Loose,
    /// An array, the sight of its elements, how many there were, and how a record among them began.
    Array {
        under: Under<'p>,
        count: usize,
        opening: Option<Opening>,
    },
}

impl<'p> Frame<'p> {
    /// An array of which nothing was read yet.
    pub fn array(under: Under<'p>) -> Self {
        Self::Array {
            under,
            count: 0,
            opening: None,
        }
    }
}

/// How a record begins, up to its id: `{"attributes":{"type":"Contact","url":"/…/Contact/`. Most
/// records of an array begin alike.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    /// Where that stands.
    pub text: Range<usize>,
    /// The position of its object's view.
    pub view: usize,
}

/// What an object or array is the value of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Under<'p> {
    /// The answer's root, an envelope's member or an element of one.
    Envelope,
    /// A field or a relation of a record.
    Field(Sight<'p>),
    /// As `Envelope`, in an answer of the UI API.
    Ui,
    /// The same in an answer of GraphQL.
    Graph,
    /// What nobody knows the form of: tokens in it are revealed, and records of either form may stand
    /// in it, by their first key.
    Loose,
    /// An answer of Aura, an action in it, what it says of the application, and what that gives to
    /// all components.
    Message,
    Action,
    Application,
    Provider,
}

/// A record of the UI API as far as it was read.
#[derive(Debug, Default)]
pub(super) struct UiRecord {
    /// The position of its object's view; none for an object without rules.
    pub view: Option<usize>,
    pub id: Option<Id>,
    /// Sites of held values: the id is told behind the fields.
    pub held: Vec<usize>,
    /// Whether it stands where nobody knows what stands: then beside its fields anything may.
    pub loose: bool,
}

/// A field of such a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct UiField<'p> {
    pub sight: Sight<'p>,
    /// Whether it is a relation, whose value is another record.
    pub related: bool,
}

/// An object of GraphQL as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub id: Option<Id>,
    /// Which mutation it is the answer to, or the record of.
    pub position: Option<usize>,
    /// Whether it stands within such an answer.
    pub inner: bool,
}

/// A record as far as it was read.
#[derive(Debug)]
pub(super) struct Record {
    /// Where it begins.
    pub at: usize,
    /// The position of its object's view; none for an object without rules.
    pub view: Option<usize>,
    /// Whether its keys are aliases of an aggregate query, whose fields were checked on the way out.
    pub aggregate: bool,
    /// Whether its type is `Name`, which a relation to several objects gives: its URL then tells its
    /// object.
    pub several: bool,
    pub id: Option<Id>,
    /// Whether its first key was read, which is that of its attributes.
    pub begun: bool,
    /// The place in its object's policy of the last field that was read.
    pub last: Option<usize>,
}

/// An object of the API's own as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Envelope {
    pub id: Option<Id>,
    pub failed: bool,
    pub name: Option<String>,
    /// The status of a part of a composite answer.
    pub status: Option<u16>,
    /// How many saved records there were when it began.
    pub saved: usize,
}
