//! The SOAP interface, partner and enterprise: each operation is done by what does the same for the
//! REST interface, and its answer is written in the order of the WSDL.
//!
//! Shapes: `partner.wsdl`; a partner record begins with its type, and has its id once for the
//! schema and once more where a query asked for it.

mod convert;
mod read;
mod tree;
mod write;

pub use tree::Element;

use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, put};
use crate::demo::crm::rest::{Call, data, unzip, version_number};
use crate::demo::crm::{Inner, Response, id, moment, sosl};

use read::record;

use write::Xml;

/// Which WSDL is spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Api {
    Partner,
    Enterprise,
}

/// Answers a call of `/services/Soap/u/NN.0` or `/services/Soap/c/NN.0`.
pub fn answer(inner: &Inner, call: &mut Call) -> Response {
    let api = match call.segments.get(2).map(String::as_str) {
        Some("c") => Api::Enterprise,
        _ => Api::Partner,
    };
    let (status, body) = match carry(inner, call, api) {
        Ok(body) => (200, body),
        Err(fault) => (500, write::fault(api, &fault)),
    };
    Response {
        status,
        headers: vec![(
            "Content-Type".to_owned(),
            "text/xml;charset=UTF-8".to_owned(),
        )],
        body: body.into_bytes(),
    }
}

fn carry(inner: &Inner, call: &mut Call, api: Api) -> Outcome<String> {
    let version = call.segments.get(3).cloned().unwrap_or_default();
    if call.method != "POST" || version_number(&version).is_none() {
        return Err(Fault::not_found());
    }
    unzip(call)?;
    let envelope = Element::parse(&call.body)?;
    let header = envelope.child("Header");
    let session = header
        .and_then(|header| header.child("SessionHeader")?.child("sessionId"))
        .map(|session| session.text.as_str());
    if session != Some(inner.credential.token.as_str()) {
        return Err(Fault::bad(
            "INVALID_SESSION_ID",
            "Invalid Session ID found in SessionHeader: Illegal Session. Session not found",
        ));
    }
    let operation = envelope
        .child("Body")
        .and_then(|body| body.children.first())
        .ok_or_else(|| Fault::bad("UNKNOWN_EXCEPTION", "no operation available"))?;
    let store = inner.store();
    let org = Org {
        schema: &inner.schema,
        store: &store,
        now: (inner.now)(),
        version: &version,
        id: &inner.org,
        user: &inner.user,
        calls: inner.calls.load(Ordering::Relaxed),
    };
    let door = Door { org, api, header };
    let results = door.operation(operation)?;
    Ok(write::response(api, &operation.name, &results))
}

struct Door<'a> {
    org: Org<'a>,
    api: Api,
    header: Option<&'a Element>,
}

