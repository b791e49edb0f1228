//! What is said to whoever wrote a text that may not stay: what was found and where, and what may be
//! written instead, in the language of the text. Never the words themselves.

use std::borrow::Cow;

use super::scan::{Hit, categories};
use super::values::Context;
use crate::detect::{Language, Special};
use crate::model::{Code, Refusal};
use crate::policy::FieldPlan;

/// How many places an error names; a text may have thousands.
const PLACES: usize = 8;

/// The refusal of a text: field, rule, each category with its places, an alternative. Places are
/// counted in characters (Unicode code points) from 0; the second is the first one after it.
pub(super) fn refusal(
    context: &Context<'_, '_>,
    field: &FieldPlan,
    text: &str,
    hits: &[Hit],
) -> Refusal {
    let language = context.protection.detector.language(text);
    let words = words(language);
    let mut places = Vec::new();
    let mut counted = Counted::new(text);
    let mut ordered: Vec<&Hit> = hits.iter().collect();
    ordered.sort_by_key(|hit| (hit.range.start, hit.range.end));
    for hit in ordered.into_iter().take(PLACES) {
        let start = counted.upto(hit.range.start);
        let length = text
            .get(hit.range.clone())
            .map_or(0, |hit| hit.chars().count());
        places.push(format!(
            "{} [{}] {} {start}-{}",
            name(hit.category, language),
            hit.category.name(),
            words.at,
            start + length
        ));
    }
    if hits.len() > PLACES {
        places.push("…".to_owned());
    }
    let found = categories(hits);
    let special = field.scan.as_ref().and_then(|scan| scan.special.as_ref());
    let rule = special.map_or(&field.rule_id, |special| &special.rule_id);
    let mut says = format!(
        "{}: {}; {} ({} {})",
        field.label,
        places.join(", "),
        words.why,
        words.rule,
        rule
    );
    let detection = context.plan.detection();
    let mut alternatives = found.iter();
    let alternative = alternatives.find_map(|category| detection.alternative(*category, language));
    if let Some(alternative) = alternative {
        says.push_str(&format!(". {} “{alternative}”", words.instead));
    }
    let mut refusal = Refusal::at(Code::SpecialCategory, field.label.clone(), says);
    refusal.found = found.into_iter().map(Special::name).collect();
    refusal
}

/// What stands in the place of stripped words.
pub(super) fn mark(category: Special, language: Language) -> String {
    format!("[▇ {}]", name(category, language))
}

/// The text with blanks in the places of marks, of the same length: the name of a category is no
/// sign of it.
pub(super) fn without_marks(text: &str) -> Cow<'_, str> {
    if !text.contains('▇') {
        return Cow::Borrowed(text);
    }
    let mut text = text.to_owned();
    for category in Special::ALL {
        for language in LANGUAGES {
            let mark = mark(category, language);
            if text.contains(&mark) {
                text = text.replace(&mark, &" ".repeat(mark.len()));
            }
        }
    }
    Cow::Owned(text)
}

/// Characters before a byte, for places that rise: the text is walked over once.
struct Counted<'t> {
    text: &'t str,
    byte: usize,
    characters: usize,
}

impl<'t> Counted<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            byte: 0,
            characters: 0,
        }
    }

    fn upto(&mut self, byte: usize) -> usize {
        let between = self.text.get(self.byte..byte).unwrap_or_default();
        self.characters += between.chars().count();
        self.byte = self.byte.max(byte);
        self.characters
    }
}

const LANGUAGES: [Language; 7] = [
    Language::Nl,
    Language::En,
    Language::De,
    Language::Fr,
    Language::Es,
    Language::It,
    Language::Pl,
];

struct Words {
    at: &'static str,
    why: &'static str,
    rule: &'static str,
    instead: &'static str,
}

