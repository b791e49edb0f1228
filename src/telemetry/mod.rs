//! Logs and metrics; never a value.
