//! `/composite/sobjects`: up to 200 records in one request.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::schema::Object;
use crate::demo::crm::{id, soql};

/// What became of one record.
struct Slot {
    id: Option<String>,
    created: Option<bool>,
    result: Outcome<()>,
}

/// # Errors
/// When the request as a whole is malformed; a refused record stands in its slot of the answer.
pub fn route(org: &Org<'_>, call: &Call, rest: &[&str]) -> Outcome<Reply> {
    match (call.method.as_str(), rest) {
        ("POST", []) => many(org, call, &|org, record| {
            let object = typed(org, record)?;
            let mut body = record.clone();
            body.remove("attributes");
            org.create(object, &body).map(|id| (id, None))
        }),
        ("PATCH", []) => many(org, call, &|org, record| {
            let object = typed(org, record)?;
            let (id, body) = take_id(record)?;
            org.update(object, &id, &body)
                .map_err(|fault| unknown(fault, &id))?;
            Ok((id::canonical(&id).unwrap_or(id), None))
        }),
        ("PATCH", [name, field]) => {
            let object = org.object(name)?;
            let key = org.key(object, field)?;
            many(org, call, &|org, record| {
                let mut body = record.clone();
                body.remove("attributes");
                let named = body
                    .keys()
                    .find(|k| k.eq_ignore_ascii_case(&key.name))
                    .cloned();
                let value = named.and_then(|name| body.shift_remove(&name));
                let value = value.unwrap_or_default();
                let done = org.upsert(object, key, &value, &body)?;
                Ok((done.id, Some(done.created)))
            })
        }
        ("DELETE", []) => delete(org, call),
        ("GET", [name]) => {
            let list = |name| {
                let given: &str = call.parameter(name).unwrap_or_default();
                given.split(',').map(str::to_owned).collect::<Vec<_>>()
            };
            retrieve(org, org.object(name)?, &list("ids"), &list("fields"))
        }
        ("POST", [name]) => {
            let body = call.json()?;
            let list = |name: &str| {
                let given = body.get(name).and_then(Value::as_array);
                let texts = given.into_iter().flatten().filter_map(Value::as_str);
                texts.map(str::to_owned).collect::<Vec<_>>()
            };
            retrieve(org, org.object(name)?, &list("ids"), &list("fields"))
        }
        _ => Err(Fault::method(&call.method, "DELETE,GET,HEAD,PATCH,POST")),
    }
}

type Step<'s> = dyn Fn(&Org<'_>, &Map<String, Value>) -> Outcome<(String, Option<bool>)> + 's;

/// Runs one step for each record and undoes everything if all were to succeed and one did not.
fn many(org: &Org<'_>, call: &Call, step: &Step<'_>) -> Outcome<Reply> {
    let body = call.json()?;
    let records = body.get("records").and_then(Value::as_array);
    let records = records.ok_or_else(|| {
        Fault::bad(
            "JSON_PARSER_ERROR",
            "The Json did not contain the field records",
        )
    })?;
    within_limit(records.len())?;
    let all = body
        .get("allOrNone")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    together(org, all, || {
        let slots = records.iter().map(|record| {
            let empty = Map::new();
            let record = record.as_object().unwrap_or(&empty);
            let given = record
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case("id"));
            let given = given.and_then(|(_, id)| id.as_str()).map(str::to_owned);
            match org.store.atomically(|| step(org, record)) {
                Ok((id, created)) => Slot {
                    id: Some(id),
                    created,
                    result: Ok(()),
                },
                Err(fault) => Slot {
                    id: given,
                    created: None,
                    result: Err(fault),
                },
            }
        });
        slots.collect()
    })
}

fn delete(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let ids: Vec<&str> = call
        .parameter("ids")
        .unwrap_or_default()
        .split(',')
        .collect();
    within_limit(ids.len())?;
    let all = call.parameter("allOrNone") == Some("true");
    together(org, all, || {
        let slots = ids.iter().map(|id| {
            let result = org.store.atomically(|| {
                let canonical = id::canonical(id).ok_or_else(|| malformed(id))?;
                let object = org.schema.of_id(&canonical).ok_or_else(|| malformed(id))?;
                let deleted = org.delete(object, &canonical);
                deleted.map_err(|fault| unknown(fault, id))
            });
            Slot {
                id: Some((*id).to_owned()),
                created: None,
                result,
            }
        });
        slots.collect()
    })
}

