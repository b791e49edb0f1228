//! A policy in force, with the protection that belongs to it.

use std::sync::Arc;

use crate::detect::Detector;
use crate::gate::Permit;
use crate::model::{Secret, Timestamp};
use crate::policy::Plan;
use crate::protect::{self, Protection};

/// A compiled policy and what protects by it. One exchange works with one of these from beginning
/// to end, so that a reload never falls between two of its phases.
pub struct Rules {
    pub plan: Arc<Plan>,
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
        Ok(Self {
            plan: Arc::new(plan),
            protection,
        })
    }

    /// Whether whoever asks showed a second factor just now. A program never did: its proofs are
    /// older than its token, and nobody sits before it who could show one.
    pub(super) fn is_fresh(&self, permit: &Permit, now: Timestamp) -> bool {
        permit.sign_in().is_some_and(|sign_in| {
            let until = sign_in.proven.plus_seconds(self.plan.step_up_seconds());
            // Not before it was shown either: a clock that was set back makes nothing fresh.
            (sign_in.proven..until).contains(&now)
        })
    }
}
