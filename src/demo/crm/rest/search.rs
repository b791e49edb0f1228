//! Searches.

use serde_json::{Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::sosl;

/// `GET /search?q=FIND {…}`
///
/// # Errors
/// When the search is malformed.
pub fn run(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    if call.method != "GET" && call.method != "HEAD" {
        return Err(Fault::method(&call.method, "GET,HEAD"));
    }
    let text = call.parameter("q").unwrap_or_default();
    found(org, text)
}

fn found(org: &Org<'_>, text: &str) -> Outcome<Reply> {
    let records = sosl::answer(org, text)?;
    Ok(Reply::json(200, json!({"searchRecords": records})))
}

/// `GET /parameterizedSearch?q=…&sobject=T&T.fields=…`, or the same by POST as JSON.
///
/// # Errors
/// When the search that it stands for is malformed.
pub fn parameterized(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let mut text = String::new();
    let mut objects: Vec<String> = Vec::new();
    let one = |name: &str, fields: &str, condition: Option<&str>, limit: Option<String>| {
        let fields = if fields.is_empty() { "Id" } else { fields };
        let condition = condition.map(|text| format!(" WHERE {text}"));
        let limit = limit.map(|rows| format!(" LIMIT {rows}"));
        format!(
            "{name}({fields}{}{})",
            condition.unwrap_or_default(),
            limit.unwrap_or_default()
        )
    };
    if call.method == "POST" {
        let body = call.json()?;
        let text_of =
            |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let whole = Value::Object(body);
        text.push_str(&format!("FIND {{{}}}", text_of(&whole, "q")));
        if let Some(group) = whole["in"].as_str() {
            text.push_str(&format!(" IN {group} FIELDS"));
        }
        let list = |value: &Value| -> Vec<String> {
            let fields = value["fields"].as_array().into_iter().flatten();
            fields
                .filter_map(|f| f.as_str().map(str::to_owned))
                .collect()
        };
        for object in whole["sobjects"].as_array().into_iter().flatten() {
            let mut fields = list(object);
            if fields.is_empty() {
                fields = list(&whole);
            }
            let limit = object["limit"].as_u64().map(|rows| rows.to_string());
            objects.push(one(
                &text_of(object, "name"),
                &fields.join(","),
                object["where"].as_str(),
                limit,
            ));
        }
    } else {
        let q = call.parameter("q").unwrap_or_default();
        text.push_str(&format!("FIND {{{q}}}"));
        for (name, object) in &call.parameters {
            if name == "sobject" {
                let part = |part: &str| call.parameter(&format!("{object}.{part}"));
                objects.push(one(
                    object,
                    part("fields").unwrap_or_default(),
                    part("where"),
                    part("limit").map(str::to_owned),
                ));
            }
        }
    }
    if !objects.is_empty() {
        text.push_str(&format!(" RETURNING {}", objects.join(", ")));
    }
    found(org, &text)
}

/// `GET /search/layout?q=Contact,Lead`
///
/// # Errors
/// When an object is unknown.
pub fn layout(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let names = call.parameter("q").unwrap_or_default().split(',');
    let layouts = names.map(|name| {
        let object = org.object(name.trim())?;
        Ok(json!({
            "errorMessages": null,
            "label": "Search Results",
            "limitRows": 25,
            "objectType": object.name,
            "searchColumns": [{
                "field": format!("{}.Name", object.name),
                "format": null,
                "label": object.label,
                "name": "Name",
            }],
        }))
    });
    Ok(Reply::json(200, layouts.collect::<Outcome<Value>>()?))
}

/// `GET /search/scopeOrder`
pub fn scope(org: &Org<'_>) -> Reply {
    let objects = ["Account", "Contact", "Lead", "Case"];
    let scopes = objects.map(|name| {
        let url = format!("/services/data/v{}/sobjects/{name}/describe", org.version);
        json!({"type": name, "url": url})
    });
    Reply::json(200, json!(scopes))
}
