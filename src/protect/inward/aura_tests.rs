//! Answers of Aura on the way in.

use serde_json::{Value, json};

use crate::protect::inward::Shape;
use crate::protect::trial::{CONTACT, Sent, Trial};
use crate::wire::form;

const EVERYTHING: &[&str] = &["sales", "support", "marketing", "privacy", "integration"];

/// A border that was asked to write a contact, to read one, and for an action that it does not
/// know; and the token of the name.
fn asked(name: &str) -> (Trial, Sent, String) {
    let mut trial = Trial::start();
    let input =
        json!({ "apiName": "Contact", "fields": { "LastName": name, "Birthdate": "1980-05-01" } });
    let action = |id: &str, name: &str, params: Value| json!({ "id": id, "descriptor": name, "params": params });
    let message = json!({ "actions": [
        action("7;a", "aura://RecordUiController/ACTION$createRecord", json!({ "recordInput": input })),
        action("8;a", "aura://RecordUiController/ACTION$getRecordWithFields", json!({ "recordId": CONTACT })),
        action("9;a", "aura://ListController/ACTION$getItems", json!({})),
        action("10;a", "aura://RecordUiController/ACTION$getLayout", json!({ "objectApiName": "Contact" })),
    ] });
    let message = message.to_string();
    let body = form::write(&[("message", message.as_str())]);
    let sent = trial.send("POST", "/aura", &body).unwrap();
    let fields = form::parse(sent.body.as_bytes(), &form::Limits::default()).unwrap();
    let left: Value = serde_json::from_str(&fields[0].1).unwrap();
    let token = &left["actions"][0]["params"]["recordInput"]["fields"]["LastName"];
    let token = token.as_str().unwrap().to_owned();
    (trial, sent, token)
}

fn record(token: &str) -> String {
    format!(
        "{{\"apiName\":\"Contact\",\"fields\":{{\"LastName\":{{\"displayValue\":null,\"value\":\"{token}\"}},\
         \"Birthdate\":{{\"displayValue\":null,\"value\":null}},\
         \"Nickname__c\":{{\"value\":\"clear\"}}}},\"id\":\"{CONTACT}\"}}"
    )
}

fn shown(text: &str, roles: &[&str]) -> Value {
    shown_of("Jansen", text, roles)
}

fn shown_as(name: &str, text: &str) -> Value {
    shown_of(name, text, EVERYTHING)
}

/// An answer, with the record and the token of a contact of that name in it, as it is shown.
fn shown_of(name: &str, text: &str, roles: &[&str]) -> Value {
    let (trial, sent, token) = asked(name);
    let text = text
        .replace("RECORD", &record(&token))
        .replace("TOKEN", &token);
    let (body, _) = trial.answer_as(Shape::Aura, &sent, &text, roles);
    serde_json::from_str(&body).unwrap()
}

#[test]
fn each_action_is_read_by_what_was_asked_under_its_name() {
    let text = "{\"actions\":[{\"id\":\"2;a\",\"state\":\"SUCCESS\",\"returnValue\":RECORD,\"error\":[]},\
        {\"id\":\"3;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"rows\":[{\"Name\":\"Mien TOKEN\",\"x\":5}],\"label\":\"all\"}},\
        {\"id\":\"4;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"sections\":[{\"heading\":\"TOKEN\"}]}},\
        {\"id\":\"99;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"clear\":\"clear\"}}],\
        \"context\":{\"fwuid\":\"x\",\"loaded\":{}},\"strange\":\"clear\"}";
    let seen = shown(text, EVERYTHING);
    let fields = &seen["actions"][0]["returnValue"]["fields"];
    assert_eq!(seen["actions"][0]["id"], "8;a");
    assert_eq!(fields["LastName"]["value"], "Jansen");
    assert_eq!(fields["Birthdate"]["value"], "1980-05-01");
    assert_eq!(
        seen["actions"][1]["returnValue"]["rows"][0]["Name"],
        "Mien Jansen"
    );
    assert_eq!(seen["actions"][1]["returnValue"]["label"], "all");
    assert_eq!(
        seen["actions"][2]["returnValue"]["sections"][0]["heading"],
        "Jansen"
    );
    assert_eq!(seen["context"]["fwuid"], "x");
    assert_eq!(seen["actions"][3]["returnValue"], Value::Null);
    assert!(!seen.to_string().contains("clear"), "{seen}");
    let masked = shown(text, &[]);
    assert!(!masked.to_string().contains("Jansen"), "{masked}");
    assert_eq!(
        masked["actions"][0]["returnValue"]["fields"]["Birthdate"]["value"],
        Value::Null
    );
}

