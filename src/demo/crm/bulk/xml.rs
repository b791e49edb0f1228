//! Records and results of version 1.0 in XML.

use quick_xml::escape::escape;
use serde_json::{Map, Value};

use super::{Batch, Found, SPACE, typed};
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::schema::Object;
use crate::demo::crm::soap::Element;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The records of a batch.
pub fn read(object: &Object, body: &[u8]) -> Outcome<Vec<Map<String, Value>>> {
    let root = Element::parse(body)?;
    if root.name != "sObjects" {
        return Err(Fault::bad("InvalidBatch", "the batch has no sObjects"));
    }
    Ok(root
        .all("sObject")
        .map(|record| fields(object, record))
        .collect())
}

fn fields(object: &Object, record: &Element) -> Map<String, Value> {
    let field = |element: &Element| {
        let value = match element.child("sObject") {
            _ if element.is_nil() => Value::Null,
            Some(related) => {
                let inner = related.children.iter().filter(|inner| inner.name != "type");
                let inner = inner.map(|inner| (inner.name.clone(), inner.text.clone().into()));
                Value::Object(inner.collect())
            }
            None => typed(object, &element.name, &element.text),
        };
        (element.name.clone(), value)
    };
    record.children.iter().map(field).collect()
}

/// What became of a batch's records.
pub fn results(batch: &Batch) -> String {
    let mut out = format!("<results xmlns=\"{SPACE}\">");
    for row in &batch.rows {
        out.push_str("<result>");
        if let Some(error) = &row.error {
            let error = escape(error.as_str());
            out.push_str(&format!(
                "<errors><message>{error}</message><statusCode>UNKNOWN</statusCode></errors>"
            ));
        }
        if !row.id.is_empty() {
            out.push_str(&format!("<id>{}</id>", row.id));
        }
        out.push_str(&format!(
            "<success>{}</success><created>{}</created></result>",
            row.error.is_none(),
            row.created
        ));
    }
    out.push_str("</results>");
    out
}

/// What a query found.
pub fn rows(found: &Found) -> String {
    let mut out = format!("<queryResult xmlns=\"{SPACE}\" xmlns:xsi=\"{XSI}\">");
    for row in &found.records {
        record(&mut out, "records", row);
    }
    out.push_str("</queryResult>");
    out
}

fn record(out: &mut String, element: &str, record: &Value) {
    let object = record.pointer("/attributes/type").and_then(Value::as_str);
    let object = object.unwrap_or_default();
    out.push_str(&format!(
        "<{element} xsi:type=\"sObject\"><type>{object}</type>"
    ));
    let members = record.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| *name != "attributes") {
        match value {
            Value::Null => out.push_str(&format!("<{name} xsi:nil=\"true\"/>")),
            Value::Object(_) => self::record(out, name, value),
            Value::String(text) => {
                out.push_str(&format!("<{name}>{}</{name}>", escape(text.as_str())));
            }
            other => out.push_str(&format!("<{name}>{other}</{name}>")),
        }
    }
    out.push_str(&format!("</{element}>"));
}
