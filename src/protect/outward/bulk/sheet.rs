//! A table of records: what its columns are, its rows as records, and the rows again.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{context, malformed, object, refused};
use crate::dialect::salesforce::bulk::Job;
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, FieldType, ObjectPlan, Plan};
use crate::protect::Protection;
use crate::protect::cleared::Cleared;
use crate::protect::outward::rewrite::Failure;
use crate::protect::outward::survey::{Survey, survey};
use crate::protect::outward::value::is_json_number;
use crate::protect::outward::values::{By, Context};
use crate::wire::csv::{self, Guard, Record};
use crate::wire::json::{Document, Edits, Kind, Limits, NodeId, Value, encode_into};

/// What empties a field (Bulk API 2.0 Developer Guide, "Valid CSV Record Rows"); an empty cell
/// leaves it alone.
const NULL: &str = "#N/A";

/// The columns of a table, each with its rule.
#[derive(Debug)]
pub struct Sheet<'p> {
    object: &'p ObjectPlan,
    job: Job,
    columns: Vec<Column<'p>>,
}

#[derive(Debug)]
enum Column<'p> {
    /// The record's own id.
    Id,
    Field(&'p FieldPlan),
    /// `Account.Ext_Id__c`, or `User:Owner.Email` where a relation leads to several objects.
    Relation {
        name: String,
        object: Option<String>,
        field: &'p FieldPlan,
    },
}

/// A portion of a table as a list of records in JSON, and which of its cells stand there.
#[derive(Debug)]
pub struct Batch {
    json: Zeroizing<Vec<u8>>,
    /// For each record its columns, in the order of the members.
    columns: Vec<Vec<usize>>,
}

impl<'p> Sheet<'p> {
    /// Reads a header.
    ///
    /// # Errors
    /// A column that is no field or relation of policy's, or that stands twice.
    pub fn new(
        plan: &'p Plan,
        protection: &Protection,
        job: &Job,
        header: &Record,
    ) -> Result<Self, Refusal> {
        let context = context(plan, protection, None);
        let object = object(&context, job)?;
        if job.operation.deletes() {
            context.deletes(object)?;
        }
        let mut columns: Vec<Column<'p>> = Vec::with_capacity(header.cells.len());
        for at in 0..header.cells.len() {
            let name = header.value(at).unwrap_or_default();
            let column = column(&context, object, &name).map_err(|refusal| Refusal {
                text: format!("column {}: {}", at + 1, refusal.text),
                ..refusal
            })?;
            if columns.iter().any(|known| known.is(&column)) {
                let text = format!("column {}: a field or relation stands twice", at + 1);
                return Err(Refusal::at(Code::BodyMalformed, object.name.clone(), text));
            }
            columns.push(column);
        }
        let ids = matches!(columns.as_slice(), [Column::Id]);
        if job.operation.deletes() && !ids {
            return Err(malformed(
                "a job that deletes takes the column Id and no other",
            ));
        }
        Ok(Self {
            object,
            job: job.clone(),
            columns,
        })
    }

    /// Whether the table has ids of records and nothing else.
    #[must_use]
    pub fn deletes(&self) -> bool {
        self.job.operation.deletes()
    }

    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// A column's name in policy's spelling, for messages.
    #[must_use]
    pub fn label(&self, column: usize) -> Option<String> {
        Some(match self.columns.get(column)? {
            Column::Id => format!("{}.Id", self.object.name),
            Column::Field(field) => field.label.clone(),
            Column::Relation { name, field, .. } => format!("{name}.{}", field.name),
        })
    }

    /// The header as it leaves: it has names of policy's only.
    #[must_use]
    pub fn header(&self, header: &Record) -> Cleared<Vec<u8>> {
        Cleared::new(header.text.as_bytes().to_vec())
    }

    /// The rows of a job that deletes.
    ///
    /// # Errors
    /// What is no id.
    pub fn ids(&self, records: &[Record]) -> Result<Cleared<Vec<u8>>, Refusal> {
        let mut out = String::new();
        for record in records {
            let id = record.value(0).and_then(|text| Id::parse(&text));
            let cell = record.cells.first().filter(|_| id.is_some());
            let cell = cell.ok_or_else(|| {
                let text = format!("record {}: a record id is malformed", record.number);
                Refusal::at(Code::ValueUnfit, format!("{}.Id", self.object.name), text)
            })?;
            out.push_str(record.text.get(cell.range.start..).unwrap_or_default());
        }
        Ok(Cleared::new(out.into_bytes()))
    }

