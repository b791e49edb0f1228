//! The detector: special categories and direct identifiers in a text.

use std::fmt;
use std::ops::Range;

use super::category::{Finding, Kind, Language, Special};
use super::identifiers::Recognizers;
use super::judge::{Counted, Cues, Hints, Scene, count};
use super::language::Languages;
use super::lexicon::{Built, LexiconError, Source, Weight, compile};
use super::matcher::{Hit, Matcher, Symbolic};
use super::model::{ANY, Clause, Feature, Model, features};
use super::partner::Partners;
use super::text::Text;
use super::{national, weights};

/// The lexicons as `build.rs` compiled them.
pub(super) const LEXICONS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicons.bin"));

/// Why there is no detector.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of a lexicon cannot be read.
    #[error(transparent)]
    Lexicon(#[from] LexiconError),
    /// The compiled lexicons are not such.
    #[error("the compiled lexicons cannot be read")]
    Lexicons,
    /// A list of the recognizers of direct identifiers cannot be read.
    #[error(transparent)]
    List(#[from] super::identifiers::ListError),
    /// The model's weights are not such.
    #[error("the model's weights cannot be read: {0}")]
    Model(&'static str),
}

/// All lexicons, compiled; made once a process, shared by all threads.
pub struct Detector {
    matcher: Matcher,
    cues: Cues,
    partners: Partners,
    /// Whose lexicons count.
    languages: Vec<Language>,
    guess: Languages,
    model: Option<Model>,
    recognizers: Recognizers,
}

/// Which patterns count, for training: a part is left out by chance, so that the model learns what
/// to do where the lexicon has a gap.
pub type Keep<'a> = &'a dyn Fn(&str) -> bool;

/// What the model sees of a sentence for one category: for training.
#[derive(Clone, Debug)]
pub struct Example {
    /// First and one past the last byte of the sentence.
    pub place: Range<usize>,
    /// The category.
    pub category: Special,
    /// The log-odds of the rules, where there is a hit; for national ids those of any category.
    pub odds: Option<f32>,
    /// The hashes of the features.
    pub features: Vec<u64>,
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").finish_non_exhaustive()
    }
}

/// Why something was found or not: for the authors of lexicons.
#[derive(Clone, Debug)]
pub struct Reason {
    /// First and one past the last byte.
    pub place: Range<usize>,
    /// What it would be.
    pub category: Special,
    /// The lexicon's language.
    pub language: Language,
    /// The pattern, as it stands in the file, and its list.
    pub pattern: String,
    /// Log-odds: found when the sum of a sentence is above the threshold.
    pub score: f32,
}

/// By so many common words a language must lead to be called the text's.
const LEAD: usize = 2;

impl Detector {
    /// Reads the lexicons that the program carries.
    ///
    /// # Errors
    ///
    /// [`Error`] when one of the lists that it carries cannot be read; a test reads them all.
    pub fn new() -> Result<Self, Error> {
        Self::of_languages(&Language::ALL)
    }

    /// Reads the lexicons of some languages.
    ///
    /// # Errors
    ///
    /// As [`Detector::new`].
    pub fn of_languages(languages: &[Language]) -> Result<Self, Error> {
        let built = Built::read(LEXICONS).ok_or(Error::Lexicons)?;
        Self::of(built, languages)
    }

    /// Compiles lexicons: for who tries out a change of one.
    ///
    /// # Errors
    ///
    /// [`LexiconError`] names the file, the line and the pattern that cannot be read.
    pub fn from_sources(sources: &[Source<'_>]) -> Result<Self, Error> {
        Self::of(compile(sources)?, &Language::ALL)
    }

    fn of(mut built: Built, languages: &[Language]) -> Result<Self, Error> {
        built.groups.retain(|(of, ..)| languages.contains(of));
        Ok(Self {
            languages: languages.to_vec(),
            cues: Cues::new(&built),
            partners: Partners::new(&built),
            guess: Languages::new(),
            matcher: Matcher { built },
            model: Model::embedded()?,
            recognizers: Recognizers::new()?,
        })
    }

    /// The same detector without the model: the rules decide alone.
    #[must_use]
    pub fn without_model(self) -> Self {
        Self {
            model: None,
            ..self
        }
    }

    /// The special categories in a text, in order. `prior` is what policy says the field is about.
    #[must_use]
    pub fn special(&self, text: &str, prior: Option<Special>) -> Vec<Finding> {
        let read = Text::read(text);
        let mut findings: Vec<Finding> = national::find(text, prior == Some(Special::NationalId))
            .into_iter()
            .map(|found| Finding {
                start: found.start,
                end: found.end,
                kind: Kind::Special(Special::NationalId),
                score: if found.named { 0.99 } else { 0.95 },
            })
            .collect();
        let inside = text.contains('<').then(|| Text::read_with_tags(text));
        for read in [Some(&read), inside.as_ref()].into_iter().flatten() {
            self.sentences(read, &|_| true, |scene, counted| {
                findings.extend(self.find(read, scene, counted, prior));
            });
        }
        let key = |finding: &Finding| (finding.start, finding.end, finding.kind.name());
        findings.sort_by_key(key);
        findings.dedup_by_key(|finding| key(finding));
        findings
    }

    /// What identifies a person directly in a text, in order, not overlapping.
    #[must_use]
    pub fn identifiers(&self, text: &str) -> Vec<Finding> {
        self.recognizers.find(text)
    }

    /// The language that a text most likely is in; Dutch when nothing tells.
    #[must_use]
    pub fn language(&self, text: &str) -> Language {
        self.guess
            .guess(&Text::read(text))
            .map_or(Language::Nl, |(language, _)| language)
    }

    /// All hits of a text that count, with their scores, and the words around them.
    #[must_use]
    pub fn explain(&self, text: &str) -> Vec<Reason> {
        let read = Text::read(text);
        let mut reasons = Vec::new();
        self.sentences(&read, &|_| true, |scene, counted| {
            for hit in counted {
                let entry = self.matcher.built.entry(hit.entry);
                let pattern = entry.map_or("same-sex partner", |entry| entry.source);
                let clause = scene.clause(&read, hit.words.start);
                reasons.push(Reason {
                    place: place(&read, &hit.words),
                    category: hit.category,
                    language: hit.language,
                    pattern: format!(
                        "{:?} \"{pattern}\"; person, third_party, trade, profession, general in the clause \
                         {clause:?}, in the sentence {:?}{}{}",
                        hit.weight,
                        scene.sentence,
                        if scene.carried { ", person before" } else { "" },
                        if hit.mistyped { ", mistyped" } else { "" },
                    ),
                    score: hit.score,
                });
            }
        });
        reasons
    }

    /// What the model sees of a text, for training.
    #[must_use]
    pub fn examples(&self, text: &str, keep: Keep<'_>) -> Vec<Example> {
        let read = Text::read(text);
        let mut examples = Vec::new();
        self.sentences(&read, keep, |scene, counted| {
            for category in Special::ALL {
                let features = self.features(category, &read, scene, counted);
                examples.push(Example {
                    place: place(&read, &scene.words),
                    category,
                    odds: rule_odds(counted, category),
                    features: features.iter().map(|feature| feature.hash).collect(),
                });
            }
        });
        examples
    }

    fn features(
        &self,
        category: Special,
        text: &Text,
        scene: &Scene,
        counted: &[Counted],
    ) -> Vec<Feature> {
        let odds = rule_odds(counted, category);
        features(category, text, scene, counted, odds, &self.matcher.built)
    }

    /// Judges sentence by sentence.
    fn sentences(&self, text: &Text, keep: Keep<'_>, mut found: impl FnMut(&Scene, &[Counted])) {
        let (symbolic, mut hits) = self.matcher.run(text);
        hits.retain(|hit| {
            let entry = self.matcher.built.entry(hit.entry);
            entry
                .is_some_and(|entry| self.languages.contains(&entry.language) && keep(entry.source))
        });
        let guess = self.guess.guess(text);
        let known = guess.filter(|(_, lead)| *lead >= LEAD);
        let hints = Hints {
            known: known.map(|(language, _)| language),
            likely: guess.map(|(language, _)| language),
        };
        let mut before: Option<Scene> = None;
        let mut rest = hits.as_slice();
        for sentence in text.sentences() {
            let count_here = rest
                .iter()
                .take_while(|hit| hit.words.start < sentence.end)
                .count();
            let (here, later) = rest.split_at(count_here);
            rest = later;
            let scene = Scene::read(
                text,
                sentence,
                &symbolic,
                &self.cues,
                hints.known,
                before.as_ref(),
            );
            let counted = self.counted(text, &scene, here, &symbolic, hints);
            found(&scene, &counted);
            before = Some(scene);
        }
    }

    /// The findings of one sentence.
    fn find(
        &self,
        text: &Text,
        scene: &Scene,
        counted: &[Counted],
        prior: Option<Special>,
    ) -> Vec<Finding> {
        let rules = |category| rule_odds(counted, category);
        let features = |category| self.features(category, text, scene, counted);
        let prior = prior.map(|category| (category, weights::PRIOR));
        let found = match &self.model {
            Some(model) => model.decide(features, rules, prior),
            None => decide(rules, prior),
        };
        let mut findings = Vec::new();
        for (category, odds) in found {
            let hits = counted.iter().filter(|hit| hit.category == category);
            let mut places: Vec<Range<usize>> = hits.map(|hit| hit.words.clone()).collect();
            if let Some(model) = &self.model {
                let clauses = scene.clauses(text);
                add_clauses(&mut places, model.clauses(&features(category), &clauses));
            }
            findings.extend(places.into_iter().map(|words| {
                let place = place(text, &words);
                Finding {
                    start: place.start,
                    end: place.end,
                    kind: Kind::Special(category),
                    score: 1.0 / (1.0 + (-odds).exp()),
                }
            }));
        }
        findings
    }

    fn counted(
        &self,
        text: &Text,
        scene: &Scene,
        hits: &[Hit],
        symbolic: &Symbolic,
        hints: Hints,
    ) -> Vec<Counted> {
        let mut counted = count(hits, &self.matcher.built, text, scene, hints);
        for (words, language) in
            self.partners
                .find(text, &scene.words, symbolic, &self.matcher.built)
        {
            counted.push(Counted {
                words,
                category: Special::SexLifeOrientation,
                weight: Weight::Strong,
                language,
                entry: u32::MAX,
                mistyped: false,
                score: weights::STRONG,
            });
        }
        counted
    }
}

/// Adds the clauses that say it without a hit: where there is no hit at all, those that say it
/// most; beside hits, those that say it clearly.
fn add_clauses(places: &mut Vec<Range<usize>>, clauses: Vec<Clause>) {
    let most = clauses
        .iter()
        .map(|clause| clause.odds)
        .fold(f32::MIN, f32::max);
    let least = if places.is_empty() {
        weights::WITHOUT_HIT.min(most)
    } else {
        weights::BESIDE_HIT
    };
    let met = |words: &Range<usize>, of: &[Range<usize>]| {
        of.iter()
            .any(|hit| hit.start < words.end && words.start < hit.end)
    };
    let hits = places.len();
    for clause in clauses.into_iter().filter(|clause| clause.odds >= least) {
        if !met(&clause.words, places.get(..hits).unwrap_or_default()) {
            places.push(clause.words);
        }
    }
}

/// What the rules alone find in a sentence.
fn decide(
    rules: impl Fn(Special) -> Option<f32>,
    prior: Option<(Special, f32)>,
) -> Vec<(Special, f32)> {
    let found = Special::ALL.into_iter().filter_map(|category| {
        let expected = prior.filter(|(known, _)| *known == category);
        let odds = rules(category)? + expected.map_or(0.0, |(_, odds)| odds) - weights::THRESHOLD;
        (odds > 0.0).then_some((category, odds))
    });
    found.collect()
}

/// The rules' log-odds for a category in a sentence, when there is a hit.
fn rule_odds(counted: &[Counted], category: Special) -> Option<f32> {
    let of_category = || {
        counted
            .iter()
            .filter(|hit| category == ANY || hit.category == category)
    };
    let best = of_category().map(|hit| hit.score).reduce(f32::max)?;
    if category == ANY {
        return Some(best);
    }
    let further = u8::try_from(of_category().count() - 1).unwrap_or(u8::MAX);
    Some(best + f32::from(further) * weights::FURTHER)
}

/// The bytes of words.
fn place(text: &Text, words: &Range<usize>) -> Range<usize> {
    let start = text
        .words
        .get(words.start)
        .map_or(0, |word| word.place.start);
    let last = words
        .end
        .checked_sub(1)
        .and_then(|last| text.words.get(last));
    start..last.map_or(start, |word| word.place.end)
}
