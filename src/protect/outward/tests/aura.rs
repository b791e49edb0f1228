//! Aura, on the way out.

use serde_json::{Value, json};

use crate::model::Code;
use crate::protect::trial::{CONTACT, Trial};
use crate::wire::form;

const CREATE: &str = "aura://RecordUiController/ACTION$createRecord";
const LOOKUP: &str = "aura://LookupController/ACTION$getLookupRecords";

/// The message that leaves, or the code of the refusal.
fn message(trial: &mut Trial, actions: &Value) -> Result<Value, Code> {
    let message = json!({ "actions": actions }).to_string();
    let body = form::write(&[("message", message.as_str()), ("aura.token", "null")]);
    let sent = trial.send("POST", "/aura?r=1", &body);
    let sent = sent.map_err(|refusal| refusal.code)?;
    assert_eq!(sent.target, "/aura?r=1");
    let fields = form::parse(sent.body.as_bytes(), &form::Limits::default()).unwrap();
    assert_eq!(fields.len(), 2);
    Ok(serde_json::from_str(&fields[0].1).unwrap())
}

fn action(descriptor: &str, params: &Value) -> Value {
    json!({
        "id": "41;a",
        "descriptor": descriptor,
        "callingDescriptor": "markup://c:jansen",
        "params": params,
        "version": "60.0",
    })
}

fn one(descriptor: &str, params: &Value) -> Result<Value, Code> {
    let left = message(&mut Trial::start(), &json!([action(descriptor, params)]))?;
    Ok(left["actions"][0].clone())
}

fn apex(class: &str, method: &str, params: &Value) -> Value {
    json!({ "namespace": "", "classname": class, "method": method, "params": params, "cacheable": false, "isContinuation": false })
}

#[test]
fn a_record_leaves_as_tokens_and_nothing_of_the_clients_names() {
    let input = json!({ "recordInput": { "apiName": "contact", "allowSaveOnDuplicate": false,
        "fields": { "LastName": "Jansen", "Email": "mien@example.nl", "Birthdate": "1980-05-01", "LeadSource": "Web" } } });
    let left = one(CREATE, &input).unwrap();
    assert_eq!(
        (&left["id"], &left["callingDescriptor"]),
        (&json!("1;a"), &json!("UNKNOWN"))
    );
    let input = &left["params"]["recordInput"];
    assert_eq!(input["apiName"], "Contact");
    let fields = &input["fields"];
    assert!(fields["LastName"].as_str().unwrap().starts_with("tq"));
    assert!(
        fields["Email"]
            .as_str()
            .unwrap()
            .ends_with("@token.example.eu")
    );
    assert_eq!(fields["LeadSource"], "Web");
    assert!(
        !left.to_string().to_lowercase().contains("jansen"),
        "{left}"
    );
    assert!(!left.to_string().contains("1980"), "{left}");
}

#[test]
fn names_are_spelled_by_policy_and_terms_become_tokens() {
    let read = json!({ "recordId": CONTACT, "fields": ["contact.EMAIL"], "optionalFields": "contact.id,Contact.Account.name" });
    let left = one(
        "aura://RecordUiController/ACTION$getRecordWithFields",
        &read,
    )
    .unwrap();
    assert_eq!(left["params"]["fields"], json!(["Contact.Email"]));
    assert_eq!(
        left["params"]["optionalFields"],
        "Contact.Id,Contact.Account.Name"
    );
    let mut trial = Trial::start();
    let input =
        json!({ "recordInput": { "apiName": "Contact", "fields": { "LastName": "Jansen" } } });
    let made = message(&mut trial, &json!([action(CREATE, &input)])).unwrap();
    let token = &made["actions"][0]["params"]["recordInput"]["fields"]["LastName"];
    let ask = json!({ "objectApiName": "case", "fieldApiName": "contactid", "requestParams": { "q": "jansen", "searchType": "Search" } });
    let left = message(&mut trial, &json!([action(LOOKUP, &ask)])).unwrap();
    let params = &left["actions"][0]["params"];
    assert_eq!(params["requestParams"]["q"], *token);
    assert_eq!(
        (&params["objectApiName"], &params["fieldApiName"]),
        (&json!("Case"), &json!("ContactId"))
    );
}

#[test]
fn what_the_ui_api_refuses_is_refused_here() {
    for (descriptor, params, code) in [
        (
            CREATE,
            json!({ "recordInput": { "apiName": "Contact", "fields": { "Nickname__c": "Jansen" } } }),
            Code::PolicyUnknownField,
        ),
        (
            CREATE,
            json!({ "recordInput": { "apiName": "Pet__c", "fields": { "Name": "Jansen" } } }),
            Code::PolicyUnknownObject,
        ),
        (
            CREATE,
            json!({ "recordInput": { "apiName": "Contact", "fields": { "LastName": "x", "lastname": "Jansen" } } }),
            Code::BodyMalformed,
        ),
        (
            "aura://RecordUiController/ACTION$getRecordWithFields",
            json!({ "recordId": CONTACT, "fields": ["Contact.Jansen"] }),
            Code::PolicyUnknownField,
        ),
        (
            "aura://ListUiController/ACTION$getListRecordsByName",
            json!({ "objectApiName": "Contact", "listViewApiName": "__Recent", "sortBy": ["Contact.LastName"] }),
            Code::QueryClause,
        ),
        (
            LOOKUP,
            json!({ "objectApiName": "Case", "fieldApiName": "ContactId", "q": "jan*" }),
            Code::QueryClause,
        ),
    ] {
        assert_eq!(one(descriptor, &params), Err(code), "{descriptor} {params}");
    }
    let old = json!({ "id": "1;a", "descriptor": CREATE, "version": "20.0",
        "params": { "recordInput": { "apiName": "Contact", "fields": { "LastName": "x" } } } });
    let left = message(&mut Trial::start(), &json!([old]));
    assert_eq!(left, Err(Code::VersionOutside));
}

