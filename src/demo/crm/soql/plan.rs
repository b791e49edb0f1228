//! A query with its names resolved against the schema.

use crate::demo::crm::schema::{Kind, Object};
use crate::demo::crm::soql::matching::{Source, Test};

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

impl Function {
    pub fn named(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "count" => Some(Self::Count),
            "count_distinct" => Some(Self::CountDistinct),
            "min" => Some(Self::Minimum),
            "max" => Some(Self::Maximum),
            "sum" => Some(Self::Sum),
            "avg" => Some(Self::Average),
            _ => None,
        }
    }
}
