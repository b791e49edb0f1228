//! What a request of a CRM's API is about; one folder a CRM. Pure.
//!
//! A dialect names the records and fields of a request. It never decides what happens to them
//! (that is policy's), and unknown means refused.

pub mod pages;
pub mod salesforce;
