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
fn paths_that_lead_nowhere_are_refused() {
    let crm = crm(false);
    let id = create(&crm, "Account", &json!({"Name": "Bakkerij"}));
    for (method, path, status, code) in [
        ("GET", "/sobjects/Foo".to_owned(), 404, "NOT_FOUND"),
        (
            "GET",
            "/sobjects/Contact/003000000000001AAA".to_owned(),
            404,
            "NOT_FOUND",
        ),
        ("GET", "/sobjects/Contact/x".to_owned(), 404, "NOT_FOUND"),
        ("GET", format!("/sobjects/Contact/{id}"), 404, "NOT_FOUND"),
        (
            "GET",
            format!("/sobjects/Account/{id}?fields=Foo"),
            400,
            "INVALID_FIELD",
        ),
        (
            "GET",
            "/sobjects/Contact/LastName/x".to_owned(),
            404,
            "NOT_FOUND",
        ),
        (
            "GET",
            "/sobjects/Contact/Ext_Id__c/x".to_owned(),
            404,
            "NOT_FOUND",
        ),
        (
            "PUT",
            format!("/sobjects/Account/{id}"),
            405,
            "METHOD_NOT_ALLOWED",
        ),
        ("GET", "/query".to_owned(), 400, "MALFORMED_QUERY"),
        (
            "GET",
            "/query/01gxx-2000".to_owned(),
            400,
            "INVALID_QUERY_LOCATOR",
        ),
        (
            "GET",
            "/tooling/query?q=SELECT+Id+FROM+ApexClass".to_owned(),
            404,
            "NOT_FOUND",
        ),
        ("GET", "/search?q=x".to_owned(), 404, "NOT_FOUND"),
    ] {
        let (found, answer) = rest(&crm, method, &path, None);
        assert_eq!(
            (found, &answer[0]["errorCode"]),
            (status, &json!(code)),
            "{path}: {answer}"
        );
    }
    assert_eq!(
        rest(&crm, "GET", &format!("/sobjects/Account/{id}"), None).0,
        200
    );
    assert_eq!(
        send(&crm, "GET", "/services/data/v19.0/limits", None).status,
        404
    );
    assert_eq!(
        send(&crm, "GET", "/services/data/v66.0/limits", None).status,
        200
    );
}

#[test]
fn nothing_is_answered_without_the_token() {
    let crm = crm(false);
    for header in [
        None,
        Some("Bearer other"),
        Some("Basic 00DKB0000000001!token"),
        Some("Bearer "),
    ] {
        let headers = header.map(|value| ("Authorization".to_owned(), value.to_owned()));
        let response = crm.handle(Request {
            method: "GET".to_owned(),
            target: "/services/data/v62.0/sobjects".to_owned(),
            headers: headers.into_iter().collect(),
            body: Vec::new(),
        });
        assert_eq!(response.status, 401);
        assert_eq!(
            String::from_utf8(response.body).unwrap(),
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#
        );
    }
}

