//! From files to patterns over symbols.

use super::pattern::{Shape, Step, parse};
use super::symbols::{NUMBER, Symbol, Symbols};
use super::{LexiconError, Lists, Source, Weight, category, groups, lists, pattern_error};
use crate::detect::category::{Language, Special};
use crate::detect::hash::{self, Table};
use crate::detect::language::COMMON as COMMON_WORDS;

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

/// What a pattern means where it fits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::detect) enum Meaning {
    /// A symbol stands there.
    Symbol(Symbol),
    /// A hit: the place of its entry.
    Hit(u32),
}

/// A pattern over symbols.
#[derive(Clone, Debug)]
pub(in crate::detect) struct Pattern {
    pub moves: Box<[Move]>,
    /// The place of the rarest step, from which it is matched in both directions.
    pub anchor: usize,
    pub level: u8,
    pub meaning: Meaning,
}

/// What a hit says.
#[derive(Clone, Debug)]
pub(in crate::detect) struct Entry {
    pub language: Language,
    pub category: Special,
    pub weight: Weight,
    /// As it stands in the file.
    pub source: Box<str>,
}

/// All lexicons, compiled.
#[derive(Debug)]
pub(in crate::detect) struct Built {
    pub symbols: Symbols,
    pub patterns: Vec<Pattern>,
    pub entries: Vec<Entry>,
    /// For each group, the words and parts of words that are in it; what else is in it are patterns.
    pub members: Table<Symbol, Vec<Symbol>>,
    /// The groups that the engine itself asks for.
    pub groups: Vec<(Language, String, Symbol)>,
}

