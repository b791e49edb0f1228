//! What a hit is worth where it stands: is the sentence about a person, a product, a rule?

use std::ops::Range;

use super::category::{Language, Special};
use super::hash::Table;
use super::lexicon::symbols::Symbol;
use super::lexicon::{Built, Weight};
use super::matcher::{Hit, Symbolic};
use super::text::Text;
use super::weights;

/// What the words around a hit tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cue {
    Person,
    ThirdParty,
    Trade,
    Profession,
    General,
}

impl Cue {
    pub(super) const ALL: [(&'static str, Self); 5] = [
        ("person", Self::Person),
        ("third_party", Self::ThirdParty),
        ("trade", Self::Trade),
        ("profession", Self::Profession),
        ("general", Self::General),
    ];
}

/// Which symbols are cues.
#[derive(Debug, Default)]
pub(super) struct Cues {
    of: Table<Symbol, Vec<(Language, Cue)>>,
}

impl Cues {
    pub(super) fn new(built: &Built) -> Self {
        let mut cues = Self::default();
        for (language, name, symbol) in &built.groups {
            if let Some((_, cue)) = Cue::ALL.iter().find(|(known, _)| known == name) {
                for symbol in built.members(*symbol).iter().chain([symbol]) {
                    cues.of.entry(*symbol).or_default().push((*language, *cue));
                }
            }
        }
        cues
    }
}

/// How often each cue stands in a clause or a sentence.
pub(super) type Counts = [u8; Cue::ALL.len()];

/// The surroundings of one sentence's hits.
#[derive(Debug)]
pub(super) struct Scene {
    pub words: Range<usize>,
    /// By clause, from the sentence's first.
    clauses: Vec<Counts>,
    first_clause: u32,
    pub sentence: Counts,
    /// Whether the sentence before was about a person and this one names no other subject.
    pub carried: bool,
}

impl Scene {
    pub(super) fn read(
        text: &Text,
        words: Range<usize>,
        symbolic: &Symbolic,
        cues: &Cues,
        language: Option<Language>,
        before: Option<&Self>,
    ) -> Self {
        let first_clause = text.words.get(words.start).map_or(0, |word| word.clause);
        let mut scene = Self {
            words: words.clone(),
            clauses: Vec::new(),
            first_clause,
            sentence: Counts::default(),
            carried: false,
        };
        for at in words {
            let clause = text
                .words
                .get(at)
                .map_or(0, |word| word.clause - first_clause) as usize;
            if scene.clauses.len() <= clause {
                scene.clauses.resize(clause + 1, Counts::default());
            }
            for (symbol, _) in symbolic.at(at) {
                for (of, cue) in cues.of.get(symbol).into_iter().flatten() {
                    if language.is_none_or(|language| language == *of) {
                        scene.count(clause, *cue);
                    }
                }
            }
        }
        scene.carried =
            before.is_some_and(Self::about_person) && scene.sentence[Cue::ThirdParty as usize] == 0;
        scene
    }

    fn count(&mut self, clause: usize, cue: Cue) {
        for counts in [Some(&mut self.sentence), self.clauses.get_mut(clause)] {
            if let Some(count) = counts.and_then(|counts| counts.get_mut(cue as usize)) {
                *count = count.saturating_add(1);
            }
        }
    }

    fn about_person(&self) -> bool {
        self.sentence[Cue::Person as usize] > 0
    }

    /// The words of each clause.
    pub(super) fn clauses(&self, text: &Text) -> Vec<Range<usize>> {
        let mut clauses: Vec<Range<usize>> = Vec::new();
        let mut number = None;
        for at in self.words.clone() {
            let clause = text.words.get(at).map(|word| word.clause);
            match clauses.last_mut() {
                Some(last) if clause == number => last.end = at + 1,
                _ => clauses.push(at..at + 1),
            }
            number = clause;
        }
        clauses
    }

