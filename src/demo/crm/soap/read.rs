//! Records as SOAP writes them, in the JSON of the REST interface.

use serde_json::{Map, Value, json};

use super::Api;
use super::tree::Element;
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::schema::{Field, Kind};

/// A record; what says nil says nothing.
pub fn record(org: &Org<'_>, api: Api, element: &Element) -> Outcome<Value> {
    let inside = element
        .child("type")
        .map(|kind| kind.text.trim().to_owned());
    let declared = element.attribute("type").map(|kind| {
        let local = kind.rsplit(':').next().unwrap_or(kind);
        local.to_owned()
    });
    let name = match api {
        Api::Partner => inside,
        Api::Enterprise => declared,
    };
    let name =
        name.ok_or_else(|| Fault::bad("INVALID_TYPE", "Must send a concrete entity type."))?;
    let object = org.schema.object(&name).ok_or_else(|| {
        let message = format!("sObject type '{name}' is not supported.");
        Fault::bad("INVALID_TYPE", message)
    })?;
    let mut out = Map::new();
    out.insert("attributes".to_owned(), json!({ "type": object.name }));
    for child in &element.children {
        if child.is_nil() || api == Api::Partner && child.name == "type" {
            continue;
        }
        if child.name == "fieldsToNull" {
            out.insert(child.text.trim().to_owned(), Value::Null);
        } else if child.children.is_empty() {
            if child.name == "Id" && child.text.trim().is_empty() {
                continue;
            }
            let value = object.field(&child.name).map_or_else(
                || Value::from(child.text.as_str()),
                |f| value(f, &child.text),
            );
            out.insert(child.name.clone(), value);
        } else {
            out.insert(child.name.clone(), related(child));
        }
    }
    Ok(Value::Object(out))
}

/// A relation by external id.
fn related(element: &Element) -> Value {
    let fields = element
        .children
        .iter()
        .filter(|child| child.name != "type" && !child.is_nil());
    let fields = fields.map(|child| (child.name.clone(), Value::from(child.text.as_str())));
    Value::Object(fields.collect())
}

/// A text as its field's type writes it in JSON; what does not fit is for the field to refuse.
fn value(field: &Field, text: &str) -> Value {
    let text = match field.kind {
        Kind::Boolean | Kind::Double | Kind::Currency | Kind::Percent | Kind::Int => text.trim(),
        _ => return Value::from(text),
    };
    let read: Option<Value> = serde_json::from_str(text).ok();
    read.filter(|value| value.is_boolean() || value.is_number())
        .unwrap_or_else(|| Value::from(text))
}
