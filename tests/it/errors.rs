//! `docs/errors.md` has a section for each code that a person can meet, and for nothing else.

use std::collections::BTreeSet;

use sluis::{policy, review};

const PAGE: &str = include_str!("../../docs/errors.md");
const CODES_OF_REQUESTS: &str = include_str!("../../src/model/refusal.rs");

/// The names as `Code::name` writes them: `Self::PolicyBlocked => "policy-blocked",`.
fn codes_of_requests() -> Vec<&'static str> {
    CODES_OF_REQUESTS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \""))
        .filter_map(|(_, name)| name.strip_suffix("\","))
        .collect()
}

#[test]
fn each_code_has_one_section_and_each_section_a_code() {
    let requests = codes_of_requests();
    assert!(requests.contains(&"policy-blocked"), "{requests:?}");
    let codes = requests.iter().chain(policy::CODES).chain(review::CODES);
    let codes: BTreeSet<&str> = codes.copied().collect();
    let sections: Vec<&str> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let once: BTreeSet<&str> = sections.iter().copied().collect();
    assert_eq!(sections.len(), once.len(), "a section stands twice");
    assert_eq!(once, codes);
}

#[test]
fn each_section_says_what_to_do() {
    for section in PAGE.split("\n### ").skip(1) {
        let name = section.lines().next().unwrap_or_default();
        assert!(section.contains("**What to do.**"), "{name}");
    }
}