#[test]
fn a_shared_value_is_read_where_it_stands() {
    let text = "{\"actions\":[{\"s\":1,\"v\":{\"id\":\"2;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"s\":2,\"v\":RECORD}}},\
        {\"id\":\"1;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"r\":2}},\
        {\"id\":\"3;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"list\":[{\"s\":3,\"v\":{\"Name\":\"TOKEN\"}},{\"r\":3}]}},\
        {\"id\":\"8;x\",\"returnValue\":{\"s\":4,\"v\":\"clear\"}}]}";
    let seen = shown(text, EVERYTHING);
    let first = &seen["actions"][0]["v"]["returnValue"];
    assert_eq!(first["s"], 2);
    assert_eq!(first["v"]["fields"]["LastName"]["value"], "Jansen");
    assert_eq!(first["v"]["fields"]["Nickname__c"], Value::Null);
    assert_eq!(seen["actions"][1]["returnValue"], json!({ "r": 2 }));
    let list = &seen["actions"][2]["returnValue"]["list"];
    assert_eq!(
        *list,
        json!([{ "s": 3, "v": { "Name": "Jansen" } }, { "r": 3 }])
    );
    assert!(!seen.to_string().contains("clear"), "{seen}");
    let inner = "{\"actions\":[{\"id\":\"2;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"apiName\":\"Contact\",\
        \"fields\":{\"s\":5,\"v\":{\"LastName\":{\"s\":6,\"v\":{\"value\":\"TOKEN\"}},\"Nickname__c\":{\"s\":7,\"v\":{\"value\":\"clear\"}}}},\
        \"id\":\"x\"}}]}";
    let seen = shown(inner, EVERYTHING);
    let fields = &seen["actions"][0]["returnValue"]["fields"];
    assert_eq!(fields["v"]["LastName"]["v"]["value"], "Jansen");
    assert!(!seen.to_string().contains("clear"), "{seen}");
}

#[test]
fn records_of_a_provider_are_records_and_markup_keeps_its_tokens() {
    let text = "{\"actions\":[{\"id\":\"3;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"html\":\"<b>TOKEN</b>\",\
        \"coded\":\"\\u003cb>TOKEN\",\"link\":\"/x?q=TOKEN\",\"text\":\"TOKEN\",\
        \"records\":[{\"attributes\":{\"type\":\"Contact\",\"url\":\"/x/CONTACT\"},\"LastName\":\"TOKEN\",\"Nickname__c\":\"clear\"}]}}],\
        \"context\":{\"globalValueProviders\":[{\"type\":\"$Record\",\"values\":{\"records\":{\"x\":{\"Contact\":{\"record\":RECORD}}}}},\
        {\"type\":\"$Label\",\"values\":{\"a\":{\"b\":\"TOKEN label\"}}}]},\
        \"events\":[{\"descriptor\":\"markup://force:x\",\"attributes\":{\"values\":{\"name\":\"TOKEN\"}}}]}";
    let seen = shown(text, EVERYTHING);
    let value = &seen["actions"][0]["returnValue"];
    for safe in ["html", "coded", "link"] {
        assert!(!value[safe].as_str().unwrap().contains("Jansen"), "{value}");
        assert!(value[safe].as_str().unwrap().contains("tq"), "{value}");
    }
    assert_eq!(value["text"], "Jansen");
    assert_eq!(value["records"][0]["LastName"], "Jansen");
    let providers = &seen["context"]["globalValueProviders"];
    let record = &providers[0]["values"]["records"]["x"]["Contact"]["record"];
    assert_eq!(record["fields"]["LastName"]["value"], "Jansen");
    assert_eq!(record["fields"]["Birthdate"]["value"], "1980-05-01");
    assert_eq!(providers[1]["values"]["a"]["b"], "Jansen label");
    assert_eq!(seen["events"][0]["attributes"]["values"]["name"], "Jansen");
    assert!(!seen.to_string().contains("clear"), "{seen}");
}

