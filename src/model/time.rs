//! Time and randomness as parameters, so that tests can move the one and fix the other.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole seconds since the epoch, as JWT (RFC 7519) and TOTP (RFC 6238) count them.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

/// Where the time comes from. `app` has the system's clock, tests have their own.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Where randomness comes from. `app` has the operating system's, tests may fix theirs.
pub trait Entropy: Send + Sync {
    /// Fills `out` wholly or fails; a partial fill is a failure.
    ///
    /// # Errors
    /// When the source has failed: the caller must refuse what needed it.
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct NoEntropy;
