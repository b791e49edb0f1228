//! The walk over an answer in SOAP: what stands where.
//!
//! It notes the same sites as the walk over JSON does, and is edited in place in the same way:
//! zeep, which holds an answer to its schema, refuses elements that are missing or in another
//! order.

use std::collections::BTreeSet;
use std::ops::Range;

use super::read::{Answer, Care, Format, Part, Reading, Saved, Shape, Site, What, aggregated};
use super::view::{Sight, View};
use crate::dialect::salesforce::convert::Conversion;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::soap::answer::{self, Element, Spaces};
use crate::policy::{FieldPlan, ObjectPlan};
use crate::protect::Kind;
use crate::wire::Error;
use crate::wire::xml::{Document, Limits, NodeId, decode};

/// An answer may be as large as `upstream` lets it be.
const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    depth: 64,
    nodes: 4_000_000,
    attributes: 32,
    namespaces: 64,
};

/// What a SOAP answer says of the call as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was carried out; its results tell the rest.
    Done,
    /// A fault: nothing was done.
    Refused,
    /// A fault after which nobody can say.
    Open,
}

/// Walks over an answer in SOAP.
///
/// # Errors
/// An answer that is not strict XML, or no envelope.
pub fn read_soap<'p>(answer: &Answer<'_, 'p>) -> Result<(Reading<'p>, Outcome), Error> {
    let document = Document::parse(answer.text.as_bytes(), &LIMITS)?;
    let body = document
        .children(document.root())
        .find(|node| document.name(*node).local == "Body");
    let mut responses = body.into_iter().flat_map(|body| document.children(body));
    // What stands beside the one would pass without being looked at.
    let (Some(response), None) = (responses.next(), responses.next()) else {
        return Err(Error::Malformed {
            at: 0,
            what: "an envelope whose body has not one answer",
        });
    };
    let spaces = Spaces::of(document.name(response).namespace);
    let mut walk = Walk::new(answer, &document, spaces);
    let name = document.name(response).local;
    if name == "Fault" {
        walk.open(response);
        let outcome = walk.fault(response);
        return Ok((walk.reading, outcome));
    }
    for (position, result) in document.children(response).enumerate() {
        walk.result(result, position);
    }
    Ok((walk.reading, Outcome::Done))
}

/// Walks over a batch's results in the XML of the Bulk API 1.0: what became of its records, or the
/// records that it asked for.
///
/// # Errors
/// An answer that is not strict XML, or says anything else.
pub fn read_batch<'p>(answer: &Answer<'_, 'p>) -> Result<Reading<'p>, Error> {
    let document = Document::parse(answer.text.as_bytes(), &LIMITS)?;
    let root = document.root();
    let mut walk = Walk::new(answer, &document, Spaces::BULK);
    let name = document.name(root);
    let known = matches!(name.local, "results" | "queryResult" | "result-list");
    if name.namespace != Spaces::BULK.words || !known {
        return Err(Error::Malformed {
            at: 0,
            what: "an answer that is no batch's result",
        });
    }
    for (position, result) in document.children(root).enumerate() {
        walk.result(result, position);
    }
    Ok(walk.reading)
}

pub(super) struct Walk<'a, 'd, 'p> {
    answer: &'d Answer<'a, 'p>,
    pub(super) document: &'d Document<'a>,
    spaces: Spaces,
    pub(super) reading: Reading<'p>,
    views: Vec<View<'p>>,
}

impl<'a, 'd, 'p> Walk<'a, 'd, 'p> {
    pub(super) fn new(
        answer: &'d Answer<'a, 'p>,
        document: &'d Document<'a>,
        spaces: Spaces,
    ) -> Self {
        let reading = Reading {
            sites: Vec::with_capacity(answer.found.len()),
            rows: Vec::with_capacity(answer.found.len()),
            held: vec![],
            saved: vec![],
            parts: vec![],
            masked: BTreeSet::new(),
            records: 0,
            actions: None,
            format: Format::Xml,
        };
        Self {
            answer,
            document,
            spaces,
            reading,
            views: vec![],
        }
    }