    /// The cues of the clause in which a word stands.
    pub(super) fn clause(&self, text: &Text, at: usize) -> Counts {
        let clause = text.words.get(at).map_or(0, |word| word.clause);
        let place = clause.saturating_sub(self.first_clause) as usize;
        self.clauses.get(place).copied().unwrap_or_default()
    }
}

/// A hit that nothing makes innocent.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub words: Range<usize>,
    pub category: Special,
    pub weight: Weight,
    pub language: Language,
    pub entry: u32,
    pub mistyped: bool,
    /// Log-odds.
    pub score: f32,
}

/// What is thought of the text's language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hints {
    /// The language, when there are words enough to know it.
    pub known: Option<Language>,
    /// The language, when anything speaks for it.
    pub likely: Option<Language>,
}

impl Hints {
    /// Whether a hit is one word of a language that the text is not in: English "high" is no Dutch
    /// drug. What is said in two languages has more words than one, or both lexicons have it.
    fn homograph(self, language: Language, hit: &Hit) -> bool {
        hit.words.len() == 1 && self.known.is_some_and(|known| known != language)
    }
}

/// The hits of a sentence that count, scored; `all` are those of the sentence.
pub(super) fn count(
    all: &[Hit],
    built: &Built,
    text: &Text,
    scene: &Scene,
    hints: Hints,
) -> Vec<Counted> {
    let entry = |hit: &Hit| built.entry(hit.entry);
    let innocent: Vec<(Special, &Range<usize>)> = all
        .iter()
        .filter_map(|hit| {
            let entry = entry(hit)?;
            let foreign = hints.known.is_some_and(|known| known != entry.language);
            let counts = entry.weight == Weight::Innocent && !foreign;
            counts.then_some((entry.category, &hit.words))
        })
        .collect();
    let mut counted: Vec<Counted> = Vec::new();
    for hit in all {
        let Some(entry) = entry(hit) else { continue };
        let foreign = hints.likely.is_some_and(|likely| likely != entry.language);
        if entry.weight == Weight::Innocent
            || hints.homograph(entry.language, hit)
            || (foreign && (entry.weight == Weight::Weak || hit.mistyped))
            || innocent.iter().any(|(category, words)| {
                *category == entry.category && excuses(words, hit, entry.weight)
            })
            || is_name(text, &hit.words)
            || is_firm(text, &hit.words)
        {
            continue;
        }
        let mut new = Counted {
            words: hit.words.clone(),
            category: entry.category,
            weight: entry.weight,
            language: entry.language,
            entry: hit.entry,
            mistyped: hit.mistyped,
            score: 0.0,
        };
        new.score = score(&new, text, scene, hints.known);
        add(&mut counted, new);
    }
    counted
}

/// Whether innocent words excuse a hit: they overlap it, and it is not a whole phrase around them.
fn excuses(innocent: &Range<usize>, hit: &Hit, weight: Weight) -> bool {
    let overlap = innocent.start < hit.words.end && hit.words.start < innocent.end;
    let around = hit.words.start <= innocent.start
        && innocent.end <= hit.words.end
        && hit.words.len() > innocent.len();
    overlap && !(weight == Weight::Statement && around)
}

/// Adds a hit; of those of one category over the same words the best stays.
fn add(counted: &mut Vec<Counted>, new: Counted) {
    let same = counted.iter_mut().find(|old| {
        old.category == new.category
            && old.words.start < new.words.end
            && new.words.start < old.words.end
    });
    match same {
        Some(old) => {
            let words = old.words.start.min(new.words.start)..old.words.end.max(new.words.end);
            if new.score > old.score {
                *old = new;
            }
            old.words = words;
        }
        None => counted.push(new),
    }
}

