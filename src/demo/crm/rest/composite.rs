//! `/composite` and `/composite/batch`: several requests in one.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::collections::Undo;
use crate::demo::crm::rest::refer::{fill, filled};
use crate::demo::crm::rest::{Call, Reply, collections, data, graph, tree, version};

/// # Errors
/// When the request as a whole is malformed.
pub fn route(org: &Org<'_>, call: &Call, rest: &[&str]) -> Outcome<Reply> {
    match (call.method.as_str(), rest) {
        (_, ["sobjects", rest @ ..]) => collections::route(org, call, rest),
        ("GET", []) => {
            let names = ["tree", "batch", "sobjects", "graph"];
            let urls = names.map(|name| {
                let url = format!("/services/data/v{}/composite/{name}", org.version);
                (name.to_owned(), Value::from(url))
            });
            Ok(Reply::json(200, Value::Object(urls.into_iter().collect())))
        }
        ("POST", []) => composite(org, &call.json()?),
        ("POST", ["batch"]) => batch(org, &call.json()?),
        ("POST", ["graph"]) => graph::run(org, &call.json()?),
        ("POST", ["tree", object]) => tree::create(org, object, &call.json()?),
        (_, [] | ["batch" | "graph"] | ["tree", _]) => Err(Fault::method(&call.method, "POST")),
        _ => Err(Fault::not_found()),
    }
}

fn composite(org: &Org<'_>, body: &Map<String, Value>) -> Outcome<Reply> {
    let parts = list(body, "compositeRequest", 25)?;
    let all = body
        .get("allOrNone")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let (answers, _) = steps(org, parts, all)?;
    Ok(Reply::json(200, json!({"compositeResponse": answers})))
}

/// Runs the parts in order; tells whether all succeeded. With `all`, one failure undoes them all.
///
/// # Errors
/// When a part is malformed or two have one reference id.
pub fn steps(org: &Org<'_>, parts: &[Value], all: bool) -> Outcome<(Vec<Value>, bool)> {
    let mut done: Vec<(String, Reply)> = Vec::new();
    let undone = org.store.atomically(|| {
        let mut known: HashMap<String, Option<Value>> = HashMap::new();
        for part in parts {
            let name = reference(part).map_err(Undo::Failed)?;
            if known.contains_key(&name) {
                let message = format!("Duplicate ReferenceId provided: {name}");
                return Err(Undo::Failed(Fault::bad("INVALID_INPUT", message)));
            }
            let reply = step(org, part, &name, &known).unwrap_or_else(|fault| Reply::of(&fault));
            let good = reply.status < 300 || reply.status == 304;
            known.insert(name.clone(), reply.body.clone().filter(|_| good));
            done.push((name, reply));
            if all && !good {
                return Err(Undo::Asked);
            }
        }
        Ok(())
    });
    let failed = done.iter().any(|(_, reply)| reply.status >= 400);
    match undone {
        Ok(()) => {}
        Err(Undo::Failed(fault)) => return Err(fault),
        Err(Undo::Asked) => {
            let last = done.pop();
            let rolled_back = || {
                Reply::of(&Fault::bad(
                    "PROCESSING_HALTED",
                    "The transaction was rolled back since another operation in the same \
                     transaction failed.",
                ))
            };
            for (_, reply) in &mut done {
                *reply = rolled_back();
            }
            done.extend(last);
            for part in parts.get(done.len()..).unwrap_or_default() {
                done.push((reference(part)?, rolled_back()));
            }
        }
    }
    Ok((done.into_iter().map(shown).collect(), !failed))
}

