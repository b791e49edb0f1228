//! The walk over an answer: what stands where.

use std::collections::BTreeSet;
use std::ops::Range;

use super::aura::{AuraKey, Part as AuraPart, shared};
use super::clear::is_text;
use super::frame::{Envelope, Frame, Graph, Opening, Record, UiRecord, Under};
use super::graph::Answered;
use super::ui::{UiKey, is_of_record};
use super::view::{Sight, View, Viewer};
use crate::dialect::salesforce::answer::is_envelope_key;
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::id::Id;
use crate::policy::FieldPlan;
use crate::protect::outward::Alias;
use crate::protect::{Found, Kind};
use crate::wire::Error;
use crate::wire::json::{Event, Reader, Scalar, Text};

/// How deep an answer may nest.
const DEEPEST: usize = 64;

/// What kind of answer the request has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// Records and results: objects of the API's own have the members that we know, every other
    /// is masked.
    Data,
    /// Records as the UI API writes them.
    Ui,
    /// Answers of GraphQL.
    Graph,
    /// A report, its results, and what describes it.
    Report,
    /// A dashboard with the reports in it.
    Dashboard,
    /// Reports, dashboards and what became of them, listed by name.
    Listed,
    /// Messages of CometD.
    Events,
    /// Feeds of Chatter, and who takes part in them.
    Feed,
    /// Answers of Aura, each action by what was asked.
    Aura,
    /// Descriptions of objects, limits, versions: no personal data but in records inside.
    Metadata,
}

/// An answer and what it is read by.
pub struct Answer<'a, 'p> {
    pub text: &'a str,
    pub shape: Shape,
    pub viewer: Viewer<'p>,
    pub request: &'a Request,
    /// The keys of aggregate answers.
    pub aliases: &'a [Alias],
    /// The tokens of the text, from [`crate::protect::find`].
    pub found: &'a [Found],
}

/// A saved record whose id the answer tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Saved {
    pub id: Id,
    /// Positions in the arrays around it, the outermost first.
    pub trail: Vec<usize>,
    /// Our name for the sub-request, with the number of arrays around the object that has it.
    pub name: Option<(String, usize)>,
}

/// One part of a composite answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    pub name: Option<String>,
    /// Its position in the list of parts.
    pub position: usize,
    pub status: u16,
}

/// What stands where in an answer.
#[derive(Debug)]
pub struct Reading<'p> {
    pub(super) sites: Vec<Site<'p>>,
    /// The rows of the tokens to reveal, in the order of their sites; a row may come twice.
    pub rows: Vec<u64>,
    /// Records with held fields, in the order of their sites.
    pub held: Vec<(&'p str, Id)>,
    /// Records whose ids the answer tells.
    pub saved: Vec<Saved>,
    /// The parts of a composite answer with their statuses.
    pub parts: Vec<Part>,
    /// Fields that were masked because they have no rule or hold clear text that this viewer may
    /// not see: `Contact.Nickname__c`, or `Contact` for a field that policy cannot name.
    pub masked: BTreeSet<String>,
    pub records: usize,
    /// Where the list of actions ends in an answer of Aura, and whether it has any.
    pub(super) actions: Option<(usize, bool)>,
    pub(super) format: Format,
}

/// What an answer is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Format {
    Json,
    Xml,
}

/// Where whoever reads a value may take it for markup, a value that could be some stays a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Care {
    None,
    /// In the text of a page: tags and references of characters.
    Tags,
    /// Wherever a component may put it: quotes and control characters too.
    Anywhere,
}

/// A range of the answer and what takes its place.
#[derive(Debug)]
pub(super) struct Site<'p> {
    pub range: Range<usize>,
    pub what: What<'p>,
}

#[derive(Debug)]
pub(super) enum What<'p> {
    /// The token that is `rows[at]`; for a sealed one the range of its body.
    Token {
        at: usize,
        body: Option<Range<usize>>,
        care: Care,
    },
    /// `null`.
    Mask,
    /// The held value of `held[at]`, if there is one.
    /// Where `shown`, as the text that stands beside the value.
    Held {
        at: usize,
        field: &'p FieldPlan,
        shown: bool,
    },
    /// A name of the client's, as a JSON string.
    Name(String),
    /// Text of ours, as it is: a tag, a name in one, nothing.
    Put(String),
    /// As `Held`, for an element of XML with this tag, which says that it is nothing.
    HeldElement {
        at: usize,
        field: &'p FieldPlan,
        tag: String,
    },
}

