//! Version 2.0: `/jobs/ingest` and `/jobs/query`.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use super::{Batch, Done, Job, cells, table};
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::moment;
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply};

/// How many records a page of results has, unless the client says how many.
const PAGE: usize = 50_000;

/// # Errors
/// When there is no such job, or the call does not fit its state.
pub fn route(org: &Org<'_>, call: &Call, rest: &[&str]) -> Outcome<Reply> {
    let (kind, rest) = match rest {
        ["ingest", rest @ ..] => ("ingest", rest),
        ["query", rest @ ..] => ("query", rest),
        _ => return Err(Fault::not_found()),
    };
    let (id, rest) = match (call.method.as_str(), rest) {
        ("POST", []) => return create(org, call, kind),
        ("GET", []) => return Ok(list(org, kind)),
        (_, [id, rest @ ..]) => (*id, rest),
        _ => return Err(Fault::method(&call.method, "GET,POST")),
    };
    let mut jobs = org.store.jobs.borrow_mut();
    let job = jobs.get_mut(id).filter(|job| job.kind == kind);
    let job = job.ok_or_else(Fault::not_found)?;
    match (call.method.as_str(), rest) {
        ("GET", []) => Ok(Reply::json(200, info(org, id, job))),
        ("DELETE", []) => {
            jobs.remove(id);
            Ok(Reply::empty(204))
        }
        ("PATCH", []) => {
            let body = call.json()?;
            match body.get("state").and_then(Value::as_str) {
                Some("UploadComplete") if job.state == "Open" => {
                    let data = std::mem::take(&mut job.data);
                    job.done = job.load(org, &data)?;
                    job.state = "JobComplete";
                    // The answer tells of the moment before the work began.
                    let mut told = info(org, id, job);
                    told["state"] = json!("UploadComplete");
                    return Ok(Reply::json(200, told));
                }
                Some("Aborted") if job.state == "Open" => job.state = "Aborted",
                _ => {
                    return Err(Fault::bad(
                        "INVALIDJOBSTATE",
                        "the job's state does not allow it",
                    ));
                }
            }
            Ok(Reply::json(200, info(org, id, job)))
        }
        ("PUT", ["batches"]) if kind == "ingest" => {
            if job.state != "Open" || !job.data.is_empty() {
                let message = "the job takes no data, or has some";
                return Err(Fault::bad("INVALIDJOBSTATE", message));
            }
            let csv = call.header("content-type").unwrap_or_default();
            if !csv.starts_with("text/csv") {
                return Err(Fault::bad("INVALIDCONTENTTYPE", "text/csv is expected"));
            }
            job.data.clone_from(&call.body);
            Ok(Reply::empty(201))
        }
        ("GET", ["results"]) if kind == "query" => results(call, job),
        ("GET", [rows]) if kind == "ingest" => rows_of(job, &rows.to_ascii_lowercase()),
        _ => Err(Fault::not_found()),
    }
}

fn create(org: &Org<'_>, call: &Call, kind: &'static str) -> Outcome<Reply> {
    let body = call.json()?;
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let or = |text: String, other: &str| {
        if text.is_empty() {
            other.to_owned()
        } else {
            text
        }
    };
    let mut job = Job {
        kind,
        operation: text("operation"),
        object: text("object"),
        external: Some(text("externalIdFieldName")).filter(|name| !name.is_empty()),
        content: "CSV".to_owned(),
        delimiter: or(text("columnDelimiter"), "COMMA"),
        ending: or(text("lineEnding"), "LF"),
        state: "Open",
        query: text("query"),
        ..Job::default()
    };
    if kind == "query" {
        job.done = job.ask(org, &job.query)?;
        let mut from = job
            .query
            .split_whitespace()
            .skip_while(|word| !word.eq_ignore_ascii_case("from"));
        job.object = from.nth(1).unwrap_or_default().to_owned();
        job.state = "JobComplete";
    } else {
        job.object.clone_from(&org.object(&job.object)?.name);
        if let Some(name) = &job.external {
            org.key(org.object(&job.object)?, name)?;
        }
    }
    let id = org.store.new_id_with("750");
    let mut told = info(org, &id, &job);
    if kind == "query" {
        told["state"] = json!("UploadComplete");
    }
    org.store.jobs.borrow_mut().insert(id, job);
    Ok(Reply::json(200, told))
}

