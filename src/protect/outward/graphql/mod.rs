//! GraphQL over protected fields: what is selected, filtered, sorted and written.
//!
//! As with SOQL, equality becomes membership among tokens, and what would need the value is
//! refused by name. Every key of the answer that names a field is one of ours (`alias0`), which
//! says of what object and field it is: fragments and aliases then leave nothing to guess on the way
//! in, where the client's key is put back.

use std::collections::HashMap;

use super::needs::Found;
use super::query::{Alias, Tokens, at, clause, too_many};
use super::record;
use super::survey::Survey;
use super::values::Context;
use crate::dialect::salesforce::call::Record;
use crate::dialect::salesforce::door::Key;
use crate::dialect::salesforce::graphql::ast::{
    Document, Field, Fragment, Name, Place, Selection, Value,
};
use crate::dialect::salesforce::graphql::{answer, document, write};
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, ObjectPlan};
use crate::wire::json::NodeId;
use arguments::directives;

mod arguments;
mod filter;
mod mutation;
mod select;

/// A document that may leave once its look-ups are answered.
#[derive(Debug)]
pub(super) struct GraphPlan<'p> {
    /// Where it stands in the body.
    pub node: NodeId,
    document: Document,
    finds: Vec<Find<'p>>,
    pub aliases: Vec<Alias>,
}

/// What a key of the answer is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum GraphKey {
    /// Records stand behind it.
    Structure,
    /// The record that the mutation of that position writes.
    Mutation(usize),
    Field {
        object: String,
        field: String,
    },
}

/// The values of one comparison of a protected field.
#[derive(Debug)]
struct Find<'p> {
    field: &'p FieldPlan,
    /// Positions in `Needs::search`.
    search: Vec<usize>,
}

/// What the variable of a comparison's place begins with.
const FIND: &str = "find";

/// How many tokens one comparison may name.
const MOST_TOKENS: usize = 1_000;

/// Reads the document of a request and notes what it looks for.
pub(super) fn read<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (call, scope): (usize, usize),
) -> Result<(), Refusal> {
    let body = record::body(context)?;
    let node = body.get(body.root(), "query").ok_or_else(unread)?;
    let text = body.text(node).ok_or_else(unread)?;
    let places = body.get(body.root(), "places");
    let places = places.and_then(|places| body.text(places));
    let Document {
        mut operations,
        fragments,
    } = document(&text, &places.ok_or_else(unread)?)?;
    let mut planner = Planner {
        survey,
        context,
        fragments: fragments.into_iter().map(Some).collect(),
        done: HashMap::new(),
        aliases: vec![],
        finds: vec![],
        written: vec![],
        place: Place::default(),
        depth: 0,
    };
    for operation in &mut operations {
        let read = planner.operation(operation);
        read.map_err(|refusal| placed(refusal, planner.place))?;
    }
    let written = std::mem::take(&mut planner.written);
    // What is spread nowhere was looked at by nobody, and stays here.
    let mut fragments = Vec::new();
    for (place, fragment) in planner.fragments.into_iter().enumerate() {
        if let Some(mut fragment) = fragment
            && planner.done.contains_key(&fragment.name)
        {
            fragment.name = fragment_name(place)?;
            fragments.push(fragment);
        }
    }
    let plan = GraphPlan {
        node,
        document: Document {
            operations,
            fragments,
        },
        finds: planner.finds,
        aliases: planner.aliases,
    };
    survey.graphs.push(plan);
    let context = Context {
        door: context.plan.door("records"),
        ..*context
    };
    let inputs = body.get(body.root(), "inputs").ok_or_else(unread)?;
    if body.len(inputs) != written.len() {
        return Err(unread());
    }
    for (position, (node, (object, key, place))) in body.elements(inputs).zip(written).enumerate() {
        let object = object.to_owned();
        let record = Record { object, key, node };
        mutation::plain(&context, node)
            .and_then(|()| record::read(survey, &context, (call, position), &record, scope))
            .map_err(|refusal| placed(refusal, place))?;
    }
    Ok(())
}

impl GraphPlan<'_> {
    /// The document as it leaves.
    pub fn finish(&self, found: &[Found], token: Tokens<'_>) -> Result<String, Refusal> {
        let mut document = self.document.clone();
        if !self.finds.is_empty() {
            let operations = document.operations.iter_mut();
            let mut selections: Vec<&mut Vec<Selection>> = operations
                .map(|operation| &mut operation.selections)
                .collect();
            let fragments = document.fragments.iter_mut();
            selections.extend(fragments.map(|fragment| &mut fragment.selections));
            for selections in selections {
                self.answered(selections, found, token)?;
            }
        }
        Ok(write(&document))
    }

    fn answered(
        &self,
        selections: &mut [Selection],
        found: &[Found],
        token: Tokens<'_>,
    ) -> Result<(), Refusal> {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    for (_, argument) in &mut field.arguments {
                        self.filled(argument, found, token)?;
                    }
                    self.answered(&mut field.selections, found, token)?;
                }
                Selection::Inline { selections, .. } => self.answered(selections, found, token)?,
                Selection::Spread { .. } => {}
            }
        }
        Ok(())
    }

    fn filled(&self, value: &mut Value, found: &[Found], token: Tokens<'_>) -> Result<(), Refusal> {
        match value {
            Value::Variable(name) => {
                let place = name.text().strip_prefix(FIND);
                let place: Option<usize> = place.and_then(|place| place.parse().ok());
                if let Some(find) = place.and_then(|place| self.finds.get(place)) {
                    *value = find.tokens(found, token)?;
                }
                Ok(())
            }
            Value::List(items) => {
                let mut items = items.iter_mut();
                items.try_for_each(|item| self.filled(item, found, token))
            }
            Value::Object(members) => {
                let mut members = members.iter_mut();
                members.try_for_each(|(_, value)| self.filled(value, found, token))
            }
            Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Null | Value::Enum(_) => {
                Ok(())
            }
        }
    }
}

