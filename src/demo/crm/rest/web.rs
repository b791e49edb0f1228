//! Web-to-Lead and Web-to-Case: forms of whoever comes, without a session. The answer is a page that
//! leads to the address of the form; a header field says whether there is a record.

use serde_json::{Map, Value};

use crate::demo::crm::Inner;
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::id;
use crate::demo::crm::rest::{Call, Reply, org};
use crate::demo::crm::schema::Kind;

const LEAD: &[(&str, &str)] = &[
    ("salutation", "Salutation"),
    ("first_name", "FirstName"),
    ("last_name", "LastName"),
    ("title", "Title"),
    ("company", "Company"),
    ("email", "Email"),
    ("phone", "Phone"),
    ("mobile", "MobilePhone"),
    ("fax", "Fax"),
    ("URL", "Website"),
    ("street", "Street"),
    ("city", "City"),
    ("state", "State"),
    ("zip", "PostalCode"),
    ("country", "Country"),
    ("description", "Description"),
    ("lead_source", "LeadSource"),
    ("industry", "Industry"),
    ("rating", "Rating"),
    ("revenue", "AnnualRevenue"),
    ("employees", "NumberOfEmployees"),
];

const CASE: &[(&str, &str)] = &[
    ("name", "SuppliedName"),
    ("email", "SuppliedEmail"),
    ("phone", "SuppliedPhone"),
    ("company", "SuppliedCompany"),
    ("subject", "Subject"),
    ("description", "Description"),
    ("type", "Type"),
    ("status", "Status"),
    ("reason", "Reason"),
    ("priority", "Priority"),
];

pub fn is_servlet(name: &str) -> bool {
    ["servlet.WebToLead", "servlet.WebToCase"].contains(&name)
}

/// The page is there whatever became of the form.
pub fn answer(inner: &Inner, call: &Call, servlet: &str) -> Reply {
    let form: Vec<(String, String)> = form_urlencoded::parse(&call.body).into_owned().collect();
    let processed = match store(inner, call, servlet, &form) {
        Ok(()) => "true".to_owned(),
        Err(_) => "false Exception:common.exception.SalesforceGenericException".to_owned(),
    };
    let leads = value(&form, "retURL").unwrap_or_default();
    let leads = leads.replace('&', "&amp;").replace('"', "&quot;");
    let page = format!(
        "<html><head><meta http-equiv=\"Refresh\" content=\"0; URL={leads}\"></head>\
         <body></body></html>\n"
    );
    Reply::text(200, "text/html;charset=UTF-8", page).with("Is-Processed", processed)
}

fn store(inner: &Inner, call: &Call, servlet: &str, form: &[(String, String)]) -> Outcome<()> {
    let lead = servlet == "servlet.WebToLead";
    let (object, fields, whose) = match lead {
        true => ("Lead", LEAD, "oid"),
        false => ("Case", CASE, "orgid"),
    };
    let whose = value(form, whose).and_then(id::canonical);
    if whose.as_deref() != Some(inner.org.as_str()) || call.parameter("encoding") != Some("UTF-8") {
        return Err(Fault::not_found());
    }
    let store = inner.store();
    let org = org(inner, &store, "66.0");
    let object = org.object(object)?;
    let mut record = Map::new();
    for (name, text) in form.iter().filter(|(_, text)| !text.is_empty()) {
        let Some((_, api)) = fields.iter().find(|(known, _)| known == name) else {
            continue;
        };
        let numeric = object
            .field(api)
            .is_some_and(|field| matches!(field.kind, Kind::Int | Kind::Double | Kind::Currency));
        let value = match (numeric, text.parse::<i64>(), text.parse::<f64>()) {
            (true, Ok(number), _) => Value::from(number),
            (true, _, Ok(number)) => Value::from(number),
            _ => Value::from(text.as_str()),
        };
        record.insert((*api).to_owned(), value);
    }
    if !lead {
        record.entry("Origin").or_insert_with(|| "Web".into());
    }
    store.atomically(|| org.create(object, &record))?;
    Ok(())
}

fn value<'f>(form: &'f [(String, String)], name: &str) -> Option<&'f str> {
    let found = form.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}
