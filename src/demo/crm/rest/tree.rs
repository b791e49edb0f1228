//! `/composite/tree/T`: records with their children, all or none.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::Reply;
use crate::demo::crm::rest::collections::Undo;
use crate::demo::crm::schema::Object;

/// # Errors
/// When the request as a whole is malformed.
pub fn create(org: &Org<'_>, name: &str, body: &Map<String, Value>) -> Outcome<Reply> {
    let object = org.object(name)?;
    let mut results = Vec::new();
    let mut errors = Vec::new();
    let done = org.store.atomically(|| {
        for record in records(body).map_err(Undo::Failed)? {
            plant(org, object, record, None, &mut results, &mut errors).map_err(Undo::Failed)?;
        }
        if results.len() + errors.len() > 200 {
            let message = "At most 200 records can be created in one request";
            return Err(Undo::Failed(Fault::bad("INVALID_INPUT", message)));
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(Undo::Asked),
        }
    });
    match done {
        Ok(()) => Ok(Reply::json(
            201,
            json!({"hasErrors": false, "results": results}),
        )),
        Err(Undo::Asked) => Ok(Reply::json(
            400,
            json!({"hasErrors": true, "results": errors}),
        )),
        Err(Undo::Failed(fault)) => Err(fault),
    }
}

/// Creates a record and then its children, which refer to it.
fn plant(
    org: &Org<'_>,
    object: &Object,
    record: &Map<String, Value>,
    parent: Option<(&str, &str)>,
    results: &mut Vec<Value>,
    errors: &mut Vec<Value>,
) -> Outcome<()> {
    let attributes = record.get("attributes");
    let reference = attributes.and_then(|a| a.get("referenceId")?.as_str());
    let reference = reference.ok_or_else(|| {
        Fault::bad(
            "INVALID_INPUT",
            "Each record must have a referenceId in its attributes",
        )
    })?;
    let nested = |value: &Value| value.get("records").is_some();
    let mut fields = record.clone();
    fields.retain(|key, value| key != "attributes" && !nested(value));
    if let Some((field, id)) = parent {
        fields.insert(field.to_owned(), Value::from(id));
    }
    let id = match org.store.atomically(|| org.create(object, &fields)) {
        Ok(id) => id,
        Err(fault) => {
            errors.push(json!({"referenceId": reference, "errors": [fault.slot()]}));
            return Ok(());
        }
    };
    results.push(json!({"referenceId": reference, "id": id}));
    for (key, value) in record.iter().filter(|(_, value)| nested(value)) {
        let unknown = || Fault::no_column(key, &object.name);
        let child = object.child(key).ok_or_else(unknown)?;
        let of = org.schema.object(&child.1).ok_or_else(unknown)?;
        let Some(inner) = value.as_object() else {
            continue;
        };
        for record in records(inner)? {
            plant(org, of, record, Some((&child.2, &id)), results, errors)?;
        }
    }
    Ok(())
}

fn records(body: &Map<String, Value>) -> Outcome<impl Iterator<Item = &Map<String, Value>>> {
    let records = body
        .get("records")
        .and_then(Value::as_array)
        .ok_or_else(|| {
            Fault::bad(
                "JSON_PARSER_ERROR",
                "The Json did not contain the field records",
            )
        })?;
    Ok(records.iter().filter_map(Value::as_object))
}
