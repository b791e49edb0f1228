//! SOQL, the query language of Salesforce: text to a tree, and the tree back to text.
//!
//! The border reads a query wholly before it lets anything of it through, and then writes it anew
//! from the tree: the client's bytes are never forwarded. What this grammar does not know is
//! refused, so a query that passes holds nothing that nobody looked at. The grammar follows
//! Salesforce's "SOQL and SOSL Reference"; where the reference is silent it is the narrower one.
//!
//! It never decides whether a query may pass, never looks up an object or a field, and never
//! repeats a name or a literal of the query in an error.
//!
//! Read first: [`ast::Query`], [`parse`], [`canonical::canonical`] and [`visit::walk`].

pub mod ast;
mod call;
pub mod canonical;
mod condition;
mod cursor;
mod literal;
mod plain;
mod query;
mod select;
pub mod visit;
mod with;

#[cfg(test)]
mod tests;

use crate::dialect::salesforce::soql::ast::{Literal, Query};

pub(in crate::dialect::salesforce) use cursor::Cursor;

/// Salesforce's own limit of a query: 100,000 characters.
pub const MAX_CHARS: usize = 100_000;

/// How deep parentheses, calls, `NOT`s and queries may nest within one another, all together.
pub const MAX_DEPTH: usize = 64;

/// How many names and literals a query may hold. A part costs the tree some 200 bytes, and a part
/// can be two characters long: without this limit a query could cost 100 times its size.
pub const MAX_PARTS: usize = 20_000;

/// Why a text is not a query that the border reads.
///
/// `what` names a clause or what was expected at the place. It is fixed text of ours, so that it
/// cannot hold a value or a name that a client sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the query is not read at byte {at}: {what}")]
pub struct Error {
    /// Offset in bytes from the start of the text.
    pub at: usize,
    pub what: &'static str,
}

/// Reads one whole query.
///
/// # Errors
/// On whatever is not SOQL as the API takes it. Bind variables (`:name`) are a thing of Apex and
/// never reach the API, so they are refused; so is SOSL (`FIND …`).
pub fn parse(text: &str) -> Result<Query, Error> {
    let mut cursor = Cursor::new(text)?;
    let query = cursor.query()?;
    cursor.end()?;
    Ok(query)
}

/// Reads one literal as it stands on the right of a comparison, to put it into a tree.
///
/// # Errors
/// When the text is not exactly one literal.
pub fn parse_literal(text: &str) -> Result<Literal, Error> {
    let mut cursor = Cursor::new(text)?;
    let literal = cursor.literal()?;
    cursor.end()?;
    Ok(literal)
}
