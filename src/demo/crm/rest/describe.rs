//! What objects and fields there are, in the shape of the recorded describe answers.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::Outcome;
use crate::demo::crm::records::Org;
use crate::demo::crm::rest::{Call, Reply, oauth};
use crate::demo::crm::schema::{Field, Object};

/// `GET /sobjects`
pub fn all(org: &Org<'_>) -> Reply {
    let objects = org.schema.objects().iter();
    let objects = objects.map(|object| Value::Object(summary(org, object)));
    Reply::json(
        200,
        json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects.collect::<Vec<_>>()}),
    )
}

/// `GET /sobjects/T/describe`
///
/// # Errors
/// When the object is unknown.
pub fn one(org: &Org<'_>, call: &Call, name: &str) -> Outcome<Reply> {
    let object = org.object(name)?;
    let mut out = summary(org, object);
    out.insert("actionOverrides".to_owned(), json!([]));
    out.insert("childRelationships".to_owned(), children(object));
    let fields = object.fields.iter().map(field);
    out.insert("fields".to_owned(), fields.collect());
    for name in [
        "listviewable",
        "lookupLayoutable",
        "networkScopeFieldName",
        "sobjectDescribeOption",
        "defaultImplementation",
        "extendedBy",
        "extendsInterfaces",
        "implementedBy",
        "implementsInterfaces",
    ] {
        out.insert(name.to_owned(), Value::Null);
    }
    out.insert("compactLayoutable".to_owned(), Value::Bool(true));
    out.insert("namedLayoutInfos".to_owned(), json!([]));
    out.insert("recordTypeInfos".to_owned(), record_types(org, object));
    out.insert(
        "supportedScopes".to_owned(),
        json!([
            {"label": format!("All {}", object.label_plural), "name": "everything"},
            {"label": format!("My {}", object.label_plural), "name": "mine"},
        ]),
    );
    out.insert("searchLayoutable".to_owned(), Value::Bool(true));
    let mut urls = urls(org, object);
    if let Value::Object(urls) = &mut urls {
        let base = oauth::base(call);
        for (name, end) in [("uiDetailTemplate", "{ID}"), ("uiEditTemplate", "{ID}/e")] {
            urls.insert(name.to_owned(), Value::from(format!("{base}/{end}")));
        }
        let new = format!("{base}/{}/e", object.prefix);
        urls.insert("uiNewRecord".to_owned(), Value::from(new));
    }
    out.insert("urls".to_owned(), urls);
    let mut sorted: Vec<(String, Value)> = out.into_iter().collect();
    sorted.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(Reply::json(
        200,
        Value::Object(sorted.into_iter().collect()),
    ))
}

/// An object as the global describe lists it.
pub fn summary(org: &Org<'_>, object: &Object) -> Map<String, Value> {
    let changes = object.fields.iter().any(|field| field.is("updateable"));
    let creates = object.fields.iter().any(|field| field.is("createable"));
    let deletes = object.field("IsDeleted").is_some();
    let summary = json!({
        "activateable": false,
        "associateEntityType": null,
        "associateParentEntity": null,
        "createable": creates,
        "custom": object.name.ends_with("__c"),
        "customSetting": false,
        "deepCloneable": false,
        "deletable": deletes,
        "deprecatedAndHidden": false,
        "feedEnabled": deletes,
        "hasSubtypes": false,
        "isInterface": false,
        "isSubtype": false,
        "keyPrefix": object.prefix,
        "label": object.label,
        "labelPlural": object.label_plural,
        "layoutable": true,
        "mergeable": matches!(object.name.as_str(), "Account" | "Contact" | "Lead" | "Case"),
        "mruEnabled": true,
        "name": object.name,
        "queryable": true,
        "replicateable": true,
        "retrieveable": true,
        "searchable": true,
        "triggerable": true,
        "undeletable": deletes,
        "updateable": changes,
        "urls": urls(org, object),
    });
    summary.as_object().cloned().unwrap_or_default()
}

