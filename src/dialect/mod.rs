//! What a request of a CRM's API is about; one folder a CRM. Pure.

pub mod salesforce;
