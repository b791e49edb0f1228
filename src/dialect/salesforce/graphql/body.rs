//! The body of a request: its variables put in their places, and the records of its mutations apart.
//!
//! Towards protection it reads `{"query": "…$input0…", "places": "1:1 2:3 …", "inputs": [{…}]}`: one
//! document without any variables but these, where its fields stood in the client's text (lines and
//! columns), and a JSON object for each record that it writes.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::ast::{Document, Kind, Name, Operation, Place, Selection, Value};
use super::{Error, MAX_PARTS, parse, write as written};
use crate::model::{Code, Personal, Refusal};
use crate::wire::json::{self, Limits, NodeId, encode_into};

/// What the variable of a record's place begins with.
pub const INPUT: &str = "input";

/// The normal form of a body.
///
/// # Errors
/// What is no request of GraphQL, or has variables that nobody gave.
pub fn normal(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let document = json::Document::parse(body, &Limits::default())
        .map_err(|error| malformed(error.to_string()))?;
    let asked = asked(&document)?;
    let mut parsed = parse(&asked.query).map_err(|error| query(&error))?;
    let mut operation = chosen(&mut parsed, asked.operation.as_deref())?;
    let mut values = HashMap::new();
    for variable in std::mem::take(&mut operation.variables) {
        let given = asked.variables.get(variable.name.text());
        let value = match (given, variable.default) {
            (Some(node), _) => Some(of_json(&document, *node)?),
            (None, default) => default,
        };
        values.insert(variable.name, value);
    }
    let mut inliner = Inliner {
        values,
        left: Size {
            parts: MAX_PARTS,
            bytes: Limits::default().bytes,
        },
    };
    operation.name = None;
    inliner.directives(&mut operation.directives)?;
    inliner.selections(&mut operation.selections)?;
    for fragment in &mut parsed.fragments {
        inliner.selections(&mut fragment.selections)?;
    }
    let mut inputs = Vec::new();
    if operation.kind == Kind::Mutation {
        take_inputs(&mut operation.selections, &mut inputs)?;
    }
    parsed.operations = vec![operation];
    let mut places = String::new();
    parsed.visit_fields(&mut |field| {
        // Writing to a `String` cannot fail.
        let _ = write!(places, "{}:{} ", field.place.line, field.place.column);
    });
    let mut out = b"{\"query\":".to_vec();
    encode_into(&mut out, &written(&parsed));
    out.extend_from_slice(b",\"places\":");
    encode_into(&mut out, &places);
    out.extend_from_slice(b",\"inputs\":[");
    for (at, input) in inputs.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        to_json(&mut out, input)?;
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// The document of a normal form, its fields with their places in the client's text.
///
/// # Errors
/// When it is not of that form, or nests deeper than a document may.
pub fn document(query: &str, places: &str) -> Result<Document, Refusal> {
    let mut document = parse(query).map_err(|error| self::query(&error))?;
    let mut places = places.split(' ').map(|place| {
        let (line, column) = place.split_once(':')?;
        Some(Place {
            line: line.parse().ok()?,
            column: column.parse().ok()?,
        })
    });
    document.visit_fields(&mut |field| field.place = places.next().flatten().unwrap_or_default());
    Ok(document)
}

/// The body that leaves, from the normal form after protection.
///
/// # Errors
/// When it is not of that form, which protection never makes.
pub fn outgoing(normal: &[u8]) -> Result<Vec<u8>, Refusal> {
    let broken = || malformed("the document could not be written again");
    let document = json::Document::parse(normal, &Limits::default()).map_err(|_| broken())?;
    let root = document.root();
    let text = document
        .get(root, "query")
        .and_then(|node| document.text(node));
    let mut parsed = parse(&text.ok_or_else(broken)?).map_err(|_| broken())?;
    let mut values = HashMap::new();
    let inputs = document.get(root, "inputs");
    for (at, node) in inputs
        .into_iter()
        .flat_map(|node| document.elements(node))
        .enumerate()
    {
        let name = Name::new(&format!("{INPUT}{at}")).ok_or_else(broken)?;
        values.insert(name, Some(of_json(&document, node)?));
    }
    let mut inliner = Inliner {
        values,
        // Each stands in one place.
        left: Size {
            parts: usize::MAX,
            bytes: usize::MAX,
        },
    };
    for operation in &mut parsed.operations {
        inliner.selections(&mut operation.selections)?;
    }
    let mut out = b"{\"query\":".to_vec();
    encode_into(&mut out, &written(&parsed));
    out.push(b'}');
    Ok(out)
}

/// A body's members.
struct Asked {
    query: String,
    operation: Option<String>,
    variables: HashMap<String, NodeId>,
}

fn asked(document: &json::Document<'_>) -> Result<Asked, Refusal> {
    let root = document.root();
    if document.kind(root) != json::Kind::Object {
        return Err(malformed(
            "one request as an object is expected; a list of them is not taken",
        ));
    }
    let mut query = None;
    let mut operation = None;
    let mut variables = HashMap::new();
    for (key, node) in document.members(root) {
        let null = document.kind(node) == json::Kind::Null;
        match key.as_ref() {
            "query" => query = document.text(node).map(|text| text.into_owned()),
            "operationName" if null => {}
            "operationName" => {
                let name = document.text(node);
                let name = name.ok_or_else(|| malformed("operationName must be text"))?;
                operation = Some(name.into_owned());
            }
            "variables" if null => {}
            "variables" if document.kind(node) == json::Kind::Object => {
                let given = document.members(node);
                variables = given
                    .map(|(name, node)| (name.into_owned(), node))
                    .collect();
            }
            _ => {
                return Err(malformed(
                    "the body has a member other than query, operationName and variables",
                ));
            }
        }
    }
    Ok(Asked {
        query: query.ok_or_else(|| malformed("the body lacks its query"))?,
        operation,
        variables,
    })
}

/// The operation that is carried out; others do not leave.
fn chosen(document: &mut Document, name: Option<&str>) -> Result<Operation, Refusal> {
    let at = match name {
        None if document.operations.len() == 1 => Some(0),
        None => None,
        Some(name) => document.operations.iter().position(|operation| {
            operation
                .name
                .as_ref()
                .is_some_and(|known| known.text() == name)
        }),
    };
    match at {
        Some(at) => Ok(document.operations.swap_remove(at)),
        None => Err(malformed(
            "operationName names no operation of the document",
        )),
    }
}

/// Puts values in the places of variables.
struct Inliner {
    /// None: nobody gave one.
    values: HashMap<Name, Option<Value>>,
    /// How much may still be copied: a large value may stand in many places.
    left: Size,
}

/// How large a value is: its parts, and the letters in them.
#[derive(Clone, Copy)]
struct Size {
    parts: usize,
    bytes: usize,
}

impl Size {
    fn of(value: &Value) -> Self {
        let mut size = Self { parts: 1, bytes: 0 };
        match value {
            Value::Text(text) | Value::Number(text) => size.bytes = text.expose().len(),
            Value::List(items) => items.iter().for_each(|item| size.add(Self::of(item))),
            Value::Object(members) => {
                for (name, value) in members {
                    size.bytes += name.text().len();
                    size.add(Self::of(value));
                }
            }
            Value::Variable(name) | Value::Enum(name) => size.bytes = name.text().len(),
            Value::Bool(_) | Value::Null => {}
        }
        size
    }

    fn add(&mut self, other: Self) {
        self.parts += other.parts;
        self.bytes += other.bytes;
    }

    fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self {
            parts: self.parts.checked_sub(other.parts)?,
            bytes: self.bytes.checked_sub(other.bytes)?,
        })
    }
}

