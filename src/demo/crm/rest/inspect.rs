//! What the real one does not have: everything it holds, and everything that it was sent.

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::Outcome;
use crate::demo::crm::rest::Reply;
use crate::demo::crm::store::Scan;
use crate::demo::crm::{Inner, Request};

/// `GET /_dump`: all records of all objects, deleted ones too.
pub fn dump(inner: &Inner) -> Outcome<Reply> {
    let store = inner.store();
    let mut out = Map::new();
    for object in inner.schema.objects() {
        let scan = Scan {
            fields: (0..object.fields.len()).collect(),
            deleted: true,
            ..Scan::default()
        };
        let rows = store.scan(object, &scan)?.into_iter().map(|row| {
            let pairs = object.fields.iter().zip(row);
            let stored = pairs.filter(|(field, _)| field.stored());
            let map = stored.map(|(field, value)| (field.name.clone(), value));
            Value::Object(map.collect())
        });
        out.insert(object.name.clone(), rows.collect());
    }
    Ok(Reply::json(200, Value::Object(out)))
}

/// `GET /_requests`: what arrived, without the credentials.
pub fn requests(inner: &Inner) -> Reply {
    let arrived = inner.arrived();
    let shown = arrived
        .iter()
        .filter(|request| !request.target.starts_with("/_"));
    Reply::json(200, shown.map(shown_request).collect())
}

fn shown_request(request: &Request) -> Value {
    let secret = request.target.starts_with("/services/oauth2/token");
    let headers = request.headers.iter();
    let credentials = ["authorization", "x-sfdc-session"];
    let headers = headers.filter(|(name, _)| {
        !credentials
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    });
    let body = if secret {
        "(credentials)".into()
    } else {
        String::from_utf8_lossy(&request.body)
    };
    json!({
        "method": request.method,
        "target": request.target,
        "headers": headers.collect::<Vec<_>>(),
        "body": body,
    })
}
