//! What objects, layouts and actions there are.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::schema::Object;

/// # Errors
/// When an object or a field is unknown.
pub fn object_infos(org: &Org<'_>, rest: &[&str]) -> Outcome<Value> {
    match *rest {
        [] => {
            let objects = org.schema.objects().iter().map(|object| {
                let info = json!({
                    "apiName": object.name,
                    "keyPrefix": object.prefix,
                    "label": object.label,
                    "labelPlural": object.label_plural,
                });
                (object.name.clone(), info)
            });
            Ok(json!({"eTag": "1", "objects": objects.collect::<Map<_, _>>()}))
        }
        ["batch", names] => {
            let results = names.split(',').map(|name| {
                let info = object_info(org.object(name)?);
                Ok(json!({"result": info, "statusCode": 200}))
            });
            let results = results.collect::<Outcome<Value>>()?;
            Ok(json!({"results": results}))
        }
        [name] => Ok(object_info(org.object(name)?)),
        [name, "picklist-values", _, ref field @ ..] => picklists(org.object(name)?, field.first()),
        _ => Err(Fault::not_found()),
    }
}

fn picklists(object: &Object, field: Option<&&str>) -> Outcome<Value> {
    let values = |values: &[String]| -> Value {
        let values = values.iter().map(
            |value| json!({"attributes": null, "label": value, "validFor": [], "value": value}),
        );
        json!({"controllerValues": {}, "defaultValue": null, "values": values.collect::<Vec<_>>()})
    };
    if let Some(name) = field {
        let field = object
            .field(name)
            .ok_or_else(|| Fault::no_column(name, &object.name))?;
        return Ok(values(&field.picklist));
    }
    let fields = object.fields.iter();
    let fields = fields.filter(|field| !field.picklist.is_empty());
    let fields = fields.map(|field| (field.name.clone(), values(&field.picklist)));
    Ok(json!({"eTag": "1", "picklistFieldValues": fields.collect::<Map<_, _>>()}))
}

pub fn object_info(object: &Object) -> Value {
    let fields = object.fields.iter().map(|field| {
        let info = json!({
            "apiName": field.name,
            "createable": field.is("createable"),
            "dataType": field.kind.name(),
            "label": field.label,
            "length": field.length,
            "reference": field.kind.is_id(),
            "required": field.required(),
            "updateable": field.is("updateable"),
        });
        (field.name.clone(), info)
    });
    json!({
        "apiName": object.name,
        "childRelationships": [],
        "createable": true,
        "custom": false,
        "eTag": "1",
        "fields": fields.collect::<Map<_, _>>(),
        "keyPrefix": object.prefix,
        "label": object.label,
        "labelPlural": object.label_plural,
        "nameFields": ["Name"],
    })
}

pub fn layout(object: &Object) -> Value {
    json!({
        "eTag": "1",
        "id": null,
        "layoutType": "Full",
        "mode": "View",
        "objectApiName": object.name,
        "sections": [],
    })
}

pub fn actions(of: &str) -> Value {
    json!({"actions": {of: {"actions": [{"apiName": "Edit", "label": "Edit", "type": "StandardButton"}]}}, "eTag": "1"})
}