    /// A result: a record, a page of records, what became of a write, or a description.
    fn result(&mut self, node: NodeId, position: usize) {
        if self.answer.shape == Shape::Metadata {
            return self.description(node);
        }
        self.member(node);
        let text = |local: &str| {
            let mut children = self.document.children(node);
            let child = children.find(|child| self.document.name(*child).local == local);
            child.and_then(|child| self.document.text(child))
        };
        let success = text("success");
        let lead = text("leadId").and_then(|id| Id::parse(&id));
        self.converted((node, position), success.as_deref(), lead);
        let id = text("id").and_then(|id| Id::parse(&id));
        if let Some(id) = id.filter(|_| success.as_deref() == Some("true")) {
            self.reading.saved.push(Saved {
                id,
                trail: vec![position],
                name: None,
            });
        }
    }

    /// The records that a conversion has made, or written; or which of them it has not. What says
    /// neither, or speaks of another lead, says nothing.
    fn converted(
        &mut self,
        (result, position): (NodeId, usize),
        success: Option<&str>,
        lead: Option<Id>,
    ) {
        let mut conversions = Conversion::places(self.answer.request.conversions());
        let Some((first, conversion)) = conversions.nth(position) else {
            return;
        };
        if success == Some("false") {
            let refused = (first..).zip(conversion.parts()).map(|(position, _)| Part {
                name: None,
                position,
                status: 400,
            });
            return self.reading.parts.extend(refused);
        }
        if success != Some("true") || lead != Some(conversion.lead) {
            return;
        }
        for node in self.document.children(result) {
            let part = answer::converted(self.document.name(node).local);
            let at = part.and_then(|part| conversion.position(part));
            let id = self.document.text(node).and_then(|id| Id::parse(&id));
            if let (Some(at), Some(id)) = (at, id) {
                self.reading.saved.push(Saved {
                    id,
                    trail: vec![first + at],
                    name: None,
                });
            }
        }
    }

    /// An element that is no field of a record.
    pub(super) fn member(&mut self, node: NodeId) {
        match answer::element(self.spaces, self.document, node) {
            Element::Record(object) => self.record(node, object),
            Element::Other if !self.is_known(node) => self.mask(node, ""),
            Element::Other if self.document.holds(node) => {
                for child in self.document.children(node) {
                    self.member(child);
                }
            }
            Element::Other => self.tokens(&self.document.content(node)),
        }
    }

    /// Whether the API's own words say what an element is. What is in the namespace of records
    /// stands in a record, or nobody knows whose it is.
    fn is_known(&self, node: NodeId) -> bool {
        let name = self.document.name(node);
        name.namespace == self.spaces.words && answer::is_member(name.local)
    }

    /// A description, without the objects and fields that policy has no rule for: clients ask for
    /// every field that they are told of, and would be refused.
    fn description(&mut self, result: NodeId) {
        let plan = self.answer.viewer.plan;
        let object = self.named(result).and_then(|name| plan.object(&name));
        for node in self.document.children(result) {
            let ruled =
                |named: &dyn Fn(&str) -> bool| self.named(node).is_some_and(|name| named(&name));
            let keeps = match self.document.name(node).local {
                "fields" => {
                    ruled(&|name| object.is_some_and(|object| object.field(name).is_some()))
                }
                "sobjects" => ruled(&|name| plan.object(name).is_some()),
                _ => true,
            };
            match keeps {
                true => self.open(node),
                false => self.put(self.document.whole(node), String::new()),
            }
        }
    }

    fn named(&self, node: NodeId) -> Option<String> {
        let mut children = self.document.children(node);
        let name = children.find(|child| self.document.name(*child).local == "name")?;
        self.document.text(name).map(std::borrow::Cow::into_owned)
    }

