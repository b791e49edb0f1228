//! Resolves the names of a query and checks that its fields may stand where they stand.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::schema::{Field, Object};
use crate::demo::crm::soql::lex::{fault_at, malformed};
use crate::demo::crm::soql::matching::{Source, Test, Wanted};
use crate::demo::crm::soql::plan::{Column, Function, Path, Plan, Shape, Sort, Step};
use crate::demo::crm::soql::written::{Condition, Literal, Name, Operand, Query, Sign, Written};
use crate::demo::crm::soql::{matching, run};

/// # Errors
/// When a name is unknown or a field may not stand where it stands.
pub fn resolve<'a>(org: &Org<'a>, text: &str, query: &Query) -> Outcome<Plan<'a>> {
    let object = org.schema.object(&query.from.text).ok_or_else(|| {
        let message = format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be \
             sure to append the '__c' after the entity name. Please reference your WSDL or the \
             describe call for the appropriate names.",
            query.from.text
        );
        fault_at(text, query.from.at, "INVALID_TYPE", &message)
    })?;
    resolve_on(org, text, query, object)
}

pub fn resolve_on<'a>(
    org: &Org<'a>,
    text: &str,
    query: &Query,
    object: &'a Object,
) -> Outcome<Plan<'a>> {
    let resolver = Resolver {
        org,
        text,
        query,
        object,
        needed: RefCell::default(),
    };
    resolver.plan()
}

/// One query on its way from written to resolved.
pub struct Resolver<'r, 'a> {
    pub org: &'r Org<'a>,
    pub text: &'r str,
    pub query: &'r Query,
    pub object: &'a Object,
    pub needed: RefCell<BTreeSet<usize>>,
}

