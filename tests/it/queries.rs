//! Every collected query through the starter policy: what leaves, or why it is refused.

#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use sluis::detect::Detector;
use sluis::model::Secret;
use sluis::policy::{FieldTable, Plan, Source, compile};
use sluis::protect::Protection;
use sluis::protect::outward::explain;

const QUERIES: &str = include_str!("../fixtures/soql/queries.txt");
/// For each query its outcome: the text that leaves, or the refusal's code and words.
const OUTCOMES: &str = include_str!("../fixtures/soql/outcomes.txt");

/// A word that no query has.
const CANARY: &str = "Kanarie";

/// Where a literal may leave: beside picklists and what the CRM must know of staff, each with a word
/// of the query that it belongs to.
const CLEAR: &[(&str, &str)] = &[
    ("FROM User", "Email = "),
    ("FROM User", "FirstName = "),
    ("FROM User", "LastName = "),
    ("FROM Task", "Owner.FirstName LIKE "),
    ("FROM Account", "Industry = "),
    ("FROM Contacts", "CreatedBy.Alias = "),
    ("FROM Case", "Status = "),
    ("FROM Lead", "TOLABEL(Status) = "),
    ("FROM PermissionSet", "Profile.UserType = "),
    ("FROM ObjectPermissions", "SobjectType = "),
];

fn border() -> (Plan, Protection) {
    let source = Source {
        name: "policies/salesforce.toml".to_owned(),
        text: include_str!("../../policies/salesforce.toml").to_owned(),
    };
    let plan = compile(&source, &FieldTable::salesforce().unwrap()).unwrap();
    let key = Secret::new((1..=32).collect());
    let detector = Arc::new(Detector::new().unwrap());
    let protection =
        Protection::new(&key, &key, "example", plan.token_domain(), 31, detector).unwrap();
    (plan, protection)
}

/// The queries and the searches.
fn texts() -> (Vec<&'static str>, Vec<&'static str>) {
    let lines = QUERIES.lines().filter(|line| !line.starts_with('#'));
    let texts = lines.filter_map(|line| line.split_once('\t'));
    texts
        .map(|(_, text)| text)
        .partition(|text| !text.to_uppercase().starts_with("FIND"))
}

fn queries() -> Vec<&'static str> {
    texts().0
}

#[test]
fn each_search_of_the_api_is_answered_or_refused_and_keeps_its_words() {
    let (plan, protection) = border();
    let (_, searches) = texts();
    assert_eq!(searches.len(), 18);
    let mut answered = 0;
    for search in searches {
        let planted = planted(search);
        match explain(&plan, &protection, &planted) {
            Ok(text) => {
                assert!(text.contains("tq") && !text.contains(CANARY), "{text}");
                answered += 1;
            }
            Err(refusal) => assert!(!refusal.to_string().contains(CANARY), "{refusal}"),
        }
    }
    assert!(answered >= 5, "{answered} answered");
}

#[test]
fn each_query_has_the_outcome_that_is_written_down() {
    let (plan, protection) = border();
    let mut table = String::new();
    for query in queries() {
        table.push_str(query);
        match explain(&plan, &protection, query) {
            Ok(text) => table.push_str(&format!("\n\tleaves: {text}\n")),
            Err(refusal) => table.push_str(&format!("\n\trefused: {refusal}\n")),
        }
    }
    assert!(queries().len() == 87, "{}", queries().len());
    assert!(table == OUTCOMES, "the outcomes are now:\n{table}");
}

#[test]
fn malformed_queries_and_binds_are_refused() {
    let (plan, protection) = border();
    let hostile = queries().into_iter().filter(|query| {
        [
            "{c:",
            "= foo",
            "'%testing%)",
            "but the end",
            ":key",
            ":objType",
        ]
        .iter()
        .any(|part| query.contains(part))
    });
    let refused: Vec<_> = hostile
        .map(|query| explain(&plan, &protection, query))
        .collect();
    assert_eq!(refused.len(), 6);
    assert!(refused.iter().all(Result::is_err));
}

#[test]
fn no_literal_beside_a_protected_field_leaves_and_no_refusal_repeats_one() {
    let (plan, protection) = border();
    let mut leaving = 0;
    for query in queries() {
        let planted = planted(query);
        match explain(&plan, &protection, &planted) {
            Ok(text) => {
                for (at, _) in text.match_indices(CANARY) {
                    let before = text[..at].trim_end_matches(['\'', '%']);
                    let clear = |(source, end): &(&str, &str)| {
                        text.contains(source) && before.ends_with(end)
                    };
                    assert!(CLEAR.iter().any(clear), "{text}");
                    leaving += 1;
                }
            }
            Err(refusal) => assert!(!refusal.to_string().contains(CANARY), "{refusal}"),
        }
    }
    assert!(leaving > 0, "the canaries were not planted");
}

/// The query with a canary at the beginning of each text literal and of what a search looks for.
fn planted(query: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    let mut characters = query.chars();
    while let Some(character) = characters.next() {
        out.push(character);
        match character {
            '\\' => out.extend(characters.next()),
            '{' => out.push_str(CANARY),
            '\'' => {
                inside = !inside;
                if inside {
                    out.push_str(CANARY);
                }
            }
            _ => {}
        }
    }
    out
}

#[test]
fn the_command_line_explains_and_ends_by_the_outcome() {
    for (query, code, words) in [
        (
            "SELECT Id FROM Contact WHERE Email = 'jan@example.nl'",
            0,
            "@token.example.eu",
        ),
        (
            "SELECT Id FROM Contact WHERE LastName = 'Jansen'",
            0,
            "LastName IN ('tq",
        ),
        (
            "SELECT Id FROM Contact WHERE LastName LIKE 'Jan%'",
            1,
            "query-clause",
        ),
        ("FIND {Jansen} RETURNING Contact(Id)", 0, "FIND {tq"),
        ("FIND {Jan*} RETURNING Contact(Id)", 1, "query-clause"),
        ("SELECT Nickname__c FROM Contact", 1, "policy-unknown-field"),
        ("SELECT Id FROM Contact WHERE", 1, "query-malformed"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args([
                "query",
                "explain",
                "--policy",
                "policies/salesforce.toml",
                query,
            ])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .env_remove("SLUIS_LOG")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{query}: {said}");
        assert!(
            said.contains(words) && !said.contains("Jan") && !said.contains("jan@"),
            "{said}"
        );
    }
}
