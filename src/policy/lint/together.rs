//! What does the CRM learn from the fields of an object together?

use std::collections::BTreeSet;

use crate::policy::plan::{FieldPlan, ObjectPlan};
use crate::policy::vocabulary::{self, Quasi};
use crate::policy::{FieldTable, Plan, Report, Rule, sentence};

/// Questions about an object as a whole.
pub fn check(plan: &Plan, table: &FieldTable, report: &mut Report) {
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
        let names = names.join(", ");
        report.warning(
            "policy-singling-out",
            &object.span,
            sentence!(
                "in the clear, {names} together single people out",
                "leesbaar maken {names} mensen samen herleidbaar"
            ),
            sentence!(
                "`hold` or `generalize` more of them",
                "gebruik `hold` of `generalize` voor meer ervan"
            ),
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
            let label = &field.label;
            report.warning(
                "policy-derived-clear",
                &field.span,
                sentence!(
                    "all text that {label} is made of leaves in the clear",
                    "alle tekst waaruit {label} bestaat gaat leesbaar weg"
                ),
                sentence!(
                    "protect its parts; derived fields are protected by them alone",
                    "bescherm de delen; alleen zij beschermen een afgeleid veld"
                ),
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
            sentence!(
                "{object} has fields about people, so its text fields need a reason each",
                "{object} heeft velden over mensen, dus elk tekstveld vraagt een eigen reden",
                object = object.name,
            ),
            sentence!(
                "move it: `{{ action = \"pass\", reason = \"…\" }}` under `fields`",
                "verplaats haar: `{{ action = \"pass\", reason = \"…\" }}` onder `fields`"
            ),
        );
    }
}