#[test]
fn an_unknown_action_leaves_with_ids_and_words_and_nothing_else() {
    let items = "serviceComponent://ui.force.components.controllers.lists.selectableListDataProvider.SelectableListDataProviderController/ACTION$getItems";
    let plain = json!({ "entityNameOrId": "Contact", "layoutType": "LIST", "pageSize": 25, "currentPage": 0,
        "recordId": CONTACT, "useTimeout": null, "getCount": true, "fields": ["Contact.LastName", "Name"] });
    let plain = {
        let mut plain = plain;
        plain.as_object_mut().unwrap().remove("useTimeout");
        plain
    };
    assert_eq!(one(items, &plain).unwrap()["params"], plain);
    for (key, value) in [
        ("term", json!("Jansen")),
        ("term", json!({ "name": "mien@example.nl" })),
        ("term", json!(["Jansen"])),
        ("term", json!("{\"name\":\"Jansen\"}")),
        ("id", json!(123_456_782)),
        ("value", json!(1.5)),
        ("Jansen", json!(1)),
        ("record", json!({ "LastName": "Long" })),
        ("email", json!("home")),
        ("Phone", json!(123)),
        ("value", json!({ "Jansen": 1 })),
        (
            "whereConditionMap",
            json!([{ "field": "Name", "op": "equals", "value": "Jansen" }]),
        ),
    ] {
        let params = json!({ key: value });
        assert_eq!(
            one(items, &params),
            Err(Code::PolicyUnknownAction),
            "{params}"
        );
    }
    for descriptor in [
        "aura://JansenController/ACTION$getItems",
        "aura://ListController/ACTION$getJansen",
        "jansen://ListController/ACTION$getItems",
        "serviceComponent://ui.jansen.ListController/ACTION$getItems",
    ] {
        assert_eq!(
            one(descriptor, &json!({})),
            Err(Code::PolicyUnknownAction),
            "{descriptor}"
        );
    }
}

/// What a person types into a search, or a page puts into a parameter, in words that code has too;
/// numbers of people's that have the form of an id or are short.
#[test]
fn words_and_numbers_of_somebody_do_not_leave() {
    let items = "aura://ListController/ACTION$getItems";
    for params in [
        json!({ "searchText": "Max" }),
        json!({ "searchText": "VIEW_TWO" }),
        json!({ "query": "MaxPage" }),
        json!({ "query": CONTACT }),
        json!({ "name": "Work" }),
        json!({ "label": "MaxLong" }),
        json!({ "record": { "items": ["Max_Page"] } }),
        json!({ "LastName": ["Long"] }),
        json!({ "lastname": { "items": [1] } }),
        json!({ "record": { "FirstName": { "items": "LIST" } } }),
        json!({ "Contact.LastName": "LIST" }),
        json!({ "record": { "Contact.LastName": "LIST" } }),
        json!({ "record": { "Contact.LastName": true } }),
        json!({ "fieldApiName": "FirstName", "value": "LIST" }),
        json!({ "value": 850_601 }),
        json!({ "item": 45_000 }),
        json!({ "items": [[3512]] }),
        json!({ "recordId": "185057800608491" }),
        json!({ "recordId": "NO9386011117947" }),
        json!({ "record": { "378282246310005": 1 } }),
    ] {
        assert_eq!(
            one(items, &params),
            Err(Code::PolicyUnknownAction),
            "{params}"
        );
    }
    let many = json!({ "items": vec![1; 5_000] });
    assert_eq!(one(items, &many), Err(Code::BodyTooLarge));
    for params in [
        json!({ "searchText": null, "query": "", "getCount": false }),
        json!({ "pageSize": 2000, "listViewId": "00BA0000000Vm9r", "items": vec![1; 4_000] }),
        json!({ "record": { CONTACT: 1, "Contact.LastName": null } }),
        json!({ "density": "VIEW_TWO", "sort": "asc" }),
    ] {
        assert_eq!(one(items, &params).unwrap()["params"], params);
    }
}

