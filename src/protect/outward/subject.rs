//! Whose data a record is: by its identifying fields, by the record that it refers to, or by another
//! record of the same request, which has no id yet.

use super::needs::SubjectOf;
use super::record::body;
use super::survey::Survey;
use super::values::Context;
use crate::dialect::salesforce::door::{self, Key};
use crate::dialect::salesforce::file;
use crate::dialect::salesforce::id::Id;
use crate::policy::{FieldPlan, ObjectPlan, Subject};
use crate::wire::json::NodeId;

/// Notes what tells whose data the record is.
pub(super) fn identify<'p>(
    survey: &Survey<'p>,
    context: &Context<'p, '_>,
    (object, field): (&'p ObjectPlan, &'p FieldPlan),
    (value, scope): (NodeId, usize),
    of: &mut SubjectOf,
) {
    let text = body(context).ok().and_then(|body| body.text(value));
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return;
    };
    match &object.subject {
        Subject::Own => {}
        Subject::Identify(fields) => {
            if fields
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&field.name))
            {
                of.identities.extend(context.term(field, &text));
            }
        }
        Subject::Follow { .. }
            if object.name == file::VERSION && field.name == file::VERSION_OF =>
        {
            of.document = Id::parse(&text).map(Into::into);
        }
        Subject::Follow {
            field: name,
            objects,
        } if name.eq_ignore_ascii_case(&field.name) => {
            if let Some((name, _)) = door::reference(&text) {
                of.within = made(survey, scope, name, Some(objects)).or(of.within);
            } else if let Some(id) = Id::parse(&text) {
                // A reference field of several objects is told apart by the id's prefix.
                let prefixed = context
                    .plan
                    .whole()
                    .object_of_id(id.as_str())
                    .map(|plan| plan.name.clone());
                let named =
                    prefixed.filter(|name| objects.contains(name)).or_else(|| {
                        match objects.as_slice() {
                            [only] => Some(only.clone()),
                            _ => None,
                        }
                    });
                of.follow = named.map(|object| (object, id.into()));
            }
        }
        Subject::Follow { .. } => {}
    }
}

/// The earlier write to a record that is named by a reference.
pub(super) fn same(survey: &Survey<'_>, scope: usize, key: &Key) -> Option<usize> {
    match key {
        Key::Reference { name, .. } => made(survey, scope, name, None),
        Key::New | Key::Id(_) | Key::External { .. } => None,
    }
}

/// The record that an earlier sub-request writes, by the client's name for it; of `objects`, where
/// they are given.
fn made(
    survey: &Survey<'_>,
    scope: usize,
    theirs: &str,
    objects: Option<&Vec<String>>,
) -> Option<usize> {
    let name = survey.request.reference(scope, theirs)?;
    let (_, unit) = survey.made.iter().find(|(made, _)| *made == name)?;
    let unit = *unit;
    let object = &survey.values.units.get(unit)?.object.name;
    let fits = objects.is_none_or(|objects| objects.contains(object));
    fits.then_some(unit)
}

/// The record whose child a record is in its body, where policy has it follow such records.
pub(super) fn inherited(
    survey: &Survey<'_>,
    object: &ObjectPlan,
    parent: Option<usize>,
) -> Option<usize> {
    let Subject::Follow { objects, .. } = &object.subject else {
        return None;
    };
    parent.filter(|parent| {
        let unit = survey.values.units.get(*parent);
        unit.is_some_and(|unit| objects.contains(&unit.object.name))
    })
}

impl Survey<'_> {
    /// Files that become further versions of a document: the CRM is to be asked which record each
    /// follows.
    pub fn documents(&mut self) -> impl Iterator<Item = &mut SubjectOf> {
        let subjects = self.values.needs.subjects.iter_mut();
        subjects.filter(|of| of.document.is_some())
    }
}
