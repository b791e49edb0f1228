//! The words of `cues.txt`: which phrases say what stands beside them.

use std::collections::HashMap;

use crate::detect::identifiers::text::{Text, fold};

/// A set of kinds of cues.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cues(u32);

impl Cues {
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

macro_rules! cues {
    ($($bit:literal $name:ident $section:literal,)*) => {
        $(pub const $name: Cues = Cues(1 << $bit);)*
        const SECTIONS: &[(&str, Cues)] = &[$(($section, $name),)*];
    };
}

cues! {
    0 PHONE "phone",
    1 IBAN "iban",
    2 CARD "card",
    3 IP "ip",
    4 VERSION "version",
    5 BIRTH "birth",
    6 PLATE "plate",
    7 VEHICLE "vehicle",
    8 DOCUMENT "document",
    9 ADDRESS "address",
    10 POSTCODE "postcode",
    11 RESIDES "resides",
    12 MOVES "moves",
    13 OTHER "other",
    14 PRODUCT "product",
    15 MONEY "money",
    16 COMPANY "company",
    17 LEGAL "legal",
    18 INSTITUTION "institution",
    19 TITLE "title",
    20 GREETING "greeting",
    21 SIGNOFF "signoff",
    22 INTRO "intro",
    23 FIELD "field",
    24 NAMECUE "namecue",
    25 PERSON "person",
    26 ROLE "role",
    27 WEEKDAY "weekday",
    28 COUNTRY "country",
    29 BRAND "brand",
}

/// What a word says when no name begins with it.
pub const BARRED: Cues = ROLE
    .and(WEEKDAY)
    .and(COUNTRY)
    .and(BRAND)
    .and(MONEY)
    .and(OTHER)
    .and(VERSION)
    .and(LEGAL)
    .and(INSTITUTION);

/// No phrase of the list has more words.
const LONGEST: usize = 5;
/// No star stands behind more letters.
const STEM: usize = 20;

/// A list that cannot be read: a section that nobody knows, or words before the first one.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the list `{list}` belongs to no known section")]
pub struct ListError {
    pub list: &'static str,
    /// Counted from 1.
    pub line: usize,
}

/// Phrases by their folded words, one space between them.
pub struct CueList {
    phrases: HashMap<Box<str>, Cues>,
    stems: HashMap<Box<str>, Cues>,
    /// First words of phrases of several words.
    heads: HashMap<Box<str>, usize>,
}

impl CueList {
    pub fn read(source: &str) -> Result<Self, ListError> {
        let mut list = Self {
            phrases: HashMap::new(),
            stems: HashMap::new(),
            heads: HashMap::new(),
        };
        let mut section = None;
        for (number, line) in source.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                section = SECTIONS.iter().find(|(known, _)| *known == name);
            }
            let Some((_, cues)) = section else {
                return Err(ListError {
                    list: "cues.txt",
                    line: number + 1,
                });
            };
            if !line.starts_with('[') {
                for phrase in line.split(',') {
                    list.add(&fold(phrase.trim()), *cues);
                }
            }
        }
        Ok(list)
    }

    fn add(&mut self, phrase: &str, cues: Cues) {
        let into = |map: &mut HashMap<Box<str>, Cues>, key: &str| {
            let entry = map.entry(key.into()).or_default();
            *entry = entry.and(cues);
        };
        if let Some(stem) = phrase.strip_suffix('*') {
            into(&mut self.stems, stem);
        }
        let phrase = phrase.trim_end_matches('*');
        into(&mut self.phrases, phrase);
        if let Some((head, _)) = phrase.split_once(' ') {
            let words = phrase.split(' ').count();
            let longest = self.heads.entry(head.into()).or_default();
            *longest = words.max(*longest);
        }
    }

    /// Tells each token what it says, as a word, as the beginning of one, as the end of a phrase.
    pub fn mark(&self, text: &mut Text<'_>) {
        let mut phrase = String::new();
        for at in 0..text.len() {
            if !text.is_letters(at) && text.digits(at) == 0 {
                continue;
            }
            let word = text.folded(at);
            let mut cues = self.phrases.get(word).copied().unwrap_or_default();
            for (end, _) in word.char_indices().skip(2).take(STEM) {
                if let Some(found) = word.get(..end).and_then(|stem| self.stems.get(stem)) {
                    cues = cues.and(*found);
                }
            }
            let longest = self
                .heads
                .get(word)
                .copied()
                .unwrap_or_default()
                .min(LONGEST);
            text.add_cues(at, cues);
            if longest > 1 {
                self.mark_phrases(text, at, longest, &mut phrase);
            }
        }
    }

    fn mark_phrases(&self, text: &mut Text<'_>, first: usize, longest: usize, phrase: &mut String) {
        phrase.clear();
        phrase.push_str(text.folded(first));
        let (mut at, mut words) = (first + 1, 1);
        while words < longest {
            while text.is_one_of(at, ".-'/&") {
                at += 1;
            }
            if !text.is_letters(at) && text.digits(at) == 0 {
                return;
            }
            phrase.push(' ');
            phrase.push_str(text.folded(at));
            words += 1;
            if let Some(cues) = self.phrases.get(phrase.as_str()) {
                let cues = *cues;
                text.add_cues(at, cues);
                if cues.any(BRAND) {
                    text.add_cues(first, BRAND);
                }
            }
            at += 1;
        }
    }
}
