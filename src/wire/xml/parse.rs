//! From a text to a document: quick-xml finds the tokens, here they are held to their form.

use std::ops::Range;

use quick_xml::events::Event;

use super::Limits;
use super::attribute::{self, RawAttribute, RawName};
use super::document::{Declaration, Document, Node, NodeId};
use super::text::decode;
use crate::wire::Error;

/// Says of an element whether what was read up to its start tag is enough.
pub(super) type Ends<'e> = &'e dyn Fn(&Document<'_>, NodeId) -> bool;

/// Reads a text of characters that XML can hold; where `ends` is given, up to where it says.
pub(super) fn document<'a>(
    source: &'a str,
    limits: &Limits,
    ends: Option<Ends<'_>>,
) -> Result<Document<'a>, Error> {
    let mut builder = Builder {
        document: Document {
            source,
            nodes: Vec::with_capacity(source.len() / 64),
            attributes: vec![],
            declarations: vec![],
        },
        limits,
        ends,
        open: vec![],
        declared: 0,
        text: false,
    };
    builder.read()?;
    Ok(builder.document)
}

/// A document that is being read.
struct Builder<'a, 'l> {
    document: Document<'a>,
    limits: &'l Limits,
    ends: Option<Ends<'l>>,
    /// The elements that are open, outermost first.
    open: Vec<u32>,
    /// How many declarations of namespaces are in force.
    declared: usize,
    /// Whether the innermost open element has text.
    text: bool,
}

impl Builder<'_, '_> {
    fn read(&mut self) -> Result<(), Error> {
        let source = self.document.source;
        let mut reader = quick_xml::Reader::from_str(source);
        loop {
            let start = position(&reader);
            let event = reader
                .read_event()
                .map_err(|_| wrong(start, "it is not XML"))?;
            let end = position(&reader);
            let begins = matches!(event, Event::Start(_) | Event::Empty(_));
            match event {
                Event::Decl(_) if start == 0 => declaration(source, end)?,
                Event::Start(_) => self.enter(start, end)?,
                Event::Empty(_) => self.empty(start, end)?,
                Event::End(_) => self.leave(start, end)?,
                Event::Text(_) | Event::GeneralRef(_) | Event::CData(_) => {
                    self.text(start, end)?;
                }
                Event::Eof => break,
                Event::DocType(_) => return Err(wrong(start, "a document type")),
                Event::Comment(_) => return Err(wrong(start, "a comment")),
                Event::PI(_) | Event::Decl(_) => {
                    return Err(wrong(start, "a processing instruction"));
                }
            }
            if begins && self.is_enough() {
                self.cut(end);
                return Ok(());
            }
        }
        if !self.open.is_empty() || self.document.nodes.is_empty() {
            return Err(wrong(source.len(), "an element that does not end"));
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        let last = self.ends.zip(self.document.last());
        last.is_some_and(|(ends, last)| ends(&self.document, last))
    }

    /// Ends whatever is open.
    fn cut(&mut self, at: usize) {
        while let Some(id) = self.open.pop() {
            let begin = self.node(id).map_or(at, |node| node.content.start);
            self.closed(id, begin..at, at);
        }
    }

    /// A start tag between two offsets.
    fn enter(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let id = self.add(start, (end - 1, end))?;
        self.open.push(id);
        Ok(())
    }

    fn empty(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let id = self.add(start, (end - 2, end))?;
        self.closed(id, end..end, end);
        Ok(())
    }

    fn leave(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let id = self.open.pop().ok_or(wrong(start, "an end too many"))?;
        let begin = self.node(id).map_or(start, |node| node.content.start);
        // quick-xml has compared the names; behind an end tag's name there may be blanks only.
        self.closed(id, begin..start, end);
        self.text = false;
        Ok(())
    }

    fn closed(&mut self, id: u32, content: Range<usize>, end: usize) {
        let after = narrow(self.document.nodes.len());
        if let Some(node) = self.document.nodes.get_mut(id as usize) {
            node.content = content;
            node.whole.end = end;
            node.after = after;
            self.declared -= node.declarations.len();
        }
    }

    fn node(&self, id: u32) -> Option<&Node> {
        self.document.nodes.get(id as usize)
    }

    /// Adds the element of a start tag that stands from `start` to `end`; `inside` is where its
    /// closing mark begins.
    fn add(&mut self, start: usize, (inside, end): (usize, usize)) -> Result<u32, Error> {
        let limits = self.limits;
        let source = self.document.source;
        let id = narrow(self.document.nodes.len());
        if self.open.len() >= limits.depth {
            return Err(Error::TooLarge {
                what: "levels",
                limit: limits.depth,
            });
        }
        if self.document.nodes.len() >= limits.nodes {
            return Err(Error::TooLarge {
                what: "elements",
                limit: limits.nodes,
            });
        }
        let parent = self.open.last().copied();
        match parent {
            None if id > 0 => return Err(wrong(start, "a second root")),
            None => {}
            Some(parent) => {
                if std::mem::take(&mut self.text) {
                    return Err(wrong(start, "an element beside text"));
                }
                if let Some(node) = self.document.nodes.get_mut(parent as usize) {
                    node.holds = true;
                }
            }
        }
        let name = attribute::name(source, start + 1)?;
        let found = attribute::attributes(source, (name.end, inside), limits.attributes)?;
        let first = (
            self.document.attributes.len(),
            self.document.declarations.len(),
        );
        for attribute in found {
            self.attribute(attribute, first.1)?;
        }
        let attributes = first.0..self.document.attributes.len();
        self.document.nodes.push(Node {
            name,
            namespace: 0..0,
            whole: start..end,
            content: end..end,
            attributes: attributes.clone(),
            declarations: first.1..self.document.declarations.len(),
            parent,
            after: id + 1,
            holds: false,
        });
        let namespace = self.namespace(id, name, true)?;
        if let Some(node) = self.document.nodes.get_mut(id as usize) {
            node.namespace = namespace;
        }
        self.distinct(id, attributes)?;
        Ok(id)
    }

    /// Adds an attribute, or the namespace that it declares for the element whose declarations
    /// begin at `first`.
    fn attribute(&mut self, attribute: RawAttribute, first: usize) -> Result<(), Error> {
        let (start, end) = (attribute.name.start, attribute.name.end);
        let document = &mut self.document;
        let prefix = match document.slice(&(start..end)).split_once(':') {
            Some(("xmlns", _)) => attribute.name.local..end,
            None if document.slice(&(start..end)) == "xmlns" => end..end,
            _ => {
                decode(document.slice(&attribute.value), attribute.value.start)?;
                document.attributes.push(attribute);
                return Ok(());
            }
        };
        let namespace = document.slice(&attribute.value);
        // One spelling of a namespace, so that comparing is comparing bytes.
        let plain = namespace
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'&');
        let name = document.slice(&prefix);
        let reserved = matches!(name, "xml" | "xmlns")
            || namespace.starts_with("http://www.w3.org/XML/1998/namespace")
            || namespace.starts_with("http://www.w3.org/2000/xmlns");
        if !plain || reserved || namespace.is_empty() && !name.is_empty() {
            return Err(wrong(start, "a namespace that cannot be declared"));
        }
        let mut before = document
            .declarations
            .get(first..)
            .unwrap_or_default()
            .iter();
        if before.any(|before| document.slice(&before.prefix) == name) {
            return Err(Error::Duplicate { at: start });
        }
        self.declared += 1;
        if self.declared > self.limits.namespaces {
            return Err(Error::TooLarge {
                what: "namespaces",
                limit: self.limits.namespaces,
            });
        }
        let namespace = attribute.value;
        document
            .declarations
            .push(Declaration { prefix, namespace });
        Ok(())
    }

