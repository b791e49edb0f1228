//! Salesforce's REST and SOAP APIs: their doors, their bodies, their query language and their errors.
//!
//! A reader finds a door in [`door::Door`], what a body asks in [`call::Request`], the query
//! language in [`soql`], the language of searches in [`sosl`], documents of GraphQL in [`graphql`],
//! the same resources asked by SOAP in [`soap`]. What happens to a field is policy's.

pub mod answer;
pub mod bulk;
pub mod call;
pub mod door;
pub mod error;
pub mod graphql;
pub mod id;
pub mod soap;
pub mod soql;
pub mod sosl;
pub mod target;
pub mod ui;
