//! What a query compares: values are looked for, literals held to their field's type.

use super::names::{Fields, Scope, identifier, texts};
use super::rules::{answerable, at, clause, groupable, not_searchable, searchable, sortable};
use super::{Find, Planner};
use crate::dialect::salesforce::door::reference;
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::soql::ast::{
    Argument, Call, Compare, Condition, Function, Literal, Operand, Operator, Piece, Query, Right,
    SelectItem, Value,
};
use crate::model::Refusal;
use crate::policy::{FieldType, ObjectPlan, Rule};
use crate::protect::outward::{resolve, scan, survey, value};

impl<'p> Planner<'_, 'p, '_> {
    pub(super) fn operand(
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
    pub(super) fn call(
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

    pub(super) fn condition(
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
                            .ok_or_else(survey::unknown_reference)?;
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
}

fn literals(right: &mut Right) -> Vec<&mut Literal> {
    match right {
        Right::Literal(literal) => vec![literal],
        Right::List(list) => list.iter_mut().collect(),
        Right::SemiJoin(_) => vec![],
    }
}
