//! The Bulk API's requests: jobs, their queries, and their records in portions.
//!
//! A portion of records is read by the very rules of a collection of the REST API: it becomes the
//! records of one, and what protection changes in them is put back where it stood, in the table or in
//! the JSON of the client. So no rule is written twice, and what does not change leaves as it came.
//!
//! Read first: [`Sheet`] (a table's columns), [`Batch`] (a portion as records), [`protect_batch`].

mod sheet;

use std::collections::HashSet;

use super::needs::{Known, Rows};
use super::rewrite::{Failure, Rewritten};
use super::survey::{Survey, survey};
use super::values::{By, Context};
use crate::dialect::salesforce::bulk::{self, Content, Job, NewJob, Operation};
use crate::dialect::salesforce::call::{Call, Record, Request};
use crate::dialect::salesforce::door::{Door, Key, Route, Verb};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Entropy, Refusal};
use crate::policy::{FieldType, ObjectPlan, Plan, RoleSet, Rule};
use crate::protect::Protection;
use crate::protect::cleared::{Cleared, Outgoing};
use crate::wire::csv;
use crate::wire::json::{Document, Kind, Limits, NodeId};

pub use sheet::{Batch, Sheet, broken};

/// A request without a body: an id in its path is all that it says.
#[must_use]
pub fn head(route: &bulk::Route) -> Cleared<Outgoing> {
    outgoing(route, None)
}

/// The request that a portion's bytes will follow.
#[must_use]
pub fn mark(route: &bulk::Route, content_type: &str) -> Cleared<Outgoing> {
    Cleared::new(Outgoing {
        content_type: Some(content_type.to_owned()),
        ..outgoing(route, None).into_inner()
    })
}

/// The request that closes or aborts a job.
///
/// # Errors
/// A body that says anything else.
pub fn written_state(
    route: &bulk::Route,
    said: &bulk::Said<'_>,
) -> Result<Cleared<Outgoing>, Refusal> {
    Ok(outgoing(
        route,
        Some(bulk::state(route.door.kind(), route.door.job(), said)?),
    ))
}

/// The request that makes a job for records. Names of object and key get policy's spelling.
///
/// # Errors
/// An object without rules, and a key that the CRM could not find records by.
pub fn job(
    plan: &Plan,
    protection: &Protection,
    route: &bulk::Route,
    new: &mut NewJob,
) -> Result<Cleared<Outgoing>, Refusal> {
    versions(plan, route)?;
    if new.job.operation == Operation::HardDelete {
        let text = "hard deletes are not taken: delete, and empty the recycle bin in the CRM";
        return Err(Refusal::new(Code::EndpointUnknown, text));
    }
    let context = context(plan, protection, None);
    let object = context.object(&new.job.object)?;
    object.name.clone_into(&mut new.job.object);
    if new.job.operation.deletes() {
        context.deletes(object)?;
    }
    if let Some(name) = &mut new.job.external {
        let field = context.field(object, name)?;
        let found = field.kind == FieldType::Id || object.is_external_id(&field.name);
        let stays = matches!(field.rule, Rule::Pass | Rule::Tokenize { stable: true });
        if !found || !stays {
            let text = format!(
                "{} is not an external id in policy whose values have stable tokens or pass",
                field.label
            );
            return Err(Refusal::at(
                Code::FieldNotWritable,
                field.label.clone(),
                text,
            ));
        }
        field.name.clone_into(name);
    }
    Ok(outgoing(route, Some(new.write())))
}

/// Whether policy knows the version that is asked.
///
/// # Errors
/// [`Code::VersionOutside`].
pub fn look_at(plan: &Plan, route: &bulk::Route) -> Result<(), Refusal> {
    versions(plan, route)
}

/// The question that a query of a bulk job is, to be surveyed as any query.
#[must_use]
pub fn question(version: u16, text: &str, operation: Operation) -> Request {
    let text = text.to_owned();
    let all = operation == Operation::QueryAll;
    let door = Door::Query { text, all };
    Request::bare(Route { version, door })
}

