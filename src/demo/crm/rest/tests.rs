//! The routes: what they answer and what they refuse.

use serde_json::{Value, json};

use crate::demo::crm::tests::{create, crm, query, rest, send};
use crate::demo::crm::{Request, Response};

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
        ("GET", "/search?q=x".to_owned(), 400, "MALFORMED_SEARCH"),
        ("GET", "/ui-api/x".to_owned(), 404, "NOT_FOUND"),
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

#[test]
fn an_id_that_leads_nowhere_spoils_its_own_slot_only() {
    let crm = crm(false);
    let id = create(&crm, "Contact", &json!({"LastName": "Visser"}));
    let record = |id: &str| json!({"attributes": {"type": "Contact"}, "id": id, "Phone": null});
    let records = [record("003000000000001AAA"), record("x"), record(&id)];
    let body = json!({"records": records});
    let (status, answer) = rest(&crm, "PATCH", "/composite/sobjects", Some(&body));
    assert_eq!(status, 200);
    assert_eq!(
        answer[0]["errors"][0]["statusCode"],
        "INVALID_CROSS_REFERENCE_KEY"
    );
    assert_eq!(answer[1]["errors"][0]["statusCode"], "MALFORMED_ID");
    assert_eq!(answer[2], json!({"id": id, "success": true, "errors": []}));
}

#[test]
fn the_limits_count_the_requests() {
    let crm = crm(false);
    let usage = |response: &Response| {
        let found = response
            .headers
            .iter()
            .find(|(name, _)| name == "Sforce-Limit-Info");
        found.unwrap().1.clone()
    };
    let first = send(&crm, "GET", "/services/data/v62.0/limits", None);
    let second = send(&crm, "GET", "/services/data/v62.0/limits", None);
    assert_eq!(usage(&first), "api-usage=1/15000");
    assert_eq!(usage(&second), "api-usage=2/15000");
    let limits: Value = serde_json::from_slice(&second.body).unwrap();
    assert_eq!(limits["DailyApiRequests"]["Remaining"], 14_998);
}

#[test]
fn a_form_makes_a_record_without_a_session_and_says_so_in_its_head() {
    let crm = crm(false);
    let sent = |servlet: &str, body: &str| {
        let response = crm.handle(Request {
            method: "POST".to_owned(),
            target: format!("/servlet/{servlet}?encoding=UTF-8"),
            headers: vec![],
            body: body.as_bytes().to_vec(),
        });
        assert_eq!(response.status, 200);
        let mut headers = response.headers.into_iter();
        let found = headers.find(|(name, _)| name == "Is-Processed");
        found.unwrap().1
    };
    let lead = "last_name=Visser&company=Bakkerij&employees=12&unknown=x";
    let own = format!("oid=00DKB0000000001&{lead}");
    assert_eq!(sent("servlet.WebToLead", &own), "true");
    let case = "orgid=00DKB0000000001&name=Visser&subject=Vraag";
    assert_eq!(sent("servlet.WebToCase", case), "true");
    for body in [
        format!("oid=00DKB0000000002&{lead}"),
        lead.to_owned(),
        "oid=00DKB0000000001&first_name=Noor".to_owned(),
    ] {
        assert!(
            sent("servlet.WebToLead", &body).starts_with("false "),
            "{body}"
        );
    }
    let (_, leads) = query(&crm, "SELECT LastName, NumberOfEmployees FROM Lead");
    assert_eq!(
        (
            &leads["totalSize"],
            &leads["records"][0]["NumberOfEmployees"]
        ),
        (&json!(1), &json!(12))
    );
    let (_, cases) = query(&crm, "SELECT SuppliedName, Origin FROM Case");
    assert_eq!(cases["records"][0]["Origin"], "Web");
}
