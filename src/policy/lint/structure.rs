//! Do the parts of the policy hold together: keys, subjects, relationships, coverage?

use std::collections::BTreeSet;

use crate::policy::check::see_describe;
use crate::policy::plan::{FieldPlan, ObjectPlan, Subject};
use crate::policy::{
    FieldTable, FieldType, Plan, Report, Rule, Search, TableObject, sentence, suggest,
};

/// How many names a finding about several fields lists.
const LISTED: usize = 8;

pub fn check(plan: &Plan, table: &FieldTable, report: &mut Report) {
    for object in plan.objects() {
        let Some(known) = table.object(&object.name) else {
            continue;
        };
        empty(object, report);
        external_ids(plan, object, report);
        subject(plan, object, known, report);
        relations(object, known, report);
        children(object, table, report);
        coverage(object, known, report);
    }
}

fn empty(object: &ObjectPlan, report: &mut Report) {
    if object.fields.is_empty() {
        report.error(
            "policy-empty-object",
            &object.span,
            sentence!(
                "{object} has no rule for any field",
                "{object} heeft voor geen veld een regel",
                object = object.name,
            ),
            sentence!(
                "take the object away (it is refused then) or give its fields rules",
                "haal het object weg (het wordt dan geweigerd) of geef de velden regels"
            ),
        );
    }
}

/// An upsert finds its record by the key that the CRM holds, so a protected key must be the same
/// token for the same value, each time.
fn external_ids(plan: &Plan, object: &ObjectPlan, report: &mut Report) {
    for name in &object.external_ids {
        let Some(field) = object.field(name) else {
            report.error(
                "policy-external-id",
                &object.span,
                sentence!(
                    "{object}.{name} is a key of upserts and has no rule",
                    "{object}.{name} is een sleutel van upserts en heeft geen regel",
                    object = object.name,
                ),
                sentence!(
                    "give it a class under `fields`",
                    "geef het een klasse onder `fields`"
                ),
            );
            continue;
        };
        let found = matches!(field.rule, Rule::Pass | Rule::Tokenize { stable: true });
        let searchable = field.rule == Rule::Pass || searched(plan, field);
        if !found || !searchable {
            report.error(
                "policy-external-id",
                &field.span,
                format!(
                    "upserts by {} would never find a record: its rule is {}{}",
                    field.label,
                    field.rule.name(),
                    if searchable { "" } else { " without search" }
                ),
                "`{ class = \"…\", stable = true }`, and `search = \"exact\"` in the class",
            );
        }
    }
}

fn searched(plan: &Plan, field: &FieldPlan) -> bool {
    field
        .class
        .is_some_and(|class| plan.class(class).search == Search::Exact)
}

fn subject(plan: &Plan, object: &ObjectPlan, known: &TableObject, report: &mut Report) {
    match &object.subject {
        Subject::Own => {}
        Subject::Identify(fields) => {
            for name in fields {
                let fits = object.field(name).is_some_and(|field| {
                    matches!(field.rule, Rule::Tokenize { .. }) && searched(plan, field)
                });
                if !fits {
                    report.error(
                        "policy-subject",
                        &object.span,
                        sentence!(
                            "{object}.{name} cannot identify a person",
                            "{object}.{name} kan geen persoon aanwijzen",
                            object = object.name,
                        ),
                        sentence!(
                            "an identifying field is tokenized and its class has `search = \"exact\"`",
                            "een veld dat mensen aanwijst is een token en de klasse heeft `search = \"exact\"`"
                        ),
                    );
                }
            }
        }
        Subject::Follow { field, objects } => {
            if circles(plan, object) {
                report.error(
                    "policy-subject",
                    &object.span,
                    sentence!(
                        "following {object}.{field} leads back to {object}",
                        "wie {object}.{field} volgt komt weer bij {object} uit",
                        object = object.name,
                    ),
                    sentence!(
                        "let one object on the way have its own subject, or identify it",
                        "geef een object op die weg een eigen betrokkene, of wijs die aan"
                    ),
                );
            }
            let rule = object.field(field).map(|field| &field.rule);
            let leads = known.field(field).is_some_and(|field| {
                field.kind == FieldType::Reference
                    && objects
                        .iter()
                        .all(|object| field.reference_to.contains(object))
            });
            if rule != Some(&Rule::Pass) || !leads || objects.is_empty() {
                report.error(
                    "policy-subject",
                    &object.span,
                    sentence!(
                        "{object}.{field} cannot be followed to {objects}",
                        "{object}.{field} kan niet worden gevolgd naar {objects}",
                        object = object.name,
                        objects = objects.join(", "),
                    ),
                    sentence!(
                        "follow a reference field that is under `pass` and leads to that object",
                        "volg een verwijzing die onder `pass` staat en naar dat object leidt"
                    ),
                );
            }
        }
    }
}

