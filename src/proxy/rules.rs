//! A policy in force, with the protection that belongs to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Shared;
use crate::detect::Detector;
use crate::gate::Permit;
use crate::model::{Code, FieldList, Refusal, Secret, Timestamp};
use crate::policy::Plan;
use crate::protect::{self, Protection};

/// A compiled policy and what protects by it. One exchange works with one of these from beginning
/// to end, so that a reload never falls between two of its phases.
pub struct Rules {
    pub plan: Arc<Plan>,
    pub protection: Arc<Protection>,
    /// The same for programs that keep to a list of fields.
    narrowed: Mutex<HashMap<Arc<FieldList>, Arc<Self>>>,
}

/// For how many lists they are kept; there are about as many as programs.
const LISTS: usize = 200;

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
            protection: Arc::new(protection),
            narrowed: Mutex::default(),
        })
    }

    /// The rules by which a program with this list is served: the same ones for as long as this
    /// policy is in force and the list stays, so that what began by them may go on.
    pub(super) fn narrowed(&self, list: &Arc<FieldList>) -> Arc<Self> {
        let mut narrowed = self.narrowed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = narrowed.get(list) {
            return Arc::clone(rules);
        }
        if narrowed.len() >= LISTS {
            narrowed.clear();
        }
        let rules = Arc::new(Self {
            plan: Arc::new(self.plan.narrowed(list)),
            protection: Arc::clone(&self.protection),
            narrowed: Mutex::default(),
        });
        narrowed.insert(Arc::clone(list), Arc::clone(&rules));
        rules
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

/// The refusal of what does not go by fields, for a program that keeps to a list of them: an answer
/// may hold anything in the clear there, and nobody says what it is.
pub(super) fn no_pages() -> Refusal {
    let text = "pages and their messages do not go by fields, so they are not for a program that \
                keeps to a list of them (rule client.fields)";
    Refusal::new(Code::ProgramFields, text)
}

impl Shared {
    /// The policy in force for whoever asks. Every door begins with this, and never with the policy
    /// itself: what the list of a program leaves out is then not there, whatever the door.
    pub(super) fn rules_for(&self, permit: &Permit) -> Arc<Rules> {
        self.rules_by(permit.fields())
    }

    /// As [`Self::rules_for`], for what goes on by a list.
    pub(super) fn rules_by(&self, fields: Option<&Arc<FieldList>>) -> Arc<Rules> {
        let rules = self.rules.load_full();
        match fields {
            None => rules,
            Some(list) => rules.narrowed(list),
        }
    }
}