impl Inliner {
    fn selections(&mut self, selections: &mut [Selection]) -> Result<(), Refusal> {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.members(&mut field.arguments)?;
                    self.directives(&mut field.directives)?;
                    self.selections(&mut field.selections)?;
                }
                Selection::Spread { directives, .. } => self.directives(directives)?,
                Selection::Inline {
                    directives,
                    selections,
                    ..
                } => {
                    self.directives(directives)?;
                    self.selections(selections)?;
                }
            }
        }
        Ok(())
    }

    fn directives(&mut self, directives: &mut [super::ast::Directive]) -> Result<(), Refusal> {
        directives
            .iter_mut()
            .try_for_each(|directive| self.members(&mut directive.arguments))
    }

    /// An argument or a member is left out where nobody gave its variable a value: GraphQL tells
    /// that from null.
    fn members(&mut self, members: &mut Vec<(Name, Value)>) -> Result<(), Refusal> {
        members.retain(|(_, value)| match value {
            Value::Variable(name) => self.values.get(name) != Some(&None),
            _ => true,
        });
        members
            .iter_mut()
            .try_for_each(|(_, value)| self.value(value))
    }

    fn value(&mut self, value: &mut Value) -> Result<(), Refusal> {
        match value {
            Value::Variable(name) => {
                let given = self.values.get(name);
                let given = given.ok_or_else(|| unread("a variable is not declared"))?;
                let given = given.as_ref().unwrap_or(&Value::Null);
                // Before anything is copied.
                self.left = self.left.checked_sub(Size::of(given)).ok_or_else(|| {
                    Refusal::new(Code::BodyTooLarge, "the variables are used too often")
                })?;
                *value = given.clone();
                Ok(())
            }
            Value::List(items) => items.iter_mut().try_for_each(|item| self.value(item)),
            Value::Object(members) => self.members(members),
            Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Null | Value::Enum(_) => {
                Ok(())
            }
        }
    }
}

