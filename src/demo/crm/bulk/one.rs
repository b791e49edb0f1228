//! Version 1.0: `/services/async/NN.0/job`.

use serde_json::{Map, Value, json};

use super::{Batch, Job, SPACE, cells, done_of, table, xml as records};
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::moment;
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply};

/// Answers; a refusal is in this interface's own shape.
pub fn route(org: &Org<'_>, call: &Call, rest: &[&str]) -> Reply {
    let kind = call.header("content-type").unwrap_or_default();
    let json = kind.contains("json");
    carry(org, call, rest, json).unwrap_or_else(|fault| {
        let code = match fault.code {
            "NOT_FOUND" => "InvalidJob",
            "MALFORMED_QUERY" | "INVALID_FIELD" => "InvalidBatch",
            code => code,
        };
        let members = [
            ("exceptionCode", json!(code)),
            ("exceptionMessage", json!(fault.message)),
        ];
        told(400, "error", &members, json)
    })
}

fn carry(org: &Org<'_>, call: &Call, rest: &[&str], json: bool) -> Outcome<Reply> {
    let ["job", rest @ ..] = rest else {
        return Err(Fault::not_found());
    };
    if let ("POST", []) = (call.method.as_str(), rest) {
        return create(org, call, json);
    }
    let [id, rest @ ..] = rest else {
        return Err(Fault::not_found());
    };
    let mut jobs = org.store.jobs.borrow_mut();
    let job = jobs.get_mut(*id).filter(|job| job.kind == "async");
    let job = job.ok_or_else(Fault::not_found)?;
    match (call.method.as_str(), rest) {
        ("GET", []) => Ok(told(200, "jobInfo", &info(org, id, job), json)),
        ("POST", []) => {
            job.state = match said(call, "state", json).as_str() {
                "Closed" => "Closed",
                "Aborted" => "Aborted",
                _ => return Err(Fault::bad("InvalidJob", "the state is unknown")),
            };
            Ok(told(200, "jobInfo", &info(org, id, job), json))
        }
        ("POST", ["batch"]) => {
            if job.state != "Open" {
                return Err(Fault::bad("InvalidJobState", "the job is closed"));
            }
            let mut batch = load(org, job, &call.body)?;
            batch.id = org.store.new_id_with("751");
            let members = batch_info(org, id, &batch);
            job.batches.push(batch);
            Ok(told(201, "batchInfo", &members, job.content == "JSON"))
        }
        ("GET", ["batch"]) => {
            let batches = job.batches.iter().map(|batch| batch_info(org, id, batch));
            Ok(match json {
                true => {
                    let list: Vec<Value> = batches.map(|batch| object(&batch)).collect();
                    Reply::json(200, json!({"batchInfo": list}))
                }
                false => {
                    let inner: String = batches
                        .map(|batch| xml("batchInfo", &batch, false))
                        .collect();
                    let text = format!("<batchInfoList xmlns=\"{SPACE}\">{inner}</batchInfoList>");
                    Reply::text(200, "application/xml", text)
                }
            })
        }
        ("GET", ["batch", batch, rest @ ..]) => {
            let found = job.batches.iter().find(|known| known.id == *batch);
            let found = found.ok_or_else(|| Fault::bad("InvalidBatch", "no such batch"))?;
            match rest {
                [] => {
                    let json = job.content == "JSON";
                    Ok(told(200, "batchInfo", &batch_info(org, id, found), json))
                }
                ["result"] => Ok(results(job, found)),
                ["result", result] => match &found.found {
                    Some(rows) if rows.id == *result => Ok(match job.content.as_str() {
                        "JSON" => Reply::json(200, rows.records.clone().into()),
                        "XML" => Reply::text(200, "application/xml", records::rows(rows)),
                        _ => Reply::text(200, "text/csv", rows_table(found)),
                    }),
                    _ => Err(Fault::bad("InvalidBatch", "no such result")),
                },
                _ => Err(Fault::not_found()),
            }
        }
        _ => Err(Fault::not_found()),
    }
}

fn create(org: &Org<'_>, call: &Call, json: bool) -> Outcome<Reply> {
    let text = |name: &str| said(call, name, json);
    let job = Job {
        kind: "async",
        operation: text("operation"),
        object: org.object(&text("object"))?.name.clone(),
        external: Some(text("externalIdFieldName")).filter(|name| !name.is_empty()),
        content: text("contentType"),
        state: "Open",
        ..Job::default()
    };
    let id = org.store.new_id_with("750");
    let members = info(org, &id, &job);
    org.store.jobs.borrow_mut().insert(id, job);
    Ok(told(201, "jobInfo", &members, json))
}

fn load(org: &Org<'_>, job: &Job, body: &[u8]) -> Outcome<Batch> {
    if job.operation.starts_with("query") {
        let text = String::from_utf8_lossy(body);
        return job.ask(org, text.trim());
    }
    let object = org.object(&job.object)?;
    let records: Vec<Map<String, Value>> = match job.content.as_str() {
        "XML" => records::read(object, body)?,
        "JSON" => serde_json::from_slice(body)
            .map_err(|_| Fault::bad("InvalidBatch", "the batch is no list of JSON objects"))?,
        _ => return job.load(org, body),
    };
    let records = records.into_iter();
    let rows = records.map(|record| done_of(vec![], job.record(org, object, record)));
    Ok(Batch {
        rows: rows.collect(),
        ..Batch::default()
    })
}

