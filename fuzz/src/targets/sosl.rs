//! Searches.

use sluis::dialect::salesforce::sosl;

use super::escaped;
use crate::border;

pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(search) = sosl::parse(text) {
        let written = sosl::canonical::canonical(&search);
        let again = sosl::parse(&written).expect("what is written reads");
        assert_eq!(sosl::canonical::canonical(&again), written);
    }
    for path in ["search", "parameterizedSearch"] {
        let target = format!("/services/data/v60.0/{path}?q={}", escaped(text));
        let _refused = border::salesforce().send("GET", &target, b"");
    }
}
