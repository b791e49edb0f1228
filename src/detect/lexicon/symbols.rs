//! Words of the lexicons as numbers, and the look-up of a text's word: which of them is it?

use super::flat::{Dictionary, Reader, Words, Writer};
use crate::detect::hash::Table;
use crate::detect::text::Text;

/// A word, part of a word or group that patterns are made of.
pub(in crate::detect) type Symbol = u32;

/// Any number.
pub(in crate::detect) const NUMBER: Symbol = 0;

/// The shortest part of a word that is looked for in the middle of words.
pub(super) const INFIX: usize = 3;

/// Tables by which a word finds its symbols.
#[derive(Debug, Default)]
pub(in crate::detect) struct Symbols {
    pub(super) whole: Dictionary,
    pub(super) cased: Dictionary,
    pub(super) prefixes: Affixes,
    pub(super) suffixes: Affixes,
    pub(super) infixes: Infixes,
    pub(super) arounds: Arounds,
    /// Strong single words that may be mistyped, and their symbols.
    pub(super) forgiven: Words,
    pub(super) meant: Vec<Symbol>,
    /// Hashes of these words and of their forms with one letter left out, sorted, and whose they are.
    pub(super) typos: Vec<u32>,
    pub(super) owners: Vec<u32>,
}

/// By their first three bytes: parts of words and their symbols.
pub(super) type Infixes = Table<[u8; INFIX], Vec<(Box<str>, Symbol)>>;
/// By the symbol of a beginning: the end that must be there too, and the symbol of both.
pub(super) type Arounds = Table<Symbol, Vec<(Box<str>, Symbol)>>;

/// Beginnings or ends of words, by length.
#[derive(Debug, Default)]
pub(super) struct Affixes {
    lengths: u64,
    table: Dictionary,
}

impl Affixes {
    pub(super) fn new(affixes: Vec<(&str, Symbol)>) -> Self {
        Self {
            lengths: affixes
                .iter()
                .fold(0, |lengths, (affix, _)| lengths | 1 << affix.len().min(63)),
            table: Dictionary::new(affixes),
        }
    }

    fn find<'a>(&self, parts: impl Fn(usize) -> Option<&'a str>, found: &mut Vec<Symbol>) {
        let mut lengths = self.lengths;
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            found.extend(parts(length).and_then(|part| self.table.get(part)));
        }
    }

    fn write(&self, writer: &mut Writer) {
        let [low, high] = halves(self.lengths);
        writer.numbers(&[low, high]);
        writer.dictionary(&self.table);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [low, high] = reader.numbers()?.try_into().ok()?;
        Some(Self {
            lengths: u64::from(low) | u64::from(high) << 32,
            table: reader.dictionary()?,
        })
    }
}

fn halves(number: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes)
}

impl Symbols {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.dictionary(&self.whole);
        writer.dictionary(&self.cased);
        self.prefixes.write(writer);
        self.suffixes.write(writer);
        let mut infixes: Vec<&(Box<str>, Symbol)> = self.infixes.values().flatten().collect();
        infixes.sort_unstable();
        writer.words(&Words::new(infixes.iter().map(|(part, _)| &**part)));
        let symbols = infixes.iter().map(|(_, symbol)| *symbol);
        writer.numbers(&symbols.collect::<Vec<u32>>());
        let mut arounds: Vec<(Symbol, &(Box<str>, Symbol))> = self
            .arounds
            .iter()
            .flat_map(|(begin, ends)| ends.iter().map(|end| (*begin, end)))
            .collect();
        arounds.sort_unstable();
        writer.words(&Words::new(arounds.iter().map(|(_, (end, _))| &**end)));
        let symbols = arounds
            .iter()
            .flat_map(|(begin, (_, symbol))| [*begin, *symbol]);
        writer.numbers(&symbols.collect::<Vec<u32>>());
        writer.words(&self.forgiven);
        for numbers in [&self.meant, &self.typos, &self.owners] {
            writer.numbers(numbers);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            whole: reader.dictionary()?,
            cased: reader.dictionary()?,
            prefixes: Affixes::read(reader)?,
            suffixes: Affixes::read(reader)?,
            infixes: infixes(&reader.words()?, &reader.numbers()?)?,
            arounds: arounds(&reader.words()?, &reader.numbers()?)?,
            forgiven: reader.words()?,
            meant: reader.numbers()?,
            typos: reader.numbers()?,
            owners: reader.numbers()?,
        })
    }

    /// The strong word that this one probably is, mistyped.
    pub(in crate::detect) fn mistyped(&self, word: &str) -> Option<Symbol> {
        shortened(word)
            .flat_map(|form| {
                let from = self.typos.partition_point(|known| *known < form);
                let rest = self.typos.get(from..).unwrap_or_default().iter();
                let same = rest.take_while(move |known| **known == form);
                self.owners.get(from..).unwrap_or_default().iter().zip(same)
            })
            .map(|(place, _)| *place as usize)
            .find(|place| {
                let known = self.forgiven.get(*place);
                known.is_some_and(|known| is_one_apart(word, known))
            })
            .and_then(|place| self.meant.get(place).copied())
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

fn infixes(parts: &Words, symbols: &[Symbol]) -> Option<Infixes> {
    let mut infixes = Infixes::default();
    for (at, symbol) in symbols.iter().enumerate() {
        let part = parts.get(at)?;
        let list = infixes.entry(key(part.as_bytes())?).or_default();
        list.push((part.into(), *symbol));
    }
    Some(infixes)
}

fn arounds(ends: &Words, symbols: &[Symbol]) -> Option<Arounds> {
    let mut arounds = Arounds::default();
    for (at, [begin, symbol]) in symbols.as_chunks::<2>().0.iter().enumerate() {
        let list = arounds.entry(*begin).or_default();
        list.push((ends.get(at)?.into(), *symbol));
    }
    Some(arounds)
}

pub(super) fn key(word: &[u8]) -> Option<[u8; INFIX]> {
    word.first_chunk::<INFIX>().copied()
}

/// The hashes of a word and of the word with each of its letters left out.
pub(super) fn shortened(word: &str) -> impl Iterator<Item = u32> + '_ {
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
