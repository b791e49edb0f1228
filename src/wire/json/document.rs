//! A JSON text as a flat list of its values.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use crate::wire::json::duplicate::{self, Candidate};
use crate::wire::json::encode::{LINE_ENDS, encode_into};
use crate::wire::json::text::unescape;
use crate::wire::json::{Error, Event, Limits, Reader};

/// A parsed JSON text.
///
/// Values stand in one list in the order of the source, each container before what it holds, so
/// that neither parsing nor walking nor dropping recurses.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    source: &'a str,
    /// Whether the source has none of the characters that the encoder escapes and RFC 8259 lets
    /// stand: a string without escapes then encodes to what it is.
    plain: bool,
    pub(crate) nodes: Vec<Node>,
}

/// A value of a [`Document`]. It means something only to the document that gave it; another
/// document's methods take it for a value of their own, or panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of any size and precision.
    Number,
    /// A string.
    String,
    /// `[…]`
    Array,
    /// `{…}`
    Object,
}

/// Offsets are 32 bits wide: a body of 4 GiB is refused whatever the limit says.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    escaped: bool,
    /// The value in the source; a string with its quotes.
    start: u32,
    end: u32,
    key: Key,
    /// The node that follows in the list behind everything that this one holds.
    pub(crate) after: u32,
    /// How many members or elements it holds.
    count: u32,
}

/// A key in the source without its quotes; empty where there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Key {
    start: u32,
    end: u32,
    escaped: bool,
}

impl<'a> Document<'a> {
    /// Parses a whole body.
    pub fn parse(body: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        // The narrower of the two keeps every offset within a node's 32 bits.
        let bytes = limits.bytes.min(u32::MAX as usize);
        check(body.len(), bytes, "bytes")?;
        let source = std::str::from_utf8(body).map_err(|error| Error::NotUtf8 {
            at: error.valid_up_to(),
        })?;
        let mut builder = Builder {
            document: Self {
                source,
                plain: LINE_ENDS
                    .iter()
                    .all(|end| memmem::find(body, end).is_none()),
                nodes: Vec::with_capacity(body.len() / 16),
            },
            limits,
            open: Vec::new(),
            key: Key::default(),
            candidates: Vec::new(),
        };
        builder.read(Reader::new(source, limits.depth))?;
        Ok(builder.document)
    }

    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// What a value is.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// A value's source text.
    #[must_use]
    pub fn raw(&self, id: NodeId) -> &'a str {
        let node = self.node(id);
        &self.source[node.start as usize..node.end as usize]
    }

    /// A string's text, unescaped.
    #[must_use]
    pub fn text(&self, id: NodeId) -> Option<Cow<'a, str>> {
        let node = self.node(id);
        (node.kind == Kind::String).then(|| {
            let raw = &self.source[node.start as usize + 1..node.end as usize - 1];
            unescape(raw, node.escaped)
        })
    }

    /// The value of `true` and `false`.
    #[must_use]
    pub fn bool(&self, id: NodeId) -> Option<bool> {
        (self.kind(id) == Kind::Bool).then(|| self.raw(id) == "true")
    }

    /// The number of members or elements; 0 for what is not a container.
    #[must_use]
    pub fn len(&self, id: NodeId) -> usize {
        self.node(id).count as usize
    }

    /// Whether a value holds nothing.
    #[must_use]
    pub fn is_empty(&self, id: NodeId) -> bool {
        self.len(id) == 0
    }

    /// An object's members in order; none for what is not an object.
    #[must_use]
    pub fn members(&self, id: NodeId) -> Members<'_, 'a> {
        Members {
            inner: self.children(id, Kind::Object),
        }
    }

    /// An array's elements in order; none for what is not an array.
    #[must_use]
    pub fn elements(&self, id: NodeId) -> Elements<'_, 'a> {
        self.children(id, Kind::Array)
    }

    /// The value of an object's member of exactly this key.
    #[must_use]
    pub fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        let mut members = self.members(id);
        members.find_map(|(name, value)| (name == key).then_some(value))
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The key of an object's member; empty for the root and for elements.
    pub(crate) fn key(&self, node: &Node) -> Cow<'a, str> {
        let raw = &self.source[node.key.start as usize..node.key.end as usize];
        unescape(raw, node.key.escaped)
    }

    /// Appends a string value as it is encoded.
    pub(crate) fn encode_text_into(&self, out: &mut Vec<u8>, node: &Node) {
        self.encode_range_into(out, node.start + 1..node.end - 1, node.escaped);
    }

    /// Appends a member's key as it is encoded.
    pub(crate) fn encode_key_into(&self, out: &mut Vec<u8>, node: &Node) {
        self.encode_range_into(out, node.key.start..node.key.end, node.key.escaped);
    }

    /// Appends the string between two quotes of the source as [`encode_into`] would encode its
    /// text. Where there is nothing to unescape nor to escape, the text's encoding is what stands
    /// there.
    #[inline]
    fn encode_range_into(&self, out: &mut Vec<u8>, range: Range<u32>, escaped: bool) {
        let (start, end) = (range.start as usize, range.end as usize);
        if self.plain && !escaped {
            out.extend_from_slice(&self.source.as_bytes()[start - 1..end + 1]);
        } else {
            encode_into(out, &unescape(&self.source[start..end], escaped));
        }
    }

    fn children(&self, id: NodeId, kind: Kind) -> Elements<'_, 'a> {
        let node = self.node(id);
        Elements {
            document: self,
            next: id.0 + 1,
            after: if node.kind == kind { node.after } else { 0 },
        }
    }
}

