//! How posts, comments and users are shown.

use serde_json::{Value, json};

use crate::demo::crm::fault::Outcome;
use crate::demo::crm::records::{Org, text, value};
use crate::demo::crm::soql;

/// Remembers the segments of a text, of which its record has the whole.
pub fn keep(org: &Org<'_>, id: &str, segments: Vec<Value>) {
    let mut kept = org.store.cursors.borrow_mut();
    kept.insert(format!("segments of {id}"), segments);
}

pub fn element(org: &Org<'_>, id: &str) -> Outcome<Value> {
    let object = org.object("FeedItem")?;
    let row = org.record(object, id)?;
    let id = text(object, &row, "Id");
    let parent = text(object, &row, "ParentId");
    let url = |rest: &str| format!("/services/data/v{}/chatter/{rest}", org.version);
    let actor = user(org, org.user)?;
    let header = format!(
        "{} wrote",
        actor["displayName"].as_str().unwrap_or_default()
    );
    Ok(json!({
        "actor": actor,
        "body": body(org, id, text(object, &row, "Body"))?,
        "capabilities": {
            "chatterLikes": {"isLikedByCurrentUser": false, "page": {"items": [], "total": 0}},
            "comments": {"page": comments(org, id)?},
        },
        "createdDate": text(object, &row, "CreatedDate"),
        "feedElementType": "FeedItem",
        "header": {"isRichText": false, "messageSegments": [], "text": header},
        "id": id,
        "isDeleteRestricted": false,
        "parent": {
            "id": parent,
            "name": name(org, parent),
            "type": "RecordSummary",
            "url": url(&format!("records/{parent}")),
        },
        "relativeCreatedDate": "Just now",
        "type": "TextPost",
        "url": url(&format!("feed-elements/{id}")),
        "visibility": "AllUsers",
    }))
}

pub fn comments(org: &Org<'_>, element: &str) -> Outcome<Value> {
    let query = format!("SELECT Id FROM FeedComment WHERE FeedItemId = '{element}'");
    let found = soql::answer(org, &query, false)?.records;
    let ids = found.iter().filter_map(|record| record["Id"].as_str());
    let items = ids.map(|id| comment(org, id));
    let items = items.collect::<Outcome<Vec<Value>>>()?;
    Ok(json!({"currentPageUrl": null, "items": items, "nextPageUrl": null, "total": items.len()}))
}

pub fn comment(org: &Org<'_>, id: &str) -> Outcome<Value> {
    let object = org.object("FeedComment")?;
    let row = org.record(object, id)?;
    let id = text(object, &row, "Id");
    Ok(json!({
        "body": body(org, id, text(object, &row, "CommentBody"))?,
        "createdDate": text(object, &row, "CreatedDate"),
        "feedElement": {"id": text(object, &row, "FeedItemId")},
        "id": id,
        "type": "TextComment",
        "url": format!("/services/data/v{}/chatter/comments/{id}", org.version),
        "user": user(org, org.user)?,
    }))
}

/// # Errors
/// When there is no such user.
pub fn user(org: &Org<'_>, id: &str) -> Outcome<Value> {
    let object = org.object("User")?;
    let row = org.record(object, id)?;
    let id = text(object, &row, "Id");
    Ok(json!({
        "additionalLabel": null,
        "displayName": value(object, &row, "Name"),
        "email": value(object, &row, "Email"),
        "firstName": value(object, &row, "FirstName"),
        "id": id,
        "isActive": true,
        "lastName": value(object, &row, "LastName"),
        "name": value(object, &row, "Name"),
        "type": "User",
        "url": format!("/services/data/v{}/chatter/users/{id}", org.version),
        "userType": "Internal",
        "username": value(object, &row, "Username"),
    }))
}

/// All segments as one text.
///
/// # Errors
/// When somebody is mentioned who is not there.
pub fn whole(org: &Org<'_>, segments: &[Value]) -> Outcome<String> {
    let mut whole = String::new();
    for segment in segments {
        match segment["type"].as_str() {
            Some("Mention") => {
                let user = user(org, segment["id"].as_str().unwrap_or_default())?;
                whole.push('@');
                whole.push_str(user["name"].as_str().unwrap_or_default());
            }
            _ => whole.push_str(segment["text"].as_str().unwrap_or_default()),
        }
    }
    Ok(whole)
}

/// A body as it is shown: its segments, and all of them as one text.
fn body(org: &Org<'_>, id: &str, text: &str) -> Outcome<Value> {
    let kept = org.store.cursors.borrow();
    let kept = kept.get(&format!("segments of {id}")).cloned();
    let mut shown = kept.unwrap_or_else(|| vec![json!({"type": "Text", "text": text})]);
    for segment in &mut shown {
        if segment["type"] == "Mention" {
            let user = user(org, segment["id"].as_str().unwrap_or_default())?;
            let name = &user["name"];
            let text = format!("@{}", name.as_str().unwrap_or_default());
            *segment = json!({
                "accessible": true,
                "name": name,
                "record": {"id": user["id"], "type": "User"},
                "text": text,
                "type": "Mention",
            });
        }
    }
    Ok(json!({"isRichText": false, "messageSegments": shown, "text": text}))
}

fn name(org: &Org<'_>, id: &str) -> Value {
    let found = org.schema.of_id(id);
    let found = found.and_then(|object| Some((object, org.record(object, id).ok()?)));
    found.map_or(Value::Null, |(object, row)| {
        value(object, &row, "Name").clone()
    })
}
