//! Feeds of Chatter: posts and comments as records, whose text came in segments; users.
//!
//! The shapes are those of the Connect REST API Developer Guide.

mod shown;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, text};
use crate::demo::crm::rest::composite;
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::soql;

/// `/chatter/…` and `/connect/…`
///
/// # Errors
/// When there is no such post, or a body has no text.
pub fn route(org: &Org<'_>, call: &Call, rest: &[&str]) -> Outcome<Reply> {
    match (call.method.as_str(), rest) {
        ("POST", ["batch"]) => composite::batch(org, &call.json()?),
        ("POST", ["feed-elements"]) => {
            let body = call.json()?;
            let subject = match body.get("subjectId").and_then(Value::as_str) {
                Some("me") | None => org.user,
                Some(id) => id,
            };
            let id = create(org, ("FeedItem", "Body"), &body, ("ParentId", subject))?;
            Ok(Reply::json(201, shown::element(org, &id)?))
        }
        ("GET", ["feed-elements", "batch", ids]) => {
            let results = ids.split(',').map(|id| match shown::element(org, id) {
                Ok(element) => json!({"result": element, "statusCode": 200}),
                Err(fault) => json!({"result": fault.body(), "statusCode": fault.status}),
            });
            let results: Vec<Value> = results.collect();
            Ok(Reply::json(
                200,
                json!({"hasErrors": false, "results": results}),
            ))
        }
        ("GET", ["feed-elements", id]) => Ok(Reply::json(200, shown::element(org, id)?)),
        ("PATCH", ["feed-elements", id]) => {
            edit(org, ("FeedItem", "Body"), &call.json()?, id)?;
            Ok(Reply::json(200, shown::element(org, id)?))
        }
        ("DELETE", ["feed-elements", id]) => delete(org, "FeedItem", id),
        (method, ["feed-elements", id, "capabilities", kind, "items"]) => {
            let id = text_of(org, id)?;
            capability(org, call, (method, kind), &id)
        }
        ("DELETE", ["likes", _]) => Ok(Reply::empty(204)),
        ("GET", ["comments", id]) => Ok(Reply::json(200, shown::comment(org, id)?)),
        ("PATCH", ["comments", id]) => {
            edit(org, ("FeedComment", "CommentBody"), &call.json()?, id)?;
            Ok(Reply::json(200, shown::comment(org, id)?))
        }
        ("DELETE", ["comments", id]) => delete(org, "FeedComment", id),
        ("GET", ["feeds", whose @ .., "feed-elements"]) => {
            Ok(Reply::json(200, feed(org, call, whose)?))
        }
        ("GET", ["users" | "user-profiles", "me"]) => {
            Ok(Reply::json(200, shown::user(org, org.user)?))
        }
        ("GET", ["users" | "user-profiles", id]) => Ok(Reply::json(200, shown::user(org, id)?)),
        ("GET", ["users"]) => {
            let found = soql::answer(org, "SELECT Id FROM User", false)?.records;
            let ids = found.iter().filter_map(|record| record["Id"].as_str());
            let users = ids.map(|id| shown::user(org, id));
            let users = users.collect::<Outcome<Vec<Value>>>()?;
            Ok(Reply::json(200, page("users", &users, None)))
        }
        ("GET", ["users", _, "groups"] | ["groups"]) => {
            Ok(Reply::json(200, page("groups", &[], None)))
        }
        ("GET", ["topics"] | ["records", _, "topics"]) => {
            Ok(Reply::json(200, page("topics", &[], None)))
        }
        _ => Err(Fault::not_found()),
    }
}

/// The id of a post that is there.
fn text_of(org: &Org<'_>, id: &str) -> Outcome<String> {
    let object = org.object("FeedItem")?;
    let row = org.record(object, id)?;
    Ok(text(object, &row, "Id").to_owned())
}

