//! Names, paths of names, and where they stood.

use crate::wire::ascii::Set;

/// What an identifier goes on with behind its first letter.
const NAME: Set = Set::alphanumeric().with(b"_");

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
        let length = Self::length_at_start(text)?;
        (length == text.len()).then(|| Self {
            text: text.to_owned(),
            span: Span::default(),
        })
    }

    /// The length of the identifier that a text begins with.
    pub(in crate::dialect::salesforce::soql) fn length_at_start(text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        bytes.first().filter(|first| first.is_ascii_alphabetic())?;
        Some(NAME.run(bytes))
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
