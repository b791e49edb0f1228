//! A record as this API writes it.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, text, value as field_value};
use crate::demo::crm::render;
use crate::demo::crm::rest::Call;
use crate::demo::crm::schema::{Field, Kind, Object};
use crate::demo::crm::store::Row;

/// The paths that a request asks of an object, without its name.
pub fn asked(call: &Call, object: &Object) -> Vec<String> {
    if call.parameter("layoutTypes").is_some() {
        return all(object);
    }
    let lists = ["fields", "optionalFields"].map(|name| call.parameter(name).unwrap_or_default());
    paths(object, lists.iter().flat_map(|list| list.split(',')))
}

/// Of qualified paths those that belong to the object.
pub fn paths<'t>(object: &Object, all: impl Iterator<Item = &'t str>) -> Vec<String> {
    let own = all.filter_map(|path| {
        let (name, rest) = path.trim().split_once('.')?;
        name.eq_ignore_ascii_case(&object.name)
            .then(|| rest.to_owned())
    });
    own.collect()
}

/// Every field of the object.
pub fn all(object: &Object) -> Vec<String> {
    object
        .fields
        .iter()
        .map(|field| field.name.clone())
        .collect()
}

/// # Errors
/// When a path leads nowhere.
pub fn shown(org: &Org<'_>, object: &Object, row: &Row, paths: &[String]) -> Outcome<Value> {
    let mut fields = Map::new();
    for path in paths {
        place(org, object, row, path, &mut fields)?;
    }
    let of = |name: &str| field_value(object, row, name).clone();
    Ok(json!({
        "apiName": object.name,
        "childRelationships": {},
        "eTag": format!("{:x}", text(object, row, "Id").len() + fields.len()),
        "fields": fields,
        "id": of("Id"),
        "lastModifiedById": of("LastModifiedById"),
        "lastModifiedDate": of("LastModifiedDate"),
        "recordTypeId": "012000000000000AAA",
        "recordTypeInfo": null,
        "systemModstamp": of("SystemModstamp"),
        "weakEtag": 1,
    }))
}

fn place(
    org: &Org<'_>,
    object: &Object,
    row: &Row,
    path: &str,
    fields: &mut Map<String, Value>,
) -> Outcome<()> {
    let unknown = || Fault::no_column(path, &object.name);
    let Some((relation, rest)) = path.split_once('.') else {
        let (at, field) = object
            .position(path)
            .zip(object.field(path))
            .ok_or_else(unknown)?;
        let value = render::value(object, row, at, field);
        let display = display(field, &value);
        fields.insert(
            field.name.clone(),
            json!({"displayValue": display, "value": value}),
        );
        return Ok(());
    };
    let (at, field) = object.relationship(relation).ok_or_else(unknown)?;
    let name = field.relationship_name.clone().unwrap_or_default();
    let id = row.get(at).and_then(Value::as_str);
    let Some(target) = id.and_then(|id| org.schema.of_id(id)) else {
        fields.insert(name, json!({"displayValue": null, "value": null}));
        return Ok(());
    };
    let found = org.record(target, id.unwrap_or_default())?;
    let record = shown(org, target, &found, &[rest.to_owned(), "Id".to_owned()])?;
    let title = field_value(target, &found, "Name").clone();
    fields.insert(name, json!({"displayValue": title, "value": record}));
    Ok(())
}

/// How a value is shown, where that may be another text than the value.
fn display(field: &Field, value: &Value) -> Value {
    match (field.kind, value) {
        (_, Value::Null) => Value::Null,
        (Kind::Phone | Kind::Picklist | Kind::Url, value) => value.clone(),
        (Kind::Date, Value::String(date)) => {
            let parts: Vec<&str> = date.split('-').rev().collect();
            Value::String(parts.join("/"))
        }
        (kind, value) if kind.is_number() => Value::String(value.to_string()),
        _ => Value::Null,
    }
}
