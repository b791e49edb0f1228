//! `sluis detect`.

use std::io::{self, BufRead, Write};

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::Ended;
use crate::detect::{Detector, Finding, Language};

/// Reads `{"id": .., "text": ".."}` a line and writes what was found in it.
///
/// A line of output is `{"id", "categories", "spans": [{"start", "end", "category"}], "score"}`.
/// Offsets count Unicode code points from 0, the end is not included; the score, 0 to 1, is that of
/// the surest span. Lines are answered one by one, in order. Other keys of a line are not looked at.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Use the lexicons of these languages only; all of them when not given.
    #[arg(long = "lang", value_name = "LANG", value_delimiter = ',')]
    languages: Vec<Code>,
    /// Find direct identifiers (names, addresses, numbers) instead of special categories.
    #[arg(long)]
    identifiers: bool,
}

/// The code of a language.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Code {
    Nl,
    En,
    De,
    Fr,
    Es,
    It,
    Pl,
}

#[derive(Deserialize)]
struct Question {
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a serde_json::Value,
    categories: Vec<&'static str>,
    spans: Vec<Span>,
    score: f32,
}

#[derive(Serialize)]
struct Span {
    start: usize,
    end: usize,
    category: &'static str,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let languages: Vec<Language> = if options.languages.is_empty() {
        Language::ALL.to_vec()
    } else {
        options
            .languages
            .iter()
            .map(|code| language(*code))
            .collect()
    };
    let detector = Detector::of_languages(&languages)?;
    let find = |text: &str| {
        if options.identifiers {
            detector.identifiers(text)
        } else {
            detector.special(text, None)
        }
    };
    answer_all(io::stdin().lock(), io::stdout().lock(), find)?;
    Ok(Ended::Well)
}

/// Answers line by line; what was answered is written before the next line is waited for.
fn answer_all(
    questions: impl BufRead,
    mut answers: impl Write,
    find: impl Fn(&str) -> Vec<Finding>,
) -> anyhow::Result<()> {
    for (number, line) in (1..).zip(questions.lines()) {
        let line =
            line.with_context(|| format!("line {number}: it is not UTF-8, or cannot be read"))?;
        if line.trim().is_empty() {
            continue;
        }
        // The parser's own words could repeat a value of the line.
        let question: Question = serde_json::from_str(&line).map_err(|error| {
            anyhow::anyhow!(
                "line {number}, column {}: not an object with `id` and a string `text`",
                error.column()
            )
        })?;
        let findings = find(&question.text);
        serde_json::to_writer(&mut answers, &answer(&question, &findings))?;
        answers.write_all(b"\n")?;
        answers.flush()?;
    }
    Ok(())
}

fn answer<'a>(question: &'a Question, findings: &[Finding]) -> Answer<'a> {
    let mut categories: Vec<&str> = findings.iter().map(|found| found.kind.name()).collect();
    categories.sort_unstable();
    categories.dedup();
    let points = points(&question.text, findings);
    let spans = findings
        .iter()
        .zip(points)
        .map(|(found, (start, end))| Span {
            start,
            end,
            category: found.kind.name(),
        });
    Answer {
        id: &question.id,
        categories,
        spans: spans.collect(),
        score: findings.iter().map(|found| found.score).fold(0.0, f32::max),
    }
}

/// Byte offsets as offsets in code points, counted once over the text.
fn points(text: &str, findings: &[Finding]) -> Vec<(usize, usize)> {
    let mut wanted: Vec<usize> = findings
        .iter()
        .flat_map(|found| [found.start, found.end])
        .collect();
    wanted.sort_unstable();
    let mut counted = Vec::with_capacity(wanted.len());
    let (mut at, mut point) = (0, 0);
    for byte in wanted {
        point += text
            .get(at..byte)
            .map_or(0, |between| between.chars().count());
        at = byte;
        counted.push((byte, point));
    }
    let point_of = |byte: usize| {
        let place = counted.partition_point(|(known, _)| *known < byte);
        counted.get(place).map_or(0, |(_, point)| *point)
    };
    let pairs = findings
        .iter()
        .map(|found| (point_of(found.start), point_of(found.end)));
    pairs.collect()
}

fn language(code: Code) -> Language {
    match code {
        Code::Nl => Language::Nl,
        Code::En => Language::En,
        Code::De => Language::De,
        Code::Fr => Language::Fr,
        Code::Es => Language::Es,
        Code::It => Language::It,
        Code::Pl => Language::Pl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Kind, Special};

    fn ask(lines: &str) -> anyhow::Result<String> {
        let mut answers = Vec::new();
        let ill = |text: &str| {
            let found = text.find("ziek").map(|start| Finding {
                start,
                end: start + 4,
                kind: Kind::Special(Special::Health),
                score: 0.5,
            });
            found.into_iter().collect()
        };
        answer_all(lines.as_bytes(), &mut answers, ill)?;
        Ok(String::from_utf8(answers)?)
    }

    #[test]
    fn offsets_are_code_points() {
        let answer = ask("{\"id\":7,\"text\":\"é😀 ziek\"}\n\n").unwrap();
        assert_eq!(
            answer,
            "{\"id\":7,\"categories\":[\"health\"],\"spans\":[{\"start\":3,\"end\":7,\"category\":\
             \"health\"}],\"score\":0.5}\n"
        );
    }

    #[test]
    fn a_bad_line_is_named_and_not_repeated() {
        let error = ask("{\"id\":1,\"text\":\"a\"}\n{\"id\":2,\"text\":12345}\n").unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("line 2, column"), "{message}");
        assert!(!message.contains("12345"), "{message}");
    }
}
