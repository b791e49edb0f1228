//! Events, on the way in and on the way out.

use serde_json::{Value, json};

use super::Shape;
use crate::dialect::salesforce::cometd;
use crate::dialect::salesforce::door;
use crate::dialect::salesforce::target::Target;
use crate::model::Code;
use crate::protect::outward::{Failure, Protected, protect_events};
use crate::protect::trial::{CONTACT, Sent, Trial, plan};
use crate::wire::json::{Document, Limits};

const EVERYTHING: &[&str] = &["sales", "support", "marketing", "privacy", "integration"];

fn asked(version: u16, body: &str, client: Option<&str>) -> Result<Protected, Code> {
    let limits = Limits::default();
    let document = Document::parse(body.as_bytes(), &limits).unwrap();
    let target = Target::parse(&format!("/cometd/{version}.0")).unwrap();
    let route = door::resolve("POST", &target).map_err(|refusal| refusal.code)?;
    let (messages, names) = cometd::read(&document).map_err(|refusal| refusal.code)?;
    let asking = (&route, messages.as_slice(), names);
    protect_events(plan(), &document, asking, client).map_err(|failure| match failure {
        Failure::Refused(refusal) => refusal.code,
        failure => panic!("{failure}"),
    })
}

fn subscribed(channel: &str) -> Result<String, Code> {
    let body = json!([{"channel": "/meta/subscribe", "clientId": "c1", "id": "Jansen", "subscription": channel}]);
    let made = asked(60, &body.to_string(), Some("c1"))?;
    Ok(String::from_utf8(made.cleared.into_inner().body.unwrap()).unwrap())
}

#[test]
fn a_clients_own_words_do_not_leave() {
    let left = subscribed("/data/ContactChangeEvent").unwrap();
    assert_eq!(
        left,
        r#"[{"channel":"/meta/subscribe","clientId":"c1","id":"name0","subscription":"/data/ContactChangeEvent"}]"#
    );
    let body =
        r#"[{"channel":"/meta/connect","clientId":"Jansen","connectionType":"long-polling"}]"#;
    for client in [None, Some("c1")] {
        let refused = asked(60, body, client).map(|_| ());
        assert_eq!(refused, Err(Code::ReferenceRefused));
    }
    assert!(asked(60, body, Some("Jansen")).is_ok());
}

#[test]
fn channels_have_a_rule_or_are_named_by_policy() {
    for (channel, outcome) in [
        ("/data/ContactChangeEvent", Ok(())),
        ("/data/ChangeEvents", Ok(())),
        ("/data/JansenChangeEvent", Err(Code::PolicyUnknownObject)),
        ("/data/CONTACTChangeEvent", Err(Code::PolicyUnknownObject)),
        ("/event/Jansen__e", Err(Code::PolicyUnknownObject)),
        ("/topic/Jansen", Err(Code::EndpointUnknown)),
        ("/u/Jansen", Err(Code::EndpointUnknown)),
    ] {
        assert_eq!(subscribed(channel).map(|_| ()), outcome, "{channel}");
    }
    let handshake = r#"[{"channel":"/meta/handshake","version":"1.0"}]"#;
    for (version, passes) in [(37, true), (45, true), (66, true), (36, false), (67, false)] {
        assert_eq!(asked(version, handshake, None).is_ok(), passes, "{version}");
    }
}

fn house() -> (Trial, Sent, Value) {
    let mut trial = Trial::start();
    let body = "{\"LastName\":\"Jansen\",\"Email\":\"mien@example.nl\"}";
    let sent = trial.write("Contact", body).unwrap();
    let tokens = serde_json::from_str(&sent.body).unwrap();
    (trial, sent, tokens)
}