/// Whether following subjects from here leads back here, so that it would never end.
fn circles(plan: &Plan, object: &ObjectPlan) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![object];
    while let Some(at) = open.pop() {
        let Subject::Follow { objects, .. } = &at.subject else {
            continue;
        };
        for next in objects.iter().filter_map(|name| plan.object(name)) {
            if next.name == object.name {
                return true;
            }
            if seen.insert(&next.name) {
                open.push(next);
            }
        }
    }
    false
}

fn relations(object: &ObjectPlan, known: &TableObject, report: &mut Report) {
    for (name, targets) in object.relations() {
        let mut fields = known.fields.iter();
        let field = fields.find(|field| {
            let relationship = field.relationship.as_deref();
            relationship.is_some_and(|known| known.eq_ignore_ascii_case(name))
        });
        let Some(field) = field else {
            let names = known
                .fields
                .iter()
                .filter_map(|field| field.relationship.as_deref());
            report.error(
                "policy-unknown-relation",
                &object.span,
                sentence!(
                    "{object} has no relationship `{name}`",
                    "{object} heeft geen relatie `{name}`",
                    object = object.name,
                ),
                match suggest::nearest(name, names) {
                    Some(near) => sentence!("did you mean `{near}`?", "bedoelde u `{near}`?"),
                    None => see_describe(),
                },
            );
            continue;
        };
        if let Some(stray) = targets.iter().find(|to| !field.reference_to.contains(to)) {
            report.error(
                "policy-unknown-relation",
                &object.span,
                sentence!(
                    "{object}.{name} never leads to {stray}",
                    "{object}.{name} leidt nooit naar {stray}",
                    object = object.name,
                ),
                sentence!(
                    "it leads to {targets}",
                    "het leidt naar {targets}",
                    targets = field.reference_to.join(", "),
                ),
            );
        }
    }
}

fn children(object: &ObjectPlan, table: &FieldTable, report: &mut Report) {
    for (name, child) in &object.children {
        let refers = table.object(child).is_some_and(|child| {
            let mut fields = child.fields.iter();
            fields.any(|field| field.reference_to.contains(&object.name))
        });
        if !refers {
            report.error(
                "policy-unknown-relation",
                &object.span,
                format!(
                    "no field of {child} refers to {}, so `{name}` is no child relationship",
                    object.name
                ),
                "see the CRM's describe for the child relationships it has",
            );
        }
    }
}

/// Fields that the CRM has and the policy says nothing about are refused. Somebody may have
/// forgotten them.
fn coverage(object: &ObjectPlan, known: &TableObject, report: &mut Report) {
    let missing: Vec<&str> = known
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .filter(|name| object.field(name).is_none())
        .filter(|name| !object.left_out.iter().any(|left| left == name))
        .collect();
    if missing.is_empty() {
        return;
    }
    let listed: Vec<&str> = missing.iter().copied().take(LISTED).collect();
    let (name, count, listed) = (&object.name, missing.len(), listed.join(", "));
    let rest = match count.saturating_sub(LISTED) {
        0 => sentence!("", ""),
        more => sentence!(" and {more} more", " en nog {more}"),
    };
    report.warning(
        "policy-uncovered",
        &object.span,
        sentence!(
            "{name} has {count} fields without a rule, which are refused: {listed}{rest}",
            "{name} heeft {count} velden zonder regel, die worden geweigerd: {listed}{rest}",
            rest: rest,
        ),
        sentence!(
            "give them rules, or list them under `left_out`",
            "geef ze regels, of noem ze onder `left_out`"
        ),
    );
}
