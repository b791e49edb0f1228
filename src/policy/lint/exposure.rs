//! What does the CRM learn from one field? Values in the clear, coarse values, equality of tokens.

use crate::policy::lint::Subject;
use crate::policy::vocabulary::Quasi;
use crate::policy::{FieldType, Generalization, Report, Rule, Search, Sentence, sentence};

/// Parts of field names that tell what a field is about, whatever its type.
const TELLING: &[&str] = &[
    "birth",
    "criminal",
    "diagnos",
    "disabilit",
    "ethnic",
    "gender",
    "geboorte",
    "geslacht",
    "health",
    "income",
    "latitude",
    "longitude",
    "marital",
    "medical",
    "nationalid",
    "nationality",
    "passport",
    "politic",
    "pronoun",
    "religi",
    "salary",
    "salutation",
    "sexual",
];

/// The same, but only as whole words: "BusinessName" is about nobody's SSN.
const TELLING_WORDS: &[&str] = &["age", "bsn", "iban", "ip", "sex", "ssn"];

/// Parts of field names that tell of a special category (GDPR Art. 9(1), 10).
const SPECIAL: &[&str] = &[
    "criminal",
    "diagnos",
    "disabilit",
    "ethnic",
    "genderidentity",
    "health",
    "medical",
    "politic",
    "pronoun",
    "religi",
    "sexual",
];

/// The most leading characters that leave a group of people: four digits of a Dutch postcode are a
/// quarter of some thousands.
const LEADING: u32 = 4;

pub fn check(subject: &Subject<'_>, report: &mut Report) {
    match &subject.field.rule {
        Rule::Pass => pass(subject, report),
        Rule::Tokenize { stable: true } => stable(subject, report),
        Rule::Generalize(to) => generalize(subject, to, report),
        Rule::Derived
        | Rule::Tokenize { stable: false }
        | Rule::Encrypt
        | Rule::Strip
        | Rule::Hold
        | Rule::Block => {}
    }
    special(subject, report);
    step_up(subject, report);
}

/// What the CRM has in the clear it shows to everybody, whenever they last showed a factor.
fn step_up(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if subject.class.is_some_and(|class| class.step_up) && field.rule.leaves_clear() {
        report.error(
            "policy-step-up",
            &field.span,
            sentence!(
                "{label} wants a second factor that was shown just now, and it leaves in the clear",
                "{label} vraagt een tweede factor die net is getoond, en gaat leesbaar weg",
                label = field.label,
            ),
            sentence!(
                "use `tokenize`, `encrypt` or `hold`, or take `step_up` away from the class",
                "gebruik `tokenize`, `encrypt` of `hold`, of haal `step_up` bij de klasse weg"
            ),
        );
    }
}

fn special(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    let name = field.name.to_ascii_lowercase();
    let ordinary = subject.class.is_some_and(|class| !class.special);
    if ordinary && field.reason.is_none() && SPECIAL.iter().any(|part| name.contains(part)) {
        let label = &field.label;
        report.warning(
            "policy-special-likely",
            &field.span,
            sentence!(
                "by its name {label} is a special category, and its class is not",
                "naar zijn naam is {label} een bijzondere categorie, en zijn klasse niet"
            ),
            sentence!(
                "name a class with `special = true`, or say in `reason = \"…\"` why it is none",
                "noem een klasse met `special = true`, of zeg in `reason = \"…\"` waarom het er geen is"
            ),
        );
    }
    let Some(class) = subject.class.filter(|class| class.special) else {
        return;
    };
    if subject.field.rule.leaves_clear() {
        report.error(
            "policy-special-clear",
            &subject.field.span,
            sentence!(
                "{label} is a special category and would leave in the clear",
                "{label} is een bijzondere categorie en zou leesbaar weggaan",
                label = subject.field.label,
            ),
            sentence!(
                "use `hold`, `tokenize`, `encrypt` or `block` (GDPR Art. 9(1), 10)",
                "gebruik `hold`, `tokenize`, `encrypt` of `block` (AVG art. 9 lid 1, art. 10)"
            ),
        );
    }
    if class.search == Search::Exact {
        report.error(
            "policy-search-special",
            &class.span,
            sentence!(
                "values of `{class}` could be searched, one guess at a time",
                "waarden van `{class}` zouden te raden zijn, een zoekopdracht per keer",
                class = class.name,
            ),
            sentence!(
                "take `search` away: special categories are not looked up",
                "haal `search` weg: naar bijzondere categorieën wordt niet gezocht"
            ),
        );
    }
}