    /// A portion as records.
    ///
    /// # Errors
    /// When a text cannot be JSON.
    pub fn batch(&self, records: &[Record]) -> Result<Batch, Refusal> {
        let mut json = Zeroizing::new(Vec::with_capacity(records.len() * 256));
        let mut all = Vec::with_capacity(records.len());
        json.push(b'[');
        for (at, record) in records.iter().enumerate() {
            if at > 0 {
                json.push(b',');
            }
            let columns = self.record(record, &mut json);
            if columns.is_empty()
                && record
                    .cells
                    .iter()
                    .enumerate()
                    .all(|(at, _)| record.value(at).is_none_or(|value| value.trim().is_empty()))
            {
                // Some readers pass over it: then results tell of other records than we take them for.
                let text = format!("record {}: nothing stands in any cell", record.number);
                return Err(Refusal::new(Code::BodyMalformed, text));
            }
            all.push(columns);
        }
        json.push(b']');
        Ok(Batch { json, columns: all })
    }

    fn record(&self, record: &Record, json: &mut Vec<u8>) -> Vec<usize> {
        let mut members = Vec::with_capacity(self.columns.len());
        json.push(b'{');
        for (at, column) in self.columns.iter().enumerate() {
            let value = record.value(at).unwrap_or_default();
            let related = matches!(column, Column::Relation { .. });
            // A reference that is emptied has no value that anybody could look at.
            // The CRM trims: blanks are as good as nothing.
            if value.trim().is_empty() || related && value == NULL {
                continue;
            }
            if !members.is_empty() {
                json.push(b',');
            }
            members.push(at);
            match column {
                Column::Id => {
                    json.extend_from_slice(b"\"Id\":");
                    encode_into(json, &value);
                }
                Column::Field(field) => {
                    encode_into(json, &field.name);
                    json.push(b':');
                    typed(field, &value, json);
                }
                Column::Relation {
                    name,
                    object,
                    field,
                } => {
                    encode_into(json, name);
                    json.extend_from_slice(b":{");
                    if let Some(object) = object {
                        json.extend_from_slice(b"\"attributes\":{\"type\":");
                        encode_into(json, object);
                        json.extend_from_slice(b"},");
                    }
                    encode_into(json, &field.name);
                    json.push(b':');
                    encode_into(json, &value);
                    json.push(b'}');
                }
            }
        }
        json.push(b'}');
        members
    }

    /// Surveys a portion. `batch` and `document` are its records.
    ///
    /// # Errors
    /// The first record that has something without a rule, or whose rule refuses it, by its number.
    pub fn survey(
        &self,
        plan: &'p Plan,
        protection: &Protection,
        (by, version): (By, u16),
        (records, document): (&[Record], &Document<'_>),
    ) -> Result<Survey<'p>, Refusal> {
        let request = super::batch_request(&self.job, version, document);
        let surveyed =
            request.and_then(|request| survey(plan, protection, by, request, Some(document)));
        surveyed.map_err(|refusal| {
            let found = refused(plan, protection, by, (self, version), records);
            found.unwrap_or_else(|| {
                let first = records.first().map_or(0, |record| record.number);
                super::numbered(first, refusal)
            })
        })
    }
}

impl Batch {
    /// The records.
    ///
    /// # Errors
    /// When they are too large.
    pub fn document(&self) -> Result<Document<'_>, Refusal> {
        let parsed = Document::parse(&self.json, &LIMITS);
        parsed.map_err(|error| Refusal::new(Code::BodyTooLarge, error.to_string()))
    }

    /// The rows again, with what protection changed in the places of what it was.
    pub(super) fn write(
        &self,
        job: &Job,
        records: &[Record],
        document: &Document<'_>,
        edits: &Edits,
    ) -> Result<Vec<u8>, Failure> {
        let mut out = String::with_capacity(self.json.len());
        let nodes = document.elements(document.root());
        let mut rows = 0;
        for ((record, columns), node) in records.iter().zip(&self.columns).zip(nodes) {
            row(&mut out, job, (record, columns), (document, node), edits)?;
            rows += 1;
        }
        match rows == records.len() {
            true => Ok(out.into_bytes()),
            false => Err(Failure::Incomplete),
        }
    }
}

