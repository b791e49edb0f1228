//! The message: its actions, each a call of its own.

use std::collections::HashSet;

use super::controller::{APEX, is_descriptor, is_of_records, known};
use super::{Action, malformed, parameters};
use crate::dialect::salesforce::call::{Call, Name, NameKind, Reader};
use crate::dialect::salesforce::door::{Door, Route, name};
use crate::dialect::salesforce::ui::What;
use crate::model::{Code, Refusal};
use crate::wire::json::{Document, Kind, NodeId};

/// How many actions a message may have; the framework sends fewer.
const MOST: usize = 250;

/// The actions of a normal form, with the names that the client gave to them.
///
/// # Errors
/// A message of another shape, a name that has not its form or stands twice.
pub fn actions(document: &Document<'_>) -> Result<Vec<(NodeId, String)>, Refusal> {
    let message = document
        .get(document.root(), "message")
        .ok_or_else(|| malformed("the form lacks its message"))?;
    if document.members(message).any(|(key, _)| key != "actions") {
        return Err(malformed("the message has a member other than its actions"));
    }
    let list = document.get(message, "actions");
    let list = list.filter(|list| document.kind(*list) == Kind::Array);
    let list = list.ok_or_else(|| malformed("the message lacks its list of actions"))?;
    if document.len(list) > MOST {
        let text = "the message has too many actions";
        return Err(Refusal::new(Code::BodyTooLarge, text));
    }
    let mut found: Vec<(NodeId, String)> = Vec::new();
    let mut ids = HashSet::new();
    for node in document.elements(list) {
        let id = document.get(node, "id").and_then(|id| document.text(id));
        let id = id.filter(|id| is_id(id));
        let id = id.ok_or_else(|| malformed("an action lacks its id, or it is malformed"))?;
        let id = id.into_owned();
        if !ids.insert(id.clone()) {
            return Err(malformed("two actions have the same id"));
        }
        found.push((node, id));
    }
    Ok(found)
}

/// `123;a`, which the client counts. It does not leave.
fn is_id(text: &str) -> bool {
    let mut parts = text.split(';');
    let counted = parts
        .next()
        .is_some_and(|number| super::is_number(number) && !number.starts_with('-'));
    let short = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    counted && parts.clone().count() <= 2 && parts.all(short)
}

/// Our name for the action of that position.
#[must_use]
pub fn our_id(index: usize) -> String {
    format!("{};a", index + 1)
}

impl Reader<'_, '_> {
    /// All actions of a message.
    pub(in crate::dialect::salesforce) fn message(&mut self) -> Result<(), Refusal> {
        for (node, id) in actions(self.document)? {
            let call = self.action(node, id)?;
            self.calls.push(call);
        }
        Ok(())
    }

    /// One action, with the client's name for it.
    pub(in crate::dialect::salesforce) fn action(
        &mut self,
        node: NodeId,
        id: String,
    ) -> Result<Call, Refusal> {
        const FLAGS: &[&str] = &["storable", "longRunning", "background", "cacheable"];
        let known_members = ["id", "descriptor", "callingDescriptor", "params", "version"];
        self.members(node, &known_members, FLAGS)?;
        let document = self.document;
        let at = |key| {
            let found = document.get(node, key)?;
            (document.kind(found) != Kind::Null).then_some(found)
        };
        let descriptor = self.text(node, "descriptor")?;
        let params = at("params");
        if let Some(params) = params {
            self.expect(
                params,
                Kind::Object,
                "an action's parameters must be an object",
            )?;
        }
        let calling = at("callingDescriptor");
        if let Some(calling) = calling {
            self.expect(calling, Kind::String, "callingDescriptor must be text")?;
        }
        let version = at("version")
            .map(|version| self.version(version))
            .transpose()?;
        let index = self.names.len();
        let id_node = document.get(node, "id");
        self.names.push(Name {
            scope: 0,
            kind: NameKind::Action,
            theirs: id,
            node: id_node.ok_or_else(|| malformed("an action lacks its id"))?,
        });
        let (door, body) = match known(&descriptor) {
            Some(kind) => {
                let ui = parameters::read(kind, document, params)?;
                let body = params.and_then(|params| document.get(params, "recordInput"));
                (Door::Ui(ui), body)
            }
            None => self.controller(descriptor, params)?,
        };
        let mut call = Call {
            route: Route {
                version: version.unwrap_or(0),
                door,
            },
            url: None,
            relative: false,
            records: vec![],
            scope: 0,
            name: Some(index),
            body,
            action: Some(Action { params, calling }),
        };
        if let Door::Ui(ui) = &call.route.door
            && matches!(ui.what, What::Create | What::Update(_))
        {
            let body = body.ok_or_else(|| malformed("the action lacks its recordInput"))?;
            call.records = self.ui(ui, body)?;
        }
        Ok(call)
    }

    /// An action that is known by its descriptor alone. Methods of Apex share one; each is named as
    /// a component of its own would name it: `apex://Class/ACTION$method`.
    fn controller(
        &self,
        descriptor: String,
        params: Option<NodeId>,
    ) -> Result<(Door, Option<NodeId>), Refusal> {
        if !is_descriptor(&descriptor) {
            let text = "a descriptor of an action is malformed";
            return Err(Refusal::new(Code::EndpointUnknown, text));
        }
        if is_of_records(&descriptor) {
            let text = "this action of a controller of records is not known here";
            return Err(Refusal::new(Code::EndpointUnknown, text));
        }
        if descriptor != APEX {
            return Ok((Door::Controller { descriptor }, params));
        }
        let params = params.ok_or_else(|| malformed("the action lacks its parameters"))?;
        let flags = ["cacheable", "isContinuation"];
        let known = ["namespace", "classname", "method", "params"];
        self.members(params, &known, &flags)?;
        let document = self.document;
        let named = |member: &str| -> Result<String, Refusal> {
            name(&self.text(params, member)?).map_err(|_| malformed("a name of Apex is malformed"))
        };
        let mut class = named("classname")?;
        let namespace = document.get(params, "namespace");
        let namespace = namespace.filter(|node| document.kind(*node) != Kind::Null);
        if namespace.is_some() && !self.text(params, "namespace")?.is_empty() {
            class = format!("{}.{class}", named("namespace")?);
        }
        let method = named("method")?;
        let inner = document.get(params, "params");
        let inner = inner.filter(|node| document.kind(*node) != Kind::Null);
        if let Some(inner) = inner {
            self.expect(inner, Kind::Object, "parameters of Apex must be an object")?;
        }
        let descriptor = format!("apex://{class}/ACTION${method}");
        Ok((Door::Controller { descriptor }, inner))
    }

    /// `64.0` as 64.
    fn version(&self, node: NodeId) -> Result<u16, Refusal> {
        let text = self.document.text(node).unwrap_or_default();
        let number = text.strip_suffix(".0");
        let number = number.filter(|number| (1..=3).contains(&number.len()));
        number
            .and_then(|number| number.parse().ok())
            .filter(|number| *number > 0)
            .ok_or_else(|| malformed("an action's version must read NN.0"))
    }
}
