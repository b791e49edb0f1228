//! An XML text as a flat list of its elements.

use std::borrow::Cow;
use std::ops::Range;

use super::attribute::{RawAttribute, RawName};
use super::text::decode;
use super::{Limits, parse, text};
use crate::wire::Error;

/// A parsed XML text.
///
/// Elements stand in one list in the order of the source, each before what it holds, so that
/// neither parsing nor dropping recurses.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    pub(super) source: &'a str,
    pub(super) nodes: Vec<Node>,
    /// Of all elements, those of one behind each other; declarations apart.
    pub(super) attributes: Vec<RawAttribute>,
    pub(super) declarations: Vec<Declaration>,
}

/// A namespace that an element declares.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    /// Empty for the default namespace.
    pub prefix: Range<usize>,
    pub namespace: Range<usize>,
}

/// An element of a [`Document`]; it means something only to the document that gave it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(u32);

/// A name with its namespace; empty where it has none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Name<'a> {
    pub namespace: &'a str,
    pub local: &'a str,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: RawName,
    pub namespace: Range<usize>,
    /// From its `<` to behind its last `>`.
    pub whole: Range<usize>,
    /// Between its tags; empty behind the tag of an empty element.
    pub content: Range<usize>,
    pub attributes: Range<usize>,
    pub declarations: Range<usize>,
    pub parent: Option<u32>,
    /// The node that follows in the list behind everything that this one holds.
    pub after: u32,
    /// Whether there is an element inside.
    pub holds: bool,
}

impl<'a> Document<'a> {
    /// Parses a whole body.
    ///
    /// # Errors
    /// Anything that is not the strict form that the module describes, or passes a limit.
    pub fn parse(body: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        check_length(body, limits)?;
        let source = std::str::from_utf8(body).map_err(|error| Error::NotUtf8 {
            at: error.valid_up_to(),
        })?;
        check_characters(source)?;
        parse::document(source, limits, None)
    }

    /// Parses the beginning of a body, of which not all may be there, up to the first start tag at
    /// which `ends` says that this is enough. Elements that are open then end there.
    ///
    /// # Errors
    /// As [`Self::parse`]; when what is there is no whole body, and there is no such tag in it.
    pub fn parse_beginning(
        body: &'a [u8],
        limits: &Limits,
        ends: &dyn Fn(&Document<'_>, NodeId) -> bool,
    ) -> Result<Self, Error> {
        check_length(body, limits)?;
        let source = match std::str::from_utf8(body) {
            Ok(source) => source,
            // The last character is cut.
            Err(error) if error.error_len().is_none() => {
                let whole = body.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(whole).unwrap_or_default()
            }
            Err(error) => {
                return Err(Error::NotUtf8 {
                    at: error.valid_up_to(),
                });
            }
        };
        check_characters(source)?;
        parse::document(source, limits, Some(ends))
    }

    #[must_use]
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    #[must_use]
    pub fn name(&self, id: NodeId) -> Name<'a> {
        let node = self.node(id);
        Name {
            namespace: self.slice(&node.namespace),
            local: self.slice(&(node.name.local..node.name.end)),
        }
    }