impl Survey<'_> {
    /// The object that a bulk query asks, and its columns.
    ///
    /// # Errors
    /// A query that has no table as its answer.
    pub fn columns(&self) -> Result<(String, Vec<String>), Refusal> {
        let none = || Refusal::new(Code::QueryMalformed, "there is no query");
        self.queries.first().ok_or_else(none)?.columns()
    }

    /// The request that makes a query job, or with `new` absent the one that sends a query as a batch.
    ///
    /// # Errors
    /// As [`Survey::protect`].
    pub fn protect_question(
        self,
        known: &Known,
        protection: &Protection,
        (route, new, content_type): (&bulk::Route, Option<&mut NewJob>, &str),
        entropy: &dyn Entropy,
    ) -> Result<Cleared<Outgoing>, Failure> {
        let Rewritten { request, .. } = self.rewrite(known, protection, (None, entropy))?;
        let call = request.calls.into_iter().next();
        let Some(Door::Query { text, .. }) = call.map(|call| call.route.door) else {
            return Err(Failure::Incomplete);
        };
        Ok(match new {
            Some(new) => {
                new.query = Some(text);
                outgoing(route, Some(new.write()))
            }
            None => Cleared::new(Outgoing {
                body: Some(text.into_bytes()),
                content_type: Some(content_type.to_owned()),
                ..outgoing(route, None).into_inner()
            }),
        })
    }
}

/// A list of records may have as many bytes as the CRM takes of one.
pub const LIST: Limits = Limits {
    bytes: 10_000_000,
    depth: 64,
    key: 256,
    number: 64,
    nodes: 1_000_000,
};

/// The records of a list, each as its text.
///
/// # Errors
/// What is no list.
pub fn records<'d>(document: &'d Document<'_>) -> Result<Vec<&'d str>, Refusal> {
    if document.kind(document.root()) != Kind::Array {
        return Err(malformed("the records must stand in a list"));
    }
    let nodes = document.elements(document.root());
    Ok(nodes.map(|node| document.raw(node)).collect())
}

/// Protected portions of a list as one, in the form of the job's.
///
/// # Errors
/// What the form cannot hold.
pub fn list(job: &Job, portions: Vec<Cleared<Vec<u8>>>) -> Result<Cleared<Vec<u8>>, Refusal> {
    let mut all = vec![b'['];
    for portion in portions {
        let portion = portion.into_inner();
        let inside = portion.strip_prefix(b"[");
        let inside = inside.and_then(|portion| portion.strip_suffix(b"]"));
        let inside = inside.ok_or_else(|| malformed("the records must stand in a list"))?;
        if all.len() > 1 {
            all.push(b',');
        }
        all.extend_from_slice(inside);
    }
    all.push(b']');
    Ok(Cleared::new(written(job, all)?))
}

/// The collection that a portion of records is. `document` is the list of them.
///
/// # Errors
/// What is no list of objects, and a record without the id or key that the operation needs.
pub fn batch_request(job: &Job, version: u16, document: &Document<'_>) -> Result<Request, Refusal> {
    let object = job.object.clone();
    let door = match (job.operation, &job.external) {
        (Operation::Insert, _) => Door::Collection { verb: Verb::Create },
        (Operation::Update, _) => Door::Collection { verb: Verb::Update },
        (Operation::Upsert, Some(field)) => Door::CollectionUpsert {
            object,
            field: field.clone(),
        },
        _ => return Err(malformed("this job takes no records")),
    };
    if document.kind(document.root()) != Kind::Array {
        return Err(malformed("the records must stand in a list"));
    }
    let mut records = Vec::new();
    for node in document.elements(document.root()) {
        if document.kind(node) != Kind::Object {
            return Err(malformed("a record must be an object"));
        }
        let mut members = document.members(node);
        let has_children = members.any(|(_, member)| {
            document.kind(member) == Kind::Object && document.get(member, "records").is_some()
        });
        if has_children {
            // Results tell of records by their place, and not of records within.
            return Err(malformed("related records come in a job of their own"));
        }
        records.push(Record {
            object: job.object.clone(),
            key: key(job, document, node)?,
            node,
        });
    }
    let route = Route { version, door };
    let call = Call {
        records,
        ..Call::of(route.clone())
    };
    Ok(Request {
        top: route.into(),
        calls: vec![call],
        names: vec![],
    })
}

