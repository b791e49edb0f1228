//! Feeds, on the way in.

use serde_json::{Value, json};

use super::{Answer, Shape, read};
use crate::protect::trial::{Sent, Trial};

const EVERYTHING: &[&str] = &["sales", "support", "marketing", "privacy", "integration"];

/// A trial with a post about somebody, as it left, and a name of theirs.
fn posted() -> (Trial, Sent, String, String) {
    let mut trial = Trial::start();
    let body =
        "{\"body\":{\"messageSegments\":[{\"type\":\"Text\",\"text\":\"Belde met Jansen\"}]}}";
    let target = "/services/data/v60.0/chatter/feed-elements";
    let sent = trial.send("POST", target, body).unwrap();
    let left: Value = serde_json::from_str(&sent.body).unwrap();
    let sealed = left["body"]["messageSegments"][0]["text"].as_str().unwrap();
    let contact = trial.write("Contact", "{\"LastName\":\"Bos\"}").unwrap();
    let contact: Value = serde_json::from_str(&contact.body).unwrap();
    let name = contact["LastName"].as_str().unwrap().to_owned();
    (trial, sent, sealed.to_owned(), name)
}

fn answer(sealed: &str, name: &str) -> Value {
    json!({
        "actor": {"displayName": "Sanne Vermeer", "id": "005000000000001AAA", "type": "User",
            "additionalLabel": "Pieters"},
        "body": {"isRichText": false, "text": format!("{sealed} "), "messageSegments": [
            {"text": sealed, "type": "Text"},
            {"text": "@Sanne Vermeer", "name": "Sanne Vermeer", "type": "Mention",
                "record": {"id": "005000000000001AAA", "type": "User"}},
        ]},
        "capabilities": {
            "comments": {"page": {"total": 1, "items": [
                {"id": "0D7000000000001CAA", "body": {"text": "Pieters"}, "strange": "Pieters",
                    "number": 612_345_678},
            ]}},
            "link": {"title": "Pieters", "url": "https://example.nl/Pieters"},
            "poll": {"choices": [{"text": "Pieters"}]},
            "files": {"items": [{"id": "069000000000001AAA", "title": "Pieters"}]},
        },
        "header": {"text": "Pieters", "messageSegments": [{"text": "Pieters", "type": "Text"}]},
        "id": "0D5000000000001CAA",
        "parent": {"id": "003000000000001AAA", "name": name, "type": "RecordSummary",
            "url": "/services/data/v60.0/chatter/records/003000000000001AAA"},
        "preamble": {"text": "Pieters"},
        "type": "TextPost",
    })
}

#[test]
fn texts_and_names_are_shown_by_their_fields_and_the_rest_is_known_or_masked() {
    let (trial, sent, sealed, name) = posted();
    let text = answer(&sealed, &name).to_string();
    let seen = |roles: &[&str]| -> Value {
        let (body, _) = trial.answer_as(Shape::Feed, &sent, &text, roles);
        serde_json::from_str(&body).unwrap()
    };
    let all = seen(EVERYTHING);
    assert_eq!(all["body"]["text"], "Belde met Jansen ");
    let segments = &all["body"]["messageSegments"];
    assert_eq!(segments[0]["text"], "Belde met Jansen");
    assert_eq!(segments[1]["name"], "Sanne Vermeer");
    assert_eq!(all["actor"]["displayName"], "Sanne Vermeer");
    assert_eq!(all["actor"]["id"], "005000000000001AAA");
    assert_eq!(all["parent"]["name"], "Bos");
    assert_eq!(all["parent"]["url"], answer("", "")["parent"]["url"]);
    assert_eq!(all["type"], "TextPost");
    let comments = &all["capabilities"]["comments"]["page"];
    assert_eq!(comments["total"], 1);
    // It lay there before the border did, and this viewer may see such texts.
    assert_eq!(comments["items"][0]["body"]["text"], "Pieters");
    for place in [
        "/actor/additionalLabel",
        "/capabilities/comments/page/items/0/strange",
        "/capabilities/comments/page/items/0/number",
        "/capabilities/link/title",
        "/capabilities/link/url",
        "/capabilities/poll/choices/0/text",
        "/header/text",
        "/header/messageSegments/0/text",
        "/preamble/text",
    ] {
        assert_eq!(all.pointer(place), Some(&Value::Null), "{place}");
    }
    let none = seen(&[]);
    assert_eq!(none["body"]["messageSegments"][0]["text"], sealed);
    assert_eq!(none["parent"]["name"], name);
    assert!(!none.to_string().contains("Pieters"), "{none}");
    // Staff pass by the policy's own rule.
    assert_eq!(none["actor"]["displayName"], "Sanne Vermeer");
}

#[test]
fn a_name_is_staffs_only_where_its_object_is_a_user() {
    let (trial, sent, ..) = posted();
    let answer = json!({
        "actor": {"displayName": "Pieters", "type": "UnauthenticatedUser"},
        "user": {"displayName": "Pieters", "id": "003000000000001AAA"},
        "id": "0D5000000000001CAA",
        "name": "Pieters",
    });
    let (body, _) = trial.answer_as(Shape::Feed, &sent, &answer.to_string(), &[]);
    assert!(!body.contains("Pieters"), "{body}");
    assert!(body.contains("0D5000000000001CAA"), "{body}");
}

#[test]
fn an_answer_tells_which_record_was_written() {
    let saved = |sent: &Sent, trial: &Trial, text: &str| {
        let reading = read(&Answer {
            text,
            shape: Shape::Feed,
            viewer: trial.viewer(&[]),
            request: &sent.request,
            aliases: &[],
            found: &[],
        });
        let reading = reading.unwrap();
        let saved = reading.saved.iter();
        let saved: Vec<(String, Vec<usize>)> = saved
            .map(|saved| (saved.id.to_string(), saved.trail.clone()))
            .collect();
        let parts = reading
            .parts
            .iter()
            .map(|part| (part.position, part.status));
        (saved, parts.collect::<Vec<_>>())
    };
    let (mut trial, sent, ..) = posted();
    let one = "{\"actor\":{\"id\":\"005000000000001AAA\"},\"id\":\"0D5000000000001CAA\"}";
    let id = "0D5000000000001CAA".to_owned();
    assert_eq!(
        saved(&sent, &trial, one),
        (vec![(id.clone(), vec![])], vec![])
    );
    assert_eq!(saved(&sent, &trial, "[{\"message\":\"x\"}]").0, vec![]);
    let part = "{\"method\":\"GET\",\"url\":\"/services/data/v60.0/chatter/users/me\"}";
    let body = format!("{{\"batchRequests\":[{part},{part}]}}");
    let target = "/services/data/v60.0/connect/batch";
    let batch = trial.send("POST", target, &body).unwrap();
    let answer = format!(
        "{{\"hasErrors\":true,\"results\":[{{\"result\":[{{\"errorCode\":\"X\",\"message\":\"y\"}}],\
         \"statusCode\":400}},{{\"statusCode\":201,\"result\":{one}}}]}}"
    );
    assert_eq!(
        saved(&batch, &trial, &answer),
        (vec![(id, vec![1])], vec![(0, 400), (1, 201)])
    );
}
