//! Dotted paths: from an object over its relations to the fields that they may mean.

use std::borrow::Cow;
use std::slice;

use super::values::{Context, no_relation, unlisted};
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, ObjectPlan};
use crate::protect::relation;

/// The fields that a path means, more than one behind a relation to several objects, and the path
/// in policy's spelling.
pub(super) fn path<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    names: &[&str],
) -> Result<(Vec<&'p FieldPlan>, Cow<'p, str>), Refusal> {
    let mut fields = Vec::with_capacity(1);
    let spelled = read(context, object, names, |field| fields.push(field))?;
    Ok((fields, spelled))
}

/// A path as it is written, with dots, in policy's spelling.
pub(super) fn spell<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    dotted: &str,
) -> Result<Cow<'p, str>, Refusal> {
    match memchr::memchr(b'.', dotted.as_bytes()) {
        None => read(context, object, &[dotted], |_| {}), // Most are one name.
        Some(_) => read(
            context,
            object,
            &dotted.split('.').collect::<Vec<_>>(),
            |_| {},
        ),
    }
}

/// Reads a path; `means` is told each field that it means.
fn read<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    names: &[&str],
    mut means: impl FnMut(&'p FieldPlan),
) -> Result<Cow<'p, str>, Refusal> {
    let Some((last, relations)) = names.split_last() else {
        return Err(unknown(object));
    };
    if relations.len() > relation::DEEPEST {
        return Err(unknown(object));
    }
    let mut spelled = String::new();
    let mut objects = Cow::Borrowed(slice::from_ref(&object));
    for name in relations {
        let (spelling, targets) = step(context, &objects, name).ok_or_else(|| {
            let mut from = objects.iter();
            let unlisted = from.find_map(|from| no_relation(context.plan, from, name));
            unlisted.unwrap_or_else(|| unknown(object))
        })?;
        spelled.push_str(&spelling);
        spelled.push('.');
        objects = Cow::Owned(targets);
    }
    let mut first = None;
    for field in objects.iter().filter_map(|object| object.field(last)) {
        means(field);
        first = first.or(Some(field));
    }
    // Behind a relation to several objects: what is compared with one is compared with all.
    let mut left_out = objects.iter();
    let left_out = left_out.find_map(|object| unlisted(context.plan, &object.name, Some(last)));
    if let Some(refusal) = left_out {
        return Err(refusal);
    }
    let Some(first) = first else {
        let object = objects.first().copied().unwrap_or(object);
        return Err(unknown(object));
    };
    if spelled.is_empty() {
        return Ok(Cow::Borrowed(&first.name));
    }
    spelled.push_str(&first.name);
    Ok(Cow::Owned(spelled))
}

/// The objects behind a relation; those without rules are left out, and their records are masked
/// wherever they come back.
pub(super) fn step<'p>(
    context: &Context<'p, '_>,
    objects: &[&'p ObjectPlan],
    name: &str,
) -> Option<(String, Vec<&'p ObjectPlan>)> {
    let object = |name: &str| context.plan.object(name);
    let step = relation::step(&object, objects, name)?;
    Some((step.spelling, step.targets))
}

fn unknown(object: &ObjectPlan) -> Refusal {
    let text = format!(
        "a field or relation that is asked of {} has no rule in policy",
        object.name
    );
    Refusal::at(Code::PolicyUnknownField, object.name.clone(), text)
}