fn list(org: &Org<'_>, kind: &str) -> Reply {
    let jobs = org.store.jobs.borrow();
    let jobs = jobs.iter().filter(|(_, job)| job.kind == kind);
    let records: Vec<Value> = jobs.map(|(id, job)| info(org, id, job)).collect();
    Reply::json(
        200,
        json!({"done": true, "records": records, "nextRecordsUrl": null}),
    )
}

fn info(org: &Org<'_>, id: &str, job: &Job) -> Value {
    let now = moment::datetime(org.now);
    let mut out = json!({
        "id": id,
        "operation": job.operation,
        "object": job.object,
        "createdById": org.user,
        "createdDate": now,
        "systemModstamp": now,
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": org.version.parse::<f64>().unwrap_or_default(),
        "lineEnding": job.ending,
        "columnDelimiter": job.delimiter,
        "jobType": if job.kind == "query" { "V2Query" } else { "V2Ingest" },
    });
    if let Some(name) = &job.external {
        out["externalIdFieldName"] = json!(name);
    }
    if job.kind == "ingest" {
        out["contentUrl"] = json!(format!(
            "services/data/v{}/jobs/ingest/{id}/batches",
            org.version
        ));
    }
    if job.state == "JobComplete" {
        let found = job
            .done
            .found
            .as_ref()
            .map_or(0, |found| found.records.len());
        let failed = job
            .done
            .rows
            .iter()
            .filter(|row| row.error.is_some())
            .count();
        out["numberRecordsProcessed"] = json!(found + job.done.rows.len());
        out["numberRecordsFailed"] = json!(failed);
        out["retries"] = json!(0);
        out["totalProcessingTime"] = json!(1);
    }
    out
}

fn results(call: &Call, job: &Job) -> Outcome<Reply> {
    let Batch { header, found, .. } = &job.done;
    let records = found
        .as_ref()
        .map_or(&[][..], |found| found.records.as_slice());
    let most: usize = match call.parameter("maxRecords") {
        Some(text) => text
            .parse()
            .map_err(|_| Fault::bad("InvalidBatch", "maxRecords"))?,
        None => PAGE,
    };
    let start: usize = match call.parameter("locator") {
        Some(text) => {
            let decoded = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
            let number = String::from_utf8(decoded).unwrap_or_default();
            number
                .parse()
                .map_err(|_| Fault::bad("InvalidBatch", "locator"))?
        }
        None => 0,
    };
    let page = records.iter().skip(start).take(most);
    let end = start + page.len();
    let form = (job.separator(), job.line_end());
    let mut out = String::new();
    table::write(&mut out, header.iter().map(String::as_str), form);
    for record in page.clone() {
        let row = cells(header, record);
        table::write(&mut out, row.iter().map(String::as_str), form);
    }
    let locator = match end < records.len() {
        true => BASE64URL_NOPAD.encode(end.to_string().as_bytes()),
        false => "null".to_owned(),
    };
    Ok(Reply::text(200, "text/csv", out)
        .with("Sforce-Locator", locator)
        .with("Sforce-NumberOfRecords", page.len().to_string()))
}

fn rows_of(job: &Job, which: &str) -> Outcome<Reply> {
    let form = (job.separator(), job.line_end());
    let mut out = String::new();
    let own: &[&str] = match which {
        "successfulresults" => &["sf__Id", "sf__Created"],
        "failedresults" => &["sf__Id", "sf__Error"],
        "unprocessedrecords" => &[],
        _ => return Err(Fault::not_found()),
    };
    let header = own
        .iter()
        .copied()
        .chain(job.done.header.iter().map(String::as_str));
    table::write(&mut out, header, form);
    for Done {
        cells,
        id,
        created,
        error,
    } in &job.done.rows
    {
        let own = match (which, error) {
            ("successfulresults", None) => [id.clone(), created.to_string()],
            ("failedresults", Some(error)) => [id.clone(), error.clone()],
            _ => continue,
        };
        let row = own.iter().chain(cells).map(String::as_str);
        table::write(&mut out, row, form);
    }
    Ok(Reply::text(200, "text/csv", out))
}
