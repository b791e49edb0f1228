//! What does the CRM learn? Values in the clear, equality of tokens, and attributes that together
//! single a person out.

use std::collections::BTreeSet;

use crate::policy::lint::Subject;
use crate::policy::plan::{FieldPlan, ObjectPlan};
use crate::policy::vocabulary::{self, Quasi};
use crate::policy::{FieldTable, FieldType, Generalization, Plan, Report, Rule, Search};

/// Parts of field names that tell what a field is about, whatever its type.
const TELLING: &[&str] = &[
    "birth",
    "bsn",
    "criminal",
    "diagnos",
    "disab",
    "ethnic",
    "gender",
    "geboorte",
    "geslacht",
    "health",
    "iban",
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
    "ssn",
];

/// Parts of field names that tell of a special category (GDPR Art. 9(1), 10).
const SPECIAL: &[&str] = &[
    "criminal",
    "diagnos",
    "disab",
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
}

fn special(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    let name = field.name.to_ascii_lowercase();
    let ordinary = subject.class.is_some_and(|class| !class.special);
    if ordinary && field.reason.is_none() && SPECIAL.iter().any(|part| name.contains(part)) {
        report.warning(
            "policy-special-likely",
            &field.span,
            format!(
                "by its name {} is a special category, and its class is not",
                field.label
            ),
            "name a class with `special = true`, or say in `reason = \"…\"` why it is none",
        );
    }
    let Some(class) = subject.class.filter(|class| class.special) else {
        return;
    };
    if subject.field.rule.leaves_clear() {
        report.error(
            "policy-special-clear",
            &subject.field.span,
            format!(
                "{} is a special category and would leave in the clear",
                subject.field.label
            ),
            "use `hold`, `tokenize`, `encrypt` or `block` (GDPR Art. 9(1), 10)",
        );
    }
    if class.search == Search::Exact {
        report.error(
            "policy-search-special",
            &class.span,
            format!(
                "values of `{}` could be searched, one guess at a time",
                class.name
            ),
            "take `search` away: special categories are not looked up",
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
            format!(
                "{} is personal ({}) and would leave in the clear",
                field.label, class.category
            ),
            "choose another action, or say in `reason = \"…\"` why it must",
        );
        return;
    }
    let lower = field.name.to_ascii_lowercase();
    let telling = TELLING.iter().any(|part| lower.contains(part));
    let linked = matches!(field.kind, FieldType::Id | FieldType::Reference);
    if matches!(field.kind, FieldType::Email | FieldType::Phone) || telling && !linked {
        report.error(
            "policy-likely-personal",
            &field.span,
            format!(
                "by name and type {} is about a person, and it would leave in the clear",
                field.label
            ),
            "give it a class; or `{ action = \"pass\", reason = \"…\" }` under `fields`",
        );
        return;
    }
    if field.kind.holds_text() && subject.object.reason.is_none() {
        report.error(
            "policy-text-in-clear",
            &field.span,
            format!(
                "{} takes any text, names of people included, and would leave in the clear",
                field.label
            ),
            "give it a class; or `{ action = \"pass\", reason = \"…\" }` under `fields`",
        );
    }
}

fn stable(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if subject.class.is_some_and(|class| class.special) {
        report.error(
            "policy-stable-special",
            &field.span,
            "equal tokens of a special category tell who is alike",
            "take `stable` away",
        );
    }
    if field.kind.is_small() || subject.term().is_some_and(|term| term.small) {
        report.error(
            "policy-stable-small",
            &field.span,
            format!("{} has so few values that counting equal tokens tells which is which", field.label),
            "take `stable` away; stable tokens are for values like e-mail addresses and customer numbers",
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
            format!("{to} of {} can still be one person's", field.label),
            "make it coarser, use `tokenize` or `hold`, or say in `reason = \"…\"` why it will do",
        );
    }
}

/// Questions about an object as a whole.
pub fn check_objects(plan: &Plan, table: &FieldTable, report: &mut Report) {
    for object in plan.objects() {
        singling_out(plan, object, report);
        derived(object, table, report);
        configuration(object, report);
    }
}

/// EDPB 01/2020, use case 2, condition 1: what is in the clear must not single a person out.
fn singling_out(plan: &Plan, object: &ObjectPlan, report: &mut Report) {
    let mut whole = BTreeSet::new();
    let mut coarse = BTreeSet::new();
    for field in &object.fields {
        let Some(quasi) = quasi(plan, field) else {
            continue;
        };
        match field.rule {
            Rule::Pass => drop(whole.insert(quasi)),
            Rule::Generalize(_) => drop(coarse.insert(quasi)),
            _ => {}
        }
    }
    let all: BTreeSet<Quasi> = whole.union(&coarse).copied().collect();
    if whole.len() >= 2 || all.len() >= 3 {
        let names: Vec<&str> = all.into_iter().map(Quasi::name).collect();
        report.warning(
            "policy-singling-out",
            &object.span,
            format!(
                "in the clear, {} together single people out",
                names.join(", ")
            ),
            "`hold` or `generalize` more of them",
        );
    }
}

fn quasi(plan: &Plan, field: &FieldPlan) -> Option<Quasi> {
    if let Some(class) = field.class {
        return vocabulary::term(&plan.class(class).category)?.quasi;
    }
    let name = field.name.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&["postal", "zip", "city", "latitude", "longitude"]) {
        Some(Quasi::Place)
    } else if has(&["birth", "geboorte"]) {
        Some(Quasi::Birth)
    } else if has(&["gender", "geslacht", "pronoun", "salutation"]) {
        Some(Quasi::Gender)
    } else {
        None
    }
}

/// A compound field whose parts all leave in the clear is no field derived from protected ones.
fn derived(object: &ObjectPlan, table: &FieldTable, report: &mut Report) {
    let Some(known) = table.object(&object.name) else {
        return;
    };
    for field in object
        .fields
        .iter()
        .filter(|field| field.rule == Rule::Derived)
    {
        let parts = known.fields.iter().filter(|part| {
            part.kind.holds_text()
                && part.name != field.name
                && part.compound.as_deref() == Some(field.name.as_str())
        });
        let rules: Vec<&Rule> = parts
            .filter_map(|part| object.field(&part.name))
            .map(|part| &part.rule)
            .collect();
        if !rules.is_empty() && rules.iter().all(|rule| **rule == Rule::Pass) {
            report.warning(
                "policy-derived-clear",
                &field.span,
                format!(
                    "all text that {} is made of leaves in the clear",
                    field.label
                ),
                "protect its parts; derived fields are protected by them alone",
            );
        }
    }
}

fn configuration(object: &ObjectPlan, report: &mut Report) {
    let Some((_, span)) = &object.reason else {
        return;
    };
    if object.fields.iter().any(|field| field.class.is_some()) {
        report.error(
            "policy-reason-misplaced",
            span,
            format!(
                "{} has fields about people, so its text fields need a reason each",
                object.name
            ),
            "move it: `{ action = \"pass\", reason = \"…\" }` under `fields`",
        );
    }
}