fn urls(org: &Org<'_>, object: &Object) -> Value {
    let base = format!("/services/data/v{}/sobjects/{}", org.version, object.name);
    let names = [
        ("compactLayouts", "/describe/compactLayouts"),
        ("rowTemplate", "/{ID}"),
        ("approvalLayouts", "/describe/approvalLayouts"),
        ("listviews", "/listviews"),
        ("describe", "/describe"),
        ("quickActions", "/quickActions"),
        ("layouts", "/describe/layouts"),
        ("sobject", ""),
    ];
    let urls = names.into_iter().map(|(name, end)| {
        let url = format!("{base}{end}");
        (name.to_owned(), Value::from(url))
    });
    Value::Object(urls.collect())
}

fn children(object: &Object) -> Value {
    let children = object.children.iter().map(|child| {
        json!({
            "cascadeDelete": false,
            "childSObject": child.1,
            "deprecatedAndHidden": false,
            "field": child.2,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": child.0,
            "restrictedDelete": false,
        })
    });
    children.collect()
}

fn record_types(org: &Org<'_>, object: &Object) -> Value {
    let id = "012000000000000AAA";
    let layout = format!(
        "/services/data/v{}/sobjects/{}/describe/layouts/{id}",
        org.version, object.name
    );
    json!([{
        "active": true,
        "available": true,
        "defaultRecordTypeMapping": true,
        "developerName": "Master",
        "master": true,
        "name": "Master",
        "recordTypeId": id,
        "urls": {"layout": layout},
    }])
}

/// A field with the keys in the recorded order.
fn field(field: &Field) -> Value {
    let picklist = field.picklist.iter().map(|value| {
        json!({
            "active": true,
            "defaultValue": field.default.as_ref() == Some(&Value::from(value.as_str())),
            "label": value,
            "validFor": null,
            "value": value,
        })
    });
    let bytes = match field.kind.is_id() {
        true => field.length,
        false => field.length * 3,
    };
    let mut out = Map::new();
    for name in FIELD_KEYS {
        let value = match name {
            "byteLength" => json!(bytes),
            "compoundFieldName" => json!(field.compound_field_name),
            "digits" => json!(field.digits),
            "extraTypeInfo" => json!(field.extra_type_info),
            "label" => json!(field.label),
            "length" => json!(field.length),
            "name" => json!(field.name),
            "picklistValues" => picklist.clone().collect(),
            "precision" => json!(field.precision),
            "referenceTo" => json!(field.reference_to),
            "relationshipName" => json!(field.relationship_name),
            "scale" => json!(field.scale),
            "soapType" => json!(field.kind.soap()),
            "type" => json!(field.kind.name()),
            "calculatedFormula"
            | "controllerName"
            | "defaultValueFormula"
            | "filteredLookupInfo"
            | "inlineHelpText"
            | "mask"
            | "maskType"
            | "referenceTargetField"
            | "relationshipOrder" => Value::Null,
            "defaultValue" => match field.kind.soap() {
                "xsd:boolean" => Value::Bool(false),
                _ => Value::Null,
            },
            flag => Value::Bool(field.is(flag)),
        };
        out.insert(name.to_owned(), value);
    }
    Value::Object(out)
}

const FIELD_KEYS: [&str; 57] = [
    "aggregatable",
    "aiPredictionField",
    "autoNumber",
    "byteLength",
    "calculated",
    "calculatedFormula",
    "cascadeDelete",
    "caseSensitive",
    "compoundFieldName",
    "controllerName",
    "createable",
    "custom",
    "defaultValue",
    "defaultValueFormula",
    "defaultedOnCreate",
    "dependentPicklist",
    "deprecatedAndHidden",
    "digits",
    "displayLocationInDecimal",
    "encrypted",
    "externalId",
    "extraTypeInfo",
    "filterable",
    "filteredLookupInfo",
    "formulaTreatNullNumberAsZero",
    "groupable",
    "highScaleNumber",
    "htmlFormatted",
    "idLookup",
    "inlineHelpText",
    "label",
    "length",
    "mask",
    "maskType",
    "name",
    "nameField",
    "namePointing",
    "nillable",
    "permissionable",
    "picklistValues",
    "polymorphicForeignKey",
    "precision",
    "queryByDistance",
    "referenceTargetField",
    "referenceTo",
    "relationshipName",
    "relationshipOrder",
    "restrictedDelete",
    "restrictedPicklist",
    "scale",
    "searchPrefilterable",
    "soapType",
    "sortable",
    "type",
    "unique",
    "updateable",
    "writeRequiresMasterRead",
];