/// A controller of records has the actions that are known, in the one spelling that is.
#[test]
fn an_unknown_action_of_records_is_refused_by_name() {
    for (descriptor, params) in [
        (
            "aura://RelatedListUiController/ACTION$getRelatedListRecordsBatch",
            json!({ "parentRecordId": CONTACT, "relatedListIds": ["Contact"] }),
        ),
        (
            "aura://MruListUiController/ACTION$getMruListUi",
            json!({ "objectApiName": "Contact" }),
        ),
        (
            "aura://RecordUIController/ACTION$getRecordWithLayouts",
            json!({ "recordId": CONTACT }),
        ),
        (
            "serviceComponent://ui.force.recorduicontroller/ACTION$getRecord",
            json!({ "recordId": CONTACT }),
        ),
        ("aura://RecordUiController/ACTION$findDuplicates", json!({})),
    ] {
        assert_eq!(
            one(descriptor, &params),
            Err(Code::EndpointUnknown),
            "{descriptor}"
        );
    }
}

/// What stands under a name of the client's own may be nothing: the name is text all the same.
#[test]
fn a_name_of_a_known_action_is_known_whatever_stands_under_it() {
    let read = "aura://RecordUiController/ACTION$getRecordWithFields";
    let update = "aura://RecordUiController/ACTION$updateRecord";
    let input = json!({ "fields": { "LastName": "x" } });
    for (descriptor, params) in [
        (
            read,
            json!({ "recordId": CONTACT, "Mien Jansen mien@example.nl": null }),
        ),
        (read, json!({ "recordId": CONTACT, "q": null })),
        (
            LOOKUP,
            json!({ "objectApiName": "Case", "fieldApiName": "ContactId",
                "requestParams": { "q": "x", "Mien Jansen": null } }),
        ),
        (
            update,
            json!({ "recordId": CONTACT, "recordInput": input, "clientOptions": { "MaxLong": null } }),
        ),
    ] {
        assert_eq!(
            one(descriptor, &params),
            Err(Code::ParameterUnknown),
            "{params}"
        );
    }
    let params =
        json!({ "recordId": CONTACT, "fields": ["Contact.LastName"], "optionalFields": null });
    assert!(one(read, &params).is_ok());
    let params = json!({ "recordId": CONTACT, "recordInput": input, "clientOptions": { "ifUnmodifiedSince": null } });
    assert!(one(update, &params).is_ok());
}

#[test]
fn apex_carries_what_policy_lets_it_carry() {
    let execute = "aura://ApexActionController/ACTION$execute";
    let plain = apex(
        "Hondenregister",
        "zoek",
        &json!({ "limit": 5, "recordId": CONTACT }),
    );
    assert_eq!(one(execute, &plain).unwrap()["params"], plain);
    let named = apex("Hondenregister", "zoek", &json!({ "ras": "teckel" }));
    assert_eq!(one(execute, &named).unwrap()["params"], named);
    for params in [
        apex("ContactController", "find", &json!({ "name": "Jansen" })),
        apex("Hondenregister", "zoek", &json!({ "eigenaar": "Jansen" })),
        apex("Hondenregister", "zoek", &json!({ "name": "Jansen" })),
        apex("Hondenregister", "wis", &json!({ "ras": "teckel" })),
        apex("Jansen", "get", &json!({})),
        // A customer's own code is named, whatever its words.
        apex("ContactController", "getRecent", &json!({ "limit": 5 })),
    ] {
        assert_eq!(
            one(execute, &params),
            Err(Code::PolicyUnknownAction),
            "{params}"
        );
    }
    let token = one(
        CREATE,
        &json!({ "recordInput": { "apiName": "Contact", "fields": { "LastName": "x" } } }),
    );
    let token = token.unwrap()["params"]["recordInput"]["fields"]["LastName"].clone();
    for value in [
        token.clone(),
        json!([{ "a": token }]),
        json!({ token.as_str().unwrap(): 1 }),
    ] {
        let moved = apex("Hondenregister", "zoek", &json!({ "ras": value }));
        assert_eq!(one(execute, &moved), Err(Code::TokenForeign), "{moved}");
    }
    // Spelled by escapes, at the look that is for one action alone.
    let escaped = format!("\\u{:04x}{}", u32::from('t'), &token.as_str().unwrap()[1..]);
    assert!(token.as_str().unwrap().starts_with('t'));
    let text = json!({ "actions": [action(execute, &apex("Hondenregister", "zoek", &json!({ "ras": "HOND" })))] });
    let text = text.to_string().replace("HOND", &escaped);
    let body = form::write(&[("message", text.as_str())]);
    let left = Trial::start().send("POST", "/aura", &body);
    assert_eq!(
        left.map(|_| ()).map_err(|refusal| refusal.code),
        Err(Code::TokenForeign)
    );
}

#[test]
fn two_actions_may_not_have_one_name_nor_be_no_list() {
    let create = action(
        CREATE,
        &json!({ "recordInput": { "apiName": "Contact", "fields": { "LastName": "x" } } }),
    );
    for actions in [
        json!([create, create]),
        json!({ "a": create }),
        json!([["x"]]),
        json!("x"),
    ] {
        let left = message(&mut Trial::start(), &actions);
        assert_eq!(left, Err(Code::BodyMalformed));
    }
    let mut second = create.clone();
    second["id"] = json!("42;a");
    let left = message(&mut Trial::start(), &json!([create, second])).unwrap();
    assert_eq!(left["actions"][1]["id"], "2;a");
}
