//! GraphQL over the rows: queries become SOQL, mutations what they are.
//!
//! Read first: [`route`].

mod parse;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, value as field_value};
use crate::demo::crm::render;
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::schema::Object;
use crate::demo::crm::soql;
use crate::demo::crm::store::Row;
use parse::{Asked, Field, Selected};

/// `POST /graphql`
///
/// # Errors
/// When the body is no object. What is wrong with its document is told with status 200.
pub fn route(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    Ok(Reply::json(200, answer(org, &call.json()?)))
}

/// The answer to a request's body: data, or errors beside it.
fn answer(org: &Org<'_>, body: &Map<String, Value>) -> Value {
    let empty = Map::new();
    let variables = body.get("variables").and_then(Value::as_object);
    let text = body.get("query").and_then(Value::as_str);
    let parsed = parse::parse(text.unwrap_or_default(), variables.unwrap_or(&empty));
    let asked = match parsed {
        Ok(asked) => asked,
        Err(parse::Unread(at)) => {
            return json!({"data": null, "errors": [{
                "message": "Invalid Syntax : offending token",
                "locations": [{"line": 1, "column": at + 1}],
                "extensions": {"ErrorType": "InvalidSyntax"},
                "paths": [],
            }]});
        }
    };
    let run = Run { org, asked: &asked };
    let done = org.store.atomically(|| run.root(&asked.fields));
    match done {
        Ok(data) => json!({"data": data, "errors": []}),
        Err(fault) => json!({"data": null, "errors": [{
            "message": fault.message,
            "locations": [],
            "extensions": {"ErrorType": fault.code},
            "paths": [],
        }]}),
    }
}

struct Run<'r, 'a> {
    org: &'r Org<'a>,
    asked: &'r Asked,
}

impl Run<'_, '_> {
    fn root(&self, selected: &[Selected]) -> Outcome<Value> {
        self.each(selected, "Query", &|field| match field.name.as_str() {
            "uiapi" if self.asked.mutation => {
                self.each(&field.fields, "UIAPIMutations", &|field| {
                    self.mutation(field)
                })
            }
            "uiapi" => self.each(&field.fields, "UIAPI", &|field| match field.name.as_str() {
                "query" => self.each(&field.fields, "RecordQuery", &|field| {
                    let object = self.object(&field.name)?;
                    self.list(field, object, None)
                }),
                _ => Err(unknown(field)),
            }),
            _ => Err(unknown(field)),
        })
    }

    /// The answers of fields under their keys; fragments of that type count too.
    fn each(
        &self,
        selected: &[Selected],
        on: &str,
        answer: &dyn Fn(&Field) -> Outcome<Value>,
    ) -> Outcome<Value> {
        let mut out = Map::new();
        self.into(&mut out, selected, on, answer)?;
        Ok(Value::Object(out))
    }

    fn into(
        &self,
        out: &mut Map<String, Value>,
        selected: &[Selected],
        on: &str,
        answer: &dyn Fn(&Field) -> Outcome<Value>,
    ) -> Outcome<()> {
        for one in selected {
            match one {
                Selected::Field(field) if field.name == "__typename" => {
                    out.insert(field.key.clone(), Value::from(on));
                }
                Selected::Field(field) => {
                    out.insert(field.key.clone(), answer(field)?);
                }
                Selected::Inline(of, fields) if of.as_deref().is_none_or(|of| of == on) => {
                    self.into(out, fields, on, answer)?;
                }
                Selected::Inline(..) => {}
                Selected::Spread(name) => {
                    let fields = self.asked.fragments.get(name);
                    let fields = fields.ok_or_else(|| failed("Undefined fragment"))?;
                    self.into(out, fields, on, answer)?;
                }
            }
        }
        Ok(())
    }

    fn object(&self, name: &str) -> Outcome<&Object> {
        let object = self.org.schema.object(name);
        object.ok_or_else(|| failed("Field in type RecordQuery is undefined"))
    }

    /// The records of an object, or the children of a record by the field that leads to it.
    fn list(&self, field: &Field, object: &Object, of: Option<(&str, &str)>) -> Outcome<Value> {
        let mut conditions = Vec::new();
        if let Some((key, id)) = of {
            conditions.push(format!("{key} = '{id}'"));
        }
        if let Some(filter) = field.arguments.get("where") {
            conditions.extend(condition(filter, ""));
        }
        let mut query = format!("SELECT Id FROM {}", object.name);
        if !conditions.is_empty() {
            query.push_str(&format!(" WHERE ({})", conditions.join(") AND (")));
        }
        if let Some(order) = field.arguments.get("orderBy").and_then(Value::as_object) {
            let orders = order
                .iter()
                .map(|(name, how)| format!("{name} {}", how["order"].as_str().unwrap_or("ASC")));
            let orders: Vec<String> = orders.collect();
            query.push_str(&format!(" ORDER BY {}", orders.join(", ")));
        }
        let found = soql::answer(self.org, &query, false)?.records;
        let first = field.arguments.get("first").and_then(Value::as_u64);
        let first = first.map_or(10, |first| usize::try_from(first).unwrap_or(10));
        let rows = found.iter().take(first).map(|record| {
            let id = record["Id"].as_str().unwrap_or_default();
            self.org.record(object, id)
        });
        let rows: Vec<Row> = rows.collect::<Outcome<_>>()?;
        self.each(
            &field.fields,
            "Connection",
            &|part| match part.name.as_str() {
                "totalCount" => Ok(Value::from(found.len())),
                "pageInfo" => Ok(json!({"hasNextPage": found.len() > first})),
                "edges" => {
                    let edges = rows.iter().map(|row| {
                        self.each(&part.fields, "Edge", &|inner| match inner.name.as_str() {
                            "node" => self.node(inner, object, row),
                            "cursor" => Ok(Value::Null),
                            _ => Err(unknown(inner)),
                        })
                    });
                    edges.collect()
                }
                _ => Err(unknown(part)),
            },
        )
    }

