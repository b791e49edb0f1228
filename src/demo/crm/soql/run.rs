//! Runs a resolved query over the rows.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::records::{Org, value as field_value};
use crate::demo::crm::render;
use crate::demo::crm::schema::Object;
use crate::demo::crm::soql::group;
use crate::demo::crm::soql::matching::{Source, folded, holds, order};
use crate::demo::crm::soql::narrow::narrow_by;
use crate::demo::crm::soql::parse::parse;
use crate::demo::crm::soql::plan::{Column, Path, Plan, Shape, Sort, Step};
use crate::demo::crm::soql::resolve::resolve;
use crate::demo::crm::store::{OneOf, Row, Scan};

/// The records of a query, or only their number.
pub struct Answer {
    pub total: usize,
    pub records: Vec<Value>,
}

/// # Errors
/// When the query is malformed or names what does not exist.
pub fn answer(org: &Org<'_>, query: &str, deleted: bool) -> Outcome<Answer> {
    let parsed = parse(query)?;
    let plan = resolve(org, query, &parsed)?;
    let runner = Runner::new(org, deleted || parsed.all_rows);
    runner.answer(&plan, None)
}

/// What a subquery after IN finds, folded for comparison.
///
/// # Errors
/// When it does not select exactly one field.
pub fn values(org: &Org<'_>, plan: &Plan<'_>) -> Outcome<HashSet<String>> {
    let [Column::Field(path, _)] = plan.columns.as_slice() else {
        let message = "SELECT clause of a semi join must have exactly one field";
        return Err(Fault::bad("MALFORMED_QUERY", message));
    };
    let runner = Runner::new(org, false);
    let rows = runner.rows(plan, None)?;
    let values = rows.iter().map(|row| runner.value(plan.object, row, path));
    Ok(values.filter_map(|value| folded(&value)).collect())
}

pub struct Runner<'r, 'a> {
    org: &'r Org<'a>,
    deleted: bool,
    /// Records that others refer to, read once for each query.
    parents: RefCell<HashMap<String, Option<Rc<Row>>>>,
}

impl<'r, 'a> Runner<'r, 'a> {
    fn new(org: &'r Org<'a>, deleted: bool) -> Self {
        Self {
            org,
            deleted,
            parents: RefCell::default(),
        }
    }

    /// The answer, for a child query with only the children of one parent.
    fn answer(&self, plan: &Plan<'_>, of: Option<OneOf>) -> Outcome<Answer> {
        if plan.shape == Shape::Groups {
            let rows = self.filtered(plan, of)?;
            let records = group::records(self, plan, &rows);
            return Ok(Answer {
                total: records.len(),
                records,
            });
        }
        let rows = self.rows(plan, of)?;
        if plan.shape == Shape::Count {
            return Ok(Answer {
                total: rows.len(),
                records: Vec::new(),
            });
        }
        let records = rows.iter().map(|row| self.record(plan, row));
        let records = records.collect::<Outcome<Vec<Value>>>()?;
        Ok(Answer {
            total: records.len(),
            records,
        })
    }

    /// The rows that match, in order, within the limits.
    fn rows(&self, plan: &Plan<'_>, of: Option<OneOf>) -> Outcome<Vec<Row>> {
        let mut rows = self.filtered(plan, of)?;
        if !plan.order.is_empty() {
            let keyed = rows.into_iter().map(|row| {
                let lookup = |source: &Source| self.lookup(plan, &row, source);
                let keys: Vec<Value> = plan.order.iter().map(|s| lookup(&s.source)).collect();
                (keys, row)
            });
            let mut keyed: Vec<(Vec<Value>, Row)> = keyed.collect();
            keyed.sort_by(|left, right| by_keys(&plan.order, &left.0, &right.0));
            rows = keyed.into_iter().map(|(_, row)| row).collect();
        }
        let limit = plan.limit.unwrap_or(usize::MAX);
        Ok(rows.into_iter().skip(plan.offset).take(limit).collect())
    }

    fn filtered(&self, plan: &Plan<'_>, of: Option<OneOf>) -> Outcome<Vec<Row>> {
        let mut narrow: Vec<OneOf> = of.into_iter().collect();
        if let Some(filter) = &plan.filter {
            narrow_by(plan.object, filter, &mut narrow);
        }
        let plain = plan.filter.is_none() && plan.order.is_empty() && plan.group.is_empty();
        let limit = plan.limit.filter(|_| plain && plan.shape == Shape::Rows);
        let scan = Scan {
            fields: plan.needed.clone(),
            narrow,
            deleted: self.deleted,
            limit: limit.map(|limit| limit + plan.offset),
        };
        let mut rows = self.org.store.scan(plan.object, &scan)?;
        if let Some(filter) = &plan.filter {
            rows.retain(|row| holds(filter, &|source| self.lookup(plan, row, source)));
        }
        Ok(rows)
    }

    fn lookup(&self, plan: &Plan<'_>, row: &Row, source: &Source) -> Value {
        match source {
            Source::Path(path) => self.value(plan.object, row, path),
            Source::Aggregate(..) => Value::Null,
        }
    }