    /// No attribute stands twice, be it under two prefixes. The number of attributes is limited.
    fn distinct(&self, id: u32, attributes: Range<usize>) -> Result<(), Error> {
        let raw = self.document.attributes.get(attributes).unwrap_or_default();
        let mut seen: Vec<(&str, &str)> = Vec::with_capacity(raw.len());
        for attribute in raw {
            let name = attribute.name;
            let namespace = self.namespace(id, name, false)?;
            let local = self.document.slice(&(name.local..name.end));
            let expanded = (self.document.slice(&namespace), local);
            if seen.contains(&expanded) {
                return Err(Error::Duplicate { at: name.start });
            }
            seen.push(expanded);
        }
        Ok(())
    }

    fn namespace(&self, id: u32, name: RawName, element: bool) -> Result<Range<usize>, Error> {
        let found = self.document.namespace(id, name, element);
        found.ok_or(wrong(name.start, "a prefix that is not declared"))
    }

    /// A piece of text between two offsets.
    fn text(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let raw = self.document.source.get(start..end).unwrap_or_default();
        let blank = raw.bytes().all(|byte| byte.is_ascii_whitespace());
        let Some(id) = self.open.last() else {
            return match blank {
                true => Ok(()),
                false => Err(wrong(start, "text outside of the root")),
            };
        };
        if raw.contains("]]>") && !raw.starts_with("<![CDATA[") {
            return Err(wrong(start, "the end of a CDATA section without one"));
        }
        decode(raw, start)?;
        if !blank {
            if self.node(*id).is_some_and(|node| node.holds) {
                return Err(wrong(start, "text beside an element"));
            }
            self.text = true;
        }
        Ok(())
    }
}

/// `<?xml version="1.0" encoding="UTF-8"?>`, and nothing else that it could say.
fn declaration(source: &str, end: usize) -> Result<(), Error> {
    let refused = wrong(0, "a declaration of anything but XML 1.0 in UTF-8");
    let inside = (5, end.saturating_sub(2));
    let attributes = attribute::attributes(source, inside, 3).map_err(|_| refused)?;
    let texts = attributes.iter().map(|attribute| {
        let name = source.get(attribute.name.start..attribute.name.end);
        let value = source.get(attribute.value.clone());
        (name.unwrap_or_default(), value.unwrap_or_default())
    });
    match texts.collect::<Vec<_>>().as_slice() {
        [("version", "1.0")] => Ok(()),
        [("version", "1.0"), ("encoding", encoding)]
        | [
            ("version", "1.0"),
            ("encoding", encoding),
            ("standalone", "yes" | "no"),
        ] if encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        _ => Err(refused),
    }
}

fn position(reader: &quick_xml::Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// An index into the nodes, of which there are fewer than bytes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`Document::parse` has checked the length of the source against 32 bits"
)]
fn narrow(index: usize) -> u32 {
    index as u32
}

fn wrong(at: usize, what: &'static str) -> Error {
    Error::Malformed { at, what }
}
