//! Precision and recall on the labelled texts of `tests/fixtures/detection/identifiers`.
//!
//! A line is a text with `{{type|words}}` around each identifier. A label is found when a finding of
//! its type covers half of it, and a finding is right when half of it lies in a label of its type.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::detect::Kind;
use crate::detect::identifiers::testing::findings;

macro_rules! fixtures {
    ($($path:literal),*) => {
        &[$(include_str!(concat!("../../../tests/fixtures/detection/identifiers/", $path))),*]
    };
}

const DEV: &[&str] = fixtures![
    "nl.txt",
    "en.txt",
    "de.txt",
    "fr.txt",
    "es.txt",
    "it.txt",
    "pl.txt",
    "mixed.txt"
];
/// Written before the rules, and not read while they were made.
const UNSEEN: &[&str] = fixtures![
    "unseen/nl.txt",
    "unseen/en.txt",
    "unseen/de.txt",
    "unseen/fr.txt",
    "unseen/es.txt",
    "unseen/it.txt",
    "unseen/pl.txt"
];

#[derive(Clone, Copy, Debug, Default)]
struct Score {
    labels: usize,
    found: usize,
    findings: usize,
    right: usize,
}

impl Score {
    fn recall(self) -> f64 {
        self.found as f64 / self.labels.max(1) as f64
    }

    fn precision(self) -> f64 {
        self.right as f64 / self.findings.max(1) as f64
    }

    fn and(self, other: Self) -> Self {
        Self {
            labels: self.labels + other.labels,
            found: self.found + other.found,
            findings: self.findings + other.findings,
            right: self.right + other.right,
        }
    }
}

#[derive(Debug, Default)]
struct Report {
    types: BTreeMap<String, Score>,
    clean: usize,
    /// Clean texts in which anything was found, and anything but a name.
    touched: usize,
    touched_structured: usize,
}

type Span = (usize, usize, String);

/// The text of a line, and its labels in bytes.
fn read(line: &str) -> (String, Vec<Span>) {
    let line = line.replace("\\n", "\n");
    let (mut text, mut labels) = (String::new(), Vec::new());
    let mut rest = line.as_str();
    while let Some((before, marked)) = rest.split_once("{{") {
        let (label, after) = marked.split_once("}}").expect("a mark ends");
        let (what, words) = label.split_once('|').expect("a mark has a type");
        text.push_str(before);
        labels.push((text.len(), text.len() + words.len(), what.to_owned()));
        text.push_str(words);
        rest = after;
    }
    text.push_str(rest);
    (text, labels)
}

fn half(of: &Span, others: &[Span]) -> bool {
    let shared = |other: &Span| of.1.min(other.1).saturating_sub(of.0.max(other.0));
    others
        .iter()
        .any(|other| other.2 == of.2 && 2 * shared(other) >= of.1 - of.0)
}

fn measure(files: &[&str]) -> Report {
    let mut report = Report::default();
    for line in files
        .iter()
        .flat_map(|file| file.lines())
        .filter(|line| !line.is_empty())
    {
        let (text, labels) = read(line);
        let found: Vec<Span> = findings(&text)
            .iter()
            .map(|hit| match hit.kind {
                Kind::Identifier(what) => (hit.start, hit.end, what.name().to_owned()),
                Kind::Special(_) => panic!("no identifier"),
            })
            .collect();
        for label in &labels {
            let score = report.types.entry(label.2.clone()).or_default();
            score.labels += 1;
            score.found += usize::from(half(label, &found));
        }
        for hit in &found {
            let score = report.types.entry(hit.2.clone()).or_default();
            score.findings += 1;
            score.right += usize::from(half(hit, &labels));
        }
        if labels.is_empty() {
            report.clean += 1;
            report.touched += usize::from(!found.is_empty());
            report.touched_structured +=
                usize::from(found.iter().any(|hit| hit.2 != "person_name"));
        }
    }
    report
}

/// Prints the table (`cargo test -- --nocapture precision`) and holds the goals of the product.
fn hold(name: &str, files: &[&str]) {
    let report = measure(files);
    let mut table = String::new();
    let mut structured = Score::default();
    for (what, score) in &report.types {
        let (labels, recall, precision) = (score.labels, score.recall(), score.precision());
        writeln!(
            table,
            "{what:16} {labels:4} recall {recall:.3} precision {precision:.3}"
        )
        .expect("a string grows");
        if what != "person_name" {
            structured = structured.and(*score);
        }
    }
    let names = report.types.get("person_name").copied().unwrap_or_default();
    println!(
        "{name}\n{table}clean {} touched {} structured {}",
        report.clean, report.touched, report.touched_structured
    );
    assert!(structured.recall() >= 0.98, "{table}");
    assert!(structured.precision() >= 0.95, "{table}");
    assert!(names.recall() >= 0.90, "{table}");
    assert!(names.precision() >= 0.85, "{table}");
    assert!(
        report.touched * 10 <= report.clean,
        "{} of {}",
        report.touched,
        report.clean
    );
    assert!(
        report.touched_structured * 100 <= 3 * report.clean,
        "{} of {}",
        report.touched_structured,
        report.clean
    );
}

#[test]
fn precision_and_recall_on_the_development_texts() {
    hold("development", DEV);
}

#[test]
fn precision_and_recall_on_the_unseen_texts() {
    hold("unseen", UNSEEN);
}
