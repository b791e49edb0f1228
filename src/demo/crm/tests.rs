//! The stand-in from outside: requests in, answers out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Credential, Crm, Request, Response, Seed};

/// 2026-11-21T12:00:00Z, a Saturday.
pub const NOON: i64 = 1_795_262_400_000;

pub fn crm(people: bool) -> Crm {
    Crm::new(Seed {
        people,
        credential: Credential {
            client_id: "client".to_owned(),
            client_secret: "secret".to_owned(),
            token: "00DKB0000000001!token".to_owned(),
        },
        now: Arc::new(|| NOON),
    })
    .unwrap()
}

pub fn send(crm: &Crm, method: &str, target: &str, body: Option<&Value>) -> Response {
    crm.handle(Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: vec![(
            "Authorization".to_owned(),
            "Bearer 00DKB0000000001!token".to_owned(),
        )],
        body: body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default(),
    })
}

/// The status and the body of `/services/data/v62.0` + path.
pub fn rest(crm: &Crm, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let response = send(crm, method, &format!("/services/data/v62.0{path}"), body);
    let body = serde_json::from_slice(&response.body).unwrap_or_default();
    (response.status, body)
}

pub fn create(crm: &Crm, object: &str, body: &Value) -> String {
    let (status, answer) = rest(crm, "POST", &format!("/sobjects/{object}"), Some(body));
    assert_eq!(status, 201, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

pub fn query(crm: &Crm, soql: &str) -> (u16, Value) {
    let encoded: String = form_urlencoded::byte_serialize(soql.as_bytes()).collect();
    rest(crm, "GET", &format!("/query?q={encoded}"), None)
}

#[test]
fn a_record_is_created_read_changed_and_deleted() {
    let crm = crm(false);
    let id = create(
        &crm,
        "Contact",
        &json!({"FirstName": "Noor", "LastName": "Visser"}),
    );
    let path = format!("/sobjects/Contact/{id}");
    let (status, record) = rest(&crm, "GET", &path, None);
    assert_eq!((status, &record["Name"]), (200, &json!("Noor Visser")));
    let (status, _) = rest(&crm, "PATCH", &path, Some(&json!({"FirstName": "Nora"})));
    assert_eq!(status, 204);
    let (_, record) = rest(&crm, "GET", &format!("{path}?fields=Name"), None);
    let keys: Vec<&String> = record.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["attributes", "Name", "Id"]);
    assert_eq!(record["Name"], "Nora Visser");
    assert_eq!(rest(&crm, "DELETE", &path, None).0, 204);
    let (status, body) = rest(&crm, "GET", &path, None);
    assert_eq!(
        (status, &body[0]["errorCode"]),
        (404, &json!("ENTITY_IS_DELETED"))
    );
}

#[test]
fn the_people_can_be_put_in_and_found() {
    let crm = crm(true);
    let (_, answer) = query(&crm, "SELECT COUNT() FROM Contact");
    assert_eq!(
        answer,
        json!({"totalSize": 30, "done": true, "records": []})
    );
    let (status, answer) = query(
        &crm,
        "SELECT Id, Name, Account.Name, Owner.Name FROM Contact WHERE Email = 'SANNE.vries00@example.nl'",
    );
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["totalSize"], 1);
    assert_eq!(
        answer["records"][0]["Account"]["Name"],
        "Testbedrijf 00 B.V."
    );
    assert_eq!(answer["records"][0]["Owner"]["Name"], "Beheer Voorbeeld");
}
