//! Formats: JSON, XML, forms, pages, tables, host names, percent escapes, content codings. Bytes in,
//! bytes and values out.
//!
//! Everything here is strict: what is not canonical is refused, never repaired, because the CRM
//! might repair it in another way. Nothing here knows of fields, tokens or policy, and no error
//! repeats what a client sent.
//!
//! Read first: [`json::Document`] (towards the CRM: parsed, then generated again),
//! [`json::Reader`] (from the CRM: found and copied by range), [`html::Context`], [`Error`].

pub(crate) mod ascii;
pub mod coding;
pub mod csv;
pub mod disposition;
pub mod form;
pub mod hosts;
pub mod html;
pub mod json;
pub mod multipart;
pub mod percent;
pub mod xml;

mod error;

pub use error::Error;