/// The records in the order of the ids; null for one that does not exist.
fn retrieve(org: &Org<'_>, object: &Object, ids: &[String], fields: &[String]) -> Outcome<Reply> {
    if ids.len() > 2000 {
        let message =
            "record limit reached. cannot submit more than 2000 records into this request";
        return Err(Fault::bad("EXCEEDED_ID_LIMIT", message));
    }
    if fields.iter().all(|field| field.trim().is_empty()) {
        return Err(Fault::bad(
            "MISSING_ARGUMENT",
            "The fields parameter is required",
        ));
    }
    let unknown = fields
        .iter()
        .find(|f| !f.contains('.') && object.field(f.trim()).is_none());
    if let Some(field) = unknown {
        return Err(Fault::no_column(field, &object.name));
    }
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        let id = id::canonical(id).ok_or_else(|| malformed(id))?;
        let query = format!(
            "SELECT {} FROM {} WHERE Id = '{id}'",
            fields.join(","),
            object.name
        );
        let found = soql::answer(org, &query, false)?.records.pop();
        records.push(found.unwrap_or_default());
    }
    Ok(Reply::json(200, Value::Array(records)))
}

fn together(org: &Org<'_>, all: bool, work: impl FnOnce() -> Vec<Slot>) -> Outcome<Reply> {
    let mut slots = Vec::new();
    let undone = org.store.atomically(|| {
        slots = work();
        match all && slots.iter().any(|slot| slot.result.is_err()) {
            true => Err(Undo::Asked),
            false => Ok(()),
        }
    });
    match undone {
        Ok(()) => {}
        Err(Undo::Failed(fault)) => return Err(fault),
        Err(Undo::Asked) => {
            for slot in slots.iter_mut().filter(|slot| slot.result.is_ok()) {
                slot.result = Err(Fault::bad(
                    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                    "Record rolled back because not all records were valid and the request was \
                     using AllOrNone header",
                ));
                slot.id = None;
            }
        }
    }
    Ok(Reply::json(200, slots.iter().map(shown).collect()))
}

/// Why a step was undone.
pub enum Undo {
    /// One part failed and all were to succeed together.
    Asked,
    Failed(Fault),
}

impl From<rusqlite::Error> for Undo {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn shown(slot: &Slot) -> Value {
    let mut out = Map::new();
    if let Some(id) = &slot.id {
        out.insert("id".to_owned(), json!(id));
    }
    out.insert("success".to_owned(), Value::Bool(slot.result.is_ok()));
    let errors = slot.result.as_ref().err().map(Fault::slot);
    out.insert("errors".to_owned(), errors.into_iter().collect());
    if let Some(created) = slot.created.filter(|_| slot.result.is_ok()) {
        out.insert("created".to_owned(), Value::Bool(created));
    }
    Value::Object(out)
}

/// The object that a record of a collection says it is of.
pub fn typed<'a>(org: &Org<'a>, record: &Map<String, Value>) -> Outcome<&'a Object> {
    let name = record
        .get("attributes")
        .and_then(|a| a.get("type")?.as_str());
    let name = name
        .ok_or_else(|| Fault::bad("INVALID_TYPE", "The attributes of the record have no type"))?;
    org.schema.object(name).ok_or_else(|| {
        let message = format!("sObject type '{name}' is not supported.");
        Fault::bad("INVALID_TYPE", message)
    })
}

fn take_id(record: &Map<String, Value>) -> Outcome<(String, Map<String, Value>)> {
    let mut body = record.clone();
    body.remove("attributes");
    let key = body
        .keys()
        .find(|key| key.eq_ignore_ascii_case("id"))
        .cloned();
    let id = key.and_then(|key| body.shift_remove(&key));
    match id {
        Some(Value::String(id)) => Ok((id, body)),
        _ => Err(Fault::bad(
            "MISSING_ARGUMENT",
            "Id not specified in an update call",
        )),
    }
}

fn within_limit(count: usize) -> Outcome<()> {
    if count <= 200 {
        return Ok(());
    }
    let message = "record limit reached. cannot submit more than 200 records into this request";
    Err(Fault::bad("EXCEEDED_ID_LIMIT", message))
}

/// In a collection an id that leads nowhere is a bad reference and not a missing page.
fn unknown(fault: Fault, id: &str) -> Fault {
    match fault.code {
        "NOT_FOUND" if id::canonical(id).is_none() => malformed(id),
        "NOT_FOUND" => Fault::bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        _ => fault,
    }
}

fn malformed(id: &str) -> Fault {
    Fault::bad("MALFORMED_ID", format!("malformed id {id}"))
}
