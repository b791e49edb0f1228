//! Answers, with every element where the WSDL has it.

use serde_json::{Map, Value};

use super::Api;
use super::convert::Converted;
use crate::demo::crm::fault::{Fault, Outcome};

/// An element as text.
pub type Xml = String;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

pub fn response(api: Api, operation: &str, results: &[Xml]) -> String {
    let name = match api {
        Api::Partner => "partner",
        Api::Enterprise => "enterprise",
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"urn:{name}.soap.sforce.com\" xmlns:sf=\"urn:sobject.{name}.soap.sforce.com\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"{XSI}\"><soapenv:Header>\
         <LimitInfoHeader><limitInfo><current>1</current><limit>15000</limit>\
         <type>API REQUESTS</type></limitInfo></LimitInfoHeader></soapenv:Header>\
         <soapenv:Body><{operation}Response>{}</{operation}Response></soapenv:Body></soapenv:Envelope>",
        results.concat()
    )
}

pub fn fault(api: Api, fault: &Fault) -> String {
    let name = match api {
        Api::Partner => "partner",
        Api::Enterprise => "enterprise",
    };
    let (code, message) = (fault.code, escape(&fault.message));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope \
         xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:sf=\"urn:fault.{name}.soap.sforce.com\" xmlns:xsi=\"{XSI}\"><soapenv:Body>\
         <soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>\
         <detail><sf:UnexpectedErrorFault xsi:type=\"sf:UnexpectedErrorFault\">\
         <sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>\
         </sf:UnexpectedErrorFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
}

/// `SaveResult`, `DeleteResult`, `UndeleteResult`; with `created` first an `UpsertResult`.
pub fn slot(slot: &Value, upsert: bool) -> Xml {
    let created = match upsert {
        true => text("created", &flag(slot, "created")),
        false => String::new(),
    };
    format!("<result>{created}{}</result>", outcome(slot))
}

/// `MergeResult`
pub fn merged(slot: &Value, losers: &[String]) -> Xml {
    let success = slot.get("success") == Some(&Value::Bool(true));
    let (head, tail) = (errors(slot), text("success", &success.to_string()));
    let ids: String = match success {
        true => losers
            .iter()
            .map(|id| text("mergedRecordIds", id))
            .collect(),
        false => String::new(),
    };
    format!("<result>{head}{}{ids}{tail}</result>", id(slot))
}

fn outcome(slot: &Value) -> String {
    let success = text("success", &flag(slot, "success"));
    format!("{}{}{success}", errors(slot), id(slot))
}

fn id(slot: &Value) -> String {
    let told = slot.get("id").and_then(Value::as_str);
    told.map_or_else(|| nil("id"), |id| text("id", id))
}

fn errors(slot: &Value) -> String {
    let errors = slot.get("errors").and_then(Value::as_array);
    let one = |error: &Value| {
        let fields = error.get("fields").and_then(Value::as_array);
        let fields: String = fields
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|field| text("fields", field))
            .collect();
        let part = |name: &str| {
            let told = error.get(name).and_then(Value::as_str);
            text(name, told.unwrap_or_default())
        };
        format!(
            "<errors>{fields}{}{}</errors>",
            part("message"),
            part("statusCode")
        )
    };
    errors.into_iter().flatten().map(one).collect()
}

fn flag(slot: &Value, name: &str) -> String {
    (slot.get(name) == Some(&Value::Bool(true))).to_string()
}

/// `QueryResult`
pub fn page(api: Api, element: &str, page: &Value) -> Xml {
    let next = page.get("nextRecordsUrl").and_then(Value::as_str);
    let locator = next.and_then(|url| url.rsplit('/').next());
    let locator = locator.map_or_else(|| nil("queryLocator"), |at| text("queryLocator", at));
    let records = page.get("records").and_then(Value::as_array);
    let records: String = records
        .into_iter()
        .flatten()
        .map(|found| record(api, "records", found))
        .collect();
    let size = page.get("totalSize").cloned().unwrap_or_default();
    format!(
        "<{element} xsi:type=\"QueryResult\">{}{locator}{records}{}</{element}>",
        text("done", &flag(page, "done")),
        text("size", &size.to_string())
    )
}

/// `SearchResult`
pub fn found(api: Api, records: &[Value]) -> Xml {
    let records: String = records
        .iter()
        .map(|found| {
            let record = record(api, "record", found);
            format!("<searchRecords>{record}</searchRecords>")
        })
        .collect();
    format!("<result>{}{records}</result>", text("queryId", "laptop"))
}

