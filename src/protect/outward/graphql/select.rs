//! What a document selects: lists of records, their fields, relations and children.

use super::arguments::{SCOPES, count, cursor, directives, leaf, no_arguments, word};
use super::{GraphKey, Planner, fragment_name, name};
use crate::dialect::salesforce::graphql::MAX_DEPTH;
use crate::dialect::salesforce::graphql::ast::{
    Field, Fragment, Kind, Name, Operation, Place, Selection,
};
use crate::model::{Code, Refusal};
use crate::policy::{FieldType, ObjectPlan, Rule};
use crate::protect::outward::query::{at, clause};
use crate::protect::outward::values::{no_relation, unlisted};

impl<'p> Planner<'_, 'p, '_> {
    pub(super) fn operation(&mut self, operation: &mut Operation) -> Result<(), Refusal> {
        directives(&operation.directives)?;
        let kind = operation.kind;
        for selection in &mut operation.selections {
            let field = self.only_field(selection)?;
            if leaf(field, &["__typename"])? {
                self.structure(field)?;
                continue;
            }
            if field.name.text() != "uiapi" {
                return Err(clause("GraphQL", "uiapi alone is answered"));
            }
            self.structure(field)?;
            match kind {
                Kind::Query => self.queries(field)?,
                Kind::Mutation => self.mutations(field)?,
            }
        }
        Ok(())
    }

    fn queries(&mut self, uiapi: &mut Field) -> Result<(), Refusal> {
        no_arguments(uiapi)?;
        for selection in &mut uiapi.selections {
            let field = self.only_field(selection)?;
            if leaf(field, &["__typename"])? {
                self.structure(field)?;
                continue;
            }
            if field.name.text() != "query" {
                return Err(clause("uiapi", "query alone is answered"));
            }
            no_arguments(field)?;
            self.structure(field)?;
            for selection in &mut field.selections {
                let list = self.only_field(selection)?;
                let object = self.object(&mut list.name)?;
                self.connection(list, object)?;
            }
        }
        Ok(())
    }

