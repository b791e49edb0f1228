//! SOQL over protected fields: each use of a field is answered, or refused by clause and field.
//!
//! Equality and membership become membership among tokens, found by the blind index. Everything
//! else that would need the value (order, patterns, ranges, extremes) is refused by name: an answer
//! computed on tokens would be wrong and would look right. The query that leaves is written from
//! the tree, with policy's spelling of every name and aliases of ours.

use super::needs::Found;
use super::survey::Survey;
use super::values::Context;
use super::{resolve, scan, value};
use crate::dialect::salesforce::door::reference;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::soql::ast::{
    Argument, Call, Compare, Condition, Function, GroupBy, Literal, Name, Operand, Operator,
    OrderItem, Path, Piece, Query, Right, SelectItem, Source, TypeOf, Value, With,
};
use crate::dialect::salesforce::soql::{self, canonical::canonical, visit};
use crate::model::{Code, Refusal};
use crate::policy::{ClassId, FieldPlan, FieldType, ObjectPlan, Plan, Rule, Search};
use crate::protect::Protection;

/// A query that may leave once its look-ups are answered.
#[derive(Debug)]
pub(super) struct QueryPlan<'p> {
    pub call: usize,
    query: Query,
    /// For each comparison, in the order of `soql::visit::edit_comparisons`: the values to find.
    finds: Vec<Option<Find<'p>>>,
    pub aliases: Vec<Alias>,
}

