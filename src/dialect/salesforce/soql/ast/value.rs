//! Literals.

use std::fmt::{self, Debug, Formatter};

use crate::dialect::salesforce::soql::ast::Span;
use crate::model::Personal;

/// A value that the query states.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Literal {
    pub span: Span,
    pub value: Value,
}

impl Literal {
    /// A text literal of ours.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self {
            span: Span::default(),
            value: Value::Text(text.into()),
        }
    }
}

/// What a literal says. Any of it may be somebody's datum, so nothing of it prints.
#[derive(Clone)]
pub enum Value {
    /// Unescaped.
    Text(Personal),
    /// The text on the right of `LIKE`, unescaped; never two texts in a row.
    Pattern(Vec<Piece>),
    /// `12`, `-1.5`, `1e6`.
    Number(Verbatim),
    /// `USD5000.01`, `USD-500`.
    Currency(Verbatim),
    /// `2010-09-21`.
    Date(Verbatim),
    /// `2020-04-15T02:40:03.000+0000`.
    DateTime(Verbatim),
    /// `14:00:00.000Z`.
    Time(Verbatim),
    /// `TODAY`, `LAST_N_DAYS:4`. The name is in upper case.
    DateName {
        name: &'static str,
        count: Option<u32>,
    },
    Bool(bool),
    Null,
}

impl Value {
    /// The kind of the literal, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Pattern(_) => "pattern",
            Self::Number(_) => "number",
            Self::Currency(_) => "currency",
            Self::Date(_) => "date",
            Self::DateTime(_) => "date and time",
            Self::Time(_) => "time",
            Self::DateName { .. } => "date name",
            Self::Bool(_) => "boolean",
            Self::Null => "null",
        }
    }
}

impl Debug for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Value({})", self.kind())
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.expose() == b.expose(),
            (Self::Pattern(a), Self::Pattern(b)) => a == b,
            (Self::Number(a), Self::Number(b))
            | (Self::Currency(a), Self::Currency(b))
            | (Self::Date(a), Self::Date(b))
            | (Self::DateTime(a), Self::DateTime(b))
            | (Self::Time(a), Self::Time(b)) => a == b,
            (Self::DateName { name: a, count: n }, Self::DateName { name: b, count: m }) => {
                a == b && n == m
            }
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Null, Self::Null) => true,
            _ => false,
        }
    }
}

impl Eq for Value {}

/// A piece of a `LIKE` pattern.
#[derive(Clone, Debug)]
pub enum Piece {
    Text(Personal),
    /// `%`: any characters, or none.
    AnyRun,
    /// `_`: one character.
    AnyOne,
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.expose() == b.expose(),
            (Self::AnyRun, Self::AnyRun) | (Self::AnyOne, Self::AnyOne) => true,
            _ => false,
        }
    }
}

impl Eq for Piece {}

/// A literal without quotes as the client wrote it, after the lexer held it to its grammar: ASCII
/// letters, digits and `+ - . :` alone. Make one with
/// [`parse_literal`](crate::dialect::salesforce::soql::parse_literal).
#[derive(Clone)]
pub struct Verbatim(Personal);

impl Verbatim {
    /// The lexer alone calls this, for text that it has checked.
    pub(in crate::dialect::salesforce::soql) fn checked(text: &str) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Debug for Verbatim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Verbatim(..)")
    }
}

impl PartialEq for Verbatim {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Verbatim {}
