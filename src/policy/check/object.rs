//! Objects of the file to objects of the plan.

use std::ops::Range;

use crate::policy::at::At;
use crate::policy::check::field::{self, Owner};
use crate::policy::check::{Scope, did_you_mean, twice};
use crate::policy::names::Names;
use crate::policy::plan::{FieldPlan, ObjectPlan, Subject, Summary};
use crate::policy::raw::{self, Targets};
use crate::policy::sequence::Sequence;
use crate::policy::{Report, TableField, TableObject, sentence};

/// All objects of the file.
pub fn resolve(scope: &Scope<'_>, report: &mut Report) -> Vec<ObjectPlan> {
    some(scope, &|_| true, report)
}

/// Some objects of the file, by their names there.
pub fn some(
    scope: &Scope<'_>,
    which: &dyn Fn(&str) -> bool,
    report: &mut Report,
) -> Vec<ObjectPlan> {
    let mut objects = Vec::new();
    let named = scope.file.objects.iter();
    for (name, object) in named.filter(|(name, _)| which(&name.value)) {
        if let Some(table) = known(scope, name, report) {
            objects.push(one(scope, name, (&object.value, table), report));
        }
    }
    objects
}

fn one(
    scope: &Scope<'_>,
    name: &At<String>,
    (object, table): (&raw::Object, &TableObject),
    report: &mut Report,
) -> ObjectPlan {
    let lists = [&object.pass, &object.derived, &object.left_out];
    let listed = lists.into_iter().flatten();
    twice(listed.chain(object.fields.keys()), "field", report);
    let fields = fields(scope, (object, table), report);
    let left_out = object.left_out.iter();
    let left_out = left_out.filter_map(|name| in_table(table, name, report));
    let left_out: Vec<String> = left_out.map(|field| field.name.clone()).collect();
    let external_ids = object.external_ids.iter();
    let external_ids = external_ids.filter_map(|name| in_table(table, name, report));
    let external_ids: Vec<String> = external_ids.map(|field| field.name.clone()).collect();
    let relations = relations(scope, object, report);
    ObjectPlan {
        name: table.name.clone(),
        key_prefix: table.key_prefix.clone(),
        subject: subject(scope, (object, table), report),
        by_name: Names::new(fields.iter().map(|field| field.name.as_str())),
        sequence: Sequence::of(fields.len()),
        summary: Summary::of(&fields),
        fields,
        open_relations: open(&relations, table),
        relations,
        children: children(scope, object, report),
        external_ids,
        left_out,
        narrowed: false,
        reason: object
            .reason
            .as_ref()
            .map(|reason| (reason.value.clone(), reason.span.clone())),
        span: name.span.clone(),
    }
}

fn fields(
    scope: &Scope<'_>,
    (object, table): (&raw::Object, &TableObject),
    report: &mut Report,
) -> Vec<FieldPlan> {
    let owner = Owner {
        name: &table.name,
        object,
    };
    let mut fields = Vec::new();
    for (list, names) in [("pass", &object.pass), ("derived", &object.derived)] {
        for name in names {
            if let Some(known) = in_table(table, name, report) {
                let place = (list, &name.span);
                fields.push(field::listed(scope, &owner, place, known, report));
            }
        }
    }
    for (name, entry) in &object.fields {
        if let Some(known) = in_table(table, name, report) {
            let entry = (&name.span, entry);
            fields.push(field::ruled(scope, &owner, entry, known, report));
        }
    }
    fields
}

fn in_table<'t>(
    table: &'t TableObject,
    name: &At<String>,
    report: &mut Report,
) -> Option<&'t TableField> {
    let found = table.field(&name.value);
    if found.is_none() {
        let known: Vec<&str> = table
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        report.error(
            "policy-unknown-field",
            &name.span,
            sentence!(
                "{object} has no field `{name}`",
                "{object} heeft geen veld `{name}`",
                object = table.name,
                name = name.value,
            ),
            did_you_mean(&name.value, &known),
        );
    }
    found
}

fn known<'t>(scope: &Scope<'t>, name: &At<String>, report: &mut Report) -> Option<&'t TableObject> {
    let found = scope.table.object(&name.value);
    if found.is_none() {
        let known = scope.table.objects().map(|object| object.name.as_str());
        unknown_object(name, &known.collect::<Vec<_>>(), report);
    }
    found
}

