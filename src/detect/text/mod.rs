//! A text as words, sentences and clauses, each word with its place in the original.
//!
//! Markup, entities and escapes are read through; letters written apart ("k a n k e r") are put
//! together; a word with digits for letters has a second form. One pass, and nothing looks further
//! ahead than a fixed number of bytes, so that time grows with the text's length.

mod markup;

use std::ops::Range;

use super::fold;
use markup::Skip;

/// A sentence is cut here, so that no rule looks at more words than this.
const LONGEST_SENTENCE: usize = 60;
/// A word is cut here; what follows is another word.
const LONGEST_WORD: usize = 48;
/// So many single letters in a row are a word written apart.
const FEWEST_APART: usize = 3;

/// A word of a text.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// Its bytes in the original text.
    pub place: Range<usize>,
    /// Its bytes in the buffer of lower-case words.
    low: Range<usize>,
    /// Its bytes in the buffer of words as they were written.
    cased: Range<usize>,
    /// Its bytes in the lower-case buffer with letters for digits, when it has such.
    leet: Option<Range<usize>>,
    /// The number of its sentence.
    pub sentence: u32,
    /// The number of its clause, counted over the whole text.
    pub clause: u32,
}

/// A text as words.
#[derive(Debug, Default)]
pub(super) struct Text {
    low: String,
    cased: String,
    pub words: Vec<Word>,
}

/// What stood between two words.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
enum Break {
    #[default]
    Tight,
    Space,
    Clause,
    Sentence,
}

impl Text {
    /// Reads a text. Tags are no part of it.
    pub(super) fn read(text: &str) -> Self {
        Self::read_by(text, markup::at)
    }

    /// Reads a text with what stands inside its tags: an attribute, a comment, or words between
    /// two signs that only look like a tag.
    pub(super) fn read_with_tags(text: &str) -> Self {
        Self::read_by(text, |text, at| match text.get(at) {
            Some(b'<') => None,
            _ => markup::at(text, at),
        })
    }

    fn read_by(text: &str, markup: impl Fn(&[u8], usize) -> Option<(usize, Skip)>) -> Self {
        let mut reader = Reader::default();
        let mut at = 0;
        while let Some(rest) = text.get(at..) {
            let Some(char) = rest.chars().next() else {
                break;
            };
            let skip = markup(text.as_bytes(), at);
            let (len, step) = match skip {
                Some((len, skip)) => (len, skip),
                None => (char.len_utf8(), Skip::Char(char)),
            };
            let next = text.get(at + len..).unwrap_or_default().chars().next();
            reader.take(&step, at..at + len, next);
            at += len;
        }
        reader.finish_word();
        let mut text = reader.text;
        text.join_letters();
        text
    }

    /// A word in lower case.
    pub(super) fn low(&self, at: usize) -> &str {
        let range = self.words.get(at).map(|word| word.low.clone());
        range
            .and_then(|range| self.low.get(range))
            .unwrap_or_default()
    }

    /// A word as it was written, without accents.
    pub(super) fn cased(&self, at: usize) -> &str {
        let range = self.words.get(at).map(|word| word.cased.clone());
        range
            .and_then(|range| self.cased.get(range))
            .unwrap_or_default()
    }

    /// A word with letters for digits, when it has such.
    pub(super) fn leet(&self, at: usize) -> Option<&str> {
        let range = self.words.get(at)?.leet.clone()?;
        self.low.get(range)
    }

    /// The words of each sentence.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let number = self.words.get(from)?.sentence;
            let rest = self.words.get(from..).unwrap_or_default();
            let count = rest
                .iter()
                .take_while(|word| word.sentence == number)
                .count();
            let range = from..from + count;
            from = range.end;
            Some(range)
        })
    }

    /// Puts letters that were written apart together: at least three, one sign between each.
    fn join_letters(&mut self) {
        let mut joined = Vec::with_capacity(self.words.len());
        let mut at = 0;
        while let Some(first) = self.words.get(at) {
            let count = 1 + self
                .words
                .windows(2)
                .skip(at)
                .take(LONGEST_WORD)
                .take_while(|pair| matches!(pair, [a, b] if self.is_apart(a, b)))
                .count();
            let mut word = first.clone();
            if count >= FEWEST_APART {
                let members = self.words.get(at..at + count).unwrap_or_default();
                let (low, cased) = (self.low.len(), self.cased.len());
                for member in members {
                    self.low.extend_from_within(member.low.clone());
                    self.cased.extend_from_within(member.cased.clone());
                }
                word.low = low..self.low.len();
                word.cased = cased..self.cased.len();
                word.place.end = members.last().map_or(word.place.end, |last| last.place.end);
                at += count;
            } else {
                at += 1;
            }
            joined.push(word);
        }
        self.words = joined;
    }

    fn is_apart(&self, first: &Word, second: &Word) -> bool {
        let single = |word: &Word| {
            word.low.len() == 1
                && self
                    .low
                    .as_bytes()
                    .get(word.low.start)
                    .is_some_and(u8::is_ascii_alphabetic)
        };
        single(first) && single(second) && second.place.start == first.place.end + 1
    }
}

/// Reads characters into words.
#[derive(Default)]
struct Reader {
    text: Text,
    open: Option<(Range<usize>, usize)>,
    between: Break,
    sentence: u32,
    clause: u32,
    in_sentence: usize,
}

