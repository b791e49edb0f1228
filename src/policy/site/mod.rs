//! Routes of a CRM that a policy file describes alone: `[site]`, `[forms]`, `[[routes]]`,
//! `[[static]]`, as raw types and checked into a [`crate::dialect::pages::Site`].

mod changes;
mod check;
mod explain;
mod lint;
pub(in crate::policy) mod raw;
mod table;

pub(in crate::policy) use changes::changes;
pub(in crate::policy) use check::resolve;
pub use explain::{explain, route};
pub(in crate::policy) use lint::check as lint;
pub(in crate::policy) use table::table;
