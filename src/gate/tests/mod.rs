//! The gate from the attacker's side: fixtures, and a file for each thing that one may try.

mod administration;
mod admission;
mod assertions;
mod authenticator;
mod passkeys;
mod proposals;
mod sealing;
mod sign_in;
mod staff;
mod standing;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{
    CertificateHash, Credentials, Denied, Factor, Form, Gate, Grant, NewClient, OAuthError, Pair,
    Permit, PublicKey, SealFailed, Sealer, Settings, Shown, SignIns, TokenRequest,
};
use crate::model::{Clock, Entropy, NoEntropy, Secret, Timestamp};

pub(in crate::gate) const CERTIFICATE: CertificateHash = [7; 32];
pub(in crate::gate) const OTHER_CERTIFICATE: CertificateHash = [8; 32];
const HOST: &str = "crm.example.nl";

/// A gate on a file of its own, at a time of its own.
pub(in crate::gate) struct World {
    pub gate: Gate,
    pub clock: Arc<Hand>,
    pub folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hand::new());
        let gate = open(&folder.path().join("gate.db"), &clock, 1);
        Self {
            gate,
            clock,
            folder,
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("gate.db")
    }

    /// The same database as another process has it open.
    pub fn other_process(&self) -> Gate {
        open(&self.path(), &self.clock, 1_000_000)
    }

    pub fn add(&self, name: &str, first: Factor, second: Factor) -> Shown {
        self.add_with_key(name, first, second, None)
    }

    pub fn add_with_key(
        &self,
        name: &str,
        first: Factor,
        second: Factor,
        key: Option<PublicKey>,
    ) -> Shown {
        let pair = Pair::new(first, second).unwrap();
        let mut new = NewClient::new(name, "invoicing", &["reader"], pair);
        new.certificate = pair.needs(Factor::Certificate).then_some(CERTIFICATE);
        new.key = key;
        self.gate.add(&new).unwrap()
    }

    /// The client's current code.
    pub fn code(&self, shown: &Shown) -> String {
        let codes = shown.codes.as_ref().unwrap();
        text(&codes.code(self.clock.now()).unwrap())
    }

    pub fn post(&self, fields: &[(&str, &str)]) -> Result<Grant, OAuthError> {
        post(&self.gate, fields, None)
    }

    pub fn post_with(
        &self,
        fields: &[(&str, &str)],
        certificate: CertificateHash,
    ) -> Result<Grant, OAuthError> {
        post(&self.gate, fields, Some(certificate))
    }

    pub fn admit(&self, token: &Secret) -> Result<Permit, Denied> {
        admit(&self.gate, token, None)
    }

    pub fn admit_with(
        &self,
        token: &Secret,
        certificate: CertificateHash,
    ) -> Result<Permit, Denied> {
        admit(&self.gate, token, Some(certificate))
    }

    /// A client with secret and certificate, signed in.
    pub fn signed_in(&self, name: &str) -> (Shown, Grant) {
        let shown = self.add(name, Factor::Secret, Factor::Certificate);
        let secret = text(shown.secret.as_ref().unwrap());
        let fields = [
            ("grant_type", "password"),
            ("client_id", shown.client_id.as_str()),
            ("client_secret", secret.as_str()),
            ("username", name),
            ("password", secret.as_str()),
        ];
        let grant = self.post_with(&fields, CERTIFICATE).unwrap();
        (shown, grant)
    }
}

pub(in crate::gate) fn open(path: &Path, clock: &Arc<Hand>, seed: u64) -> Gate {
    Gate::open(
        path,
        Arc::new(Box),
        Arc::clone(clock) as Arc<dyn Clock>,
        Arc::new(Fixed::new(seed)),
        settings(),
    )
    .unwrap()
}

pub(in crate::gate) fn settings() -> Settings {
    Settings {
        organization_id: "00D000000000001EAA".to_owned(),
        token_ttl: Duration::from_hours(2),
        refresh_ttl: Duration::from_hours(24),
        renewal_ttl: Duration::from_hours(12),
        assertion_audiences: vec![format!("https://{HOST}")],
        sign_ins: SignIns {
            account: NonZeroU32::new(10_000).unwrap(),
            source: NonZeroU32::new(10_000).unwrap(),
            all: NonZeroU32::new(10_000).unwrap(),
        },
        shards: 2,
        passkey_domain: None,
        senders: vec![],
    }
}

pub(in crate::gate) fn here() -> IpAddr {
    "192.0.2.10".parse().unwrap()
}

pub(in crate::gate) fn text(secret: &Secret) -> String {
    String::from_utf8(secret.expose().to_vec()).unwrap()
}

pub(in crate::gate) fn post(
    gate: &Gate,
    fields: &[(&str, &str)],
    certificate: Option<CertificateHash>,
) -> Result<Grant, OAuthError> {
    let fields: BTreeMap<String, String> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    gate.token(&TokenRequest {
        form: &Form::from(fields),
        basic: None,
        certificate,
        source: here(),
        host: HOST,
    })
}

pub(in crate::gate) fn admit(
    gate: &Gate,
    token: &Secret,
    certificate: Option<CertificateHash>,
) -> Result<Permit, Denied> {
    gate.admit(&Credentials {
        authorization: Some(&format!("Bearer {}", text(token))),
        certificate,
        source: here(),
        arrived: Instant::now(),
    })
}

/// Seals by putting the context in front, so that what is opened elsewhere is noticed.
struct Box;

impl Sealer for Box {
    fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, SealFailed> {
        Ok([context.as_bytes(), b"\0", plain].concat())
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Result<Secret, SealFailed> {
        let plain = sealed.strip_prefix([context.as_bytes(), b"\0"].concat().as_slice());
        Ok(Secret::new(plain.ok_or(SealFailed)?.to_vec()))
    }
}

/// A clock that stands still until it is moved by hand.
pub(in crate::gate) struct Hand(AtomicI64);

impl Hand {
    pub fn new() -> Self {
        Self(AtomicI64::new(1_800_000_000_000))
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same each time.
pub(in crate::gate) struct Fixed(AtomicU64);

impl Fixed {
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in out.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let digest = super::credential::hash(&number.to_be_bytes());
            chunk.copy_from_slice(&digest[..chunk.len()]);
        }
        Ok(())
    }
}

/// A source of randomness that has failed.
pub(in crate::gate) struct Broken;

impl Entropy for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}
