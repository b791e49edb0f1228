//! What is said of a change is said in Dutch too, of the same things.

use std::collections::BTreeSet;

use crate::policy::tests::mutants::mutants;
use crate::policy::tests::unseen::{rich, rich_pages};
use crate::policy::{FieldTable, Plan, Source, compare, compile};

/// Words that a Dutch sentence has only where somebody forgot to translate a part of it.
const ENGLISH: &[&str] = &[
    "and", "any", "be", "becomes", "from", "instead", "is no", "its", "longer", "may", "no", "the",
    "values", "with",
];

#[test]
fn what_changes_and_what_lint_finds_is_told_in_dutch_of_the_same_things() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let (mut changed, mut found) = (BTreeSet::new(), BTreeSet::new());
    for policy in [rich(), rich_pages()] {
        let plan = |text: &str| {
            let source = Source {
                name: "policy.toml".to_owned(),
                text: text.to_owned(),
            };
            compile(&source, &table)
        };
        let (base, mutants) = mutants(&policy, 1);
        let before = plan(&base).unwrap_or_else(|report| panic!("{report}"));
        for mutant in mutants {
            let after = plan(&mutant.text);
            let report = after.as_ref().map_or_else(|report| report, Plan::warnings);
            for finding in report.findings() {
                if let Some(dutch) = &finding.dutch {
                    found.insert((finding.message.clone(), dutch.message.clone()));
                    found.insert((finding.help.clone(), dutch.help.clone()));
                }
            }
            let Ok(after) = after else {
                continue;
            };
            let changes = [compare(&before, &after), compare(&after, &before)];
            for change in changes.into_iter().flatten() {
                changed.insert((change.text, change.dutch));
            }
        }
    }
    let wrong = |(english, dutch): &&(String, String)| {
        things(english) != things(dutch) || english == dutch || has_english(dutch)
    };
    let all = || changed.iter().chain(&found);
    assert_eq!(
        all().filter(wrong).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new()
    );
    assert!(
        changed.len() >= 200 && found.len() >= 50,
        "{} {}",
        changed.len(),
        found.len()
    );
}

/// Names and paths, and numbers that are no articles of a law: what no language changes.
fn things(sentence: &str) -> BTreeSet<&str> {
    // What the schema says of a key it says in English.
    let ends = ["(GDPR", "(AVG", "…`: "];
    let end = ends.iter().filter_map(|end| sentence.find(end)).min();
    let sentence = &sentence[..end.unwrap_or(sentence.len())];
    let trimmed = sentence
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| ",:;?().".contains(c)));
    let is_thing = |word: &&str| {
        word.contains(['`', '_', '.', '/', '{']) || word.contains(|c: char| c.is_ascii_digit())
    };
    trimmed
        .filter(|word| is_thing(word) && !word.contains('…'))
        .collect()
}

fn has_english(dutch: &str) -> bool {
    let bare: Vec<&str> = dutch.split('`').step_by(2).collect();
    let padded = format!(" {} ", bare.join(" "));
    ENGLISH
        .iter()
        .any(|word| padded.contains(&format!(" {word} ")))
}