/// A batch in JSON of a job that deletes: ids and nothing else, with how many there are.
///
/// # Errors
/// Anything else.
pub fn ids(job: &Job, document: &Document<'_>) -> Result<(Cleared<Vec<u8>>, usize), Refusal> {
    let unfit =
        || malformed("a job that deletes takes a list of objects with an Id and nothing else");
    if document.kind(document.root()) != Kind::Array {
        return Err(unfit());
    }
    let mut records = Vec::new();
    for node in document.elements(document.root()) {
        let only = document.kind(node) == Kind::Object && document.len(node) == 1;
        let mut members = document.members(node);
        let member = members
            .next()
            .filter(|(key, _)| only && key.eq_ignore_ascii_case("id"));
        let id = member.and_then(|(_, value)| Id::parse(&document.text(value)?));
        records.push(format!("{{\"Id\":\"{}\"}}", id.ok_or_else(unfit)?));
    }
    let body = format!("[{}]", records.join(","));
    let body = written(job, body.into_bytes())?;
    Ok((Cleared::new(body), records.len()))
}

fn key(job: &Job, document: &Document<'_>, record: NodeId) -> Result<Key, Refusal> {
    let member = |name: &str| {
        let mut members = document.members(record);
        let found = members.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.and_then(|(_, node)| document.text(node))
    };
    let own = || member("Id").map(|text| Id::parse(&text));
    match (job.operation, &job.external) {
        (Operation::Update, _) => {
            let id = own().flatten();
            Ok(Key::Id(
                id.ok_or_else(|| malformed("a record lacks its id"))?,
            ))
        }
        (Operation::Upsert, Some(field)) if field.eq_ignore_ascii_case("Id") => {
            Ok(own().flatten().map_or(Key::New, Key::Id))
        }
        (Operation::Upsert, Some(field)) => {
            let value = member(field).filter(|value| !value.trim().is_empty());
            let value = value.ok_or_else(|| malformed("a record lacks the external id as text"))?;
            Ok(Key::External {
                field: field.clone(),
                value: value.into_owned(),
            })
        }
        _ => Ok(Key::New),
    }
}

/// What protection makes of a portion.
#[derive(Debug)]
pub struct Portion {
    /// Its bytes, which may follow the request of [`mark`].
    pub cleared: Cleared<Vec<u8>>,
    pub rows: Rows,
}

/// A portion of a job's, and how it stood in a table; none for a list.
pub type Listed<'l> = (
    &'l Job,
    &'l Document<'l>,
    Option<(&'l Batch, &'l [csv::Record])>,
);