/// `LeadConvertResult`
pub fn converted(done: &Outcome<Converted>) -> Xml {
    let none = Converted::default();
    let told = done.as_ref().unwrap_or(&none);
    let of = |name: &str, id: &Option<String>| {
        let id = id.as_ref();
        id.map_or_else(|| nil(name), |id| text(name, id))
    };
    let slot = done.as_ref().err().map(Fault::slot);
    let slot = serde_json::json!({ "errors": slot.into_iter().collect::<Vec<_>>() });
    format!(
        "<result>{}{}{}{}{}{}{}</result>",
        of("accountId", &told.account),
        of("contactId", &told.contact),
        errors(&slot),
        of("leadId", &told.lead),
        of("opportunityId", &told.opportunity),
        nil("relatedPersonAccountId"),
        text("success", &done.is_ok().to_string())
    )
}

/// An `sObject`; in enterprise one of the object's own type, whose fields are in order.
pub fn record(api: Api, element: &str, record: &Value) -> Xml {
    let Some(fields) = record.as_object() else {
        return nil(element);
    };
    let object = record
        .pointer("/attributes/type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let id = fields.get("Id").and_then(Value::as_str);
    let mut inside = String::new();
    let mut named: Vec<(&String, &Value)> = Map::iter(fields)
        .filter(|(name, _)| *name != "attributes")
        .collect();
    let declared = match api {
        Api::Partner => {
            inside.push_str(&text("sf:type", object));
            inside.push_str(&id.map_or_else(|| nil("sf:Id"), |id| text("sf:Id", id)));
            "sObject"
        }
        Api::Enterprise => {
            inside.push_str(&id.map_or_else(|| nil("sf:Id"), |id| text("sf:Id", id)));
            named.retain(|(name, _)| *name != "Id");
            named.sort_by_key(|(name, _)| name.as_str());
            object
        }
    };
    for (name, value) in named {
        inside.push_str(&field(api, &format!("sf:{name}"), value));
    }
    format!("<{element} xsi:type=\"sf:{declared}\">{inside}</{element}>")
}

fn field(api: Api, element: &str, value: &Value) -> Xml {
    match value {
        Value::Null => nil(element),
        Value::String(told) => text(element, told),
        Value::Object(map) if map.contains_key("attributes") => record(api, element, value),
        Value::Object(map) if map.contains_key("records") => page(api, element, value),
        Value::Object(map) => {
            let parts: String = map
                .iter()
                .map(|(name, part)| field(api, name, part))
                .collect();
            format!("<{element} xsi:type=\"address\">{parts}</{element}>")
        }
        other => text(element, &other.to_string()),
    }
}

/// `DescribeSObjectResult`, as far as clients of the tests read it.
pub fn described(object: &Value) -> Xml {
    let fields = object.get("fields").and_then(Value::as_array);
    let fields: String = fields
        .into_iter()
        .flatten()
        .map(|field| {
            let names = [
                "byteLength",
                "createable",
                "custom",
                "externalId",
                "filterable",
                "idLookup",
                "label",
                "length",
                "name",
                "nillable",
                "soapType",
                "type",
                "updateable",
            ];
            format!("<fields>{}</fields>", members(field, &names))
        })
        .collect();
    format!(
        "<result>{}{fields}{}</result>",
        members(object, &["createable", "custom", "deletable"]),
        members(
            object,
            &[
                "keyPrefix",
                "label",
                "labelPlural",
                "name",
                "queryable",
                "updateable"
            ]
        )
    )
}

/// `DescribeGlobalResult`
pub fn all(all: &Value) -> Xml {
    let objects = all.get("sobjects").and_then(Value::as_array);
    let names = [
        "createable",
        "custom",
        "deletable",
        "keyPrefix",
        "label",
        "labelPlural",
        "name",
        "queryable",
        "updateable",
    ];
    let objects: String = objects
        .into_iter()
        .flatten()
        .map(|object| format!("<sobjects>{}</sobjects>", members(object, &names)))
        .collect();
    let head = members(all, &["encoding", "maxBatchSize"]);
    format!("<result>{head}{objects}</result>")
}

pub fn timestamp(now: &str) -> Xml {
    format!("<result>{}</result>", text("timestamp", now))
}

fn members(of: &Value, names: &[&str]) -> String {
    let one = |name: &&str| match of.get(*name) {
        None | Some(Value::Null) => nil(name),
        Some(Value::String(told)) => text(name, told),
        Some(other) => text(name, &other.to_string()),
    };
    names.iter().map(one).collect()
}

fn nil(element: &str) -> String {
    format!("<{element} xsi:nil=\"true\"/>")
}

fn text(element: &str, text: &str) -> String {
    format!("<{element}>{}</{element}>", escape(text))
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