fn seen(trial: &Trial, sent: &Sent, answer: &Value, roles: &[&str]) -> Value {
    let (body, _) = trial.answer_as(Shape::Events, sent, &answer.to_string(), roles);
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_payload_is_revealed_by_class_and_replay_ids_stay() {
    let (trial, sent, tokens) = house();
    let (last, email) = (&tokens["LastName"], &tokens["Email"]);
    let answer = json!([
        {
            "data": {
                "schema": "x",
                "payload": {
                    "ChangeEventHeader": {"entityName": "Contact", "recordIds": [CONTACT], "strange": "Pieters"},
                    "LastName": last, "Name": {"LastName": last, "FirstName": "Pieters"},
                    "Email": email, "FirstName": "Pieters", "Nickname__c": "Pieters",
                    "LeadSource": "Web",
                },
                "event": {"replayId": 7},
            },
            "channel": "/data/ContactChangeEvent",
        },
        {
            "data": {"event": {"type": "created", "replayId": 8}, "sobject": {"Id": CONTACT, "LastName": last, "FirstName": "Pieters"}},
            "channel": "/topic/Contacts",
        },
        {"data": {"payload": format!("Pieters {}", last.as_str().unwrap()), "event": {"replayId": 9}}, "channel": "/u/notes"},
        {"data": {"payload": {"Text__c": "Pieters", "Other__c": 5}}, "channel": "/event/Strange__e"},
        {"clientId": "abc", "channel": "/meta/connect", "id": "Pieters", "successful": true, "advice": {"timeout": 110_000}, "x": "Pieters"},
    ]);
    let shown = seen(&trial, &sent, &answer, &[]);
    assert!(!shown.to_string().contains("Pieters"), "{shown}");
    let shown = seen(&trial, &sent, &answer, EVERYTHING);
    let payload = &shown[0]["data"]["payload"];
    assert_eq!(payload["LastName"], "Jansen");
    assert_eq!(payload["Name"]["LastName"], "Jansen");
    assert_eq!(payload["Email"], "mien@example.nl");
    assert_eq!(payload["LeadSource"], "Web");
    assert_eq!(payload["Nickname__c"], Value::Null);
    assert_eq!(payload["ChangeEventHeader"]["strange"], Value::Null);
    assert_eq!(shown[0]["data"]["event"]["replayId"], 7);
    assert_eq!(shown[1]["data"]["sobject"]["LastName"], "Jansen");
    assert_eq!(shown[2]["data"]["payload"], Value::Null);
    assert_eq!(shown[3]["data"]["payload"], Value::Null);
    assert_eq!(shown[4]["clientId"], "abc");
    assert_eq!(shown[4]["advice"]["timeout"], 110_000);
    assert_eq!(shown[4]["id"], Value::Null);
    assert_eq!(shown[4]["x"], Value::Null);
    let masked = seen(&trial, &sent, &answer, &[]);
    assert_eq!(masked[0]["data"]["payload"]["Email"], *email);
}

#[test]
fn what_was_subscribed_by_another_policy_is_not_shown() {
    let (trial, sent, tokens) = house();
    let last = &tokens["LastName"];
    let record = json!({"Id": CONTACT, "LastName": last, "LeadSource": "Pieters"});
    let header = json!({"entityName": "Pet__c", "recordIds": ["a00000000000001AAA"],
        "changedFields": ["Pieters__c"], "commitUser": "005000000000001AAA"});
    let event = json!({"createdDate": "2026-01-01", "replayId": 7});
    let answer = json!([
        {"data": {"event": event, "sobject": record}, "channel": "/topic/Pieters"},
        {"data": {"event": event, "payload": "Pieters"}, "channel": "/u/Pieters"},
        {"data": {"event": event, "schema": "s1", "payload": {"ChangeEventHeader": header}}, "channel": "/data/ChangeEvents"},
        {"data": {"event": event, "sobject": record}, "channel": "/topic/Contacts"},
        {"data": {"event": event, "payload": last}, "channel": "/u/notes"},
    ]);
    let seen = seen(&trial, &sent, &answer, EVERYTHING);
    for at in 0..3 {
        let data = &seen[at]["data"];
        assert!(!data.to_string().contains("Pieters"), "{data}");
        assert_eq!(data["event"], json!({"createdDate": null, "replayId": 7}));
    }
    assert_eq!(seen[2]["data"]["payload"], Value::Null);
    assert_eq!(seen[2]["data"]["schema"], Value::Null);
    assert_eq!(seen[3]["data"]["sobject"]["LastName"], "Jansen");
    assert_eq!(seen[3]["data"]["event"], event);
    assert_eq!(seen[4]["data"]["payload"], "Jansen");
}

#[test]
fn a_name_of_the_clients_comes_back() {
    let (trial, mut sent, _) = house();
    let body =
        r#"[{"channel":"/meta/handshake","id":"mine"},{"channel":"/meta/handshake","id":"other"}]"#;
    sent.request = asked(60, body, None).unwrap().request;
    let answer = json!([
        {"channel": "/meta/handshake", "id": "name1"},
        {"channel": "/meta/handshake", "id": "name0"},
        {"channel": "/meta/handshake", "id": "name7"},
    ]);
    let shown = seen(&trial, &sent, &answer, &[]);
    assert_eq!(shown[0]["id"], "other");
    assert_eq!(shown[1]["id"], "mine");
    assert_eq!(shown[2]["id"], Value::Null);
}
