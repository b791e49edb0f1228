//! The committed corpus keeps its scores: a change of lexicon, rules or weights must not lose them.
//!
//! The model was trained on these texts, so the scores are higher than on texts nobody has seen;
//! those are in `docs/detection.md`. Every seventh text is enough to see that something broke.

use std::collections::BTreeSet;

use super::Detector;

/// A file and its lines; see `corpus.py` beside them.
const FILES: [&str; 21] = [
    include_str!("../../tests/fixtures/detection/special/nl.txt"),
    include_str!("../../tests/fixtures/detection/special/en.txt"),
    include_str!("../../tests/fixtures/detection/special/de.txt"),
    include_str!("../../tests/fixtures/detection/special/fr.txt"),
    include_str!("../../tests/fixtures/detection/special/es.txt"),
    include_str!("../../tests/fixtures/detection/special/it.txt"),
    include_str!("../../tests/fixtures/detection/special/pl.txt"),
    include_str!("../../tests/fixtures/detection/special/nl-plain.txt"),
    include_str!("../../tests/fixtures/detection/special/en-plain.txt"),
    include_str!("../../tests/fixtures/detection/special/de-plain.txt"),
    include_str!("../../tests/fixtures/detection/special/fr-plain.txt"),
    include_str!("../../tests/fixtures/detection/special/es-plain.txt"),
    include_str!("../../tests/fixtures/detection/special/it-plain.txt"),
    include_str!("../../tests/fixtures/detection/special/pl-plain.txt"),
    include_str!("../../tests/fixtures/detection/special/nl-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/en-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/de-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/fr-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/es-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/it-trades.txt"),
    include_str!("../../tests/fixtures/detection/special/pl-trades.txt"),
];

const STEP: usize = 7;

struct Labelled<'a> {
    label: &'a str,
    text: String,
    categories: BTreeSet<&'a str>,
}

fn read(line: &str) -> Labelled<'_> {
    let mut parts = line.splitn(3, '\t').skip(1);
    let label = parts.next().expect("a label");
    let mut rest = parts.next().expect("a text");
    let (mut text, mut categories) = (String::new(), BTreeSet::new());
    while let Some((before, marked)) = rest.split_once("{{") {
        let (category, marked) = marked.split_once('|').expect("a category");
        let (words, after) = marked.split_once("}}").expect("the mark's end");
        text.push_str(before);
        text.push_str(words);
        categories.insert(category);
        rest = after;
    }
    text.push_str(rest);
    Labelled {
        label,
        text: text.replace("\\n", "\n"),
        categories,
    }
}

/// True and false positives and false negatives.
#[derive(Default)]
struct Counts(f64, f64, f64);

impl Counts {
    fn add(&mut self, want: bool, got: bool) {
        self.0 += f64::from(u8::from(want && got));
        self.1 += f64::from(u8::from(got && !want));
        self.2 += f64::from(u8::from(want && !got));
    }

    fn f1(&self) -> f64 {
        2.0 * self.0 / (2.0 * self.0 + self.1 + self.2)
    }
}

#[test]
fn the_corpus_keeps_its_scores() {
    let detector = Detector::new().expect("the lexicons");
    let (mut any, mut national) = (Counts::default(), Counts::default());
    let (mut traps, mut trapped) = (0.0, 0.0);
    let (mut labels, mut right) = (0.0, 0.0);
    let lines = FILES.iter().flat_map(|file| file.lines());
    let lines = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    for labelled in lines.step_by(STEP).map(read) {
        let findings = detector.special(&labelled.text, None);
        let got: BTreeSet<&str> = findings.iter().map(|found| found.kind.name()).collect();
        any.add(!labelled.categories.is_empty(), !got.is_empty());
        national.add(
            labelled.categories.contains("national_id"),
            got.contains("national_id"),
        );
        labels += f64::from(u8::from(!labelled.categories.is_empty()));
        right += f64::from(u8::from(
            labelled
                .categories
                .iter()
                .any(|category| got.contains(category)),
        ));
        if labelled.label.starts_with('-') {
            traps += 1.0;
            trapped += f64::from(u8::from(!got.is_empty()));
        }
    }
    let report = format!(
        "any F1 {:.3}, national ids F1 {:.3}, negatives flagged {:.3}, right category {:.3}",
        any.f1(),
        national.f1(),
        trapped / traps,
        right / labels
    );
    assert!(any.f1() >= 0.93, "{report}");
    assert!(national.f1() >= 0.93, "{report}");
    assert!(trapped / traps <= 0.06, "{report}");
    assert!(right / labels >= 0.90, "{report}");
}
