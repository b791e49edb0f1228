//! Generating a JSON text from a document and what is changed in it.

use std::collections::BTreeMap;

use crate::wire::json::{Document, Event, Kind, NodeId, Reader, encode_into};

/// What to change in a [`Document`] when it is written.
///
/// Of several changes of one value the last counts. What is changed inside a value that is itself
/// replaced or removed has no effect.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    changed: BTreeMap<NodeId, Option<Value>>,
    appended: BTreeMap<NodeId, Vec<(String, Value)>>,
}

/// A value to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string, encoded here.
    Text(String),
    /// JSON already: a number, a literal, a container. Checked by a debug assertion only.
    Raw(String),
    /// `null`
    Null,
}

impl Edits {
    /// No changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.appended.is_empty()
    }

    /// Writes `value` in the place of a value.
    pub fn replace(&mut self, id: NodeId, value: Value) {
        self.changed.insert(id, Some(value));
    }

    /// Leaves an element, or a member with its key, out. The root cannot go: it becomes `null`.
    pub fn remove(&mut self, id: NodeId) {
        self.changed.insert(id, None);
    }

    /// Adds a member at the end of an object. A member that has this key already gives way, so
    /// that no key is written twice.
    pub fn append(&mut self, object: NodeId, key: String, value: Value) {
        let members = self.appended.entry(object).or_default();
        members.retain(|(name, _)| *name != key);
        members.push((key, value));
    }

    /// What becomes of a value: none where it stays, `Some(None)` where it is left out.
    #[must_use]
    pub fn change(&self, id: NodeId) -> Option<Option<&Value>> {
        self.changed.get(&id).map(Option::as_ref)
    }

    fn appended(&self, id: NodeId) -> &[(String, Value)] {
        if self.appended.is_empty() {
            return &[];
        }
        self.appended.get(&id).map_or(&[], Vec::as_slice)
    }
}

impl Document<'_> {
    /// Generates the JSON text: no white space, members in their order, strings and keys encoded
    /// from their unescaped text, numbers as they came.
    #[must_use]
    pub fn write(&self, edits: &Edits) -> Vec<u8> {
        let mut writer = Writer {
            document: self,
            edits,
            out: Vec::with_capacity(self.raw(self.root()).len() + 64),
            open: Vec::new(),
        };
        writer.run();
        writer.out
    }
}

struct Writer<'d, 'a> {
    document: &'d Document<'a>,
    edits: &'d Edits,
    out: Vec<u8>,
    /// The containers that are open, outermost first.
    open: Vec<Open<'d>>,
}

struct Open<'d> {
    /// The node behind the container's last.
    after: u32,
    object: bool,
    appended: &'d [(String, Value)],
    empty: bool,
}

impl Writer<'_, '_> {
    fn run(&mut self) {
        let mut changes = self.edits.changed.iter();
        let mut change = changes.next();
        let mut next = self.document.root();
        while (next.0 as usize) < self.document.nodes.len() {
            let id = next;
            let after = NodeId(self.document.node(id).after);
            self.close_until(id);
            // Changes inside what was passed over as a whole are behind us.
            while change.is_some_and(|(changed, _)| *changed < id) {
                change = changes.next();
            }
            next = match change {
                Some((changed, Some(value))) if *changed == id => {
                    if self.name(id) {
                        self.value(value);
                    }
                    after
                }
                Some((changed, None)) if *changed == id => {
                    if self.open.is_empty() {
                        self.value(&Value::Null);
                    }
                    after
                }
                _ if self.name(id) => self.source(id),
                _ => after,
            };
        }
        self.close_until(NodeId(u32::MAX));
    }

    /// Writes what stands before a value: the comma and the key. `false` where an appended member
    /// takes this one's place.
    fn name(&mut self, id: NodeId) -> bool {
        let Some(open) = self.open.last_mut() else {
            return true;
        };
        if !open.object {
            separate(open, &mut self.out);
            return true;
        }
        let node = self.document.node(id);
        if !open.appended.is_empty() {
            let key = self.document.key(node);
            if open.appended.iter().any(|(name, _)| *name == key) {
                return false;
            }
        }
        separate(open, &mut self.out);
        self.document.encode_key_into(&mut self.out, node);
        self.out.push(b':');
        true
    }

    /// Writes a value that does not change, of a container only its beginning, and returns the
    /// node to go on with.
    fn source(&mut self, id: NodeId) -> NodeId {
        let node = self.document.node(id);
        debug_assert!(
            node.kind == Kind::Object || self.edits.appended(id).is_empty(),
            "only an object takes members"
        );
        match node.kind {
            Kind::Object | Kind::Array => {
                let object = node.kind == Kind::Object;
                self.out.push(if object { b'{' } else { b'[' });
                self.open.push(Open {
                    after: node.after,
                    object,
                    appended: if object { self.edits.appended(id) } else { &[] },
                    empty: true,
                });
            }
            Kind::String => self.document.encode_text_into(&mut self.out, node),
            Kind::Number | Kind::Bool | Kind::Null => {
                self.out.extend_from_slice(self.document.raw(id).as_bytes());
            }
        }
        NodeId(id.0 + 1)
    }

    /// Closes the containers that end before `id`.
    fn close_until(&mut self, id: NodeId) {
        while let Some(mut open) = self.open.pop_if(|open| open.after <= id.0) {
            for (key, value) in open.appended {
                separate(&mut open, &mut self.out);
                encode_into(&mut self.out, key);
                self.out.push(b':');
                self.value(value);
            }
            self.out.push(if open.object { b'}' } else { b']' });
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => encode_into(&mut self.out, text),
            Value::Raw(json) => {
                debug_assert!(is_json(json), "a raw value is not JSON");
                self.out.extend_from_slice(json.as_bytes());
            }
            Value::Null => self.out.extend_from_slice(b"null"),
        }
    }
}

fn separate(open: &mut Open<'_>, out: &mut Vec<u8>) {
    if !open.empty {
        out.push(b',');
    }
    open.empty = false;
}

fn is_json(text: &str) -> bool {
    let mut reader = Reader::new(text, usize::MAX);
    reader.skip_value().is_ok() && reader.next() == Ok(Event::End)
}
