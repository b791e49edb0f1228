//! The tree of a query.
//!
//! Every part is public and may be edited; [`canonical`] writes the edited tree. What goes into
//! the text as it is ([`Name`], [`Verbatim`]) can only be made by a check, so an edit cannot
//! smuggle in syntax. Two trees are equal when they say the same, wherever their parts stood.
//!
//! [`canonical`]: crate::dialect::salesforce::soql::canonical::canonical

use std::fmt::{self, Debug, Formatter};

use crate::model::Personal;

/// A query, or one that stands inside another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    pub span: Span,
    /// Never empty after parsing.
    pub select: Vec<SelectItem>,
    /// The object first; more than one only in the legacy form `FROM Account a, a.Contacts c`.
    pub from: Vec<Source>,
    /// `USING SCOPE name`.
    pub scope: Option<Name>,
    /// `WHERE`.
    pub condition: Option<Condition>,
    pub with: Vec<With>,
    pub group_by: Option<GroupBy>,
    /// `HAVING`; parsing takes it only behind a `GROUP BY`.
    pub having: Option<Condition>,
    pub order_by: Vec<OrderItem>,
    pub limit: Option<Count>,
    pub offset: Option<Count>,
    /// `FOR VIEW`, `FOR REFERENCE` and `FOR UPDATE`, each once at most.
    pub for_clauses: Vec<For>,
    /// `UPDATE TRACKING, VIEWSTAT`, each once at most.
    pub update: Vec<Update>,
    /// `ALL ROWS`: deleted records too.
    pub all_rows: bool,
}

/// One item of `SELECT`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SelectItem {
    Field {
        path: Path,
        alias: Option<Name>,
    },
    Function {
        call: Call,
        alias: Option<Name>,
    },
    /// `(SELECT … FROM Contacts)`: its `FROM` names a child relationship, not an object.
    Subquery {
        query: Box<Query>,
        alias: Option<Name>,
    },
    TypeOf(TypeOf),
}

impl SelectItem {
    /// The name under which the item comes back, where the query gives one.
    #[must_use]
    pub fn alias(&self) -> Option<&Name> {
        match self {
            Self::Field { alias, .. }
            | Self::Function { alias, .. }
            | Self::Subquery { alias, .. } => alias.as_ref(),
            Self::TypeOf(of) => of.alias.as_ref(),
        }
    }
}

/// `TYPEOF What WHEN Account THEN Phone ELSE Name END`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TypeOf {
    pub span: Span,
    /// The polymorphic relationship.
    pub path: Path,
    /// Never empty after parsing.
    pub whens: Vec<When>,
    /// `ELSE`, or empty.
    pub otherwise: Vec<Path>,
    pub alias: Option<Name>,
}

/// `WHEN object THEN fields`; the fields are those of `object`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct When {
    pub object: Name,
    pub fields: Vec<Path>,
}

/// One source of `FROM`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// An object; within a subquery a child relationship, `Contacts` or `Account.Contacts`.
    pub path: Path,
    pub alias: Option<Name>,
}

/// Names joined by dots: relationships, then a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Path {
    /// Never empty after parsing.
    pub names: Vec<Name>,
}

impl Path {
    /// From the first name's start to the last one's end.
    #[must_use]
    pub fn span(&self) -> Span {
        let start = self.names.first().map_or(0, |name| name.span.start);
        let end = self.names.last().map_or(0, |name| name.span.end);
        Span { start, end }
    }

    /// The last name: the field of a field's path, the relationship of a subquery's source.
    #[must_use]
    pub fn last(&self) -> Option<&Name> {
        self.names.last()
    }
}

/// An identifier, in the letters that the client chose. SOQL does not tell case apart, so compare
/// with [`Name::is`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Name {
    text: String,
    pub span: Span,
}

impl Name {
    /// An identifier: an ASCII letter, then letters, digits and underscores.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
        let goes_on = bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (starts && goes_on).then(|| Self {
            text: text.to_owned(),
            span: Span::default(),
        })
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is that name, whatever the case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.text.eq_ignore_ascii_case(name)
    }

    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.is(&other.text)
    }
}

/// A function with its arguments, `COUNT()` and `FIELDS(ALL)` too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    pub span: Span,
    pub name: Name,
    pub arguments: Vec<Argument>,
}

impl Call {
    /// Whether it is `FIELDS(…)`, whose argument says which fields and is not one.
    #[must_use]
    pub fn is_fields(&self) -> bool {
        self.name.is("FIELDS")
    }
}

/// An argument of a function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Argument {
    Path(Path),
    Call(Call),
    /// A text or a number: of `GEOLOCATION` and `DISTANCE`.
    Literal(Literal),
}

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

/// One `WITH` clause.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum With {
    SecurityEnforced,
    UserMode,
    SystemMode,
    /// `DATA CATEGORY a AT (x, y) AND b ABOVE z`; never empty after parsing.
    DataCategory(Vec<Category>),
    /// `RecordVisibilityContext (maxDescriptorPerRecord = 100, supportsDomains = true)`.
    RecordVisibilityContext(Vec<Setting>),
}

/// `Geography__c AT (usa__c, uk__c)`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Category {
    pub group: Name,
    pub selector: Selector,
    /// Never empty after parsing.
    pub categories: Vec<Name>,
}

/// Which categories around the named ones are meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Selector {
    At,
    Above,
    Below,
    AboveOrBelow,
}

/// One setting of `RecordVisibilityContext`: a number or a boolean.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Setting {
    pub name: Name,
    pub value: Literal,
}

/// `GROUP BY`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GroupBy {
    pub kind: Grouping,
    /// Never empty after parsing.
    pub items: Vec<Operand>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Grouping {
    Plain,
    Rollup,
    Cube,
}

/// One item of `ORDER BY`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrderItem {
    pub by: Operand,
    pub direction: Option<Direction>,
    pub nulls: Option<Nulls>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    Ascending,
    Descending,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Nulls {
    First,
    Last,
}

/// A number of rows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Count {
    pub span: Span,
    pub rows: u32,
}

/// `FOR …`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum For {
    View,
    Reference,
    Update,
}

/// `UPDATE …`: statistics of knowledge articles.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Update {
    Tracking,
    ViewStat,
}

/// Where a part stood in the source, in bytes. Parts that were made and not parsed have 0..0.
///
/// All spans are equal to one another: whether two trees say the same does not depend on where
/// they said it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}
