//! Records as SOAP writes them, read into the JSON that the REST API would have for them.

use serde_json::{Map, Value, json};

use super::{Api, XSD, XSI, malformed};
use crate::dialect::salesforce::door;
use crate::dialect::salesforce::id::Id;
use crate::model::Refusal;
use crate::wire::xml::{Document, Name, NodeId};

/// How deep a record may stand in another: relations by external id.
const DEEPEST: usize = 5;

/// A record with `attributes.type` and its fields. Fields to empty are null; fields that say `nil`
/// are left out, since for the CRM they say nothing.
pub(super) fn read(api: Api, document: &Document<'_>, node: NodeId) -> Result<Value, Refusal> {
    let record = Record {
        api,
        document,
        depth: 0,
    };
    let (object, fields) = record.read(node)?;
    let object = object.ok_or_else(|| malformed("a record does not say its type"))?;
    Ok(whole(Some(object), fields))
}

struct Record<'d, 'b> {
    api: Api,
    document: &'d Document<'b>,
    depth: usize,
}

impl Record<'_, '_> {
    /// The type, where the record says it, and its fields.
    fn read(&self, node: NodeId) -> Result<(Option<String>, Map<String, Value>), Refusal> {
        let mut object = self.declared(node)?;
        let mut fields = Map::new();
        for (position, child) in self.document.children(node).enumerate() {
            let name = self.document.name(child);
            if !self.api.is_of_record(name.namespace) || !door::is_name(name.local) {
                return Err(malformed(
                    "a field is in a namespace that fields are not in",
                ));
            }
            if name.local == "type" && position == 0 && self.api == Api::Partner {
                object = Some(self.typed(child)?);
            } else if name.local.eq_ignore_ascii_case("type") && name.local != "Type" {
                // The CRM could take it for the record's type, or for the field `Type`.
                return Err(malformed("a record says its type elsewhere than at first"));
            } else {
                self.field(child, name.local, &mut fields)?;
            }
        }
        Ok((object, fields))
    }

    fn field(
        &self,
        node: NodeId,
        name: &str,
        fields: &mut Map<String, Value>,
    ) -> Result<(), Refusal> {
        let nil = is_nil(self.document, node)?;
        let (name, value) = if name == "fieldsToNull" {
            if nil {
                return Ok(());
            }
            (door::name(self.text(node)?.trim())?, Value::Null)
        } else if nil {
            return Ok(());
        } else if self.document.holds(node) {
            (name.to_owned(), self.related(node)?)
        } else {
            self.simple(node)?;
            (name.to_owned(), Value::String(self.text(node)?))
        };
        if name.eq_ignore_ascii_case("id") {
            return own_id(&value, fields);
        }
        match fields.insert(name, value) {
            None => Ok(()),
            Some(_) => Err(malformed("a field stands twice in one record")),
        }
    }

    /// A relation by external id.
    fn related(&self, node: NodeId) -> Result<Value, Refusal> {
        if self.depth >= DEEPEST {
            return Err(malformed("records stand too deep in one another"));
        }
        let inner = Self {
            depth: self.depth + 1,
            ..*self
        };
        let (object, fields) = inner.read(node)?;
        if fields.values().any(Value::is_null) {
            return Err(malformed("a related record names its external id only"));
        }
        Ok(whole(object, fields))
    }

    /// The type that `xsi:type` declares: the record's own in enterprise, `sObject` in partner.
    fn declared(&self, node: NodeId) -> Result<Option<String>, Refusal> {
        let Some(local) = declared(self.document, node, &|namespace| {
            self.api.is_of_record(namespace)
        })?
        else {
            return Ok(None);
        };
        match self.api {
            Api::Partner if local == "sObject" => Ok(None),
            Api::Partner => Err(malformed("a record of the partner API is an sObject")),
            Api::Enterprise => Ok(Some(door::name(&local)?)),
        }
    }

    /// A field's `xsi:type` must be one of XML Schema's simple types, or of Salesforce's; it is
    /// not sent, since the CRM knows its fields.
    fn simple(&self, node: NodeId) -> Result<(), Refusal> {
        let known = |namespace: &str| namespace == XSD || self.api.is_of_record(namespace);
        match declared(self.document, node, &known)?.as_deref() {
            None => Ok(()),
            Some(
                "string" | "boolean" | "int" | "integer" | "long" | "double" | "decimal" | "date"
                | "dateTime" | "time" | "ID" | "anyType",
            ) => Ok(()),
            Some(_) => Err(malformed("a field is of a type that fields do not have")),
        }
    }

    fn typed(&self, node: NodeId) -> Result<String, Refusal> {
        self.simple(node)?;
        door::name(self.text(node)?.trim())
    }

    fn text(&self, node: NodeId) -> Result<String, Refusal> {
        let text = self.document.text(node);
        text.map(std::borrow::Cow::into_owned)
            .ok_or_else(|| malformed("text is expected here"))
    }
}

/// Partner records may have their id twice, as the CRM's own answers do. An empty one is none.
fn own_id(value: &Value, fields: &mut Map<String, Value>) -> Result<(), Refusal> {
    let text = value
        .as_str()
        .ok_or_else(|| malformed("a record's id cannot be emptied"))?;
    if text.is_empty() {
        return Ok(());
    }
    let id = Id::parse(text).ok_or_else(|| malformed("a record id is malformed"))?;
    let id = Value::String(id.to_string());
    match fields.insert("Id".to_owned(), id.clone()) {
        Some(before) if before != id => Err(malformed("a record has two ids")),
        _ => Ok(()),
    }
}

fn whole(object: Option<String>, fields: Map<String, Value>) -> Value {
    let mut record = Map::with_capacity(fields.len() + 1);
    if let Some(object) = object {
        record.insert("attributes".to_owned(), json!({ "type": object }));
    }
    record.extend(fields);
    Value::Object(record)
}

/// The local name of `xsi:type`, whose namespace `known` must know. No other attribute but
/// `xsi:nil` may stand in a record: what is not read could be a value.
fn declared(
    document: &Document<'_>,
    node: NodeId,
    known: &dyn Fn(&str) -> bool,
) -> Result<Option<String>, Refusal> {
    let mut found = None;
    for (name, value) in document.attributes(node) {
        match (name.namespace, name.local) {
            (XSI, "nil") => {}
            (XSI, "type") => {
                let value = value.trim();
                let qualified = document.qualified(node, value);
                let qualified = qualified.filter(|name| known(name.namespace));
                let local = qualified
                    .map(|name| name.local.to_owned())
                    .ok_or_else(|| malformed("xsi:type names a type of no known namespace"))?;
                found = Some(local);
            }
            _ => {
                return Err(malformed(
                    "an element of a record has an attribute that it does not have in the WSDL",
                ));
            }
        }
    }
    Ok(found)
}

/// Whether an element says that it is nothing.
pub fn is_nil(document: &Document<'_>, node: NodeId) -> Result<bool, Refusal> {
    let name = Name {
        namespace: XSI,
        local: "nil",
    };
    match document.attribute(node, &name).as_deref() {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => {
            let empty = document.text(node).is_some_and(|text| text.is_empty());
            match empty {
                true => Ok(true),
                // One reader would take the value, another one nothing.
                false => Err(malformed("an element is nil and has content")),
            }
        }
        Some(_) => Err(malformed("xsi:nil is neither true nor false")),
    }
}