impl Find<'_> {
    fn tokens(&self, found: &[Found], token: Tokens<'_>) -> Result<Value, Refusal> {
        let mut items = Vec::new();
        let mut push = |row| {
            let text = token(row, self.field);
            let text =
                text.ok_or_else(|| at(self.field, "where", "a token could not be written"))?;
            items.push(Value::Text(text.as_str().into()));
            Ok::<_, Refusal>(())
        };
        let mut count = 0;
        for place in &self.search {
            let rows = found.get(*place).ok_or_else(|| too_many(self.field))?;
            count += rows.rows.len();
            if rows.more || count > MOST_TOKENS {
                return Err(too_many(self.field));
            }
            rows.rows.iter().try_for_each(|row| push(Some(*row)))?;
        }
        if count == 0 {
            // The token that stands for no value.
            push(None)?;
        }
        Ok(Value::List(items))
    }
}

struct Planner<'s, 'p, 'c> {
    survey: &'s mut Survey<'p>,
    context: &'c Context<'p, 'c>,
    /// None while one is being read.
    fragments: Vec<Option<Fragment>>,
    /// Fragments that were read, and whether each selects a value that is kept here.
    done: HashMap<Name, bool>,
    aliases: Vec<Alias>,
    finds: Vec<Find<'p>>,
    /// The object and the key of each record that is written, in the order of `inputs`.
    written: Vec<(&'p str, Key, Place)>,
    /// Where the field stands that is being read.
    place: Place,
    /// How deep it stands, fragments counted where they are used.
    depth: usize,
}

impl<'p> Planner<'_, 'p, '_> {
    fn object(&self, asked: &mut Name) -> Result<&'p ObjectPlan, Refusal> {
        let object = self.context.object(asked.text())?;
        *asked = name(&object.name)?;
        Ok(object)
    }

    /// The field of a selection that cannot have fragments.
    fn only_field<'s>(&mut self, selection: &'s mut Selection) -> Result<&'s mut Field, Refusal> {
        match selection {
            Selection::Field(field) => {
                self.place = field.place;
                directives(&field.directives)?;
                Ok(field)
            }
            Selection::Spread { .. } | Selection::Inline { .. } => Err(clause(
                "GraphQL",
                "a fragment stands among the fields of a record alone",
            )),
        }
    }

    /// A field with a name of the schema: only an alias of the client's gets one of ours.
    fn structure(&mut self, field: &mut Field) -> Result<(), Refusal> {
        directives(&field.directives)?;
        match field.alias {
            Some(_) => self.renamed(field, GraphKey::Structure),
            None => Ok(()),
        }
    }

    /// Gives a field a key of ours, the same one wherever the client's means the same: then the CRM
    /// merges and refuses what it would have merged and refused.
    fn renamed(&mut self, field: &mut Field, key: GraphKey) -> Result<(), Refusal> {
        directives(&field.directives)?;
        let theirs = field.key().text().to_owned();
        if answer::is_word(&theirs) && theirs != field.name.text() {
            return Err(clause("GraphQL", "an alias is a word of the schema"));
        }
        for known in self.aliases.iter().filter(|known| known.theirs == theirs) {
            let Some(other) = &known.graph else {
                continue;
            };
            if *other == key {
                field.alias = Some(name(&known.ours)?);
                return Ok(());
            }
            let apart = match (other, &key) {
                (GraphKey::Field { object: a, .. }, GraphKey::Field { object: b, .. }) => a != b,
                _ => false,
            };
            if !apart {
                return Err(clause("GraphQL", "a key means two things"));
            }
        }
        let ours = format!("alias{}", self.aliases.len());
        field.alias = Some(name(&ours)?);
        self.aliases.push(Alias {
            ours,
            theirs,
            class: None,
            graph: Some(key),
        });
        Ok(())
    }
}

/// Our name for the fragment of that position.
fn fragment_name(place: usize) -> Result<Name, Refusal> {
    name(&format!("fragment{place}"))
}

fn name(text: &str) -> Result<Name, Refusal> {
    Name::new(text).ok_or_else(|| clause("GraphQL", "policy has a name that GraphQL does not take"))
}

fn placed(refusal: Refusal, Place { line, column }: Place) -> Refusal {
    refusal.in_text(line, column)
}

fn unread() -> Refusal {
    Refusal::new(Code::BodyMalformed, "the document is missing")
}
