//! HTML: where in a page a value would stand, and how it is written there.
//!
//! A value that is put into a page was never escaped by whoever wrote the page. So each place has a
//! [`Context`], and [`encode`] writes a value such that it is text there and nothing else. Where
//! that cannot be done, or where a browser may read the page otherwise than we do, the context is
//! [`Context::Nowhere`], and nothing is written.
//!
//! Contexts are not guessed from what stands around a place: each range is replaced by a mark, the
//! page is built by a browser's parser (html5ever), and the mark is looked for in what came of it.
//!
//! Read first: [`document`], [`Context`], [`encode`].

mod attribute;
mod encode;
mod literal;
mod mark;
mod script;
mod tree;
mod url;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use encode::{encode, is_inert};

/// Where a value would stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Context {
    /// Between tags.
    Text,
    /// In a `title` or a `textarea`, whose content is text with character references.
    RcData,
    /// In the value of an attribute that holds text or, with `url`, an address.
    Attribute { quote: Quote, url: Option<Part> },
    /// In a `data-` attribute, which scripts read.
    Data { quote: Quote },
    /// In a string of a script, of an event handler, or of JSON in a script or an attribute.
    Literal { kind: Literal, inside: Inside },
    /// Where no value can be written safely.
    Nowhere(Unsafe),
}

/// The quotes around an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    Double,
    Single,
    /// None, or it is not known.
    None,
}

/// Which part of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// What follows the address of `mailto:`, as a subject.
    Component,
    /// The address or number of `mailto:`, `tel:` and the like.
    Opaque,
}

/// What kind of string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    Single,
    Double,
    Template,
    Json,
}

/// What a string of a script holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside {
    Plain,
    Url(Part),
    /// Markup or JSON, and the context in it.
    Nested(Box<Context>),
}

/// Why nothing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsafe {
    /// The parser dropped it, or it is a name: of a tag, an attribute, a member.
    #[error("in a tag or a name")]
    Markup,
    #[error("in a comment")]
    Comment,
    #[error("in a style sheet")]
    Style,
    /// `iframe`, `noscript`, `xmp` and the like, or an element of SVG or MathML that is no text.
    #[error("in an element that has no character references")]
    RawText,
    #[error("in an attribute that is not known to hold text")]
    Attribute,
    /// A scheme, a host, or an address whose scheme runs code.
    #[error("in a part of an address that decides where it leads")]
    Address,
    #[error("in a script, outside of a string or where strings cannot be told for sure")]
    Script,
    /// What stands before the place takes the value's first characters for its own end.
    #[error("behind an escape or a tag that has not ended")]
    Unfinished,
    #[error("at a place that browsers and other parsers read in several ways")]
    Ambiguous,
    #[error("a value that cannot be written there")]
    Value,
}

/// The context of each range of a whole page, which must be sorted and not overlap.
#[must_use]
pub fn document(text: &str, ranges: &[Range<usize>]) -> Vec<Context> {
    contexts(text, ranges, tree::Kind::Document, 0)
}

/// As [`document`] for markup that a script puts into a page, as `innerHTML` takes it.
#[must_use]
pub fn fragment(text: &str, ranges: &[Range<usize>]) -> Vec<Context> {
    contexts(text, ranges, tree::Kind::Fragment, 0)
}

/// Whether a text looks like an address that a host is asked for.
#[must_use]
pub fn is_path(text: &str) -> bool {
    url::looks_like(text) && !url::is_opaque(text)
}

/// Whether a text looks like markup: it has a tag, a comment, or a character reference.
#[must_use]
pub fn is_fragment(text: &str) -> bool {
    let bytes = text.as_bytes();
    let tag = memchr::memchr_iter(b'<', bytes).any(|at| {
        let next = bytes.get(at + 1);
        next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'))
    });
    // The longest name of a reference has 31 letters.
    let reference = |at: usize| {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let mut rest = rest.iter().take(33);
        let end = rest.position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#');
        end.is_some_and(|end| end > 0 && bytes.get(at + 1 + end) == Some(&b';'))
    };
    tag || memchr::memchr_iter(b'&', bytes).any(reference)
}

/// How deep text may nest: markup in a string of JSON in a string of a script.
const DEEPEST: usize = 2;

fn contexts(text: &str, ranges: &[Range<usize>], kind: tree::Kind, level: usize) -> Vec<Context> {
    if ranges.is_empty() {
        return vec![];
    }
    let nowhere = || vec![Context::Nowhere(Unsafe::Ambiguous); ranges.len()];
    let Some(marks) = mark::Marks::new(text, ranges).filter(|_| level <= DEEPEST) else {
        return nowhere();
    };
    let Some(found) = tree::read(&marks, kind, level) else {
        return nowhere();
    };
    let unfinished = marks.unfinished();
    let finished = |(context, before): (Context, mark::Before)| match (&context, before) {
        (Context::Nowhere(_), _) | (_, mark::Before::Nothing) => context,
        // Quotes end an attribute, and nothing else does.
        (Context::Attribute { .. } | Context::Data { .. } | Context::Text, mark::Before::Tag) => {
            context
        }
        (_, mark::Before::Tag | mark::Before::Reference) => Context::Nowhere(Unsafe::Unfinished),
    };
    found.into_iter().zip(unfinished).map(finished).collect()
}