    /// `edges { node { … } }` of an object's records.
    fn connection(&mut self, list: &mut Field, object: &'p ObjectPlan) -> Result<(), Refusal> {
        self.renamed(list, GraphKey::Structure)?;
        for (name, value) in &mut list.arguments {
            match name.text() {
                "first" | "upperBound" => count(value)?,
                "after" => cursor(value)?,
                "scope" => word(value, "scope", SCOPES)?,
                "where" => self.filter(value, object)?,
                "orderBy" => self.order(value, object)?,
                _ => return Err(clause("GraphQL", "an argument is not one that is known")),
            }
        }
        for selection in &mut list.selections {
            let field = self.only_field(selection)?;
            if leaf(field, &["totalCount", "pageResultCount", "__typename"])? {
                self.structure(field)?;
                continue;
            }
            no_arguments(field)?;
            self.structure(field)?;
            match field.name.text() {
                "pageInfo" => self.leaves(
                    field,
                    &["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"],
                )?,
                "edges" => {
                    for selection in &mut field.selections {
                        let inner = self.only_field(selection)?;
                        if leaf(inner, &["cursor", "__typename"])? {
                            self.structure(inner)?;
                            continue;
                        }
                        if inner.name.text() != "node" {
                            return Err(clause("edges", "node and cursor alone are known"));
                        }
                        no_arguments(inner)?;
                        self.structure(inner)?;
                        self.record(inner, object, false)?;
                    }
                }
                _ => {
                    return Err(clause(
                        "GraphQL",
                        "a field of a list is not one that is known",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Fields without arguments or fields of their own.
    fn leaves(&mut self, field: &mut Field, known: &[&str]) -> Result<(), Refusal> {
        for selection in &mut field.selections {
            let inner = self.only_field(selection)?;
            if !leaf(inner, known)? {
                return Err(clause("GraphQL", "a field is not one that is known here"));
            }
            self.structure(inner)?;
        }
        Ok(())
    }

    /// The fields of one record. Where a value is kept here, the id must come first to find it.
    pub(super) fn record(
        &mut self,
        field: &mut Field,
        object: &'p ObjectPlan,
        needs_id: bool,
    ) -> Result<(), Refusal> {
        let held = self.node(&mut field.selections, object)?;
        let id = |selection: &Selection| matches!(selection, Selection::Field(Field { alias: None, name, .. }) if name.text() == "Id");
        if held || needs_id {
            field.selections.retain(|selection| !id(selection));
            let name = name("Id")?;
            field.selections.insert(
                0,
                Selection::Field(Field {
                    place: Place::default(),
                    alias: None,
                    name,
                    arguments: vec![],
                    directives: vec![],
                    selections: vec![],
                }),
            );
        }
        Ok(())
    }

    /// Whether a value is selected that is kept here. Each fragment begins anew for whoever reads the
    /// document; together they may not stand deeper than one alone.
    fn node(
        &mut self,
        selections: &mut [Selection],
        object: &'p ObjectPlan,
    ) -> Result<bool, Refusal> {
        if self.depth == MAX_DEPTH {
            return Err(clause("GraphQL", "the document is too deep"));
        }
        self.depth += 1;
        let held = self.parts(selections, object);
        self.depth -= 1;
        held
    }

    fn parts(
        &mut self,
        selections: &mut [Selection],
        object: &'p ObjectPlan,
    ) -> Result<bool, Refusal> {
        let mut held = false;
        for selection in selections {
            held |= match selection {
                Selection::Field(field) => self.field(field, object)?,
                Selection::Spread {
                    name,
                    directives: conditions,
                } => {
                    directives(conditions)?;
                    self.spread(name, object)?
                }
                Selection::Inline {
                    on,
                    directives: conditions,
                    selections,
                } => {
                    directives(conditions)?;
                    if on.as_ref().is_some_and(|on| on.text() != object.name) {
                        return Err(clause("GraphQL", "a fragment is on another object"));
                    }
                    self.node(selections, object)?
                }
            };
        }
        Ok(held)
    }

    /// A fragment is read once, for the object that it is on, and gets a name of ours.
    fn spread(&mut self, name: &mut Name, object: &'p ObjectPlan) -> Result<bool, Refusal> {
        let unknown = || clause("GraphQL", "a fragment is unknown, or on another object");
        let fits = |fragment: &Option<Fragment>| {
            fragment
                .as_ref()
                .is_some_and(|fragment| fragment.name == *name && fragment.on.text() == object.name)
        };
        // One that is being read is not among them: it would stand within itself.
        let place = self.fragments.iter().position(fits).ok_or_else(unknown)?;
        let theirs = std::mem::replace(name, fragment_name(place)?);
        if let Some(held) = self.done.get(&theirs) {
            return Ok(*held);
        }
        let fragment = self.fragments.get_mut(place).and_then(Option::take);
        let mut fragment = fragment.ok_or_else(unknown)?;
        let held = self.node(&mut fragment.selections, object)?;
        if let Some(slot) = self.fragments.get_mut(place) {
            *slot = Some(fragment);
        }
        self.done.insert(theirs, held);
        Ok(held)
    }

    fn field(&mut self, field: &mut Field, object: &'p ObjectPlan) -> Result<bool, Refusal> {
        self.place = field.place;
        directives(&field.directives)?;
        let asked = field.name.text().to_owned();
        if asked == "__typename" {
            leaf(field, &["__typename"])?;
            self.structure(field)?;
            return Ok(false);
        }
        if let Some(plan) = object.field(&asked) {
            no_arguments(field)?;
            let own = plan.kind == FieldType::Id;
            if own != field.selections.is_empty() {
                return Err(at(plan, "GraphQL", "a field is asked for by its value"));
            }
            for selection in &mut field.selections {
                let part = self.only_field(selection)?;
                let known = ["value", "displayValue", "label", "__typename"];
                if part.alias.is_some() || !leaf(part, &known)? {
                    return Err(at(
                        plan,
                        "GraphQL",
                        "value, displayValue and label are known",
                    ));
                }
            }
            if !(own && field.alias.is_none()) {
                let key = GraphKey::Field {
                    object: object.name.clone(),
                    field: plan.name.clone(),
                };
                self.renamed(field, key)?;
            }
            field.name = name(&plan.name)?;
            return Ok(plan.rule == Rule::Hold);
        }
        let mut relations = object.relations();
        let relation = relations.find(|(known, _)| known.eq_ignore_ascii_case(&asked));
        if let Some((spelling, targets)) = relation {
            no_arguments(field)?;
            self.renamed(field, GraphKey::Structure)?;
            field.name = name(spelling)?;
            return match targets {
                [only] => {
                    let target = self.context.object(only)?;
                    self.record(field, target, false)?;
                    Ok(false)
                }
                several => {
                    self.several(field, several)?;
                    Ok(false)
                }
            };
        }
        let mut children = object.children();
        let child = children.find(|(known, _)| known.eq_ignore_ascii_case(&asked));
        let (spelling, child) = child.ok_or_else(|| {
            let plan = self.context.plan;
            let unlisted = unlisted(plan, &object.name, Some(&asked));
            let unlisted = unlisted.or_else(|| no_relation(plan, object, &asked));
            unlisted.unwrap_or_else(|| {
                let text = format!(
                    "a field or relation that is asked of {} has no rule in policy",
                    object.name
                );
                Refusal::at(Code::PolicyUnknownField, object.name.clone(), text)
            })
        })?;
        let child = self.context.object(child)?;
        self.connection(field, child)?;
        field.name = name(spelling)?;
        Ok(false)
    }

    /// A relation to several objects: fragments say which fields of which.
    fn several(&mut self, field: &mut Field, targets: &[String]) -> Result<(), Refusal> {
        for selection in &mut field.selections {
            match selection {
                Selection::Inline {
                    on: Some(on),
                    directives: conditions,
                    selections,
                } if targets.iter().any(|target| target == on.text()) => {
                    directives(conditions)?;
                    let target = self.context.object(on.text())?;
                    self.node(selections, target)?;
                }
                Selection::Field(inner) if leaf(inner, &["__typename", "Id"])? => {
                    if inner.name.text() != "Id" || inner.alias.is_some() {
                        self.structure(inner)?;
                    }
                }
                _ => {
                    let why = "a relation to several objects is asked for by `... on` one of them";
                    return Err(clause("GraphQL", why));
                }
            }
        }
        Ok(())
    }
}