#[test]
fn the_token_is_given_for_the_secret_only() {
    let crm = crm(false);
    let ask = |form: &str| {
        let response = crm.handle(Request {
            method: "POST".to_owned(),
            target: "/services/oauth2/token".to_owned(),
            headers: vec![("host".to_owned(), "crm.example.nl".to_owned())],
            body: form.as_bytes().to_vec(),
        });
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        (response.status, body)
    };
    let (status, body) = ask("grant_type=client_credentials&client_id=client&client_secret=secret");
    assert_eq!(
        (status, &body["access_token"]),
        (200, &json!("00DKB0000000001!token"))
    );
    assert_eq!(body["instance_url"], "https://crm.example.nl");
    let (status, body) = ask("grant_type=client_credentials&client_id=client&client_secret=other");
    assert_eq!((status, &body["error"]), (400, &json!("invalid_client")));
    let (status, body) = ask("grant_type=password&client_id=client&client_secret=secret");
    assert_eq!(
        (status, &body["error"]),
        (400, &json!("unsupported_grant_type"))
    );
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
fn a_collection_succeeds_record_by_record_or_as_a_whole() {
    let crm = crm(false);
    let body = |all: bool| {
        json!({"allOrNone": all, "records": [
            {"attributes": {"type": "Contact"}, "LastName": "Visser"},
            {"attributes": {"type": "Contact"}, "FirstName": "Noor"},
            {"attributes": {"type": "Account"}, "Name": "Bakkerij"},
        ]})
    };
    let (status, answer) = rest(&crm, "POST", "/composite/sobjects", Some(&body(true)));
    assert_eq!(status, 200);
    let codes: Vec<&Value> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|slot| &slot["errors"][0]["statusCode"])
        .collect();
    let rolled_back = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
    assert_eq!(codes, [rolled_back, "REQUIRED_FIELD_MISSING", rolled_back]);
    assert_eq!(query(&crm, "SELECT COUNT() FROM Contact").1["totalSize"], 0);
    let (_, answer) = rest(&crm, "POST", "/composite/sobjects", Some(&body(false)));
    let good: Vec<&Value> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|slot| &slot["success"])
        .collect();
    assert_eq!(good, [&json!(true), &json!(false), &json!(true)]);
    assert_eq!(query(&crm, "SELECT COUNT() FROM Contact").1["totalSize"], 1);
    assert_eq!(query(&crm, "SELECT COUNT() FROM Account").1["totalSize"], 1);
}

#[test]
fn a_collection_is_read_and_deleted_by_ids() {
    let crm = crm(false);
    let one = create(&crm, "Contact", &json!({"LastName": "Visser"}));
    let two = create(&crm, "Contact", &json!({"LastName": "Bos"}));
    let path =
        format!("/composite/sobjects/Contact?ids={two},003000000000001AAA,{one}&fields=LastName");
    let (status, answer) = rest(&crm, "GET", &path, None);
    assert_eq!(status, 200);
    assert_eq!(
        (&answer[0]["LastName"], &answer[1], &answer[2]["LastName"]),
        (&json!("Bos"), &Value::Null, &json!("Visser"))
    );
    let body = json!({"ids": [one], "fields": ["Id", "Name"]});
    let (_, answer) = rest(&crm, "POST", "/composite/sobjects/Contact", Some(&body));
    assert_eq!(answer[0]["Name"], "Visser");
    let path = format!("/composite/sobjects?ids={one},{two},{one}&allOrNone=true");
    let (_, answer) = rest(&crm, "DELETE", &path, None);
    assert_eq!(answer[2]["errors"][0]["statusCode"], "ENTITY_IS_DELETED");
    assert_eq!(query(&crm, "SELECT COUNT() FROM Contact").1["totalSize"], 2);
    let path = format!("/composite/sobjects?ids={one},{two}");
    rest(&crm, "DELETE", &path, None);
    assert_eq!(query(&crm, "SELECT COUNT() FROM Contact").1["totalSize"], 0);
}

/// A composite request of three parts, the last of which succeeds only with a good address.
fn three_parts(all: bool, email: &str) -> Value {
    let base = "/services/data/v62.0";
    json!({"allOrNone": all, "compositeRequest": [
        {"method": "POST", "url": format!("{base}/sobjects/Account"), "referenceId": "bakery",
         "body": {"Name": "Bakkerij"}},
        {"method": "GET", "url": format!("{base}/query?q=SELECT Id, Name FROM Account WHERE Id = '@{{bakery.id}}'"),
         "referenceId": "found"},
        {"method": "POST", "url": format!("{base}/sobjects/Contact"), "referenceId": "person",
         "body": {"LastName": "@{found.records[0].Name}", "AccountId": "@{bakery.id}", "Email": email}},
    ]})
}

#[test]
fn the_parts_of_a_composite_refer_to_each_other() {
    let crm = crm(false);
    let (status, answer) = rest(
        &crm,
        "POST",
        "/composite",
        Some(&three_parts(true, "a@example.nl")),
    );
    assert_eq!(status, 200);
    let parts = &answer["compositeResponse"];
    let account = &parts[0]["body"]["id"];
    let location = parts[0]["httpHeaders"]["Location"].as_str().unwrap();
    assert!(location.ends_with(account.as_str().unwrap()));
    assert_eq!(parts[2]["httpStatusCode"], 201, "{answer}");
    let (_, answer) = query(&crm, "SELECT LastName, Account.Name FROM Contact");
    assert_eq!(answer["records"][0]["LastName"], "Bakkerij");
    assert_eq!(answer["records"][0]["Account"]["Name"], "Bakkerij");
}

