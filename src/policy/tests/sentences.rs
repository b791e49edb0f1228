//! What is said of a change is said in Dutch too, of the same things.

use std::collections::BTreeSet;

use crate::policy::tests::mutants::mutants;
use crate::policy::tests::unseen::{rich, rich_pages};
use crate::policy::{FieldTable, Source, compare, compile};

/// Words that a Dutch sentence has only where somebody forgot to translate a part of it.
const ENGLISH: &[&str] = &[
    "and", "any", "be", "becomes", "from", "instead", "is no", "its", "longer", "may", "no", "the",
    "values", "with",
];

#[test]
fn each_change_is_told_in_dutch_of_the_same_things() {
    let table = FieldTable::salesforce().expect("the built-in table");
    let mut told = BTreeSet::new();
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
        let plans = mutants.iter().filter_map(|mutant| plan(&mutant.text).ok());
        for after in plans {
            let changes = [compare(&before, &after), compare(&after, &before)];
            for change in changes.into_iter().flatten() {
                told.insert((change.text, change.dutch));
            }
        }
    }
    let wrong: Vec<_> = told
        .iter()
        .filter(|(english, dutch)| {
            things(english) != things(dutch) || english == dutch || has_english(dutch)
        })
        .collect();
    assert_eq!(wrong, Vec::<&(String, String)>::new());
    assert!(told.len() >= 200, "{}", told.len());
}

/// Names, numbers and paths: what no language changes.
fn things(sentence: &str) -> BTreeSet<&str> {
    let trimmed = sentence
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| ",:()".contains(c)));
    let is_thing = |word: &&str| {
        word.contains(['`', '_', '.', '/', '{']) || word.contains(|c: char| c.is_ascii_digit())
    };
    trimmed.filter(is_thing).collect()
}

fn has_english(dutch: &str) -> bool {
    let bare: Vec<&str> = dutch.split('`').step_by(2).collect();
    let padded = format!(" {} ", bare.join(" "));
    ENGLISH
        .iter()
        .any(|word| padded.contains(&format!(" {word} ")))
}
