//! From files to patterns over symbols.

mod names;
mod pattern;
mod source;

use super::Weight;
use super::built::{Built, Entry, Meaning, Move};
use super::flat::{Lists as Rows, Words, number};
use super::symbols::{NUMBER, Symbol};
use crate::detect::category::Language;
use crate::detect::hash::{self, Table};
use crate::detect::language::COMMON as COMMON_WORDS;
use names::Names;
use pattern::{Shape, Step, parse};
use source::{Lists, category, groups, lists, pattern_error};

pub use source::{LexiconError, Source};

/// A pattern over symbols.
struct Pattern {
    moves: Box<[Move]>,
    /// The place of its rarest step.
    anchor: usize,
    level: u8,
    meaning: Meaning,
}

/// Compiles lexicons.
pub(in crate::detect) fn compile(sources: &[Source<'_>]) -> Result<Built, LexiconError> {
    let mut builder = Builder {
        names: Names::new(),
        patterns: Vec::new(),
        entries: Vec::new(),
        sources: Vec::new(),
        members: Table::default(),
        groups: Vec::new(),
        alternatives: Table::default(),
    };
    for language in Language::ALL {
        let of_language = || {
            sources
                .iter()
                .filter(move |source| source.language == language)
        };
        let cues = of_language().find(|source| source.name == "cues");
        let mut scope = Scope::read(cues.copied().unwrap_or(Source {
            language,
            name: "cues",
            text: "groups = {}",
        }))?;
        for name in scope.lists.keys().cloned().collect::<Vec<_>>() {
            let symbol = builder.named(&mut scope, &name, 0)?;
            builder.groups.push((language, name, symbol));
        }
        for source in of_language().filter(|source| source.name != "cues") {
            builder.file(&mut scope, *source)?;
        }
    }
    builder.anchor();
    Ok(builder.finish())
}

/// The groups of one language.
struct Scope<'a> {
    cues: Source<'a>,
    lists: Lists,
    known: Table<String, Symbol>,
}

impl<'a> Scope<'a> {
    fn read(cues: Source<'a>) -> Result<Self, LexiconError> {
        Ok(Self {
            cues,
            lists: groups(cues)?,
            known: Table::default(),
        })
    }
}

/// How deep groups may name one another.
const DEEPEST: u8 = 8;

struct Builder {
    names: Names,
    patterns: Vec<Pattern>,
    /// Language, category and weight of each entry, packed.
    entries: Vec<u32>,
    /// The pattern of each entry as it stands in the file.
    sources: Vec<String>,
    members: Table<Symbol, Vec<Symbol>>,
    groups: Vec<(Language, String, Symbol)>,
    /// Alternatives in brackets that were seen, by the hash of their steps.
    alternatives: Table<u64, Symbol>,
}

impl Builder {
    fn file(&mut self, scope: &mut Scope<'_>, source: Source<'_>) -> Result<(), LexiconError> {
        let category = category(source)?;
        let lists = lists(source)?;
        for (name, weight) in Weight::ALL {
            for pattern in lists.get(name).into_iter().flatten() {
                let wrong = |message| pattern_error(source, name, pattern, message);
                let steps = parse(pattern.get_ref()).map_err(wrong)?;
                let moves = self
                    .moves(scope, source.language, &steps, 0)
                    .map_err(wrong)?;
                if weight == Weight::Strong {
                    self.forgive(&steps, &moves);
                }
                let entry = Entry {
                    language: source.language,
                    category,
                    weight,
                    source: pattern.get_ref(),
                };
                self.add(moves, Meaning::Hit(number(self.entries.len())));
                self.entries.push(entry.pack());
                self.sources.push(entry.source.to_owned());
            }
        }
        Ok(())
    }

    /// Strong single words of seven letters and more may be mistyped.
    fn forgive(&mut self, steps: &[Step], moves: &[Move]) {
        if let ([Step::Word(Shape::Whole, word)], [Move::Over(symbol)]) = (steps, moves)
            && word.len() >= 7
            && word.bytes().all(|byte| byte.is_ascii_lowercase())
        {
            self.names.forgive(word, *symbol);
        }
    }

