//! Frames of partners of the same sex: "zijn man", "her girlfriend", "il ... son mari".
//!
//! To say who somebody lives with says whom they love (CJEU C-184/20, Vyriausioji tarnybinės
//! etikos komisija, paragraph 128). The possessive tells the subject's sex where the language has
//! such; elsewhere the nearest word before it that tells one. Whoever says "mijn man" is told by the
//! name under the text.

use std::ops::Range;

use super::category::Language;
use super::given::{Given, Sex};
use super::lexicon::Built;
use super::lexicon::symbols::Symbol;
use super::matcher::Symbolic;
use super::text::Text;

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

/// Possessives of whoever writes.
const OWN: &[(&str, Language)] = &[
    ("mijn", Language::Nl),
    ("m'n", Language::Nl),
    ("my", Language::En),
    ("mein", Language::De),
    ("meine", Language::De),
    ("meinem", Language::De),
    ("meinen", Language::De),
    ("meiner", Language::De),
    ("mon", Language::Fr),
    ("ma", Language::Fr),
    ("mi", Language::Es),
    ("mio", Language::It),
    ("mia", Language::It),
    ("moj", Language::Pl),
    ("moja", Language::Pl),
    ("moim", Language::Pl),
    ("mojego", Language::Pl),
    ("mojej", Language::Pl),
];

/// Partners whose word tells no sex: the name behind it may.
const NEUTRAL: &[&str] = &[
    "partner",
    "verloofde",
    "fiance",
    "fiancee",
    "spouse",
    "other",
    "better",
    "partnerin",
    "lief",
    "liefje",
    "wederhelft",
    "conjoint",
    "conjointe",
    "pareja",
    "compagno",
    "compagna",
];

/// Words before the name under a letter.
const GREETINGS: &[&str] = &[
    "groet",
    "groeten",
    "groetjes",
    "gr",
    "mvg",
    "regards",
    "thanks",
    "cheers",
    "best",
    "wishes",
    "sincerely",
    "faithfully",
    "love",
    "gruss",
    "gruesse",
    "grusse",
    "lg",
    "vg",
    "mfg",
    "danke",
    "dank",
    "bedankt",
    "cordialement",
    "merci",
    "bises",
    "amicalement",
    "salutations",
    "saludos",
    "saludo",
    "gracias",
    "atentamente",
    "saluti",
    "grazie",
    "pozdrawiam",
    "pozdrowienia",
    "dziekuje",
    "dzieki",
];

/// So many words at the end of a text may be a signature.
const SIGNATURE: usize = 4;

/// How many words before a possessive its owner is looked for.
const OWNER: usize = 8;

/// The groups that tell sex, by language.
#[derive(Debug, Default)]
pub(super) struct Partners {
    of: [Groups; Language::ALL.len()],
    given: Given,
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
        let mut partners = Self {
            of: Default::default(),
            given: Given::new(),
        };
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
                let partner = groups.partner(at, sentence, symbolic, built);
                let partner = partner.or_else(|| self.named(text, at, sentence, *language));
                let Some((partner, end)) = partner else {
                    continue;
                };
                let owner = owner.or_else(|| groups.owner(at, sentence, symbolic, built));
                if owner == Some(partner) {
                    found.push((at..end, *language));
                }
            }
            for (_, language) in OWN.iter().filter(|(known, _)| *known == word) {
                let groups = self.of.get(language.index());
                let partner =
                    groups.and_then(|groups| groups.partner(at, sentence, symbolic, built));
                let partner = partner.or_else(|| self.named(text, at, sentence, *language));
                if let Some((partner, end)) = partner
                    && self.author(text, *language) == Some(partner)
                {
                    found.push((at..end, *language));
                }
            }
        }
        found
    }

    /// "partner Els", "verloofde Mark": the name tells what the word does not.
    fn named(
        &self,
        text: &Text,
        at: usize,
        sentence: &Range<usize>,
        language: Language,
    ) -> Option<(Sex, usize)> {
        let name = at + 2;
        let fits = sentence.contains(&name) && NEUTRAL.contains(&text.low(at + 1));
        let sex = fits.then(|| self.name(text, name, language)).flatten()?;
        Some((sex, name + 1))
    }

    /// The sex of whoever signed the text: a given name at its end, behind a greeting or at the
    /// beginning of a clause.
    fn author(&self, text: &Text, language: Language) -> Option<Sex> {
        let end = text.words.len();
        (end.saturating_sub(SIGNATURE)..end).find_map(|at| {
            let before = at.checked_sub(1)?;
            let clause = |at: usize| text.words.get(at).map(|word| word.clause);
            let begins = clause(before) != clause(at) || GREETINGS.contains(&text.low(before));
            begins.then(|| self.name(text, at, language)).flatten()
        })
    }

    /// The sex that a word tells when it is a given name and written as one.
    fn name(&self, text: &Text, at: usize, language: Language) -> Option<Sex> {
        let capital = text
            .cased(at)
            .chars()
            .next()
            .is_some_and(char::is_uppercase);
        let sex = || self.given.sex(text.low(at), language);
        capital.then(sex).flatten()
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
