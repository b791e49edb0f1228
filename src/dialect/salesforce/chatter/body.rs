//! A body before it is read: what is words of people becomes text, whatever kind of segment it was.

use serde_json::json;

use crate::wire::json::{Document, Edits, Kind, Limits, NodeId, Value};

/// The body with links and hashtags as text: their words are people's, and a segment of another
/// kind has no room for what stands for them. Anything else stays, for the survey to judge.
#[must_use]
pub fn normal(body: Vec<u8>) -> Vec<u8> {
    // What is not strict JSON is refused by whoever reads it next.
    let Ok(document) = Document::parse(&body, &Limits::default()) else {
        return body;
    };
    let mut edits = Edits::new();
    walk(&document, document.root(), &mut edits);
    match edits.is_empty() {
        true => body,
        false => document.write(&edits),
    }
}

fn walk(document: &Document<'_>, node: NodeId, edits: &mut Edits) {
    match document.kind(node) {
        Kind::Object => {
            for (key, value) in document.members(node) {
                if key == "messageSegments" && document.kind(value) == Kind::Array {
                    for segment in document.elements(value) {
                        if let Some(text) = words(document, segment) {
                            let text = json!({ "type": "Text", "text": text });
                            edits.replace(segment, Value::Raw(text.to_string()));
                        }
                    }
                } else {
                    walk(document, value, edits);
                }
            }
        }
        Kind::Array => {
            for value in document.elements(node) {
                walk(document, value, edits);
            }
        }
        Kind::Null | Kind::Bool | Kind::Number | Kind::String => {}
    }
}

/// What a link or a hashtag says, if it says nothing else.
fn words(document: &Document<'_>, segment: NodeId) -> Option<String> {
    if document.kind(segment) != Kind::Object || document.len(segment) != 2 {
        return None;
    }
    let text = |key: &str| document.text(document.get(segment, key)?);
    match text("type")?.as_ref() {
        "Link" => text("url").map(|url| url.into_owned()),
        "Hashtag" => text("tag").map(|tag| format!("#{tag}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn links_and_hashtags_become_text_and_all_else_stays() {
        for (segment, expected) in [
            (
                r#"{"type":"Link","url":"https://example.nl/?q=\"x\""}"#,
                r##"{"text":"https://example.nl/?q=\"x\"","type":"Text"}"##,
            ),
            (
                r#"{"tag":"Oven","type":"Hashtag"}"#,
                r##"{"text":"#Oven","type":"Text"}"##,
            ),
            (
                r#"{"type":"Link","url":"x","urlName":"y"}"#,
                r#"{"type":"Link","url":"x","urlName":"y"}"#,
            ),
            (r#"{"type":"Link","url":1}"#, r#"{"type":"Link","url":1}"#),
            (r#""Link""#, r#""Link""#),
        ] {
            let body = |segment: &str| {
                format!("[{{\"richInput\":{{\"body\":{{\"messageSegments\":[{segment}]}}}}}}]")
            };
            let left = String::from_utf8(normal(body(segment).into_bytes())).unwrap();
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(read(&left), read(&body(expected)));
        }
        for text in ["", "{", "{\"a\":1,\"a\":2}"] {
            assert_eq!(normal(text.as_bytes().to_vec()), text.as_bytes());
        }
    }
}
