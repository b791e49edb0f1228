//! Batches in the XML of 1.0: records read into the list of JSON that the rules are for, and written
//! from it.
//!
//! A field is an element with text; `xsi:nil` empties it; a relation holds one `sObject` with the
//! external id, and with the related record's `type` where it may be of several objects.

use serde_json::{Map, Value, json};

use super::NAMESPACE;
use crate::dialect::salesforce::door::is_name;
use crate::dialect::salesforce::soap::{XSI, is_nil};
use crate::model::{Code, Refusal};
use crate::wire::json::{Document as Json, Kind, NodeId as JsonId};
use crate::wire::xml::{Document, Limits, NodeId, Unfit, Writer};

/// How deep a record may stand in another.
const DEEPEST: usize = 5;

const LIMITS: Limits = Limits {
    bytes: 10_000_000, // The interface's own limit.
    depth: 32,
    nodes: 2_000_000,
    attributes: 8,
    namespaces: 16,
};

/// The records of a batch, as a list of JSON.
///
/// # Errors
/// [`Code::BodyMalformed`]: other elements, namespaces and attributes, a field twice.
pub fn read(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let document = Document::parse(body, &LIMITS)
        .map_err(|error| Refusal::new(Code::BodyMalformed, error.to_string()))?;
    let root = document.root();
    named(&document, root, "sObjects")?;
    plain(&document, root)?;
    let records = document.children(root).map(|node| {
        named(&document, node, "sObject")?;
        plain(&document, node)?;
        fields(&document, node, 0).map(Value::Object)
    });
    let records: Result<Vec<Value>, Refusal> = records.collect();
    if document
        .text(root)
        .is_some_and(|text| !text.trim().is_empty())
    {
        return Err(malformed("a batch holds records and nothing else"));
    }
    Ok(Value::Array(records?).to_string().into_bytes())
}

fn fields(
    document: &Document<'_>,
    record: NodeId,
    depth: usize,
) -> Result<Map<String, Value>, Refusal> {
    let mut fields = Map::new();
    for (position, node) in document.children(record).enumerate() {
        let name = document.name(node);
        if name.namespace != NAMESPACE || !is_name(name.local) {
            return Err(malformed(
                "a field is in another namespace, or has no name of one",
            ));
        }
        let nil = is_nil(document, node)?;
        if !nil {
            plain(document, node)?;
        }
        let (name, value) = if depth > 0 && position == 0 && name.local == "type" {
            let text = document.text(node);
            let text = text.ok_or_else(|| malformed("a related record's type is a name"))?;
            ("attributes", json!({ "type": text.trim() }))
        } else if name.local.eq_ignore_ascii_case("attributes") {
            return Err(malformed("a record in XML has no attributes"));
        } else if nil {
            (name.local, Value::Null)
        } else if document.holds(node) {
            (name.local, related(document, node, depth)?)
        } else {
            (
                name.local,
                Value::String(document.text(node).unwrap_or_default().into_owned()),
            )
        };
        if fields.insert(name.to_owned(), value).is_some() {
            return Err(malformed("a field stands twice in one record"));
        }
    }
    if fields.is_empty() {
        return Err(malformed("a record has no fields"));
    }
    Ok(fields)
}

/// A relation by external id.
fn related(document: &Document<'_>, node: NodeId, depth: usize) -> Result<Value, Refusal> {
    let mut children = document.children(node);
    let (Some(record), None, true) = (children.next(), children.next(), depth < DEEPEST) else {
        return Err(malformed("a relation holds one sObject"));
    };
    named(document, record, "sObject")?;
    plain(document, record)?;
    let fields = fields(document, record, depth + 1)?;
    if fields.values().any(Value::is_null) {
        return Err(malformed("a related record names its external id only"));
    }
    Ok(Value::Object(fields))
}

fn named(document: &Document<'_>, node: NodeId, local: &str) -> Result<(), Refusal> {
    let name = document.name(node);
    match name.namespace == NAMESPACE && name.local == local {
        true => Ok(()),
        false => Err(malformed(
            "a batch in XML is sObjects with one sObject for each record",
        )),
    }
}

/// Holds an element to having no attributes: what is not read could be a value. `xsi:type` of a
/// record and of a field says nothing that the CRM would not know.
fn plain(document: &Document<'_>, node: NodeId) -> Result<(), Refusal> {
    let known = |(name, value): (crate::wire::xml::Name<'_>, std::borrow::Cow<'_, str>)| {
        name.namespace == XSI
            && (name.local == "nil" && matches!(value.as_ref(), "false" | "0")
                || name.local == "type" && is_name(value.rsplit(':').next().unwrap_or_default()))
    };
    match document.attributes(node).all(known) {
        true => Ok(()),
        false => Err(malformed("an element of a batch has an attribute")),
    }
}

