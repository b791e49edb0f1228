//! A request to each door of the Bulk API, for jobs that a program has made.

use serde_json::{Value, json};

use super::matrix::{Body, Route};
use super::office::{API, Office};

const OLD: &str = "/services/async/62.0";
const TABLE: Body = Body::Text("text/csv", "LastName\nAnders\n");

type Sample = (&'static str, &'static str, String, Body);

pub async fn doors(office: &Office) -> Vec<Route> {
    let mut ids = Vec::new();
    let samples = [two(office, &mut ids).await, one(office, &mut ids).await];
    let of = |(name, method, path, body): Sample| Route {
        name: name.to_owned(),
        method,
        pattern: ids
            .iter()
            .fold(path.clone(), |path, id: &String| path.replace(id, "ID")),
        path,
        body,
    };
    samples.into_iter().flatten().map(of).collect()
}

async fn made(office: &Office, path: &str, body: &Value) -> String {
    let body = body.to_string();
    let made = office.post(path, "application/json", &body).await;
    made["id"].as_str().unwrap().to_owned()
}

/// The Bulk API 2.0.
async fn two(office: &Office, ids: &mut Vec<String>) -> Vec<Sample> {
    let (ingests, queries) = (format!("{API}/jobs/ingest"), format!("{API}/jobs/query"));
    let new = json!({ "object": "Contact", "operation": "insert" });
    let question = json!({ "operation": "query", "query": "SELECT LastName FROM Contact" });
    let ingest = made(office, &ingests, &new).await;
    let query = made(office, &queries, &question).await;
    let of_ingest = |path: &str| format!("{ingests}/{ingest}{path}");
    let of_query = |path: &str| format!("{queries}/{query}{path}");
    let get = |name, path| (name, "GET", path, Body::None);
    let complete = Body::Json(json!({ "state": "UploadComplete" }));
    let samples = vec![
        ("bulk-create", "POST", ingests.clone(), Body::Json(new)),
        ("bulk-create", "POST", queries.clone(), Body::Json(question)),
        get("bulk-list", ingests.clone()),
        get("bulk-list", queries.clone()),
        get("bulk-info", of_ingest("")),
        get("bulk-info", of_query("")),
        ("bulk-upload", "PUT", of_ingest("/batches"), TABLE),
        ("bulk-state", "PATCH", of_ingest(""), complete),
        get("bulk-results", of_ingest("/successfulResults")),
        get("bulk-results", of_ingest("/failedResults")),
        get("bulk-results", of_ingest("/unprocessedrecords")),
        get("bulk-results", of_query("/results")),
        ("bulk-delete", "DELETE", of_ingest(""), Body::None),
        ("bulk-delete", "DELETE", of_query(""), Body::None),
    ];
    ids.extend([ingest, query]);
    samples
}

/// The Bulk API 1.0.
async fn one(office: &Office, ids: &mut Vec<String>) -> Vec<Sample> {
    let new = json!({ "object": "Contact", "operation": "insert", "contentType": "JSON" });
    let job = made(office, &format!("{OLD}/job"), &new).await;
    let of_job = |path: &str| format!("{OLD}/job/{job}{path}");
    let records = json!([{ "LastName": "Anders" }]);
    let batch = made(office, &of_job("/batch"), &records).await;
    let of_batch = |path: &str| of_job(&format!("/batch/{batch}{path}"));
    let get = |name, path| (name, "GET", path, Body::None);
    let closed = Body::Json(json!({ "state": "Closed" }));
    let samples = vec![
        ("bulk-create", "POST", format!("{OLD}/job"), Body::Json(new)),
        get("bulk-info", of_job("")),
        ("bulk-upload", "POST", of_job("/batch"), Body::Json(records)),
        ("bulk-state", "POST", of_job(""), closed),
        get("bulk-batch", of_job("/batch")),
        get("bulk-batch", of_batch("")),
        get("bulk-batch-results", of_batch("/result")),
    ];
    ids.extend([job, batch]);
    samples
}
