//! The tree of a query.
//!
//! Every part is public and may be edited; [`canonical`] writes the edited tree. What goes into
//! the text as it is ([`Name`], [`Verbatim`]) can only be made by a check, so an edit cannot
//! smuggle in syntax. Two trees are equal when they say the same, wherever their parts stood.
//!
//! [`canonical`]: crate::dialect::salesforce::soql::canonical::canonical

mod call;
mod condition;
mod name;
mod value;

pub use call::{Argument, Call, Function};
pub use condition::{Compare, Condition, Operand, Operator, Right};
pub use name::{Name, Path, Span};
pub use value::{Literal, Piece, Value, Verbatim};

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
