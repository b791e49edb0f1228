//! Findings: what is wrong with a policy, where it stands and what to do about it.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::policy::{Sentence, Source};

/// All findings about one file. Prints them with the lines that they are about.
#[derive(Clone, Debug)]
pub struct Report {
    source: Source,
    findings: Vec<Finding>,
}

/// One finding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Such as `policy-unknown-field`; `docs/errors.md` has a section of that name.
    pub code: &'static str,
    pub severity: Severity,
    /// Of the file, counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    pub message: String,
    /// What to do.
    pub help: String,
    /// Both in Dutch, where the finding speaks it; elsewhere [`in_dutch`](crate::policy::in_dutch)
    /// says at least what the code means.
    pub dutch: Option<InDutch>,
    span: Range<usize>,
}

/// What a finding says in Dutch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InDutch {
    pub message: String,
    pub help: String,
}

/// What a finding is made of: a sentence, or a text in English alone.
pub(in crate::policy) struct Said {
    english: String,
    dutch: Option<String>,
}

impl From<Sentence> for Said {
    fn from(sentence: Sentence) -> Self {
        Self {
            english: sentence.english,
            dutch: Some(sentence.dutch),
        }
    }
}

impl From<String> for Said {
    fn from(english: String) -> Self {
        let dutch = None;
        Self { english, dutch }
    }
}

impl From<&str> for Said {
    fn from(english: &str) -> Self {
        english.to_owned().into()
    }
}

/// Whether the policy may come into force.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// It may not.
    Error,
    /// It may; somebody should look.
    Warning,
}

impl Report {
    pub(in crate::policy) fn new(source: &Source) -> Self {
        Self {
            source: source.clone(),
            findings: Vec::new(),
        }
    }

    /// A report about the same file without findings.
    pub(in crate::policy) fn empty(&self) -> Self {
        Self::new(&self.source)
    }

    /// In the order of the file.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    pub(in crate::policy) fn error(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<Said>,
        help: impl Into<Said>,
    ) {
        self.add(Severity::Error, code, span, (message.into(), help.into()));
    }

    /// In each language: an approver decides by warnings, because a policy may come into force with
    /// them.
    pub(in crate::policy) fn warning(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: Sentence,
        help: Sentence,
    ) {
        self.add(Severity::Warning, code, span, (message.into(), help.into()));
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        span: &Range<usize>,
        (message, help): (Said, Said),
    ) {
        let dutch = message.dutch.zip(help.dutch);
        let dutch = dutch.map(|(message, help)| InDutch { message, help });
        let (line, column) = place(&self.source.text, span.start);
        self.findings.push(Finding {
            code,
            severity,
            line,
            column,
            message: message.english,
            help: help.english,
            dutch,
            span: span.clone(),
        });
    }

    pub(in crate::policy) fn sort(&mut self) {
        self.findings
            .sort_by_key(|finding| (finding.span.start, finding.severity, finding.code));
        self.findings.dedup();
    }
}

/// Line and column of a byte, both from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let renderer = Renderer::plain();
        for (number, finding) in self.findings.iter().enumerate() {
            if number > 0 {
                f.write_str("\n\n")?;
            }
            let level = match finding.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
            };
            let end = finding.span.end.min(self.source.text.len());
            let start = finding.span.start.min(end);
            let snippet = Snippet::source(self.source.text.as_str())
                .path(self.source.name.as_str())
                .annotation(AnnotationKind::Primary.span(start..end));
            let group = level
                .primary_title(finding.message.as_str())
                .id(finding.code)
                .element(snippet)
                .element(Level::HELP.message(finding.help.as_str()));
            f.write_str(&renderer.render(&[group]))?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