#[test]
fn an_error_of_the_whole_passes() {
    let text = "{\"exceptionEvent\":true,\"event\":{\"descriptor\":\"markup://aura:clientOutOfSync\",\"attributes\":{}}}";
    let seen = shown(text, EVERYTHING);
    assert_eq!(seen, serde_json::from_str::<Value>(text).unwrap());
}

/// A record that an action brings of which nobody knows what it means: it is told by its form.
#[test]
fn a_record_of_an_unknown_action_is_a_record_still() {
    let text = "{\"actions\":[{\"id\":\"3;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"records\":[RECORD],\
        \"shared\":{\"s\":4,\"v\":RECORD},\"object\":{\"apiName\":\"Contact\",\"label\":\"Contact\",\"list\":[1,\"all\"]}}},\
        {\"id\":\"1;a\",\"state\":\"ERROR\",\"returnValue\":null,\"error\":[{\"event\":{\"descriptor\":\"x\",\"attributes\":{\"values\":{\"error\":\
        {\"message\":\"duplicate\",\"data\":{\"output\":{\"errors\":[{\"matchRecords\":[{\"record\":RECORD}]}]}}}}}}}]}],\
        \"context\":{\"globalValueProviders\":[{\"type\":\"$Other\",\"values\":{\"x\":RECORD}}]},\
        \"events\":[{\"descriptor\":\"x\",\"attributes\":{\"values\":{\"x\":RECORD}}}]}";
    let seen = shown(text, EVERYTHING);
    assert!(!seen.to_string().contains("clear"), "{seen}");
    let value = &seen["actions"][0]["returnValue"];
    for record in [&value["records"][0], &value["shared"]["v"]] {
        assert_eq!(record["fields"]["LastName"]["value"], "Jansen");
        assert_eq!(record["fields"]["Birthdate"]["value"], "1980-05-01");
        assert_eq!(record["fields"]["Nickname__c"], Value::Null);
    }
    assert_eq!(value["object"]["label"], "Contact");
    assert_eq!(value["object"]["list"], json!([1, "all"]));
    let error = &seen["actions"][1]["error"][0]["event"]["attributes"]["values"]["error"];
    assert_eq!(error["message"], "duplicate");
    let legacy = text.replace("TOKEN", "Vermeer").replace(
        "RECORD",
        "{\"apiName\":\"Contact\",\"fields\":{\"LastName\":{\"value\":\"Vermeer\"}},\"id\":\"x\"}",
    );
    assert!(shown(&legacy, EVERYTHING).to_string().contains("Vermeer"));
    assert!(!shown(&legacy, &[]).to_string().contains("Vermeer"));
}

/// Plain maps that a customer's own code returns.
#[test]
fn what_stands_under_the_name_of_a_field_is_shown_as_the_field() {
    let text = "{\"actions\":[{\"id\":\"3;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"rows\":[\
        {\"Id\":\"x\",\"LastName\":\"Vermeer\",\"Email\":[\"v@example.nl\"],\"label\":\"all\"},{\"LastName\":\"TOKEN\"}]}}]}";
    let rows = |roles| shown(text, roles)["actions"][0]["returnValue"]["rows"].clone();
    let open = rows(EVERYTHING);
    assert_eq!(open[0]["LastName"], "Vermeer");
    assert_eq!(open[1]["LastName"], "Jansen");
    let hidden = rows(&[]);
    assert_eq!(hidden[0]["LastName"], Value::Null);
    assert!(!hidden.to_string().contains("example.nl"), "{hidden}");
    assert_eq!(hidden[0]["label"], "all");
    assert!(hidden[1]["LastName"].as_str().unwrap().starts_with("tq"));
}

