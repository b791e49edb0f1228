//! The goals of detection hold on texts that others wrote: the gate of `eval_special.py`, line by
//! line, on each committed set on which it holds.
//!
//! What was tuned on which set is in `docs/detection.md`.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;

use super::{Detector, Special};

const UNSEEN: [&str; 7] = [
    include_str!("../../tests/fixtures/detection/unseen/nl.txt"),
    include_str!("../../tests/fixtures/detection/unseen/en.txt"),
    include_str!("../../tests/fixtures/detection/unseen/de.txt"),
    include_str!("../../tests/fixtures/detection/unseen/fr.txt"),
    include_str!("../../tests/fixtures/detection/unseen/es.txt"),
    include_str!("../../tests/fixtures/detection/unseen/it.txt"),
    include_str!("../../tests/fixtures/detection/unseen/pl.txt"),
];
const UNSEEN4: &str = include_str!("../../tests/fixtures/detection/unseen4/unseen4.jsonl");
const UNSEEN3: &str = include_str!("../../tests/fixtures/detection/unseen3/unseen3.jsonl");
const UNSEEN2: &str = include_str!("../../tests/fixtures/detection/unseen2/unseen2.jsonl");

/// A labelled text; places count code points.
#[derive(Deserialize)]
struct Labelled {
    text: String,
    categories: BTreeSet<String>,
    spans: Vec<Span>,
    implicit: bool,
    trap: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Span {
    start: usize,
    end: usize,
    category: String,
}

impl Span {
    fn meets(&self, other: &Self) -> bool {
        self.category == other.category && self.start < other.end && other.start < self.end
    }
}

/// A line of `corpus.py`'s format.
fn line(line: &str) -> Labelled {
    let mut parts = line.splitn(3, '\t').skip(1);
    let label = parts.next().expect("a label");
    let marked = parts.next().expect("a text").replace("\\n", "\n");
    let mut rest = marked.as_str();
    let (mut text, mut spans) = (String::new(), Vec::new());
    while let Some((before, marked)) = rest.split_once("{{") {
        let (category, marked) = marked.split_once('|').expect("a category");
        let (words, after) = marked.split_once("}}").expect("the mark's end");
        text.push_str(before);
        let start = text.chars().count();
        text.push_str(words);
        spans.push(Span {
            start,
            end: text.chars().count(),
            category: category.to_owned(),
        });
        rest = after;
    }
    text.push_str(rest);
    Labelled {
        text,
        categories: spans.iter().map(|span| span.category.clone()).collect(),
        spans,
        implicit: label == "+i",
        trap: label.strip_prefix('-').map(str::to_owned),
    }
}

fn lines(files: &[&str]) -> Vec<Labelled> {
    let lines = files.iter().flat_map(|file| file.lines());
    let lines = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(line).collect()
}

fn json(file: &str) -> Vec<Labelled> {
    let texts = file.lines().map(serde_json::from_str);
    texts.collect::<Result<_, _>>().expect("labelled texts")
}

/// True positives, false positives, false negatives.
#[derive(Clone, Copy, Default)]
struct Counts([f64; 3]);

impl Counts {
    fn add(&mut self, want: bool, got: bool) {
        let Self([right, wrong, missed]) = self;
        match (want, got) {
            (true, true) => *right += 1.0,
            (false, true) => *wrong += 1.0,
            (true, false) => *missed += 1.0,
            (false, false) => {}
        }
    }

    fn precision(self) -> f64 {
        self.0[0] / (self.0[0] + self.0[1])
    }

    fn recall(self) -> f64 {
        self.0[0] / (self.0[0] + self.0[2])
    }

    fn f1(self) -> f64 {
        2.0 * self.0[0] / (2.0 * self.0[0] + self.0[1] + self.0[2])
    }
}

/// What was found in the texts, counted as `eval_special.py` does.
#[derive(Default)]
struct Scores {
    any: Counts,
    by: [Counts; Special::ALL.len()],
    hard: Counts,
    plain: Counts,
    implicit: Counts,
    spans: Counts,
}

impl Scores {
    fn of(detector: &Detector, texts: &[Labelled]) -> Self {
        let mut scores = Self::default();
        for text in texts {
            scores.add(detector, text);
        }
        scores
    }

