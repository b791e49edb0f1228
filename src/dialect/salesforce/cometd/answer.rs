//! Answers of CometD: what a handshake gave, and refusals in the protocol's own shape.

use serde_json::{Value, json};

use super::{Asks, CHANNELS};
use crate::model::{Code, Refusal};
use crate::wire::json::{Document, Kind, Limits, NodeId};

/// How large an answer is that tells of the client: one with events is larger, and tells nothing.
const LIMITS: Limits = Limits {
    bytes: 64 << 10,
    depth: 16,
    key: 256,
    number: 64,
    nodes: 4_096,
};

/// A client's name is of letters, digits and a few signs.
const LONGEST_NAME: usize = 128;

/// The name that a handshake gave the client. What is not of the protocol tells nothing.
#[must_use]
pub fn named(text: &str) -> Option<String> {
    let document = Document::parse(text.as_bytes(), &LIMITS).ok()?;
    let told = |message: NodeId, key: &str| document.get(message, key);
    let mut messages = document.elements(document.root());
    let handshake = messages.find(|message| {
        let channel = told(*message, "channel").and_then(|node| document.text(node));
        channel.as_deref() == Some("/meta/handshake")
            && told(*message, "successful").is_some_and(|node| document.raw(node) == "true")
    })?;
    let name = document.text(told(handshake, "clientId")?)?;
    let fits =
        (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_graphic());
    fits.then(|| name.into_owned())
}

/// Whether an answer says that the border's own session with the CRM has ended. CometD says so
/// within a message, with status 200.
#[must_use]
pub fn is_signed_out(body: &[u8]) -> bool {
    const WORD: &[u8] = b"401::";
    if body.len() > LIMITS.bytes || !body.windows(WORD.len()).any(|part| part == WORD) {
        return false;
    }
    let Ok(document) = Document::parse(body, &LIMITS) else {
        return false;
    };
    let says = |node: Option<NodeId>| {
        let text = node.and_then(|node| document.text(node));
        text.is_some_and(|text| text.starts_with("401::"))
    };
    let reason = |message: NodeId| {
        let ext = document.get(message, "ext")?;
        document.get(document.get(ext, "sfdc")?, "failureReason")
    };
    document.kind(document.root()) == Kind::Array
        && document.elements(document.root()).any(|message| {
            let failed = document.get(message, "successful");
            failed.is_some_and(|node| document.raw(node) == "false")
                && (says(document.get(message, "error")) || says(reason(message)))
        })
}

/// A refusal as the protocol's clients read it: an answer to each message that was not carried out,
/// with status 200 (Bayeux 1.0, "error").
#[must_use]
pub fn refused(refusal: &Refusal, body: &[u8]) -> String {
    // Whoever has lost the name that the CRM gave shakes hands again, as with the CRM itself.
    let unknown = refusal.code == Code::ReferenceRefused;
    let error = match unknown {
        true => format!("402::Unknown client [sluis {}]", refusal.code.name()),
        false => format!("403::{refusal}"),
    };
    answered(body, |asks, alone| {
        let advice = match asks {
            _ if unknown => Some(json!({ "reconnect": "handshake", "interval": 1_000 })),
            // Another message may be the one that is wrong, and nothing was sent.
            Some(Asks::Connect) if !alone => {
                Some(json!({ "reconnect": "retry", "interval": 1_000 }))
            }
            // A client that may not go on as it does is not to try again for ever.
            Some(Asks::Handshake | Asks::Connect) => Some(json!({ "reconnect": "none" })),
            _ => None,
        };
        (Some(error.clone()), advice)
    })
}

/// Too many polls wait already: nothing was sent, and the client is to come again.
#[must_use]
pub fn busy(body: &[u8]) -> String {
    answered(body, |_, _| {
        let error = "503::too many polls wait at the border [sluis unavailable]";
        let advice = json!({ "reconnect": "retry", "interval": 10_000 });
        (Some(error.to_owned()), Some(advice))
    })
}

/// A poll without events, because the border stops: the client is to come again.
#[must_use]
pub fn stopping(body: &[u8]) -> String {
    answered(body, |_, _| {
        (
            None,
            Some(json!({ "reconnect": "retry", "interval": 2_000 })),
        )
    })
}

/// An answer to each message: its error and its advice, by what it asks and whether it came alone.
/// What a message was called may be anything, so it is repeated where it is a number that libraries
/// count by.
fn answered(
    body: &[u8],
    answer: impl Fn(Option<Asks>, bool) -> (Option<String>, Option<Value>),
) -> String {
    let messages = match serde_json::from_slice(body).unwrap_or_default() {
        Value::Array(messages) if !messages.is_empty() => messages,
        message @ Value::Object(_) => vec![message],
        _ => vec![json!({ "channel": "/meta/connect" })],
    };
    let alone = messages.len() == 1;
    let answers = messages.iter().take(super::MOST).map(|message| {
        let channel = message["channel"].as_str();
        let mut known = CHANNELS.iter();
        let known = known.find(|(known, _)| channel == Some(*known));
        let channel = known.map_or("/meta/subscribe", |(known, _)| *known);
        let (error, advice) = answer(known.map(|(_, asks)| *asks), alone);
        let mut answer = json!({ "channel": channel, "successful": error.is_none() });
        if let Some(error) = error {
            answer["error"] = json!(error);
        }
        if let Some(advice) = advice {
            answer["advice"] = advice;
        }
        if let Some(id) = message["id"].as_str().filter(|id| is_count(id)) {
            answer["id"] = json!(id);
        }
        answer
    });
    Value::Array(answers.collect()).to_string()
}

