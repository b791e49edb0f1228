//! GraphQL (`POST D/graphql`), as the UI API answers it: a document read wholly and written anew.
//!
//! What a document means hangs on variables that stand beside it, so [`normal`] first puts their
//! values in their places; what then stands in the text is all there is. The records that
//! mutations write stay beside the text, as JSON, and are read like those of any other door.
//!
//! It never repeats a name or a value of a document in an error.
//!
//! Read first: [`ast::Document`], [`parse`], [`normal`], [`outgoing`].

pub mod answer;
pub mod ast;
mod body;
mod lex;
mod parse;
mod write;

#[cfg(test)]
mod tests;

pub use body::{INPUT, document, normal, outgoing};
pub use parse::parse;
pub use write::write;

/// The longest document, in bytes.
pub const MAX_BYTES: usize = 200_000;

/// How deep selections and values may nest, all together.
pub const MAX_DEPTH: usize = 48;

/// How many tokens a document may have.
pub const MAX_PARTS: usize = 20_000;

/// Why a text is no document that the border reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the document is not read at line {line}, column {column}: {what}")]
pub struct Error {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub what: &'static str,
}