/// Protects a portion that was surveyed.
///
/// # Errors
/// As [`Survey::protect`]; and a value that is kept here for a record that nobody could find it by.
pub fn protect_batch(
    survey: Survey<'_>,
    known: &Known,
    protection: &Protection,
    (job, document, table): Listed<'_>,
    entropy: &dyn Entropy,
) -> Result<Portion, Failure> {
    let found = |unit: usize| {
        survey
            .values
            .units
            .get(unit)
            .is_some_and(|unit| unit.record.is_some())
    };
    let by_id: Vec<bool> = (0..survey.values.units.len()).map(found).collect();
    let Rewritten { edits, rows, .. } = survey.rewrite(known, protection, (None, entropy))?;
    if job.kind == bulk::Kind::Ingest {
        // Results of 2.0 come in any order: a new record is known by a token of its own that is in it.
        let own = rows.tokens.iter().filter(|token| !token.stable);
        let told: HashSet<usize> = own.map(|token| token.unit).collect();
        let is_told =
            |unit: usize| told.contains(&unit) || by_id.get(unit).copied().unwrap_or(false);
        let held = rows.held.iter().map(|held| (held.unit, &held.field));
        let waiting = rows.quarantined.iter().map(|new| (new.unit, &new.field));
        let lost = held.chain(waiting).find(|(unit, _)| !is_told(*unit));
        if let Some((_, field)) = lost {
            let label = format!("{}.{field}", job.object);
            let text = format!(
                "{label} is kept here, and a bulk job can tell of which new record it is only if the record has another field with a token of its own"
            );
            return Err(Refusal::at(Code::ValueUnfit, label, text).into());
        }
    }
    let bytes = match table {
        Some((batch, records)) => batch.write(job, records, document, &edits)?,
        None => document.write(&edits),
    };
    Ok(Portion {
        cleared: Cleared::new(bytes),
        rows,
    })
}

/// A list of records in the form of the job's.
fn written(job: &Job, list: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    if job.content != Content::Xml {
        return Ok(list);
    }
    let limits = Limits {
        bytes: 64 << 20, // Tokens are longer than values.
        ..Limits::default()
    };
    let list = Document::parse(&list, &limits)
        .map_err(|_| malformed("the records are too large once they are protected"))?;
    bulk::written_records(&list)
}

/// A refusal that says of which record it is.
fn numbered(first: u64, refusal: Refusal) -> Refusal {
    Refusal {
        text: format!("record {first}: {}", refusal.text),
        ..refusal
    }
}

fn outgoing(route: &bulk::Route, body: Option<(Vec<u8>, &'static str)>) -> Cleared<Outgoing> {
    let (body, content_type) = match body {
        Some((body, kind)) => (Some(body), Some(kind.to_owned())),
        None => (None, None),
    };
    Cleared::new(Outgoing {
        method: route.method(),
        target: route.target(),
        body,
        content_type,
        files: vec![],
        session: None,
    })
}

fn versions(plan: &Plan, route: &bulk::Route) -> Result<(), Refusal> {
    let api = plan.api();
    if (api.oldest..=api.newest).contains(&route.version) {
        return Ok(());
    }
    let text = format!(
        "policy allows API versions {}.0 to {}.0",
        api.oldest, api.newest
    );
    Err(Refusal::new(Code::VersionOutside, text))
}

fn context<'p, 'c>(
    plan: &'p Plan,
    protection: &'c Protection,
    document: Option<&'c Document<'c>>,
) -> Context<'p, 'c> {
    Context {
        plan,
        protection,
        by: RoleSet::none().into(),
        door: None,
        document,
        body: None,
    }
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}

/// Surveys the records of a table one by one, to say which of them is refused.
fn refused<'p>(
    plan: &'p Plan,
    protection: &Protection,
    by: By,
    (sheet, version): (&Sheet<'p>, u16),
    records: &[csv::Record],
) -> Option<Refusal> {
    records.iter().find_map(|record| {
        let batch = sheet.batch(std::slice::from_ref(record)).ok()?;
        let document = batch.document().ok()?;
        let request = batch_request(sheet.job(), version, &document);
        let surveyed = request
            .and_then(|request| survey(plan, protection, by, request, Some(&document)).map(drop));
        surveyed
            .err()
            .map(|refusal| numbered(record.number, refusal))
    })
}

/// The rules of an object's own, for whoever reads the rows of a table.
fn object<'p>(context: &Context<'p, '_>, job: &Job) -> Result<&'p ObjectPlan, Refusal> {
    context.object(&job.object)
}
