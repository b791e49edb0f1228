//! What may be listened to: channels of objects that have rules, and those that policy names.

use super::rewrite::Protected;
use super::values::unlisted;
use super::{Failure, Rows};
use crate::dialect::salesforce::call::{Name, Request, our_name};
use crate::dialect::salesforce::cometd::{Channel, Message};
use crate::dialect::salesforce::door::Route;
use crate::model::{Code, Refusal};
use crate::policy::Plan;
use crate::protect::cleared::{Cleared, Outgoing};
use crate::wire::json::{Document, Edits, NodeId, Value};

/// The oldest version that tells which events a client has had (Streaming API Developer Guide,
/// "Message Durability"). Libraries name one of their own, whatever version their program uses.
const OLDEST: u16 = 37;

/// Writes the messages of a client anew. `client` is the name that the CRM gave it.
///
/// # Errors
/// A channel without a rule, another client's name, another version.
pub fn protect_events(
    plan: &Plan,
    document: &Document<'_>,
    (route, messages, names): (&Route, &[Message], Vec<Name>),
    client: Option<&str>,
) -> Result<Protected, Failure> {
    if !(OLDEST..=plan.api().newest).contains(&route.version) {
        let newest = plan.api().newest;
        let text = format!("events are told in versions {OLDEST}.0 to {newest}.0 of the API");
        return Err(Refusal::new(Code::VersionOutside, text).into());
    }
    let mut edits = Edits::new();
    for message in messages {
        // Any text would have room in it.
        if message.client.is_some() && message.client.as_deref() != client {
            let text = "the client's name is not the one that the CRM gave in the handshake";
            return Err(Refusal::new(Code::ReferenceRefused, text).into());
        }
        for (node, channel) in &message.channels {
            allowed(plan, document, *node, channel)?;
        }
    }
    for (index, name) in names.iter().enumerate() {
        edits.replace(name.node, Value::Text(our_name(index)));
    }
    let outgoing = Outgoing {
        method: route.method(),
        target: route.target(),
        body: Some(document.write(&edits)),
        content_type: None,
        session: None,
        files: vec![],
    };
    let request = Request {
        names,
        ..Request::bare(route.clone())
    };
    Ok(Protected {
        cleared: Cleared::new(outgoing),
        rows: Rows::default(),
        request,
        aliases: vec![],
        left_out: None,
    })
}

/// A channel that has a rule, in the spelling of its object.
fn allowed(
    plan: &Plan,
    document: &Document<'_>,
    node: NodeId,
    channel: &Channel,
) -> Result<(), Refusal> {
    let object = |name: &str| match plan.object(name) {
        // The channel leaves as it was written, and a name has one spelling.
        Some(object) if object.name == name => Ok(()),
        _ => Err(unlisted(plan, name, None).unwrap_or_else(|| {
            Refusal::new(
                Code::PolicyUnknownObject,
                "policy has no rules for the object of this channel",
            )
        })),
    };
    match channel {
        Channel::Event(name) | Channel::Changes(name) => object(name),
        Channel::AllChanges => Ok(()),
        Channel::Named(name) => {
            let text = document.text(node);
            let known = plan.streams().iter().any(|known| known == name);
            match known && text.as_deref() == Some(name) {
                true => Ok(()),
                false => Err(Refusal::new(
                    Code::EndpointUnknown,
                    "policy does not name this channel in `streams`",
                )),
            }
        }
    }
}