/// A value that was written through the border never met the CRM's sanitizers.
#[test]
fn a_value_that_is_markup_stays_a_token_where_a_component_may_show_it_as_such() {
    let reading = "{\"actions\":[{\"id\":\"2;a\",\"state\":\"SUCCESS\",\"returnValue\":RECORD},\
        {\"id\":\"3;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"label\":\"TOKEN\"}}]}";
    for name in [
        "<img src=x onerror=alert(1)>",
        "x\" onload=\"alert(1)",
        "&lt;img&gt;",
        "&#60;",
    ] {
        let seen = shown_as(name, reading);
        let actions = &seen["actions"];
        assert_eq!(
            actions[0]["returnValue"]["fields"]["LastName"]["value"],
            name
        );
        let label = actions[1]["returnValue"]["label"].as_str().unwrap();
        assert!(label.starts_with("tq"), "{name}: {label}");
    }
    for name in ["Jansen & Zonen", "O'Brien", "Müller"] {
        let seen = shown_as(name, reading);
        assert_eq!(seen["actions"][1]["returnValue"]["label"], name);
    }
    for around in [
        "TOKEN &amp; Co",
        "HTTP://example.nl/TOKEN",
        "lightning/r/x?q=TOKEN",
        "javascript:alert(TOKEN)",
        " JavaScript:x TOKEN",
        "data:text/html,TOKEN",
        "x onclick=TOKEN",
    ] {
        let text = reading.replace("\"label\":\"TOKEN\"", &format!("\"label\":\"{around}\""));
        let seen = shown_as("Jansen", &text);
        let label = seen["actions"][1]["returnValue"]["label"].as_str().unwrap();
        assert!(!label.contains("Jansen"), "{label}");
    }
    let text = reading.replace(
        "\"label\":\"TOKEN\"",
        "\"label\":\"Naam: TOKEN, en/of AT&T?\"",
    );
    let seen = shown_as("Jansen", &text);
    assert_eq!(
        seen["actions"][1]["returnValue"]["label"],
        "Naam: Jansen, en/of AT&T?"
    );
}

/// What a place may not show it does not show by a reference either; what is defined there stands.
#[test]
fn a_reference_in_a_hidden_place_is_masked() {
    let text = "{\"actions\":[{\"id\":\"3;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"x\":{\"s\":9,\"v\":{\"a\":\"open\"}},\"y\":{\"r\":9}}},\
        {\"id\":\"2;a\",\"state\":\"SUCCESS\",\"returnValue\":{\"apiName\":\"Contact\",\"fields\":{\"Nickname__c\":{\"r\":9},\
        \"LastName\":{\"r\":9}},\"id\":\"x\",\"strange\":{\"s\":2,\"v\":\"clear\"}}}]}";
    let seen = shown(text, EVERYTHING);
    let value = &seen["actions"][0]["returnValue"];
    assert_eq!(
        (&value["x"]["v"]["a"], &value["y"]),
        (&json!("open"), &json!({ "r": 9 }))
    );
    let record = &seen["actions"][1]["returnValue"];
    assert_eq!(record["fields"]["Nickname__c"], Value::Null);
    assert_eq!(record["fields"]["LastName"], json!({ "r": 9 }));
    assert_eq!(record["strange"], json!({ "s": 2, "v": null }));
    let hidden = shown(text, &[]);
    assert_eq!(
        hidden["actions"][1]["returnValue"]["fields"]["LastName"],
        Value::Null
    );
}