    fn add(&mut self, detector: &Detector, text: &Labelled) {
        let point = |byte: usize| text.text[..byte].chars().count();
        let found = detector.special(&text.text, None);
        let found: Vec<Span> = found
            .iter()
            .map(|finding| Span {
                start: point(finding.start),
                end: point(finding.end),
                category: finding.kind.name().to_owned(),
            })
            .collect();
        let has = |category: &str| found.iter().any(|span| span.category == category);
        let positive = !text.categories.is_empty();
        self.any.add(positive, !found.is_empty());
        for (category, counts) in Special::ALL.iter().zip(&mut self.by) {
            let name = category.name();
            counts.add(text.categories.contains(name), has(name));
        }
        if text.implicit {
            self.implicit.add(true, !found.is_empty());
        }
        if !positive {
            let plain = text.trap.as_deref() == Some("plain");
            let counts = if plain {
                &mut self.plain
            } else {
                &mut self.hard
            };
            counts.add(true, !found.is_empty());
        }
        for span in &text.spans {
            self.spans
                .add(true, found.iter().any(|found| found.meets(span)));
        }
    }

    /// Each line of the gate: what it measures, the measure, the goal.
    fn gate(&self) -> [(&'static str, f64, Range<f64>); 11] {
        let by = Special::ALL.iter().zip(self.by);
        let ids = by.filter(|(category, _)| **category == Special::NationalId);
        let ids = ids.map(|(_, counts)| counts).next().unwrap_or_default();
        let f1 = self.by.map(Counts::f1);
        let mean = f1.iter().sum::<f64>() / 10.0;
        let least = f1.iter().copied().fold(f64::MAX, f64::min);
        [
            ("F1", self.any.f1(), 0.88..1.1),
            ("recall", self.any.recall(), 0.90..1.1),
            ("precision", self.any.precision(), 0.86..1.1),
            ("macro F1", mean, 0.85..1.1),
            ("least category", least, 0.78..1.1),
            ("hard negatives flagged", self.hard.recall(), 0.0..0.12),
            ("plain flagged", self.plain.recall(), 0.0..0.01),
            ("implicit found", self.implicit.recall(), 0.65..1.1),
            ("national ids, precision", ids.precision(), 0.97..1.1),
            ("national ids, recall", ids.recall(), 0.95..1.1),
            ("spans met", self.spans.recall(), 0.85..1.1),
        ]
    }
}

fn holds(texts: &[Labelled]) {
    let detector = Detector::new().expect("the lexicons");
    let gate = Scores::of(&detector, texts).gate();
    let failed = gate
        .iter()
        .any(|(_, measure, goal)| !goal.contains(measure));
    assert!(!failed, "{} texts: {gate:.3?}", texts.len());
}

#[test]
fn the_gate_holds_on_the_first_set_of_another_hand() {
    holds(&lines(&UNSEEN));
}

#[test]
fn the_gate_holds_on_the_second_set_of_another_hand() {
    holds(&json(UNSEEN2));
}

#[test]
fn the_gate_holds_on_the_fourth_set_of_another_hand() {
    holds(&json(UNSEEN4));
}

/// One goal is missed there, and must not be missed by more: `docs/detection.md`.
#[test]
fn all_of_the_gate_but_plain_texts_holds_on_the_third_set_of_another_hand() {
    const PLAIN: &str = "plain flagged";
    let texts = json(UNSEEN3);
    let scores = Scores::of(&Detector::new().expect("the lexicons"), &texts);
    let gate = scores.gate();
    let mut held = gate.iter().filter(|(line, ..)| *line != PLAIN);
    assert!(
        held.all(|(_, measure, goal)| goal.contains(measure)),
        "{gate:.3?}"
    );
    assert!(scores.plain.0[0] <= 2.0, "{gate:.3?}");
}

#[test]
fn the_gate_fails_where_nothing_is_looked_at() {
    let nothing = Scores::default();
    let gate = nothing.gate();
    assert!(
        gate.iter()
            .all(|(_, measure, goal)| !goal.contains(measure))
    );
}