#[test]
fn a_composite_of_which_one_part_fails_is_undone_if_it_was_to_be_whole() {
    let crm = crm(false);
    let (status, answer) = rest(&crm, "POST", "/composite", Some(&three_parts(true, "bad")));
    assert_eq!(status, 200);
    let parts = &answer["compositeResponse"];
    assert_eq!(parts[0]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(parts[2]["body"][0]["errorCode"], "INVALID_EMAIL_ADDRESS");
    assert_eq!(query(&crm, "SELECT COUNT() FROM Account").1["totalSize"], 0);
    rest(&crm, "POST", "/composite", Some(&three_parts(false, "bad")));
    assert_eq!(query(&crm, "SELECT COUNT() FROM Account").1["totalSize"], 1);
}

#[test]
fn graphs_succeed_or_fail_each_as_a_whole() {
    let crm = crm(false);
    let parts = |email| three_parts(true, email)["compositeRequest"].clone();
    let body = json!({"graphs": [
        {"graphId": "1", "compositeRequest": parts("a@example.nl")},
        {"graphId": "2", "compositeRequest": parts("bad")},
    ]});
    let (status, answer) = rest(&crm, "POST", "/composite/graph", Some(&body));
    assert_eq!(status, 200);
    assert_eq!(answer["graphs"][0]["isSuccessful"], true);
    assert_eq!(answer["graphs"][1]["isSuccessful"], false);
    assert_eq!(query(&crm, "SELECT COUNT() FROM Account").1["totalSize"], 1);
}

#[test]
fn a_batch_answers_each_part() {
    let crm = crm(false);
    let body = json!({"batchRequests": [
        {"method": "POST", "url": "v62.0/sobjects/Account", "richInput": {"Name": "Bakkerij"}},
        {"method": "GET", "url": "v62.0/sobjects/Foo"},
    ]});
    let (_, answer) = rest(&crm, "POST", "/composite/batch", Some(&body));
    assert_eq!(answer["hasErrors"], true);
    assert_eq!(answer["results"][0]["statusCode"], 201);
    assert_eq!(answer["results"][1]["result"][0]["errorCode"], "NOT_FOUND");
}

#[test]
fn a_tree_is_planted_with_its_children_or_not_at_all() {
    let crm = crm(false);
    let tree = |last: Value| {
        json!({"records": [{
            "attributes": {"type": "Account", "referenceId": "a"}, "Name": "Bakkerij",
            "Contacts": {"records": [{
                "attributes": {"type": "Contact", "referenceId": "c"}, "LastName": last,
            }]},
        }]})
    };
    let (status, answer) = rest(
        &crm,
        "POST",
        "/composite/tree/Account",
        Some(&tree(Value::Null)),
    );
    assert_eq!((status, &answer["hasErrors"]), (400, &json!(true)));
    assert_eq!(answer["results"][0]["referenceId"], "c");
    assert_eq!(query(&crm, "SELECT COUNT() FROM Account").1["totalSize"], 0);
    let (status, _) = rest(
        &crm,
        "POST",
        "/composite/tree/Account",
        Some(&tree(json!("Visser"))),
    );
    assert_eq!(status, 201);
    let (_, answer) = query(&crm, "SELECT Account.Name FROM Contact");
    assert_eq!(answer["records"][0]["Account"]["Name"], "Bakkerij");
}

#[test]
fn long_answers_come_in_pages() {
    let crm = crm(false);
    for batch in 0..3 {
        let records: Vec<Value> = (0..150)
            .map(
                |n| json!({"attributes": {"type": "Contact"}, "LastName": format!("L{batch}-{n}")}),
            )
            .collect();
        rest(
            &crm,
            "POST",
            "/composite/sobjects",
            Some(&json!({"records": records})),
        );
    }
    let mut target = "/services/data/v62.0/query?q=SELECT+LastName+FROM+Contact".to_owned();
    let mut sizes = Vec::new();
    loop {
        let response = crm.handle(Request {
            method: "GET".to_owned(),
            target: target.clone(),
            headers: vec![
                (
                    "Authorization".to_owned(),
                    "Bearer 00DKB0000000001!token".to_owned(),
                ),
                (
                    "Sforce-Query-Options".to_owned(),
                    "batchSize=200".to_owned(),
                ),
            ],
            body: Vec::new(),
        });
        let page: Value = serde_json::from_slice(&response.body).unwrap();
        sizes.push(page["records"].as_array().unwrap().len());
        assert_eq!(page["totalSize"], 450);
        match page["nextRecordsUrl"].as_str() {
            Some(next) => target = next.to_owned(),
            None => break assert_eq!(page["done"], true),
        }
    }
    assert_eq!(sizes, [200, 200, 50]);
    let (_, whole) = query(&crm, "SELECT LastName FROM Contact");
    assert_eq!(whole["done"], true);
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

#[test]
fn an_answer_is_zipped_and_spaced_on_request() {
    use std::io::Read as _;
    let crm = crm(false);
    create(&crm, "Account", &json!({"Name": "Bakkerij"}));
    let response = crm.handle(Request {
        method: "GET".to_owned(),
        target: "/services/data/v62.0/query/?q=SELECT+Name+FROM+Account".to_owned(),
        headers: vec![
            (
                "authorization".to_owned(),
                "OAuth 00DKB0000000001!token".to_owned(),
            ),
            ("accept-encoding".to_owned(), "br, gzip;q=0.5".to_owned()),
            ("x-prettyprint".to_owned(), "1".to_owned()),
        ],
        body: Vec::new(),
    });
    let mut text = String::new();
    flate2::read::GzDecoder::new(response.body.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    assert!(text.starts_with("{\n  \"totalSize\" : 1,\n  \"done\" : true,\n  \"records\" : [ {\n    \"attributes\" : {"), "{text}");
    assert!(
        text.ends_with("    \"Name\" : \"Bakkerij\"\n  } ]\n}"),
        "{text}"
    );
}

#[tokio::test]
async fn it_serves_over_http_until_it_is_stopped() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(crm(true).serve_plain(listener, async {
        let _ = stopped.await;
    }));
    let client = reqwest::Client::new();
    let url = format!("{base}/services/data/v62.0/query?q=SELECT+COUNT()+FROM+Lead");
    let answer = client
        .get(url)
        .bearer_auth("00DKB0000000001!token")
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/json;charset=UTF-8"
    );
    assert_eq!(answer.json::<Value>().await.unwrap()["totalSize"], 10);
    drop(client);
    stop.send(()).unwrap();
    serving.await.unwrap();
}

#[tokio::test]
async fn it_serves_over_tls() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let root = reqwest::Certificate::from_der(made.cert.der()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(crm(false).serve_tls(listener, Arc::new(config), async {
        let _ = stopped.await;
    }));
    let client = reqwest::Client::builder()
        .tls_certs_only([root])
        .build()
        .unwrap();
    let url = format!("https://localhost:{port}/services/data/v62.0/sobjects/Account");
    let request = client.post(url).bearer_auth("00DKB0000000001!token");
    let answer = request.body(r#"{"Name":"Bakkerij"}"#).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    drop(client);
    stop.send(()).unwrap();
    serving.await.unwrap();
}

#[test]
fn what_was_changed_last_is_recent() {
    let crm = crm(false);
    create(&crm, "Account", &json!({"Name": "Bakkerij"}));
    create(&crm, "Contact", &json!({"LastName": "Visser"}));
    let (status, answer) = rest(&crm, "GET", "/recent?limit=1", None);
    assert_eq!((status, answer.as_array().unwrap().len()), (200, 1));
    let keys: Vec<&String> = answer[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["attributes", "Id", "Name"]);
}
