//! A query as it is written, its names unresolved.

use crate::demo::crm::soql::lex::Text;

#[derive(Clone, Debug)]
pub struct Query {
    pub columns: Vec<Written>,
    pub from: Name,
    pub alias: Option<String>,
    pub filter: Option<Condition>,
    pub group: Vec<Name>,
    pub having: Option<Condition>,
    pub order: Vec<Order>,
    pub limit: Option<usize>,
    pub offset: Option<usize>,
    pub all_rows: bool,
}

/// A name or a path with its place in the query.
#[derive(Clone, Debug)]
pub struct Name {
    pub text: String,
    pub at: usize,
}

#[derive(Clone, Debug)]
pub enum Written {
    Field(Name, Option<String>),
    /// `COUNT()` without a field.
    CountAll,
    Call(Call, Option<String>),
    Child(Box<Query>),
    /// `FIELDS(ALL)` and its kin.
    Fields(Name),
    TypeOf {
        relation: Name,
        when: Vec<(Name, Vec<Name>)>,
        otherwise: Vec<Name>,
    },
}

/// A function over a field, such as `MAX(Amount)`.
#[derive(Clone, Debug)]
pub struct Call {
    pub function: Name,
    pub field: Name,
}

#[derive(Clone, Debug)]
pub enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Operand, Sign, Literal),
    In {
        operand: Operand,
        negated: bool,
        list: Vec<Literal>,
    },
    InQuery {
        operand: Operand,
        negated: bool,
        query: Box<Query>,
    },
}

#[derive(Clone, Debug)]
pub enum Operand {
    Field(Name),
    Call(Call),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sign {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Flag(bool),
    Number(f64),
    Text(Text),
    Date(String),
    Datetime(String),
    /// `TODAY`, `LAST_N_DAYS:4`
    Named(String),
}

#[derive(Clone, Debug)]
pub struct Order {
    pub operand: Operand,
    pub descending: bool,
    pub nulls_last: Option<bool>,
}