fn row(
    out: &mut String,
    job: &Job,
    (record, columns): (&Record, &[usize]),
    (document, node): (&Document<'_>, NodeId),
    edits: &Edits,
) -> Result<(), Failure> {
    let values = values(document, node);
    if values.len() != columns.len() {
        return Err(Failure::Incomplete);
    }
    let mut done = 0;
    for (column, value) in columns.iter().zip(values) {
        let Some(change) = edits.change(value) else {
            continue;
        };
        let text = match change {
            Some(Value::Text(text) | Value::Raw(text)) => text.as_str(),
            Some(Value::Null) => NULL,
            None => "",
        };
        let cell = record.cells.get(*column).ok_or(Failure::Incomplete)?;
        let before = record.text.get(done..cell.range.start);
        out.push_str(before.ok_or(Failure::Incomplete)?);
        let quoted = cell.quoted;
        csv::encode(text, quoted, job.delimiter(), Guard::Off, out)
            .map_err(|_| malformed("a value cannot be written into a table"))?;
        done = cell.range.end;
    }
    out.push_str(record.text.get(done..).ok_or(Failure::Incomplete)?);
    Ok(())
}

/// The values of a record's members, in order; of a relation the value of its key.
fn values(document: &Document<'_>, record: NodeId) -> Vec<NodeId> {
    let inner = |node: NodeId| {
        let mut members = document.members(node);
        members
            .find(|(key, _)| key != "attributes")
            .map(|(_, value)| value)
    };
    let members = document.members(record);
    let value = |(_, node)| match document.kind(node) {
        Kind::Object => inner(node),
        _ => Some(node),
    };
    members.filter_map(value).collect()
}

/// A cell as the JSON value that the field would have, so that the rules for its type hold.
fn typed(field: &FieldPlan, value: &str, json: &mut Vec<u8>) {
    match value {
        NULL => json.extend_from_slice(b"null"),
        "true" | "false" if field.kind == FieldType::Boolean => {
            json.extend_from_slice(value.as_bytes());
        }
        _ if field.kind.is_number() && is_json_number(value) => {
            json.extend_from_slice(value.as_bytes());
        }
        _ => encode_into(json, value),
    }
}

impl Column<'_> {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Id, Self::Id) => true,
            (Self::Field(one), Self::Field(two)) => one.name == two.name,
            (Self::Relation { name: one, .. }, Self::Relation { name: two, .. }) => {
                one.eq_ignore_ascii_case(two)
            }
            _ => false,
        }
    }
}

fn column<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    name: &str,
) -> Result<Column<'p>, Refusal> {
    if name.eq_ignore_ascii_case("id") {
        return Ok(Column::Id);
    }
    let Some((before, field)) = name.split_once('.') else {
        return Ok(Column::Field(context.field(object, name)?));
    };
    let unknown = || {
        Refusal::at(
            Code::PolicyUnknownField,
            object.name.clone(),
            "it names a relation that has no rule in policy, or leads to several objects and does not say which",
        )
    };
    let relation = |name: &str| -> Option<(&'p str, &'p [String])> {
        let mut relations = object.relations();
        relations.find(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let one_of = |targets: &'p [String], name: &str| {
        targets
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name))
    };
    let (relation, target, several) = match before.split_once(':') {
        None => {
            let (relation, targets) = relation(before).ok_or_else(unknown)?;
            match targets {
                [only] => (relation, only, false),
                _ => return Err(unknown()),
            }
        }
        // The guides say object before relation; clients have been seen to say it the other way.
        Some((one, two)) => {
            let reading = |object: &str, name: &str| {
                let (relation, targets) = relation(name)?;
                Some((relation, one_of(targets, object)?))
            };
            match (reading(one, two), reading(two, one)) {
                (Some((relation, target)), None) | (None, Some((relation, target))) => {
                    (relation, target, true)
                }
                _ => return Err(unknown()),
            }
        }
    };
    if object.child(relation).is_some() {
        return Err(unknown());
    }
    let field = context.field(context.object(target)?, field)?;
    Ok(Column::Relation {
        name: relation.to_owned(),
        object: several.then(|| target.clone()),
        field,
    })
}

/// A portion is held small by whoever gathers it.
const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    depth: 8,
    key: 256,
    number: 64,
    nodes: 4_000_000,
};

/// A message of ours for what is wrong with a table, with the column's name where it is known.
#[must_use]
pub fn broken(fault: &csv::Fault, sheet: Option<&Sheet<'_>>) -> Refusal {
    let label = fault.column.and_then(|column| sheet?.label(column));
    let column: Cow<'_, str> = match (&label, fault.column) {
        (Some(label), _) => format!(", column {label}").into(),
        (None, Some(column)) => format!(", column {}", column + 1).into(),
        (None, None) => "".into(),
    };
    let text = format!("record {}{column}: {}", fault.record, fault.error);
    let code = match fault.error {
        crate::wire::Error::TooLarge { .. } => Code::BodyTooLarge,
        _ => Code::BodyMalformed,
    };
    match label {
        Some(label) => Refusal::at(code, label, text),
        None => Refusal::new(code, text),
    }
}