fn unknown_object(name: &At<String>, known: &[&str], report: &mut Report) {
    report.error(
        "policy-unknown-object",
        &name.span,
        sentence!(
            "the CRM's field table has no object `{name}`",
            "de veldentabel van het CRM heeft geen object `{name}`",
            name = name.value,
        ),
        did_you_mean(&name.value, known),
    );
}

/// The objects that a relationship names, in the CRM's spelling. Each must have rules here:
/// a query must not reach through a relationship into what policy does not know.
fn targets(
    scope: &Scope<'_>,
    span: &Range<usize>,
    names: &[String],
    report: &mut Report,
) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let here = scope.file.objects.keys();
        let ruled = here.filter(|object| object.value.eq_ignore_ascii_case(name));
        match (ruled.count(), scope.table.object(name)) {
            (1.., Some(object)) => found.push(object.name.clone()),
            _ => {
                let name = At {
                    value: name.clone(),
                    span: span.clone(),
                };
                let known = scope
                    .file
                    .objects
                    .keys()
                    .map(|object| object.value.as_str());
                report.error(
                    "policy-unknown-object",
                    span,
                    sentence!(
                        "this policy has no object `{name}`",
                        "dit beleid heeft geen object `{name}`",
                        name = name.value,
                    ),
                    did_you_mean(&name.value, &known.collect::<Vec<_>>()),
                );
            }
        }
    }
    found
}

fn relations(
    scope: &Scope<'_>,
    object: &raw::Object,
    report: &mut Report,
) -> Vec<(String, Vec<String>)> {
    twice(object.relations.keys(), "relationship", report);
    let mut relations = Vec::new();
    for (name, to) in &object.relations {
        let to = targets(scope, &to.span, to.value.names(), report);
        relations.push((name.value.clone(), to));
    }
    relations
}

/// The relations that lead to more objects in the CRM than the policy says. Of one that the CRM's
/// description does not have, `lint` tells.
fn open(relations: &[(String, Vec<String>)], table: &TableObject) -> Vec<String> {
    let open = relations.iter().filter(|(name, targets)| {
        let mut fields = table.fields.iter();
        let field = fields.find(|field| {
            let known = field.relationship.as_deref();
            known.is_some_and(|known| known.eq_ignore_ascii_case(name))
        });
        field.is_some_and(|field| !field.reference_to.iter().all(|to| targets.contains(to)))
    });
    open.map(|(name, _)| name.clone()).collect()
}

fn children(scope: &Scope<'_>, object: &raw::Object, report: &mut Report) -> Vec<(String, String)> {
    twice(object.children.keys(), "child relationship", report);
    let mut children = Vec::new();
    for (name, to) in &object.children {
        let names = std::slice::from_ref(&to.value);
        let found = targets(scope, &to.span, names, report);
        children.extend(found.into_iter().map(|object| (name.value.clone(), object)));
    }
    children
}

fn subject(
    scope: &Scope<'_>,
    (object, table): (&raw::Object, &TableObject),
    report: &mut Report,
) -> Subject {
    let Some(subject) = &object.subject else {
        return Subject::Own;
    };
    match (
        &subject.value.identify,
        &subject.value.follow,
        &subject.value.object,
    ) {
        (Some(fields), None, None) => {
            let fields = fields.value.iter();
            let fields = fields.filter_map(|name| in_table(table, name, report));
            Subject::Identify(fields.map(|field| field.name.clone()).collect())
        }
        (None, Some(field), Some(to)) => {
            let names = Targets::names(&to.value);
            let objects = targets(scope, &to.span, names, report);
            let Some(field) = in_table(table, field, report) else {
                return Subject::Own;
            };
            Subject::Follow {
                field: field.name.clone(),
                objects,
            }
        }
        _ => {
            report.error(
                "policy-subject",
                &subject.span,
                sentence!(
                    "this does not say in exactly one way whose data a record is",
                    "dit zegt niet op precies één manier van wie de gegevens van een record zijn"
                ),
                sentence!(
                    "write `{{ identify = [...] }}`, or `{{ follow = \"…\", object = \"…\" }}`",
                    "schrijf `{{ identify = [...] }}`, of `{{ follow = \"…\", object = \"…\" }}`"
                ),
            );
            Subject::Own
        }
    }
}
