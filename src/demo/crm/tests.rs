//! The stand-in from outside: requests in, answers out.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::demo::crm::{Credential, Crm, Request, Response, Seed};

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

/// What the record service refuses: object, body, code, words of the message, field at fault.
const REFUSED: [(&str, &str, &str, &str, Option<&str>); 21] = [
    (
        "Contact",
        r#"{"FirstName":"x"}"#,
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [LastName]",
        Some("LastName"),
    ),
    (
        "Lead",
        r#"{"LastName":"x"}"#,
        "REQUIRED_FIELD_MISSING",
        "[Company]",
        Some("Company"),
    ),
    (
        "Account",
        r#"{"Name":"  "}"#,
        "REQUIRED_FIELD_MISSING",
        "[Name]",
        Some("Name"),
    ),
    (
        "Opportunity",
        r#"{"Name":"x"}"#,
        "REQUIRED_FIELD_MISSING",
        "[StageName, CloseDate]",
        Some("StageName"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","FirstName":"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddE"}"#,
        "STRING_TOO_LONG",
        "First Name: data value too large: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddE (max length=40)",
        Some("FirstName"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","Email":"noor@"}"#,
        "INVALID_EMAIL_ADDRESS",
        "Email: invalid email address: noor@",
        Some("Email"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","Email":"noor visser@example.nl"}"#,
        "INVALID_EMAIL_ADDRESS",
        "noor visser@example.nl",
        Some("Email"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","Emial":"a@example.nl"}"#,
        "INVALID_FIELD",
        "No such column 'Emial' on sobject of type Contact",
        None,
    ),
    (
        "Contact",
        r#"{"LastName":"x","Name":"y"}"#,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Name",
        Some("Name"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","Id":"003000000000001AAA"}"#,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "cannot specify Id",
        Some("Id"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","Birthdate":"01-02-1990"}"#,
        "JSON_PARSER_ERROR",
        "instance of date from VALUE_STRING value 01-02-1990",
        None,
    ),
    (
        "Contact",
        r#"{"LastName":"x","Birthdate":"1990-02-30"}"#,
        "JSON_PARSER_ERROR",
        "1990-02-30",
        None,
    ),
    (
        "Contact",
        r#"{"LastName":5}"#,
        "JSON_PARSER_ERROR",
        "instance of string from VALUE_NUMBER_INT",
        None,
    ),
    (
        "Contact",
        r#"{"LastName":{"a":1}}"#,
        "JSON_PARSER_ERROR",
        "START_OBJECT",
        None,
    ),
    (
        "Contact",
        r#"{"LastName":"#,
        "JSON_PARSER_ERROR",
        "line:1",
        None,
    ),
    ("Contact", r#"[]"#, "JSON_PARSER_ERROR", "no object", None),
    (
        "Contact",
        r#"{"LastName":"x","AccountId":"12"}"#,
        "MALFORMED_ID",
        "Account ID: id value of incorrect type: 12",
        Some("AccountId"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","AccountId":"003KB0000000001AAA"}"#,
        "FIELD_INTEGRITY_EXCEPTION",
        "incorrect type",
        Some("AccountId"),
    ),
    (
        "Contact",
        r#"{"LastName":"x","AccountId":"001000000000001AAA"}"#,
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "001000000000001AAA",
        None,
    ),
    (
        "Contact",
        r#"{"LastName":"x","Account":{"Ext_Id__c":"Nobody"}}"#,
        "INVALID_FIELD",
        "Foreign key external ID: nobody not found for field Ext_Id__c in entity Account",
        None,
    ),
    (
        "Account",
        r#"{"Name":"x","NumberOfEmployees":1.5}"#,
        "JSON_PARSER_ERROR",
        "instance of int",
        None,
    ),
];

#[test]
fn records_are_refused_in_the_words_of_the_vendor() {
    let crm = crm(false);
    for (object, body, code, words, field) in REFUSED {
        let response = crm.handle(Request {
            method: "POST".to_owned(),
            target: format!("/services/data/v62.0/sobjects/{object}"),
            headers: vec![(
                "authorization".to_owned(),
                "Bearer 00DKB0000000001!token".to_owned(),
            )],
            body: body.as_bytes().to_vec(),
        });
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(
            (response.status, &answer[0]["errorCode"]),
            (400, &json!(code)),
            "{body}: {answer}"
        );
        let message = answer[0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{body}: {message}");
        assert_eq!(answer[0]["fields"][0].as_str(), field, "{body}: {answer}");
    }
    assert_eq!(query(&crm, "SELECT COUNT() FROM Contact").1["totalSize"], 0);
}

#[test]
fn values_are_kept_as_the_real_one_keeps_them() {
    let crm = crm(false);
    let id = create(
        &crm,
        "Contact",
        &json!({
            "LastName": "  Visser ", "Email": "Noor.VISSER@Example.nl", "FirstName": " ",
            "MailingCity": "Utrecht", "MailingStreet": "Oudegracht 1", "birthdate": "1990-03-01",
        }),
    );
    let (_, contact) = rest(&crm, "GET", &format!("/sobjects/Contact/{id}"), None);
    assert_eq!(contact["LastName"], "Visser");
    assert_eq!(contact["FirstName"], Value::Null);
    assert_eq!(contact["Name"], "Visser");
    assert_eq!(contact["Email"], "noor.visser@example.nl");
    assert_eq!(contact["Birthdate"], "1990-03-01");
    assert_eq!(contact["CreatedDate"], "2026-11-21T12:00:00.000+0000");
    assert_eq!(
        contact["MailingAddress"],
        json!({
            "city": "Utrecht", "country": null, "geocodeAccuracy": null, "latitude": null,
            "longitude": null, "postalCode": null, "state": null, "street": "Oudegracht 1",
        })
    );
    assert_eq!(contact["OtherAddress"], Value::Null);
}

#[test]
fn a_case_shows_its_contact_and_follows_it() {
    let crm = crm(false);
    let account = create(&crm, "Account", &json!({"Name": "Bakkerij"}));
    let body = json!({"LastName": "Visser", "Email": "noor@example.nl", "AccountId": account});
    let contact = create(&crm, "Contact", &body);
    let case = create(
        &crm,
        "Case",
        &json!({"ContactId": contact, "Subject": "Vraag"}),
    );
    let path = format!("/sobjects/Case/{case}");
    let (_, shown) = rest(&crm, "GET", &path, None);
    assert_eq!(shown["ContactEmail"], "noor@example.nl");
    assert_eq!(shown["AccountId"], account);
    assert_eq!(shown["CaseNumber"], "00001001");
    assert_eq!(
        (&shown["Status"], &shown["IsClosed"]),
        (&json!("New"), &json!(false))
    );
    let change = json!({"Email": "n.visser@example.nl", "MobilePhone": "06-00001009"});
    rest(
        &crm,
        "PATCH",
        &format!("/sobjects/Contact/{contact}"),
        Some(&change),
    );
    let (_, shown) = rest(&crm, "GET", &path, None);
    assert_eq!(shown["ContactEmail"], "n.visser@example.nl");
    assert_eq!(shown["ContactMobile"], "06-00001009");
}

#[test]
fn an_account_with_a_last_name_is_a_person() {
    let crm = crm(false);
    let body = json!({"FirstName": "Noor", "LastName": "Visser", "PersonEmail": "N@example.nl"});
    let id = create(&crm, "Account", &body);
    let (_, person) = rest(&crm, "GET", &format!("/sobjects/Account/{id}"), None);
    assert_eq!(person["Name"], "Noor Visser");
    assert_eq!(person["IsPersonAccount"], true);
    assert_eq!(person["PersonEmail"], "n@example.nl");
    let body = json!({"Name": "Bakkerij", "PersonEmail": "n@example.nl"});
    let (status, answer) = rest(&crm, "POST", "/sobjects/Account", Some(&body));
    assert_eq!(
        (status, &answer[0]["errorCode"]),
        (400, &json!("INVALID_FIELD_FOR_INSERT_UPDATE"))
    );
}

#[test]
fn an_external_id_addresses_one_record_in_any_case() {
    let crm = crm(false);
    let path = "/sobjects/Contact/Ext_Id__c/Klant%201";
    let (status, answer) = rest(&crm, "PATCH", path, Some(&json!({"LastName": "Visser"})));
    assert_eq!((status, &answer["created"]), (201, &json!(true)));
    let (status, answer) = rest(&crm, "PATCH", path, Some(&json!({"FirstName": "Noor"})));
    assert_eq!((status, &answer["created"]), (200, &json!(false)));
    let (status, contact) = rest(&crm, "GET", "/sobjects/Contact/ext_id__c/KLANT%201", None);
    assert_eq!((status, &contact["Name"]), (200, &json!("Noor Visser")));
    let twice = json!({"LastName": "Bos", "Ext_Id__c": "klant 1"});
    let (status, answer) = rest(&crm, "POST", "/sobjects/Contact", Some(&twice));
    assert_eq!(
        (status, &answer[0]["errorCode"]),
        (400, &json!("DUPLICATE_VALUE"))
    );
    assert_eq!(rest(&crm, "DELETE", path, None).0, 204);
    assert_eq!(rest(&crm, "GET", path, None).0, 404);
}

#[test]
fn an_address_that_two_have_names_both() {
    let crm = crm(false);
    for last in ["Visser", "Bos"] {
        create(
            &crm,
            "Contact",
            &json!({"LastName": last, "Email": "info@example.nl"}),
        );
    }
    let (status, answer) = rest(&crm, "GET", "/sobjects/Contact/Email/INFO@example.nl", None);
    assert_eq!((status, answer.as_array().unwrap().len()), (300, 2));
}

#[test]
fn what_is_stored_is_in_the_dump_and_in_the_image() {
    let crm = crm(false);
    create(&crm, "Contact", &json!({"LastName": "Sleutelwoord"}));
    let response = send(&crm, "GET", "/_dump", None);
    let dump: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(dump["Contact"][0]["LastName"], "Sleutelwoord");
    let image = crm.memory_dump().unwrap();
    let holds = |word: &[u8]| image.windows(word.len()).any(|window| window == word);
    assert!(holds(b"Sleutelwoord") && !holds(b"Sleutelgat"));
}

#[test]
fn the_log_has_what_arrived_but_no_credentials() {
    let crm = crm(false);
    create(&crm, "Contact", &json!({"LastName": "Visser"}));
    assert_eq!(crm.requests().len(), 1);
    let response = send(&crm, "GET", "/_requests", None);
    let text = String::from_utf8(response.body).unwrap();
    assert!(
        text.contains("Visser") && !text.contains("!token"),
        "{text}"
    );
    crm.record_requests(false);
    create(&crm, "Contact", &json!({"LastName": "Bos"}));
    assert!(crm.requests().is_empty());
}