    /// The value at the end of a path; null where a reference on the way is.
    pub fn value(&self, object: &Object, row: &Row, path: &Path) -> Value {
        let Some((first, rest)) = path.steps.split_first() else {
            return end_value(object, row, &path.name);
        };
        let Some((mut of, mut found)) = self.parent(row, first) else {
            return Value::Null;
        };
        for step in rest {
            let Some(next) = self.parent(&found, step) else {
                return Value::Null;
            };
            (of, found) = next;
        }
        end_value(of, &found, &path.name)
    }

    fn parent(&self, row: &Row, step: &Step) -> Option<(&'a Object, Rc<Row>)> {
        let id = row.get(step.field)?.as_str()?;
        let object = self.org.schema.of_id(id)?;
        if let Some(known) = self.parents.borrow().get(id) {
            return known.clone().map(|row| (object, row));
        }
        let found = self.org.store.find(object, id).ok().flatten().map(Rc::new);
        let mut parents = self.parents.borrow_mut();
        parents.insert(id.to_owned(), found.clone());
        found.map(|row| (object, row))
    }

    fn record(&self, plan: &Plan<'_>, row: &Row) -> Outcome<Value> {
        let mut out = Map::with_capacity(plan.columns.len() + 1);
        let attributes = render::attributes(self.org, plan.object, row);
        out.insert("attributes".to_owned(), attributes);
        for column in &plan.columns {
            match column {
                Column::Field(path, key) => self.place(&mut out, plan.object, row, path, key),
                Column::Child {
                    name,
                    key,
                    plan: child,
                } => {
                    let children = self.children(plan, row, child, *key)?;
                    out.insert(name.clone(), children);
                }
                Column::TypeOf {
                    step,
                    when,
                    otherwise,
                } => {
                    let value = self.type_of(row, step, when, otherwise);
                    out.insert(step.relationship.clone(), value);
                }
                Column::Aggregate(..) => {}
            }
        }
        Ok(Value::Object(out))
    }

    /// Puts a field into the record, inside the records of the relationships that lead to it.
    fn place(
        &self,
        out: &mut Map<String, Value>,
        object: &Object,
        row: &Row,
        path: &Path,
        key: &str,
    ) {
        let mut into = out;
        let mut at: Option<(&Object, Rc<Row>)> = None;
        for step in &path.steps {
            let next = match &at {
                Some((_, row)) => self.parent(row, step),
                None => self.parent(row, step),
            };
            let Some((of, found)) = next else {
                into.entry(step.relationship.clone()).or_insert(Value::Null);
                return;
            };
            let slot = into.entry(step.relationship.clone()).or_insert(Value::Null);
            if slot.is_null() {
                // What a polymorphic reference leads to is called "Name", as recorded.
                let name = if step.polymorphic { "Name" } else { &of.name };
                let attributes = render::named_attributes(self.org, of, name, &found);
                *slot = json!({"attributes": attributes});
            }
            let Value::Object(inner) = slot else {
                return;
            };
            into = inner;
            at = Some((of, found));
        }
        let value = match &at {
            Some((of, found)) => end_value(of, found, &path.name),
            None => end_value(object, row, &path.name),
        };
        into.insert(key.to_owned(), value);
    }

    fn children(&self, plan: &Plan<'_>, row: &Row, child: &Plan<'_>, key: usize) -> Outcome<Value> {
        let id = field_value(plan.object, row, "Id").as_str();
        let of = OneOf {
            field: key,
            values: id.map(str::to_owned).into_iter().collect(),
        };
        let answer = self.answer(child, Some(of))?;
        if answer.total == 0 {
            return Ok(Value::Null);
        }
        Ok(json!({"totalSize": answer.total, "done": true, "records": answer.records}))
    }

    fn type_of(
        &self,
        row: &Row,
        step: &Step,
        when: &[(&Object, Vec<usize>)],
        otherwise: &[String],
    ) -> Value {
        let Some((object, found)) = self.parent(row, step) else {
            return Value::Null;
        };
        let mut out = Map::new();
        let attributes = render::attributes(self.org, object, &found);
        out.insert("attributes".to_owned(), attributes);
        let case = when.iter().find(|(of, _)| of.name == object.name);
        if let Some((_, fields)) = case {
            for at in fields {
                if let Some(field) = object.fields.get(*at) {
                    let value = render::value(object, &found, *at, field);
                    out.insert(field.name.clone(), value);
                }
            }
        } else {
            for name in otherwise {
                out.insert(name.clone(), end_value(object, &found, name));
            }
        }
        Value::Object(out)
    }
}

/// The order of two records by their sort keys.
pub fn by_keys(sorts: &[Sort], left: &[Value], right: &[Value]) -> Ordering {
    for (sort, (left, right)) in sorts.iter().zip(left.iter().zip(right)) {
        let nulls = if sort.nulls_last {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        let found = match (left.is_null(), right.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => nulls,
            (false, true) => nulls.reverse(),
            (false, false) if sort.descending => order(right, left),
            (false, false) => order(left, right),
        };
        if found.is_ne() {
            return found;
        }
    }
    Ordering::Equal
}

/// A field's value; a case's name is its subject, as a polymorphic reference shows it.
fn end_value(object: &Object, row: &Row, name: &str) -> Value {
    let name = match name {
        "Name" if object.name == "Case" => "Subject",
        name => name,
    };
    let at = object.position(name);
    let Some((at, field)) = at.and_then(|at| Some((at, object.fields.get(at)?))) else {
        return Value::Null;
    };
    render::value(object, row, at, field)
}
