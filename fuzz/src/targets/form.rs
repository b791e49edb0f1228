//! Forms and queries of pages.
//!
//! The first byte chooses the route; an even one has the rest in the body, an odd one in the query.

use sluis::dialect::pages::Submitted;
use sluis::wire::form::{Limits, parse_repeated, write};

use super::choice;
use crate::pages;

const PATHS: [&str; 8] = [
    "/persons/contact/add",
    "/persons/contact/edit/17",
    "/persons/contacts",
    "/creme_login",
    "/creme_core/search",
    "/creme_core/search/light",
    "/creme_core/entity/edit/inner/5/17",
    "/assistants/memo/add/17",
];

pub fn run(input: &[u8]) {
    let Some((route, rest)) = choice(input) else {
        return;
    };
    if let Ok(pairs) = parse_repeated(rest, &Limits::default()) {
        let written = write(&pairs);
        let again = parse_repeated(written.as_bytes(), &Limits::default());
        assert_eq!(again.expect("what is written reads"), pairs);
        let theirs: Vec<(String, String)> = standard(rest);
        assert_eq!(pairs, theirs, "another reader finds another form");
    }
    let path = PATHS[usize::from(route / 2) % PATHS.len()];
    let query = format!("{path}?{}", String::from_utf8_lossy(rest));
    let submitted = match route % 2 {
        0 => Submitted {
            method: "POST",
            target: path,
            content_type: Some("application/x-www-form-urlencoded"),
            body: rest,
        },
        _ => Submitted {
            method: "GET",
            target: &query,
            content_type: None,
            body: b"",
        },
    };
    let _refused = pages::visit(&submitted);
}

/// The form as the WHATWG's own algorithm reads it.
fn standard(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}
