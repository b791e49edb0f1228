//! Records as JSON.

use serde_json::{Map, Value, json};

use crate::demo::crm::records::{Org, text};
use crate::demo::crm::schema::{Field, Kind, Object};
use crate::demo::crm::store::Row;

/// The `attributes` that every record begins with.
pub fn attributes(org: &Org<'_>, object: &Object, row: &Row) -> Value {
    named_attributes(org, object, &object.name, row)
}

/// As [`attributes`], for a record whose type the answer calls otherwise.
pub fn named_attributes(org: &Org<'_>, object: &Object, name: &str, row: &Row) -> Value {
    let url = format!(
        "/services/data/v{}/sobjects/{}/{}",
        org.version,
        object.name,
        text(object, row, "Id")
    );
    json!({"type": name, "url": url})
}

/// A whole record, all fields in the order of the schema.
pub fn record(org: &Org<'_>, object: &Object, row: &Row) -> Value {
    let mut out = Map::with_capacity(object.fields.len() + 1);
    out.insert("attributes".to_owned(), attributes(org, object, row));
    for (at, field) in object.fields.iter().enumerate() {
        out.insert(field.name.clone(), value(object, row, at, field));
    }
    Value::Object(out)
}

/// One field's value; a compound field is made of its parts.
pub fn value(object: &Object, row: &Row, at: usize, field: &Field) -> Value {
    if field.kind != Kind::Address {
        return row.get(at).cloned().unwrap_or_default();
    }
    let part = |end: &str| {
        let found = object
            .parts(field)
            .find(|(_, part)| part.name.ends_with(end));
        found.and_then(|(at, _)| row.get(at)).cloned()
    };
    let names = [
        ("city", "City"),
        ("country", "Country"),
        ("geocodeAccuracy", "GeocodeAccuracy"),
        ("latitude", "Latitude"),
        ("longitude", "Longitude"),
        ("postalCode", "PostalCode"),
        ("state", "State"),
        ("street", "Street"),
    ];
    let parts = names.map(|(name, end)| (name, part(end).unwrap_or_default()));
    if parts.iter().all(|(_, value)| value.is_null()) {
        return Value::Null;
    }
    let parts = parts.into_iter().map(|(n, value)| (n.to_owned(), value));
    Value::Object(parts.collect())
}
