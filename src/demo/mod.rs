//! The laptop CRM: a Salesforce-shaped stand-in with invented Dutch people.

pub mod crm;
