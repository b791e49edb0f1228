//! Salesforce's REST API: its doors, its bodies, its query language and its errors.
//!
//! A reader finds a door in [`door::Door`], what a body asks in [`call::Request`], the query
//! language in [`soql`]. What happens to a field is policy's.

pub mod answer;
pub mod bulk;
pub mod call;
pub mod door;
pub mod error;
pub mod id;
pub mod soql;
pub mod target;
