//! Bulk jobs of both interfaces: made, filled, carried out at once, and their results as tables.
//!
//! Sources: Bulk API 2.0 and Bulk API Developer Guide.

mod one;
mod table;
mod two;
mod xml;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::schema::{Kind, Object};
use crate::demo::crm::{id, soql};

pub use one::route as one;
pub use two::route as two;

/// The namespace of version 1.0.
const SPACE: &str = "http://www.force.com/2009/06/asyncapi/dataload";

/// All jobs, by id.
pub type Jobs = BTreeMap<String, Job>;

/// A job, and what became of it.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// `ingest`, `query` or `async`.
    kind: &'static str,
    operation: String,
    object: String,
    external: Option<String>,
    /// `CSV`, `JSON` or `XML`.
    content: String,
    delimiter: String,
    ending: String,
    state: &'static str,
    query: String,
    data: Vec<u8>,
    batches: Vec<Batch>,
    done: Batch,
}

/// Records that were carried out together.
#[derive(Clone, Debug, Default)]
struct Batch {
    id: String,
    header: Vec<String>,
    rows: Vec<Done>,
    /// Of a query.
    found: Option<Found>,
}

#[derive(Clone, Debug, Default)]
struct Found {
    id: String,
    records: Vec<Value>,
}

/// One record, and what became of it.
#[derive(Clone, Debug)]
struct Done {
    cells: Vec<String>,
    id: String,
    created: bool,
    error: Option<String>,
}

impl Job {
    fn separator(&self) -> char {
        match self.delimiter.as_str() {
            "SEMICOLON" => ';',
            "TAB" => '\t',
            "PIPE" => '|',
            "CARET" => '^',
            "BACKQUOTE" => '`',
            _ => ',',
        }
    }

    fn line_end(&self) -> &'static str {
        match self.ending.as_str() {
            "CRLF" => "\r\n",
            _ => "\n",
        }
    }

    /// Carries out a table of records.
    fn load(&self, org: &Org<'_>, data: &[u8]) -> Outcome<Batch> {
        let text = std::str::from_utf8(data)
            .map_err(|_| Fault::bad("InvalidBatch", "the data is not UTF-8"))?;
        let mut rows = table::read(text, self.separator()).into_iter();
        let header = rows.next().unwrap_or_default();
        let mut done = Vec::new();
        for cells in rows {
            let result = self.row(org, &header, &cells);
            done.push(done_of(cells, result));
        }
        Ok(Batch {
            header,
            rows: done,
            ..Batch::default()
        })
    }

    fn row(&self, org: &Org<'_>, header: &[String], cells: &[String]) -> Outcome<(String, bool)> {
        if header.len() != cells.len() {
            let message = "a row has another number of columns than the header";
            return Err(Fault::bad("InvalidBatch", message));
        }
        let object = org.object(&self.object)?;
        let mut record = Map::new();
        for (name, cell) in header
            .iter()
            .zip(cells)
            .filter(|(_, cell)| !cell.is_empty())
        {
            let value = match cell.as_str() {
                "#N/A" => Value::Null,
                text => typed(object, name, text),
            };
            match name.split_once('.') {
                Some((relation, field)) => {
                    let relation = relation.rsplit(':').next().unwrap_or_default();
                    let inner = Map::from_iter([(field.to_owned(), value)]);
                    record.insert(relation.to_owned(), Value::Object(inner));
                }
                None => drop(record.insert(name.clone(), value)),
            }
        }
        self.record(org, object, record)
    }

    /// Carries out one record: its id, and whether it is new.
    fn record(
        &self,
        org: &Org<'_>,
        object: &Object,
        mut record: Map<String, Value>,
    ) -> Outcome<(String, bool)> {
        record.remove("attributes");
        org.store.atomically(|| match self.operation.as_str() {
            "insert" => org.create(object, &record).map(|id| (id, true)),
            "upsert" => {
                let key = org.key(object, self.external.as_deref().unwrap_or_default())?;
                let value = take(&mut record, &key.name).unwrap_or_default();
                let done = org.upsert(object, key, &value, &record)?;
                Ok((done.id, done.created))
            }
            operation => {
                let own = take(&mut record, "Id");
                let own = own.as_ref().and_then(Value::as_str).and_then(id::canonical);
                let own = own.ok_or_else(|| Fault::bad("MALFORMED_ID", "malformed id"))?;
                match operation {
                    "update" => org.update(object, &own, &record)?,
                    _ => org.delete(object, &own)?,
                }
                Ok((own, false))
            }
        })
    }

    fn ask(&self, org: &Org<'_>, query: &str) -> Outcome<Batch> {
        let deleted = self.operation == "queryAll";
        let records = soql::answer(org, query, deleted)?.records;
        Ok(Batch {
            header: columns(query),
            found: Some(Found {
                id: org.store.new_id_with("752"),
                records,
            }),
            ..Batch::default()
        })
    }
}

fn take(record: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let mut keys = record.keys();
    let key = keys.find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    record.shift_remove(&key)
}

fn done_of(cells: Vec<String>, result: Outcome<(String, bool)>) -> Done {
    match result {
        Ok((id, created)) => Done {
            cells,
            id,
            created,
            error: None,
        },
        Err(fault) => Done {
            cells,
            id: String::new(),
            created: false,
            error: Some(format!(
                "{}:{}:{} --",
                fault.code,
                fault.message,
                fault.fields.unwrap_or_default().join(",")
            )),
        },
    }
}

/// A cell as its field would have it in JSON.
fn typed(object: &Object, name: &str, text: &str) -> Value {
    match object.field(name).map(|field| field.kind) {
        Some(Kind::Boolean) => Value::Bool(text.eq_ignore_ascii_case("true") || text == "1"),
        Some(Kind::Int | Kind::Double | Kind::Currency | Kind::Percent) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
        }
        _ => Value::from(text),
    }
}

/// What a query selects, as its words stand.
fn columns(query: &str) -> Vec<String> {
    let lower = query.to_ascii_lowercase();
    let end = lower.find(" from ").unwrap_or(query.len());
    let list = query.get(6..end).unwrap_or_default();
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

/// The rows of a query as cells.
fn cells(header: &[String], record: &Value) -> Vec<String> {
    let cell = |path: &String| {
        let found = path.split('.').try_fold(record, |value, name| {
            let mut members = value.as_object()?.iter();
            members
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        });
        match found {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    };
    header.iter().map(cell).collect()
}