/// A batch of protected records, written anew.
///
/// # Errors
/// What XML cannot hold.
pub fn write(document: &Json<'_>) -> Result<Vec<u8>, Refusal> {
    let unfit = |Unfit| malformed("a value has a character that XML cannot hold");
    let mut out = Writer::new();
    let spaces = [("xmlns", NAMESPACE), ("xmlns:xsi", XSI)];
    out.open("sObjects", &spaces).map_err(unfit)?;
    for record in document.elements(document.root()) {
        written(&mut out, document, record).map_err(unfit)?;
    }
    Ok(out.finish())
}

fn written(out: &mut Writer, document: &Json<'_>, record: JsonId) -> Result<(), Unfit> {
    out.open("sObject", &[])?;
    for (name, value) in document.members(record) {
        match document.kind(value) {
            Kind::Object if name == "attributes" => {
                let object = document.get(value, "type");
                let object = object.and_then(|object| document.text(object));
                out.text("type", &object.unwrap_or_default())?;
            }
            Kind::Object => {
                out.open(&name, &[])?;
                written(out, document, value)?;
                out.close();
            }
            Kind::Null => out.empty(&name, &[("xsi:nil", "true")])?,
            Kind::String => out.text(&name, &document.text(value).unwrap_or_default())?,
            _ => out.text(&name, document.raw(value))?,
        }
    }
    out.close();
    Ok(())
}

fn malformed(text: &'static str) -> Refusal {
    Refusal::new(Code::BodyMalformed, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::Limits;

    fn batch(inside: &str) -> String {
        format!("<sObjects xmlns=\"{NAMESPACE}\" xmlns:xsi=\"{XSI}\">{inside}</sObjects>")
    }

    fn json(text: &str) -> Result<String, Code> {
        let read = read(text.as_bytes()).map_err(|refusal| refusal.code)?;
        Ok(String::from_utf8(read).unwrap())
    }

    #[test]
    fn records_are_read_and_written_as_they_were() {
        let records = "<sObject><LastName>De &lt;b> &amp; Co</LastName><Email xsi:nil=\"true\"/>\
                       <Owner><sObject><type>User</type><Ext_Id__c>7</Ext_Id__c></sObject></Owner></sObject>\
                       <sObject><LastName></LastName></sObject>";
        let read = json(&batch(records)).unwrap();
        assert_eq!(
            read,
            "[{\"LastName\":\"De <b> & Co\",\"Email\":null,\
             \"Owner\":{\"attributes\":{\"type\":\"User\"},\"Ext_Id__c\":\"7\"}},{\"LastName\":\"\"}]"
        );
        let limits = Limits::default();
        let document = Json::parse(read.as_bytes(), &limits).unwrap();
        let written = String::from_utf8(write(&document).unwrap()).unwrap();
        assert_eq!(json(&written).unwrap(), read);
    }

    #[test]
    fn what_is_no_plain_batch_is_refused() {
        assert!(json(&batch("<sObject><LastName>Jansen</LastName></sObject>")).is_ok());
        for inside in [
            "Jansen",
            "<record><LastName>Jansen</LastName></record>",
            "<sObject></sObject>",
            "<sObject note=\"Jansen\"><LastName>a</LastName></sObject>",
            "<sObject><LastName note=\"Jansen\">a</LastName></sObject>",
            "<sObject><LastName xsi:nil=\"true\">Jansen</LastName></sObject>",
            "<sObject><LastName xsi:type=\"Jan Jansen\">a</LastName></sObject>",
            "<sObject><LastName>a</LastName><LastName>b</LastName></sObject>",
            "<sObject><x:LastName xmlns:x=\"urn:x\">Jansen</x:LastName></sObject>",
            "<sObject><Owner><Ext_Id__c>7</Ext_Id__c></Owner></sObject>",
            "<sObject><Owner><sObject/><sObject/></Owner></sObject>",
            "<sObject><Owner><sObject><type><b>User</b></type><A>7</A></sObject></Owner></sObject>",
            "<sObject><attributes>Jansen</attributes></sObject>",
            "<sObject><Attributes><sObject><url>Jansen</url></sObject></Attributes></sObject>",
            "<sObject><LastName>a<!-- Jansen --></LastName></sObject>",
        ] {
            assert_eq!(json(&batch(inside)), Err(Code::BodyMalformed), "{inside}");
        }
        let deep = format!(
            "{}<A>1</A>{}",
            "<sObject><A>".repeat(9),
            "</A></sObject>".repeat(9)
        );
        assert_eq!(json(&batch(&deep)), Err(Code::BodyMalformed));
        let other = "<sObjects><sObject><LastName>Jansen</LastName></sObject></sObjects>";
        assert_eq!(json(other), Err(Code::BodyMalformed));
    }
}