fn step(
    org: &Org<'_>,
    part: &Value,
    name: &str,
    known: &HashMap<String, Option<Value>>,
) -> Outcome<Reply> {
    let text = |key: &str| part.get(key).and_then(Value::as_str);
    let (Some(method), Some(url)) = (text("method"), text("url")) else {
        return Err(Fault::bad(
            "INVALID_INPUT",
            "A subrequest must have a method and a url",
        ));
    };
    let url = fill(url, name, known)?;
    let body = match part.get("body") {
        Some(Value::Null) | None => Vec::new(),
        Some(body) => filled(body, name, known)?.to_string().into_bytes(),
    };
    let mut call = Call::new(method, &url, body);
    let headers = part.get("httpHeaders").and_then(Value::as_object);
    let headers = headers.into_iter().flatten();
    let headers = headers.filter_map(|(name, v)| Some((name.clone(), v.as_str()?.to_owned())));
    call.headers.extend(headers);
    inner(org, &call)
}

/// Runs a part; parts that have parts themselves are refused, as Salesforce does.
fn inner(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["services", "data", _, "composite"]
        | ["services", "data", _, "composite", "batch" | "graph"] => {
            let message = "Composite requests cannot be nested";
            Err(Fault::bad("INVALID_INPUT", message))
        }
        ["services", "data", ..] => {
            // A part may ask for another version than the whole, as recorded.
            let version = version(call)?;
            data(&Org { version, ..*org }, call)
        }
        _ => Err(Fault::not_found()),
    }
}

/// `/composite/batch`, and `/connect/batch`, which has the same form.
///
/// # Errors
/// When the request as a whole is malformed.
pub fn batch(org: &Org<'_>, body: &Map<String, Value>) -> Outcome<Reply> {
    let parts = list(body, "batchRequests", 25)?;
    let halt = body
        .get("haltOnError")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let mut failed = false;
    let mut results = Vec::with_capacity(parts.len());
    for part in parts {
        let reply = if failed && halt {
            let message = "Batch processing halted per request";
            Reply::of(&Fault::new(412, "BATCH_PROCESSING_HALTED", message))
        } else {
            batch_step(org, part).unwrap_or_else(|fault| Reply::of(&fault))
        };
        failed |= reply.status >= 400;
        results.push(json!({"statusCode": reply.status, "result": reply.body}));
    }
    Ok(Reply::json(
        200,
        json!({"hasErrors": failed, "results": results}),
    ))
}

fn batch_step(org: &Org<'_>, part: &Value) -> Outcome<Reply> {
    let text = |key: &str| part.get(key).and_then(Value::as_str);
    let (Some(method), Some(url)) = (text("method"), text("url")) else {
        return Err(Fault::bad(
            "INVALID_INPUT",
            "A subrequest must have a method and a url",
        ));
    };
    let path = url
        .trim_start_matches('/')
        .trim_start_matches("services/data/");
    let body = part.get("richInput").filter(|body| !body.is_null());
    let body = body.map(|body| body.to_string().into_bytes());
    let target = format!("/services/data/{path}");
    inner(org, &Call::new(method, &target, body.unwrap_or_default()))
}

fn shown((name, reply): (String, Reply)) -> Value {
    let kept = ["Location", "ETag", "Last-Modified"];
    let headers = reply
        .headers
        .into_iter()
        .filter(|(name, _)| kept.contains(name));
    let headers: Map<String, Value> = headers
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    json!({
        "body": reply.body,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": name,
    })
}

/// The parts under a key, of which there may be so many.
///
/// # Errors
/// When there are none or too many.
pub fn list<'b>(body: &'b Map<String, Value>, key: &str, most: usize) -> Outcome<&'b [Value]> {
    let parts = body.get(key).and_then(Value::as_array).ok_or_else(|| {
        let message = format!("The request has no {key}");
        Fault::bad("JSON_PARSER_ERROR", message)
    })?;
    if parts.len() <= most {
        return Ok(parts);
    }
    let message = format!("Composite API limit exceeded. At most {most} subrequests are allowed");
    Err(Fault::bad("LIMIT_EXCEEDED", message))
}

fn reference(part: &Value) -> Outcome<String> {
    let name = part.get("referenceId").and_then(Value::as_str);
    let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
    name.ok_or_else(|| Fault::bad("INVALID_INPUT", "A subrequest must have a referenceId"))
}
