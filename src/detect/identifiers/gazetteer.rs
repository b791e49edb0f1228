//! Names and places, from the lists in `names/` and `places/`.

use std::collections::HashMap;

use crate::detect::identifiers::cues::ListError;
use crate::detect::identifiers::text::fold;

/// What a word is known as.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Known(u8);

impl Known {
    pub const FIRST: Self = Self(1);
    pub const LAST: Self = Self(2);
    /// A first name only beside a family name or behind a cue.
    pub const ALWAYS_WORD: Self = Self(4);
    /// A first name only where it is not the first word of a sentence.
    pub const START_WORD: Self = Self(8);
    /// A family name that is a word.
    pub const FAMILY_WORD: Self = Self(16);
    pub const PLACE: Self = Self(32);
    /// A Polish first name in another case than the nominative.
    pub const INFLECTED: Self = Self(64);

    /// A first name that is a word in German.
    pub const GERMAN_WORD: Self = Self(128);

    pub const fn is(self, what: Self) -> bool {
        self.0 & what.0 != 0
    }

    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This, or the other where this is nothing.
    pub const fn or_else(self, other: Self) -> Self {
        if self.0 == 0 { other } else { self }
    }
}

/// Words by what they are known as.
pub struct Gazetteer {
    words: HashMap<Box<str>, Known>,
}

const NAMES: &[(&str, &str)] = &[
    ("names/nl.txt", include_str!("names/nl.txt")),
    ("names/de.txt", include_str!("names/de.txt")),
    ("names/fr.txt", include_str!("names/fr.txt")),
    ("names/en.txt", include_str!("names/en.txt")),
    ("names/es.txt", include_str!("names/es.txt")),
    ("names/it.txt", include_str!("names/it.txt")),
    ("names/pl.txt", include_str!("names/pl.txt")),
    ("names/world.txt", include_str!("names/world.txt")),
    ("names/common.txt", include_str!("names/common.txt")),
];

const PLACES: &[&str] = &[
    include_str!("places/nl.txt"),
    include_str!("places/be.txt"),
    include_str!("places/de.txt"),
    include_str!("places/fr.txt"),
    include_str!("places/en.txt"),
    include_str!("places/es.txt"),
    include_str!("places/it.txt"),
    include_str!("places/pl.txt"),
];

impl Gazetteer {
    pub fn read() -> Result<Self, ListError> {
        let mut gazetteer = Self {
            words: HashMap::new(),
        };
        for (list, source) in NAMES {
            gazetteer.read_names(list, source)?;
        }
        for line in PLACES.iter().flat_map(|source| source.lines()) {
            if !line.is_empty() && !line.starts_with('#') {
                gazetteer.add(&key(line), Known::PLACE);
            }
        }
        Ok(gazetteer)
    }

    /// What a folded word (or several, one space between them) is known as.
    pub fn get(&self, folded: &str) -> Known {
        self.words.get(folded).copied().unwrap_or_default()
    }

    fn read_names(&mut self, list: &'static str, source: &str) -> Result<(), ListError> {
        let mut section = None;
        for (number, line) in source.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            section = match line {
                "[first]" => Some(Known::FIRST),
                "[last]" => Some(Known::LAST),
                "[always]" => Some(Known::ALWAYS_WORD),
                "[start]" => Some(Known::START_WORD),
                "[german]" => Some(Known::GERMAN_WORD),
                "[family]" => Some(Known::FAMILY_WORD),
                line => {
                    let known = section.ok_or(ListError {
                        list,
                        line: number + 1,
                    })?;
                    self.add(&key(line), known);
                    if list == "names/pl.txt" && known == Known::FIRST {
                        self.add_polish_cases(&key(line));
                    }
                    Some(known)
                }
            };
        }
        Ok(())
    }

    fn add(&mut self, word: &str, known: Known) {
        let entry = self.words.entry(word.into()).or_default();
        entry.0 |= known.0;
    }

    /// Genitive, dative, accusative, instrumental and vocative by their regular endings, folded.
    fn add_polish_cases(&mut self, name: &str) {
        let (stem, endings): (&str, &[&str]) = match name.strip_suffix('a') {
            Some(stem) if stem.ends_with('i') => (stem, &["", "e", "o"]),
            Some(stem) => (stem, &["y", "i", "ie", "e", "o", "u", "ze"]),
            None => match name.strip_suffix("ek") {
                Some(stem) => (stem, &["ka", "kowi", "kiem", "ku"]),
                None => (name, &["a", "owi", "em", "ie", "u", "iem"]),
            },
        };
        for ending in endings {
            self.add(&format!("{stem}{ending}"), Known::INFLECTED);
        }
    }
}

/// A line of a list as texts are compared with it: folded, one space between words.
fn key(line: &str) -> String {
    let folded = fold(line.trim());
    folded
        .split([' ', '-', '\'', '.', '\u{2019}'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