impl Reader {
    fn take(&mut self, step: &Skip, place: Range<usize>, next: Option<char>) {
        match *step {
            Skip::Nothing => {}
            Skip::Space => self.separate(Break::Space),
            Skip::Line => self.separate(Break::Sentence),
            Skip::Char(char) if fold::is_invisible(char) => {}
            Skip::Char(char) if self.belongs(char, next) => self.push(char, place),
            Skip::Char('%') => {
                self.separate(Break::Space);
                self.push('%', place);
                self.separate(Break::Space);
            }
            Skip::Char(char) => self.separate(kind_of_break(char, next)),
        }
    }

    /// Whether a character is part of a word: letters and digits, and signs that stand for letters
    /// between two letters.
    fn belongs(&self, char: char, next: Option<char>) -> bool {
        char.is_alphanumeric()
            || unicode_normalization::char::is_combining_mark(char)
            || (matches!(char, '@' | '$' | '€' | '!')
                && self.open.is_some()
                && next.is_some_and(char::is_alphabetic))
    }

    fn push(&mut self, char: char, place: Range<usize>) {
        if let Some((_, from)) = self.open {
            let word = self.text.cased.get(from..).unwrap_or_default();
            let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
            // "50mg" is a number and a word; "b12" and "k4nker" are words.
            if (digits && char.is_alphabetic()) || word.len() >= LONGEST_WORD {
                self.finish_word();
                self.between = Break::Space;
            }
        }
        let (range, _) = self
            .open
            .get_or_insert_with(|| (place.clone(), self.text.cased.len()));
        range.end = place.end;
        fold::push(char, &mut self.text.cased);
    }

    fn separate(&mut self, kind: Break) {
        self.finish_word();
        let kind = if kind == Break::Sentence && self.after_abbreviation() {
            Break::Space
        } else {
            kind
        };
        self.between = self.between.max(kind);
    }

    /// Whether the last word is one that a dot belongs to ("dhr.", "z.B.", "no.").
    fn after_abbreviation(&self) -> bool {
        let Some(last) = self.text.words.len().checked_sub(1) else {
            return false;
        };
        let word = self.text.low(last);
        // "am 12. aus": an ordinal, more often than a sentence's last word.
        let ordinal = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
        self.between == Break::Tight && (ordinal || ABBREVIATIONS.contains(&word))
    }

    fn finish_word(&mut self) {
        let Some((place, from)) = self.open.take() else {
            return;
        };
        let written = self.text.cased.get(from..).unwrap_or_default();
        if written.is_empty() {
            return;
        }
        let low_from = self.text.low.len();
        let lower = written.to_lowercase();
        self.text.low.push_str(&lower);
        let low = low_from..self.text.low.len();
        let leet = self.add_leet(&lower);
        self.count(self.between);
        self.text.words.push(Word {
            place,
            low,
            cased: from..self.text.cased.len(),
            leet,
            sentence: self.sentence,
            clause: self.clause,
        });
        self.between = Break::Tight;
    }

    fn count(&mut self, between: Break) {
        self.in_sentence += 1;
        if between == Break::Sentence || self.in_sentence > LONGEST_SENTENCE {
            self.sentence += 1;
            self.in_sentence = 1;
        }
        if between >= Break::Clause {
            self.clause += 1;
        }
    }

    /// Adds the second form of a word in which digits or signs stand for letters.
    fn add_leet(&mut self, lower: &str) -> Option<Range<usize>> {
        let letters = lower.chars().filter(|char| char.is_alphabetic()).count();
        let others = lower.chars().count() - letters;
        if others == 0 || letters < 2 || letters + others < 3 {
            return None;
        }
        let from = self.text.low.len();
        let form = lower.chars().map(|char| fold::leet(char).unwrap_or(char));
        self.text.low.extend(form);
        Some(from..self.text.low.len())
    }
}

fn kind_of_break(char: char, next: Option<char>) -> Break {
    let ends = next.is_none_or(|next| next.is_whitespace() || matches!(next, '"' | ')' | '<'));
    match char {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Break::Sentence,
        '.' | '!' | '?' | '…' if ends => Break::Sentence,
        '.' | '\'' | '’' | '‘' | '`' | '´' | '_' | '*' | '-' | '\u{2010}' | '\u{2011}' if !ends => {
            Break::Tight
        }
        ',' | ';' | ':' | '(' | ')' | '[' | ']' | '–' | '—' | '/' | '|' | '-' | '"' | '•' | '+' => {
            Break::Clause
        }
        _ => Break::Space,
    }
}

/// Words that a dot follows inside a sentence.
const ABBREVIATIONS: &[&str] = &[
    "dhr", "mevr", "mw", "hr", "fr", "dr", "drs", "ir", "ing", "mr", "mrs", "ms", "prof", "st",
    "sr", "sra", "srta", "sig", "ra", "m", "mme", "mlle", "nr", "no", "num", "tel", "bijv", "bv",
    "evt", "incl", "excl", "ca", "resp", "bzw", "ggf", "inkl", "zzgl", "usw", "z", "b", "d", "h",
    "e", "g", "i", "v", "p", "c", "s", "a", "j", "k", "l", "n", "o", "q", "r", "t", "u", "w", "x",
    "y", "f", "ul", "pl", "al", "os", "godz", "str", "abs", "art", "vs", "approx", "dept", "ref",
    "abt", "bzgl", "vgl", "dipl", "blz", "cod", "pag",
];
