//! The records that mutations write.

use super::arguments::{leaf, no_arguments};
use super::{GraphKey, Planner, name};
use crate::dialect::salesforce::door::Key;
use crate::dialect::salesforce::graphql::INPUT;
use crate::dialect::salesforce::graphql::ast::{Field, Value};
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::policy::ObjectPlan;
use crate::protect::outward::query::clause;
use crate::protect::outward::record;
use crate::protect::outward::values::Context;
use crate::wire::json::{Kind, NodeId};

impl<'p> Planner<'_, 'p, '_> {
    pub(super) fn mutations(&mut self, uiapi: &mut Field) -> Result<(), Refusal> {
        for (name, value) in &uiapi.arguments {
            let flag = match value {
                Value::Object(members) => members.iter().all(|(name, value)| {
                    name.text() == "allOrNone" && matches!(value, Value::Bool(_))
                }),
                _ => false,
            };
            if name.text() != "input" || !flag {
                return Err(clause("uiapi", "allOrNone alone is known"));
            }
        }
        for selection in &mut uiapi.selections {
            let field = self.only_field(selection)?;
            let asked = field.name.text().to_owned();
            let verbs = ["Create", "Update", "Delete"].into_iter();
            let mut verbs = verbs.filter_map(|verb| Some((asked.strip_suffix(verb)?, verb)));
            let Some((object, verb)) = verbs.next() else {
                return Err(clause(
                    "mutation",
                    "Create, Update and Delete alone are known",
                ));
            };
            let object = self.context.object(object)?;
            if verb == "Delete" {
                self.context.deletes(object)?;
            }
            let record = self.input(field, object, verb)?;
            field.name = name(&format!("{}{verb}", object.name))?;
            let key = match record {
                None => GraphKey::Structure,
                Some(record) => {
                    self.written.push((&object.name, record, self.place));
                    GraphKey::Mutation(self.written.len() - 1)
                }
            };
            self.renamed(field, key)?;
            for selection in &mut field.selections {
                let inner = self.only_field(selection)?;
                if leaf(inner, &["Id", "__typename"])? {
                    if inner.alias.is_some() {
                        self.structure(inner)?;
                    }
                    continue;
                }
                if inner.name.text() != "Record" || verb == "Delete" {
                    return Err(clause("mutation", "Record alone is known of an answer"));
                }
                no_arguments(inner)?;
                self.structure(inner)?;
                self.record(inner, object, true)?;
            }
        }
        Ok(())
    }

    /// The argument of a mutation, and the key of the record that it writes. The record stands
    /// apart, and is read like any other.
    fn input(
        &self,
        field: &mut Field,
        object: &'p ObjectPlan,
        verb: &str,
    ) -> Result<Option<Key>, Refusal> {
        let malformed = || clause("mutation", "its input is malformed");
        let [(argument, Value::Object(members))] = field.arguments.as_mut_slice() else {
            return Err(malformed());
        };
        if argument.text() != "input" {
            return Err(malformed());
        }
        let (mut id, mut record) = (None, false);
        for (member, value) in members {
            match value {
                Value::Text(text) if member.text() == "Id" && verb != "Create" => {
                    let parsed = Id::parse(text.expose()).ok_or_else(malformed)?;
                    let of = self.context.object_of(parsed)?;
                    if of.name != object.name {
                        return Err(malformed());
                    }
                    id = Some(parsed);
                }
                Value::Variable(place)
                    // A document without any other variable has them in order.
                    if place.text() == format!("{INPUT}{}", self.written.len())
                        && member.text().eq_ignore_ascii_case(&object.name) =>
                {
                    *member = name(&object.name)?;
                    record = true;
                }
                _ => return Err(malformed()),
            }
        }
        match (verb, record, id) {
            ("Create", true, None) => Ok(Some(Key::New)),
            ("Update", true, Some(id)) => Ok(Some(Key::Id(id))),
            ("Delete", false, Some(_)) => Ok(None),
            _ => Err(malformed()),
        }
    }
}

/// A record of a mutation has values and nothing else; its id stands beside it.
pub(super) fn plain(context: &Context<'_, '_>, node: NodeId) -> Result<(), Refusal> {
    let malformed = |text| Err(Refusal::new(Code::BodyMalformed, text));
    let document = record::body(context)?;
    for (key, value) in document.members(node) {
        if document.kind(value) == Kind::Object {
            return malformed("a field's value may not be an object");
        }
        if key.eq_ignore_ascii_case("id") || key == "attributes" {
            return malformed("the id of a mutation stands beside its record");
        }
    }
    Ok(())
}