/// Compiles lexicons.
pub(in crate::detect) fn build(sources: &[Source<'_>]) -> Result<Built, LexiconError> {
    let mut builder = Builder {
        built: Built {
            symbols: Symbols::new(),
            patterns: Vec::new(),
            entries: Vec::new(),
            members: Table::default(),
            groups: Vec::new(),
        },
        alternatives: Table::default(),
    };
    for language in Language::ALL {
        let of_language = || {
            sources
                .iter()
                .filter(move |source| source.language == language)
        };
        let mut scope = Scope::default();
        if let Some(cues) = of_language().find(|source| source.name == "cues") {
            scope = Scope::read(*cues)?;
            for name in scope.lists.keys().cloned().collect::<Vec<_>>() {
                let symbol = builder.named(&mut scope, *cues, &name, 0)?;
                builder.built.groups.push((language, name, symbol));
            }
        }
        for source in of_language().filter(|source| source.name != "cues") {
            builder.file(&mut scope, *source)?;
        }
    }
    builder.built.symbols.close();
    builder.anchor();
    Ok(builder.built)
}

/// The groups of one language.
#[derive(Default)]
struct Scope {
    lists: Lists,
    known: Table<String, Symbol>,
}

impl Scope {
    fn read(cues: Source<'_>) -> Result<Self, LexiconError> {
        Ok(Self {
            lists: groups(cues)?,
            known: Table::default(),
        })
    }
}

/// How deep groups may name one another.
const DEEPEST: u8 = 8;

struct Builder {
    built: Built,
    /// Alternatives in brackets that were seen, by the hash of their steps.
    alternatives: Table<u64, Symbol>,
}

impl Builder {
    fn file(&mut self, scope: &mut Scope, source: Source<'_>) -> Result<(), LexiconError> {
        let category = category(source)?;
        let lists = lists(source)?;
        for (name, weight) in Weight::ALL {
            for pattern in lists.get(name).into_iter().flatten() {
                let wrong = |message| pattern_error(source, name, pattern, message);
                let steps = parse(pattern).map_err(wrong)?;
                let moves = self
                    .moves(scope, source.language, &steps, 0)
                    .map_err(wrong)?;
                if weight == Weight::Strong {
                    self.forgive(&steps, &moves);
                }
                let entry = u32::try_from(self.built.entries.len()).unwrap_or(u32::MAX);
                self.built.entries.push(Entry {
                    language: source.language,
                    category,
                    weight,
                    source: pattern.as_str().into(),
                });
                self.add(moves, Meaning::Hit(entry));
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
            self.built.symbols.forgive(word, *symbol);
        }
    }

    /// The symbol of a group, made on first use.
    fn named(
        &mut self,
        scope: &mut Scope,
        source: Source<'_>,
        name: &str,
        depth: u8,
    ) -> Result<Symbol, LexiconError> {
        if let Some(symbol) = scope.known.get(name) {
            return Ok(*symbol);
        }
        let patterns = scope.lists.get(name).cloned().unwrap_or_default();
        let symbol = self.built.symbols.group();
        for pattern in &patterns {
            let wrong = |message| pattern_error(source, name, pattern, message);
            let steps = parse(pattern).map_err(wrong)?;
            let moves = self
                .moves(scope, source.language, &steps, depth + 1)
                .map_err(wrong)?;
            self.join(symbol, moves);
        }
        self.close(symbol);
        scope.known.insert(name.to_owned(), symbol);
        Ok(symbol)
    }

    fn moves(
        &mut self,
        scope: &mut Scope,
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
                    Step::Word(shape, word) => Move::Over(self.built.symbols.word(*shape, word)),
                    Step::Group(name) => Move::Over(self.group(scope, language, name, depth)?),
                    Step::Either(parts) => Move::Over(self.either(scope, language, parts, depth)?),
                    Step::Maybe(steps) => {
                        let parts = [steps.clone()];
                        Move::Maybe(self.either(scope, language, &parts, depth)?)
                    }
                })
            })
            .collect()
    }

    fn group(
        &mut self,
        scope: &mut Scope,
        language: Language,
        name: &str,
        depth: u8,
    ) -> Result<Symbol, String> {
        if depth > DEEPEST {
            return Err(format!("@{name} names itself, or groups are too deep"));
        }
        if !scope.lists.contains_key(name) {
            return Err(format!("there is no group @{name} in cues.toml"));
        }
        let source = Source {
            language,
            name: "cues",
            text: "",
        };
        self.named(scope, source, name, depth)
            .map_err(|error| error.to_string())
    }

    fn either(
        &mut self,
        scope: &mut Scope,
        language: Language,
        parts: &[Vec<Step>],
        depth: u8,
    ) -> Result<Symbol, String> {
        let key = hash::of_debug(&(language, parts));
        if let Some(symbol) = self.alternatives.get(&key) {
            return Ok(*symbol);
        }
        let symbol = self.built.symbols.group();
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
            let inner = self.built.members.get(symbol).cloned();
            let is_group = self.built.symbols.is_group(*symbol);
            let members = self.built.members.entry(group).or_default();
            members.extend(inner.into_iter().flatten());
            if !is_group {
                members.push(*symbol);
            }
            if !is_group || self.built.symbols.level(*symbol) == 0 {
                return;
            }
        }
        let level = self.level(&moves) + 1;
        self.built.symbols.raise(group, level);
        self.add(moves, Meaning::Symbol(group));
    }

    fn close(&mut self, group: Symbol) {
        if let Some(members) = self.built.members.get_mut(&group) {
            members.sort_unstable();
            members.dedup();
            members.shrink_to_fit();
        }
    }

    fn level(&self, moves: &[Move]) -> u8 {
        let levels = moves.iter().map(|step| match step {
            Move::Over(symbol) | Move::Maybe(symbol) => self.built.symbols.level(*symbol),
            Move::Any | Move::Gap(_) => 0,
        });
        levels.max().unwrap_or(0)
    }

    fn add(&mut self, moves: Vec<Move>, meaning: Meaning) {
        let level = self.level(&moves);
        self.built.patterns.push(Pattern {
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
        let mut uses = vec![0_u32; self.built.symbols.len()];
        let mut count = |symbol: Symbol, add: u32| {
            if let Some(count) = uses.get_mut(symbol as usize) {
                *count = count.saturating_add(add);
            }
        };
        for pattern in &self.built.patterns {
            for step in &pattern.moves {
                if let Move::Over(symbol) = step {
                    count(*symbol, 1);
                }
            }
        }
        for member in self.built.members.values().flatten() {
            count(*member, 1);
        }
        for word in COMMON_WORDS
            .iter()
            .flat_map(|words| words.split_whitespace())
        {
            if let Some(symbol) = self.built.symbols.known(word) {
                count(symbol, COMMON);
            }
        }
        let of = |symbol: Symbol| uses.get(symbol as usize).copied().unwrap_or(0);
        let (symbols, members) = (&self.built.symbols, &self.built.members);
        let cost = |symbol: Symbol| {
            let inside = members.get(&symbol).into_iter().flatten();
            let inside: u32 = inside.map(|member| of(*member)).sum();
            inside + of(symbol) + u32::from(symbols.level(symbol)) * COMMON
        };
        for pattern in &mut self.built.patterns {
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
}
