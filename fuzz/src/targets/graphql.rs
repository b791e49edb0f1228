//! Documents of GraphQL, with variables or without, and answers to one.
//!
//! The first byte: 0 for a document alone, 1 for a whole body, 2 for an answer.

use sluis::protect::inward::Shape;
use sluis::wire::json::encode_into;

use super::choice;
use crate::border;

const TARGET: &str = "/services/data/v60.0/graphql";
const ASKED: &[u8] = br#"{"query":"query { uiapi { query { Contact(first: 2) { edges { node { Id Name { value } Email { value displayValue } } } } } } }"}"#;

pub fn run(input: &[u8]) {
    let Some((form, rest)) = choice(input) else {
        return;
    };
    let border = border::salesforce();
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    match form % 3 {
        0 => {
            let mut body = br#"{"query":"#.to_vec();
            encode_into(&mut body, text);
            body.push(b'}');
            let _refused = border.send("POST", TARGET, &body);
        }
        1 => {
            let _refused = border.send("POST", TARGET, rest);
        }
        _ => {
            let sent = border.send("POST", TARGET, ASKED).expect("a request");
            if !text.starts_with('<') {
                border.answer(&sent, Shape::Graph, text);
            }
        }
    }
}
