//! `where` and `orderBy`: equality becomes membership among tokens, the rest is refused by name.

use super::arguments::word;
use super::{FIND, Find, Planner, name};
use crate::dialect::salesforce::graphql::ast::{Name, Value};
use crate::dialect::salesforce::soql;
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, FieldType, ObjectPlan, Rule};
use crate::protect::outward::query::{at, clause, searchable, sortable};
use crate::protect::outward::values::unlisted;
use crate::protect::outward::{scan, value};

impl<'p> Planner<'_, 'p, '_> {
    pub(super) fn filter(
        &mut self,
        value: &mut Value,
        object: &'p ObjectPlan,
    ) -> Result<(), Refusal> {
        let members = match value {
            Value::Object(members) => members,
            Value::List(parts) => {
                let mut parts = parts.iter_mut();
                return parts.try_for_each(|part| self.filter(part, object));
            }
            _ => return Err(clause("where", "an object is expected")),
        };
        for (member, value) in members {
            if matches!(member.text(), "and" | "or" | "not") {
                self.filter(value, object)?;
                continue;
            }
            if let Some(field) = object.field(member.text()) {
                *member = name(&field.name)?;
                self.compare(value, field)?;
                continue;
            }
            let mut relations = object.relations();
            let found = relations.find(|(known, _)| known.eq_ignore_ascii_case(member.text()));
            let Some((spelling, [only])) = found else {
                let name = member.text();
                let unlisted = unlisted(self.context.plan, &object.name, Some(name));
                return Err(unlisted.unwrap_or_else(|| {
                    let text = format!("a field of {} that is used here has no rule", object.name);
                    let code = Code::PolicyUnknownField;
                    Refusal::at(code, object.name.clone(), text)
                }));
            };
            let target = self.context.object(only)?;
            *member = name(spelling)?;
            self.filter(value, target)?;
        }
        Ok(())
    }

    fn compare(&mut self, value: &mut Value, field: &'p FieldPlan) -> Result<(), Refusal> {
        let Value::Object(operators) = value else {
            return Err(at(field, "where", "an operator is expected"));
        };
        if field.rule == Rule::Pass {
            for (operator, value) in operators {
                match operator.text() {
                    "eq" | "ne" | "lt" | "lte" | "gt" | "gte" => self.clear(field, value)?,
                    "in" | "nin" | "includes" | "excludes" => match value {
                        Value::List(items) => {
                            let mut items = items.iter_mut();
                            items.try_for_each(|item| self.clear(field, item))?;
                        }
                        one => self.clear(field, one)?,
                    },
                    "like" => self.pattern(field, value)?,
                    _ => return Err(at(field, "where", "the operator is not one that is known")),
                }
            }
            return Ok(());
        }
        let [(operator, wanted)] = operators.as_slice() else {
            return Err(at(field, "where", "one operator is expected"));
        };
        let negated = match operator.text() {
            "eq" | "in" => false,
            "ne" | "nin" => true,
            "like" => {
                let why = "like cannot be answered over a protected field";
                return Err(at(field, "where", why));
            }
            "lt" | "lte" | "gt" | "gte" => {
                let why = "a range cannot be answered over a protected field";
                return Err(at(field, "where", why));
            }
            _ => return Err(at(field, "where", "the operator cannot be answered")),
        };
        let wanted: Vec<&Value> = match wanted {
            Value::List(items) => items.iter().collect(),
            one => vec![one],
        };
        let (search, null) = self.looked(field, &wanted)?;
        if !matches!(field.rule, Rule::Tokenize { .. } | Rule::Encrypt) {
            let why = "the CRM does not hold this value, so it cannot be asked for";
            return Err(at(field, "where", why));
        }
        if null && !search.is_empty() {
            return Err(at(
                field,
                "where",
                "null beside values; ask for it by itself",
            ));
        }
        let word = match (null, negated) {
            (true, false) => "eq",
            (true, true) => "ne",
            (false, false) => "in",
            (false, true) => "nin",
        };
        let right = match null {
            true => Value::Null,
            false => {
                self.finds.push(Find { field, search });
                Value::Variable(name(&format!("{FIND}{}", self.finds.len() - 1))?)
            }
        };
        *operators = vec![(name(word)?, right)];
        Ok(())
    }

