//! A text as words, numbers and marks, with what the words say of their neighbours.

mod letters;

use crate::detect::identifiers::cues::{CueList, Cues};

pub use letters::fold;
use letters::{Tally, continues, fold_into, is_gap, shape_of};

/// What a token is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// A run of letters.
    Letters,
    /// A run of the digits 0 to 9.
    Digits,
    /// One other character that is no space.
    Mark(char),
    /// The end of a line.
    Break,
}

/// How a run of letters is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Case {
    Lower,
    /// Begins with a capital: "Jan", "McDonald".
    Capital,
    /// Capitals only; a single capital too.
    Upper,
}

/// One word, number or mark.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    pub shape: Shape,
    pub case: Case,
    /// Whether nothing stands between it and the token before.
    pub glued: bool,
    /// Which sentence it belongs to, counted from 0; a line ends one.
    pub sentence: usize,
    /// What it says of its neighbours, as the last word of a phrase of `cues.txt`.
    pub cues: Cues,
    folded: (usize, usize),
}

/// A text, cut into tokens once and read by every recognizer.
pub struct Text<'a> {
    raw: &'a str,
    folded: String,
    tokens: Vec<Token>,
}

impl<'a> Text<'a> {
    /// With what its words say of their neighbours.
    pub fn read(raw: &'a str, list: &CueList) -> Self {
        let mut text = Self::plain(raw);
        list.mark(&mut text);
        text
    }

    /// Without it.
    pub fn plain(raw: &'a str) -> Self {
        let mut text = Self {
            raw,
            folded: String::with_capacity(raw.len()),
            tokens: Vec::with_capacity(raw.len() / 4),
        };
        text.cut();
        text.number_sentences();
        text
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn get(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// The token as it stands in the text; empty behind the end.
    pub fn raw(&self, at: usize) -> &'a str {
        self.get(at)
            .and_then(|token| self.raw.get(token.start..token.end))
            .unwrap_or_default()
    }

    /// The token in lower case without accents; empty behind the end.
    pub fn folded(&self, at: usize) -> &str {
        self.get(at)
            .and_then(|token| self.folded.get(token.folded.0..token.folded.1))
            .unwrap_or_default()
    }

    /// The bytes from the first token to the last one, which belongs to it.
    pub fn bytes(&self, first: usize, last: usize) -> (usize, usize) {
        let start = self.get(first).map_or(self.raw.len(), |token| token.start);
        let end = self.get(last).map_or(self.raw.len(), |token| token.end);
        (start, end)
    }

    pub fn is_mark(&self, at: usize, mark: char) -> bool {
        self.get(at)
            .is_some_and(|token| token.shape == Shape::Mark(mark))
    }

    pub fn is_one_of(&self, at: usize, marks: &str) -> bool {
        self.get(at)
            .is_some_and(|token| matches!(token.shape, Shape::Mark(mark) if marks.contains(mark)))
    }

    pub fn is_letters(&self, at: usize) -> bool {
        self.get(at)
            .is_some_and(|token| token.shape == Shape::Letters)
    }

    /// How many digits the token has; 0 when it is no number.
    pub fn digits(&self, at: usize) -> usize {
        self.get(at)
            .filter(|token| token.shape == Shape::Digits)
            .map_or(0, |token| token.end - token.start)
    }

    /// The number that the token is; nothing when it has more than nine digits.
    pub fn number(&self, at: usize) -> Option<u32> {
        (1..=9)
            .contains(&self.digits(at))
            .then(|| self.raw(at).parse().ok())
            .flatten()
    }

    pub fn is_glued(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.glued)
    }

    pub fn is_break(&self, at: usize) -> bool {
        self.get(at)
            .is_some_and(|token| token.shape == Shape::Break)
    }

    /// Whether the token begins with a capital letter.
    pub fn is_capital(&self, at: usize) -> bool {
        self.get(at)
            .is_some_and(|token| token.shape == Shape::Letters && token.case != Case::Lower)
    }

    pub fn is_upper(&self, at: usize) -> bool {
        self.get(at)
            .is_some_and(|token| token.shape == Shape::Letters && token.case == Case::Upper)
    }

