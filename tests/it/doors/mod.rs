//! `docs/doors.md`: which doors are open, what is protected and refused at each, and which client
//! has proved it. Made from the rows here; each names a test that is there.

mod around;
mod bulk;
mod feeds;
mod rest;
mod soap;

use std::fmt::Write as _;
use std::path::Path;

/// One door.
pub struct Door {
    pub method: &'static str,
    pub path: &'static str,
    pub operation: &'static str,
    pub protected: &'static str,
    pub refused: &'static str,
    pub proofs: &'static [Proof],
}

/// A client of the tests that has gone through a door.
#[derive(Clone, Copy)]
pub struct Proof {
    pub client: &'static str,
    pub suite: &'static str,
    /// The name of the test in the suite.
    pub test: &'static str,
}

/// The doors of one kind under a heading.
struct Section {
    heading: &'static str,
    text: &'static str,
    doors: &'static [Door],
}

const SECTIONS: &[Section] = &[bulk::SECTION, soap::SECTION, around::SECTION];

const HEAD: &str = "# Doors\n\n\
What of Salesforce is open at the border; everything else is refused (`endpoint-unknown`). Made by\n\
the tests (`SLUIS_BLESS=1 cargo nextest run doors`); do not edit.\n\n\
*Proved by* names clients that people use, run unchanged against the product; after each suite\n\
everything that the CRM and the product keep is looked through for their values. What was tried from\n\
the attacker's side is in `fail-closed.md`.\n";

impl Proof {
    fn text(&self) -> String {
        let Self {
            client,
            suite,
            test,
        } = self;
        format!("{client}: `{suite}`, `{test}`")
    }
}

fn document() -> String {
    let mut text = HEAD.to_owned();
    // Writing to a `String` cannot fail.
    let _ = write!(
        text,
        "\n## REST, UI API and GraphQL\n\n{}\n\n{}",
        rest::TEXT,
        rest::table()
    );
    for section in SECTIONS {
        let _ = write!(text, "\n## {}\n\n{}\n\n", section.heading, section.text);
        text.push_str("| Method and path | Operation | Protected | Refused | Proved by |\n");
        text.push_str("| --- | --- | --- | --- | --- |\n");
        for door in section.doors {
            let proofs: Vec<String> = door.proofs.iter().map(Proof::text).collect();
            let _ = writeln!(
                text,
                "| {} `{}` | {} | {} | {} | {} |",
                door.method,
                door.path.replace(", ", "`, `"),
                door.operation,
                door.protected,
                door.refused,
                proofs.join("; ")
            );
        }
    }
    text
}

#[test]
fn the_document_says_which_doors_are_open() {
    let written = document();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doors.md");
    if std::env::var_os("SLUIS_BLESS").is_some() {
        std::fs::write(&path, &written).expect("the document");
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == written,
        "docs/doors.md is not what the tests make: write it by SLUIS_BLESS=1 cargo nextest run doors"
    );
}

#[test]
fn each_door_is_proved_by_a_test_that_is_there() {
    for door in SECTIONS.iter().flat_map(|section| section.doors) {
        for Proof { suite, test, .. } in door.proofs {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(suite);
            let text = std::fs::read_to_string(&path).expect("the suite");
            let begins = [
                format!("def {test}("),
                format!("fn {test}("),
                format!("test('{test}',"),
            ];
            let stands = begins.iter().any(|begin| text.contains(begin));
            assert!(stands, "{suite} has no {test}");
        }
    }
}
