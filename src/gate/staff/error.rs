//! Why a person does not get on. The pages say it in the person's language.

use std::time::Duration;

use crate::gate::{Error, SealFailed};
use crate::model::NoEntropy;

/// The same for an unknown person, a wrong password and a person who was disabled.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// What was shown proves nothing: it is wrong, used, or too late.
    #[error("the proof was refused")]
    Wrong,
    #[error("too many tries; wait")]
    TooOften { retry_after: Duration },
    /// No session, or one that has ended: begin anew.
    #[error("the session has ended")]
    SessionEnded,
    /// The second factor must be shown again first.
    #[error("the second factor was not shown lately")]
    StepUp,
    /// The link is unknown, used, or has expired.
    #[error("the link does not hold")]
    LinkEnded,
    /// A password that the rules refuse; see [`super::password::check`].
    #[error("the password is too weak: {0}")]
    WeakPassword(Weakness),
    /// The last way to sign in cannot be taken away.
    #[error("this is the last factor")]
    LastFactor,
    /// This host cannot have passkeys: it is an address, or outside of the domain of passkeys.
    #[error("passkeys do not work at this host")]
    NoPasskeys,
    #[error(transparent)]
    Ours(#[from] Error),
}

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Weakness {
    #[error("it has fewer than 12 characters")]
    Short,
    #[error("it has more than 128 characters")]
    Long,
    #[error("it has fewer than 6 different characters")]
    Monotonous,
    #[error("it holds the login name, or a word that everybody tries")]
    Guessable,
}

impl From<rusqlite::Error> for SignInError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ours(error.into())
    }
}

impl From<SealFailed> for SignInError {
    fn from(error: SealFailed) -> Self {
        Self::Ours(error.into())
    }
}

impl From<NoEntropy> for SignInError {
    fn from(error: NoEntropy) -> Self {
        Self::Ours(error.into())
    }
}

impl SignInError {
    pub(in crate::gate) fn too_often(retry_after: Duration) -> Self {
        Self::TooOften { retry_after }
    }
}
