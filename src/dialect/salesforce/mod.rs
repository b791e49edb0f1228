//! Salesforce: what its requests are about.

pub mod soql;