    /// The symbol of a group, made on first use.
    fn named(
        &mut self,
        scope: &mut Scope<'_>,
        name: &str,
        depth: u8,
    ) -> Result<Symbol, LexiconError> {
        if let Some(symbol) = scope.known.get(name) {
            return Ok(*symbol);
        }
        let patterns = scope.lists.get(name).cloned().unwrap_or_default();
        let symbol = self.names.group();
        for pattern in &patterns {
            let cues = scope.cues;
            let wrong = |message| pattern_error(cues, name, pattern, message);
            let steps = parse(pattern.get_ref()).map_err(wrong)?;
            let moves = self
                .moves(scope, cues.language, &steps, depth + 1)
                .map_err(wrong)?;
            self.join(symbol, moves);
        }
        self.close(symbol);
        scope.known.insert(name.to_owned(), symbol);
        Ok(symbol)
    }

    fn moves(
        &mut self,
        scope: &mut Scope<'_>,
        language: Language,
        steps: &[Step],
        depth: u8,
    ) -> Result<Vec<Move>, String> {
        steps
            .iter()
            .map(|step| {
                Ok(match step {
                    Step::Any => Move::Any,
                    Step::Gap(words) => Move::Gap(*words),
                    Step::Number => Move::Over(NUMBER),
                    Step::Word(shape, word) => Move::Over(self.names.word(*shape, word)),
                    Step::Group(name) => Move::Over(self.group(scope, name, depth)?),
                    Step::Either(parts) => Move::Over(self.either(scope, language, parts, depth)?),
                    Step::Maybe(steps) => {
                        let parts = [steps.clone()];
                        Move::Maybe(self.either(scope, language, &parts, depth)?)
                    }
                })
            })
            .collect()
    }

    fn group(&mut self, scope: &mut Scope<'_>, name: &str, depth: u8) -> Result<Symbol, String> {
        if depth > DEEPEST {
            return Err(format!("@{name} names itself, or groups are too deep"));
        }
        if !scope.lists.contains_key(name) {
            return Err(format!("there is no group @{name} in cues.toml"));
        }
        self.named(scope, name, depth)
            .map_err(|error| error.to_string())
    }

    fn either(
        &mut self,
        scope: &mut Scope<'_>,
        language: Language,
        parts: &[Vec<Step>],
        depth: u8,
    ) -> Result<Symbol, String> {
        let key = hash::of_debug(&(language, parts));
        if let Some(symbol) = self.alternatives.get(&key) {
            return Ok(*symbol);
        }
        let symbol = self.names.group();
        for part in parts {
            let moves = self.moves(scope, language, part, depth)?;
            self.join(symbol, moves);
        }
        self.close(symbol);
        self.alternatives.insert(key, symbol);
        Ok(symbol)
    }

    /// Puts an alternative into a group: a word as a member, anything longer as a pattern.
    fn join(&mut self, group: Symbol, moves: Vec<Move>) {
        if let [Move::Over(symbol)] = moves.as_slice() {
            let inner = self.members.get(symbol).cloned();
            let is_group = self.names.is_group(*symbol);
            let members = self.members.entry(group).or_default();
            members.extend(inner.into_iter().flatten());
            if !is_group {
                members.push(*symbol);
            }
            if !is_group || self.names.level(*symbol) == 0 {
                return;
            }
        }
        let level = self.level(&moves) + 1;
        self.names.raise(group, level);
        self.add(moves, Meaning::Symbol(group));
    }

    fn close(&mut self, group: Symbol) {
        if let Some(members) = self.members.get_mut(&group) {
            members.sort_unstable();
            members.dedup();
            members.shrink_to_fit();
        }
    }

    fn level(&self, moves: &[Move]) -> u8 {
        let levels = moves.iter().map(|step| match step {
            Move::Over(symbol) | Move::Maybe(symbol) => self.names.level(*symbol),
            Move::Any | Move::Gap(_) => 0,
        });
        levels.max().unwrap_or(0)
    }