fn words(language: Language) -> Words {
    let (at, why, rule, instead) = match language {
        Language::Nl => (
            "op tekens",
            "dit mag hier niet worden bewaard, er is niets opgeslagen",
            "regel",
            "Schrijf bijvoorbeeld:",
        ),
        Language::En => (
            "at characters",
            "this may not be kept here, nothing was saved",
            "rule",
            "You could write:",
        ),
        Language::De => (
            "an den Zeichen",
            "das darf hier nicht aufbewahrt werden, es wurde nichts gespeichert",
            "Regel",
            "Schreiben Sie zum Beispiel:",
        ),
        Language::Fr => (
            "aux caractères",
            "cela ne peut pas être conservé ici, rien n’a été enregistré",
            "règle",
            "Vous pouvez écrire :",
        ),
        Language::Es => (
            "en los caracteres",
            "esto no puede conservarse aquí, no se ha guardado nada",
            "regla",
            "Puede escribir:",
        ),
        Language::It => (
            "ai caratteri",
            "questo non può essere conservato qui, non è stato salvato nulla",
            "regola",
            "Può scrivere:",
        ),
        Language::Pl => (
            "znaki",
            "tego nie wolno tu przechowywać, nic nie zapisano",
            "reguła",
            "Można napisać:",
        ),
    };
    Words {
        at,
        why,
        rule,
        instead,
    }
}

fn name(category: Special, language: Language) -> &'static str {
    let row = NAMES.iter().find(|(of, _)| *of == category);
    let column = LANGUAGES.iter().position(|known| *known == language);
    let found = row.zip(column).and_then(|((_, names), at)| names.get(at));
    found.copied().unwrap_or_else(|| category.name())
}

/// The categories' names, in the order of [`LANGUAGES`].
const NAMES: [(Special, [&str; 7]); 10] = [
    (
        Special::Health,
        [
            "gezondheid",
            "health",
            "Gesundheit",
            "santé",
            "salud",
            "salute",
            "zdrowie",
        ],
    ),
    (
        Special::ReligionBelief,
        [
            "religie of overtuiging",
            "religion or belief",
            "Religion oder Weltanschauung",
            "religion ou convictions",
            "religión o creencias",
            "religione o convinzioni",
            "religia lub światopogląd",
        ],
    ),
    (
        Special::EthnicOrigin,
        [
            "etnische afkomst",
            "ethnic origin",
            "ethnische Herkunft",
            "origine ethnique",
            "origen étnico",
            "origine etnica",
            "pochodzenie etniczne",
        ],
    ),
    (
        Special::PoliticalOpinion,
        [
            "politieke opvatting",
            "political opinion",
            "politische Meinung",
            "opinion politique",
            "opinión política",
            "opinione politica",
            "poglądy polityczne",
        ],
    ),
    (
        Special::UnionMembership,
        [
            "lidmaatschap van een vakbond",
            "union membership",
            "Gewerkschaftszugehörigkeit",
            "appartenance syndicale",
            "afiliación sindical",
            "appartenenza sindacale",
            "przynależność do związku zawodowego",
        ],
    ),
    (
        Special::SexLifeOrientation,
        [
            "seksueel leven of gerichtheid",
            "sex life or orientation",
            "Sexualleben oder Orientierung",
            "vie ou orientation sexuelle",
            "vida u orientación sexual",
            "vita o orientamento sessuale",
            "życie seksualne lub orientacja",
        ],
    ),
    (
        Special::Genetic,
        [
            "genetische gegevens",
            "genetic data",
            "genetische Daten",
            "données génétiques",
            "datos genéticos",
            "dati genetici",
            "dane genetyczne",
        ],
    ),
    (
        Special::Biometric,
        [
            "biometrische gegevens",
            "biometric data",
            "biometrische Daten",
            "données biométriques",
            "datos biométricos",
            "dati biometrici",
            "dane biometryczne",
        ],
    ),
    (
        Special::Criminal,
        [
            "strafrechtelijke gegevens",
            "criminal data",
            "Daten über Straftaten",
            "données pénales",
            "datos penales",
            "dati giudiziari",
            "dane o karalności",
        ],
    ),
    (
        Special::NationalId,
        [
            "nationaal identificatienummer",
            "national identification number",
            "nationale Kennziffer",
            "numéro d'identification national",
            "número de identificación nacional",
            "codice di identificazione nazionale",
            "krajowy numer identyfikacyjny",
        ],
    ),
];
