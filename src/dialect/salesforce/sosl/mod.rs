//! SOSL, the language of searches: text to a tree, and the tree back to text.
//!
//! As with SOQL, a search is read wholly before anything of it passes, and written anew from the
//! tree. The grammar is that of Salesforce's "SOQL and SOSL Reference" as the API takes it: the
//! words to look for stand in braces, not in quotes or a variable as in Apex.
//!
//! It never decides whether a word may leave, and never repeats one in an error.
//!
//! Read first: [`ast::Search`], [`parse`], [`canonical::canonical`].

pub mod ast;
pub mod canonical;
mod expression;
mod parameters;
mod returning;
mod search;

#[cfg(test)]
mod tests;

use crate::dialect::salesforce::soql::{Cursor, Error};
use ast::{Expression, Search};

pub(super) use parameters::{Parameters, from_body};

/// Salesforce removes the operators of a longer expression, which would make another of it (SOQL
/// and SOSL Reference, "FIND {SearchQuery}").
pub const MAX_EXPRESSION: usize = 4_000;

/// Reads one whole search.
///
/// # Errors
/// On whatever is not SOSL as the API takes it.
pub fn parse(text: &str) -> Result<Search, Error> {
    let mut cursor = Cursor::new(text)?;
    let search = cursor.search()?;
    cursor.end()?;
    Ok(search)
}

/// Reads what stands in the braces of `FIND`, or in the parameter `q` without them.
///
/// # Errors
/// As for [`parse`].
pub fn parse_expression(text: &str) -> Result<Expression, Error> {
    let mut cursor = Cursor::new(text)?;
    let expression = cursor.expression()?;
    cursor.end()?;
    Ok(expression)
}