    /// A record; its type is in its first element where `xsi:type` has none.
    fn record(&mut self, node: NodeId, object: Option<&'a str>) {
        if answer::is_nil(self.document, node) {
            return;
        }
        self.reading.records += 1;
        let mut children: Vec<NodeId> = self.document.children(node).collect();
        let first = children.first().copied();
        let first =
            first.filter(|first| object.is_none() && self.document.name(*first).local == "type");
        let inside = first.and_then(|first| self.document.text(first));
        if first.is_some() {
            children.remove(0);
        }
        let object = object.or(inside.as_deref()).unwrap_or_default();
        if object == "AggregateResult" {
            return children.into_iter().for_each(|child| self.aggregate(child));
        }
        let id = self.id(&children);
        let view = match object {
            // A relation to several objects: the id tells which one it is.
            "Name" => {
                let plan = self.answer.viewer.plan;
                let object = id.and_then(|id| plan.object_of_id(id.as_str()));
                object.map(|object| self.view_of(object))
            }
            name => self.view(name),
        };
        for child in children {
            self.field(child, (view, id));
        }
    }

    fn id(&self, children: &[NodeId]) -> Option<Id> {
        let mut children = children.iter();
        let id = children.find(|child| self.document.name(**child).local == "Id")?;
        Id::parse(&self.document.text(*id)?)
    }

    fn field(&mut self, node: NodeId, (view, id): (Option<usize>, Option<Id>)) {
        match answer::element(self.spaces, self.document, node) {
            Element::Record(object) => return self.record(node, object),
            Element::Other if self.is_page(node) => {
                for child in self.document.children(node) {
                    self.member(child);
                }
                return;
            }
            Element::Other => {}
        }
        let viewer = &self.answer.viewer;
        let key = self.document.name(node).local;
        let sight = view
            .and_then(|view| self.views.get(view))
            .map_or(Sight::Unknown, |view| view.find(key, viewer));
        let label = view
            .and_then(|view| self.views.get(view))
            .map_or("", |view| view.object.name.as_str());
        if answer::is_nil(self.document, node) {
            if let (Sight::Held(field, true), Some(id)) = (sight, id) {
                self.held(node, (label, id), field);
            }
            return;
        }
        // Over SOAP the file itself stands in its field, sealed or not; the download opens it.
        let view = view.and_then(|view| self.views.get(view));
        if view.is_some_and(|view| view.is_file(key)) {
            return self.mask(node, label);
        }
        self.value(node, sight, label);
    }

    /// The children of a record come in a page of their own.
    fn is_page(&self, node: NodeId) -> bool {
        let mut children = self.document.children(node);
        let first = children.next();
        first.is_some_and(|first| {
            let name = self.document.name(first);
            name.namespace == self.spaces.words && name.local == "done"
        })
    }

    /// A field's value, or one of its parts where it is an address.
    fn value(&mut self, node: NodeId, sight: Sight<'p>, label: &'p str) {
        if self.document.holds(node) {
            match sight {
                Sight::Unknown | Sight::Held(..) => self.mask(node, label),
                Sight::Open | Sight::TokensOnly => {
                    for child in self.document.children(node) {
                        self.value(child, sight, label);
                    }
                }
            }
            return;
        }
        let content = self.document.content(node);
        match sight {
            Sight::Unknown => self.mask(node, label),
            Sight::Open | Sight::Held(_, true) => self.tokens(&content),
            Sight::TokensOnly | Sight::Held(_, false) => {
                let (sites, rows) = (self.reading.sites.len(), self.reading.rows.len());
                self.tokens(&content);
                // Clear text may stand beside a token too: `tq… Jansen` in a name.
                if self.is_clear(&content, sites) {
                    self.reading.sites.truncate(sites);
                    self.reading.rows.truncate(rows);
                    self.mask(node, label);
                }
            }
        }
    }

    /// A key of an aggregate answer, under the client's name for it.
    fn aggregate(&mut self, node: NodeId) {
        let key = self.document.name(node).local;
        let (sight, name) = aggregated(self.answer, key);
        let (first, last) = self.document.local_names(node);
        // A masked value takes its tags with it.
        let before = self.reading.sites.len();
        self.value(node, sight, "");
        let whole = self.document.whole(node);
        let masked = self
            .reading
            .sites
            .get(before)
            .is_some_and(|site| site.range == whole);
        let Some(name) = name.filter(|_| !masked) else {
            return;
        };
        let site = |range| Site {
            range,
            what: What::Put(name.to_owned()),
        };
        self.reading.sites.insert(before, site(first));
        if let Some(last) = last {
            self.reading.sites.push(site(last));
        }
    }

