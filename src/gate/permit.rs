//! Leave to go on, and as whom.

use std::sync::Arc;

use crate::gate::Factor;
use crate::model::{FieldList, Timestamp};

/// Leave to go on, and as whom. Only the gate makes one, for one request.
#[derive(Clone)]
pub struct Permit(Arc<Principal>);

/// Who was admitted: an API client, or a person of the staff.
pub(in crate::gate) struct Principal {
    pub name: String,
    /// What the ledger calls it.
    pub recorded_as: String,
    pub client_id: String,
    pub roles: Vec<String>,
    pub purpose: String,
    pub factors: [Factor; 2],
    pub user_id: String,
    /// None for a program.
    pub sign_in: Option<SignIn>,
    /// What a program keeps to, where that is not all that policy has rules for.
    pub fields: Option<Arc<FieldList>>,
}

/// What a person's session rests on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignIn {
    /// Random, and the same from the second factor to the end: a step-up changes the cookie and
    /// not this.
    pub name: [u8; 16],
    /// When the second factor was last shown.
    pub proven: Timestamp,
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

    /// As [`Self::client`], as the ledger takes it.
    #[must_use]
    pub fn recorded_as(&self) -> &str {
        &self.0.recorded_as
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

    /// The objects and fields that a program keeps to; none where it may use all that policy has
    /// rules for, and for a person.
    #[must_use]
    pub fn fields(&self) -> Option<&Arc<FieldList>> {
        self.0.fields.as_ref()
    }

    /// Whether another permit of the same principal lets it do and see the same.
    #[must_use]
    pub fn allows_as(&self, other: &Self) -> bool {
        self.roles() == other.roles() && self.fields() == other.fields()
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

    /// The sign-in of a person; none for a program, which signs in anew for each token.
    #[must_use]
    pub fn sign_in(&self) -> Option<&SignIn> {
        self.0.sign_in.as_ref()
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
