//! The names and values of a body, as policy will name them.

use serde_json::Value;
use zeroize::Zeroizing;

use super::har::{Body, Held};
use crate::wire::{form, multipart};

/// How a body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub enum Written {
    Form,
    Multipart,
    Json,
}

impl Written {
    /// The word of a policy file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Multipart => "multipart",
            Self::Json => "json",
        }
    }
}

/// One name with its value.
pub struct Pair {
    pub name: String,
    pub value: Held,
    /// A file, whose name is the value.
    pub file: bool,
}

impl Pair {
    fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: Held::new(value.to_owned()),
            file: false,
        }
    }
}

/// The pairs of a query.
pub fn query(text: &str) -> Vec<Pair> {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .map(|(name, value)| Pair::new(&name, &value))
        .collect()
}

/// How a body is written, and its pairs; none where it is written in a way that no route takes.
pub fn pairs(body: &Body) -> Option<(Written, Vec<Pair>)> {
    let text = body.text.as_ref().map_or("", |text| text.as_str());
    let kind = body.kind.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => {
            let read = form::parse_repeated(text.as_bytes(), &form::Limits::default());
            let pairs = match (read, &body.params) {
                (Ok(pairs), _) if !pairs.is_empty() => {
                    let pairs = pairs.iter();
                    pairs.map(|(name, value)| Pair::new(name, value)).collect()
                }
                // Some browsers write the parameters and no text.
                (Ok(_), Some(_)) => params(body),
                (Ok(_), None) => vec![],
                (Err(_), _) => query(text),
            };
            Some((Written::Form, pairs))
        }
        "multipart/form-data" => {
            let pairs = parts(&body.kind, text).unwrap_or_else(|| params(body));
            Some((Written::Multipart, pairs))
        }
        "application/json" => {
            let value: Value = serde_json::from_str(text).ok()?;
            let mut pairs = Vec::new();
            leaves(&value, "", &mut pairs);
            wipe(value);
            Some((Written::Json, pairs))
        }
        _ => None,
    }
}

fn parts(kind: &str, text: &str) -> Option<Vec<Pair>> {
    let boundary = multipart::boundary(kind).ok()?;
    let limits = multipart::Limits::default();
    let parts = multipart::parse(&boundary, text.as_bytes(), &limits).ok()?;
    let pair = |part: &multipart::Part| match &part.filename {
        Some(name) => Pair {
            file: true,
            ..Pair::new(&part.name, name)
        },
        None => Pair::new(&part.name, part.text(text.as_bytes()).unwrap_or_default()),
    };
    Some(parts.iter().map(pair).collect())
}

fn params(body: &Body) -> Vec<Pair> {
    let params = body.params.iter().flatten();
    let pair = |param: &super::har::Param| match &param.file {
        Some(name) => Pair {
            file: true,
            ..Pair::new(&param.name, name)
        },
        None => Pair::new(&param.name, param.value.as_ref().map_or("", |text| text)),
    };
    params.map(pair).collect()
}

/// Every leaf of a JSON body by the dotted names that lead to it; `*` is a place in a list.
fn leaves(value: &Value, path: &str, pairs: &mut Vec<Pair>) {
    let dotted = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                leaves(value, &dotted(name), pairs);
            }
        }
        Value::Array(items) => {
            for value in items {
                leaves(value, &dotted("*"), pairs);
            }
        }
        Value::Null => pairs.push(Pair::new(path, "")),
        Value::String(text) => pairs.push(Pair::new(path, text)),
        Value::Bool(_) | Value::Number(_) => pairs.push(Pair::new(path, &value.to_string())),
    }
}

/// Overwrites the texts of a value.
pub fn wipe(value: Value) {
    match value {
        Value::String(text) => drop(Zeroizing::new(text)),
        Value::Array(items) => items.into_iter().for_each(wipe),
        Value::Object(members) => members.into_iter().for_each(|(_, value)| wipe(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
