//! The message as it leaves, written from what was read and protected.

use serde_json::{Map, Value};

use super::convert;
use super::message::{Ask, Message};
use super::{Api, SOAP, XSI};
use crate::dialect::salesforce::call::Request;
use crate::dialect::salesforce::door::Door;
use crate::dialect::salesforce::id::Id;
use crate::wire::xml::{Unfit, Writer};

/// A message with the place where the CRM's own session is to stand.
#[derive(Debug)]
pub struct Written {
    pub body: Vec<u8>,
    /// The offset behind `<sessionId>`.
    pub session: usize,
}

impl Message {
    /// Writes the message. `request` has the protected queries and names in policy's spelling,
    /// `records` the protected records as JSON.
    ///
    /// # Errors
    /// When a value cannot stand in XML, or the parts do not fit together: then nothing is sent.
    pub fn write(&self, request: &Request, records: Option<&[u8]>) -> Result<Written, Unfit> {
        let api = self.place.api;
        let mut writer = Writer::new();
        writer.open(
            "soapenv:Envelope",
            &[
                ("xmlns:soapenv", SOAP),
                ("xmlns:xsi", XSI),
                ("xmlns", api.namespace()),
                ("xmlns:sf", api.objects()),
            ],
        )?;
        let session = self.header(&mut writer)?;
        writer.open("soapenv:Body", &[])?;
        let all = matches!(
            request.calls.first().map(|call| &call.route.door),
            Some(Door::Query { all: true, .. })
        );
        let element = match all {
            true => "queryAll",
            false => self.verb.element(),
        };
        writer.open(element, &[])?;
        // The records that a merge deletes stand beside the one that it keeps.
        let merges = matches!(self.verb, Ask::Merge(_));
        for call in request.calls.iter().filter(|_| !merges) {
            parameters(&mut writer, &call.route.door)?;
        }
        if let Some(records) = records {
            self.write_records(&mut writer, request, records)?;
        }
        Ok(Written {
            body: writer.finish(),
            session,
        })
    }

    /// The client's headers in our words, a session that is yet to come, and no truncation: a
    /// token that is cut short is a value lost.
    fn header(&self, writer: &mut Writer) -> Result<usize, Unfit> {
        writer.open("soapenv:Header", &[])?;
        writer.open("SessionHeader", &[])?;
        writer.open("sessionId", &[])?;
        let session = writer.position();
        writer.close();
        writer.close();
        if self.records().is_some() {
            writer.open("AllowFieldTruncationHeader", &[])?;
            writer.text("allowFieldTruncation", "false")?;
            writer.close();
        }
        for header in &self.headers {
            if header.name == "AllowFieldTruncationHeader" || header.members.is_empty() {
                continue;
            }
            writer.open(header.name, &[])?;
            for (name, text) in &header.members {
                writer.text(name, text)?;
            }
            writer.close();
        }
        writer.close();
        Ok(session)
    }

    fn write_records(
        &self,
        writer: &mut Writer,
        request: &Request,
        records: &[u8],
    ) -> Result<(), Unfit> {
        let body: Value = serde_json::from_slice(records).map_err(|_| Unfit)?;
        let records = body.get("records").and_then(Value::as_array);
        let records = records.ok_or(Unfit)?;
        if self.verb == Ask::Convert {
            return convert::write(writer, request.conversions(), records);
        }
        for (at, record) in records.iter().enumerate() {
            let record = record.as_object().ok_or(Unfit)?;
            let Ask::Merge(losers) = &self.verb else {
                sobject(writer, self.place.api, "sObjects", record)?;
                continue;
            };
            writer.open("request", &[])?;
            sobject(writer, self.place.api, "masterRecord", record)?;
            for id in losers.get(at).ok_or(Unfit)? {
                writer.text("recordToMergeIds", id.as_str())?;
            }
            writer.close();
        }
        Ok(())
    }
}

/// What an operation asks for besides records.
fn parameters(writer: &mut Writer, door: &Door) -> Result<(), Unfit> {
    let ids = |writer: &mut Writer, ids: &[Id]| {
        let mut ids = ids.iter();
        ids.try_for_each(|id| writer.text("ids", id.as_str()))
    };
    match door {
        Door::Query { text, .. } => writer.text("queryString", text),
        Door::Search { text } => writer.text("searchString", text),
        Door::More { locator, .. } => writer.text("queryLocator", locator),
        Door::CollectionUpsert { field, .. } => writer.text("externalIDFieldName", field),
        Door::CollectionDelete { ids: list, .. } => ids(writer, list),
        Door::CollectionRead {
            object,
            ids: list,
            fields,
            ..
        } => {
            writer.text("fieldList", &fields.join(","))?;
            writer.text("sObjectType", object)?;
            ids(writer, list)
        }
        Door::Describe { object } => writer.text("sObjectType", object),
        Door::Collection { .. } | Door::Convert(_) | Door::Objects | Door::Limits => Ok(()),
        Door::Versions
        | Door::Resources
        | Door::Object { .. }
        | Door::Create { .. }
        | Door::Record { .. }
        | Door::Download(_)
        | Door::Export(_)
        | Door::Recent { .. }
        | Door::RecordCount { .. }
        | Door::Composite
        | Door::Batch
        | Door::Graph
        | Door::Tree { .. }
        | Door::ParameterizedSearch
        | Door::SearchLayout { .. }
        | Door::SearchScope
        | Door::GraphQl
        | Door::Analytics(_)
        | Door::Chatter(_)
        | Door::Events
        | Door::Aura(_)
        | Door::Controller { .. }
        | Door::Ui(_) => Err(Unfit),
    }
}

/// A record: type, fields to empty, id, fields, as the WSDL orders them.
fn sobject(
    writer: &mut Writer,
    api: Api,
    element: &str,
    record: &Map<String, Value>,
) -> Result<(), Unfit> {
    let object = record
        .get("attributes")
        .and_then(|attributes| attributes.get("type"))
        .and_then(Value::as_str);
    let typed = object.map(|object| format!("sf:{object}"));
    let attributes: &[(&str, &str)] = match &typed {
        Some(typed) if !api.types_inside() => &[("xsi:type", typed.as_str())],
        _ => &[],
    };
    writer.open(element, attributes)?;
    if let Some(object) = object.filter(|_| api.types_inside()) {
        writer.text("sf:type", object)?;
    }
    let fields = || record.iter().filter(|(name, _)| *name != "attributes");
    for (name, _) in fields().filter(|(_, value)| value.is_null()) {
        writer.text("sf:fieldsToNull", name)?;
    }
    if let Some(id) = record.get("Id").and_then(Value::as_str) {
        writer.text("sf:Id", id)?;
    }
    for (name, value) in fields().filter(|(name, _)| *name != "Id") {
        let name = format!("sf:{name}");
        match value {
            Value::Null => {}
            Value::String(text) => writer.text(&name, text)?,
            Value::Bool(_) | Value::Number(_) => writer.text(&name, &value.to_string())?,
            Value::Object(related) => sobject(writer, api, &name, related)?,
            Value::Array(_) => return Err(Unfit),
        }
    }
    writer.close();
    Ok(())
}