/// A key of an aggregate answer's records.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alias {
    /// As it stands in the CRM's answer.
    pub ours: String,
    /// The client's name for it.
    pub theirs: String,
    /// The class of the protected field whose values stand under it.
    pub class: Option<ClassId>,
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
    /// The query as it leaves. `found` answers `Needs::search`; `token` writes a row's token.
    pub(super) fn finish(
        &self,
        found: &[Found],
        token: &dyn Fn(Option<u64>, &FieldPlan) -> Option<String>,
    ) -> Result<String, Refusal> {
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
    fn answered(
        &self,
        found: &[Found],
        token: &dyn Fn(Option<u64>, &FieldPlan) -> Option<String>,
    ) -> Result<Query, Refusal> {
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
        token: &dyn Fn(Option<u64>, &FieldPlan) -> Option<String>,
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

/// The fields that a path means, with their clause.
type Fields<'p> = Vec<&'p FieldPlan>;

impl<'p> Planner<'_, 'p, '_> {
    fn whole(&mut self, query: &mut Query) -> Result<(), Refusal> {
        let object = self.source(query)?;
        self.query(query, object, true)
    }

    /// The object of a query that is not about a child relationship.
    fn source(&self, query: &Query) -> Result<&'p ObjectPlan, Refusal> {
        match query.from.as_slice() {
            [source] => match source.path.names.as_slice() {
                [name] => self.context.object(name.text()),
                _ => Err(clause("FROM", "an object's name is expected")),
            },
            _ => Err(clause("FROM", "several objects are not taken")),
        }
    }

    fn query(
        &mut self,
        query: &mut Query,
        object: &'p ObjectPlan,
        outer: bool,
    ) -> Result<(), Refusal> {
        self.tails(query)?;
        let sources = query.from.clone();
        let aliases: Vec<Option<Name>> = query
            .select
            .iter()
            .map(|item| item.alias().cloned())
            .collect();
        let mut scope = Scope {
            object,
            sources,
            aliases,
            child: !outer,
        };
        for at in 0..query.select.len() {
            if let Some(item) = query.select.get_mut(at) {
                self.item(item, &scope, outer)?;
            }
        }
        if let Some(condition) = &mut query.condition {
            self.condition(condition, &scope, "WHERE")?;
        }
        if let Some(GroupBy { items, .. }) = &mut query.group_by {
            for item in items {
                self.operand(item, &scope, "GROUP BY")?;
            }
        }
        if let Some(having) = &mut query.having {
            self.condition(having, &scope, "HAVING")?;
        }
        if query.group_by.is_some() {
            self.columns(query, object)?;
        }
        scope.aliases = self.rename(query, &scope)?;
        for OrderItem { by, .. } in &mut query.order_by {
            self.order(by, &scope, &query.select)?;
        }
        for source in &mut query.from {
            source.alias = None;
            if outer && let [name] = source.path.names.as_mut_slice() {
                *name = identifier(&object.name)?;
            }
        }
        Ok(())
    }

    /// Clauses that hold words of the client's, or that only Apex has.
    fn tails(&self, query: &Query) -> Result<(), Refusal> {
        if let Some(scope) = &query.scope
            && !SCOPES.iter().any(|known| scope.is(known))
        {
            return Err(clause(
                "USING SCOPE",
                "the scope is not one that the border knows",
            ));
        }
        for with in &query.with {
            match with {
                With::SecurityEnforced | With::UserMode | With::SystemMode => {}
                With::DataCategory(_) => {
                    return Err(clause("WITH DATA CATEGORY", "it cannot be answered yet"));
                }
                With::RecordVisibilityContext(_) => {
                    return Err(clause(
                        "WITH RecordVisibilityContext",
                        "it cannot be answered yet",
                    ));
                }
            }
        }
        if query.all_rows {
            return Err(clause("ALL ROWS", "ask the queryAll resource instead"));
        }
        Ok(())
    }

    fn item(
        &mut self,
        item: &mut SelectItem,
        scope: &Scope<'p>,
        outer: bool,
    ) -> Result<(), Refusal> {
        match item {
            SelectItem::Field { path, .. } => {
                self.path(path, scope)?;
                Ok(())
            }
            SelectItem::Function { call, .. } => self.call(call, scope, "SELECT"),
            SelectItem::Subquery { query, .. } if outer => {
                let names = query
                    .from
                    .first()
                    .map(|source| source.path.names.clone())
                    .unwrap_or_default();
                let relation = names
                    .last()
                    .map(|name| name.text().to_owned())
                    .unwrap_or_default();
                let child = scope
                    .object
                    .children()
                    .find(|(name, _)| name.eq_ignore_ascii_case(&relation));
                let (spelling, child) = child
                    .ok_or_else(|| clause("FROM", "policy knows no child relation of that name"))?;
                let object = self.context.object(child)?;
                let spelling = identifier(spelling)?;
                self.query(query, object, false)?;
                if let Some(source) = query.from.first_mut() {
                    source.path.names = vec![spelling];
                }
                Ok(())
            }
            SelectItem::Subquery { .. } => Err(clause(
                "SELECT",
                "a query within a query within a query is not taken",
            )),
            SelectItem::TypeOf(of) => self.type_of(of, scope),
        }
    }

    fn type_of(&mut self, of: &mut TypeOf, scope: &Scope<'p>) -> Result<(), Refusal> {
        let [relation] = of.path.names.as_slice() else {
            return Err(clause("TYPEOF", "one relation is expected"));
        };
        let found = resolve::step(self.context, &[scope.object], relation.text());
        let (spelling, targets) =
            found.ok_or_else(|| clause("TYPEOF", "policy knows no relation of that name"))?;
        of.path.names = vec![identifier(&spelling)?];
        for when in &mut of.whens {
            let object = self.context.object(when.object.text())?;
            when.object = identifier(&object.name)?;
            for path in &mut when.fields {
                spell(self.context, object, path)?;
            }
        }
        for path in &mut of.otherwise {
            let known = targets
                .iter()
                .find(|object| spell(self.context, object, &mut path.clone()).is_ok());
            let object = known
                .ok_or_else(|| clause("TYPEOF", "a field behind ELSE has no rule in policy"))?;
            spell(self.context, object, path)?;
        }
        Ok(())
    }

    /// Notes the keys under which an aggregate answer has values of protected fields.
    fn columns(&mut self, query: &Query, object: &'p ObjectPlan) -> Result<(), Refusal> {
        for item in &query.select {
            if let SelectItem::Field { path, alias: None } = item
                && let Some(last) = path.last()
                && let Some(class) = hidden(self.context, object, path)?
            {
                let key = last.text().to_owned();
                self.aliases.push(Alias {
                    ours: key.clone(),
                    theirs: key,
                    class: Some(class),
                });
            }
        }
        Ok(())
    }

    /// Gives the aliases names of ours: a client's word must not travel.
    fn rename(
        &mut self,
        query: &mut Query,
        scope: &Scope<'p>,
    ) -> Result<Vec<Option<Name>>, Refusal> {
        let mut renamed = Vec::with_capacity(scope.aliases.len());
        for (item, theirs) in query.select.iter_mut().zip(&scope.aliases) {
            let Some(theirs) = theirs else {
                renamed.push(None);
                continue;
            };
            let earlier = self.survey.queries.iter().map(|query| query.aliases.len());
            let number = earlier.sum::<usize>() + self.aliases.len();
            let ours = format!("alias{number}");
            let name = identifier(&ours)?;
            let class = match item {
                SelectItem::Field { path, .. } => hidden(self.context, scope.object, path)?,
                _ => None,
            };
            self.aliases.push(Alias {
                ours,
                theirs: theirs.text().to_owned(),
                class,
            });
            match item {
                SelectItem::Field { alias, .. } | SelectItem::Function { alias, .. } => {
                    *alias = Some(name);
                }
                SelectItem::Subquery { .. } | SelectItem::TypeOf(_) => {
                    return Err(clause(
                        "SELECT",
                        "an alias may name a field or a function only",
                    ));
                }
            }
            renamed.push(Some(theirs.clone()));
        }
        Ok(renamed)
    }

    fn order(
        &mut self,
        by: &mut Operand,
        scope: &Scope<'p>,
        select: &[SelectItem],
    ) -> Result<(), Refusal> {
        if let Operand::Path(path) = by
            && let [only] = path.names.as_mut_slice()
            && let Some(at) = scope
                .aliases
                .iter()
                .position(|alias| alias.as_ref().is_some_and(|a| a.same(only)))
        {
            let item = select
                .get(at)
                .ok_or_else(|| clause("ORDER BY", "the alias names nothing"))?;
            if let SelectItem::Field { path, .. } = item {
                let (fields, _) = resolve::path(self.context, scope.object, &texts(path))?;
                sortable(&fields, "ORDER BY")?;
            }
            if let Some(ours) = item.alias() {
                *only = ours.clone();
            }
            return Ok(());
        }
        self.operand(by, scope, "ORDER BY")
    }

    fn operand(
        &mut self,
        operand: &mut Operand,
        scope: &Scope<'p>,
        place: &'static str,
    ) -> Result<(), Refusal> {
        match operand {
            Operand::Path(path) => {
                let fields = self.path(path, scope)?;
                if place == "GROUP BY" {
                    groupable(&fields, place)
                } else {
                    sortable(&fields, place)
                }
            }
            Operand::Call(call) => self.call(call, scope, place),
        }
    }

    /// A function, over fields that it can be answered on.
    fn call(
        &mut self,
        call: &mut Call,
        scope: &Scope<'p>,
        place: &'static str,
    ) -> Result<(), Refusal> {
        if call.function == Function::Fields {
            return Ok(());
        }
        call.name = identifier(&call.name.text().to_ascii_uppercase())?;
        for argument in &mut call.arguments {
            match argument {
                Argument::Path(path) => {
                    let fields = self.path(path, scope)?;
                    answerable(call.function, &fields, place)?;
                }
                Argument::Call(inner) => self.call(inner, scope, place)?,
                Argument::Literal(literal) => match &literal.value {
                    Value::Number(_) => {}
                    Value::Text(text) if matches!(text.expose(), "mi" | "km") => {}
                    _ => {
                        return Err(clause(
                            place,
                            "a function has an argument that the border does not know",
                        ));
                    }
                },
            }
        }
        Ok(())
    }

    fn condition(
        &mut self,
        condition: &mut Condition,
        scope: &Scope<'p>,
        place: &'static str,
    ) -> Result<(), Refusal> {
        match condition {
            Condition::And(parts) | Condition::Or(parts) => parts
                .iter_mut()
                .try_for_each(|part| self.condition(part, scope, place)),
            Condition::Not(part) => self.condition(part, scope, place),
            Condition::Compare(compare) => {
                let find = self.compare(compare, scope, place)?;
                self.finds.push(find);
                Ok(())
            }
        }
    }

    fn compare(
        &mut self,
        compare: &mut Compare,
        scope: &Scope<'p>,
        place: &'static str,
    ) -> Result<Option<Find<'p>>, Refusal> {
        if let Right::SemiJoin(query) = &mut compare.right {
            let object = self.source(query)?;
            self.query(query, object, true)?;
            self.joined(query, object)?;
        }
        let fields = match &mut compare.left {
            Operand::Call(call) => {
                self.call(call, scope, place)?;
                let literals = literals(&mut compare.right);
                let plain = literals
                    .into_iter()
                    .all(|literal| !matches!(literal.value, Value::Pattern(_)));
                return if plain {
                    self.function_literals(compare, scope, place)
                } else {
                    Err(clause(place, "LIKE over a function"))
                };
            }
            Operand::Path(path) => self.path(path, scope)?,
        };
        if fields.iter().all(|field| field.rule == Rule::Pass) {
            let names = self.names;
            for literal in literals(&mut compare.right) {
                self.pass(&fields, literal, names, place)?;
            }
            return Ok(None);
        }
        self.protected(&fields, compare, place).map(Some)
    }

    /// What a function is compared with: text only where the function yields its field's text, and
    /// then text that the field may hold. Beside a count or a part of a date it could be anything.
    fn function_literals(
        &self,
        compare: &mut Compare,
        scope: &Scope<'p>,
        place: &'static str,
    ) -> Result<Option<Find<'p>>, Refusal> {
        let Compare { left, right, .. } = compare;
        for literal in literals(right) {
            let Value::Text(text) = &literal.value else {
                continue;
            };
            self.context.no_token("a function", text.expose())?;
            let Operand::Call(Call {
                function: Function::ToLabel | Function::Min | Function::Max,
                arguments,
                ..
            }) = &*left
            else {
                return Err(clause(place, "this function is not compared with text"));
            };
            let [Argument::Path(path)] = arguments.as_slice() else {
                return Err(clause(place, "this function is not compared with text"));
            };
            for field in self.path(&mut path.clone(), scope)? {
                value::check_pass_text(self.context, field, text.expose())?;
            }
        }
        Ok(None)
    }

    /// The field that a semi-join yields must be a reference, never a value.
    fn joined(&self, query: &Query, object: &'p ObjectPlan) -> Result<(), Refusal> {
        let [SelectItem::Field { path, .. }] = query.select.as_slice() else {
            return Err(clause("IN", "the query inside must select one field"));
        };
        let (fields, _) = resolve::path(self.context, object, &texts(path))?;
        if fields
            .iter()
            .all(|field| matches!(field.kind, FieldType::Id | FieldType::Reference))
        {
            return Ok(());
        }
        Err(clause("IN", "the query inside must select a record id"))
    }

    /// A literal beside a field that passes: it must have the form of the field's type.
    fn pass(
        &self,
        fields: &Fields<'p>,
        literal: &mut Literal,
        names: usize,
        place: &'static str,
    ) -> Result<(), Refusal> {
        for field in fields {
            let fits = match &mut literal.value {
                Value::Null => true,
                Value::Text(text) => {
                    let ids = matches!(field.kind, FieldType::Id | FieldType::Reference);
                    if ids && let Some((name, path)) = reference(text.expose()) {
                        let ours = self
                            .survey
                            .request
                            .ours(names, name)
                            .ok_or_else(super::survey::unknown_reference)?;
                        *text = format!("@{{{ours}.{path}}}").as_str().into();
                        return Ok(());
                    }
                    self.context.no_token(&field.label, text.expose())?;
                    scan::literal(self.context, field, text.expose())?;
                    value::check_pass_text(self.context, field, text.expose())?;
                    !ids || Id::parse(text.expose()).is_some()
                }
                Value::Pattern(pieces) => {
                    for piece in pieces.iter() {
                        if let Piece::Text(text) = piece {
                            self.context.no_token(&field.label, text.expose())?;
                            scan::literal(self.context, field, text.expose())?;
                            value::no_reference(field, text.expose())?;
                        }
                    }
                    field.kind.holds_text()
                        || matches!(field.kind, FieldType::Picklist | FieldType::Multipicklist)
                }
                Value::Number(text) | Value::Currency(text) => {
                    field.kind.is_number() && text.expose().len() <= value::LONGEST_NUMBER
                }
                Value::Date(_) | Value::DateTime(_) | Value::DateName { .. } => {
                    matches!(field.kind, FieldType::Date | FieldType::Datetime)
                }
                Value::Time(_) => field.kind == FieldType::Time,
                Value::Bool(_) => field.kind == FieldType::Boolean,
            };
            if !fits {
                return Err(at(
                    field,
                    place,
                    "the literal does not have the form of the field's type",
                ));
            }
        }
        Ok(())
    }

    /// A comparison of a protected field: null, or equality with values that the index finds.
    fn protected(
        &mut self,
        fields: &Fields<'p>,
        compare: &mut Compare,
        place: &'static str,
    ) -> Result<Find<'p>, Refusal> {
        let field = *fields
            .first()
            .ok_or_else(|| clause(place, "a field is expected"))?;
        if fields.iter().any(|other| {
            other.class != field.class || other.rule != field.rule || other.kind != field.kind
        }) {
            return Err(at(
                field,
                place,
                "the relation leads to fields with different rules",
            ));
        }
        let negated = match compare.operator {
            Operator::Equal | Operator::In => false,
            Operator::NotEqual | Operator::NotIn => true,
            Operator::Like => {
                return Err(at(
                    field,
                    place,
                    "LIKE cannot be answered over a protected field",
                ));
            }
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => {
                return Err(at(
                    field,
                    place,
                    "a range cannot be answered over a protected field",
                ));
            }
            Operator::Includes | Operator::Excludes => {
                return Err(at(
                    field,
                    place,
                    "INCLUDES and EXCLUDES cannot be answered over a protected field",
                ));
            }
        };
        if matches!(compare.right, Right::SemiJoin(_)) {
            return Err(at(field, place, "a protected field cannot be joined"));
        }
        let mut find = Find {
            field,
            search: vec![],
            null: false,
            negated,
        };
        let searchable = searchable(self.context.plan, field);
        for literal in literals(&mut compare.right) {
            match &literal.value {
                Value::Null => find.null = true,
                Value::Text(text) if text.expose().trim().is_empty() => find.null = true,
                Value::Text(text) if searchable => {
                    self.context.no_token(&field.label, text.expose())?;
                    let (class, term) = self
                        .context
                        .term(field, text.expose())
                        .ok_or_else(|| not_searchable(field, place))?;
                    self.survey.values.needs.search.push((class, term));
                    find.search.push(self.survey.values.needs.search.len() - 1);
                }
                _ => return Err(not_searchable(field, place)),
            }
        }
        let stands = matches!(field.rule, Rule::Tokenize { .. } | Rule::Encrypt);
        if !stands {
            return Err(at(
                field,
                place,
                "the CRM does not hold this value, so it cannot be asked for",
            ));
        }
        Ok(find)
    }

    fn path(&self, path: &mut Path, scope: &Scope<'p>) -> Result<Fields<'p>, Refusal> {
        let resolved = visit::resolve(&scope.sources, path);
        let mut names: Vec<String> = resolved.map_or_else(Vec::new, |r| {
            r.names.iter().map(|n| n.text().to_owned()).collect()
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
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (fields, spelled) = resolve::path(self.context, scope.object, &names)?;
        path.names = spelled
            .split('.')
            .map(identifier)
            .collect::<Result<_, _>>()?;
        Ok(fields)
    }
}

/// A query's object and what its paths may begin with.
struct Scope<'p> {
    object: &'p ObjectPlan,
    sources: Vec<Source>,
    aliases: Vec<Option<Name>>,
    /// Whether the source is a child relation.
    child: bool,
}

/// The class of a field that does not stand in the clear in the CRM.
fn hidden<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    path: &Path,
) -> Result<Option<ClassId>, Refusal> {
    let (fields, _) = resolve::path(context, object, &texts(path))?;
    let mut hidden = fields.iter().filter(|field| !field.rule.leaves_clear());
    Ok(hidden.find_map(|field| field.class))
}

