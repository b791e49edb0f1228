//! Bodies of the REST and UI API, and answers in JSON.
//!
//! The first byte chooses the door, or that the rest is an answer.

use sluis::protect::inward::Shape;
use sluis::wire::json::{Document, Edits, Limits};

use super::choice;
use crate::border;

const DOORS: [(&str, &str); 16] = [
    ("POST", "/services/data/v60.0/sobjects/Contact"),
    (
        "PATCH",
        "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
    ),
    (
        "PATCH",
        "/services/data/v60.0/sobjects/Contact/Ext_Id__c/K-1",
    ),
    ("POST", "/services/data/v60.0/sobjects/Trial__c"),
    ("POST", "/services/data/v60.0/composite"),
    ("POST", "/services/data/v60.0/composite/batch"),
    ("POST", "/services/data/v60.0/composite/graph"),
    ("POST", "/services/data/v60.0/composite/tree/Account"),
    ("POST", "/services/data/v60.0/composite/sobjects"),
    ("PATCH", "/services/data/v60.0/composite/sobjects"),
    (
        "PATCH",
        "/services/data/v60.0/composite/sobjects/Contact/Ext_Id__c",
    ),
    ("POST", "/services/data/v60.0/composite/sobjects/Contact"),
    ("POST", "/services/data/v60.0/ui-api/records"),
    (
        "PATCH",
        "/services/data/v60.0/ui-api/records/003000000000001AAA",
    ),
    ("POST", "/services/data/v60.0/parameterizedSearch"),
    (
        "POST",
        "/services/data/v60.0/ui-api/related-list-records/001000000000001AAA/Contacts",
    ),
];

/// Requests whose answers are read, with the shape that these have.
const ASKED: [(&str, Shape); 4] = [
    (
        "/services/data/v60.0/query?q=SELECT%20Id,Name%20FROM%20Contact",
        Shape::Data,
    ),
    (
        "/services/data/v60.0/sobjects/Contact/003000000000001AAA",
        Shape::Data,
    ),
    (
        "/services/data/v60.0/sobjects/Contact/describe",
        Shape::Metadata,
    ),
    (
        "/services/data/v60.0/ui-api/records/003000000000001AAA?fields=Contact.Name",
        Shape::Ui,
    ),
];

pub fn run(input: &[u8]) {
    let Some((door, body)) = choice(input) else {
        return;
    };
    let border = border::salesforce();
    if let Some((method, target)) = DOORS.get(usize::from(door)) {
        round_trip(body);
        let _refused = border.send(method, target, body);
        return;
    }
    let (target, shape) = &ASKED[usize::from(door) % ASKED.len()];
    let sent = border.send("GET", target, b"").expect("a request");
    if let Ok(text) = std::str::from_utf8(body)
        && !text.starts_with('<')
    {
        border.answer(&sent, *shape, text);
    }
}

/// What is written without an edit reads the same, and is written the same.
fn round_trip(body: &[u8]) {
    let Ok(document) = Document::parse(body, &Limits::default()) else {
        return;
    };
    let written = document.write(&Edits::new());
    let again = Document::parse(&written, &Limits::default()).expect("what is written reads");
    assert_eq!(again.write(&Edits::new()), written);
    let value = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes);
    if let Ok(theirs) = value(body) {
        assert_eq!(value(&written).expect("another reader reads it"), theirs);
    }
}
