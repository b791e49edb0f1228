//! What a name in a query means, and how policy spells it.

use super::Planner;
use super::rules::clause;
use crate::dialect::salesforce::soql::ast::{Name, Path, Source};
use crate::dialect::salesforce::soql::visit;
use crate::model::Refusal;
use crate::policy::{ClassId, FieldPlan, ObjectPlan};
use crate::protect::outward::resolve;
use crate::protect::outward::values::Context;

/// The fields that a path means, with their clause.
pub(super) type Fields<'p> = Vec<&'p FieldPlan>;

/// A query's object and what its paths may begin with.
pub(super) struct Scope<'p> {
    pub object: &'p ObjectPlan,
    pub sources: Vec<Source>,
    pub aliases: Vec<Option<Name>>,
    /// Whether the source is a child relation.
    pub child: bool,
}

impl<'p> Planner<'_, 'p, '_> {
    pub(super) fn path(&self, path: &mut Path, scope: &Scope<'p>) -> Result<Fields<'p>, Refusal> {
        let resolved = visit::resolve(&scope.sources, path);
        let mut names: Vec<&str> = resolved.map_or_else(Vec::new, |resolved| {
            resolved.names.iter().map(Name::text).collect()
        });
        // A prefix that is also a relation of the object would be read in two ways.
        if names.len() < path.names.len()
            && path
                .names
                .first()
                .is_some_and(|first| scope.object.relation(first.text()).is_some())
        {
            return Err(clause(
                "FROM",
                "an alias may not have the name of a relation",
            ));
        }
        // A child query's paths may begin with the object's own name, which its source does not
        // tell.
        if scope.child
            && names.len() == path.names.len()
            && names.len() > 1
            && names
                .first()
                .is_some_and(|first| first.eq_ignore_ascii_case(&scope.object.name))
        {
            if scope.object.relation(&scope.object.name).is_some() {
                return Err(clause("FROM", "a relation has the name of its own object"));
            }
            names.remove(0);
        }
        let (fields, spelled) = resolve::path(self.context, scope.object, &names)?;
        respell(path, &spelled)?;
        Ok(fields)
    }
}

/// The class of a field that does not stand in the clear in the CRM.
pub(super) fn hidden<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    path: &Path,
) -> Result<Option<ClassId>, Refusal> {
    let (fields, _) = resolve::path(context, object, &texts(path))?;
    let mut hidden = fields.iter().filter(|field| !field.rule.leaves_clear());
    Ok(hidden.find_map(|field| field.class))
}

pub(super) fn texts(path: &Path) -> Vec<&str> {
    path.names.iter().map(Name::text).collect()
}

pub(super) fn spell<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    path: &mut Path,
) -> Result<(), Refusal> {
    let (_, spelled) = resolve::path(context, object, &texts(path))?;
    respell(path, &spelled)
}

/// Gives a path policy's spelling, which most have already.
fn respell(path: &mut Path, spelled: &str) -> Result<(), Refusal> {
    if !matches!(path.names.as_slice(), [name] if name.text() == spelled) {
        let names = spelled.split('.').map(identifier);
        path.names = names.collect::<Result<_, _>>()?;
    }
    Ok(())
}

pub(super) fn identifier(text: &str) -> Result<Name, Refusal> {
    Name::new(text).ok_or_else(|| clause("SELECT", "policy has a name that SOQL does not take"))
}
