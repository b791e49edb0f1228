//! `@{ref.path}` in a part of a composite request: a value of an earlier part's answer.

use std::collections::HashMap;

use serde_json::Value;

use crate::demo::crm::fault::{Fault, Outcome};

/// Replaces `@{ref.path}` in all texts of a body.
///
/// # Errors
/// PROCESSING_HALTED when nothing was answered under that name.
pub fn filled(value: &Value, name: &str, known: &HashMap<String, Option<Value>>) -> Outcome<Value> {
    match value {
        Value::String(text) => Ok(Value::String(fill(text, name, known)?)),
        Value::Array(items) => {
            let items = items.iter().map(|item| filled(item, name, known));
            Ok(Value::Array(items.collect::<Outcome<_>>()?))
        }
        Value::Object(map) => {
            let pairs = map
                .iter()
                .map(|(k, v)| Ok((k.clone(), filled(v, name, known)?)));
            Ok(Value::Object(pairs.collect::<Outcome<_>>()?))
        }
        plain => Ok(plain.clone()),
    }
}

/// Replaces `@{ref.path}` in a text.
///
/// # Errors
/// PROCESSING_HALTED when nothing was answered under that name.
pub fn fill(text: &str, name: &str, known: &HashMap<String, Option<Value>>) -> Outcome<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((expression, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str(&looked_up(expression, name, known)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The value of `refAccount.id` or `query.records[0].Id` in what was answered before.
fn looked_up(
    expression: &str,
    name: &str,
    known: &HashMap<String, Option<Value>>,
) -> Outcome<String> {
    let missing = || {
        let message = format!(
            "Invalid reference specified. No value for {expression} found in {}",
            expression.split('.').next().unwrap_or(name)
        );
        Fault::bad("PROCESSING_HALTED", message)
    };
    let mut parts = expression.split('.');
    let first = parts.next().unwrap_or_default();
    let mut at = known
        .get(first)
        .and_then(Option::as_ref)
        .ok_or_else(missing)?;
    for part in parts {
        let (key, places) = part.split_once('[').unwrap_or((part, ""));
        at = at.get(key).ok_or_else(missing)?;
        for place in places.split('[').filter(|place| !place.is_empty()) {
            let place: usize = place.trim_end_matches(']').parse().map_err(|_| missing())?;
            at = at.get(place).ok_or_else(missing)?;
        }
    }
    match at {
        Value::String(text) => Ok(text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(missing()),
        plain => Ok(plain.to_string()),
    }
}
