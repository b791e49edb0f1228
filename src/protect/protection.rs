//! What protection works with in one tenant: the token permutation and the blind index.

use std::sync::Arc;

use crate::detect::Detector;
use crate::model::Secret;
use crate::policy;
use crate::protect::{Canonical, Codec, Error, Index, Kind, canonical, find};

/// The keyed parts of protection that never change with a policy or an exchange.
pub struct Protection {
    pub codec: Codec,
    pub index: Index,
    pub tenant: String,
    /// The domain before which tokens stand in e-mail fields.
    pub domain: String,
    /// The calling code of telephone numbers that are written without one: 31.
    pub country: u16,
    /// What finds personal data in free text.
    pub detector: Arc<Detector>,
}

impl Protection {
    /// # Errors
    /// When a key is not 32 bytes.
    pub fn new(
        token_key: &Secret,
        index_key: &Secret,
        tenant: &str,
        domain: &str,
        country: u16,
        detector: Arc<Detector>,
    ) -> Result<Self, Error> {
        Ok(Self {
            codec: Codec::new(token_key, tenant)?,
            index: Index::new(index_key, tenant)?,
            tenant: tenant.to_owned(),
            domain: domain.to_owned(),
            country,
            detector,
        })
    }

    /// The blind-index term of a value within a class. `None` for a value of which nothing is left
    /// in canonical form.
    #[must_use]
    pub fn term(&self, class: &policy::ClassPlan, value: &str) -> Option<[u8; 16]> {
        let kind = match class.canonical {
            policy::Canonical::Text => Canonical::Text,
            policy::Canonical::Email => Canonical::Email,
            policy::Canonical::Phone => Canonical::Phone {
                country: self.country,
            },
        };
        self.index
            .term(&class.name, &canonical(kind, value).ok()?)
            .ok()
    }

    /// Whether a token of ours stands anywhere in the text.
    #[must_use]
    pub fn token_in(&self, text: &str) -> bool {
        !find(&self.codec, text.as_bytes(), &self.domain).is_empty()
    }

    /// Whether the whole text is a token that carries nothing but its row.
    #[must_use]
    pub fn bare_token(&self, text: &str) -> bool {
        let text = text.trim();
        let found = find(&self.codec, text.as_bytes(), &self.domain);
        matches!(
            found.as_slice(),
            [only] if only.range == (0..text.len())
                && matches!(only.kind, Kind::Plain | Kind::Address)
        )
    }

    /// The row of the token that the whole text is, as a mask comes back: plain, as an address, or sealed.
    #[must_use]
    pub fn whole_token(&self, text: &str) -> Option<u64> {
        let text = text.trim();
        match find(&self.codec, text.as_bytes(), &self.domain).as_slice() {
            [only] if only.range == (0..text.len()) => match only.kind {
                Kind::Plain | Kind::Address | Kind::Sealed { .. } => Some(only.row),
            },
            _ => None,
        }
    }
}
