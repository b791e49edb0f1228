//! Events by CometD (`/cometd/NN.0`): messages of the Bayeux protocol over long polls.
//!
//! Source: Streaming API Developer Guide; requests of aiosfstream and of jsforce's faye. A client
//! listens here and publishes nothing: a message on any channel but those of the protocol itself is
//! refused. What a client calls its messages travels in words of ours.
//!
//! Read first: [`Message`], [`read`], [`Channel`].

mod answer;
mod channel;

pub use answer::{busy, is_signed_out, named, refused, stopping};
pub use channel::Channel;

use std::ops::RangeInclusive;

use super::call::{MOST_NAMES, Name, NameKind};
use crate::model::{Code, Refusal};
use crate::wire::json::{Document, Kind as Json, NodeId};

/// Where CometD is spoken.
pub const FOLDER: &str = "/cometd/";

/// One message of a client.
#[derive(Debug)]
pub struct Message {
    pub asks: Asks,
    /// The client that the CRM gave a name to.
    pub client: Option<String>,
    /// Where the channels stand that it names.
    pub channels: Vec<(NodeId, Channel)>,
}

/// What a message asks: the channels of the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asks {
    Handshake,
    Connect,
    Subscribe,
    Unsubscribe,
    Disconnect,
}

const CHANNELS: &[(&str, Asks)] = &[
    ("/meta/handshake", Asks::Handshake),
    ("/meta/connect", Asks::Connect),
    ("/meta/subscribe", Asks::Subscribe),
    ("/meta/unsubscribe", Asks::Unsubscribe),
    ("/meta/disconnect", Asks::Disconnect),
];

/// How many messages one request may have, and channels one message.
const MOST: usize = 32;

/// Milliseconds of an advice: the CRM itself ends a poll after 110 seconds.
const PAUSES: RangeInclusive<i64> = 0..=120_000;
/// How many messages were acknowledged.
const COUNTS: RangeInclusive<i64> = -1..=999_999_999;
/// From which event on: only new ones, all that are kept, or behind one by its number.
const REPLAYS: RangeInclusive<i64> = -2..=999_999_999_999;

/// How clients say that they may be answered; the CRM chooses among them.
const TRANSPORTS: &[&str] = &[
    "long-polling",
    "websocket",
    "callback-polling",
    "in-process",
    "cross-origin-long-polling",
    "eventsource",
    "iframe",
    "flash",
];

/// Reads the messages of a request, and the names that the client gave them.
///
/// # Errors
/// A body of another shape, an unknown channel or member, a publication.
pub fn read(document: &Document<'_>) -> Result<(Vec<Message>, Vec<Name>), Refusal> {
    let root = document.root();
    let nodes: Vec<NodeId> = match document.kind(root) {
        Json::Array => document.elements(root).collect(),
        Json::Object => vec![root],
        _ => return Err(malformed("a list of messages is expected")),
    };
    if nodes.is_empty() || nodes.len() > MOST {
        return Err(malformed("too many messages, or none"));
    }
    let mut reader = Reader {
        document,
        names: vec![],
    };
    let messages = nodes.into_iter().map(|node| reader.message(node));
    let messages = messages.collect::<Result<Vec<_>, _>>()?;
    Ok((messages, reader.names))
}

struct Reader<'d, 'b> {
    document: &'d Document<'b>,
    names: Vec<Name>,
}

impl Reader<'_, '_> {
    fn message(&mut self, node: NodeId) -> Result<Message, Refusal> {
        if self.document.kind(node) != Json::Object {
            return Err(malformed("a message must be an object"));
        }
        let channel = self.document.get(node, "channel");
        let channel = channel.and_then(|channel| self.document.text(channel));
        let channel = channel.ok_or_else(|| malformed("a message needs its channel"))?;
        let mut known = CHANNELS.iter();
        let (_, asks) = known.find(|(known, _)| *known == channel).ok_or_else(|| {
            let text = "a client listens here and publishes nothing";
            Refusal::new(Code::EndpointUnknown, text)
        })?;
        let mut message = Message {
            asks: *asks,
            client: None,
            channels: vec![],
        };
        // Members have no order, and others rely on it.
        let subscription = self.document.get(node, "subscription");
        for item in subscription.map_or(Ok(vec![]), |value| self.items(value))? {
            message.channels.push((item, self.channel(item)?));
        }
        for (key, value) in self.document.members(node) {
            match (key.as_ref(), asks) {
                ("channel", _) | ("subscription", Asks::Subscribe | Asks::Unsubscribe) => {}
                ("id", _) => self.name(value)?,
                ("clientId", Asks::Handshake) => {
                    return Err(malformed("a client has no name before the handshake"));
                }
                ("clientId", _) => message.client = Some(self.text(value)?),
                ("version" | "minimumVersion", Asks::Handshake) => {
                    self.word(value, &["1.0", "1.0beta"])?;
                }
                ("supportedConnectionTypes", Asks::Handshake) => {
                    for item in self.items(value)? {
                        self.word(item, TRANSPORTS)?;
                    }
                }
                ("connectionType", Asks::Connect) => self.word(value, &["long-polling"])?,
                ("advice", Asks::Handshake | Asks::Connect) => self.advice(value)?,
                ("ext", _) => self.extension(value, &mut message)?,
                _ => return Err(malformed("a message has a member that is not known")),
            }
        }
        let channels = matches!(asks, Asks::Subscribe | Asks::Unsubscribe);
        match channels && message.channels.is_empty() {
            true => Err(malformed("a subscription names a channel")),
            false => Ok(message),
        }
    }

