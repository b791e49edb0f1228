//! Salesforce's REST and SOAP APIs: their doors, their bodies, their query language and their errors.
//!
//! A reader finds a door in [`door::Door`], what a body asks in [`call::Request`], the query
//! language in [`soql`], the language of searches in [`sosl`], documents of GraphQL in [`graphql`],
//! files in [`file`], reports and dashboards in [`analytics`], events in [`cometd`], the same resources
//! asked by SOAP in [`soap`], by Lightning pages in [`aura`], visitors'
//! forms that a web server passes on in [`web_form`]. What happens to a field is policy's.

pub mod analytics;
pub mod answer;
pub mod aura;
pub mod bulk;
pub mod call;
pub mod chatter;
pub mod cometd;
pub mod convert;
pub mod door;
pub mod error;
pub mod file;
pub mod graphql;
pub mod id;
pub mod outbound;
pub mod soap;
pub mod soql;
pub mod sosl;
pub mod target;
pub mod ui;
mod version;
pub mod web_form;
