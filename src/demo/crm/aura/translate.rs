//! From an action to the request of the User Interface API that it stands for.

use serde_json::{Map, Value, json};

use crate::demo::crm::rest::Call;

/// Each action with its method and path; what stands in braces is a parameter.
const TABLE: &[(&str, &str, &str)] = &[
    ("getRecordWithFields", "GET", "records/{recordId}"),
    ("getRecordWithLayouts", "GET", "records/{recordId}"),
    ("getRecordsWithFields", "GET", "records/batch/{recordIds}"),
    ("getRecordUis", "GET", "record-ui/{recordIds}"),
    ("createRecord", "POST", "records"),
    ("updateRecord", "PATCH", "records/{recordId}"),
    ("deleteRecord", "DELETE", "records/{recordId}"),
    (
        "getRecordCreateDefaults",
        "GET",
        "record-defaults/create/{objectApiName}",
    ),
    (
        "getRecordDefaultsTemplateForCreate",
        "GET",
        "record-defaults/create/{objectApiName}",
    ),
    ("getObjectInfo", "GET", "object-info/{objectApiName}"),
    (
        "getObjectInfos",
        "GET",
        "object-info/batch/{objectApiNames}",
    ),
    (
        "getPicklistValuesByRecordType",
        "GET",
        "object-info/{objectApiName}/picklist-values/{recordTypeId}",
    ),
    (
        "getPicklistValues",
        "GET",
        "object-info/{objectApiName}/picklist-values/{recordTypeId}/{fieldApiName}",
    ),
    ("getLayout", "GET", "layout/{objectApiName}"),
    (
        "getListRecordsByName",
        "GET",
        "list-records/{objectApiName}/{listViewApiName}",
    ),
    (
        "postListRecordsByName",
        "GET",
        "list-records/{objectApiName}/{listViewApiName}",
    ),
    (
        "getListUiByName",
        "GET",
        "list-ui/{objectApiName}/{listViewApiName}",
    ),
    (
        "getListInfoByName",
        "GET",
        "list-info/{objectApiName}/{listViewApiName}",
    ),
    ("getListsByObjectName", "GET", "list-ui/{objectApiName}"),
    (
        "getRelatedListRecords",
        "GET",
        "related-list-records/{parentRecordId}/{relatedListId}",
    ),
    (
        "postRelatedListRecords",
        "GET",
        "related-list-records/{parentRecordId}/{relatedListId}",
    ),
    (
        "getLookupRecords",
        "GET",
        "lookups/{objectApiName}/{fieldApiName}/{targetApiName}",
    ),
    ("getRecordActions", "GET", "actions/record/{recordIds}"),
];

/// The request; none for what is no such action.
pub fn request(descriptor: &str, params: &Value) -> Option<Call> {
    let (_, action) = descriptor.split_once("/ACTION$")?;
    let (_, method, template) = TABLE.iter().find(|(name, ..)| *name == action)?;
    let parts = template.split('/').map(|part| {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        name.map_or_else(|| part.to_owned(), |name| plain(&params[name]))
    });
    // A part that may be left out stands last.
    let path = parts.collect::<Vec<_>>().join("/");
    let path = path.trim_end_matches('/');
    let body = match *method {
        "POST" => params["recordInput"].to_string(),
        "PATCH" => json!({ "fields": params["recordInput"]["fields"] }).to_string(),
        _ => String::new(),
    };
    let target = format!("/services/data/v62.0/ui-api/{path}?{}", query(params));
    Some(Call::new(method, &target, body.into_bytes()))
}

/// All plain parameters, those that stand in an object of their own too.
fn query(params: &Value) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let nested = ["listRecordsQuery", "requestParams"].map(|name| params[name].as_object());
    let all = std::iter::once(params.as_object()).chain(nested);
    let empty = Map::new();
    for (name, value) in all.flat_map(|map| map.unwrap_or(&empty)) {
        if !value.is_object() && !value.is_null() {
            let name = if name == "layoutType" {
                "layoutTypes"
            } else {
                name
            };
            query.append_pair(name, &plain(value));
        }
    }
    query.finish()
}

/// A value as a URL has it: lists with commas.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
