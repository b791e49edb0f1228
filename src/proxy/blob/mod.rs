//! Files of Salesforce's records: sent in a form beside their record, and given back.

mod document;
mod download;
mod upload;

pub(super) use upload::Received;
pub use upload::{Beginning, Upload};