    /// The look-ups of values of a protected field, and whether null is among them.
    fn looked(
        &mut self,
        field: &'p FieldPlan,
        wanted: &[&Value],
    ) -> Result<(Vec<usize>, bool), Refusal> {
        let unsearchable = || at(field, "where", "policy does not let this field be searched");
        let mut search = Vec::new();
        let mut null = false;
        for value in wanted {
            match value {
                Value::Null => null = true,
                Value::Text(text) if text.expose().trim().is_empty() => null = true,
                Value::Text(text) if searchable(self.context.plan, field) => {
                    self.context.no_token(&field.label, text.expose())?;
                    let term = self.context.term(field, text.expose());
                    let needs = &mut self.survey.values.needs.search;
                    needs.push(term.ok_or_else(unsearchable)?);
                    search.push(needs.len() - 1);
                }
                _ => return Err(unsearchable()),
            }
        }
        Ok((search, null))
    }

    /// A value beside a field that passes: it must have the form of the field's type.
    fn clear(&self, field: &FieldPlan, value: &mut Value) -> Result<(), Refusal> {
        let dated = matches!(field.kind, FieldType::Date | FieldType::Datetime);
        let fits = match value {
            Value::Null => true,
            Value::Bool(_) => field.kind == FieldType::Boolean,
            Value::Number(text) => {
                field.kind.is_number() && text.expose().len() <= value::LONGEST_NUMBER
            }
            Value::Text(text) => {
                self.context.no_token(&field.label, text.expose())?;
                scan::literal(self.context, field, text.expose())?;
                value::check_pass_text(self.context, field, text.expose())?;
                true
            }
            Value::Object(members) if dated => match members.as_mut_slice() {
                [(member, inner @ Value::Text(_))] if member.text() == "value" => {
                    return self.clear(field, inner);
                }
                [(member, Value::Text(word))] if member.text() == "literal" => {
                    let word = Name::new(word.expose()).filter(|word| is_date_name(word.text()));
                    match word {
                        Some(word) => {
                            *value = Value::Object(vec![(name("literal")?, Value::Enum(word))]);
                            true
                        }
                        None => false,
                    }
                }
                [(member, Value::Enum(word))] if member.text() == "literal" => {
                    is_date_name(word.text())
                }
                [(member, Value::Object(range))] if member.text() == "range" => {
                    range.iter().all(|(unit, count)| {
                        let text = match count {
                            Value::Number(count) => count.expose(),
                            _ => "x",
                        };
                        is_date_name(&format!("{}:{text}", unit.text()))
                    })
                }
                _ => false,
            },
            Value::Object(_) | Value::Enum(_) | Value::List(_) | Value::Variable(_) => false,
        };
        match fits {
            true => Ok(()),
            false => {
                let why = "the value does not have the form of the field's type";
                Err(at(field, "where", why))
            }
        }
    }

    fn pattern(&self, field: &FieldPlan, value: &Value) -> Result<(), Refusal> {
        let Value::Text(text) = value else {
            return Err(at(field, "where", "a text is expected"));
        };
        self.context.no_token(&field.label, text.expose())?;
        scan::literal(self.context, field, text.expose())?;
        let picks = matches!(field.kind, FieldType::Picklist | FieldType::Multipicklist);
        match field.kind.holds_text() || picks {
            true => Ok(()),
            false => Err(at(field, "where", "like is for text")),
        }
    }

    /// `{CreatedDate: {order: DESC}, Account: {…}}`
    pub(super) fn order(&self, value: &mut Value, object: &'p ObjectPlan) -> Result<(), Refusal> {
        let Value::Object(members) = value else {
            return Err(clause("orderBy", "an object is expected"));
        };
        for (member, value) in members {
            if let Some(field) = object.field(member.text()) {
                sortable(&[field], "orderBy")?;
                *member = name(&field.name)?;
                let Value::Object(how) = value else {
                    return Err(clause("orderBy", "an order is expected"));
                };
                for (key, value) in how {
                    match key.text() {
                        "order" => word(value, "orderBy", &["ASC", "DESC"])?,
                        "nulls" => word(value, "orderBy", &["FIRST", "LAST"])?,
                        _ => return Err(clause("orderBy", "order and nulls alone are known")),
                    }
                }
                continue;
            }
            let mut relations = object.relations();
            let found = relations.find(|(known, _)| known.eq_ignore_ascii_case(member.text()));
            let Some((spelling, [only])) = found else {
                return Err(clause("orderBy", "a field has no rule in policy"));
            };
            let target = self.context.object(only)?;
            *member = name(spelling)?;
            self.order(value, target)?;
        }
        Ok(())
    }
}

/// The name of a date, such as `TODAY` or `last_n_days:3`.
fn is_date_name(text: &str) -> bool {
    let literal = soql::parse_literal(&text.to_ascii_uppercase());
    literal.is_ok_and(|literal| matches!(literal.value, soql::ast::Value::DateName { .. }))
}
