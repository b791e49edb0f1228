//! The User Interface API: records with their values as they are shown.

mod lists;
mod metadata;
mod record;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, text};
use crate::demo::crm::rest::{Call, Reply};
use crate::demo::crm::schema::Object;

/// `/ui-api/…`; what is refused has this API's own shape.
pub fn route(org: &Org<'_>, call: &Call, rest: &[&str]) -> Reply {
    answer(org, call, rest).unwrap_or_else(|fault| refused(&fault))
}

fn answer(org: &Org<'_>, call: &Call, rest: &[&str]) -> Outcome<Reply> {
    match (call.method.as_str(), rest) {
        ("POST", ["records"]) => create(org, call),
        ("PATCH", ["records", id]) => update(org, call, id),
        ("DELETE", ["records", id]) => {
            let object = of_id(org, id)?;
            org.store.atomically(|| org.delete(object, id))?;
            Ok(Reply::empty(204))
        }
        ("POST", ["related-list-records", parent, relation]) => {
            lists::related(org, call, parent, relation)
        }
        ("GET", rest) => read(org, call, rest),
        (other, _) => Err(Fault::method(other, "GET")),
    }
}

fn read(org: &Org<'_>, call: &Call, rest: &[&str]) -> Outcome<Reply> {
    let body = match *rest {
        ["records", "batch", ids] => {
            let results = ids.split(',').map(|id| {
                let record = one(org, call, id);
                record.map(|record| json!({"result": record, "statusCode": 200}))
            });
            let results = results.collect::<Outcome<Value>>()?;
            json!({"hasErrors": false, "results": results})
        }
        ["records", id] => one(org, call, id)?,
        ["record-ui", ids] => record_ui(org, ids)?,
        ["record-defaults", "create", name] => {
            let object = org.object(name)?;
            json!({
                "layout": metadata::layout(object),
                "objectInfos": {object.name.as_str(): metadata::object_info(object)},
                "record": {
                    "apiName": object.name,
                    "childRelationships": {},
                    "eTag": null,
                    "fields": {},
                    "id": null,
                    "recordTypeInfo": null,
                    "weakEtag": 0,
                },
            })
        }
        ["record-defaults", "clone", id] => {
            let object = of_id(org, id)?;
            json!({
                "layout": metadata::layout(object),
                "objectInfos": {object.name.as_str(): metadata::object_info(object)},
                "record": one(org, call, id)?,
            })
        }
        ["object-info", ref rest @ ..] => metadata::object_infos(org, rest)?,
        ["layout", name] => metadata::layout(org.object(name)?),
        ["actions", "object", name] => metadata::actions(&org.object(name)?.name),
        ["actions", "record", ids] => metadata::actions(ids),
        ["list-ui", name] => lists::views(org.object(name)?),
        ["list-ui", name, view] => lists::ui(org, call, name, view)?,
        ["list-info", name, view] => lists::info(org.object(name)?, view),
        ["list-records", name, view] => lists::records(org, call, name, view)?,
        ["related-list-records", parent, relation] => {
            return lists::related(org, call, parent, relation);
        }
        ["lookups", name, field] => lists::lookup(org, call, (name, field), None)?,
        ["lookups", name, field, target] => lists::lookup(org, call, (name, field), Some(target))?,
        _ => return Err(Fault::not_found()),
    };
    Ok(Reply::json(200, body))
}

fn one(org: &Org<'_>, call: &Call, id: &str) -> Outcome<Value> {
    let object = of_id(org, id)?;
    let row = org.record(object, id)?;
    record::shown(org, object, &row, &record::asked(call, object))
}

fn record_ui(org: &Org<'_>, ids: &str) -> Outcome<Value> {
    let mut infos = Map::new();
    let mut layouts = Map::new();
    let mut records = Map::new();
    for id in ids.split(',') {
        let object = of_id(org, id)?;
        infos.insert(object.name.clone(), metadata::object_info(object));
        layouts.insert(object.name.clone(), metadata::layout(object));
        let row = org.record(object, id)?;
        let shown = record::shown(org, object, &row, &record::all(object))?;
        records.insert(text(object, &row, "Id").to_owned(), shown);
    }
    Ok(json!({
        "layoutUserStates": {},
        "layouts": layouts,
        "objectInfos": infos,
        "records": records,
    }))
}

fn create(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let body = call.json()?;
    let name = body.get("apiName").and_then(Value::as_str);
    let object = org.object(name.unwrap_or_default())?;
    let fields = fields(&body)?;
    let id = org.store.atomically(|| org.create(object, &fields))?;
    let row = org.record(object, &id)?;
    let shown = record::shown(org, object, &row, &record::all(object))?;
    Ok(Reply::json(201, shown))
}

fn update(org: &Org<'_>, call: &Call, id: &str) -> Outcome<Reply> {
    let object = of_id(org, id)?;
    let fields = fields(&call.json()?)?;
    org.store.atomically(|| org.update(object, id, &fields))?;
    let row = org.record(object, id)?;
    let shown = record::shown(org, object, &row, &record::all(object))?;
    Ok(Reply::json(200, shown))
}

fn fields(body: &Map<String, Value>) -> Outcome<Map<String, Value>> {
    match body.get("fields") {
        Some(Value::Object(fields)) => Ok(fields.clone()),
        _ => Err(Fault::bad("JSON_PARSER_ERROR", "fields are missing")),
    }
}

fn of_id<'a>(org: &Org<'a>, id: &str) -> Outcome<&'a Object> {
    org.schema.of_id(id).ok_or_else(Fault::not_found)
}

/// A refusal as Lightning reads it: what is wrong with a field stands under its name.
fn refused(fault: &Fault) -> Reply {
    let Some(fields) = fault.fields.as_ref().filter(|fields| !fields.is_empty()) else {
        return Reply::of(fault);
    };
    let errors = fields.iter().map(|field| {
        let error = json!([{
            "constituentField": null,
            "duplicateRecordError": null,
            "errorCode": fault.code,
            "field": field,
            "fieldLabel": field,
            "message": fault.message,
        }]);
        (field.clone(), error)
    });
    let body = json!({
        "message": "An error occurred while trying to update the record. Please try again.",
        "statusCode": fault.status,
        "enhancedErrorType": "RecordError",
        "output": {"errors": [], "fieldErrors": errors.collect::<Map<_, _>>()},
    });
    Reply::json(fault.status, body)
}