    /// Any text may hide in it, so that it is given a name of ours.
    fn name(&mut self, node: NodeId) -> Result<(), Refusal> {
        let theirs = self.text(node)?;
        if theirs.len() > 64 || self.names.len() >= MOST_NAMES {
            return Err(malformed("a message's id is too long"));
        }
        self.names.push(Name {
            scope: 0,
            kind: NameKind::Reference,
            theirs,
            node,
        });
        Ok(())
    }

    /// What both sides can do beside the protocol: replay and acknowledgement.
    fn extension(&self, node: NodeId, message: &mut Message) -> Result<(), Refusal> {
        let empty = self.document.kind(node) == Json::Null;
        for (key, value) in self.object(node, empty)? {
            let kind = self.document.kind(value);
            match (key.as_str(), kind) {
                ("ack", Json::Number) => self.number(value, COUNTS)?,
                ("ack" | "replay" | "payload.format", Json::Bool) => {}
                ("replay", Json::Object) if message.asks == Asks::Subscribe => {
                    for (name, from) in self.object(value, false)? {
                        Channel::parse(&name)?;
                        // A key leaves as it stands: it must be one of those that were checked.
                        let mut named = message.channels.iter();
                        let known =
                            named.any(|(at, _)| self.document.text(*at).as_deref() == Some(&*name));
                        if !known {
                            return Err(malformed("replay names a channel that is not asked for"));
                        }
                        self.number(from, REPLAYS)?;
                    }
                }
                _ => return Err(malformed("a message has an extension that is not known")),
            }
        }
        Ok(())
    }

    fn advice(&self, node: NodeId) -> Result<(), Refusal> {
        for (key, value) in self.object(node, false)? {
            match key.as_str() {
                "timeout" | "interval" => self.number(value, PAUSES)?,
                _ => return Err(malformed("a message has an advice that is not known")),
            }
        }
        Ok(())
    }

    fn channel(&self, node: NodeId) -> Result<Channel, Refusal> {
        Channel::parse(&self.text(node)?)
    }

    fn object(&self, node: NodeId, empty: bool) -> Result<Vec<(String, NodeId)>, Refusal> {
        if self.document.kind(node) != Json::Object && !empty {
            return Err(malformed("an object is expected here"));
        }
        let members = self.document.members(node);
        Ok(members
            .map(|(key, value)| (key.into_owned(), value))
            .collect())
    }

    /// One text, or several.
    fn items(&self, node: NodeId) -> Result<Vec<NodeId>, Refusal> {
        let items: Vec<NodeId> = match self.document.kind(node) {
            Json::Array => self.document.elements(node).collect(),
            _ => vec![node],
        };
        match items.len() {
            0..=MOST => Ok(items),
            _ => Err(malformed("a list of a message is too long")),
        }
    }

    fn text(&self, node: NodeId) -> Result<String, Refusal> {
        let text = self.document.text(node);
        text.map(|text| text.into_owned())
            .ok_or_else(|| malformed("a member that must be text is not"))
    }

    fn word(&self, node: NodeId, words: &[&str]) -> Result<(), Refusal> {
        match words.contains(&self.text(node)?.as_str()) {
            true => Ok(()),
            false => Err(malformed("a message has a word that is not known")),
        }
    }