/// Walks over an answer.
///
/// # Errors
/// An answer that is not strict JSON.
pub fn read<'p>(answer: &Answer<'_, 'p>) -> Result<Reading<'p>, Error> {
    match answer.shape {
        Shape::Report | Shape::Dashboard | Shape::Listed => return super::analytics::read(answer),
        Shape::Events => return super::events::read(answer),
        Shape::Feed => return super::chatter::read(answer),
        Shape::Data | Shape::Ui | Shape::Graph | Shape::Aura | Shape::Metadata => {}
    }
    let mut walk = Walk::new(answer);
    let mut reader = Reader::new(answer.text, DEEPEST);
    loop {
        walk.known_record(&mut reader);
        walk.known_members(&mut reader)?;
        match reader.next()? {
            Event::Key(text) => walk.key(&text),
            Event::String(text) => walk.string(&text),
            Event::Number(span) | Event::Bool(span, true) => walk.scalar(span),
            Event::Bool(span, false) => walk.falsehood(span),
            Event::Null(span) => walk.null(span),
            Event::BeginObject { at } => walk.begin_object(at),
            Event::EndObject { at, .. } => walk.end(at),
            Event::BeginArray { at } => walk.begin_array(at),
            Event::EndArray { at, .. } => walk.end(at),
            Event::End => return Ok(walk.reading),
        }
    }
}

pub(super) struct Walk<'a, 'p> {
    pub(super) answer: &'a Answer<'a, 'p>,
    pub(super) reading: Reading<'p>,
    pub(super) frames: Vec<Frame<'p>>,
    pub(super) views: Vec<View<'p>>,
    key: Key<'p>,
    /// The first token that was not passed yet.
    next: usize,
}

