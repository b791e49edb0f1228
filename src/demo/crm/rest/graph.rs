//! `/composite/graph`: each graph succeeds or fails as a whole.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Reply, composite};

/// # Errors
/// When the request as a whole is malformed.
pub fn run(org: &Org<'_>, body: &Map<String, Value>) -> Outcome<Reply> {
    let mut answers = Vec::new();
    for graph in composite::list(body, "graphs", 75)? {
        let name = graph.get("graphId").and_then(Value::as_str);
        let name =
            name.ok_or_else(|| Fault::bad("INVALID_INPUT", "A graph must have a graphId"))?;
        let graph = graph.as_object().ok_or_else(Fault::not_found)?;
        let parts = composite::list(graph, "compositeRequest", 500)?;
        let (parts, successful) = composite::steps(org, parts, true)?;
        answers.push(json!({
            "graphId": name,
            "graphResponse": {"compositeResponse": parts},
            "isSuccessful": successful,
        }));
    }
    Ok(Reply::json(200, json!({"graphs": answers})))
}