    /// A whole number of a range: one of any length has room for anybody's.
    fn number(&self, node: NodeId, range: RangeInclusive<i64>) -> Result<(), Refusal> {
        let number = match self.document.kind(node) {
            Json::Number => self.document.raw(node).parse().ok(),
            _ => None,
        };
        match number.is_some_and(|number| range.contains(&number)) {
            true => Ok(()),
            false => Err(malformed("a whole number that fits is expected here")),
        }
    }
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::Limits;

    fn asked(body: &str) -> Result<usize, Code> {
        let limits = Limits::default();
        let document = Document::parse(body.as_bytes(), &limits).expect("JSON");
        let read = read(&document).map_err(|refusal| refusal.code);
        read.map(|(messages, _)| messages.len())
    }

    #[test]
    fn what_real_clients_send_is_read() {
        for (body, count) in [
            (
                r#"[{"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["websocket", "long-polling"], "minimumVersion": "1.0", "id": "0"}]"#,
                1,
            ),
            (
                r#"[{"channel":"/meta/connect","clientId":"abc123clientid","connectionType":"long-polling","id":"2","advice":{"timeout":0}},{"channel":"/meta/subscribe","clientId":"abc123clientid","subscription":"/event/Contact_Changed__e","id":"3","ext":{"replay":{"/event/Contact_Changed__e":-1}}}]"#,
                2,
            ),
            // Java's maps have `ext` before `subscription`.
            (
                r#"[{"ext":{"replay":{"/event/Contact_Changed__e":-2}},"clientId":"x","channel":"/meta/subscribe","subscription":"/event/Contact_Changed__e","id":"3"}]"#,
                1,
            ),
            (
                r#"{"channel": "/meta/disconnect", "clientId": "x", "id": "5"}"#,
                1,
            ),
        ] {
            assert_eq!(asked(body), Ok(count), "{body}");
        }
    }

    #[test]
    fn what_is_no_message_of_the_protocol_is_refused() {
        for body in [
            "[]",
            "\"Jansen\"",
            "[\"Jansen\"]",
            "[{}]",
            r#"[{"channel":"/event/Jansen__e","data":{"x":"Jansen"}}]"#,
            r#"[{"channel":"/meta/Jansen"}]"#,
            r#"[{"channel":"/meta/connect","data":"Jansen"}]"#,
            r#"[{"channel":"/meta/connect","connectionType":"Jansen"}]"#,
            r#"[{"channel":"/meta/connect","advice":{"timeout":"Jansen"}}]"#,
            r#"[{"channel":"/meta/connect","advice":{"Jansen":1}}]"#,
            r#"[{"channel":"/meta/connect","advice":{"timeout":612345678}}]"#,
            r#"[{"channel":"/meta/connect","advice":{"interval":-1}}]"#,
            r#"[{"channel":"/meta/connect","ext":{"ack":123456782123}}]"#,
            r#"[{"channel":"/meta/connect","subscription":"/event/A__e"}]"#,
            r#"[{"ext":{"replay":{"/event/B__e":-1}},"channel":"/meta/subscribe","subscription":"/event/A__e"}]"#,
            r#"[{"channel":"/meta/subscribe","subscription":"/event/A__e","ext":{"replay":{"/event/A__e":1234567890123}}}]"#,
            r#"[{"channel":"/meta/subscribe","subscription":"/event/A__e","ext":{"replay":{"/event/A__e":-3}}}]"#,
            r#"[{"channel":"/meta/connect","ext":{"Jansen":1}}]"#,
            r#"[{"channel":"/meta/connect","ext":{"ack":"Jansen"}}]"#,
            r#"[{"channel":"/meta/handshake","version":"Jansen"}]"#,
            r#"[{"channel":"/meta/handshake","clientId":"Jansen"}]"#,
            r#"[{"channel":"/meta/handshake","supportedConnectionTypes":["Jansen"]}]"#,
            r#"[{"channel":"/meta/handshake","authentication":{"user":"Jansen"}}]"#,
            r#"[{"channel":"/meta/subscribe"}]"#,
            r#"[{"channel":"/meta/subscribe","subscription":"Jansen"}]"#,
            r#"[{"channel":"/meta/subscribe","subscription":"/**"}]"#,
            r#"[{"channel":"/meta/subscribe","subscription":"/event/A__e","ext":{"replay":{"/event/B__e":-1}}}]"#,
            r#"[{"channel":"/meta/subscribe","subscription":"/event/A__e","ext":{"replay":{"/event/A__e":"Jansen"}}}]"#,
        ] {
            assert!(asked(body).is_err(), "{body}");
        }
    }
}
