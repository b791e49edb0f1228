//! A query with its names resolved against the schema.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::Org;
use crate::demo::crm::schema::{Field, Kind, Object};
use crate::demo::crm::soql::lex::{fault_at, malformed};
use crate::demo::crm::soql::matching::{Source, Test, Wanted};
use crate::demo::crm::soql::parse::{
    Call, Condition, Literal, Name, Operand, Query, Sign, Written,
};
use crate::demo::crm::soql::{matching, run};

pub struct Plan<'a> {
    pub object: &'a Object,
    pub columns: Vec<Column<'a>>,
    pub filter: Option<Test>,
    pub group: Vec<Path>,
    pub having: Option<Test>,
    pub order: Vec<Sort>,
    pub limit: Option<usize>,
    pub offset: usize,
    pub shape: Shape,
    /// The fields of the object that must be read.
    pub needed: Vec<usize>,
}

/// What kind of records the answer has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    Rows,
    /// `COUNT()`: a number and no records.
    Count,
    Groups,
}

pub enum Column<'a> {
    Field(Path, String),
    Child {
        name: String,
        /// The field of the child that leads to the parent.
        key: usize,
        plan: Box<Plan<'a>>,
    },
    TypeOf {
        step: Step,
        when: Vec<(&'a Object, Vec<usize>)>,
        otherwise: Vec<String>,
    },
    Aggregate(Function, Path, String),
}

/// From the queried object along references to a field.
#[derive(Clone, Debug)]
pub struct Path {
    pub steps: Vec<Step>,
    /// The field's name at the end; of a polymorphic step the object is known only by the record.
    pub name: String,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub field: usize,
    pub relationship: String,
    pub polymorphic: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Function {
    Count,
    CountDistinct,
    Minimum,
    Maximum,
    Sum,
    Average,
}

pub struct Sort {
    pub source: Source,
    pub descending: bool,
    pub nulls_last: bool,
}

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

fn resolve_on<'a>(
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

struct Resolver<'r, 'a> {
    org: &'r Org<'a>,
    text: &'r str,
    query: &'r Query,
    object: &'a Object,
    needed: RefCell<BTreeSet<usize>>,
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
            |column| matches!(column, Written::Call(call, _) if function(&call.function).is_some()),
        );
        match calls || !self.query.group.is_empty() {
            true => Ok(Shape::Groups),
            false => Ok(Shape::Rows),
        }
    }

    fn columns(&self, shape: Shape, group: &[Path]) -> Outcome<Vec<Column<'a>>> {
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
        if let Some(function) = function(&call.function) {
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

    fn aggregatable(&self, function: Function, path: &Path, call: &Call) -> Outcome<()> {
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
                let function = function(&call.function).ok_or_else(|| {
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

    fn path(&self, name: &Name) -> Outcome<Path> {
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

    fn step(&self, from: &'a Object, name: &Name, part: &str) -> Outcome<(Step, Vec<&'a Object>)> {
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

    fn no_column(&self, name: &Name, field: &str, object: &Object) -> Fault {
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

impl Path {
    /// The whole path with the schema's own names, `Account.Owner.Name`.
    pub fn label(&self) -> String {
        let steps = self.steps.iter().map(|step| step.relationship.as_str());
        let parts: Vec<&str> = steps.chain([self.name.as_str()]).collect();
        parts.join(".")
    }

    pub fn same(&self, other: &Self) -> bool {
        self.label() == other.label()
    }
}

fn function(name: &Name) -> Option<Function> {
    match name.text.to_lowercase().as_str() {
        "count" => Some(Function::Count),
        "count_distinct" => Some(Function::CountDistinct),
        "min" => Some(Function::Minimum),
        "max" => Some(Function::Maximum),
        "sum" => Some(Function::Sum),
        "avg" => Some(Function::Average),
        _ => None,
    }
}
