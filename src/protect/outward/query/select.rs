//! What a query selects, from what, in which order; and the names of ours that its aliases get.

use super::names::{Scope, hidden, identifier, spell, texts};
use super::rules::{clause, sortable};
use super::{Alias, Planner, SCOPES};
use crate::dialect::salesforce::soql::ast::{
    GroupBy, Name, Operand, OrderItem, Query, SelectItem, TypeOf, With,
};
use crate::model::Refusal;
use crate::policy::ObjectPlan;
use crate::protect::outward::resolve;
use crate::protect::outward::values::no_relation;

impl<'p> Planner<'_, 'p, '_> {
    pub(super) fn whole(&mut self, query: &mut Query) -> Result<(), Refusal> {
        let object = self.source(query)?;
        self.query(query, object, true)
    }

    /// The object of a query that is not about a child relationship.
    pub(super) fn source(&self, query: &Query) -> Result<&'p ObjectPlan, Refusal> {
        match query.from.as_slice() {
            [source] => match source.path.names.as_slice() {
                [name] => self.context.object(name.text()),
                _ => Err(clause("FROM", "an object's name is expected")),
            },
            _ => Err(clause("FROM", "several objects are not taken")),
        }
    }

    pub(super) fn query(
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
                let (spelling, child) = child.ok_or_else(|| {
                    let unlisted = no_relation(self.context.plan, scope.object, &relation);
                    let none = || clause("FROM", "policy knows no child relation of that name");
                    unlisted.unwrap_or_else(none)
                })?;
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
        let (spelling, targets) = found.ok_or_else(|| {
            let unlisted = no_relation(self.context.plan, scope.object, relation.text());
            unlisted.unwrap_or_else(|| clause("TYPEOF", "policy knows no relation of that name"))
        })?;
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
                    graph: None,
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
                graph: None,
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
}
