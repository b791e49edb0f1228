//! What a body asks: the calls inside it and the records that each of them writes.
//!
//! Composite bodies carry requests of their own. Each becomes a [`Call`] beside the others, found
//! by the same [`door::resolve`], so that nothing is allowed inside that is not allowed outside.

use std::sync::Arc;

use super::aura::{self, Action};
use super::chatter::{self, Chatter};
use super::convert::Conversion;
use super::door::{self, Door, Key, Route, Verb};
use super::graphql;
use super::id::Id;
use super::sosl;
use super::target::Target;
use super::ui::{Ui, What};
use crate::model::{Code, Refusal};
use crate::wire::json::{Document, Kind, NodeId};

/// A request taken apart: the route that was asked, and the calls that it consists of.
#[derive(Debug)]
pub struct Request {
    /// As the client asked it.
    pub top: Arc<Route>,
    pub calls: Vec<Call>,
    /// Names that the client gave to sub-requests and graphs. They travel as ours, since any text
    /// may hide in them, and come back as the client's.
    pub names: Vec<Name>,
}

/// One call: the top one, or one inside a composite body.
#[derive(Debug)]
pub struct Call {
    pub route: Route,
    /// Where its URL stands in the body, for a call inside one.
    pub url: Option<NodeId>,
    /// Whether that URL begins at the version, as those of `composite/batch` do.
    pub relative: bool,
    pub records: Vec<Record>,
    /// Calls of one scope may refer to each other.
    pub scope: usize,
    /// Which of the client's names is this call's own.
    pub name: Option<usize>,
    /// Where its body stands, for an action of Aura and within a batch of Connect; elsewhere bodies
    /// are known by their door.
    pub body: Option<NodeId>,
    /// Where it stands in a message of Aura.
    pub action: Option<Action>,
}

impl Call {
    /// A call without records and names.
    #[must_use]
    pub fn of(route: Route) -> Self {
        Self {
            route,
            url: None,
            relative: false,
            records: vec![],
            scope: 0,
            name: None,
            body: None,
            action: None,
        }
    }
}

/// One record as the body writes it.
#[derive(Debug)]
pub struct Record {
    /// Empty where the id alone tells it.
    pub object: String,
    pub key: Key,
    /// The JSON object with its fields.
    pub node: NodeId,
}

/// A name that the client chose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Name {
    pub scope: usize,
    pub kind: NameKind,
    /// The client's spelling. Never sent, never logged.
    pub theirs: String,
    /// Where it stands.
    pub node: NodeId,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameKind {
    Reference,
    Graph,
    /// An action of Aura.
    Action,
}

impl Name {
    /// What stands in its place, by its position among the client's names.
    #[must_use]
    pub fn ours(&self, index: usize) -> String {
        match self.kind {
            NameKind::Reference | NameKind::Graph => our_name(index),
            NameKind::Action => aura::our_id(index),
        }
    }
}

/// How many names a client may give in one body.
pub(super) const MOST_NAMES: usize = MOST;