    /// The name as its tags have it, with its prefix.
    #[must_use]
    pub fn tag(&self, id: NodeId) -> &'a str {
        let name = &self.node(id).name;
        self.slice(&(name.start..name.end))
    }

    /// The element that holds it.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id).parent.map(NodeId)
    }

    /// The element that was read last.
    pub(super) fn last(&self) -> Option<NodeId> {
        let last = self.nodes.len().checked_sub(1)?;
        u32::try_from(last).ok().map(NodeId)
    }

    /// The elements that an element holds, in order.
    #[must_use]
    pub fn children(&self, id: NodeId) -> Children<'_, 'a> {
        Children {
            document: self,
            next: id.0 + 1,
            after: self.node(id).after,
        }
    }

    /// The first child of that name.
    #[must_use]
    pub fn child(&self, id: NodeId, name: &Name<'_>) -> Option<NodeId> {
        self.children(id).find(|child| self.name(*child) == *name)
    }

    /// Whether it holds elements. One that does has no text.
    #[must_use]
    pub fn holds(&self, id: NodeId) -> bool {
        self.node(id).holds
    }

    /// The text of an element that holds none.
    #[must_use]
    pub fn text(&self, id: NodeId) -> Option<Cow<'a, str>> {
        let node = self.node(id);
        if node.holds {
            return None;
        }
        // What does not decode was refused when it was read.
        decode(self.slice(&node.content), node.content.start).ok()
    }

    /// The attributes in order, declarations of namespaces left out.
    #[must_use]
    pub fn attributes(&self, id: NodeId) -> Attributes<'_, 'a> {
        Attributes {
            document: self,
            of: id,
            range: self.node(id).attributes.clone(),
        }
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, id: NodeId, name: &Name<'_>) -> Option<Cow<'a, str>> {
        let mut attributes = self.attributes(id);
        attributes.find_map(|(found, value)| (found == *name).then_some(value))
    }

    /// A qualified name in a value, such as that of `xsi:type`, by the namespaces in force there.
    #[must_use]
    pub fn qualified<'v>(&self, id: NodeId, value: &'v str) -> Option<Name<'v>>
    where
        'a: 'v,
    {
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        let namespace = match self.declaration(Some(id.0), prefix) {
            Some(range) => self.slice(&range),
            None if prefix.is_empty() => "",
            None => return None,
        };
        Some(Name { namespace, local })
    }

    /// A prefix that stands for a namespace at this place.
    #[must_use]
    pub fn prefix(&self, id: NodeId, namespace: &str) -> Option<&'a str> {
        let mut at = Some(id.0);
        while let Some(node) = at.and_then(|at| self.nodes.get(at as usize)) {
            for declaration in self.declared(node) {
                let prefix = self.slice(&declaration.prefix);
                // A nearer declaration may have given the prefix to another namespace.
                let now = self.declaration(Some(id.0), prefix);
                if !prefix.is_empty() && now.is_some_and(|now| self.slice(&now) == namespace) {
                    return Some(prefix);
                }
            }
            at = node.parent;
        }
        None
    }

    /// Whether it declares namespaces itself.
    #[must_use]
    pub fn declares(&self, id: NodeId) -> bool {
        !self.node(id).declarations.is_empty()
    }

    /// From an element's `<` to behind its last `>`.
    #[must_use]
    pub fn whole(&self, id: NodeId) -> Range<usize> {
        self.node(id).whole.clone()
    }

    /// Between its tags.
    #[must_use]
    pub fn content(&self, id: NodeId) -> Range<usize> {
        self.node(id).content.clone()
    }

    /// Where its local name stands: in its start tag, and in its end tag if it has one.
    #[must_use]
    pub fn local_names(&self, id: NodeId) -> (Range<usize>, Option<Range<usize>>) {
        let node = self.node(id);
        let start = node.name.local..node.name.end;
        // `</prefix:local   >`: the tag's name begins behind the slash.
        let end = (node.content.end < node.whole.end).then(|| {
            let offset = node.content.end + 2 + (node.name.local - node.name.start);
            offset..offset + start.len()
        });
        (start, end)
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &'a str {
        self.source.get(range.clone()).unwrap_or_default()
    }

    fn declared(&self, node: &Node) -> &[Declaration] {
        let range = node.declarations.clone();
        self.declarations.get(range).unwrap_or_default()
    }

    /// Where the namespace stands that a prefix has at a node. The number of declarations in force
    /// is limited, and so is this walk.
    fn declaration(&self, mut at: Option<u32>, prefix: &str) -> Option<Range<usize>> {
        while let Some(node) = at.and_then(|at| self.nodes.get(at as usize)) {
            let mut declared = self.declared(node).iter();
            if let Some(found) = declared.find(|found| self.slice(&found.prefix) == prefix) {
                return Some(found.namespace.clone());
            }
            at = node.parent;
        }
        None
    }

    /// Where the namespace of a name stands at a node. The default namespace is for elements only.
    pub(super) fn namespace(&self, id: u32, name: RawName, element: bool) -> Option<Range<usize>> {
        let prefix = self.slice(&(name.start..name.local));
        let prefix = prefix.strip_suffix(':').unwrap_or_default();
        if prefix.is_empty() && !element {
            return Some(0..0);
        }
        let found = self.declaration(Some(id), prefix);
        found.or(prefix.is_empty().then_some(0..0))
    }
}

fn check_length(body: &[u8], limits: &Limits) -> Result<(), Error> {
    // The narrower of the two keeps the number of nodes within 32 bits.
    let limit = limits.bytes.min(u32::MAX as usize);
    match body.len() > limit {
        true => Err(Error::TooLarge {
            what: "bytes",
            limit,
        }),
        false => Ok(()),
    }
}

fn check_characters(source: &str) -> Result<(), Error> {
    match source.find(|c| !text::fits(c) || c == '\u{feff}') {
        Some(at) => Err(wrong(at, "a character that XML cannot hold")),
        None => Ok(()),
    }
}

/// The elements that an element holds; see [`Document::children`].
#[derive(Clone, Debug)]
pub struct Children<'d, 'a> {
    document: &'d Document<'a>,
    next: u32,
    after: u32,
}

impl Iterator for Children<'_, '_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = NodeId(self.next);
        (self.next < self.after).then(|| {
            self.next = self.document.node(id).after;
            id
        })
    }
}

/// An element's attributes; see [`Document::attributes`].
#[derive(Clone, Debug)]
pub struct Attributes<'d, 'a> {
    document: &'d Document<'a>,
    of: NodeId,
    range: Range<usize>,
}

impl<'a> Iterator for Attributes<'_, 'a> {
    type Item = (Name<'a>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        let document = self.document;
        let attribute = document.attributes.get(self.range.next()?)?;
        let raw = attribute.name;
        let namespace = document.namespace(self.of.0, raw, false);
        let name = Name {
            namespace: namespace.map_or("", |range| document.slice(&range)),
            local: document.slice(&(raw.local..raw.end)),
        };
        let value = decode(document.slice(&attribute.value), attribute.value.start);
        Some((name, value.unwrap_or_default()))
    }
}

fn wrong(at: usize, what: &'static str) -> Error {
    Error::Malformed { at, what }
}