/// What the value that comes next is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key<'p> {
    /// An element of an array, or the root.
    None,
    Field(Sight<'p>),
    Attributes,
    Type,
    Url,
    /// A member of an envelope, by what it tells us.
    Id,
    Success,
    Name,
    Status,
    Member,
    /// What it is in an answer of the UI API.
    Ui(UiKey<'p>),
    /// What it is in an answer of GraphQL.
    Graph(Answered<'p>),
    /// As an element of an array of that kind.
    Element(Under<'p>),
    /// What it is in an answer of Aura.
    Aura(AuraKey),
}

impl<'a, 'p> Walk<'a, 'p> {
    pub(super) fn new(answer: &'a Answer<'a, 'p>) -> Self {
        let reading = Reading {
            sites: Vec::with_capacity(answer.found.len()),
            rows: Vec::with_capacity(answer.found.len()),
            held: vec![],
            saved: vec![],
            parts: vec![],
            masked: BTreeSet::new(),
            records: 0,
            actions: None,
            format: Format::Json,
        };
        Self {
            answer,
            reading,
            frames: vec![],
            views: vec![],
            key: Key::None,
            next: 0,
        }
    }

    /// Passes the beginning of a record that begins as the one before it in the same array.
    #[inline]
    fn known_record(&mut self, reader: &mut Reader<'a>) {
        let Some(Frame::Array {
            count,
            opening: Some(Opening { text, view }),
            ..
        }) = self.frames.last_mut()
        else {
            return;
        };
        let begins = self.answer.text.get(text.clone()).unwrap_or_default();
        let (Some(id), Some(known)) = (reader.skip_opening(begins), self.views.get(*view)) else {
            return;
        };
        *count += 1;
        self.reading.records += 1;
        let (at, view) = (id.start.saturating_sub(begins.len()), *view);
        let id = self.answer.text.get(id).filter(|_| known.object.holds());
        self.frames.push(Frame::Record(Record {
            at,
            view: Some(view),
            aggregate: false,
            several: false,
            id: id.and_then(Id::parse),
            begun: true,
            last: None,
        }));
    }

    /// Notes how a record of an array has begun, whose attributes end at `end`. Only where they are
    /// its type and the URL that ends with its id, and nothing besides.
    fn began(&mut self, end: usize) {
        let [
            ..,
            Frame::Array { opening, .. },
            Frame::Record(Record {
                at,
                view: Some(view),
                aggregate: false,
                several: false,
                ..
            }),
        ] = self.frames.as_mut_slice()
        else {
            return;
        };
        let name = self.views.get(*view).map(|view| view.object.name.as_str());
        let text = self.answer.text.get(*at..end);
        let id = text.zip(name).and_then(|(text, name)| id_of(text, name));
        *opening = id.map(|id| Opening {
            text: *at..end - id.len() - 1,
            view: *view,
        });
    }

    /// Passes a record's next members as long as their keys are those that stood there in the record
    /// before, or in the answer before, and their values are neither objects nor arrays: most of an
    /// answer is such members.
    #[inline]
    fn known_members(&mut self, reader: &mut Reader<'a>) -> Result<(), Error> {
        let Some(Frame::Record(Record {
            view: Some(view),
            aggregate: false,
            begun: true,
            last,
            ..
        })) = self.frames.last()
        else {
            return Ok(());
        };
        // A value is to come, or texts are to be looked at one by one.
        if !matches!(self.key, Key::None) || self.care() != Care::None {
            return Ok(());
        }
        let (Some(view), mut last) = (self.views.get(*view).copied(), *last) else {
            return Ok(());
        };
        let passed = self.members(reader, view, &mut last);
        if let Some(Frame::Record(record)) = self.frames.last_mut() {
            record.last = last;
        }
        passed
    }

    fn members(
        &mut self,
        reader: &mut Reader<'a>,
        view: View<'p>,
        last: &mut Option<usize>,
    ) -> Result<(), Error> {
        while let Some((place, field)) = view.object.next(*last)
            && reader.skip_key(&field.name)
        {
            *last = Some(place);
            let sight = view.of(field, &self.answer.viewer);
            match reader.scalar()? {
                Some(Scalar::String(span)) => self.value(&span, sight),
                Some(Scalar::Null(span)) if matches!(sight, Sight::Held(..)) => {
                    self.key = Key::Field(sight);
                    self.null(span);
                }
                Some(Scalar::Other(span)) if sight.hides() => self.mask(span),
                Some(_) => {}
                None => {
                    self.key = Key::Field(sight);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, text: &Text<'a>) {
        self.told(text.raw);
        if let Some(Frame::Opening { at, under }) = self.frames.last() {
            let (at, under) = (*at, *under);
            let opened = self.opened(at, under, text.raw);
            self.frames.pop();
            self.frames.push(opened);
        }
        self.key = match self.frames.last_mut() {
            Some(Frame::Record(record)) => {
                let begun = std::mem::replace(&mut record.begun, true);
                match (record.aggregate, record.view) {
                    (_, _) if !begun => Key::Attributes,
                    (true, _) => {
                        let (sight, name) = aggregated(self.answer, text.raw);
                        if let Some(name) = name {
                            self.reading.sites.push(Site {
                                range: text.span.clone(),
                                what: What::Name(name.to_owned()),
                            });
                        }
                        Key::Field(sight)
                    }
                    (false, Some(view)) => {
                        let viewer = &self.answer.viewer;
                        let view = self.views.get(view);
                        let sight =
                            view.map(|view| view.behind(&mut record.last, text.raw, viewer));
                        Key::Field(sight.unwrap_or(Sight::Unknown))
                    }
                    (false, None) => Key::Field(Sight::Unknown),
                }
            }
            Some(Frame::Attributes) => match text.raw {
                "type" => Key::Type,
                "url" => Key::Url,
                _ => Key::Field(Sight::Unknown),
            },
            Some(Frame::Envelope(_)) => match text.raw {
                "id" => Key::Id,
                "success" => Key::Success,
                "referenceId" | "graphId" => Key::Name,
                "httpStatusCode" | "statusCode" => Key::Status,
                key if is_envelope_key(key) => Key::Member,
                _ => Key::Field(Sight::Unknown),
            },
            Some(Frame::Part(_)) if text.raw == "operandLabels" => Key::Field(Sight::TokensOnly),
            Some(Frame::Part(sight)) => Key::Field(*sight),
            Some(Frame::Loose) => self.loose(text.raw),
            Some(Frame::UiRecord(record)) if record.loose && !is_of_record(text.raw) => {
                self.loose(text.raw)
            }
            Some(
                Frame::UiEnvelope | Frame::UiRecord(_) | Frame::UiFields { .. } | Frame::UiValue(_),
            ) => Key::Ui(self.ui_key(text.raw)),
            Some(Frame::Graph(_) | Frame::GraphValue { .. }) => Key::Graph(self.graph_key(text)),
            Some(Frame::Shared { stand }) => shared(*stand, text.raw),
            Some(Frame::Aura(part)) => {
                let part = *part;
                self.aura_key(part, text.raw)
            }
            Some(
                Frame::Masked { .. }
                | Frame::Array { .. }
                | Frame::Opening { .. }
                | Frame::Unsure { .. },
            )
            | None => Key::None,
        };
    }

    /// What an object is, by its first key.
    fn opened(&self, at: usize, under: Under<'p>, key: &str) -> Frame<'p> {
        if let Some(part) = AuraPart::under(under) {
            return Frame::Aura(part);
        }
        if key == "attributes" {
            return Frame::Record(Record {
                at,
                view: None,
                aggregate: false,
                several: false,
                id: None,
                begun: false,
                last: None,
            });
        }
        let envelope = || {
            Frame::Envelope(Envelope {
                saved: self.reading.saved.len(),
                ..Envelope::default()
            })
        };
        match under {
            Under::Ui | Under::Loose if key == "apiName" => Frame::UiRecord(UiRecord {
                loose: matches!(under, Under::Loose),
                ..UiRecord::default()
            }),
            Under::Ui => Frame::UiEnvelope,
            Under::Loose => Frame::Loose,
            Under::Graph => Frame::Graph(Graph::default()),
            // Read above.
            Under::Message | Under::Action | Under::Application | Under::Provider => {
                Frame::Part(Sight::Unknown)
            }
            Under::Envelope if self.answer.shape == Shape::Metadata => Frame::Part(Sight::Open),
            Under::Envelope => envelope(),
            // The children of a record come in a page of their own.
            Under::Field(Sight::Unknown) if matches!(key, "totalSize" | "done" | "records") => {
                envelope()
            }
            Under::Field(Sight::Unknown | Sight::Held(..)) => Frame::Masked {
                at,
                sites: self.reading.sites.len(),
            },
            Under::Field(sight) => Frame::Part(sight),
        }
    }

    fn begin_object(&mut self, at: usize) {
        self.count();
        let key = match (self.key, self.frames.last()) {
            (_, Some(Frame::Masked { .. })) => {
                self.key = Key::None;
                let sites = self.reading.sites.len();
                self.frames.push(Frame::Masked { at, sites });
                return;
            }
            (Key::None, Some(Frame::Array { under, .. })) => Key::Element(*under),
            (key, _) => key,
        };
        self.key = Key::None;
        let frame = match self.answer.shape {
            Shape::Aura => Frame::Unsure { at, stand: key },
            _ => self.object(key, at),
        };
        self.frames.push(frame);
    }

    /// The frame of an object under a key.
    pub(super) fn object(&self, key: Key<'p>, at: usize) -> Frame<'p> {
        let under = match key {
            Key::Attributes => return Frame::Attributes,
            Key::Ui(key) => return self.ui_object(key, at),
            Key::Graph(key) => return self.graph_object(key, at),
            Key::Field(sight) => Under::Field(sight),
            Key::Element(under) => under,
            Key::Aura(_) => Under::Field(Sight::Unknown),
            _ => self.outermost(),
        };
        Frame::Opening { at, under }
    }

    /// What the answer's root is the value of.
    fn outermost(&self) -> Under<'p> {
        match self.answer.shape {
            Shape::Ui => Under::Ui,
            Shape::Graph => Under::Graph,
            Shape::Aura => Under::Message,
            Shape::Data
            | Shape::Metadata
            | Shape::Report
            | Shape::Dashboard
            | Shape::Listed
            | Shape::Events
            | Shape::Feed => Under::Envelope,
        }
    }

    fn begin_array(&mut self, at: usize) {
        self.count();
        let frame = match (self.key, self.frames.last()) {
            (_, Some(Frame::Masked { .. }))
            | (Key::Field(Sight::Unknown | Sight::Held(..)) | Key::Aura(_), _) => Frame::Masked {
                at,
                sites: self.reading.sites.len(),
            },
            (Key::Field(sight), _) => Frame::array(Under::Field(sight)),
            (Key::Ui(key), _) => self.ui_array(key, at),
            (Key::Graph(key), _) => self.graph_array(key, at),
            (Key::Element(under), _) => Frame::array(under),
            (_, Some(Frame::Array { under, .. })) => Frame::array(*under),
            _ => Frame::array(self.outermost()),
        };
        self.key = Key::None;
        self.frames.push(frame);
    }

    fn end(&mut self, end: usize) {
        self.key = Key::None;
        match self.frames.pop() {
            Some(Frame::Masked { at, sites })
                if !matches!(self.frames.last(), Some(Frame::Masked { .. })) =>
            {
                self.reading.sites.truncate(sites);
                self.mask(at..end + 1);
            }
            Some(Frame::Attributes) if self.answer.shape == Shape::Data => self.began(end),
            Some(Frame::Envelope(envelope)) => self.saved(envelope),
            Some(Frame::UiRecord(record)) => self.ui_end(record),
            Some(Frame::Aura(part)) => self.aura_end(part),
            Some(Frame::Array {
                under: Under::Action,
                count,
                ..
            }) => self.reading.actions = Some((end, count > 0)),
            _ => {}
        }
    }

    /// Notes the record that an envelope tells of, and the name of those inside it.
    fn saved(&mut self, envelope: Envelope) {
        let trail: Vec<usize> = self.frames.iter().filter_map(array_position).collect();
        let depth = trail.len();
        if let Some(id) = envelope.id.filter(|_| !envelope.failed) {
            self.reading.saved.push(Saved {
                id,
                trail: trail.clone(),
                name: None,
            });
        }
        if let Some(status) = envelope.status {
            let position = trail.last().copied().unwrap_or(0);
            self.reading.parts.push(Part {
                name: envelope.name.clone(),
                position,
                status,
            });
        }
        if let Some(name) = envelope.name {
            for saved in self
                .reading
                .saved
                .iter_mut()
                .skip(envelope.saved)
                .filter(|saved| saved.name.is_none())
            {
                saved.name = Some((name.clone(), depth));
            }
        }
    }

    /// Counts an element of the array that is open, if one is.
    fn count(&mut self) {
        if let Some(Frame::Array { count, .. }) = self.frames.last_mut() {
            *count += 1;
        }
    }

    fn string(&mut self, text: &Text<'a>) {
        self.count();
        let key = std::mem::replace(&mut self.key, Key::None);
        match (key, self.frames.last_mut()) {
            (_, Some(Frame::Masked { .. })) => {}
            (Key::Ui(key), _) => self.ui_string(key, text),
            (Key::Graph(key), _) => self.graph_string(key, text),
            (Key::Type, _) => self.typed(text.raw),
            (Key::Url, _) => self.located(text.raw),
            (Key::Id, Some(Frame::Envelope(envelope))) => envelope.id = Id::parse(text.raw),
            (Key::Name, Some(Frame::Envelope(envelope))) => {
                envelope.name = Some(text.raw.to_owned());
                if let Some(theirs) = self.answer.request.theirs(text.raw) {
                    let what = What::Name(theirs.to_owned());
                    self.reading.sites.push(Site {
                        range: text.span.clone(),
                        what,
                    });
                }
            }
            (Key::Aura(key), _) => self.aura_string(key, text),
            (Key::Element(under), _) => self.element(under, text),
            (Key::Field(sight), _) => self.value(&text.span, sight),
            (
                _,
                Some(Frame::Array {
                    under: Under::Field(sight),
                    ..
                }),
            ) => {
                let sight = *sight;
                self.value(&text.span, sight);
            }
            (
                _,
                Some(Frame::Array {
                    under: Under::Ui | Under::Graph,
                    ..
                }),
            ) => self.value(&text.span, Sight::Unknown),
            _ => self.value(&text.span, Sight::Open),
        }
    }

    pub(super) fn value(&mut self, span: &Range<usize>, sight: Sight<'p>) {
        match sight {
            Sight::Unknown => self.mask(span.clone()),
            Sight::Open if self.is_markup(span) => {}
            Sight::Open | Sight::Held(_, true) => self.tokens(span),
            Sight::TokensOnly | Sight::Held(_, false) => {
                let (sites, rows) = (self.reading.sites.len(), self.reading.rows.len());
                self.tokens(span);
                // Clear text may stand beside a token too: `tq… Jansen` in a name.
                if self.is_clear(span, sites) {
                    self.reading.sites.truncate(sites);
                    self.reading.rows.truncate(rows);
                    self.mask(span.clone());
                }
            }
        }
    }

    /// Whether text stands in a string outside of the tokens noted since `sites`.
    fn is_clear(&self, span: &Range<usize>, sites: usize) -> bool {
        let tokens = self.reading.sites.get(sites..).unwrap_or_default();
        let mut at = span.start;
        let ends = tokens.iter().map(|site| (site.range.start, site.range.end));
        for (start, end) in ends.chain([(span.end, span.end)]) {
            let between = self.answer.text.get(at..start).unwrap_or_default();
            if is_text(between) {
                return true;
            }
            at = end;
        }
        false
    }

    /// Whether a token stands within a string.
    pub(super) fn has_token(&self, span: &Range<usize>) -> bool {
        let found = self.answer.found;
        let at = found.partition_point(|token| token.range.start < span.start);
        found
            .get(at)
            .is_some_and(|token| token.range.end < span.end)
    }

    /// Notes the tokens within a string.
    pub(super) fn tokens(&mut self, span: &Range<usize>) {
        let found = self.answer.found;
        let care = self.care();
        while found
            .get(self.next)
            .is_some_and(|token| token.range.start < span.start)
        {
            self.next += 1; // In a key, or in something that is masked.
        }
        while let Some(token) = found
            .get(self.next)
            .filter(|token| token.range.end < span.end)
        {
            let body = match &token.kind {
                Kind::Plain | Kind::Address => None,
                Kind::Sealed { body } => Some(body.clone()),
            };
            let what = What::Token {
                at: self.reading.rows.len(),
                body,
                care,
            };
            self.reading.rows.push(token.row);
            self.reading.sites.push(Site {
                range: token.range.clone(),
                what,
            });
            self.next += 1;
        }
    }

    fn scalar(&mut self, span: Range<usize>) {
        self.count();
        let key = std::mem::replace(&mut self.key, Key::None);
        if let (Key::Status, Some(Frame::Envelope(envelope))) = (key, self.frames.last_mut()) {
            envelope.status = self
                .answer
                .text
                .get(span)
                .and_then(|number| number.parse().ok());
            return;
        }
        let sight = match (key, self.frames.last()) {
            (_, Some(Frame::Masked { .. })) => return,
            (Key::Field(sight), _) => sight,
            (Key::Ui(key), _) => key.sight(),
            (Key::Graph(key), _) => key.sight(),
            (Key::Element(Under::Field(sight)), _) => sight,
            (Key::Element(Under::Loose), _) => Sight::Open,
            (Key::Element(_), _) => Sight::Unknown,
            (
                _,
                Some(Frame::Array {
                    under: Under::Field(sight),
                    ..
                }),
            ) => *sight,
            (
                _,
                Some(Frame::Array {
                    under: Under::Ui | Under::Graph,
                    ..
                }),
            ) => Sight::Unknown,
            _ => return,
        };
        if sight.hides() {
            self.mask(span);
        }
    }

    fn falsehood(&mut self, span: Range<usize>) {
        if let (Key::Success, Some(Frame::Envelope(envelope))) = (self.key, self.frames.last_mut())
        {
            envelope.failed = true;
        }
        self.scalar(span);
    }

    /// A null is where a held value stands.
    fn null(&mut self, span: Range<usize>) {
        self.count();
        let key = std::mem::replace(&mut self.key, Key::None);
        let field = match key {
            Key::Ui(key) => return self.ui_null(key, span),
            Key::Graph(key) => return self.graph_null(key, span),
            Key::Field(Sight::Held(field, true)) => field,
            _ => return,
        };
        let Some(Frame::Record(Record {
            view: Some(view),
            id: Some(id),
            ..
        })) = self.frames.last()
        else {
            return;
        };
        let Some(view) = self.views.get(*view) else {
            return;
        };
        let record = (view.object.name.as_str(), *id);
        if self.reading.held.last() != Some(&record) {
            self.reading.held.push(record);
        }
        let what = What::Held {
            at: self.reading.held.len() - 1,
            field,
            shown: false,
        };
        self.reading.sites.push(Site { range: span, what });
    }

    /// The type of the record that is being read.
    fn typed(&mut self, name: &str) {
        self.reading.records += 1;
        let view = self.view(name);
        let depth = self.frames.len();
        if let Some(Frame::Record(record)) =
            depth.checked_sub(2).and_then(|at| self.frames.get_mut(at))
        {
            record.view = view;
            record.aggregate = name == "AggregateResult";
            record.several = name == "Name";
        }
    }

    pub(super) fn view(&mut self, name: &str) -> Option<usize> {
        if let Some(at) = self.views.iter().position(|view| view.object.name == name) {
            return Some(at);
        }
        let object = self.answer.viewer.plan.object(name)?;
        self.views.push(View::new(object, &self.answer.viewer));
        Some(self.views.len() - 1)
    }

    /// What the URL of the record that is being read tells: its object, where a relation to several
    /// objects gives the type `Name`, and its id, where values are held.
    fn located(&mut self, url: &str) {
        let mut segments = url.rsplit('/');
        let (id, object) = (segments.next(), segments.next());
        let Some(at) = self.frames.len().checked_sub(2) else {
            return;
        };
        if let Some(Frame::Record(Record {
            view: None,
            several: true,
            ..
        })) = self.frames.get(at)
        {
            let view = object.and_then(|object| self.view(object));
            if let Some(Frame::Record(record)) = self.frames.get_mut(at) {
                record.view = view;
            }
        }
        let Some(Frame::Record(record)) = self.frames.get_mut(at) else {
            return;
        };
        let view = record.view.and_then(|view| self.views.get(view));
        if view.is_some_and(|view| view.object.holds()) {
            record.id = id.and_then(Id::parse);
        }
    }

    pub(super) fn mask(&mut self, range: Range<usize>) {
        let object = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Record(record) => record.view.and_then(|view| self.views.get(view)),
            Frame::UiRecord(record) => record.view.and_then(|view| self.views.get(view)),
            Frame::GraphValue { view, .. } => view.and_then(|view| self.views.get(view)),
            _ => None,
        });
        let label = object.map_or("", |view| view.object.name.as_str());
        if !self.reading.masked.contains(label) {
            self.reading.masked.insert(label.to_owned());
        }
        self.reading.sites.push(Site {
            range,
            what: What::Mask,
        });
    }
}

/// What stands under a key of an aggregate answer, and the client's name for it where it is
/// another.
pub(super) fn aggregated<'a, 'p>(
    answer: &Answer<'a, 'p>,
    key: &str,
) -> (Sight<'p>, Option<&'a str>) {
    let mut sight = Sight::Open;
    let mut name = None;
    for alias in answer.aliases.iter().filter(|alias| alias.ours == key) {
        if alias
            .class
            .is_some_and(|class| !answer.viewer.may_see(class))
        {
            sight = Sight::TokensOnly;
        }
        if alias.theirs != key {
            name = Some(alias.theirs.as_str());
        }
    }
    (sight, name)
}

/// The id in a record of that type, from its beginning to before the end of its attributes.
fn id_of<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let text = text.strip_prefix("{\"attributes\":{\"type\":\"")?;
    let url = text.strip_prefix(name)?.strip_prefix("\",\"url\":\"")?;
    let (path, id) = url.strip_suffix('"')?.rsplit_once('/')?;
    let of_one_text = !path.contains(['"', '\\']);
    (of_one_text && id.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(id)
}

/// The position of the element of an array that is being read.
fn array_position(frame: &Frame<'_>) -> Option<usize> {
    match frame {
        Frame::Array { count, .. } => Some(count.saturating_sub(1)),
        _ => None,
    }
}