    /// Everything inside an element is shown, its tokens revealed.
    fn open(&mut self, node: NodeId) {
        self.tokens(&self.document.content(node));
    }

    /// Notes the tokens within a range.
    fn tokens(&mut self, range: &Range<usize>) {
        let found = self.answer.found;
        let first = found.partition_point(|token| token.range.start < range.start);
        for token in found.iter().skip(first) {
            if token.range.end > range.end {
                return;
            }
            let body = match &token.kind {
                Kind::Plain | Kind::Address => None,
                Kind::Sealed { body } => Some(body.clone()),
            };
            let what = What::Token {
                at: self.reading.rows.len(),
                body,
                care: Care::None,
            };
            self.reading.rows.push(token.row);
            self.reading.sites.push(Site {
                range: token.range.clone(),
                what,
            });
        }
    }

    /// Whether text stands in a range outside of the tokens noted since `sites`.
    fn is_clear(&self, range: &Range<usize>, sites: usize) -> bool {
        let tokens = self.reading.sites.get(sites..).unwrap_or_default();
        let mut at = range.start;
        let ends = tokens.iter().map(|site| (site.range.start, site.range.end));
        for (start, end) in ends.chain([(range.end, range.end)]) {
            let between = self.answer.text.get(at..start).unwrap_or_default();
            let is_text = |c: char| !c.is_whitespace() && !c.is_ascii_punctuation();
            // What does not decode by itself was cut by a token: it may be text.
            if decode(between, at).map_or(true, |text| text.contains(is_text)) {
                return true;
            }
            at = end;
        }
        false
    }

    fn held(&mut self, node: NodeId, record: (&'p str, Id), field: &'p FieldPlan) {
        if self.document.declares(node) {
            return; // Its tag alone would not say the same.
        }
        if self.reading.held.last() != Some(&record) {
            self.reading.held.push(record);
        }
        self.reading.sites.push(Site {
            range: self.document.whole(node),
            what: What::HeldElement {
                at: self.reading.held.len() - 1,
                field,
                tag: self.document.tag(node).to_owned(),
            },
        });
    }

    fn mask(&mut self, node: NodeId, label: &str) {
        let empty = self.document.text(node).is_some_and(|text| text.is_empty());
        if empty {
            return;
        }
        if !self.reading.masked.contains(label) {
            self.reading.masked.insert(label.to_owned());
        }
        self.put(self.document.whole(node), answer::nil(self.document, node));
    }

    fn put(&mut self, range: Range<usize>, text: String) {
        self.reading.sites.push(Site {
            range,
            what: What::Put(text),
        });
    }

    fn view(&mut self, name: &str) -> Option<usize> {
        let object = self.answer.viewer.plan.object(name)?;
        Some(self.view_of(object))
    }

    fn view_of(&mut self, object: &'p ObjectPlan) -> usize {
        let known = self
            .views
            .iter()
            .position(|view| view.object.name == object.name);
        known.unwrap_or_else(|| {
            self.views.push(View::new(object, &self.answer.viewer));
            self.views.len() - 1
        })
    }

    /// What a fault says. After some nobody knows whether the call was carried out.
    fn fault(&self, fault: NodeId) -> Outcome {
        let mut children = self.document.children(fault);
        let code = children.find(|child| self.document.name(*child).local == "faultcode");
        let code = code.and_then(|code| self.document.text(code));
        let code = code.as_deref().unwrap_or_default();
        match code.rsplit(':').next().unwrap_or_default() {
            ""
            | "Server"
            | "UNKNOWN_EXCEPTION"
            | "SERVER_UNAVAILABLE"
            | "REQUEST_RUNNING_TOO_LONG" => Outcome::Open,
            _ => Outcome::Refused,
        }
    }
}