    /// Whether a letter or a digit stands at `at` without a space before it.
    pub fn runs_on(&self, at: usize) -> bool {
        self.is_glued(at) && (self.is_letters(at) || self.digits(at) > 0)
    }

    /// Whether no letter or digit touches the token from the left.
    pub fn begins(&self, at: usize) -> bool {
        !self.is_glued(at)
            || at
                .checked_sub(1)
                .is_none_or(|before| !self.is_letters(before) && self.digits(before) == 0)
    }

    pub fn says(&self, at: usize, cues: Cues) -> bool {
        self.get(at).is_some_and(|token| token.cues.any(cues))
    }

    /// How many tokens before `at` the nearest of the cues stands, in the same sentence.
    pub fn cue_before(&self, at: usize, cues: Cues, reach: usize) -> Option<usize> {
        let sentence = self.get(at)?.sentence;
        (1..=reach.min(at)).find(|back| {
            self.get(at - back)
                .is_some_and(|token| token.sentence == sentence && token.cues.any(cues))
        })
    }

    /// How many tokens behind `at` the nearest of the cues stands, in the same sentence.
    pub fn cue_after(&self, at: usize, cues: Cues, reach: usize) -> Option<usize> {
        let sentence = self.get(at)?.sentence;
        (1..=reach).find(|ahead| {
            self.get(at + ahead)
                .is_some_and(|token| token.sentence == sentence && token.cues.any(cues))
        })
    }

    /// Whether one of `cues` stands before `at`, and none of `others` nearer.
    pub fn is_said(&self, at: usize, cues: Cues, others: Cues, reach: usize) -> bool {
        self.cue_before(at, cues, reach).is_some_and(|near| {
            self.cue_before(at, others, near)
                .is_none_or(|other| other >= near)
        })
    }

    /// Whether the token is the first word of its sentence.
    pub fn is_first(&self, at: usize) -> bool {
        let Some(token) = self.get(at) else {
            return false;
        };
        (1..=at.min(3))
            .map(|back| at - back)
            .take_while(|before| {
                self.get(*before)
                    .is_some_and(|other| other.sentence == token.sentence)
            })
            .all(|before| !self.is_letters(before) && self.digits(before) == 0)
    }

    pub(super) fn add_cues(&mut self, at: usize, cues: Cues) {
        if let Some(token) = self.tokens.get_mut(at) {
            token.cues = token.cues.and(cues);
        }
    }

    fn cut(&mut self) {
        let mut glued = false;
        let mut rest = self.raw.char_indices().peekable();
        while let Some((start, first)) = rest.next() {
            if is_gap(first) {
                glued = false;
                continue;
            }
            let shape = shape_of(first);
            let (mut end, mut case, from) = (
                start + first.len_utf8(),
                Tally::default(),
                self.folded.len(),
            );
            case.add(first);
            fold_into(first, &mut self.folded);
            while let Some((at, next)) = rest.peek().copied() {
                if !continues(shape, next) {
                    break;
                }
                end = at + next.len_utf8();
                case.add(next);
                fold_into(next, &mut self.folded);
                rest.next();
            }
            self.tokens.push(Token {
                start,
                end,
                shape,
                case: case.verdict(),
                glued,
                sentence: 0,
                cues: Cues::default(),
                folded: (from, self.folded.len()),
            });
            glued = shape != Shape::Break;
        }
    }

    /// A sentence ends with a line, and with a full stop, a question or exclamation mark before a
    /// capital, unless the word before is as short as an abbreviation.
    fn number_sentences(&mut self) {
        let mut sentence = 0;
        for at in 0..self.tokens.len() {
            let ends = match self.tokens.get(at).map(|token| token.shape) {
                Some(Shape::Break | Shape::Mark('!' | '?' | ';')) => true,
                Some(Shape::Mark('.')) => {
                    let before = at.checked_sub(1);
                    let long = before.is_some_and(|before| {
                        self.raw(before).chars().count() > 4 || self.is_mark(before, ')')
                    });
                    long && !self.is_glued(at + 1) && self.is_capital(at + 1)
                }
                _ => false,
            };
            if let Some(token) = self.tokens.get_mut(at) {
                token.sentence = sentence;
            }
            sentence += usize::from(ends);
        }
    }
}
