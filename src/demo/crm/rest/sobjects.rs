//! One record at a time.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, text};
use crate::demo::crm::rest::{Call, Reply, describe};
use crate::demo::crm::schema::{Field, Object};
use crate::demo::crm::store::{Row, Scan};
use crate::demo::crm::{render, soql};

/// `/sobjects/T`: what the object is, or a new record.
///
/// # Errors
/// When the object is unknown or the record is refused.
pub fn of(org: &Org<'_>, call: &Call, name: &str) -> Outcome<Reply> {
    let object = org.object(name)?;
    match call.method.as_str() {
        "GET" | "HEAD" => {
            let scan = Scan {
                fields: (0..object.fields.len()).collect(),
                limit: Some(5),
                ..Scan::default()
            };
            let recent = org.store.scan(object, &scan)?;
            let recent = recent.iter().map(|row| recent_item(org, object, row));
            Ok(Reply::json(
                200,
                json!({
                    "objectDescribe": describe::summary(org, object),
                    "recentItems": recent.collect::<Vec<_>>(),
                }),
            ))
        }
        "POST" => create(org, object, &call.json()?),
        other => Err(Fault::method(other, "GET,HEAD,POST")),
    }
}

/// `/sobjects/T/ID`
///
/// # Errors
/// When there is no such record or the change is refused.
pub fn record(org: &Org<'_>, call: &Call, name: &str, id: &str) -> Outcome<Reply> {
    let object = org.object(name)?;
    match call.method.as_str() {
        // A new record may be sent to /T/Id as well.
        "POST" if id.eq_ignore_ascii_case("id") => create(org, object, &call.json()?),
        "GET" | "HEAD" => {
            let row = org.record(object, id)?;
            shown(org, call, object, &row)
        }
        "PATCH" => {
            let body = call.json()?;
            if body.keys().any(|key| key.eq_ignore_ascii_case("id")) {
                let message = "The Id field should not be specified in the sobject data.";
                return Err(Fault::bad("INVALID_FIELD", message).on("Id"));
            }
            org.store.atomically(|| org.update(object, id, &body))?;
            Ok(Reply::empty(204))
        }
        "DELETE" => {
            org.store.atomically(|| org.delete(object, id))?;
            Ok(Reply::empty(204))
        }
        other => Err(Fault::method(other, "DELETE,GET,HEAD,PATCH")),
    }
}

/// `/sobjects/T/FIELD/VALUE`
///
/// # Errors
/// When the field is no external id, or none or several records have the value.
pub fn external(
    org: &Org<'_>,
    call: &Call,
    name: &str,
    field: &str,
    value: &str,
) -> Outcome<Reply> {
    let object = org.object(name)?;
    let key = org.key(object, field)?;
    let wanted = Value::from(value);
    if call.method == "PATCH" || call.method == "POST" {
        return upsert(org, call, object, key, &wanted);
    }
    let found = org.find_by(object, key, &wanted)?;
    match (call.method.as_str(), found.as_slice()) {
        (_, []) => Err(Fault::not_found()),
        ("GET" | "HEAD", [id]) => {
            let row = org.record(object, id)?;
            shown(org, call, object, &row)
        }
        ("DELETE", [id]) => {
            org.store.atomically(|| org.delete(object, id))?;
            Ok(Reply::empty(204))
        }
        ("GET" | "HEAD" | "DELETE", several) => Ok(choices(org, object, several)),
        (other, _) => Err(Fault::method(other, "DELETE,GET,HEAD,PATCH")),
    }
}

fn upsert(
    org: &Org<'_>,
    call: &Call,
    object: &Object,
    key: &Field,
    wanted: &Value,
) -> Outcome<Reply> {
    let body = call.json()?;
    if body.keys().any(|name| name.eq_ignore_ascii_case(&key.name)) {
        let message = format!(
            "The {} field should not be specified in the sobject data.",
            key.name
        );
        return Err(Fault::bad("INVALID_FIELD", message).on(&key.name));
    }
    let found = org.find_by(object, key, wanted)?;
    if found.len() > 1 {
        return Ok(choices(org, object, &found));
    }
    let done = org
        .store
        .atomically(|| org.upsert(object, key, wanted, &body))?;
    let number: f32 = org.version.parse().unwrap_or_default();
    if !done.created && number < 46.0 {
        return Ok(Reply::empty(204));
    }
    let answer = json!({"id": done.id, "success": true, "errors": [], "created": done.created});
    match done.created {
        true => Ok(Reply::json(201, answer).with("Location", url(org, object, &done.id))),
        false => Ok(Reply::json(200, answer)),
    }
}

fn create(org: &Org<'_>, object: &Object, body: &Map<String, Value>) -> Outcome<Reply> {
    let id = org.store.atomically(|| org.create(object, body))?;
    let location = url(org, object, &id);
    let answer = json!({"id": id, "success": true, "errors": []});
    Ok(Reply::json(201, answer).with("Location", location))
}

/// The record, or the fields of it that `?fields=` names, with the id at the end.
fn shown(org: &Org<'_>, call: &Call, object: &Object, row: &Row) -> Outcome<Reply> {
    let Some(fields) = call.parameter("fields").filter(|fields| !fields.is_empty()) else {
        return Ok(Reply::json(200, render::record(org, object, row)));
    };
    let mut names: Vec<&str> = Vec::new();
    for name in fields.split(',').map(str::trim) {
        if !name.contains('.') && object.field(name).is_none() {
            return Err(Fault::no_column(name, &object.name));
        }
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    if !names.iter().any(|name| name.eq_ignore_ascii_case("id")) {
        names.push("Id");
    }
    let query = format!(
        "SELECT {} FROM {} WHERE Id = '{}'",
        names.join(","),
        object.name,
        text(object, row, "Id")
    );
    let mut records = soql::answer(org, &query, false)?.records;
    let record = records.pop().ok_or_else(Fault::not_found)?;
    Ok(Reply::json(200, record))
}

/// 300: which of these was meant?
fn choices(org: &Org<'_>, object: &Object, ids: &[String]) -> Reply {
    let urls = ids.iter().map(|id| Value::String(url(org, object, id)));
    Reply::json(300, urls.collect())
}

pub fn url(org: &Org<'_>, object: &Object, id: &str) -> String {
    format!(
        "/services/data/v{}/sobjects/{}/{id}",
        org.version, object.name
    )
}

fn recent_item(org: &Org<'_>, object: &Object, row: &Row) -> Value {
    let mut out = Map::new();
    out.insert(
        "attributes".to_owned(),
        render::attributes(org, object, row),
    );
    for name in ["Id", "Name", "Subject", "CaseNumber"] {
        if let Some((at, field)) = object.position(name).zip(object.field(name)) {
            out.insert(name.to_owned(), render::value(object, row, at, field));
        }
    }
    Value::Object(out)
}
