//! The symbols while the lexicons are compiled: each word, part of a word and group gets a number.

use super::pattern::Shape;
use crate::detect::hash::Table;
use crate::detect::lexicon::flat::{Dictionary, Words};
use crate::detect::lexicon::symbols::{Affixes, Arounds, Infixes, Symbol, Symbols, key, shortened};

/// All symbols so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    whole: Table<Box<str>, Symbol>,
    cased: Table<Box<str>, Symbol>,
    prefixes: Table<Box<str>, Symbol>,
    suffixes: Table<Box<str>, Symbol>,
    infixes: Infixes,
    arounds: Arounds,
    /// How deep a symbol is: 0 for words and groups of words, more for groups with patterns in them.
    levels: Vec<u8>,
    groups: Table<Symbol, ()>,
    forgiven: Vec<(Box<str>, Symbol)>,
}

impl Names {
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

    pub(super) fn level(&self, symbol: Symbol) -> u8 {
        self.levels.get(symbol as usize).copied().unwrap_or(0)
    }

    pub(super) fn len(&self) -> usize {
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
            Shape::Prefix | Shape::Around => *self.prefixes.entry(word.into()).or_insert(next),
            Shape::Suffix => *self.suffixes.entry(word.into()).or_insert(next),
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
            return *self.prefixes.entry(word.into()).or_insert(next);
        };
        let list = self.infixes.entry(key).or_default();
        if let Some((_, symbol)) = list.iter().find(|(known, _)| **known == *word) {
            return *symbol;
        }
        list.push((word.into(), next));
        next
    }

    /// Makes a strong word findable with one letter wrong, missing, added or swapped.
    pub(super) fn forgive(&mut self, word: &str, symbol: Symbol) {
        self.forgiven.push((word.into(), symbol));
    }

    /// The tables by which words are found; nothing is added after this.
    pub(super) fn close(self) -> Symbols {
        let mut typos: Vec<(u32, u32)> = (0..)
            .zip(&self.forgiven)
            .flat_map(|(place, (word, _))| shortened(word).map(move |form| (form, place)))
            .collect();
        typos.sort_unstable();
        typos.dedup();
        Symbols {
            whole: Dictionary::new(pairs(&self.whole)),
            cased: Dictionary::new(pairs(&self.cased)),
            prefixes: Affixes::new(pairs(&self.prefixes)),
            suffixes: Affixes::new(pairs(&self.suffixes)),
            infixes: self.infixes,
            arounds: self.arounds,
            forgiven: Words::new(self.forgiven.iter().map(|(word, _)| &**word)),
            meant: self.forgiven.iter().map(|(_, symbol)| *symbol).collect(),
            typos: typos.iter().map(|(form, _)| *form).collect(),
            owners: typos.iter().map(|(_, place)| *place).collect(),
        }
    }
}

fn pairs(table: &Table<Box<str>, Symbol>) -> Vec<(&str, Symbol)> {
    table
        .iter()
        .map(|(word, symbol)| (&**word, *symbol))
        .collect()
}