fn score(hit: &Counted, text: &Text, scene: &Scene, language: Option<Language>) -> f32 {
    let base = match hit.weight {
        Weight::Statement => weights::STATEMENT,
        Weight::Strong => weights::STRONG,
        Weight::Weak | Weight::Innocent => weights::WEAK,
    };
    let clause = scene.clause(text, hit.words.start);
    let has = |counts: &Counts, cue: Cue| counts[cue as usize] > 0;
    let person = if has(&clause, Cue::Person) {
        weights::PERSON[0]
    } else if has(&scene.sentence, Cue::Person) {
        weights::PERSON[1]
    } else if scene.carried {
        weights::PERSON[2]
    } else {
        0.0
    };
    let others = [
        (Cue::ThirdParty, weights::THIRD_PARTY),
        (Cue::Trade, weights::TRADE),
        (Cue::Profession, weights::PROFESSION),
        (Cue::General, weights::GENERAL),
    ];
    let mut against: f32 = others
        .iter()
        .map(|(cue, [near, far])| {
            if has(&clause, *cue) {
                *near
            } else if has(&scene.sentence, *cue) {
                *far
            } else {
                0.0
            }
        })
        .sum();
    if has(&clause, Cue::Person) {
        against *= weights::BESIDE_PERSON;
    }
    if hit.weight == Weight::Statement {
        against *= weights::STATED;
    }
    let short = hit.weight == Weight::Weak && against == 0.0 && scene.words.len() <= 6;
    base + person
        + against
        + if short { weights::SHORT } else { 0.0 }
        + if hit.mistyped { weights::MISTYPED } else { 0.0 }
        + if language.is_some_and(|language| language != hit.language) {
            weights::FOREIGN
        } else {
            0.0
        }
}

/// Titles behind which a capital begins a name: "Mevr. Griep", "Herr Krank".
const TITLES: &[&str] = &[
    "dhr", "mevr", "mevrouw", "mw", "meneer", "heer", "familie", "fam", "herr", "herrn", "frau",
    "mr", "mrs", "ms", "miss", "mister", "monsieur", "madame", "mme", "mlle", "senor", "senora",
    "sr", "sra", "don", "dona", "signor", "signora", "sig", "pan", "pani", "pana", "panem",
];

/// What stands before a firm's name.
const FIRMS: &[&str] = &[
    "firma",
    "fa",
    "bedrijf",
    "messrs",
    "ditta",
    "empresa",
    "etablissements",
    "maison",
];
/// What a firm's name ends with.
const FIRM_ENDS: &[&str] = &[
    "GmbH", "AG", "KG", "OHG", "BV", "NV", "VOF", "Ltd", "LTD", "PLC", "Inc", "SA", "SARL", "SAS",
    "SRL", "Srl", "SL", "Sohn", "Sohne", "Zonen", "zonen", "Zn", "zn", "Sons", "Fils", "fils",
    "Figli", "figli", "Hijos", "hijos", "Synowie",
];
/// What may stand between a name and what makes it a firm's.
const AND: &[&str] = &["und", "en", "and", "et", "e", "y", "i", "u"];

/// Whether a hit is a firm's name: one capitalised word beside what only firms have.
fn is_firm(text: &Text, words: &Range<usize>) -> bool {
    let same = |at: usize| {
        let sentence = |at: usize| text.words.get(at).map(|word| word.sentence);
        sentence(at) == sentence(words.start)
    };
    let before = words.start.checked_sub(1).filter(|at| same(*at));
    let behind = words.end + usize::from(AND.contains(&text.low(words.end)));
    let capital = text
        .cased(words.start)
        .chars()
        .next()
        .is_some_and(char::is_uppercase);
    words.len() == 1
        && capital
        && (before.is_some_and(|at| FIRMS.contains(&text.low(at)))
            || (same(behind) && FIRM_ENDS.contains(&text.cased(behind))))
}

/// Whether a hit is the name of somebody: one capitalised word right behind a title.
fn is_name(text: &Text, words: &Range<usize>) -> bool {
    let Some(before) = words.start.checked_sub(1) else {
        return false;
    };
    let capital = |at: usize| {
        text.cased(at)
            .chars()
            .next()
            .is_some_and(char::is_uppercase)
    };
    let shout = |at: usize| text.cased(at).chars().all(char::is_uppercase);
    words.len() == 1
        && TITLES.contains(&text.low(before))
        && capital(words.start)
        && !(shout(before) && shout(words.start))
        && text.words.get(before).map(|word| word.sentence)
            == text.words.get(words.start).map(|word| word.sentence)
}