fn pass(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if field.reason.is_some() {
        return;
    }
    if let Some(class) = subject.class {
        report.error(
            "policy-personal-in-clear",
            &field.span,
            sentence!(
                "{label} is personal ({category}) and would leave in the clear",
                "{label} is persoonlijk ({category}) en zou leesbaar weggaan",
                label = field.label,
                category = class.category,
            ),
            sentence!(
                "choose another action, or say in `reason = \"…\"` why it must",
                "kies een andere actie, of zeg in `reason = \"…\"` waarom het moet"
            ),
        );
        return;
    }
    let lower = field.name.to_ascii_lowercase();
    let telling = TELLING.iter().any(|part| lower.contains(part))
        || words(&field.name).any(|word| TELLING_WORDS.contains(&word.as_str()));
    let linked = matches!(field.kind, FieldType::Id | FieldType::Reference);
    if matches!(field.kind, FieldType::Email | FieldType::Phone) || telling && !linked {
        report.error(
            "policy-likely-personal",
            &field.span,
            sentence!(
                "by name and type {label} is about a person, and it would leave in the clear",
                "naar naam en type gaat {label} over een persoon, en het zou leesbaar weggaan",
                label = field.label,
            ),
            class_or_reason(),
        );
        return;
    }
    if field.kind.holds_text() && subject.object.reason.is_none() {
        report.error(
            "policy-text-in-clear",
            &field.span,
            sentence!(
                "{label} takes any text, names of people included, and would leave in the clear",
                "{label} neemt elke tekst aan, ook namen van mensen, en zou leesbaar weggaan",
                label = field.label,
            ),
            class_or_reason(),
        );
    }
}

fn class_or_reason() -> Sentence {
    sentence!(
        "give it a class; or `{{ action = \"pass\", reason = \"…\" }}` under `fields`",
        "geef het een klasse; of `{{ action = \"pass\", reason = \"…\" }}` onder `fields`"
    )
}

/// The words of a name in camel case or with underscores, in lower case.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || c.is_uppercase() && lower {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase();
    }
    words.into_iter().filter(|word| !word.is_empty())
}

fn stable(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if subject.class.is_some_and(|class| class.special) {
        report.error(
            "policy-stable-special",
            &field.span,
            sentence!(
                "equal tokens of a special category tell who is alike",
                "gelijke tokens van een bijzondere categorie verraden wie gelijk is"
            ),
            sentence!("take `stable` away", "haal `stable` weg"),
        );
    }
    if field.kind.is_small() || subject.term().is_some_and(|term| term.small) {
        report.error(
            "policy-stable-small",
            &field.span,
            sentence!(
                "{label} has so few values that counting equal tokens tells which is which",
                "{label} heeft zo weinig waarden dat gelijke tokens tellen verraadt welke welke is",
                label = field.label,
            ),
            sentence!(
                "take `stable` away; stable tokens are for values like e-mail addresses and customer numbers",
                "haal `stable` weg; stabiele tokens zijn voor waarden als e-mailadressen en klantnummers"
            ),
        );
    }
}

fn generalize(subject: &Subject<'_>, to: &Generalization, report: &mut Report) {
    let field = subject.field;
    let large = subject.term().is_some_and(|term| !term.small);
    let weak = match to {
        Generalization::Leading(count) => *count > LEADING || large,
        Generalization::Round(step) => *step < 10,
        Generalization::Band(band) => band.width < 5,
        Generalization::Map { entries, otherwise } => entries
            .iter()
            .any(|(value, becomes)| value == becomes && becomes != otherwise),
        Generalization::Month => subject.term().and_then(|term| term.quasi) == Some(Quasi::Birth),
        Generalization::Year => false,
    };
    if weak && field.reason.is_none() {
        report.error(
            "policy-generalize-weak",
            &field.span,
            sentence!(
                "{to} of {label} can still be one person's",
                "{to} van {label} kan nog van één persoon zijn",
                to: to.words(),
                label: sentence!("{label}", "{label}", label = field.label),
            ),
            sentence!(
                "make it coarser, use `tokenize` or `hold`, or say in `reason = \"…\"` why it will do",
                "maak het grover, gebruik `tokenize` of `hold`, of zeg in `reason = \"…\"` waarom dit volstaat"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_name_is_cut_into_its_words() {
        let cut = |name: &str| words(name).collect::<Vec<_>>().join(" ");
        assert_eq!(cut("BusinessName"), "business name");
        assert_eq!(cut("Customer_SSN__c"), "customer ssn c");
        assert_eq!(cut("BSN__c"), "bsn c");
        assert_eq!(cut("ipAddress"), "ip address");
    }
}
