//! A policy in force, with the protection that belongs to it.

use std::sync::Arc;

use crate::detect::Detector;
use crate::model::Secret;
use crate::policy::Plan;
use crate::protect::{self, Protection};

/// A compiled policy and what protects by it. One exchange works with one of these from beginning
/// to end, so that a reload never falls between two of its phases.
pub struct Rules {
    pub plan: Plan,
    pub protection: Protection,
}

/// The calling code of telephone numbers that are written without one.
const COUNTRY: u16 = 31;

impl Rules {
    /// # Errors
    /// When a key is not 32 bytes.
    pub fn new(
        plan: Plan,
        token_key: &Secret,
        index_key: &Secret,
        tenant: &str,
        detector: Arc<Detector>,
    ) -> Result<Self, protect::Error> {
        let protection = Protection::new(
            token_key,
            index_key,
            tenant,
            plan.token_domain(),
            COUNTRY,
            detector,
        )?;
        Ok(Self { plan, protection })
    }
}
