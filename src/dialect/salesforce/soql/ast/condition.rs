//! Conditions and comparisons.

use crate::dialect::salesforce::soql::ast::{Call, Literal, Path, Query, Span};

/// A condition of `WHERE` or `HAVING`. `And` and `Or` hold two or more after parsing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Condition {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Compare(Compare),
}

/// One comparison.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Compare {
    pub span: Span,
    pub left: Operand,
    pub operator: Operator,
    pub right: Right,
}

/// The left of a comparison, and what rows are grouped and ordered by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Operand {
    Path(Path),
    Call(Call),
}

/// What a comparison asks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    In,
    NotIn,
    Includes,
    Excludes,
}

impl Operator {
    /// As SOQL writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Like => "LIKE",
            Self::In => "IN",
            Self::NotIn => "NOT IN",
            Self::Includes => "INCLUDES",
            Self::Excludes => "EXCLUDES",
        }
    }
}

/// The right of a comparison. Parsing gives a list to `In`, `NotIn`, `Includes` and `Excludes`
/// alone, and a semi-join to `In` and `NotIn` alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Right {
    Literal(Literal),
    /// Never empty after parsing.
    List(Vec<Literal>),
    SemiJoin(Box<Query>),
}
