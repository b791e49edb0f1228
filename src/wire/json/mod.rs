//! Strict JSON (RFC 8259) with two faces.
//!
//! Towards the CRM a body becomes a [`Document`] and is generated again from it: no byte of the
//! client is copied for what was parsed, so the CRM cannot read it otherwise than we did.
//! From the CRM a [`Reader`] walks over a body and gives ranges, so that what does not change can
//! be copied as it stands.
//!
//! Both refuse what parsers are known to disagree about: lone surrogates, NUL, empty keys, byte
//! order marks, trailing data, nesting without end. A document also refuses duplicate keys, which
//! one parser resolves to the first and another to the last. Numbers stay text: they never pass
//! through a float.

mod document;
mod duplicate;
mod encode;
mod reader;
mod text;
mod write;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod tests;

pub use crate::wire::Error;
pub use document::{Document, Elements, Kind, Members, NodeId};
pub use encode::{encode_fragment_into, encode_into};
pub use reader::{Event, Reader, Scalar, Span};
pub use text::Text;
pub use write::{Edits, Value};

/// What a document may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of source text.
    pub bytes: usize,
    /// The most containers inside one another.
    pub depth: usize,
    /// The most bytes of a key, unescaped.
    pub key: usize,
    /// The most characters of a number.
    pub number: usize,
    /// The most values, the root and the containers included.
    pub nodes: usize,
}

impl Default for Limits {
    /// Salesforce takes bodies of up to 6 MB; no field name of any CRM comes near the key limit.
    fn default() -> Self {
        Self {
            bytes: 6 << 20,
            depth: 64,
            key: 256,
            number: 64,
            nodes: 1_000_000,
        }
    }
}