/// A number of few digits, decimal or of base 36.
fn is_count(id: &str) -> bool {
    let digits = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    let number = id.len() == 1 || id.bytes().any(|byte| byte.is_ascii_digit());
    (1..=6).contains(&id.len()) && number && id.bytes().all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_refusal_answers_each_message_and_repeats_nothing() {
        let refusal = Refusal::new(Code::EndpointUnknown, "no");
        let body =
            br#"[{"channel":"/meta/subscribe","id":"3z"},{"channel":"/Jansen","id":"Jansen"}]"#;
        let answer = parsed(&refused(&refusal, body));
        assert_eq!(answer[0]["id"], "3z");
        assert_eq!(answer[0]["error"], "403::no [sluis endpoint-unknown]");
        assert_eq!(answer[1]["successful"], false);
        assert!(!answer.to_string().contains("Jansen"));
        assert!(refused(&refusal, b"Jansen").contains("\"reconnect\":\"none\""));
    }

    #[test]
    fn a_client_without_its_name_shakes_hands_and_one_with_a_wrong_subscription_goes_on() {
        let unknown = Refusal::new(Code::ReferenceRefused, "no");
        let connect = br#"[{"channel":"/meta/connect","id":"4"}]"#;
        let answer = parsed(&refused(&unknown, connect));
        let error = answer[0]["error"].as_str().unwrap();
        assert!(error.starts_with("402::Unknown client"), "{error}");
        assert_eq!(answer[0]["advice"]["reconnect"], "handshake");
        let wrong = Refusal::new(Code::EndpointUnknown, "no");
        assert_eq!(
            parsed(&refused(&wrong, connect))[0]["advice"]["reconnect"],
            "none"
        );
        let both = br#"[{"channel":"/meta/connect","id":"4"},{"channel":"/meta/subscribe"}]"#;
        let answer = parsed(&refused(&wrong, both));
        assert_eq!(answer[0]["advice"]["reconnect"], "retry");
        assert_eq!(answer[1]["successful"], false);
    }

    #[test]
    fn who_is_to_come_again_is_told_when() {
        let connect = br#"[{"channel":"/meta/connect","id":"4"}]"#;
        let answer = parsed(&busy(connect));
        assert_eq!(answer[0]["successful"], false);
        assert_eq!(
            answer[0]["advice"],
            json!({"reconnect": "retry", "interval": 10_000})
        );
        let answer = parsed(&stopping(connect));
        assert_eq!(
            (&answer[0]["successful"], &answer[0]["id"]),
            (&json!(true), &json!("4"))
        );
        assert_eq!(answer[0]["advice"]["reconnect"], "retry");
    }

    #[test]
    fn a_handshake_tells_the_clients_name() {
        let text = r#"[{"channel":"/meta/handshake","successful":true,"clientId":"x1"}]"#;
        assert_eq!(named(text).as_deref(), Some("x1"));
        for text in [
            "",
            "{}",
            r#"[{"channel":"/meta/handshake","successful":false,"clientId":"x1"}]"#,
            r#"[{"channel":"/meta/connect","successful":true,"clientId":"x1"}]"#,
            r#"[{"channel":"/meta/handshake","successful":true,"clientId":"x1","clientId":"x2"}]"#,
            r#"[{"channel":"/meta/handshake","successful":true,"clientId":"x 1"}]"#,
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn an_answer_says_that_the_session_has_ended() {
        for (text, ended) in [
            (
                r#"[{"channel":"/meta/connect","successful":false,"error":"401::Authentication invalid"}]"#,
                true,
            ),
            (
                r#"[{"channel":"/meta/handshake","successful":false,"error":"403::Handshake denied","ext":{"sfdc":{"failureReason":"401::Authentication invalid"}}}]"#,
                true,
            ),
            (
                r#"[{"channel":"/meta/connect","successful":false,"error":"403::Unknown client"}]"#,
                false,
            ),
            (
                r#"[{"channel":"/event/A__e","data":{"payload":{"Text__c":"401::x","error":"401::x"}}}]"#,
                false,
            ),
            (
                r#"[{"channel":"/meta/connect","successful":true,"error":"401::x"}]"#,
                false,
            ),
            ("401::", false),
        ] {
            assert_eq!(is_signed_out(text.as_bytes()), ended, "{text}");
        }
    }
}
