//! G04 and S05: what a client can hide in messages of CometD: channels, names, extensions, data.

use crate::bypass::case::{Case, call, get, send};
use crate::bypass::runner::run;

const ROW: &str = "G04";

/// What is wrong with messages is answered with status 200, in Bayeux's own shape.
const MESSAGE: &[u16] = &[200];

pub fn cases() -> Vec<Case> {
    let target = "/cometd/60.0";
    let mut cases = Vec::new();
    for body in MESSAGES {
        cases.push(send(ROW, body, "POST", target, body).refused(MESSAGE));
    }
    for (version, row) in [("36.0", ROW), ("67.0", ROW), ("999.0", ROW)] {
        let body = r#"[{"channel":"/meta/handshake","version":"1.0"}]"#;
        cases
            .push(send(row, version, "POST", &format!("/cometd/{version}"), body).refused(MESSAGE));
    }
    for path in [
        "/cometd/{c}",
        "/cometd/60.0/{c}",
        "/cometd/60.0?message={c}",
        "/cometd/60.0/connect/x?{c}=1",
    ] {
        cases.push(send(ROW, path, "POST", path, HANDSHAKE).refused(MESSAGE));
        cases.push(get(ROW, path, path));
    }
    for media in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "text/json",
    ] {
        let case = call(ROW, media, "POST", target).with(("Content-Type", media));
        cases.push(case.body(b"message=%5B{c}%5D").refused(MESSAGE));
    }
    // Publishing an event by REST writes a record of its object.
    for (path, body) in [
        ("sobjects/Jansen__e", r#"{"Text__c":"{c}"}"#),
        ("sobjects/{c}__e", r#"{"Text__c":"x"}"#),
    ] {
        cases.push(send(
            "S05",
            path,
            "POST",
            &format!("/services/data/v60.0/{path}"),
            body,
        ));
    }
    for body in [HANDSHAKE, CALLED] {
        cases.push(send(ROW, body, "POST", target, body).allowed());
    }
    cases.push(
        send(
            ROW,
            "/cometd/45.0/handshake",
            "POST",
            "/cometd/45.0/handshake",
            HANDSHAKE,
        )
        .allowed(),
    );
    cases
}

const HANDSHAKE: &str = r#"[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["long-polling"]}]"#;

/// What a client calls its message is its own business.
const CALLED: &str = r#"[{"channel":"/meta/handshake","version":"1.0","id":"{c}"}]"#;

const MESSAGES: &[&str] = &[
    "{c}",
    "\"{c}\"",
    "[]",
    "[\"{c}\"]",
    r#"[{"channel":"{c}"}]"#,
    r#"[{"channel":"/{c}","data":"x"}]"#,
    r#"[{"channel":"/event/Order__e","data":{"Text__c":"{c}"}}]"#,
    r#"[{"channel":"/service/{c}","data":"x"}]"#,
    r#"[{"channel":"/meta/handshake","version":"{c}"}]"#,
    r#"[{"channel":"/meta/handshake","version":"1.0","{c}":1}]"#,
    r#"[{"channel":"/meta/handshake","version":"1.0","ext":{"authentication":{"user":"{c}"}}}]"#,
    r#"[{"channel":"/meta/handshake","version":"1.0","ext":{"{c}":true}}]"#,
    r#"[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["{c}"]}]"#,
    r#"[{"channel":"/meta/handshake","version":"1.0","clientId":"{c}"}]"#,
    r#"[{"channel":"/meta/handshake","channel":"/{c}"}]"#,
    r#"[{"channel":"/meta/connect","clientId":"{c}","connectionType":"long-polling"}]"#,
    r#"[{"channel":"/meta/connect","connectionType":"{c}"}]"#,
    r#"[{"channel":"/meta/connect","connectionType":"long-polling","advice":{"timeout":"{c}"}}]"#,
    r#"[{"channel":"/meta/connect","connectionType":"long-polling","data":"{c}"}]"#,
    r#"[{"channel":"/meta/subscribe","clientId":"{c}","subscription":"/data/ContactChangeEvent"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"{c}"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/topic/{c}"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/topic/Contacts?LastName={c}"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/u/{c}"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/event/{c}__e"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/data/{c}ChangeEvent"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/**"}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":["/data/ContactChangeEvent","/topic/{c}"]}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/data/ContactChangeEvent","ext":{"replay":{"/{c}":-1}}}]"#,
    r#"[{"channel":"/meta/subscribe","subscription":"/data/ContactChangeEvent","ext":{"replay":{"/data/ContactChangeEvent":"{c}"}}}]"#,
    r#"[{"channel":"/meta/unsubscribe","subscription":"/topic/{c}"}]"#,
    r#"[{"channel":"/meta/disconnect","clientId":"{c}"}]"#,
    r#"[{"channel":"/meta/handshake","version":"1.0"},{"channel":"/event/{c}","data":1}]"#,
];

#[test]
fn events_are_listened_to_and_nothing_is_published() {
    run(&cases());
}
