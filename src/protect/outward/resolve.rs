//! Dotted paths: from an object over its relations to the fields that they may mean.

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
) -> Result<(Vec<&'p FieldPlan>, String), Refusal> {
    let Some((last, relations)) = names.split_last() else {
        return Err(unknown(object));
    };
    if relations.len() > relation::DEEPEST {
        return Err(unknown(object));
    }
    let mut spelled = String::new();
    let mut objects = vec![object];
    for name in relations {
        let (spelling, targets) = step(context, &objects, name).ok_or_else(|| {
            let mut from = objects.iter();
            let unlisted = from.find_map(|from| no_relation(context.plan, from, name));
            unlisted.unwrap_or_else(|| unknown(object))
        })?;
        spelled.push_str(&spelling);
        spelled.push('.');
        objects = targets;
    }
    let fields: Vec<&FieldPlan> = objects
        .iter()
        .filter_map(|object| object.field(last))
        .collect();
    // Behind a relation to several objects: what is compared with one is compared with all.
    let mut left_out = objects.iter();
    let left_out = left_out.find_map(|object| unlisted(context.plan, &object.name, Some(last)));
    if let Some(refusal) = left_out {
        return Err(refusal);
    }
    let Some(first) = fields.first() else {
        let object = objects.first().copied().unwrap_or(object);
        return Err(unknown(object));
    };
    spelled.push_str(&first.name);
    Ok((fields, spelled))
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
