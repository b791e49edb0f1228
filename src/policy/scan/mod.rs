//! What is looked for in free text, and what becomes of a text in which it is found.
//!
//! A file says it at a class, at a field and, for a category everywhere, under `[detection]`; the
//! plan has it resolved per field, so that an exchange only looks.

mod plan;
mod raw;

pub(in crate::policy) use plan::{Decided, Departure, forbidden};
pub use plan::{Detection, Looks, Scan, Sought, SpecialScan};
pub use raw::{CategoryName, Decision, Doors, File, KnownAs, Look, OnSpecial};