/// How many sub-requests or records one body may hold. The CRM's own limits are lower (25 in a
/// composite, 200 in a collection, 500 in a graph).
const MOST: usize = 2_000;

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn bare(top: impl Into<Arc<Route>>) -> Self {
        let top = top.into();
        Self {
            calls: vec![Call::of(Route::clone(&top))],
            top,
            names: vec![],
        }
    }

    /// Reads the body that belongs to a route.
    ///
    /// # Errors
    /// A body of another shape than the door has, an unknown member, or a sub-request that no door
    /// takes.
    pub fn read(top: impl Into<Arc<Route>>, document: &Document<'_>) -> Result<Self, Refusal> {
        let top = top.into();
        let mut reader = Reader::new(document);
        reader.door(Route::clone(&top), document.root())?;
        Ok(reader.done(top))
    }

    /// Reads one action of a message alone, as if it had no others; [`actions`] gives them.
    ///
    /// [`actions`]: super::aura::actions
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn action(
        top: impl Into<Arc<Route>>,
        document: &Document<'_>,
        (node, id): &(NodeId, String),
    ) -> Result<Self, Refusal> {
        let top = top.into();
        let mut reader = Reader::new(document);
        reader.calls.push(Call::of(Route::clone(&top)));
        let call = reader.action(*node, id.clone())?;
        reader.calls.push(call);
        Ok(reader.done(top))
    }

    /// The action that we call `ours`, as its call and the client's name for it.
    #[must_use]
    pub fn answered(&self, ours: &str) -> Option<(usize, &str)> {
        let mut names = self.names.iter().enumerate();
        let named = |(index, name): &(usize, &Name)| {
            name.kind == NameKind::Action && name.ours(*index) == ours
        };
        let (index, name) = names.find(named)?;
        let mut calls = self.calls.iter();
        let call = calls.position(|call| call.name == Some(index))?;
        Some((call, &name.theirs))
    }

    /// The leads that it converts.
    #[must_use]
    pub fn conversions(&self) -> &[Conversion] {
        let mut calls = self.calls.iter();
        let found = calls.find_map(|call| match &call.route.door {
            Door::Convert(conversions) => Some(conversions.as_slice()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// What we call the sub-request that the client calls `theirs` in this scope.
    #[must_use]
    pub fn ours(&self, scope: usize, theirs: &str) -> Option<String> {
        self.reference(scope, theirs).map(our_name)
    }

    /// The position among the client's names of the sub-request that it calls `theirs`.
    #[must_use]
    pub fn reference(&self, scope: usize, theirs: &str) -> Option<usize> {
        let found = |name: &Name| {
            name.scope == scope && name.kind == NameKind::Reference && name.theirs == theirs
        };
        self.names.iter().position(found)
    }

    /// What the client called what we call `ours`.
    #[must_use]
    pub fn theirs(&self, ours: &str) -> Option<&str> {
        let index: usize = ours.strip_prefix("name")?.parse().ok()?;
        self.names.get(index).map(|name| name.theirs.as_str())
    }
}

/// The body that calls are read from. That of GraphQL means what it does only once its variables
/// stand in their places; that of Aura is a form.
///
/// # Errors
/// A body of GraphQL or of Aura of another form.
pub fn normal(route: &Route, body: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    match route.door {
        Door::GraphQl => graphql::normal(&body),
        Door::Aura(_) => aura::normal(&body),
        Door::Chatter(_) => Ok(chatter::normal(body)),
        _ => Ok(body),
    }
}

/// The body that leaves, from the one that [`normal`] gave, with protected values in it.
///
/// # Errors
/// When it is not of that form, which protection never makes.
pub fn outgoing(route: &Route, body: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    match route.door {
        Door::GraphQl => graphql::outgoing(&body),
        Door::Aura(_) => aura::outgoing(&body),
        _ => Ok(body),
    }
}

/// Our name for the client's name of that position.
#[must_use]
pub fn our_name(index: usize) -> String {
    format!("name{index}")
}

pub(super) struct Reader<'d, 'b> {
    pub(super) document: &'d Document<'b>,
    pub(super) calls: Vec<Call>,
    pub(super) names: Vec<Name>,
    scope: usize,
}

impl<'d, 'b> Reader<'d, 'b> {
    fn new(document: &'d Document<'b>) -> Self {
        Self {
            document,
            calls: vec![],
            names: vec![],
            scope: 0,
        }
    }

    fn done(self, top: Arc<Route>) -> Request {
        Request {
            top,
            calls: self.calls,
            names: self.names,
        }
    }

    fn door(&mut self, top: Route, body: NodeId) -> Result<(), Refusal> {
        match top.door {
            Door::Composite => {
                self.calls.push(Call::of(top));
                self.composite(body, &["allOrNone", "collateSubrequests"])
            }
            Door::Graph => {
                self.calls.push(Call::of(top));
                self.graphs(body)
            }
            Door::Batch
            | Door::Chatter(Chatter {
                what: chatter::What::Batch,
                ..
            }) => {
                self.calls.push(Call::of(top));
                self.batch(body)
            }
            Door::Aura(_) => {
                self.calls.push(Call::of(top));
                self.message()
            }
            _ => {
                let call = self.call(top, body, None)?;
                self.calls.push(call);
                Ok(())
            }
        }
    }

    /// A call whose body, if it has one, is records.
    fn call(
        &mut self,
        mut route: Route,
        body: NodeId,
        url: Option<NodeId>,
    ) -> Result<Call, Refusal> {
        let records = match &mut route.door {
            Door::Create { object } => vec![self.record(object.clone(), Key::New, body)?],
            Door::Record {
                verb: Verb::Update,
                object,
                key,
                ..
            } => {
                vec![self.record(object.clone(), key.clone(), body)?]
            }
            Door::Collection { verb } => self.collection(*verb, body)?,
            Door::CollectionUpsert { object, field } => self.upserts(object, field, body)?,
            Door::Convert(_) => self.converted(body)?,
            Door::Tree { object } => {
                let object = object.clone();
                self.tree(&object, body)?
            }
            Door::CollectionRead {
                ids,
                fields,
                in_body: true,
                ..
            } => {
                self.members(body, &["ids", "fields"], &[])?;
                *ids = self.ids(body)?;
                *fields = self.texts(body, "fields")?;
                vec![]
            }
            Door::Ui(ui) => self.ui(ui, body)?,
            Door::ParameterizedSearch => {
                let text = sosl::from_body(self.document, body)?.sosl()?;
                route.door = Door::Search { text };
                vec![]
            }
            // It writes no record, and is read with the rules of its columns.
            Door::Analytics(_) | Door::Chatter(_) => vec![],
            // What it writes is found with its document.
            Door::GraphQl => {
                self.members(body, &["query", "places", "inputs"], &[])?;
                vec![]
            }
            _ => return Err(malformed("this resource takes no body")),
        };
        Ok(Call {
            url,
            records,
            scope: self.scope,
            ..Call::of(route)
        })
    }

    /// The record that a body of the UI API writes: its fields stand in a member of their own.
    pub(super) fn ui(&self, ui: &Ui, body: NodeId) -> Result<Vec<Record>, Refusal> {
        const FLAGS: &[&str] = &[
            "allowSaveOnDuplicate",
            "useDefaultRule",
            "triggerOtherEmail",
            "triggerUserEmail",
        ];
        let (object, key) = match &ui.what {
            What::Create => {
                self.members(body, &["apiName", "fields"], FLAGS)?;
                (door::name(&self.text(body, "apiName")?)?, Key::New)
            }
            What::Update(id) => {
                self.members(body, &["fields"], FLAGS)?;
                (String::new(), Key::Id(*id))
            }
            // Read with the object's rules.
            _ => return Ok(vec![]),
        };
        let fields = self.document.get(body, "fields");
        let node = fields.ok_or_else(|| malformed("the body lacks its fields"))?;
        self.expect(node, Kind::Object, "the fields must be an object")?;
        if self
            .document
            .members(node)
            .any(|(_, value)| self.document.kind(value) == Kind::Object)
        {
            return Err(malformed("a field's value may not be an object"));
        }
        Ok(vec![Record { object, key, node }])
    }

    fn record(&self, object: String, key: Key, node: NodeId) -> Result<Record, Refusal> {
        self.expect(node, Kind::Object, "a record must be an object")?;
        Ok(Record { object, key, node })
    }

    fn collection(&self, verb: Verb, body: NodeId) -> Result<Vec<Record>, Refusal> {
        self.members(body, &["records"], &["allOrNone"])?;
        let mut records = Vec::new();
        for node in self.array(body, "records")? {
            self.expect(node, Kind::Object, "a record must be an object")?;
            let object = self.typed(node)?;
            let key = match verb {
                Verb::Update => Key::Id(self.own_id(node)?),
                Verb::Create | Verb::Read | Verb::Delete => Key::New,
            };
            records.push(Record { object, key, node });
        }
        Ok(records)
    }

    /// The records that conversions write: the CRM knows some of them by their ids.
    fn converted(&self, body: NodeId) -> Result<Vec<Record>, Refusal> {
        self.members(body, &["records"], &[])?;
        let mut records = Vec::new();
        for node in self.array(body, "records")? {
            self.expect(node, Kind::Object, "a record must be an object")?;
            records.push(Record {
                object: self.typed(node)?,
                key: self.own_id(node).map_or(Key::New, Key::Id),
                node,
            });
        }
        Ok(records)
    }

    fn upserts(&self, object: &str, field: &str, body: NodeId) -> Result<Vec<Record>, Refusal> {
        self.members(body, &["records"], &["allOrNone"])?;
        let mut records = Vec::new();
        for node in self.array(body, "records")? {
            self.expect(node, Kind::Object, "a record must be an object")?;
            if !self.typed(node)?.eq_ignore_ascii_case(object) {
                return Err(malformed("a record's type is not that of the URL"));
            }
            let key = if field.eq_ignore_ascii_case("Id") {
                self.own_id(node).map_or(Key::New, Key::Id)
            } else {
                let value = self
                    .document
                    .members(node)
                    .find(|(key, _)| key.eq_ignore_ascii_case(field));
                let value = value.and_then(|(_, node)| self.document.text(node));
                let value =
                    value.ok_or_else(|| malformed("a record lacks the external id as text"))?;
                Key::External {
                    field: field.to_owned(),
                    value: value.into_owned(),
                }
            };
            records.push(Record {
                object: object.to_owned(),
                key,
                node,
            });
        }
        Ok(records)
    }

    fn tree(&mut self, object: &str, body: NodeId) -> Result<Vec<Record>, Refusal> {
        self.members(body, &["records"], &[])?;
        let mut records = Vec::new();
        for node in self.array(body, "records")? {
            self.expect(node, Kind::Object, "a record must be an object")?;
            if !self.typed(node)?.eq_ignore_ascii_case(object) {
                return Err(malformed("a record's type is not that of the URL"));
            }
            self.name_tree(node, 0)?;
            records.push(Record {
                object: object.to_owned(),
                key: Key::New,
                node,
            });
        }
        Ok(records)
    }

    /// Notes the reference ids of a tree's records, at every level.
    fn name_tree(&mut self, node: NodeId, depth: usize) -> Result<(), Refusal> {
        if depth > 5 {
            return Err(malformed("a tree is deeper than five levels"));
        }
        let attributes = self
            .document
            .get(node, "attributes")
            .ok_or_else(|| malformed("a record lacks attributes"))?;
        self.name(attributes, "referenceId", NameKind::Reference)?;
        let children: Vec<NodeId> = self
            .document
            .members(node)
            .filter_map(|(_, value)| self.document.get(value, "records"))
            .collect();
        for records in children {
            self.expect(records, Kind::Array, "records must be a list")?;
            let records: Vec<NodeId> = self.document.elements(records).collect();
            for child in records {
                self.name_tree(child, depth + 1)?;
            }
        }
        Ok(())
    }

    fn composite(&mut self, body: NodeId, flags: &[&str]) -> Result<(), Refusal> {
        self.members(body, &["compositeRequest"], flags)?;
        for node in self.array(body, "compositeRequest")? {
            self.members(
                node,
                &["method", "url", "referenceId", "body", "httpHeaders"],
                &[],
            )?;
            self.name(node, "referenceId", NameKind::Reference)?;
            if let Some(headers) = self.document.get(node, "httpHeaders")
                && !(self.document.kind(headers) == Kind::Object && self.document.is_empty(headers))
            {
                return Err(malformed(
                    "headers inside a composite request are not taken",
                ));
            }
            self.inner(node, "body", false)?;
        }
        Ok(())
    }

    fn graphs(&mut self, body: NodeId) -> Result<(), Refusal> {
        self.members(body, &["graphs"], &[])?;
        for node in self.array(body, "graphs")? {
            self.scope += 1;
            self.name(node, "graphId", NameKind::Graph)?;
            self.expect(node, Kind::Object, "a graph must be an object")?;
            if self
                .document
                .members(node)
                .any(|(key, _)| key != "graphId" && key != "compositeRequest")
            {
                return Err(malformed("a graph has an unknown member"));
            }
            for part in self.array(node, "compositeRequest")? {
                self.members(part, &["method", "url", "referenceId", "body"], &[])?;
                self.name(part, "referenceId", NameKind::Reference)?;
                self.inner(part, "body", false)?;
            }
        }
        Ok(())
    }

    fn batch(&mut self, body: NodeId) -> Result<(), Refusal> {
        self.members(body, &["batchRequests"], &["haltOnError"])?;
        for node in self.array(body, "batchRequests")? {
            self.members(node, &["method", "url", "richInput"], &[])?;
            self.inner(node, "richInput", true)?;
        }
        Ok(())
    }

    /// One request inside a composite body.
    fn inner(&mut self, node: NodeId, body: &str, relative: bool) -> Result<(), Refusal> {
        // A batch has no names; elsewhere the name was read just before.
        let name = self.names.len().checked_sub(1).filter(|_| !relative);
        let method = self.text(node, "method")?;
        let url = self
            .document
            .get(node, "url")
            .ok_or_else(|| malformed("a sub-request lacks its url"))?;
        let text = self
            .document
            .text(url)
            .ok_or_else(|| malformed("a sub-request's url must be text"))?;
        let target = if relative && !text.starts_with('/') {
            Target::parse(&format!("/services/data/{text}"))?
        } else {
            Target::parse(&text)?
        };
        let route = door::resolve(&method, &target)?;
        let top = self.calls.first().map(|call| &call.route.door);
        if !may_stand_inside(top, &route.door) {
            return Err(Refusal::new(
                Code::EndpointUnknown,
                "this resource may not stand inside a composite request",
            ));
        }
        if self.calls.len() > MOST {
            return Err(Refusal::new(
                Code::BodyTooLarge,
                "the request has too many sub-requests",
            ));
        }
        let content = self
            .document
            .get(node, body)
            .filter(|n| self.document.kind(*n) != Kind::Null);
        let mut call = match content {
            Some(content) if route.has_body() => self.call(route, content, Some(url))?,
            None if !route.has_body() || route.may_lack_body() => Call {
                url: Some(url),
                scope: self.scope,
                ..Call::of(route)
            },
            _ => {
                return Err(malformed(
                    "a sub-request has a body where its resource takes none, or lacks one",
                ));
            }
        };
        let connects = matches!(call.route.door, Door::Chatter(_));
        // Connect takes both forms, and clients of it write the whole path.
        call.relative = relative && !(connects && text.starts_with('/'));
        call.body = content.filter(|_| connects);
        call.name = name;
        self.calls.push(call);
        Ok(())
    }

    /// Notes a name of the client's, in the form that the CRM would accept.
    fn name(&mut self, node: NodeId, member: &str, kind: NameKind) -> Result<(), Refusal> {
        let at = self
            .document
            .get(node, member)
            .ok_or_else(|| malformed("a reference id is missing"))?;
        let text = self
            .document
            .text(at)
            .ok_or_else(|| malformed("a reference id must be text"))?;
        let free = kind == NameKind::Graph && text.len() <= 80;
        if !free && !door::is_name(&text) {
            return Err(malformed(
                "a reference id may have letters, digits and underscores only",
            ));
        }
        let scope = self.scope;
        if self
            .names
            .iter()
            .any(|n| n.scope == scope && n.kind == kind && n.theirs == text)
        {
            return Err(malformed("a reference id stands twice"));
        }
        if self.names.len() >= MOST {
            return Err(Refusal::new(
                Code::BodyTooLarge,
                "the request has too many reference ids",
            ));
        }
        self.names.push(Name {
            scope,
            kind,
            theirs: text.into_owned(),
            node: at,
        });
        Ok(())
    }

    /// The type in a record's attributes.
    fn typed(&self, node: NodeId) -> Result<String, Refusal> {
        let attributes = self
            .document
            .get(node, "attributes")
            .ok_or_else(|| malformed("a record lacks attributes"))?;
        door::name(&self.text(attributes, "type")?)
    }

    fn own_id(&self, node: NodeId) -> Result<Id, Refusal> {
        let member = self
            .document
            .members(node)
            .find(|(key, _)| key.eq_ignore_ascii_case("id"));
        let text = member.and_then(|(_, value)| self.document.text(value));
        text.and_then(|text| Id::parse(&text))
            .ok_or_else(|| malformed("a record lacks its id"))
    }

    fn ids(&self, body: NodeId) -> Result<Vec<Id>, Refusal> {
        let ids = self.texts(body, "ids")?;
        ids.iter()
            .map(|id| Id::parse(id).ok_or_else(|| malformed("a record id is malformed")))
            .collect()
    }

    fn texts(&self, body: NodeId, member: &str) -> Result<Vec<String>, Refusal> {
        let items = self.array(body, member)?.into_iter();
        items
            .map(|item| {
                self.document
                    .text(item)
                    .map(|t| t.into_owned())
                    .ok_or_else(|| malformed("a list must hold texts"))
            })
            .collect()
    }

    pub(super) fn text(&self, node: NodeId, member: &str) -> Result<String, Refusal> {
        let found = self
            .document
            .get(node, member)
            .and_then(|value| self.document.text(value));
        found
            .map(|text| text.into_owned())
            .ok_or_else(|| malformed("a member that must be text is missing"))
    }

    fn array(&self, node: NodeId, member: &str) -> Result<Vec<NodeId>, Refusal> {
        let list = self
            .document
            .get(node, member)
            .ok_or_else(|| malformed("a list is missing"))?;
        self.expect(list, Kind::Array, "a member that must be a list is not one")?;
        let items: Vec<NodeId> = self.document.elements(list).collect();
        if items.len() > MOST {
            return Err(Refusal::new(
                Code::BodyTooLarge,
                "a list of the request is too long",
            ));
        }
        Ok(items)
    }

    /// Refuses members that the shape does not have. `flags` must be true or false.
    pub(super) fn members(
        &self,
        node: NodeId,
        known: &[&str],
        flags: &[&str],
    ) -> Result<(), Refusal> {
        self.expect(node, Kind::Object, "an object is expected here")?;
        for (key, value) in self.document.members(node) {
            if flags.contains(&key.as_ref()) {
                self.expect(value, Kind::Bool, "a flag must be true or false")?;
            } else if !known.contains(&key.as_ref()) {
                return Err(malformed(
                    "the body has a member that this resource does not have",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn expect(
        &self,
        node: NodeId,
        kind: Kind,
        otherwise: &'static str,
    ) -> Result<(), Refusal> {
        if self.document.kind(node) == kind {
            Ok(())
        } else {
            Err(malformed(otherwise))
        }
    }
}

/// Only what reads and writes records may stand inside a composite request; its answer is read as
/// records and results. In a batch of Connect only its own resources may.
fn may_stand_inside(top: Option<&Door>, door: &Door) -> bool {
    if let Some(Door::Chatter(_)) = top {
        let batch = |chatter: &Chatter| chatter.what == chatter::What::Batch;
        return matches!(door, Door::Chatter(chatter) if !batch(chatter));
    }
    match door {
        Door::Create { .. }
        | Door::Record { .. }
        | Door::Query { .. }
        | Door::More { .. }
        | Door::Search { .. }
        | Door::Tree { .. }
        | Door::Collection { .. }
        | Door::CollectionUpsert { .. }
        | Door::CollectionDelete { .. }
        | Door::CollectionRead { .. } => true,
        Door::Versions
        | Door::Resources
        | Door::Objects
        | Door::Object { .. }
        | Door::Describe { .. }
        | Door::Download(_)
        | Door::Export(_)
        | Door::ParameterizedSearch
        | Door::Ui(_)
        | Door::Analytics(_)
        | Door::Chatter(_)
        | Door::Events
        | Door::GraphQl
        | Door::Aura(_)
        | Door::Controller { .. }
        | Door::Convert(_)
        | Door::SearchLayout { .. }
        | Door::SearchScope
        | Door::Recent { .. }
        | Door::Limits
        | Door::RecordCount { .. }
        | Door::Composite
        | Door::Batch
        | Door::Graph => false,
    }
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}
