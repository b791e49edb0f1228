//! Finds all patterns in a text: words become symbols, symbols become groups, groups become hits.
//!
//! A pattern is tried only where its rarest step stands, and from there over a window of at most
//! 63 words in each direction, inside one sentence. So the work for a word is bounded by the
//! lexicon and never by the text's length.

use std::ops::Range;

use super::lexicon::symbols::Symbol;
use super::lexicon::{Built, Lists, Meaning, Move, Pattern};
use super::text::Text;

/// The compiled lexicons.
#[derive(Debug)]
pub(super) struct Matcher {
    pub built: Built,
}

/// A hit of a lexicon's pattern.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Hit {
    /// The entry of the lexicon.
    pub entry: u32,
    /// The words that it covers.
    pub words: Range<usize>,
    /// Whether a letter of it is wrong.
    pub mistyped: bool,
}

/// The symbols of a text's words.
#[derive(Debug, Default)]
pub(super) struct Symbolic {
    /// For each word, the symbols that begin there and how many words they have.
    starts: Vec<Vec<(Symbol, u8)>>,
    /// For each word, the symbols that end there.
    ends: Vec<Vec<(Symbol, u8)>>,
}

impl Symbolic {
    /// How many words a symbol has that begins at a word, each way in which it does.
    pub(super) fn starting(
        &self,
        at: usize,
        symbol: Symbol,
        built: &Built,
    ) -> impl Iterator<Item = u8> + '_ {
        of(&self.starts, at, symbol).chain(self.member(at, symbol, built))
    }

    fn ending(&self, at: usize, symbol: Symbol, built: &Built) -> impl Iterator<Item = u8> + '_ {
        of(&self.ends, at, symbol).chain(self.member(at, symbol, built))
    }

    /// One word, when it is a member of the group.
    fn member(&self, at: usize, symbol: Symbol, built: &Built) -> Option<u8> {
        let members = built.members(symbol);
        let is = |(own, length): &(Symbol, u8)| *length == 1 && members.binary_search(own).is_ok();
        self.at(at).iter().any(is).then_some(1)
    }

    /// All symbols that begin at a word.
    pub(super) fn at(&self, at: usize) -> &[(Symbol, u8)] {
        self.starts.get(at).map(Vec::as_slice).unwrap_or_default()
    }

    fn add(&mut self, words: &Range<usize>, symbol: Symbol) {
        let length = u8::try_from(words.len()).unwrap_or(u8::MAX);
        if let Some(list) = self.starts.get_mut(words.start)
            && !list.contains(&(symbol, length))
        {
            list.push((symbol, length));
            if let Some(list) = words
                .end
                .checked_sub(1)
                .and_then(|last| self.ends.get_mut(last))
            {
                list.push((symbol, length));
            }
        }
    }
}

fn of(lists: &[Vec<(Symbol, u8)>], at: usize, symbol: Symbol) -> impl Iterator<Item = u8> + '_ {
    let list = lists.get(at).map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .filter(move |(known, _)| *known == symbol)
        .map(|(_, length)| *length)
}

impl Matcher {
    /// The symbols of a text and the hits in it.
    pub(super) fn run(&self, text: &Text) -> (Symbolic, Vec<Hit>) {
        let mut symbolic = self.words(text);
        let mut hits = Vec::new();
        for sentence in text.sentences() {
            for triggers in &self.built.triggers {
                self.level(triggers, &sentence, &mut symbolic, &mut hits);
            }
            self.mistyped(text, &sentence, &symbolic, &mut hits);
        }
        (symbolic, hits)
    }

    fn words(&self, text: &Text) -> Symbolic {
        let mut symbolic = Symbolic::default();
        let mut found = Vec::new();
        for at in 0..text.words.len() {
            found.clear();
            self.built.symbols.of_word(text, at, &mut found);
            let list: Vec<(Symbol, u8)> = found.iter().map(|symbol| (*symbol, 1)).collect();
            symbolic.ends.push(list.clone());
            symbolic.starts.push(list);
        }
        symbolic
    }

