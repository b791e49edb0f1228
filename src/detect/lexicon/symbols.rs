//! Words of the lexicons as numbers, and the look-up of a text's word: which of them is it?

use super::pattern::Shape;
use crate::detect::hash::Table;
use crate::detect::text::Text;

/// A word, part of a word or group that patterns are made of.
pub(in crate::detect) type Symbol = u32;

/// Any number.
pub(in crate::detect) const NUMBER: Symbol = 0;

/// The shortest part of a word that is looked for in the middle of words.
const INFIX: usize = 3;

/// All symbols, and tables by which a word finds its own.
#[derive(Debug, Default)]
pub(in crate::detect) struct Symbols {
    whole: Table<Box<str>, Symbol>,
    cased: Table<Box<str>, Symbol>,
    prefixes: Affixes,
    suffixes: Affixes,
    /// By the first three bytes: what must follow, and the symbol.
    infixes: Table<[u8; INFIX], Vec<(Box<str>, Symbol)>>,
    /// By the symbol of a beginning: the end that must be there too, and the symbol of both.
    arounds: Table<Symbol, Vec<(Box<str>, Symbol)>>,
    /// How deep a symbol is: 0 for words and groups of words, more for groups with patterns in them.
    levels: Vec<u8>,
    groups: Table<Symbol, ()>,
    /// Strong single words that may be mistyped.
    forgiven: Vec<(Box<str>, Symbol)>,
    /// Hashes of these words and of their forms with one letter left out, sorted, and whose they are.
    typos: Vec<(u32, u32)>,
}

/// Beginnings or ends of words, by length.
#[derive(Debug, Default)]
struct Affixes {
    lengths: u64,
    table: Table<Box<str>, Symbol>,
}

impl Affixes {
    fn add(&mut self, affix: &str, symbol: Symbol) -> Symbol {
        self.lengths |= 1 << affix.len().min(63);
        *self.table.entry(affix.into()).or_insert(symbol)
    }

    fn find<'a>(&self, parts: impl Fn(usize) -> Option<&'a str>, found: &mut Vec<Symbol>) {
        let mut lengths = self.lengths;
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            if let Some(symbol) = parts(length).and_then(|part| self.table.get(part)) {
                found.push(*symbol);
            }
        }
    }
}

impl Symbols {
    pub(super) fn new() -> Self {
        Self {
            levels: vec![0],
            ..Self::default()
        }
    }

    /// A new symbol that is no word.
    pub(super) fn group(&mut self) -> Symbol {
        self.levels.push(0);
        let symbol = Symbol::try_from(self.levels.len() - 1).unwrap_or(Symbol::MAX);
        self.groups.insert(symbol, ());
        symbol
    }

    pub(super) fn is_group(&self, symbol: Symbol) -> bool {
        self.groups.contains_key(&symbol)
    }

    /// The symbol of a whole word.
    pub(super) fn known(&self, word: &str) -> Option<Symbol> {
        self.whole.get(word).copied()
    }

    /// A group that patterns are in stands at least on this level.
    pub(super) fn raise(&mut self, symbol: Symbol, level: u8) {
        if let Some(slot) = self.levels.get_mut(symbol as usize) {
            *slot = level.max(*slot);
        }
    }

    pub(in crate::detect) fn level(&self, symbol: Symbol) -> u8 {
        self.levels.get(symbol as usize).copied().unwrap_or(0)
    }

    pub(in crate::detect) fn len(&self) -> usize {
        self.levels.len()
    }

    /// The symbol of a word or a part of one.
    pub(super) fn word(&mut self, shape: Shape, word: &str) -> Symbol {
        let next = Symbol::try_from(self.levels.len()).unwrap_or(Symbol::MAX);
        if let (Shape::Around, Some((begin, end))) = (shape, word.split_once('*')) {
            return self.around(begin, end);
        }
        let symbol = match shape {
            Shape::Whole => *self.whole.entry(word.into()).or_insert(next),
            Shape::Cased => *self.cased.entry(word.into()).or_insert(next),
            Shape::Prefix | Shape::Around => self.prefixes.add(word, next),
            Shape::Suffix => self.suffixes.add(word, next),
            Shape::Infix => self.infix(word, next),
        };
        if symbol == next {
            self.levels.push(0);
        }
        symbol
    }

    fn around(&mut self, begin: &str, end: &str) -> Symbol {
        let begin = self.word(Shape::Prefix, begin);
        let list = self.arounds.entry(begin).or_default();
        if let Some((_, symbol)) = list.iter().find(|(known, _)| **known == *end) {
            return *symbol;
        }
        let symbol = Symbol::try_from(self.levels.len()).unwrap_or(Symbol::MAX);
        list.push((end.into(), symbol));
        self.levels.push(0);
        symbol
    }

