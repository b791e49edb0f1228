//! Strict XML 1.0 with namespaces, as far as SOAP needs it.
//!
//! Towards the CRM a message is generated anew from what was read here ([`Writer`]): no byte of the
//! client is copied. From the CRM a [`Document`] gives ranges, so that an answer is edited in place
//! and everything else keeps its order, its prefixes and its bytes.
//!
//! `quick-xml` finds the tokens; what they may be is decided here. Refused is whatever parsers are
//! known to disagree about, or that reaches outside of the text: document types and the entities
//! that they declare, processing instructions, comments, encodings other than UTF-8, byte order
//! marks, duplicate attributes, undeclared prefixes, text beside elements. CDATA sections and
//! character references are read as the text that they stand for.

mod attribute;
mod document;
mod parse;
mod text;
mod write;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use document::{Attributes, Children, Document, Name, NodeId};
pub use text::{Unfit, decode, encode_into, fits};
pub use write::Writer;

/// What a document may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The most bytes of source text.
    pub bytes: usize,
    /// The most elements inside one another.
    pub depth: usize,
    /// The most elements.
    pub nodes: usize,
    /// The most attributes of one element, declarations of namespaces included.
    pub attributes: usize,
    /// The most declarations of namespaces that may be in force at one place.
    pub namespaces: usize,
}

impl Default for Limits {
    /// Salesforce takes SOAP messages of up to 50 MB; one call has at most 200 records, and what
    /// JSON bodies may weigh is enough for them. Clients declare a handful of namespaces.
    fn default() -> Self {
        Self {
            bytes: 6 << 20,
            depth: 32,
            nodes: 500_000,
            attributes: 32,
            namespaces: 64,
        }
    }
}
