//! The ways in which a value is written in running text.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::detect::Identifier;
use crate::detect::identifiers::text::{Text, fold};
use crate::detect::known::{Role, Value};

/// Small words before a family name, which is written without them too.
const PARTICLES: &[&str] = &[
    "van", "der", "den", "de", "het", "t", "ter", "ten", "te", "von", "vom", "zu", "zum", "zur",
    "du", "des", "d", "la", "le", "les", "del", "della", "di", "da", "do", "dos", "das", "lo",
    "el", "al", "ben", "bin", "ibn", "abu", "af", "av", "o", "mac", "st",
];
/// Local parts of addresses that name an office, not a person.
const OFFICES: &[&str] = &[
    "info",
    "contact",
    "mail",
    "email",
    "office",
    "sales",
    "admin",
    "administratie",
    "support",
    "service",
    "kontakt",
    "hello",
    "post",
    "verkoop",
    "inkoop",
    "receptie",
    "biuro",
    "team",
    "facturen",
    "invoice",
    "boekhouding",
    "noreply",
    "kundenservice",
    "klantenservice",
];

/// Names that are words, in the lists of `identifiers`.
static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let lines = include_str!("../identifiers/names/common.txt").lines();
    lines
        .filter(|line| !line.starts_with(['#', '[']))
        .map(fold)
        .collect()
});

/// A value as words in a row.
#[derive(Debug)]
pub struct Pattern {
    /// Folded; at least one.
    pub words: Vec<String>,
    pub what: Identifier,
    /// Initials may stand before it.
    pub family: bool,
    /// Only with a capital, and not as the first word of a sentence.
    strict: bool,
    /// The last word may have an s: "Jansens dossier".
    genitive: bool,
}

/// All patterns of a value, its umlauts also as they are spelled without.
pub fn patterns(value: &Value<'_>) -> Vec<Pattern> {
    let mut found = written(value);
    let wide = value
        .text
        .replace(['ä', 'Ä'], "ae")
        .replace(['ö', 'Ö'], "oe")
        .replace(['ü', 'Ü'], "ue");
    if wide != value.text {
        found.extend(written(&Value {
            role: value.role,
            text: &wide,
        }));
    }
    found
}

fn written(value: &Value<'_>) -> Vec<Pattern> {
    let words = words_of(value.text);
    match value.role {
        Role::GivenName => given(&words),
        Role::FamilyName => family(&words),
        Role::FullName => full(value.text),
        Role::Email => email(value.text),
        Role::Phone => Vec::new(),
        Role::Street => street(&words),
        Role::Postcode => postcode(words),
    }
}

impl Pattern {
    fn name(words: &[String], family: bool) -> Self {
        let single = words.len() == 1;
        let short = words.first().is_some_and(|word| word.chars().count() < 4);
        let common = words.first().is_some_and(|word| WORDS.contains(word));
        Self {
            words: words.to_vec(),
            what: Identifier::PersonName,
            family,
            strict: single && (short || common),
            genitive: true,
        }
    }

    /// The last token when the pattern stands at `first`, at the borders of words.
    pub fn matches(&self, text: &Text<'_>, first: usize) -> Option<usize> {
        let mut at = first;
        let mut last = first;
        for (place, word) in self.words.iter().enumerate() {
            if place > 0 {
                at = last + 1;
                while text.is_one_of(at, ".,-'_/@") && at < last + 4 {
                    at += 1;
                }
            }
            let end = place + 1 == self.words.len();
            if !self.is_word(text, at, word, end) {
                return None;
            }
            last = at;
        }
        let borders = text.begins(first) && !text.runs_on(last + 1);
        let strict = !self.strict || text.is_capital(first) && !text.is_first(first);
        (borders && strict).then_some(last)
    }

    fn is_word(&self, text: &Text<'_>, at: usize, word: &str, end: bool) -> bool {
        let written = text.folded(at);
        if written == word {
            return true;
        }
        let genitive =
            self.genitive && end && !self.strict && word.len() > 3 && text.is_capital(at);
        genitive && written.strip_suffix('s') == Some(word)
    }
}

/// The letters and digits of a value, cut as texts are cut.
fn words_of(value: &str) -> Vec<String> {
    let text = Text::plain(value);
    (0..text.len())
        .filter(|at| text.is_letters(*at) || text.digits(*at) > 0)
        .map(|at| text.folded(at).to_owned())
        .collect()
}

fn plain(words: Vec<String>, what: Identifier, least: usize) -> Vec<Pattern> {
    if words.len() < least {
        return Vec::new();
    }
    vec![Pattern {
        words,
        what,
        family: false,
        strict: false,
        genitive: false,
    }]
}

fn given(words: &[String]) -> Vec<Pattern> {
    let mut found = Vec::new();
    if words.len() > 1 {
        found.extend(spellings(words, false));
    }
    found.extend(
        words
            .first()
            .filter(|word| word.chars().count() > 1)
            .into_iter()
            .flat_map(|word| spellings(std::slice::from_ref(word), false)),
    );
    found
}