impl<'a> Resolver<'_, 'a> {
    fn plan(&self) -> Outcome<Plan<'a>> {
        let query = self.query;
        let shape = self.shape()?;
        let group: Vec<Path> = query
            .group
            .iter()
            .map(|name| self.usable(name, "groupable", "grouped"))
            .collect::<Outcome<_>>()?;
        let columns = self.columns(shape, &group)?;
        let having = query.having.as_ref().map(|having| self.test(having));
        let filter = query.filter.as_ref().map(|filter| self.test(filter));
        let order = query.order.iter().map(|order| {
            Ok(Sort {
                source: self.source(&order.operand, "sortable", "sorted", &columns)?,
                descending: order.descending,
                nulls_last: order.nulls_last.unwrap_or(false),
            })
        });
        let order = order.collect::<Outcome<_>>()?;
        let offset = query.offset.unwrap_or_default();
        if offset > 2000 {
            let message = "Maximum SOQL offset allowed is 2000";
            return Err(Fault::bad("NUMBER_OUTSIDE_VALID_RANGE", message));
        }
        self.need("Id");
        self.need("IsDeleted");
        Ok(Plan {
            object: self.object,
            columns,
            filter: filter.transpose()?,
            group,
            having: having.transpose()?,
            order,
            limit: query.limit,
            offset,
            shape,
            needed: self.needed.borrow().iter().copied().collect(),
        })
    }

    fn shape(&self) -> Outcome<Shape> {
        let columns = &self.query.columns;
        if columns.iter().any(|c| matches!(c, Written::CountAll)) {
            if columns.len() > 1 || !self.query.group.is_empty() {
                return Err(malformed(
                    self.text,
                    self.query.from.at,
                    "Grouped query cannot use COUNT() with other columns",
                ));
            }
            return Ok(Shape::Count);
        }
        let calls = columns.iter().any(
            |column| matches!(column, Written::Call(call, _) if Function::named(&call.function.text).is_some()),
        );
        match calls || !self.query.group.is_empty() {
            true => Ok(Shape::Groups),
            false => Ok(Shape::Rows),
        }
    }

    fn test(&self, condition: &Condition) -> Outcome<Test> {
        let all = |terms: &[Condition]| {
            let tests = terms.iter().map(|term| self.test(term));
            tests.collect::<Outcome<Vec<Test>>>()
        };
        match condition {
            Condition::All(terms) => Ok(Test::All(all(terms)?)),
            Condition::Any(terms) => Ok(Test::Any(all(terms)?)),
            Condition::Not(term) => Ok(Test::Not(Box::new(self.test(term)?))),
            Condition::Compare(operand, sign, literal) => {
                let source = self.filtered(operand)?;
                let wanted = matching::wanted(self.org.now, &source, *sign, literal)?;
                Ok(Test::Compare(source, *sign, wanted))
            }
            Condition::In {
                operand,
                negated,
                list,
            } => {
                let source = self.filtered(operand)?;
                let wanted = |literal: &Literal| {
                    matching::wanted(self.org.now, &source, Sign::Equal, literal)
                };
                let wanted = list.iter().map(wanted).collect::<Outcome<Vec<Wanted>>>()?;
                Ok(Test::In(source, *negated, wanted))
            }
            Condition::InQuery {
                operand,
                negated,
                query,
            } => {
                let source = self.filtered(operand)?;
                let plan = resolve(self.org, self.text, query)?;
                let values = run::values(self.org, &plan)?;
                Ok(Test::InSet(source, *negated, values))
            }
        }
    }

    fn filtered(&self, operand: &Operand) -> Outcome<Source> {
        self.source(operand, "filterable", "filtered", &[])
    }

    fn source(
        &self,
        operand: &Operand,
        right: &str,
        done: &str,
        columns: &[Column<'a>],
    ) -> Outcome<Source> {
        match operand {
            Operand::Field(name) => {
                let aliased = columns.iter().find_map(|column| match column {
                    Column::Aggregate(function, path, key)
                        if key.eq_ignore_ascii_case(&name.text) =>
                    {
                        Some(Source::Aggregate(*function, path.clone()))
                    }
                    _ => None,
                });
                match aliased {
                    Some(source) => Ok(source),
                    None => Ok(Source::Path(self.usable(name, right, done)?)),
                }
            }
            Operand::Call(call) => {
                let function = Function::named(&call.function.text).ok_or_else(|| {
                    let message = format!("unknown function: {}", call.function.text);
                    malformed(self.text, call.function.at, &message)
                })?;
                let path = self.path(&call.field)?;
                self.aggregatable(function, &path, call)?;
                Ok(Source::Aggregate(function, path))
            }
        }
    }

    /// A path whose field has the right (`filterable`) to be so `done` with (`filtered`).
    fn usable(&self, name: &Name, right: &str, done: &str) -> Outcome<Path> {
        let (path, field) = self.lookup(name)?;
        if field.is(right) || path.steps.iter().any(|step| step.polymorphic) {
            return Ok(path);
        }
        let message = format!("field '{}' can not be {done} in a query call", field.name);
        Err(fault_at(self.text, name.at, "INVALID_FIELD", &message))
    }

    pub fn path(&self, name: &Name) -> Outcome<Path> {
        Ok(self.lookup(name)?.0)
    }

    fn lookup(&self, name: &Name) -> Outcome<(Path, &'a Field)> {
        let mut parts: Vec<&str> = name.text.split('.').collect();
        let own = |part: &str| {
            let alias = self.query.alias.as_deref();
            alias.is_some_and(|alias| alias.eq_ignore_ascii_case(part))
                || part.eq_ignore_ascii_case(&self.object.name)
        };
        if parts.len() > 1 && parts.first().is_some_and(|part| own(part)) {
            parts.remove(0);
        }
        let last = parts.pop().unwrap_or_default();
        let mut targets = vec![self.object];
        let mut steps = Vec::new();
        for part in parts {
            let Some(from) = targets.first().filter(|_| targets.len() == 1) else {
                return Err(self.no_relationship(name, part));
            };
            let (step, next) = self.step(from, name, part)?;
            steps.push(step);
            targets = next;
        }
        let found = targets.iter().find_map(|target| target.field(last));
        let owner = targets.first().copied().unwrap_or(self.object);
        let field = found.ok_or_else(|| self.no_column(name, last, owner))?;
        match steps.first() {
            Some(step) => {
                self.needed.borrow_mut().insert(step.field);
            }
            None => self.need(&field.name),
        }
        let path = Path {
            steps,
            name: field.name.clone(),
            kind: field.kind,
        };
        Ok((path, field))
    }

    pub fn step(
        &self,
        from: &'a Object,
        name: &Name,
        part: &str,
    ) -> Outcome<(Step, Vec<&'a Object>)> {
        let (at, field) = from
            .relationship(part)
            .ok_or_else(|| self.no_relationship(name, part))?;
        let targets = field.reference_to.iter();
        let targets: Vec<&Object> = targets
            .filter_map(|to| self.org.schema.object(to))
            .collect();
        let step = Step {
            field: at,
            relationship: field.relationship_name.clone().unwrap_or_default(),
            polymorphic: targets.len() > 1,
        };
        Ok((step, targets))
    }

    /// Marks a field of the queried object, or the parts of a compound one, as to be read.
    fn need(&self, name: &str) {
        let Some((at, field)) = self.object.position(name).zip(self.object.field(name)) else {
            return;
        };
        let mut needed = self.needed.borrow_mut();
        if field.stored() {
            needed.insert(at);
        } else {
            needed.extend(self.object.parts(field).map(|(at, _)| at));
        }
    }

    pub fn no_column(&self, name: &Name, field: &str, object: &Object) -> Fault {
        let message = format!(
            "No such column '{field}' on entity '{}'. If you are attempting to use a custom field, \
             be sure to append the '__c' after the custom field name. Please reference your WSDL \
             or the describe call for the appropriate names.",
            object.name
        );
        fault_at(self.text, name.at, "INVALID_FIELD", &message)
    }

    fn no_relationship(&self, name: &Name, part: &str) -> Fault {
        let message = format!(
            "Didn't understand relationship '{part}' in field path. If you are attempting to use a \
             custom relationship, be sure to append the '__r' after the custom relationship name. \
             Please reference your WSDL or the describe call for the appropriate names."
        );
        fault_at(self.text, name.at, "INVALID_FIELD", &message)
    }
}
