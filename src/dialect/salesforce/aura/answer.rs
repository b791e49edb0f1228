//! What stands around an answer's JSON, and what we answer by ourselves.

use memchr::memmem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::dialect::salesforce::error;
use crate::model::Refusal;

/// What may stand before an answer, so that no page can load it as a script.
const PREFIXES: &[&str] = &["while(1);", "for(;;);", ")]}',"];

/// The end of an answer that the server could not finish: what it has to say of that stands in a
/// comment behind what it had written.
const BROKEN: (&str, &str) = ("*/", "/*ERROR*/");

/// How many ends of a comment are tried; what breaks off within a value may have more.
const TRIED: usize = 64;

/// What stands before the JSON, the JSON, and what stands behind it. What was written before an
/// error is half an answer, and is left out: the error begins behind the first end of a comment from
/// where the rest is JSON, because either may have such an end in a text.
#[must_use]
pub fn unwrap(text: &str) -> (&str, &str, &str) {
    let (before, after) = BROKEN;
    if let Some(rest) = text.strip_suffix(after) {
        let ends = rest.match_indices(before).take(TRIED);
        let mut errors = ends.filter_map(|(at, _)| rest.get(at + before.len()..));
        let error = errors.find(|json| serde_json::from_str::<IgnoredAny>(json).is_ok());
        if let Some(json) = error {
            return (before, json, after);
        }
    }
    let prefix = PREFIXES.iter().find(|prefix| text.starts_with(**prefix));
    let (before, rest) = text.split_at(prefix.map_or(0, |prefix| prefix.len()));
    let json = rest.trim_start();
    let before = text.get(..text.len() - json.len()).unwrap_or(before);
    (before, json, "")
}

/// The event by which the framework says that a session has ended, or that a page's token is one for
/// another session.
const ENDED: &str = "markup://aura:invalidSession";

/// Whether an answer says so of the whole message, and not a value in it.
#[must_use]
pub fn is_ended(text: &str) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Whole {
        exception_event: bool,
        event: Event,
    }
    #[derive(Deserialize)]
    struct Event {
        descriptor: String,
    }
    let read = |json| serde_json::from_str::<Whole>(json).ok();
    memmem::find(text.as_bytes(), ENDED.as_bytes()).is_some()
        && read(unwrap(text).1)
            .is_some_and(|whole| whole.exception_event && whole.event.descriptor == ENDED)
}

/// An answer to actions that the border has refused, each with its name and reason.
#[must_use]
pub fn refused(actions: &[(String, &Refusal)]) -> String {
    let actions: Vec<Value> = actions.iter().map(|(id, why)| action(id, why)).collect();
    json!({ "actions": actions, "context": {}, "events": [] }).to_string()
}

/// The same actions without what stands around them.
#[must_use]
pub fn refused_actions(actions: &[(String, &Refusal)]) -> String {
    let actions: Vec<String> = actions
        .iter()
        .map(|(id, why)| action(id, why).to_string())
        .collect();
    actions.join(",")
}

/// One of them. Lightning shows at a field what stands under its name.
fn action(id: &str, refusal: &Refusal) -> Value {
    let body = error::of_ui(refusal).1;
    let data: Value = serde_json::from_str(&body).unwrap_or_default();
    let message = refusal.to_string();
    let error = json!({ "message": message, "data": data });
    let event = json!({
        "descriptor": "markup://force:recordError",
        "attributes": { "values": { "error": error, "message": message } },
    });
    let error = json!({ "exceptionEvent": true, "event": event, "message": message });
    json!({ "id": id, "state": "ERROR", "returnValue": null, "error": [error] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Code;

    #[test]
    fn what_stands_around_an_answer_is_told_from_it() {
        for (text, parts) in [
            ("{}", ("", "{}", "")),
            ("while(1);\n{}", ("while(1);\n", "{}", "")),
            (")]}',{}", (")]}',", "{}", "")),
            ("*/{}/*ERROR*/", ("*/", "{}", "/*ERROR*/")),
            (
                "{\"actions\":[*/{\"a\":1}/*ERROR*/",
                ("*/", "{\"a\":1}", "/*ERROR*/"),
            ),
            (
                "{\"a\":\"*/x*/{\"e\":\"Accept: */*\"}/*ERROR*/",
                ("*/", "{\"e\":\"Accept: */*\"}", "/*ERROR*/"),
            ),
            ("x/*ERROR*/", ("", "x/*ERROR*/", "")),
            ("*/x/*ERROR*/", ("", "*/x/*ERROR*/", "")),
        ] {
            assert_eq!(unwrap(text), parts, "{text}");
        }
    }

    #[test]
    fn only_an_answers_own_event_says_that_a_session_has_ended() {
        let event = "{\"descriptor\":\"markup://aura:invalidSession\"}";
        for (text, ended) in [
            (
                format!("{{\"exceptionEvent\":true,\"event\":{event}}}"),
                true,
            ),
            (
                format!("*/{{\"exceptionEvent\":true,\"event\":{event}}}/*ERROR*/"),
                true,
            ),
            (
                format!("{{\"exceptionEvent\":false,\"event\":{event}}}"),
                false,
            ),
            (format!("{{\"event\":{event}}}"), false),
            (format!("{{\"events\":[{event}]}}"), false),
            (
                format!(
                    "{{\"actions\":[{{\"returnValue\":{{\"exceptionEvent\":true,\"event\":{event}}}}}]}}"
                ),
                false,
            ),
            ("\"markup://aura:invalidSession\"".to_owned(), false),
        ] {
            assert_eq!(is_ended(&text), ended, "{text}");
        }
    }

    #[test]
    fn a_refusal_stands_at_its_field() {
        let refusal = Refusal::at(Code::PolicyBlocked, "Contact.Gender__c", "no");
        let body: Value = serde_json::from_str(&refused(&[("7;a".to_owned(), &refusal)])).unwrap();
        let action = &body["actions"][0];
        assert_eq!(
            (&action["id"], &action["state"]),
            (&json!("7;a"), &json!("ERROR"))
        );
        let data = &action["error"][0]["event"]["attributes"]["values"]["error"]["data"];
        assert_eq!(data["statusCode"], 400);
        let at = &data["output"]["fieldErrors"]["Gender__c"][0];
        assert_eq!(at["message"], "no [sluis policy-blocked]");
    }
}
