//! What goes wrong at the gate: our own failures, refused requests, refused sign-ins.

use std::time::Duration;

use crate::model::NoEntropy;
use crate::store;

/// A failure of the gate's own, or administration that cannot be done. Never holds a value that
/// a client sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the gate's database failed")]
    Database(#[from] rusqlite::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("a row of the gate's database cannot be read: {0}")]
    RowUnreadable(&'static str),
    #[error(transparent)]
    Seal(#[from] SealFailed),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error("no client has that name")]
    ClientUnknown,
    #[error("nobody has that login name")]
    PersonUnknown,
    #[error("a client or a person of that name exists")]
    NameTaken,
    #[error("no token of ours, or one that has ended")]
    TokenUnknown,
    #[error("the code is wrong, was used before, or its client is locked after too many tries")]
    CodeRefused,
    #[error("too many tries; wait")]
    TooOften { retry_after: Duration },
    /// The text says which setting or argument and what it must be.
    #[error("{0}")]
    Unfit(&'static str),
}

/// The key ring could not seal or open a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a secret of the gate could not be sealed or opened")]
pub struct SealFailed;

/// Why a request is not admitted. The text is what the outside may read: it is the same for
/// credentials that are unknown, expired or revoked, so that nobody learns which ones exist.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denied {
    #[error("Session expired or invalid")]
    NoCredential,
    #[error("Session expired or invalid")]
    Unknown,
    #[error("Session expired or invalid")]
    Expired,
    #[error("Session expired or invalid")]
    Revoked,
    #[error("the session is bound to another client certificate")]
    WrongCertificate,
    #[error("the session is not valid from this network")]
    WrongNetwork,
    #[error("the session needs its second proof renewed")]
    SecondFactorMissing,
    #[error("too many requests")]
    RateLimited { retry_after: Duration },
    /// The gate's database failed: nothing is admitted then.
    #[error("the gate cannot decide at the moment")]
    Unavailable,
}

impl Denied {
    /// The reason for logs and metrics; not for the client.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::NoCredential => "no-credential",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::WrongCertificate => "wrong-certificate",
            Self::WrongNetwork => "wrong-network",
            Self::SecondFactorMissing => "second-factor-missing",
            Self::RateLimited { .. } => "rate-limited",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The token endpoint's refusal (RFC 6749, section 5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{error}: {description}")]
pub struct OAuthError {
    /// 400; 401 where the client used the `Authorization` header; 503 for a failure of ours.
    pub status: u16,
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unsupported_grant_type`,
    /// `temporarily_unavailable`.
    pub error: &'static str,
    pub description: &'static str,
    /// Set where trying again makes sense only later.
    pub retry_after: Option<Duration>,
}

impl OAuthError {
    pub(in crate::gate) fn request(description: &'static str) -> Self {
        Self {
            status: 400,
            error: "invalid_request",
            description,
            retry_after: None,
        }
    }

    /// 400 and not 429: the CRM's own clients retry on 429 and 5xx, and Salesforce itself answers
    /// a login that comes too often in this shape.
    pub(in crate::gate) fn too_often(retry_after: Duration) -> Self {
        Self {
            status: 400,
            error: "invalid_grant",
            description: "login rate exceeded",
            retry_after: Some(retry_after),
        }
    }

    pub(in crate::gate) fn unavailable() -> Self {
        Self {
            status: 503,
            error: "temporarily_unavailable",
            description: "the gate cannot decide at the moment",
            retry_after: None,
        }
    }
}