    fn add(&mut self, moves: Vec<Move>, meaning: Meaning) {
        let level = self.level(&moves);
        self.patterns.push(Pattern {
            moves: moves.into(),
            anchor: 0,
            level,
            meaning,
        });
    }

    /// Chooses for each pattern the step that occurs in the fewest patterns: such a step is likely to
    /// be rare in texts too. Groups count as all their members; common words are never rare.
    fn anchor(&mut self) {
        const COMMON: u32 = 1000;
        let mut uses = vec![0_u32; self.names.len()];
        let mut count = |symbol: Symbol, add: u32| {
            if let Some(count) = uses.get_mut(symbol as usize) {
                *count = count.saturating_add(add);
            }
        };
        for pattern in &self.patterns {
            for step in &pattern.moves {
                if let Move::Over(symbol) = step {
                    count(*symbol, 1);
                }
            }
        }
        for member in self.members.values().flatten() {
            count(*member, 1);
        }
        for word in COMMON_WORDS
            .iter()
            .flat_map(|words| words.split_whitespace())
        {
            if let Some(symbol) = self.names.known(word) {
                count(symbol, COMMON);
            }
        }
        let of = |symbol: Symbol| uses.get(symbol as usize).copied().unwrap_or(0);
        let (symbols, members) = (&self.names, &self.members);
        let cost = |symbol: Symbol| {
            let inside = members.get(&symbol).into_iter().flatten();
            let inside: u32 = inside.map(|member| of(*member)).sum();
            inside + of(symbol) + u32::from(symbols.level(symbol)) * COMMON
        };
        for pattern in &mut self.patterns {
            let costs = pattern
                .moves
                .iter()
                .enumerate()
                .filter_map(|(at, step)| match step {
                    Move::Over(symbol) => Some((at, cost(*symbol))),
                    Move::Any | Move::Gap(_) | Move::Maybe(_) => None,
                });
            pattern.anchor = costs.min_by_key(|(_, cost)| *cost).map_or(0, |(at, _)| at);
        }
    }

    fn finish(self) -> Built {
        let deepest = self.patterns.iter().map(|pattern| pattern.level).max();
        let triggers = (0..=deepest.unwrap_or(0)).map(|level| self.triggers(level));
        let moves = |pattern: &Pattern| pattern.moves.iter().map(|step| step.pack()).collect();
        let groups = 0..number(self.names.len());
        let members = groups.map(|group| self.members.get(&group).cloned().unwrap_or_default());
        Built {
            triggers: triggers.collect(),
            moves: Rows::new(self.patterns.iter().map(moves)),
            anchors: self
                .patterns
                .iter()
                .map(|pattern| number(pattern.anchor))
                .collect(),
            meanings: self
                .patterns
                .iter()
                .map(|pattern| pattern.meaning.pack())
                .collect(),
            entries: self.entries,
            sources: Words::new(self.sources.iter().map(String::as_str)),
            members: Rows::new(members),
            symbols: self.names.close(),
            groups: self.groups,
        }
    }

    /// For each symbol the patterns of a level that are anchored in it, or in a group that it is in.
    fn triggers(&self, level: u8) -> Rows {
        let mut of = vec![Vec::new(); self.names.len()];
        let mut add = |symbol: Symbol, pattern: u32| {
            if let Some(patterns) = of.get_mut(symbol as usize) {
                patterns.push(pattern);
            }
        };
        for (at, pattern) in (0..)
            .zip(&self.patterns)
            .filter(|(_, pattern)| pattern.level == level)
        {
            if let Some(Move::Over(symbol)) = pattern.moves.get(pattern.anchor) {
                let members = self.members.get(symbol).into_iter().flatten();
                members.chain([symbol]).for_each(|symbol| add(*symbol, at));
            }
        }
        Rows::new(of.into_iter())
    }
}