/// The elements of an array; see [`Document::elements`].
#[derive(Clone, Debug)]
pub struct Elements<'d, 'a> {
    document: &'d Document<'a>,
    next: u32,
    after: u32,
}

impl Iterator for Elements<'_, '_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = NodeId(self.next);
        (self.next < self.after).then(|| {
            self.next = self.document.node(id).after;
            id
        })
    }
}

/// The members of an object; see [`Document::members`].
#[derive(Clone, Debug)]
pub struct Members<'d, 'a> {
    inner: Elements<'d, 'a>,
}

impl<'a> Iterator for Members<'_, 'a> {
    type Item = (Cow<'a, str>, NodeId);

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.inner.next()?;
        let document = self.inner.document;
        Some((document.key(document.node(id)), id))
    }
}

/// A document that is being read.
struct Builder<'a, 'l> {
    document: Document<'a>,
    limits: &'l Limits,
    /// The containers that are open, outermost first.
    open: Vec<usize>,
    /// The key of the value that comes next.
    key: Key,
    /// Room for the search for duplicates, kept from object to object.
    candidates: Vec<Candidate>,
}

impl<'a> Builder<'a, '_> {
    fn read(&mut self, mut reader: Reader<'a>) -> Result<(), Error> {
        loop {
            match reader.next()? {
                Event::Key(key) => {
                    if key.raw.len() > self.limits.key {
                        check(key.value().len(), self.limits.key, "bytes in a key")?;
                    }
                    self.key = Key {
                        start: narrow(key.span.start + 1),
                        end: narrow(key.span.end - 1),
                        escaped: key.escaped,
                    };
                }
                Event::String(text) => {
                    self.add(Kind::String, text.span.start, text.span.end, text.escaped)?;
                }
                Event::Number(span) => {
                    check(span.len(), self.limits.number, "characters in a number")?;
                    self.add(Kind::Number, span.start, span.end, false)?;
                }
                Event::Bool(span, _) => self.add(Kind::Bool, span.start, span.end, false)?,
                Event::Null(span) => self.add(Kind::Null, span.start, span.end, false)?,
                Event::BeginObject { at } => self.enter(Kind::Object, at)?,
                Event::BeginArray { at } => self.enter(Kind::Array, at)?,
                Event::EndObject { at, .. } | Event::EndArray { at, .. } => self.leave(at + 1)?,
                Event::End => return Ok(()),
            }
        }
    }

    fn enter(&mut self, kind: Kind, at: usize) -> Result<(), Error> {
        self.add(kind, at, at, false)?;
        self.open.push(self.document.nodes.len() - 1);
        Ok(())
    }

    fn leave(&mut self, end: usize) -> Result<(), Error> {
        let after = narrow(self.document.nodes.len());
        if let Some(closed) = self.open.pop() {
            let node = &mut self.document.nodes[closed];
            node.end = narrow(end);
            node.after = after;
            if node.kind == Kind::Object && node.count > 1 {
                return self.refuse_duplicates(NodeId(narrow(closed)));
            }
        }
        Ok(())
    }

    fn add(&mut self, kind: Kind, start: usize, end: usize, escaped: bool) -> Result<(), Error> {
        let nodes = &mut self.document.nodes;
        check(nodes.len() + 1, self.limits.nodes, "values")?;
        if let Some(parent) = self.open.last() {
            nodes[*parent].count += 1;
        }
        let after = narrow(nodes.len() + 1);
        nodes.push(Node {
            kind,
            escaped,
            start: narrow(start),
            end: narrow(end),
            key: std::mem::take(&mut self.key),
            after,
            count: 0,
        });
        Ok(())
    }

    fn refuse_duplicates(&mut self, object: NodeId) -> Result<(), Error> {
        let document = &self.document;
        let members = document.children(object, Kind::Object);
        self.candidates.clear();
        self.candidates.extend(members.map(|id| {
            let key = document.key(document.node(id));
            Candidate::new(&key, id.0)
        }));
        let key = |node| document.key(document.node(NodeId(node)));
        match duplicate::find(&mut self.candidates, key) {
            Some(later) => Err(Error::Duplicate {
                at: document.node(NodeId(later)).key.start as usize,
            }),
            None => Ok(()),
        }
    }
}

fn check(count: usize, limit: usize, what: &'static str) -> Result<(), Error> {
    if count > limit {
        return Err(Error::TooLarge { what, limit });
    }
    Ok(())
}

/// An offset or an index, neither of which passes the length of a body.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`Document::parse` has checked that length against 32 bits"
)]
fn narrow(offset: usize) -> u32 {
    offset as u32
}
