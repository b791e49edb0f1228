//! Reports and dashboards: a few that every organisation of the stand-in has, run over its records.
//!
//! The shapes are those of the Reports and Dashboards REST API Developer Guide.

pub mod export;
mod result;
mod standard;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply};

use standard::{DASHBOARD, Report};

/// `/analytics/…`
///
/// # Errors
/// When there is no such report, or a filter cannot be run.
pub fn route(org: &Org<'_>, call: &Call, rest: &[&str]) -> Outcome<Reply> {
    let body = match (call.method.as_str(), rest) {
        ("GET", ["reports"]) => {
            let listed = standard::REPORTS.iter().map(|report| listed(org, report));
            Value::Array(listed.collect())
        }
        ("GET", ["reports", id, "describe"]) => {
            let report = standard::report(id)?;
            json!({
                "attributes": attributes(org, report),
                "reportExtendedMetadata": result::described(report),
                "reportMetadata": metadata(report),
                "reportTypeMetadata": {"categories": [], "standardDateFilterDurationGroups": []},
            })
        }
        ("POST", ["reports", "query"]) => {
            let asked = asked(call)?;
            let kind = asked["reportType"]["type"].as_str().unwrap_or_default();
            let report = standard::of_type(kind)?;
            run(org, call, report, &asked)?
        }
        ("GET", ["reports", id]) => run(org, call, standard::report(id)?, &Value::Null)?,
        ("POST", ["reports", id]) => run(org, call, standard::report(id)?, &asked(call)?)?,
        ("GET", ["reports", id, "instances"]) => {
            standard::report(id)?;
            json!([])
        }
        ("POST", ["reports", id, "instances"]) => {
            let report = standard::report(id)?;
            start(org, report, run(org, call, report, &asked(call)?)?)
        }
        ("GET", ["reports", id, "instances", instance]) => {
            standard::report(id)?;
            let cursors = org.store.cursors.borrow();
            let kept = cursors.get(*instance).and_then(|kept| kept.first());
            kept.cloned().ok_or_else(Fault::not_found)?
        }
        ("GET", ["dashboards"]) => json!([{
            "describeUrl": format!("{}/dashboards/{DASHBOARD}/describe", base(org)),
            "id": DASHBOARD,
            "name": "Customers",
            "statusUrl": format!("{}/dashboards/{DASHBOARD}/status", base(org)),
            "url": format!("{}/dashboards/{DASHBOARD}", base(org)),
        }]),
        ("GET" | "POST", ["dashboards", id]) => dashboard(org, call, id)?,
        ("PUT", ["dashboards", _]) => {
            json!({"statusUrl": format!("{}/dashboards/{DASHBOARD}/status", base(org))})
        }
        ("GET", ["dashboards", _, "status"]) => json!({"componentStatus": [{
            "componentId": standard::COMPONENT,
            "refreshDate": "2026-01-01T00:00:00.000+0000",
            "refreshStatus": "IDLE",
        }]}),
        ("GET", ["dashboards", _, "describe"]) => described_dashboard(),
        _ => return Err(Fault::not_found()),
    };
    Ok(Reply::json(200, body))
}

fn base(org: &Org<'_>) -> String {
    format!("/services/data/v{}/analytics", org.version)
}

fn listed(org: &Org<'_>, report: &Report) -> Value {
    let url = format!("{}/reports/{}", base(org), report.id);
    json!({
        "describeUrl": format!("{url}/describe"),
        "fieldsUrl": format!("{url}/fields"),
        "id": report.id,
        "instancesUrl": format!("{url}/instances"),
        "name": report.name,
        "url": url,
    })
}

fn attributes(org: &Org<'_>, report: &Report) -> Value {
    let url = format!("{}/reports/{}", base(org), report.id);
    json!({
        "describeUrl": format!("{url}/describe"),
        "instancesUrl": format!("{url}/instances"),
        "reportId": report.id,
        "reportName": report.name,
        "type": "Report",
    })
}