    /// All patterns of one level in one sentence.
    fn level(
        &self,
        triggers: &Lists,
        sentence: &Range<usize>,
        symbolic: &mut Symbolic,
        hits: &mut Vec<Hit>,
    ) {
        let mut new = Vec::new();
        for at in sentence.clone() {
            for (symbol, length) in symbolic.at(at) {
                for pattern in triggers.get(*symbol as usize) {
                    let Some(pattern) = self.built.pattern(*pattern) else {
                        continue;
                    };
                    let anchor = at..at + usize::from(*length);
                    if let Some(words) = fit(&pattern, anchor, sentence, symbolic, &self.built) {
                        match pattern.meaning {
                            Meaning::Symbol(symbol) => new.push((words, symbol)),
                            Meaning::Hit(entry) => hits.push(Hit {
                                entry,
                                words,
                                mistyped: false,
                            }),
                        }
                    }
                }
            }
        }
        for (words, symbol) in new {
            symbolic.add(&words, symbol);
        }
    }

    /// Strong words with a letter wrong, among the words that no lexicon has.
    fn mistyped(
        &self,
        text: &Text,
        sentence: &Range<usize>,
        symbolic: &Symbolic,
        hits: &mut Vec<Hit>,
    ) {
        for at in sentence.clone() {
            let word = text.low(at);
            if word.len() < 7 || word.len() > 24 || !symbolic.at(at).is_empty() {
                continue;
            }
            let Some(symbol) = self.built.symbols.mistyped(word) else {
                continue;
            };
            let triggers = self.built.triggers.first();
            let patterns = triggers.map(|triggers| triggers.get(symbol as usize));
            for pattern in patterns.unwrap_or_default() {
                if let Some(pattern) = self.built.pattern(*pattern)
                    && let Meaning::Hit(entry) = pattern.meaning
                    && pattern.len() == 1
                {
                    hits.push(Hit {
                        entry,
                        words: at..at + 1,
                        mistyped: true,
                    });
                }
            }
        }
    }
}

/// The shortest words that a pattern covers, its anchor standing where it stands.
fn fit(
    pattern: &Pattern<'_>,
    anchor: Range<usize>,
    sentence: &Range<usize>,
    symbolic: &Symbolic,
    built: &Built,
) -> Option<Range<usize>> {
    if pattern.len() == 1 {
        return Some(anchor);
    }
    let (front, rest) = pattern.sides()?;
    let room_left = anchor.start.checked_sub(sentence.start)?;
    let left = walk(front, room_left, |back, symbol, to: &mut dyn FnMut(u8)| {
        if let Some(last) = anchor.start.checked_sub(back + 1) {
            symbolic.ending(last, symbol, built).for_each(to);
        }
    })?;
    let room_right = sentence.end.checked_sub(anchor.end)?;
    let right = walk(rest, room_right, |ahead, symbol, to: &mut dyn FnMut(u8)| {
        symbolic
            .starting(anchor.end + ahead, symbol, built)
            .for_each(to);
    })?;
    Some(anchor.start - left..anchor.end + right)
}

/// The least distance at which all steps fit, going one way from the anchor; positions are bits.
fn walk(
    steps: impl Iterator<Item = Move>,
    room: usize,
    at: impl Fn(usize, Symbol, &mut dyn FnMut(u8)),
) -> Option<usize> {
    let inside = u64::MAX >> (63 - room.min(63));
    let mut positions = 1_u64;
    let over = |positions: u64, symbol: Symbol| {
        let (mut next, mut rest) = (0, positions);
        while rest != 0 {
            let distance = rest.trailing_zeros();
            rest &= rest - 1;
            at(distance as usize, symbol, &mut |length| {
                let to = distance + u32::from(length);
                if to < 64 {
                    next |= 1_u64 << to;
                }
            });
        }
        next
    };
    for step in steps {
        positions = match step {
            Move::Over(symbol) => over(positions, symbol),
            Move::Maybe(symbol) => positions | over(positions, symbol),
            Move::Any => positions << 1,
            Move::Gap(words) => (0..=words).fold(0, |all, skip| all | positions << skip),
        } & inside;
        if positions == 0 {
            return None;
        }
    }
    Some(positions.trailing_zeros() as usize)
}
