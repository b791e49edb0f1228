//! The one HTTP client towards the CRM.
