//! The CRM as a sender of outbound messages: a machine too has two factors. One is the key of a
//! certificate that is pinned here, the other a secret in the path, which nobody knows but the
//! CRM's setup and whoever put it there.

use std::sync::Arc;

use subtle::{Choice, ConstantTimeEq};

use super::credential::{self, SECRET_LENGTH};
use super::permit::{Permit, Principal};
use super::{CertificateHash, Denied, Factor, Gate};

/// An endpoint that the CRM sends to, with the two proofs that it asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sender {
    pub name: String,
    /// SHA-256 of the secret in the path. At least 256 random bits need no slower hash.
    pub secret: [u8; 32],
    /// Those that the CRM may show: one, and the next one while they change.
    pub certificates: Vec<CertificateHash>,
    /// By whose sight the messages are revealed.
    pub roles: Vec<String>,
}

/// The longest secret that is looked at.
const LONGEST: usize = 128;

impl Gate {
    /// Whether a message may come in at the endpoint `name`, and as whom. Both proofs are looked at
    /// in any case, and what is wrong is not told.
    ///
    /// # Errors
    /// [`Denied::Unknown`], whatever is wrong.
    pub fn admit_sender(
        &self,
        name: &str,
        secret: &str,
        certificate: Option<CertificateHash>,
    ) -> Result<Permit, Denied> {
        if !(SECRET_LENGTH..=LONGEST).contains(&secret.len()) {
            return Err(Denied::Unknown);
        }
        let shown = credential::hash(secret.as_bytes());
        let mut senders = self.settings.senders.iter();
        let sender = senders.find(|sender| sender.name == name);
        let sender = sender.ok_or(Denied::Unknown)?;
        let knows = sender.secret.ct_eq(&shown);
        let shown = certificate.unwrap_or_default();
        let pinned = sender.certificates.iter();
        let holds = pinned.fold(Choice::from(0), |held, pinned| held | pinned.ct_eq(&shown));
        if certificate.is_none() || !bool::from(knows & holds) {
            return Err(Denied::Unknown);
        }
        let recorded_as = format!("outbound.{name}");
        Ok(Permit::new(&Arc::new(Principal {
            name: recorded_as.clone(),
            client_id: recorded_as.clone(),
            recorded_as,
            roles: sender.roles.clone(),
            purpose: "outbound messages".to_owned(),
            factors: [Factor::Secret, Factor::Certificate],
            user_id: String::new(),
            sign_in: None,
            fields: None,
        })))
    }
}
