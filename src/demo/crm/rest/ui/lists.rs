//! Lists of records: views, related lists, look-ups.

use serde_json::{Value, json};

use super::record::{paths, shown};
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::schema::Object;
use crate::demo::crm::soql;
use crate::demo::crm::sosl;

pub fn views(object: &Object) -> Value {
    json!({
        "count": 1,
        "currentPageToken": "0",
        "lists": [reference(object, "__Recent")],
        "nextPageToken": null,
    })
}

fn reference(object: &Object, view: &str) -> Value {
    json!({
        "id": null,
        "listViewApiName": view,
        "objectApiName": object.name,
        "type": "listView",
    })
}

pub fn info(object: &Object, view: &str) -> Value {
    json!({
        "displayColumns": [{"fieldApiName": "Name", "label": "Name", "sortable": true}],
        "eTag": "1",
        "filteredByInfo": [],
        "label": view,
        "listReference": reference(object, view),
    })
}

pub fn ui(org: &Org<'_>, call: &Call, name: &str, view: &str) -> Outcome<Value> {
    Ok(json!({
        "eTag": "1",
        "info": info(org.object(name)?, view),
        "records": records(org, call, name, view)?,
    }))
}

pub fn records(org: &Org<'_>, call: &Call, name: &str, view: &str) -> Outcome<Value> {
    let object = org.object(name)?;
    let order = order(call, object);
    let query = format!("SELECT Id FROM {} ORDER BY {order}", object.name);
    let mut page = page(org, call, object, &query)?;
    page["listReference"] = reference(object, view);
    Ok(page)
}

/// # Errors
/// When the parent or the relation is unknown.
pub fn related(org: &Org<'_>, call: &Call, parent: &str, relation: &str) -> Outcome<Reply> {
    let of = org.schema.of_id(parent).ok_or_else(Fault::not_found)?;
    let child = of.child(relation).ok_or_else(Fault::not_found)?;
    let object = org.object(&child.1)?;
    org.record(of, parent)?;
    let order = order(call, object);
    let query = format!(
        "SELECT Id FROM {} WHERE {} = '{parent}' ORDER BY {order}",
        object.name, child.2
    );
    let body = page(org, call, object, &query)?;
    Ok(Reply::json(200, body))
}

/// `sortBy=-Contact.Name` as SOQL.
fn order(call: &Call, object: &Object) -> String {
    let sort = call.parameter("sortBy").unwrap_or("Id");
    let (sort, direction) = match sort.strip_prefix('-') {
        Some(sort) => (sort, "DESC"),
        None => (sort, "ASC"),
    };
    let own = format!("{}.", object.name);
    format!("{} {direction}", sort.strip_prefix(&own).unwrap_or(sort))
}

/// One page of what a query finds.
fn page(org: &Org<'_>, call: &Call, object: &Object, query: &str) -> Outcome<Value> {
    let number = |name: &str, otherwise: usize| {
        let given = call.parameter(name).and_then(|text| text.parse().ok());
        given.unwrap_or(otherwise)
    };
    let size = number("pageSize", 50);
    let from = number("pageToken", 0);
    let found = soql::answer(org, query, false)?.records;
    let more = found.len() > from + size;
    let fields = asked(call, object);
    let mut records = Vec::new();
    for record in found.iter().skip(from).take(size) {
        let row = org.record(object, record["Id"].as_str().unwrap_or_default())?;
        records.push(shown(org, object, &row, &fields)?);
    }
    Ok(json!({
        "count": records.len(),
        "currentPageToken": from.to_string(),
        "nextPageToken": more.then(|| (from + size).to_string()),
        "previousPageToken": null,
        "records": records,
    }))
}

/// The fields that are asked for in the URL or in the body, and the name.
fn asked(call: &Call, object: &Object) -> Vec<String> {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let lists = ["fields", "optionalFields"];
    let of_url = lists.iter().filter_map(|name| call.parameter(name));
    let of_url = of_url.flat_map(|list| list.split(','));
    let of_body = lists.iter().filter_map(|name| body[*name].as_array());
    let of_body = of_body.flatten().filter_map(Value::as_str);
    let mut fields = paths(object, of_url.chain(of_body));
    if fields.is_empty() {
        fields = vec!["Name".to_owned(), "Id".to_owned()];
    }
    fields
}

/// # Errors
/// When the field leads nowhere.
pub fn lookup(
    org: &Org<'_>,
    call: &Call,
    (name, field): (&str, &str),
    target: Option<&str>,
) -> Outcome<Value> {
    let object = org.object(name)?;
    let field = object
        .field(field)
        .ok_or_else(|| Fault::no_column(field, name))?;
    let target = target.or(field.reference_to.first().map(String::as_str));
    let target = org.object(target.unwrap_or_default())?;
    let q = call.parameter("q").unwrap_or_default();
    let rows = match q.trim() {
        "" => vec![],
        q => sosl::find(org, q, "NAME", target)?,
    };
    let fields = ["Name".to_owned(), "Id".to_owned()];
    let records = rows.iter().map(|row| shown(org, target, row, &fields));
    let records = records.collect::<Outcome<Vec<Value>>>()?;
    let url = form_urlencoded::byte_serialize(q.as_bytes()).collect::<String>();
    Ok(json!({
        "count": records.len(),
        "currentPageToken": "1",
        "currentPageUrl": format!("/ui-api/lookups/{name}/{}/{}?q={url}", field.name, target.name),
        "nextPageToken": null,
        "nextPageUrl": null,
        "records": records,
    }))
}
