//! What an administrator changes in Setup, as far as describe tells of it: fields that are shorter, of
//! another type, gone or new, objects that are gone. What is stored does not change.

use std::collections::HashMap;
use std::sync::PoisonError;

use serde_json::{Map, Value, json};

use crate::demo::crm::Inner;
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::rest::{Call, Reply};

/// By object, and by field within it: properties that describe shows instead, or null for what is not
/// there any more. The empty name stands for the object itself.
pub type Altered = HashMap<String, Map<String, Value>>;

impl Inner {
    fn altered(&self, object: &str) -> Map<String, Value> {
        let altered = self.altered.lock().unwrap_or_else(PoisonError::into_inner);
        altered.get(object).cloned().unwrap_or_default()
    }
}

/// `PUT /_describe/OBJECT[/FIELD]`: the properties to show; null takes it away, `{}` undoes that.
///
/// # Errors
/// When the body is neither.
pub fn change(inner: &Inner, call: &Call, object: &str, field: &str) -> Outcome<Reply> {
    let value: Value = serde_json::from_slice(&call.body)
        .map_err(|error| Fault::bad("JSON_PARSER_ERROR", error.to_string()))?;
    let mut altered = inner.altered.lock().unwrap_or_else(PoisonError::into_inner);
    let fields = altered.entry(object.to_owned()).or_default();
    fields.insert(field.to_owned(), value);
    Ok(Reply::json(200, json!({})))
}

/// A describe as it is after the changes.
///
/// # Errors
/// When the object is not there any more, or cannot be described just now (`"status"`).
pub fn described(inner: &Inner, object: &str, mut reply: Value) -> Outcome<Value> {
    let altered = inner.altered(object);
    let Some(fields) = reply.get_mut("fields").and_then(Value::as_array_mut) else {
        return Ok(reply);
    };
    for (name, change) in &altered {
        let at = fields
            .iter()
            .position(|field| field["name"] == name.as_str());
        match (name.as_str(), change, at) {
            ("", Value::Null, _) => return Err(Fault::not_found()),
            ("", change, _) => match change["status"].as_u64().map(u16::try_from) {
                Some(Ok(status)) => {
                    return Err(Fault::new(status, "SERVER_UNAVAILABLE", "Try again later"));
                }
                _ => continue,
            },
            (_, Value::Null, Some(at)) => drop(fields.remove(at)),
            (_, Value::Object(properties), Some(at)) => {
                for (property, value) in properties {
                    fields[at][property] = value.clone();
                }
            }
            (_, Value::Object(properties), None) => {
                let mut field = Value::Object(properties.clone());
                field["name"] = json!(name);
                fields.push(field);
            }
            _ => {}
        }
    }
    Ok(reply)
}
