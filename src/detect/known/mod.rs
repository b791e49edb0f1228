//! A record's own values in its free text: the name, the e-mail address, the telephone number, the
//! street that the record has in fields of its own.
//!
//! Pure and linear in the text. Words are compared without case and accents, at their borders; a
//! value that is a word as well ("An", "Wil", "Berg") only with its capital and inside a sentence,
//! because what is found here is taken for certain.
//!
//! Read first: [`find`], [`Value`], [`pattern`].

mod pattern;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use crate::detect::identifiers::text::Text;
use crate::detect::{Finding, Identifier, Kind};

use pattern::{Pattern, patterns};

/// What a value of a record is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// "Jan", "Jan Willem", "Marie-Claire".
    GivenName,
    /// "Jansen", "van der Berg", "Bakker-Smit".
    FamilyName,
    /// "Jan van der Berg", "Berg, Jan van der".
    FullName,
    Email,
    Phone,
    /// With or without a house number.
    Street,
    Postcode,
}

/// A value of a record, as its field has it.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    pub role: Role,
    pub text: &'a str,
}

/// No telephone number is written in more tokens.
const PHONE_TOKENS: usize = 24;
/// How many of a number's last digits tell it: what comes before is the country's or the trunk's.
const PHONE_DIGITS: usize = 8;

/// Where the values stand in a text: sorted by start, not overlapping.
#[must_use]
pub fn find(text: &str, values: &[Value<'_>]) -> Vec<Finding> {
    let text = Text::plain(text);
    let patterns: Vec<Pattern> = values.iter().flat_map(patterns).collect();
    let phones: Vec<String> = values.iter().filter_map(phone_tail).collect();
    let initials: Vec<char> = values.iter().filter_map(initial).collect();
    let mut heads: HashMap<&str, Vec<&Pattern>> = HashMap::new();
    for pattern in &patterns {
        if let Some(head) = pattern.words.first() {
            heads.entry(head.as_str()).or_default().push(pattern);
        }
    }
    let mut found = Found::default();
    for at in 0..text.len() {
        let word = text.folded(at);
        let stem = word.strip_suffix('s').unwrap_or_default();
        for pattern in [word, stem]
            .iter()
            .filter_map(|key| heads.get(key))
            .flatten()
        {
            if let Some(last) = pattern.matches(&text, at) {
                let first = if pattern.family {
                    with_initials(&text, at, &initials)
                } else {
                    at
                };
                found.add(&text, (first, last), pattern.what);
            }
        }
        if let Some(last) = phone(&text, at, &phones) {
            found.add(&text, (at, last), Identifier::Phone);
        }
    }
    found.settle()
}

/// What was found, the longest at each start.
#[derive(Default)]
struct Found {
    by_start: BTreeMap<usize, (usize, Identifier)>,
}

impl Found {
    fn add(&mut self, text: &Text<'_>, (first, last): (usize, usize), what: Identifier) {
        let (start, end) = text.bytes(first, last);
        let longest = self.by_start.entry(start).or_insert((end, what));
        if longest.0 < end {
            *longest = (end, what);
        }
    }

    fn settle(self) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::with_capacity(self.by_start.len());
        for (start, (end, what)) in self.by_start {
            if found.last().is_none_or(|before| before.end <= start) {
                found.push(Finding {
                    start,
                    end,
                    kind: Kind::Identifier(what),
                    score: 1.0,
                });
            }
        }
        found
    }
}

/// The first letter of a given name, which may stand for it before the family name.
fn initial(value: &Value<'_>) -> Option<char> {
    let name = match value.role {
        Role::GivenName => value.text,
        Role::FullName => value
            .text
            .split_once(',')
            .map_or(value.text, |(_, given)| given),
        Role::FamilyName | Role::Email | Role::Phone | Role::Street | Role::Postcode => {
            return None;
        }
    };
    name.trim()
        .chars()
        .next()
        .and_then(|first| first.to_lowercase().next())
}

/// The first token of the initials before a family name: "J. ", "J.P. ". Where the given name is
/// known they must begin with its letter.
fn with_initials(text: &Text<'_>, family: usize, initials: &[char]) -> usize {
    let mut first = family;
    for _ in 0..4 {
        let Some(before) = first.checked_sub(1) else {
            break;
        };
        let (letter, stop) = if text.is_mark(before, '.') {
            (before.checked_sub(1), true)
        } else {
            (Some(before), false)
        };
        let Some(letter) = letter
            .filter(|letter| text.is_upper(*letter) && text.raw(*letter).chars().count() == 1)
        else {
            break;
        };
        if !stop && text.is_glued(first) {
            break;
        }
        first = letter;
    }
    let fits = initials.is_empty()
        || text
            .folded(first)
            .chars()
            .next()
            .is_some_and(|letter| initials.contains(&letter));
    if fits { first } else { family }
}

/// The last digits of a telephone number, when it has enough of them.
fn phone_tail(value: &Value<'_>) -> Option<String> {
    if value.role != Role::Phone {
        return None;
    }
    let digits: String = value.text.chars().filter(char::is_ascii_digit).collect();
    let from = digits.len().checked_sub(PHONE_DIGITS)?;
    digits.get(from..).map(str::to_owned)
}

/// The last token of a number that begins at `first` and ends in the digits of one of `tails`.
fn phone(text: &Text<'_>, first: usize, tails: &[String]) -> Option<usize> {
    let begins = text.digits(first) > 0 || text.is_one_of(first, "+(");
    let inside = first > 0
        && (text.digits(first - 1) > 0 || text.is_one_of(first - 1, "+(") || text.runs_on(first));
    if tails.is_empty() || !begins || inside {
        return None;
    }
    let (mut digits, mut found) = (String::new(), None);
    for at in first..first + PHONE_TOKENS {
        if text.digits(at) > 0 && digits.len() + text.digits(at) <= 2 * PHONE_DIGITS {
            digits.push_str(text.raw(at));
            let ends = tails.iter().any(|tail| digits.ends_with(tail.as_str()));
            if ends && !text.runs_on(at + 1) {
                found = Some(at);
            }
        } else if !text.is_one_of(at, "+()-./") {
            break;
        }
    }
    found
}