/// Puts a variable in the place of each record that a mutation writes: the objects within `input`.
fn take_inputs(selections: &mut [Selection], inputs: &mut Vec<Value>) -> Result<(), Refusal> {
    for selection in selections {
        let Selection::Field(root) = selection else {
            return Err(unread("a fragment may not stand around a mutation"));
        };
        for selection in &mut root.selections {
            let Selection::Field(field) = selection else {
                return Err(unread("a fragment may not stand around a mutation"));
            };
            for (_, argument) in &mut field.arguments {
                let Value::Object(members) = argument else {
                    continue;
                };
                for (_, value) in members {
                    if matches!(value, Value::Object(_)) {
                        let name = Name::new(&format!("{INPUT}{}", inputs.len()));
                        let name = name.ok_or_else(|| malformed("a mutation is malformed"))?;
                        inputs.push(std::mem::replace(value, Value::Variable(name)));
                    }
                }
            }
        }
    }
    Ok(())
}

/// A JSON value as one of GraphQL. Text may stand for an enumeration: whoever reads it knows where.
fn of_json(document: &json::Document<'_>, node: NodeId) -> Result<Value, Refusal> {
    Ok(match document.kind(node) {
        json::Kind::Null => Value::Null,
        json::Kind::Bool => Value::Bool(document.raw(node) == "true"),
        json::Kind::Number => Value::Number(document.raw(node).into()),
        json::Kind::String => {
            let text = document.text(node).unwrap_or_default();
            Value::Text(Personal::new(text.into_owned()))
        }
        json::Kind::Array => {
            let items = document.elements(node).map(|item| of_json(document, item));
            Value::List(items.collect::<Result<_, _>>()?)
        }
        json::Kind::Object => {
            let members = document.members(node).map(|(key, node)| {
                let name = Name::new(&key);
                let name = name.ok_or_else(|| malformed("a member's name is none of GraphQL's"))?;
                Ok((name, of_json(document, node)?))
            });
            Value::Object(members.collect::<Result<_, Refusal>>()?)
        }
    })
}

/// A value of GraphQL as JSON.
fn to_json(out: &mut Vec<u8>, value: &Value) -> Result<(), Refusal> {
    match value {
        Value::Text(text) => encode_into(out, text.expose()),
        Value::Number(text) => out.extend_from_slice(text.expose().as_bytes()),
        Value::Bool(flag) => out.extend_from_slice(flag.to_string().as_bytes()),
        Value::Null => out.extend_from_slice(b"null"),
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                to_json(out, item)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                encode_into(out, name.text());
                out.push(b':');
                to_json(out, value)?;
            }
            out.push(b'}');
        }
        Value::Enum(_) | Value::Variable(_) => {
            return Err(unread("a record's value may not be a word without quotes"));
        }
    }
    Ok(())
}

fn query(error: &Error) -> Refusal {
    let Error { line, column, .. } = *error;
    Refusal::new(Code::QueryMalformed, error.to_string()).in_text(line, column)
}

/// What is wrong with the document as a whole.
fn unread(text: &'static str) -> Refusal {
    Refusal::new(Code::QueryMalformed, text)
}

fn malformed(text: impl Into<String>) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}