    fn node(&self, of: &Field, object: &Object, row: &Row) -> Outcome<Value> {
        self.each(&of.fields, &object.name, &|field| {
            let id = field_value(object, row, "Id");
            if field.name == "Id" {
                return Ok(id.clone());
            }
            if let Some((at, known)) = object.position(&field.name).zip(object.field(&field.name)) {
                let value = render::value(object, row, at, known);
                return self.each(&field.fields, "Value", &|part| match part.name.as_str() {
                    "value" | "displayValue" | "label" => Ok(value.clone()),
                    _ => Err(unknown(part)),
                });
            }
            if let Some((at, _)) = object.relationship(&field.name) {
                let id = row.get(at).and_then(Value::as_str);
                let target = id.and_then(|id| self.org.schema.of_id(id));
                let Some((id, target)) = id.zip(target) else {
                    return Ok(Value::Null);
                };
                let found = self.org.record(target, id)?;
                return self.node(field, target, &found);
            }
            let child = object.child(&field.name).ok_or_else(|| unknown(field))?;
            let children = self.object(&child.1)?;
            self.list(
                field,
                children,
                Some((&child.2, id.as_str().unwrap_or_default())),
            )
        })
    }

    fn mutation(&self, field: &Field) -> Outcome<Value> {
        let verbs = ["Create", "Update", "Delete"].into_iter();
        let mut verbs = verbs.filter_map(|verb| Some((field.name.strip_suffix(verb)?, verb)));
        let (name, verb) = verbs.next().ok_or_else(|| unknown(field))?;
        let object = self.object(name)?;
        let input = field.arguments.get("input").cloned().unwrap_or_default();
        let id = input["Id"].as_str().unwrap_or_default();
        let record = input[name].as_object().cloned().unwrap_or_default();
        let id = match verb {
            "Create" => self.org.create(object, &record)?,
            "Update" => {
                self.org.update(object, id, &record)?;
                id.to_owned()
            }
            _ => {
                self.org.delete(object, id)?;
                let deleted = |_: &Field| Ok(Value::from(id));
                return self.each(&field.fields, "RecordDeletePayload", &deleted);
            }
        };
        let row = self.org.record(object, &id)?;
        self.each(&field.fields, "Payload", &|part| match part.name.as_str() {
            "Record" => self.node(part, object, &row),
            _ => Err(unknown(part)),
        })
    }
}

/// A filter as conditions of SOQL.
fn condition(filter: &Value, before: &str) -> Vec<String> {
    let mut conditions = Vec::new();
    for (name, value) in filter.as_object().into_iter().flatten() {
        let path = format!("{before}{name}");
        let all = |value: &Value| -> Vec<String> {
            let parts: Vec<&Value> = match value {
                Value::Array(parts) => parts.iter().collect(),
                one => vec![one],
            };
            let parts = parts.into_iter().map(|part| {
                let parts = condition(part, before);
                format!("({})", parts.join(" AND "))
            });
            parts.collect()
        };
        match name.as_str() {
            "and" => conditions.push(format!("({})", all(value).join(" AND "))),
            "or" => conditions.push(format!("({})", all(value).join(" OR "))),
            "not" => conditions.push(format!("(NOT {})", all(value).join(" AND "))),
            _ => {
                let operators = value.as_object().into_iter().flatten();
                for (operator, wanted) in operators {
                    conditions.push(match sign(operator) {
                        Some(sign) => format!("{path} {sign} {}", literal(wanted)),
                        None => {
                            let inner = json!({operator.as_str(): wanted});
                            condition(&inner, &format!("{path}.")).join(" AND ")
                        }
                    });
                }
            }
        }
    }
    conditions
}

fn sign(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "eq" => "=",
        "ne" => "!=",
        "lt" => "<",
        "lte" => "<=",
        "gt" => ">",
        "gte" => ">=",
        "in" => "IN",
        "nin" => "NOT IN",
        "like" => "LIKE",
        _ => return None,
    })
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("({})", items.join(","))
        }
        Value::Object(dated) => {
            let word = dated.get("literal").or(dated.get("value"));
            word.and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        plain => plain.to_string(),
    }
}

fn unknown(field: &Field) -> Fault {
    failed(&format!("Field '{}' is undefined", field.name))
}

fn failed(message: &str) -> Fault {
    Fault::bad("ValidationError", message)
}
