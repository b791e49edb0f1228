//! The source tree keeps to the layers that `ARCHITECTURE.md` states.
#![expect(clippy::expect_used, reason = "helpers of a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// What a pure module may not name.
const IMPURE: &[&str] = &[
    "tokio::",
    "hyper::",
    "reqwest::",
    "rusqlite::",
    "sqlx::",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "async fn",
];

#[test]
fn modules_use_only_what_they_may() {
    let rank = layers();
    let never = never();
    let mut wrong = Vec::new();
    for file in sources() {
        let from = module_of(&file);
        let code = production(&file);
        if code.contains("super::super::") || (is_top(&file) && code.contains("super::")) {
            wrong.push(format!(
                "{}: write `crate::`, not `super::`",
                file.display()
            ));
        }
        for to in uses(&code) {
            let below = match (rank.get(&from), rank.get(&to)) {
                (Some(from_rank), Some(to_rank)) => from == to || from_rank < to_rank,
                _ => false, // A name of the crate's root would hide whose it is.
            };
            if !below || never.contains(&(from.clone(), to.clone())) {
                wrong.push(format!("{}: `{from}` must not use `{to}`", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_layer() {
    let stated: BTreeSet<String> = layers().into_keys().collect();
    let found: BTreeSet<String> = sources()
        .iter()
        .map(|file| module_of(file))
        .filter(|m| m != "lib" && m != "main")
        .collect();
    assert_eq!(
        found, stated,
        "left: modules in src/, right: modules in ARCHITECTURE.md"
    );
}

#[test]
fn pure_modules_do_no_input_or_output() {
    let pure: BTreeSet<String> = block("pure")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut wrong = Vec::new();
    for file in sources()
        .into_iter()
        .filter(|file| pure.contains(&module_of(file)))
    {
        let code = production(&file);
        for name in IMPURE.iter().filter(|name| code.contains(**name)) {
            wrong.push(format!("{}: pure, but names `{name}`", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_say_what_they_are() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|file| !is_test(file))
        .filter(|file| {
            !fs::read_to_string(file)
                .expect("a source file")
                .starts_with("//!")
        })
        .map(|file| format!("{}: the first line must be a `//!` comment", file.display()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each module's place, 0 at the top.
fn layers() -> BTreeMap<String, usize> {
    let text = block("layers");
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .enumerate();
    lines
        .flat_map(|(rank, line)| {
            line.split_whitespace()
                .map(str::to_owned)
                .zip(iter::repeat(rank))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The pairs that the layers would allow and the architecture does not.
fn never() -> BTreeSet<(String, String)> {
    let text = block("never");
    let rules = text.lines().filter_map(|line| line.split_once("->"));
    rules
        .flat_map(|(from, to)| {
            to.split_whitespace()
                .map(|to| (from.trim().to_owned(), to.to_owned()))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The fenced block of that name in `ARCHITECTURE.md`.
fn block(name: &str) -> String {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let (_, rest) = text
        .split_once(&format!("```{name}\n"))
        .expect("the block's start");
    rest.split_once("```")
        .expect("the block's end")
        .0
        .to_owned()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The top-level module that a file belongs to.
fn module_of(file: &Path) -> String {
    let inside = file
        .strip_prefix(root().join("src"))
        .expect("a file of src/");
    let first = inside.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Whether the file is a top-level module itself, so that `super` means the crate's root.
fn is_top(file: &Path) -> bool {
    let inside = file
        .strip_prefix(root().join("src"))
        .expect("a file of src/");
    inside.iter().count() == 1 || inside.iter().count() == 2 && inside.ends_with("mod.rs")
}

fn is_test(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "tests.rs")
}

/// A file's code without its comments and without the tests at its end.
fn production(file: &Path) -> String {
    if is_test(file) {
        return String::new();
    }
    let text = fs::read_to_string(file).expect("a source file");
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    code.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The modules that a text names as `crate::name` or in `crate::{name, name::{..}}`.
fn uses(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            None => drop(found.insert(name_at(rest))),
            Some(group) => {
                let mut depth = 1;
                let mut expect_name = true;
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => expect_name = true,
                        c if depth == 1 && expect_name && c.is_alphabetic() => {
                            found.insert(name_at(&group[i..]));
                            expect_name = false;
                        }
                        _ => (),
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    found
}

fn name_at(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}