fn capability(org: &Org<'_>, call: &Call, asked: (&str, &str), element: &str) -> Outcome<Reply> {
    match asked {
        ("GET", "comments") => Ok(Reply::json(200, shown::comments(org, element)?)),
        ("POST", "comments") => {
            let body = call.json()?;
            let of = ("FeedComment", "CommentBody");
            let id = create(org, of, &body, ("FeedItemId", element))?;
            Ok(Reply::json(201, shown::comment(org, &id)?))
        }
        ("GET", "chatter-likes") => Ok(Reply::json(200, page("items", &[], None))),
        ("POST", "chatter-likes") => {
            let like = json!({
                "id": org.store.new_id_with("0I0"),
                "likedItem": {"id": element},
                "user": shown::user(org, org.user)?,
            });
            Ok(Reply::json(201, like))
        }
        _ => Err(Fault::not_found()),
    }
}

fn feed(org: &Org<'_>, call: &Call, whose: &[&str]) -> Outcome<Value> {
    let condition = match whose {
        ["record" | "user-profile", id] if *id != "me" => format!(" WHERE ParentId = '{id}'"),
        _ => String::new(),
    };
    let query = format!("SELECT Id FROM FeedItem{condition} ORDER BY Id DESC");
    let found = soql::answer(org, &query, false)?.records;
    let ids: Vec<&str> = found
        .iter()
        .filter_map(|record| record["Id"].as_str())
        .collect();
    let size = call
        .parameter("pageSize")
        .and_then(|size| size.parse().ok());
    let size: usize = size.unwrap_or(25);
    let from = call.parameter("page").and_then(|page| page.split_once(','));
    let from = from.and_then(|(_, id)| ids.iter().position(|known| *known == id));
    let from = from.unwrap_or(0);
    let elements = ids.iter().skip(from).take(size);
    let elements = elements.map(|id| shown::element(org, id));
    let next = ids.get(from + size).map(|id| {
        let place = format!("page=2026-01-01T10%3A00%3A00Z%2C{id}&pageSize={size}");
        let whose = whose.join("/");
        format!(
            "/services/data/v{}/chatter/feeds/{whose}/feed-elements?{place}",
            org.version
        )
    });
    let elements = elements.collect::<Outcome<Vec<Value>>>()?;
    Ok(page("elements", &elements, next.as_deref()))
}

/// A page of a list.
fn page(key: &str, items: &[Value], next: Option<&str>) -> Value {
    json!({
        "currentPageUrl": null,
        key: items,
        "isModifiedToken": null,
        "nextPageUrl": next,
        "total": items.len(),
        "updatesUrl": null,
    })
}

fn create(
    org: &Org<'_>,
    (object, field): (&str, &str),
    body: &Map<String, Value>,
    (parent, of): (&str, &str),
) -> Outcome<String> {
    let segments = segments(body)?;
    let fields = json!({field: shown::whole(org, &segments)?, parent: of});
    let fields = fields.as_object().cloned().unwrap_or_default();
    let object = org.object(object)?;
    let id = org.store.atomically(|| org.create(object, &fields))?;
    shown::keep(org, &id, segments);
    Ok(id)
}

fn edit(
    org: &Org<'_>,
    (object, field): (&str, &str),
    body: &Map<String, Value>,
    id: &str,
) -> Outcome<()> {
    let segments = segments(body)?;
    let fields = json!({field: shown::whole(org, &segments)?});
    let fields = fields.as_object().cloned().unwrap_or_default();
    let object = org.object(object)?;
    org.store.atomically(|| org.update(object, id, &fields))?;
    shown::keep(org, id, segments);
    Ok(())
}

fn delete(org: &Org<'_>, object: &str, id: &str) -> Outcome<Reply> {
    let object = org.object(object)?;
    org.store.atomically(|| org.delete(object, id))?;
    Ok(Reply::empty(204))
}

/// The segments of a body.
fn segments(body: &Map<String, Value>) -> Outcome<Vec<Value>> {
    let malformed = || Fault::bad("JSON_PARSER_ERROR", "body.messageSegments are missing");
    let body = body.get("body").ok_or_else(malformed)?;
    match (&body["messageSegments"], body["text"].as_str()) {
        (Value::Array(segments), _) => Ok(segments.clone()),
        (_, Some(text)) => Ok(vec![json!({"type": "Text", "text": text})]),
        _ => Err(malformed()),
    }
}