/// Whether the index can find values of this field.
fn searchable(plan: &Plan, field: &FieldPlan) -> bool {
    match field.rule {
        Rule::Tokenize { stable: true } => true,
        Rule::Tokenize { stable: false } => field
            .class
            .is_some_and(|class| plan.class(class).search == Search::Exact),
        Rule::Pass
        | Rule::Derived
        | Rule::Encrypt
        | Rule::Strip
        | Rule::Generalize(_)
        | Rule::Hold
        | Rule::Block => false,
    }
}

fn literals(right: &mut Right) -> Vec<&mut Literal> {
    match right {
        Right::Literal(literal) => vec![literal],
        Right::List(list) => list.iter_mut().collect(),
        Right::SemiJoin(_) => vec![],
    }
}

fn texts(path: &Path) -> Vec<&str> {
    path.names.iter().map(Name::text).collect()
}

fn spell<'p>(
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    path: &mut Path,
) -> Result<(), Refusal> {
    let (_, spelled) = resolve::path(context, object, &texts(path))?;
    path.names = spelled
        .split('.')
        .map(identifier)
        .collect::<Result<_, _>>()?;
    Ok(())
}

fn identifier(text: &str) -> Result<Name, Refusal> {
    Name::new(text).ok_or_else(|| clause("SELECT", "policy has a name that SOQL does not take"))
}

