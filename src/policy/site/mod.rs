//! Routes of a CRM that a policy file describes alone: `[site]`, `[forms]`, `[[routes]]`,
//! `[[static]]`, as raw types and checked into a [`crate::dialect::pages::Site`].

mod check;
mod explain;
mod lint;
pub(in crate::policy) mod raw;
mod table;

pub(in crate::policy) use check::resolve;
pub(in crate::policy) use explain::changes;
pub use explain::{explain, route};
pub(in crate::policy) use lint::check as lint;
pub(in crate::policy) use table::table;