    fn infix(&mut self, word: &str, next: Symbol) -> Symbol {
        let Some(key) = key(word.as_bytes()) else {
            // Too short to be looked for everywhere: at the beginning will do.
            return self.prefixes.add(word, next);
        };
        let list = self.infixes.entry(key).or_default();
        if let Some((_, symbol)) = list.iter().find(|(known, _)| **known == *word) {
            return *symbol;
        }
        list.push((word.into(), next));
        next
    }

    /// Makes a strong word findable with one letter wrong, missing, added or swapped, once
    /// [`Symbols::close`] was called.
    pub(super) fn forgive(&mut self, word: &str, symbol: Symbol) {
        let place = u32::try_from(self.forgiven.len()).unwrap_or(u32::MAX);
        self.typos.extend(shortened(word).map(|form| (form, place)));
        self.forgiven.push((word.into(), symbol));
    }

    /// Nothing is added after this.
    pub(super) fn close(&mut self) {
        self.typos.sort_unstable();
        self.typos.dedup();
        self.typos.shrink_to_fit();
    }

    /// The strong word that this one probably is, mistyped.
    pub(in crate::detect) fn mistyped(&self, word: &str) -> Option<Symbol> {
        shortened(word)
            .flat_map(|form| {
                let from = self.typos.partition_point(|(known, _)| *known < form);
                let rest = self.typos.get(from..).unwrap_or_default();
                rest.iter().take_while(move |(known, _)| *known == form)
            })
            .filter_map(|(_, place)| self.forgiven.get(*place as usize))
            .find(|(known, _)| is_one_apart(word, known))
            .map(|(_, symbol)| *symbol)
    }

    /// All symbols that the word of a text is.
    pub(in crate::detect) fn of_word(&self, text: &Text, at: usize, found: &mut Vec<Symbol>) {
        let word = text.low(at);
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            found.push(NUMBER);
        }
        self.of_form(word, found);
        found.extend(self.cased.get(text.cased(at)));
        if let Some(form) = text.leet(at) {
            self.of_form(form, found);
        }
        found.sort_unstable();
        found.dedup();
    }

    fn of_form(&self, word: &str, found: &mut Vec<Symbol>) {
        found.extend(self.whole.get(word));
        let from = found.len();
        self.prefixes.find(|length| word.get(..length), found);
        for at in from..found.len() {
            let arounds = found.get(at).and_then(|symbol| self.arounds.get(symbol));
            let fitting = arounds
                .into_iter()
                .flatten()
                .filter(|(end, _)| word.ends_with(&**end));
            found.extend(fitting.map(|(_, symbol)| *symbol));
        }
        let end = word.len();
        let suffix = |length| end.checked_sub(length).and_then(|from| word.get(from..));
        self.suffixes.find(suffix, found);
        for from in 0..end.saturating_sub(INFIX - 1) {
            let rest = word.as_bytes().get(from..).unwrap_or_default();
            let Some(list) = key(rest).and_then(|key| self.infixes.get(&key)) else {
                continue;
            };
            let fitting = list
                .iter()
                .filter(|(part, _)| rest.starts_with(part.as_bytes()));
            found.extend(fitting.map(|(_, symbol)| *symbol));
        }
    }
}

fn key(word: &[u8]) -> Option<[u8; INFIX]> {
    word.first_chunk::<INFIX>().copied()
}

/// The hashes of a word and of the word with each of its letters left out.
fn shortened(word: &str) -> impl Iterator<Item = u32> + '_ {
    let all = short_hash(word);
    let ends = word
        .char_indices()
        .map(|(at, char)| (at, at + char.len_utf8()));
    std::iter::once(all).chain(ends.map(move |(from, to)| {
        let (front, back) = (word.get(..from), word.get(to..));
        let mut form = String::with_capacity(word.len());
        form.push_str(front.unwrap_or_default());
        form.push_str(back.unwrap_or_default());
        short_hash(&form)
    }))
}

fn short_hash(word: &str) -> u32 {
    let [a, b, c, d, ..] = crate::detect::hash::of(&[word.as_bytes()]).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Whether one change makes one word the other: a letter more, less or other, or two swapped.
fn is_one_apart(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let front = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (
        one.get(front..).unwrap_or_default(),
        other.get(front..).unwrap_or_default(),
    );
    let back = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let one = one.get(..one.len() - back).unwrap_or_default();
    let other = other.get(..other.len() - back).unwrap_or_default();
    // The first letter is seldom wrong, and words that differ in it are usually other words.
    front > 0
        && (matches!((one, other), ([_], [_]) | ([], [_]) | ([_], []))
            || matches!((one, other), ([a, b], [c, d]) if a == d && b == c))
}