/// Whether a function can be answered over these fields.
fn answerable(
    function: Function,
    fields: &[&FieldPlan],
    place: &'static str,
) -> Result<(), Refusal> {
    match function {
        Function::Count => countable(fields, place),
        Function::CountDistinct | Function::Grouping => groupable(fields, place),
        Function::Sum
        | Function::Avg
        | Function::Min
        | Function::Max
        | Function::ToLabel
        | Function::Format
        | Function::ConvertCurrency
        | Function::ConvertTimezone
        | Function::DatePart
        | Function::Distance
        | Function::Geolocation
        | Function::Fields => sortable(fields, place),
    }
}

/// Ordering and extremes need the value itself.
fn sortable(fields: &[&FieldPlan], place: &'static str) -> Result<(), Refusal> {
    let hidden = fields.iter().find(|field| !field.rule.leaves_clear());
    hidden.map_or(Ok(()), |field| {
        Err(at(field, place, "a protected field has no order"))
    })
}

/// Grouping needs equality: clear values and stable tokens have it.
fn groupable(fields: &[&FieldPlan], place: &'static str) -> Result<(), Refusal> {
    let equal = |field: &FieldPlan| {
        field.rule.leaves_clear() || field.rule == Rule::Tokenize { stable: true }
    };
    let hidden = fields.iter().find(|field| !equal(field));
    hidden.map_or(Ok(()), |field| {
        Err(at(
            field,
            place,
            "its tokens differ for equal values, so groups would be wrong",
        ))
    })
}

