//! Leave to go on, and as whom.

use std::sync::Arc;

use crate::gate::Factor;

/// Leave to go on, and as whom. Only the gate makes one, for one request.
#[derive(Clone)]
pub struct Permit(Arc<Principal>);

/// Who was admitted: an API client, or a person of the staff.
pub(in crate::gate) struct Principal {
    pub name: String,
    pub client_id: String,
    pub roles: Vec<String>,
    pub purpose: String,
    pub factors: [Factor; 2],
    pub user_id: String,
}

impl Permit {
    pub(in crate::gate) fn new(principal: &Arc<Principal>) -> Self {
        Self(Arc::clone(principal))
    }

    /// The client's name, or the person's login name. The two never coincide.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.0.name
    }

    /// The client's id; a person's is their user handle in hexadecimal.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.0.roles
    }

    /// What the client is registered to use data for.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.0.purpose
    }

    /// The two proofs that the token or session rests on.
    #[must_use]
    pub fn factors(&self) -> [Factor; 2] {
        self.0.factors
    }

    /// The user id that we give Salesforce's clients, 18 characters.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.0.user_id
    }
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Permit").field(&self.0.name).finish()
    }
}
