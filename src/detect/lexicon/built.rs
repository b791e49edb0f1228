//! All lexicons, compiled: patterns over symbols. Made by `compile`, written into the program by
//! `build.rs`, read at the start.

use super::Weight;
use super::flat::{Lists, Reader, Words, Writer, number};
use super::symbols::{Symbol, Symbols};
use crate::detect::category::{Language, Special};

/// The first bytes of a compiled lexicon; another number for another shape.
const MAGIC: &[u8] = b"SLX1";

/// All lexicons, compiled.
#[derive(Debug)]
pub(in crate::detect) struct Built {
    pub symbols: Symbols,
    pub(super) moves: Lists,
    /// For each pattern the place of its rarest step, from which it is matched in both directions.
    pub(super) anchors: Vec<u32>,
    /// For each pattern what it means.
    pub(super) meanings: Vec<u32>,
    /// For each entry its language, category and weight, a byte each.
    pub(super) entries: Vec<u32>,
    /// For each entry the pattern as it stands in the file.
    pub(super) sources: Words,
    /// For each group, the words and parts of words that are in it, sorted; what else is in it are
    /// patterns.
    pub members: Lists,
    /// By level: for each symbol the patterns that are anchored in it.
    pub triggers: Vec<Lists>,
    /// The groups that the engine itself asks for.
    pub groups: Vec<(Language, String, Symbol)>,
}

/// A step of a pattern over symbols.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::detect) enum Move {
    /// A symbol.
    Over(Symbol),
    /// Exactly one word.
    Any,
    /// At most so many words.
    Gap(u8),
    /// A symbol or nothing.
    Maybe(Symbol),
}

impl Move {
    pub(super) fn pack(self) -> u32 {
        match self {
            Self::Over(symbol) => symbol << 2,
            Self::Any => 1,
            Self::Gap(words) => u32::from(words) << 2 | 2,
            Self::Maybe(symbol) => symbol << 2 | 3,
        }
    }

    fn unpack(packed: u32) -> Self {
        match (packed & 3, packed >> 2) {
            (0, symbol) => Self::Over(symbol),
            (1, _) => Self::Any,
            (2, words) => Self::Gap(u8::try_from(words).unwrap_or(u8::MAX)),
            (_, symbol) => Self::Maybe(symbol),
        }
    }
}

/// What a pattern means where it fits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::detect) enum Meaning {
    /// A symbol stands there.
    Symbol(Symbol),
    /// A hit: the place of its entry.
    Hit(u32),
}

impl Meaning {
    pub(super) fn pack(self) -> u32 {
        match self {
            Self::Symbol(symbol) => symbol << 1,
            Self::Hit(entry) => entry << 1 | 1,
        }
    }

    fn unpack(packed: u32) -> Self {
        match packed & 1 {
            0 => Self::Symbol(packed >> 1),
            _ => Self::Hit(packed >> 1),
        }
    }
}

/// A pattern over symbols.
#[derive(Clone, Copy, Debug)]
pub(in crate::detect) struct Pattern<'a> {
    moves: &'a [u32],
    pub anchor: usize,
    pub meaning: Meaning,
}

impl<'a> Pattern<'a> {
    /// How many steps it has.
    pub(in crate::detect) fn len(&self) -> usize {
        self.moves.len()
    }

    /// The steps before the anchor, nearest first, and those behind it.
    pub(in crate::detect) fn sides(
        &self,
    ) -> Option<(
        impl Iterator<Item = Move> + 'a,
        impl Iterator<Item = Move> + 'a,
    )> {
        let (front, rest) = self.moves.split_at_checked(self.anchor)?;
        let read = |packed: &u32| Move::unpack(*packed);
        Some((front.iter().rev().map(read), rest.iter().skip(1).map(read)))
    }
}

/// What a hit says.
#[derive(Clone, Copy, Debug)]
pub(in crate::detect) struct Entry<'a> {
    pub language: Language,
    pub category: Special,
    pub weight: Weight,
    /// As it stands in the file.
    pub source: &'a str,
}

impl Entry<'_> {
    pub(super) fn pack(&self) -> u32 {
        let weight = Weight::ALL.iter().position(|(_, own)| *own == self.weight);
        number(self.language.index())
            | number(self.category.index()) << 8
            | number(weight.unwrap_or(usize::MAX)) << 16
    }
}

impl Built {
    pub(in crate::detect) fn pattern(&self, at: u32) -> Option<Pattern<'_>> {
        let at = at as usize;
        Some(Pattern {
            moves: self.moves.get(at),
            anchor: *self.anchors.get(at)? as usize,
            meaning: Meaning::unpack(*self.meanings.get(at)?),
        })
    }

    pub(in crate::detect) fn entry(&self, at: u32) -> Option<Entry<'_>> {
        let [language, category, weight, _] = self.entries.get(at as usize)?.to_le_bytes();
        Some(Entry {
            language: *Language::ALL.get(usize::from(language))?,
            category: *Special::ALL.get(usize::from(category))?,
            weight: Weight::ALL.get(usize::from(weight))?.1,
            source: self.sources.get(at as usize)?,
        })
    }

    /// The words and parts of words that are in a group.
    pub(in crate::detect) fn members(&self, group: Symbol) -> &[Symbol] {
        self.members.get(group as usize)
    }

    /// As bytes, for [`Built::read`].
    pub(in crate::detect) fn write(&self) -> Vec<u8> {
        let mut writer = Writer {
            bytes: MAGIC.to_vec(),
        };
        self.symbols.write(&mut writer);
        writer.lists(&self.moves);
        for numbers in [&self.anchors, &self.meanings, &self.entries] {
            writer.numbers(numbers);
        }
        writer.words(&self.sources);
        writer.lists(&self.members);
        writer.words(&Words::new(
            self.groups.iter().map(|(_, name, _)| name.as_str()),
        ));
        let groups = self.groups.iter();
        let numbers = groups.flat_map(|(language, _, symbol)| [number(language.index()), *symbol]);
        writer.numbers(&numbers.collect::<Vec<u32>>());
        for level in &self.triggers {
            writer.lists(level);
        }
        writer.bytes
    }

    /// Reads compiled lexicons; `None` when they are none, or of another shape.
    pub(in crate::detect) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader {
            rest: bytes.strip_prefix(MAGIC)?,
        };
        let mut built = Self {
            symbols: Symbols::read(&mut reader)?,
            moves: reader.lists()?,
            anchors: reader.numbers()?,
            meanings: reader.numbers()?,
            entries: reader.numbers()?,
            sources: reader.words()?,
            members: reader.lists()?,
            triggers: Vec::new(),
            groups: groups(&mut reader)?,
        };
        while !reader.rest.is_empty() {
            built.triggers.push(reader.lists()?);
        }
        Some(built)
    }
}

fn groups(reader: &mut Reader<'_>) -> Option<Vec<(Language, String, Symbol)>> {
    let (names, numbers) = (reader.words()?, reader.numbers()?);
    let groups = numbers.as_chunks::<2>().0.iter().enumerate();
    groups
        .map(|(at, [language, symbol])| {
            let language = Language::ALL.get(*language as usize)?;
            Some((*language, names.get(at)?.to_owned(), *symbol))
        })
        .collect()
}
