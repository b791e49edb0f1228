//! Resolves what stands between SELECT and FROM.

use std::collections::HashSet;

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::schema::{Field, Kind};
use crate::demo::crm::soql::lex::{fault_at, malformed};
use crate::demo::crm::soql::plan::{Column, Function, Path, Shape};
use crate::demo::crm::soql::resolve::{Resolver, resolve_on};
use crate::demo::crm::soql::written::{Call, Name, Query, Written};

impl<'a> Resolver<'_, 'a> {
    pub fn columns(&self, shape: Shape, group: &[Path]) -> Outcome<Vec<Column<'a>>> {
        let mut columns = Vec::new();
        let mut seen = HashSet::new();
        let mut unnamed = 0;
        for written in &self.query.columns {
            match written {
                Written::CountAll => {}
                Written::Fields(which) => columns.extend(self.all_fields(which)?),
                Written::Field(name, alias) => {
                    let path = self.path(name)?;
                    let label = path.label().to_lowercase();
                    if shape == Shape::Groups && !group.iter().any(|g| g.same(&path)) {
                        let message = format!("Field must be grouped or aggregated: {}", name.text);
                        return Err(malformed(self.text, name.at, &message));
                    }
                    if alias.is_some() && shape == Shape::Rows {
                        let message = "only aggregate expressions use field aliasing";
                        return Err(malformed(self.text, name.at, message));
                    }
                    if !seen.insert(label) {
                        let message = format!("duplicate field selected: {}", path.name);
                        return Err(fault_at(self.text, name.at, "INVALID_FIELD", &message));
                    }
                    let key = alias.clone().unwrap_or_else(|| path.name.clone());
                    columns.push(Column::Field(path, key));
                }
                Written::Call(call, alias) => {
                    let key = alias.clone().unwrap_or_else(|| {
                        unnamed += 1;
                        format!("expr{}", unnamed - 1)
                    });
                    columns.push(self.call(call, key, shape)?);
                }
                Written::Child(query) => columns.push(self.child(query)?),
                Written::TypeOf {
                    relation,
                    when,
                    otherwise,
                } => columns.push(self.type_of(relation, when, otherwise)?),
            }
        }
        Ok(columns)
    }

    fn call(&self, call: &Call, key: String, shape: Shape) -> Outcome<Column<'a>> {
        let path = self.path(&call.field)?;
        if let Some(function) = Function::named(&call.function.text) {
            self.aggregatable(function, &path, call)?;
            return Ok(Column::Aggregate(function, path, key));
        }
        let name = call.function.text.to_lowercase();
        if shape == Shape::Rows && matches!(name.as_str(), "tolabel" | "format" | "convertcurrency")
        {
            return Ok(Column::Field(path, key));
        }
        let message = format!("unknown function: {}", call.function.text);
        Err(malformed(self.text, call.function.at, &message))
    }

    /// Whether the function takes the field.
    pub fn aggregatable(&self, function: Function, path: &Path, call: &Call) -> Outcome<()> {
        let fits = match function {
            Function::Sum | Function::Average => path.kind.is_number(),
            Function::Minimum | Function::Maximum => {
                path.kind != Kind::Boolean && path.kind != Kind::Address && !path.kind.is_id()
            }
            Function::Count | Function::CountDistinct => path.kind != Kind::Address,
        };
        if fits && !self.is_long(path) {
            return Ok(());
        }
        let message = format!(
            "field {} does not support aggregate operator {}",
            path.name,
            call.function.text.to_uppercase()
        );
        Err(fault_at(
            self.text,
            call.field.at,
            "INVALID_FIELD",
            &message,
        ))
    }

    fn is_long(&self, path: &Path) -> bool {
        let field = self.object.field(&path.name);
        path.steps.is_empty() && field.is_some_and(|field| field.length > 4000)
    }

    fn all_fields(&self, which: &Name) -> Outcome<Vec<Column<'a>>> {
        let set = which.text.to_uppercase();
        let wanted: fn(&Field) -> bool = match set.as_str() {
            "ALL" => |_| true,
            "STANDARD" => |field| !field.custom(),
            "CUSTOM" => |field| field.custom(),
            _ => return Err(malformed(self.text, which.at, "unknown FIELDS function")),
        };
        if set != "STANDARD" && self.query.limit.is_none_or(|limit| limit > 200) {
            let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
            return Err(Fault::bad("MALFORMED_QUERY", message));
        }
        let fields = self.object.fields.iter().filter(|field| wanted(field));
        let columns = fields.map(|field| {
            let path = self.path(&Name {
                text: field.name.clone(),
                at: which.at,
            })?;
            Ok(Column::Field(path, field.name.clone()))
        });
        columns.collect()
    }

    fn child(&self, query: &Query) -> Outcome<Column<'a>> {
        let unknown = || {
            let message = format!(
                "Didn't understand relationship '{}' in FROM part of query call. If you are \
                 attempting to use a custom relationship, be sure to append the '__r' after the \
                 custom relationship name. Please reference your WSDL or the describe call for the \
                 appropriate names.",
                query.from.text
            );
            fault_at(self.text, query.from.at, "INVALID_TYPE", &message)
        };
        let name = match query.from.text.split_once('.') {
            Some((parent, name)) if parent.eq_ignore_ascii_case(&self.object.name) => name,
            _ => query.from.text.as_str(),
        };
        let child = self.object.child(name).ok_or_else(unknown)?;
        let object = self.org.schema.object(&child.1).ok_or_else(unknown)?;
        let key = object.position(&child.2).ok_or_else(unknown)?;
        let plan = resolve_on(self.org, self.text, query, object)?;
        Ok(Column::Child {
            name: child.0.clone(),
            key,
            plan: Box::new(plan),
        })
    }

    fn type_of(
        &self,
        relation: &Name,
        when: &[(Name, Vec<Name>)],
        otherwise: &[Name],
    ) -> Outcome<Column<'a>> {
        let (step, targets) = self.step(self.object, relation, &relation.text)?;
        self.needed.borrow_mut().insert(step.field);
        let mut cases = Vec::new();
        for (name, fields) in when {
            let target = targets
                .iter()
                .find(|target| target.name.eq_ignore_ascii_case(&name.text))
                .ok_or_else(|| {
                    let message = format!("{} is not a valid type for TYPEOF", name.text);
                    malformed(self.text, name.at, &message)
                })?;
            let positions = fields.iter().map(|field| {
                let at = target.position(&field.text);
                at.ok_or_else(|| self.no_column(field, &field.text, target))
            });
            cases.push((*target, positions.collect::<Outcome<Vec<usize>>>()?));
        }
        Ok(Column::TypeOf {
            step,
            when: cases,
            otherwise: otherwise.iter().map(|name| name.text.clone()).collect(),
        })
    }
}
