//! What personal values become outside: tokens, sealed text, search terms, coarser values.
//!
//! `docs/spec/token.md` specifies every format here, precisely enough for a second implementation.
//!
//! Never: does input or output, draws randomness or reads a clock (nonces and row numbers come as
//! parameters), decides who may see what, or lets a value through that it cannot protect.
//!
//! Read first: [`Codec`] (row numbers as tokens), [`find`] (tokens in any text), [`SubjectKey`]
//! with [`seal`] and [`open`] (values), [`Index`] (search terms).

mod cleared;
mod column;
mod cookie;
mod error;
mod ff1;
mod field;
pub mod file;
mod find;
pub mod generalize;
mod index;
pub mod inward;
pub mod outward;
mod primitives;
mod protection;
mod relation;
mod token;

pub use cleared::{Cleared, Insert, Outgoing};
pub use cookie::{CookieKey, Holder};
pub use error::Error;
pub use field::{open_field, seal_field, sealed_length};
pub use find::{Found, Kind, find};
pub use index::{Canonical, Index, canonical};
pub use primitives::{Context, FormatVersion, NONCE_LENGTH, SubjectKey, TAG_LENGTH, open, seal};
pub use protection::Protection;
pub use token::{Codec, LAST_ROW, TEXT_LENGTH, Token};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;
