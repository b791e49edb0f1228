//! A policy in plain words.

use crate::policy::Plan;

/// What happens to an object's fields, or to one of them, and what a role sees of it.
#[must_use]
pub fn explain(_plan: &Plan, _object: &str, _field: Option<&str>, _role: Option<&str>) -> String {
    String::new()
}
