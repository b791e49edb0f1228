//! SOQL over protected fields: each use of a field is answered, or refused by clause and field.
//!
//! Equality and membership become membership among tokens, found by the blind index. Everything
//! else that would need the value (order, patterns, ranges, extremes) is refused by name: an answer
//! computed on tokens would be wrong and would look right. The query that leaves is written from
//! the tree, with policy's spelling of every name and aliases of ours.

mod compare;
mod explain;
mod names;
mod rules;
mod search;
mod select;

use super::graphql::GraphKey;
use super::needs::Found;
use super::survey::Survey;
use super::values::Context;
use crate::dialect::salesforce::soql::ast::{
    Compare, Condition, Literal, Name, Operator, Query, Right, SelectItem, Value,
};
use crate::dialect::salesforce::soql::{self, canonical::canonical, visit};
use crate::model::{Code, Refusal};
use crate::policy::{ClassId, FieldPlan};

pub use explain::explain;
pub(super) use rules::{at, clause, groupable, searchable, sortable, too_many};
pub(super) use search::{Looked, SearchPlan, Terms, Tokens, clear_text, search};

/// A query that may leave once its look-ups are answered.
#[derive(Debug)]
pub(super) struct QueryPlan<'p> {
    pub call: usize,
    query: Query,
    /// For each comparison, in the order of `soql::visit::edit_comparisons`: the values to find.
    finds: Vec<Option<Find<'p>>>,
    pub aliases: Vec<Alias>,
}

/// A key of an aggregate answer's records, or of an answer of GraphQL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alias {
    /// As it stands in the CRM's answer.
    pub ours: String,
    /// The client's name for it.
    pub theirs: String,
    /// The class of the protected field whose values stand under it.
    pub class: Option<ClassId>,
    /// What it is in an answer of GraphQL.
    pub graph: Option<GraphKey>,
}

/// A comparison of a protected field with values.
#[derive(Debug)]
struct Find<'p> {
    field: &'p FieldPlan,
    /// Positions in `Needs::search`.
    search: Vec<usize>,
    /// Whether null was among the values.
    null: bool,
    negated: bool,
}

/// How many tokens one comparison may name; the CRM's own limit is the length of the query.
const MOST_TOKENS: usize = 1_000;

/// The scopes that `USING SCOPE` takes (SOQL Reference, "USING SCOPE").
const SCOPES: &[&str] = &[
    "delegated",
    "everything",
    "mine",
    "mine_and_my_groups",
    "my_territory",
    "my_team_territory",
    "team",
];

/// Reads a query and notes what it looks for. `text` is left empty: the rewritten one replaces it.
pub(super) fn plan<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (call, scope): (usize, usize),
    text: &mut String,
) -> Result<QueryPlan<'p>, Refusal> {
    let mut query = soql::parse(&std::mem::take(text))
        .map_err(|error| Refusal::new(Code::QueryMalformed, error.to_string()))?;
    let mut planner = Planner {
        survey,
        context,
        names: scope,
        finds: vec![],
        aliases: vec![],
    };
    planner.whole(&mut query)?;
    Ok(QueryPlan {
        call,
        finds: planner.finds,
        aliases: planner.aliases,
        query,
    })
}

impl QueryPlan<'_> {
    /// The object that is asked, and the columns of a table that has the answer: paths in policy's
    /// spelling.
    ///
    /// # Errors
    /// What has no column of its own: functions, groups, queries within, names of the client's.
    pub(super) fn columns(&self) -> Result<(String, Vec<String>), Refusal> {
        let unfit = || {
            clause(
                "SELECT",
                "a bulk query selects fields, without functions, groups, aliases or queries within",
            )
        };
        let [source] = self.query.from.as_slice() else {
            return Err(unfit());
        };
        let object = source.path.names.first().ok_or_else(unfit)?;
        if self.query.group_by.is_some() || !self.aliases.is_empty() {
            return Err(unfit());
        }
        let select = self.query.select.iter();
        let columns = select.map(|item| match item {
            SelectItem::Field { path, alias: None } => {
                let names: Vec<&str> = path.names.iter().map(Name::text).collect();
                Ok(names.join("."))
            }
            _ => Err(unfit()),
        });
        Ok((object.text().to_owned(), columns.collect::<Result<_, _>>()?))
    }

    /// The query as it leaves. `found` answers `Needs::search`; `token` writes a row's token.
    pub(super) fn finish(&self, found: &[Found], token: Tokens<'_>) -> Result<String, Refusal> {
        // Most queries look for nothing protected; they are not copied.
        let text = match self.finds.iter().any(Option::is_some) {
            true => canonical(&self.answered(found, token)?),
            false => canonical(&self.query),
        };
        if text.chars().count() > soql::MAX_CHARS {
            return Err(clause(
                "WHERE",
                "it names more tokens than a query can hold",
            ));
        }
        Ok(text)
    }

    /// The query with tokens in the place of values.
    fn answered(&self, found: &[Found], token: Tokens<'_>) -> Result<Query, Refusal> {
        let mut query = self.query.clone();
        let mut finds = self.finds.iter();
        visit::edit_comparisons(&mut query, &mut |_, compare| match finds.next() {
            Some(Some(find)) => find.rewrite(compare, found, token),
            Some(None) => Ok(Condition::Compare(compare)),
            None => Err(clause("WHERE", "a comparison was not read")),
        })?;
        if finds.next().is_some() {
            return Err(clause("WHERE", "a comparison was lost"));
        }
        Ok(query)
    }
}

impl Find<'_> {
    /// A row whose token cannot be written must not be left out: the answer would lack its record.
    fn literal(&self, token: Option<String>) -> Result<Literal, Refusal> {
        let token = token.ok_or_else(|| at(self.field, "WHERE", "a token could not be written"))?;
        Ok(Literal::text(&token))
    }

    fn rewrite(
        &self,
        mut compare: Compare,
        found: &[Found],
        token: Tokens<'_>,
    ) -> Result<Condition, Refusal> {
        let mut literals: Vec<Literal> = Vec::new();
        for at in &self.search {
            let rows = found.get(*at).ok_or_else(|| too_many(self.field))?;
            if rows.more || literals.len() + rows.rows.len() > MOST_TOKENS {
                return Err(too_many(self.field));
            }
            for row in &rows.rows {
                literals.push(self.literal(token(Some(*row), self.field))?);
            }
        }
        if self.search.is_empty() && self.null {
            compare.operator = if self.negated {
                Operator::NotEqual
            } else {
                Operator::Equal
            };
            compare.right = Right::Literal(Literal {
                span: compare.span,
                value: Value::Null,
            });
            return Ok(Condition::Compare(compare));
        }
        if self.null {
            literals.push(Literal {
                span: compare.span,
                value: Value::Null,
            });
        }
        if literals.is_empty() {
            // The token that stands for no value: the CRM finds nothing, or everything but it.
            literals.push(self.literal(token(None, self.field))?);
        }
        compare.operator = if self.negated {
            Operator::NotIn
        } else {
            Operator::In
        };
        compare.right = Right::List(literals);
        Ok(Condition::Compare(compare))
    }
}

struct Planner<'s, 'p, 'c> {
    survey: &'s mut Survey<'p>,
    context: &'c Context<'p, 'c>,
    /// The scope of reference ids that literals may name.
    names: usize,
    finds: Vec<Option<Find<'p>>>,
    aliases: Vec<Alias>,
}
