//! The tree of a GraphQL document. What goes into the text as it is (names, numbers) was held to its
//! grammar by the lexer, and cannot be made otherwise.

use crate::model::Personal;

/// Operations and fragments.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Document {
    pub operations: Vec<Operation>,
    pub fragments: Vec<Fragment>,
}

impl Document {
    /// Visits every field, in the order in which they are written.
    pub fn visit_fields(&mut self, visit: &mut dyn FnMut(&mut Field)) {
        for operation in &mut self.operations {
            visit_fields(&mut operation.selections, visit);
        }
        for fragment in &mut self.fragments {
            visit_fields(&mut fragment.selections, visit);
        }
    }
}

fn visit_fields(selections: &mut [Selection], visit: &mut dyn FnMut(&mut Field)) {
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                visit(field);
                visit_fields(&mut field.selections, visit);
            }
            Selection::Inline { selections, .. } => visit_fields(selections, visit),
            Selection::Spread { .. } => {}
        }
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operation {
    pub kind: Kind,
    pub name: Option<Name>,
    pub variables: Vec<Variable>,
    pub directives: Vec<Directive>,
    pub selections: Vec<Selection>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Query,
    Mutation,
}

/// `$name: Type = default`; the type is not needed once the value stands in its place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Variable {
    pub name: Name,
    pub default: Option<Value>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fragment {
    pub name: Name,
    /// The type that it is on.
    pub on: Name,
    pub selections: Vec<Selection>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selection {
    Field(Field),
    /// `...name`
    Spread {
        name: Name,
        directives: Vec<Directive>,
    },
    /// `... on Type { … }`
    Inline {
        on: Option<Name>,
        directives: Vec<Directive>,
        selections: Vec<Self>,
    },
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    pub place: Place,
    pub alias: Option<Name>,
    pub name: Name,
    pub arguments: Vec<(Name, Value)>,
    pub directives: Vec<Directive>,
    pub selections: Vec<Selection>,
}

impl Field {
    /// The key under which it is answered.
    #[must_use]
    pub fn key(&self) -> &Name {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// Where a field stands in the client's text; it is the same field wherever it stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Directive {
    pub name: Name,
    pub arguments: Vec<(Name, Value)>,
}

/// Any of it may be somebody's datum, so texts and numbers do not print.
#[derive(Clone, Debug)]
pub enum Value {
    Variable(Name),
    Text(Personal),
    /// As it was written.
    Number(Personal),
    Bool(bool),
    Null,
    Enum(Name),
    List(Vec<Self>),
    Object(Vec<(Name, Self)>),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Variable(a), Self::Variable(b)) | (Self::Enum(a), Self::Enum(b)) => a == b,
            (Self::Text(a), Self::Text(b)) | (Self::Number(a), Self::Number(b)) => {
                a.expose() == b.expose()
            }
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Null, Self::Null) => true,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

/// A letter or an underscore, then letters, digits and underscores. GraphQL tells case apart.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Name(String);

impl Name {
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = text.bytes();
        let starts = bytes
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        let goes_on = bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (starts && goes_on).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// A client's name may be anything.
impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(..)")
    }
}