fn family(words: &[String]) -> Vec<Pattern> {
    let bare = bare(words);
    let mut found = spellings(words, true);
    if bare.len() < words.len() && !bare.is_empty() {
        found.extend(spellings(bare, true));
        // "Berg, van der"
        let turned: Vec<String> = bare
            .iter()
            .chain(words.iter().take(words.len() - bare.len()))
            .cloned()
            .collect();
        found.extend(spellings(&turned, true));
    }
    // "Bakker-Smit": each by itself, where it is long enough to be no chance.
    if bare.len() > 1 {
        let parts = bare
            .iter()
            .filter(|word| word.chars().count() > 3 && !PARTICLES.contains(&word.as_str()));
        found.extend(parts.flat_map(|word| spellings(std::slice::from_ref(word), true)));
    }
    found
}

/// A family name without the particles before it.
fn bare(words: &[String]) -> &[String] {
    let particles = words
        .iter()
        .take_while(|word| PARTICLES.contains(&word.as_str()))
        .count();
    words
        .get(particles..)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(words)
}

fn full(value: &str) -> Vec<Pattern> {
    let (given_words, family_words) = match value.split_once(',') {
        Some((last, first)) => {
            let (mut last, first) = (words_of(last), words_of(first));
            // "Berg, Jan van der"
            let named = first
                .iter()
                .take_while(|word| !PARTICLES.contains(&word.as_str()))
                .count();
            let (given, particles) = first.split_at(named);
            last.splice(0..0, particles.iter().cloned());
            (given.to_vec(), last)
        }
        None => {
            let words = words_of(value);
            let particle = words
                .iter()
                .skip(1)
                .position(|word| PARTICLES.contains(&word.as_str()))
                .map(|at| at + 1);
            let split = particle.unwrap_or(words.len().saturating_sub(1));
            let (given, family) = words.split_at(split);
            (given.to_vec(), family.to_vec())
        }
    };
    let whole: Vec<String> = given_words.iter().chain(&family_words).cloned().collect();
    let mut found = spellings(&whole, false);
    if !given_words.is_empty() {
        let turned: Vec<String> = family_words.iter().chain(&given_words).cloned().collect();
        found.extend(spellings(&turned, false));
        if given_words.len() > 1 {
            let short: Vec<String> = given_words
                .iter()
                .take(1)
                .chain(&family_words)
                .cloned()
                .collect();
            found.extend(spellings(&short, false));
        }
        found.extend(given(&given_words));
    }
    found.extend(family(&family_words));
    found
}

fn email(value: &str) -> Vec<Pattern> {
    let mut found = plain(words_of(value), Identifier::Email, 2);
    let local = value.split('@').next().unwrap_or_default();
    let words = words_of(local);
    let letters: usize = words
        .iter()
        .map(|word| word.chars().filter(|c| c.is_alphabetic()).count())
        .sum();
    let office = OFFICES.contains(&fold(local).as_str());
    let common = words.len() == 1 && words.first().is_some_and(|word| WORDS.contains(word));
    if letters > 3 && !office && !common && local.len() < value.len() {
        found.extend(plain(words, Identifier::Email, 1));
    }
    found
}

fn street(words: &[String]) -> Vec<Pattern> {
    let mut found = Vec::new();
    for variant in [words.to_vec(), shortened(words)] {
        let name: Vec<String> = variant
            .iter()
            .take_while(|word| !word.starts_with(|c: char| c.is_ascii_digit()))
            .cloned()
            .collect();
        let letters: usize = name.iter().map(|word| word.chars().count()).sum();
        let numbered = name.len() < variant.len();
        if numbered {
            found.extend(plain(variant, Identifier::StreetAddress, 2));
        }
        // A short name alone ("Hof", "Markt") is a word.
        if letters > 7 {
            found.extend(plain(name, Identifier::StreetAddress, 1));
        }
    }
    found
}

/// "Hauptstraße 5" as "Hauptstr. 5".
fn shortened(words: &[String]) -> Vec<String> {
    let short = |word: &String| {
        let stem = word
            .strip_suffix("strasse")
            .or_else(|| word.strip_suffix("straat"));
        stem.map_or_else(|| word.clone(), |stem| format!("{stem}str"))
    };
    words.iter().map(short).collect()
}

/// Four or five digits alone are an amount as often as a postcode.
fn postcode(words: Vec<String>) -> Vec<Pattern> {
    plain(words, Identifier::PostcodeCity, 2)
}

/// A name with its umlauts as they are also written: "Müller", "Muller", "Mueller".
fn spellings(words: &[String], family: bool) -> Vec<Pattern> {
    if words.is_empty() {
        return Vec::new();
    }
    let narrow: Vec<String> = words
        .iter()
        .map(|word| {
            word.replace("ue", "u")
                .replace("oe", "o")
                .replace("ae", "a")
        })
        .collect();
    let mut found = vec![Pattern::name(words, family)];
    if narrow != words && words.iter().any(|word| word.chars().count() > 4) {
        found.push(Pattern::name(&narrow, family));
    }
    found
}