fn results(job: &Job, batch: &Batch) -> Reply {
    let json = job.content == "JSON";
    if let Some(found) = &batch.found {
        return match json {
            true => Reply::json(200, json!([found.id])),
            false => {
                let text = format!(
                    "<result-list xmlns=\"{SPACE}\"><result>{}</result></result-list>",
                    found.id
                );
                Reply::text(200, "application/xml", text)
            }
        };
    }
    if json {
        let rows = batch.rows.iter().map(|row| {
            let errors = row
                .error
                .iter()
                .map(|error| json!({"message": error, "fields": []}));
            json!({
                "success": row.error.is_none(),
                "created": row.created,
                "id": (!row.id.is_empty()).then_some(&row.id),
                "errors": errors.collect::<Vec<_>>(),
            })
        });
        return Reply::json(200, rows.collect());
    }
    if job.content == "XML" {
        return Reply::text(200, "application/xml", records::results(batch));
    }
    let form = (',', "\n");
    let mut out = String::new();
    table::write(&mut out, ["Id", "Success", "Created", "Error"], form);
    for row in &batch.rows {
        let success = row.error.is_none().to_string();
        let (created, error) = (row.created.to_string(), row.error.as_deref().unwrap_or(""));
        table::write(&mut out, [row.id.as_str(), &success, &created, error], form);
    }
    Reply::text(200, "text/csv", out)
}

fn rows_table(batch: &Batch) -> String {
    let form = (',', "\n");
    let mut out = String::new();
    table::write(&mut out, batch.header.iter().map(String::as_str), form);
    let records = batch
        .found
        .as_ref()
        .map_or(&[][..], |found| found.records.as_slice());
    for record in records {
        let row = cells(&batch.header, record);
        table::write(&mut out, row.iter().map(String::as_str), form);
    }
    out
}

fn info(org: &Org<'_>, id: &str, job: &Job) -> Vec<(&'static str, Value)> {
    let now = moment::datetime(org.now);
    let failed = |batch: &Batch| batch.rows.iter().filter(|row| row.error.is_some()).count();
    vec![
        ("id", json!(id)),
        ("operation", json!(job.operation)),
        ("object", json!(job.object)),
        ("createdById", json!(org.user)),
        ("createdDate", json!(now)),
        ("systemModstamp", json!(now)),
        ("state", json!(job.state)),
        ("concurrencyMode", json!("Parallel")),
        ("contentType", json!(job.content)),
        ("numberBatchesQueued", json!(0)),
        ("numberBatchesInProgress", json!(0)),
        ("numberBatchesCompleted", json!(job.batches.len())),
        ("numberBatchesFailed", json!(0)),
        ("numberBatchesTotal", json!(job.batches.len())),
        (
            "numberRecordsProcessed",
            json!(
                job.batches
                    .iter()
                    .map(|batch| batch.rows.len())
                    .sum::<usize>()
            ),
        ),
        ("numberRetries", json!(0)),
        ("apiVersion", json!(org.version)),
        (
            "numberRecordsFailed",
            json!(job.batches.iter().map(failed).sum::<usize>()),
        ),
    ]
}

fn batch_info(org: &Org<'_>, job: &str, batch: &Batch) -> Vec<(&'static str, Value)> {
    let now = moment::datetime(org.now);
    let found = batch.found.as_ref().map_or(0, |found| found.records.len());
    vec![
        ("id", json!(batch.id)),
        ("jobId", json!(job)),
        ("state", json!("Completed")),
        ("createdDate", json!(now)),
        ("systemModstamp", json!(now)),
        ("numberRecordsProcessed", json!(batch.rows.len() + found)),
        (
            "numberRecordsFailed",
            json!(batch.rows.iter().filter(|row| row.error.is_some()).count()),
        ),
        ("totalProcessingTime", json!(1)),
        ("apiActiveProcessingTime", json!(1)),
        ("apexProcessingTime", json!(0)),
    ]
}

/// A member of what the client says, in JSON or XML.
fn said(call: &Call, name: &str, json: bool) -> String {
    if json {
        let parsed: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        return parsed
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
    }
    let text = String::from_utf8_lossy(&call.body);
    let inside = text.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
    let inside = inside.and_then(|rest| rest.split_once(&format!("</{name}>")));
    inside
        .map(|(value, _)| value.trim().to_owned())
        .unwrap_or_default()
}

fn told(status: u16, root: &str, members: &[(&str, Value)], json: bool) -> Reply {
    match json {
        true => Reply::json(status, object(members)),
        false => Reply::text(status, "application/xml", xml(root, members, true)),
    }
}

fn object(members: &[(&str, Value)]) -> Value {
    let members = members.iter();
    Value::Object(
        members
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    )
}

fn xml(root: &str, members: &[(&str, Value)], whole: bool) -> String {
    let space = if whole {
        format!(" xmlns=\"{SPACE}\"")
    } else {
        String::new()
    };
    let head = if whole {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
    } else {
        ""
    };
    let mut out = format!("{head}<{root}{space}>");
    for (name, value) in members {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let text = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        out.push_str(&format!("<{name}>{text}</{name}>"));
    }
    out.push_str(&format!("</{root}>"));
    out
}