/// Counting needs only that something stands in the field.
fn countable(fields: &[&FieldPlan], place: &'static str) -> Result<(), Refusal> {
    let absent = fields
        .iter()
        .find(|field| matches!(field.rule, Rule::Hold | Rule::Strip | Rule::Block));
    absent.map_or(Ok(()), |field| {
        Err(at(
            field,
            place,
            "the CRM does not hold this value, so it cannot be counted",
        ))
    })
}

fn clause(place: &'static str, why: &'static str) -> Refusal {
    Refusal::new(Code::QueryClause, format!("{place}: {why}"))
}

fn at(field: &FieldPlan, place: &'static str, why: &'static str) -> Refusal {
    Refusal::at(
        Code::QueryClause,
        field.label.clone(),
        format!("{place} {}: {why} (rule {})", field.label, field.rule_id),
    )
}

fn not_searchable(field: &FieldPlan, place: &'static str) -> Refusal {
    at(field, place, "policy does not let this field be searched")
}

fn too_many(field: &FieldPlan) -> Refusal {
    let text = format!(
        "more records than one query can name have this value of {}; narrow the query by another field",
        field.label
    );
    Refusal::at(Code::QueryClause, field.label.clone(), text)
}

/// The query as it would leave, for `sluis query explain`: each looked-up value is written as the
/// token that it would have if it were the only one (`tq…` with a number).
///
/// # Errors
/// The refusal that the border would answer with.
pub fn explain(plan: &Plan, protection: &Protection, text: &str) -> Result<String, Refusal> {
    use crate::dialect::salesforce::call::Request;
    use crate::dialect::salesforce::door::{Door, Route};
    let route = Route {
        version: plan.api().newest,
        door: Door::Query {
            text: text.to_owned(),
            all: false,
        },
    };
    let survey = super::survey(
        plan,
        protection,
        crate::policy::RoleSet::none(),
        Request::bare(route),
        None,
    )?;
    let found: Vec<Found> = (1..=survey.values.needs.search.len())
        .map(|row| Found {
            rows: vec![row as u64],
            more: false,
        })
        .collect();
    let planned = survey
        .queries
        .first()
        .ok_or_else(|| clause("SELECT", "there is no query"))?;
    planned.finish(&found, &|row, field| {
        let token = match row {
            Some(row) => protection.codec.mint(row).ok()?,
            None => protection.codec.nobody(),
        };
        Some(if value::is_address(field) {
            token.address(plan.token_domain())
        } else {
            token.text()
        })
    })
}