impl Door<'_> {
    /// The results of an operation, each as the text of its element.
    fn operation(&self, asked: &Element) -> Outcome<Vec<Xml>> {
        let text = |name: &str| asked.child(name).map(|child| child.text.trim().to_owned());
        let need = |name: &str| text(name).unwrap_or_default();
        match asked.name.as_str() {
            "create" | "update" | "upsert" => self.write(asked),
            "delete" => self.delete(asked),
            "undelete" => {
                let ids = asked.all("ids").map(|id| self.undelete(id.text.trim()));
                Ok(ids.map(|slot| write::slot(&slot, false)).collect())
            }
            "merge" => {
                let requests = asked.all("request").map(|request| self.merge(request));
                requests.collect()
            }
            "retrieve" => {
                let ids: Vec<&str> = asked.all("ids").map(|id| id.text.trim()).collect();
                let path = format!("composite/sobjects/{}", need("sObjectType"));
                let fields = need("fieldList");
                let query = [("ids", ids.join(",")), ("fields", fields.replace(' ', ""))];
                let records = self.rest("GET", &path, &query, None)?;
                let records = records.as_array().cloned().unwrap_or_default();
                Ok(records
                    .iter()
                    .map(|record| write::record(self.api, "result", record))
                    .collect())
            }
            "query" | "queryAll" => {
                let path = asked.name.as_str();
                let page = self.rest("GET", path, &[("q", need("queryString"))], None)?;
                Ok(vec![write::page(self.api, "result", &page)])
            }
            "queryMore" => {
                let path = format!("query/{}", need("queryLocator"));
                let page = self.rest("GET", &path, &[], None)?;
                Ok(vec![write::page(self.api, "result", &page)])
            }
            "search" => {
                let found = sosl::answer(&self.org, &need("searchString"))?;
                Ok(vec![write::found(self.api, &found)])
            }
            "convertLead" => {
                let leads = asked.all("leadConverts");
                Ok(leads.map(|lead| self.convert(lead)).collect())
            }
            "describeSObject" | "describeSObjects" => {
                let objects = asked.all("sObjectType").map(|object| {
                    let path = format!("sobjects/{}/describe", object.text.trim());
                    let described = self.rest("GET", &path, &[], None)?;
                    Ok(write::described(&described))
                });
                objects.collect()
            }
            "describeGlobal" => {
                let all = self.rest("GET", "sobjects", &[], None)?;
                Ok(vec![write::all(&all)])
            }
            "getServerTimestamp" => {
                let now = moment::datetime(self.org.now);
                Ok(vec![write::timestamp(&now)])
            }
            other => {
                let message = format!("No operation available for request {other}");
                Err(Fault::bad("UNKNOWN_EXCEPTION", message))
            }
        }
    }

    fn write(&self, asked: &Element) -> Outcome<Vec<Xml>> {
        let records: Vec<Value> = asked
            .all("sObjects")
            .map(|element| record(&self.org, self.api, element))
            .collect::<Outcome<_>>()?;
        let object = records
            .first()
            .and_then(|record| record.pointer("/attributes/type")?.as_str());
        let object = object.unwrap_or_default().to_owned();
        let body =
            json!({ "allOrNone": self.flag("AllOrNoneHeader", "allOrNone"), "records": records });
        let upsert = asked.name == "upsert";
        let slots = match asked.name.as_str() {
            "create" => self.rest("POST", "composite/sobjects", &[], Some(body))?,
            "update" => self.rest("PATCH", "composite/sobjects", &[], Some(body))?,
            _ => {
                let field = asked.child("externalIDFieldName").map(|field| &field.text);
                let field = field.map(String::as_str).unwrap_or_default();
                let path = format!("composite/sobjects/{object}/{field}");
                self.rest("PATCH", &path, &[], Some(body))?
            }
        };
        let slots = slots.as_array().cloned().unwrap_or_default();
        Ok(slots.iter().map(|slot| write::slot(slot, upsert)).collect())
    }

    fn delete(&self, asked: &Element) -> Outcome<Vec<Xml>> {
        let ids: Vec<&str> = asked.all("ids").map(|id| id.text.trim()).collect();
        let all = self.flag("AllOrNoneHeader", "allOrNone").to_string();
        let query = [("ids", ids.join(",")), ("allOrNone", all)];
        let slots = self.rest("DELETE", "composite/sobjects", &query, None)?;
        let slots = slots.as_array().cloned().unwrap_or_default();
        Ok(slots.iter().map(|slot| write::slot(slot, false)).collect())
    }

    /// Takes a record out of the recycle bin.
    fn undelete(&self, given: &str) -> Value {
        let found = || -> Outcome<String> {
            let malformed = || Fault::bad("MALFORMED_ID", format!("malformed id {given}"));
            let id = id::canonical(given).ok_or_else(malformed)?;
            let object = self.org.schema.of_id(&id).ok_or_else(malformed)?;
            let row = self.org.store.find(object, &id)?;
            let missing = || Fault::bad("INVALID_ID_FIELD", "entity is not in the recycle bin");
            let mut row = row.ok_or_else(missing)?;
            let flag = object.position("IsDeleted").ok_or_else(missing)?;
            put(object, &mut row, "IsDeleted", Value::Bool(false));
            let change = [(flag, Value::Bool(false))];
            self.org.store.update(object, &id, &change)?;
            Ok(id)
        };
        slot(given, &found().map(|_| ()))
    }

    /// The master keeps what the request says; the others go to the recycle bin.
    fn merge(&self, request: &Element) -> Outcome<Xml> {
        let missing = || Fault::bad("MISSING_ARGUMENT", "masterRecord not specified");
        let master = request.child("masterRecord").ok_or_else(missing)?;
        let master = record(&self.org, self.api, master)?;
        let id = master
            .get("Id")
            .and_then(Value::as_str)
            .ok_or_else(missing)?;
        let losers: Vec<String> = request
            .all("recordToMergeIds")
            .map(|id| id.text.trim().to_owned())
            .collect();
        let body = json!({ "allOrNone": true, "records": [master] });
        let updated = self.rest("PATCH", "composite/sobjects", &[], Some(body))?;
        let done = updated.pointer("/0/success") == Some(&Value::Bool(true));
        if done {
            let query = [("ids", losers.join(",")), ("allOrNone", "true".to_owned())];
            self.rest("DELETE", "composite/sobjects", &query, None)?;
        }
        let slot = updated.get(0).cloned().unwrap_or_else(|| slot(id, &Ok(())));
        Ok(write::merged(&slot, &losers))
    }

    /// One lead; what is refused of it undoes all of it.
    fn convert(&self, asked: &Element) -> Xml {
        let done = self
            .org
            .store
            .atomically(|| convert::convert(&self.org, asked));
        write::converted(&done)
    }

    /// What the REST interface answers of the same.
    fn rest(
        &self,
        method: &str,
        path: &str,
        parameters: &[(&str, String)],
        body: Option<Value>,
    ) -> Outcome<Value> {
        let target = format!("/services/data/v{}/{path}", self.org.version);
        let body = body.map(|body| body.to_string().into_bytes());
        let mut call = Call::new(method, &target, body.unwrap_or_default());
        let parameters = parameters.iter();
        call.parameters = parameters
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        if let Some(size) = self.said("QueryOptions", "batchSize") {
            let options = format!("batchSize={size}");
            call.headers
                .push(("sforce-query-options".to_owned(), options));
        }
        let reply = data(&self.org, &call)?;
        Ok(reply.body.unwrap_or_default())
    }

    fn said(&self, header: &str, member: &str) -> Option<&str> {
        let found = self.header?.child(header)?.child(member)?;
        Some(found.text.trim())
    }

    fn flag(&self, header: &str, member: &str) -> bool {
        self.said(header, member) == Some("true")
    }
}

fn slot(id: &str, done: &Outcome<()>) -> Value {
    let errors = done.as_ref().err().map(Fault::slot);
    let mut slot = Map::new();
    slot.insert("id".to_owned(), Value::from(id));
    slot.insert("success".to_owned(), Value::Bool(done.is_ok()));
    slot.insert("errors".to_owned(), errors.into_iter().collect());
    Value::Object(slot)
}
