//! What a text would change, as a page shows it: findings, cases, changes in words, changed lines.

use crate::console::words::Words;
use crate::policy::{self, Report, Severity};
use crate::review::{Trial, are_near};

/// A finding of lint, or a case that failed.
pub(super) struct Finding {
    pub bad: bool,
    pub severity: &'static str,
    pub code: &'static str,
    pub line: usize,
    pub column: usize,
    /// What its code means, in the language of the page, where the message is in another.
    pub meaning: Option<&'static str>,
    /// The language of what follows.
    pub lang: &'static str,
    pub message: String,
    pub help: String,
}

impl Finding {
    pub fn of(finding: &policy::Finding, words: &Words) -> Self {
        let bad = finding.severity == Severity::Error;
        let english = (None, "en", &finding.message, &finding.help);
        let dutch = match &finding.dutch {
            Some(dutch) => (None, "nl", &dutch.message, &dutch.help),
            None => {
                let meaning = policy::in_dutch(finding.code).map(|(means, _)| means);
                (meaning, "en", &finding.message, &finding.help)
            }
        };
        let (meaning, lang, message, help) = words.choose(english, dutch);
        Self {
            bad,
            severity: if bad { words.error } else { words.warning },
            code: finding.code,
            line: finding.line,
            column: finding.column,
            meaning,
            lang,
            message: message.clone(),
            help: help.clone(),
        }
    }
}

/// One change in words.
pub(super) struct Worded {
    pub weaker: bool,
    pub text: String,
}

/// What came of trying a text out.
pub(super) struct Tried {
    pub fits: bool,
    /// Whether there is anything to compare.
    pub compiles: bool,
    pub weaker: usize,
    pub blind: bool,
    pub changes: Vec<Worded>,
    /// Whether the approver shows a second factor.
    pub care: bool,
    pub findings: Vec<Finding>,
    /// `31 cases, 0 failures`, or none where there are no cases.
    pub cases: Option<usize>,
    pub failures: Vec<Finding>,
    pub unknown_host: Option<String>,
}

impl Tried {
    pub fn of(trial: &Trial, words: &Words) -> Self {
        let changes = trial.changes.iter().map(|change| Worded {
            weaker: change.weaker,
            text: words.choose(&change.text, &change.dutch).clone(),
        });
        let failures = trial.cases.as_ref().map(|cases| &cases.failures);
        Self {
            fits: trial.fits(),
            compiles: trial.plan.is_some(),
            weaker: trial.weaker(),
            blind: trial.blind,
            changes: changes.collect(),
            care: trial.weaker() > 0,
            findings: findings(&trial.lint, words),
            cases: trial.cases.as_ref().map(|cases| cases.cases),
            failures: failures.map_or_else(Vec::new, |failures| findings(failures, words)),
            unknown_host: trial.unknown_host.clone(),
        }
    }
}

/// Errors first.
pub(super) fn findings(report: &Report, words: &Words) -> Vec<Finding> {
    let mut found: Vec<Finding> = report
        .findings()
        .iter()
        .map(|finding| Finding::of(finding, words))
        .collect();
    found.sort_by_key(|finding| !finding.bad);
    found
}

/// A line of two texts beside each other.
pub(super) struct Line {
    /// `added`, `removed`, `place` or none.
    pub kind: &'static str,
    pub text: String,
}

/// The lines that changed, with three around each. Of texts with little in common there are none to
/// show: both can be had whole.
pub(super) fn lines(before: &str, after: &str, words: &Words) -> Vec<Line> {
    if before == after {
        return Vec::new();
    }
    if !are_near(before, after) {
        return vec![Line {
            kind: "place",
            text: words.too_different_to_show.to_owned(),
        }];
    }
    let patch = diffy::create_patch(before, after).to_string();
    // Its first two lines name files, of which there are none.
    let lines = patch.lines().skip(2);
    lines
        .map(|line| Line {
            kind: match line.as_bytes().first() {
                Some(b'+') => "added",
                Some(b'-') => "removed",
                Some(b'@') => "place",
                _ => "same",
            },
            text: line.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::words;

    #[test]
    fn equal_texts_have_no_lines_and_others_those_that_changed() {
        assert!(lines("a\nb\n", "a\nb\n", words::of(&http::HeaderMap::new())).is_empty());
        let changed = lines(
            "a\nb\nc\n",
            "a\n<b>\nc\n",
            words::of(&http::HeaderMap::new()),
        );
        let of = |kind: &str| -> Vec<&str> {
            let lines = changed.iter().filter(|line| line.kind == kind);
            lines.map(|line| line.text.as_str()).collect()
        };
        assert_eq!(of("removed"), ["-b"]);
        assert_eq!(of("added"), ["+<b>"]);
    }
}
