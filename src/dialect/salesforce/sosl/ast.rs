//! The tree of a search.
//!
//! What it returns is written as queries of SOQL, without the words `SELECT` and `FROM`: their
//! fields, conditions and orders are read by SOQL's own grammar and checked by SOQL's own rules.

use crate::dialect::salesforce::soql::ast::{
    Category, Count, Literal, Name, Piece, Query, Span, Update,
};

/// A search.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Search {
    pub find: Expression,
    /// `IN … FIELDS`; none is `ALL`.
    pub group: Option<Group>,
    /// Without any, records of all objects come back by their ids.
    pub returning: Vec<Returning>,
    pub with: Vec<With>,
    pub limit: Option<Count>,
    /// `UPDATE TRACKING, VIEWSTAT`, each once at most.
    pub update: Vec<Update>,
}

/// What is looked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Expression {
    /// Words side by side, all of which must be found. Never empty after parsing.
    Words(Vec<Word>),
    /// Parts joined by `AND` or `AND NOT`; two or more after parsing, the first not negated.
    All(Vec<Part>),
    /// Parts joined by `OR`; two or more after parsing.
    Any(Vec<Self>),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    pub negated: bool,
    pub of: Expression,
}

/// A word, or a phrase in quotes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word {
    pub span: Span,
    /// Unescaped; never empty and never two texts in a row after parsing.
    pub pieces: Vec<Piece>,
    pub quoted: bool,
}

impl Word {
    /// The text, unless a wildcard stands in it.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text.expose()),
            _ => None,
        }
    }

    /// A word of ours.
    #[must_use]
    pub fn of(text: &str, quoted: bool) -> Self {
        Self {
            span: Span::default(),
            pieces: vec![Piece::Text(text.into())],
            quoted,
        }
    }
}

/// In which fields is looked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    All,
    Name,
    Email,
    Phone,
    Sidebar,
}

impl Group {
    /// The group of that name, whatever the case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            Self::All,
            Self::Name,
            Self::Email,
            Self::Phone,
            Self::Sidebar,
        ];
        all.into_iter()
            .find(|group| group.text().eq_ignore_ascii_case(name))
    }

    /// As SOSL writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Name => "NAME",
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Sidebar => "SIDEBAR",
        }
    }
}

/// One object of `RETURNING`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Returning {
    /// Its fields in `SELECT`, none where the object stands alone; its one source the object.
    /// Of the further clauses it has `WHERE`, `ORDER BY`, `LIMIT` and `OFFSET` only.
    pub query: Query,
    /// `USING ListView = name`.
    pub list_view: Option<Name>,
}

/// One `WITH` clause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum With {
    Division(Literal),
    /// Never empty after parsing.
    DataCategory(Vec<Category>),
    /// With the length of the excerpt, where it is given.
    Snippet(Option<Literal>),
    /// Texts; never empty after parsing.
    Network(Vec<Literal>),
    PricebookId(Literal),
    /// `METADATA = 'LABELS'`.
    Metadata,
    SpellCorrection(bool),
    Highlight,
}
