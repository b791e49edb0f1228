//! Frames of partners of the same sex: "zijn man", "her girlfriend", "il ... son mari".
//!
//! To say who somebody lives with says whom they love (CJEU C-184/20, Vyriausioji tarnybinės
//! etikos komisija, paragraph 128). The possessive tells the subject's sex where the language has
//! such; elsewhere the nearest word before it that tells one.

use std::ops::Range;

use super::category::Language;
use super::lexicon::Built;
use super::lexicon::symbols::Symbol;
use super::matcher::Symbolic;
use super::text::Text;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sex {
    Male,
    Female,
}

/// Possessives: the word, its language, and the owner's sex where the word tells it.
const POSSESSIVES: &[(&str, Language, Option<Sex>)] = &[
    ("zijn", Language::Nl, Some(Sex::Male)),
    ("z'n", Language::Nl, Some(Sex::Male)),
    ("haar", Language::Nl, Some(Sex::Female)),
    ("his", Language::En, Some(Sex::Male)),
    ("her", Language::En, Some(Sex::Female)),
    ("sein", Language::De, Some(Sex::Male)),
    ("seinem", Language::De, Some(Sex::Male)),
    ("seinen", Language::De, Some(Sex::Male)),
    ("seines", Language::De, Some(Sex::Male)),
    ("ihr", Language::De, Some(Sex::Female)),
    ("ihre", Language::De, Some(Sex::Female)),
    ("ihrer", Language::De, Some(Sex::Female)),
    ("son", Language::Fr, None),
    ("sa", Language::Fr, None),
    ("su", Language::Es, None),
    ("suo", Language::It, None),
    ("sua", Language::It, None),
    ("swoim", Language::Pl, None),
    ("swojego", Language::Pl, None),
    ("swoja", Language::Pl, None),
    ("swojej", Language::Pl, None),
    ("jego", Language::Pl, Some(Sex::Male)),
    ("jej", Language::Pl, Some(Sex::Female)),
];

/// How many words before a possessive its owner is looked for.
const OWNER: usize = 8;

/// The groups that tell sex, by language.
#[derive(Debug, Default)]
pub(super) struct Partners {
    of: [Groups; Language::ALL.len()],
}

#[derive(Clone, Copy, Debug, Default)]
struct Groups {
    partner_male: Option<Symbol>,
    partner_female: Option<Symbol>,
    he: Option<Symbol>,
    she: Option<Symbol>,
}

impl Partners {
    pub(super) fn new(built: &Built) -> Self {
        let mut partners = Self::default();
        for (language, name, symbol) in &built.groups {
            let Some(groups) = partners.of.get_mut(language.index()) else {
                continue;
            };
            match name.as_str() {
                "partner_male" => groups.partner_male = Some(*symbol),
                "partner_female" => groups.partner_female = Some(*symbol),
                "he" => groups.he = Some(*symbol),
                "she" => groups.she = Some(*symbol),
                _ => {}
            }
        }
        partners
    }

    /// The words of a sentence that tell of a partner of the same sex.
    pub(super) fn find(
        &self,
        text: &Text,
        sentence: &Range<usize>,
        symbolic: &Symbolic,
        built: &Built,
    ) -> Vec<(Range<usize>, Language)> {
        let mut found = Vec::new();
        for at in sentence.clone() {
            let word = text.low(at);
            for (_, language, owner) in POSSESSIVES.iter().filter(|(known, ..)| *known == word) {
                let Some(groups) = self.of.get(language.index()) else {
                    continue;
                };
                let Some((partner, end)) = groups.partner(at, sentence, symbolic, built) else {
                    continue;
                };
                let owner = owner.or_else(|| groups.owner(at, sentence, symbolic, built));
                if owner == Some(partner) {
                    found.push((at..end, *language));
                }
            }
        }
        found
    }
}

impl Groups {
    /// The partner named by the word behind a possessive, or the one after it ("her lovely wife").
    fn partner(
        &self,
        at: usize,
        sentence: &Range<usize>,
        symbolic: &Symbolic,
        built: &Built,
    ) -> Option<(Sex, usize)> {
        (at..at + 3)
            .filter(|next| sentence.contains(next))
            .find_map(|next| {
                let named = |symbol: Option<Symbol>| {
                    let length = symbolic.starting(next, symbol?, built).min()?;
                    let end = next + usize::from(length);
                    (end > at + 1).then_some(end)
                };
                let male = named(self.partner_male).map(|end| (Sex::Male, end));
                male.or_else(|| named(self.partner_female).map(|end| (Sex::Female, end)))
            })
    }

    /// The sex of the nearest person before a possessive.
    fn owner(
        &self,
        at: usize,
        sentence: &Range<usize>,
        symbolic: &Symbolic,
        built: &Built,
    ) -> Option<Sex> {
        let from = at.saturating_sub(OWNER).max(sentence.start);
        (from..at).rev().find_map(|before| {
            let is = |symbol: Option<Symbol>| {
                symbol
                    .is_some_and(|symbol| symbolic.starting(before, symbol, built).next().is_some())
            };
            match (is(self.he), is(self.she)) {
                (true, false) => Some(Sex::Male),
                (false, true) => Some(Sex::Female),
                (true, true) | (false, false) => None,
            }
        })
    }
}