/// What a report says of itself.
fn metadata(report: &Report) -> Map<String, Value> {
    let grouped = report.grouped.map(|name| {
        json!([{"dateGranularity": "None", "name": name, "sortAggregate": null, "sortOrder": "Asc"}])
    });
    let format = match report.grouped {
        Some(_) => "SUMMARY",
        None => "TABULAR",
    };
    let metadata = json!({
        "aggregates": report.aggregates,
        "crossFilters": [],
        "currency": "EUR",
        "description": null,
        "detailColumns": report.columns,
        "developerName": report.name.replace(' ', "_"),
        "folderId": "00l000000000001AAA",
        "groupingsAcross": [],
        "groupingsDown": grouped.unwrap_or_else(|| json!([])),
        "hasDetailRows": true,
        "hasRecordCount": true,
        "id": report.id,
        "name": report.name,
        "reportBooleanFilter": null,
        "reportFilters": [],
        "reportFormat": format,
        "reportType": {"label": report.label, "type": report.kind},
        "scope": "organization",
        "standardDateFilter": null,
    });
    match metadata {
        Value::Object(metadata) => metadata,
        _ => Map::new(),
    }
}

/// What a body wants to be otherwise.
fn asked(call: &Call) -> Outcome<Value> {
    if call.body.is_empty() {
        return Ok(Value::Null);
    }
    let mut body = call.json()?;
    Ok(body.remove("reportMetadata").unwrap_or_default())
}

fn run(org: &Org<'_>, call: &Call, report: &Report, asked: &Value) -> Outcome<Value> {
    let mut metadata = metadata(report);
    for (key, value) in asked.as_object().into_iter().flatten() {
        metadata.insert(key.clone(), value.clone());
    }
    let details = call.parameter("includeDetails") == Some("true");
    let facts = result::run(org, report, &metadata, details)?;
    Ok(json!({
        "attributes": attributes(org, report),
        "allData": true,
        "factMap": facts.map,
        "groupingsAcross": {"groupings": []},
        "groupingsDown": {"groupings": facts.groupings},
        "hasDetailRows": details,
        "reportExtendedMetadata": result::described(report),
        "reportMetadata": metadata,
    }))
}

/// A run that is fetched later.
fn start(org: &Org<'_>, report: &Report, result: Value) -> Value {
    let id = org.store.new_id_with("0LG");
    let mut cursors = org.store.cursors.borrow_mut();
    cursors.insert(id.clone(), vec![result]);
    json!({
        "completionDate": null,
        "hasDetailRows": false,
        "id": id,
        "ownerId": org.user,
        "requestDate": "2026-01-01T00:00:00Z",
        "status": "Success",
        "url": format!("{}/reports/{}/instances/{id}", base(org), report.id),
    })
}

fn dashboard(org: &Org<'_>, call: &Call, id: &str) -> Outcome<Value> {
    if id != DASHBOARD {
        return Err(Fault::not_found());
    }
    let report = standard::of_type("Opportunity")?;
    Ok(json!({
        "componentData": [{
            "componentId": standard::COMPONENT,
            "reportResult": run(org, call, report, &Value::Null)?,
            "status": {"dataStatus": "DATA", "errorCode": null, "errorMessage": null,
                "errorSeverity": null, "refreshDate": null, "refreshStatus": "IDLE"},
        }],
        "dashboardMetadata": described_dashboard(),
    }))
}

fn described_dashboard() -> Value {
    json!({
        "attributes": {"dashboardId": DASHBOARD, "dashboardName": "Customers", "type": "Dashboard"},
        "canChangeRunningUser": false,
        "components": [{
            "componentData": 0,
            "footer": null,
            "header": "Deals",
            "id": standard::COMPONENT,
            "properties": {"groupings": null},
            "reportId": standard::REPORTS.get(1).map(|report| report.id),
            "title": null,
            "type": "Report",
        }],
        "description": null,
        "filters": [],
        "id": DASHBOARD,
        "layout": {"columns": []},
        "name": "Customers",
        "runningUser": {"displayName": "Integration User", "id": "005000000000001AAA"},
    })
}
