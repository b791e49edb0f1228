//! Events on the way in: the fields of their payload by the object that they are of.
//!
//! Which object that is, is told behind the payload or deep within it, so that it is looked for
//! first. Of an object that has no rules, and of a channel that the policy of now does not name,
//! nothing is shown but where to go on from.

use super::read::{Answer, Reading};
use super::tree::{self, Form, Leaf};
use super::view::{Sight, View, Viewer};
use crate::dialect::salesforce::cometd::Channel;
use crate::policy::{ObjectPlan, Plan};
use crate::wire::Error;
use crate::wire::json::{Document, Limits, NodeId};

/// Reads an answer of CometD.
///
/// # Errors
/// An answer that is not strict JSON.
pub(super) fn read<'p>(answer: &Answer<'_, 'p>) -> Result<Reading<'p>, Error> {
    let document = Document::parse(answer.text.as_bytes(), &LIMITS)?;
    let messages = document.elements(document.root());
    let told = messages.map(|message| told(answer.viewer.plan, &document, message));
    let form = Events {
        viewer: answer.viewer,
        told: told.collect(),
    };
    tree::read(answer, form)
}

const LIMITS: Limits = Limits {
    bytes: 8 << 20,
    depth: 64,
    key: 256,
    number: 64,
    nodes: 500_000,
};

/// What a message tells of.
#[derive(Clone, Copy)]
enum Told<'p> {
    Object(&'p ObjectPlan),
    /// Text on a channel that policy names.
    Text,
    /// Nothing that has a rule.
    Nothing,
}

fn told<'p>(plan: &'p Plan, document: &Document<'_>, message: NodeId) -> Told<'p> {
    object(plan, document, message).unwrap_or(Told::Nothing)
}

fn object<'p>(plan: &'p Plan, document: &Document<'_>, message: NodeId) -> Option<Told<'p>> {
    let text = |node: NodeId, key: &str| {
        let found = document.get(node, key)?;
        document.text(found)
    };
    let data = document.get(message, "data")?;
    let object = match Channel::parse(&text(message, "channel")?).ok()? {
        Channel::Event(name) => plan.object(&name),
        Channel::Changes(_) | Channel::AllChanges => {
            let header = document.get(document.get(data, "payload")?, "ChangeEventHeader")?;
            plan.object(&text(header, "entityName")?)
        }
        // Whoever subscribed may have done so by another policy.
        Channel::Named(name) if !plan.streams().contains(&name) => None,
        Channel::Named(_) => match document.get(data, "sobject") {
            Some(record) => plan.object_of_id(&text(record, "Id")?),
            None => return Some(Told::Text),
        },
    };
    object.map(Told::Object)
}

struct Events<'p> {
    viewer: Viewer<'p>,
    /// What each message tells of.
    told: Vec<Told<'p>>,
}

#[derive(Clone, Copy)]
enum Place<'p> {
    Root,
    Message(usize),
    /// A client's own name.
    Name,
    Value(Sight<'p>),
    Data(usize),
    /// What numbers an event; of one that nothing is told of, that alone.
    Event(bool),
    Payload(usize),
    Header,
}

impl<'p> Form<'p> for Events<'p> {
    type Place = Place<'p>;

    fn root(&self) -> Place<'p> {
        Place::Root
    }

    fn opened(&mut self, place: Place<'p>, _at: usize) -> Place<'p> {
        place
    }

    fn member(&mut self, place: Place<'p>, key: &str) -> Place<'p> {
        const OPEN: Place<'static> = Place::Value(Sight::Open);
        match (place, key) {
            (Place::Value(_), _) => place,
            // An error of the API as a whole.
            (Place::Root | Place::Message(_), "message" | "errorCode") => OPEN,
            (Place::Message(_), "id") => Place::Name,
            (Place::Message(at), "data") => Place::Data(at),
            (Place::Message(_), key) if is_plain(key) => OPEN,
            (Place::Data(at), "event") => Place::Event(self.is_told(at)),
            (Place::Event(_), "replayId") | (Place::Event(true), _) => OPEN,
            (Place::Data(at), "schema") if self.is_told(at) => OPEN,
            (Place::Data(at), "payload" | "sobject") if self.is_told(at) => Place::Payload(at),
            (Place::Payload(_), "ChangeEventHeader") => Place::Header,
            (Place::Payload(at), key) => Place::Value(self.field(at, key)),
            (Place::Header, key) if is_header(key) => OPEN,
            _ => Place::Value(Sight::Unknown),
        }
    }

    fn element(&self, place: Place<'p>, index: usize) -> Place<'p> {
        match place {
            Place::Root => Place::Message(index),
            Place::Value(_) => place,
            _ => Place::Value(Sight::Unknown),
        }
    }

    fn leaf(&self, place: Place<'p>) -> Leaf<'p> {
        match place {
            Place::Value(sight) => Leaf::Seen(sight),
            Place::Name => Leaf::Renamed,
            // The text of a generic event.
            Place::Payload(_) => Leaf::Seen(Sight::TokensOnly),
            Place::Root | Place::Message(_) | Place::Data(_) | Place::Event(_) | Place::Header => {
                Leaf::Within
            }
        }
    }

    fn is_record(&self, place: Place<'p>) -> bool {
        matches!(place, Place::Payload(_))
    }
}

impl<'p> Events<'p> {
    fn field(&self, at: usize, key: &str) -> Sight<'p> {
        match self.told.get(at) {
            Some(Told::Object(object)) => View::new(object, &self.viewer).find(key, &self.viewer),
            _ => Sight::Unknown,
        }
    }

    fn is_told(&self, at: usize) -> bool {
        matches!(self.told.get(at), Some(Told::Object(_) | Told::Text))
    }
}

/// Members of a message that are the protocol's own.
fn is_plain(key: &str) -> bool {
    matches!(
        key,
        "channel"
            | "clientId"
            | "successful"
            | "version"
            | "minimumVersion"
            | "supportedConnectionTypes"
            | "advice"
            | "ext"
            | "timestamp"
            | "subscription"
            | "error"
    )
}

/// Members of the header of a change: names of fields, ids and what was done.
fn is_header(key: &str) -> bool {
    matches!(
        key,
        "entityName"
            | "recordIds"
            | "changeType"
            | "changeOrigin"
            | "transactionKey"
            | "sequenceNumber"
            | "commitTimestamp"
            | "commitNumber"
            | "commitUser"
            | "nulledFields"
            | "diffFields"
            | "changedFields"
    )
}
