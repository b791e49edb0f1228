//! How the secrets of one-time codes lie in the database: sealed, each for its client.

use crate::gate::SealFailed;
use crate::keys::Ring;
use crate::model::Secret;

/// Seals secrets at rest. The key ring does in the product; tests have their own.
pub trait Sealer: Send + Sync {
    /// # Errors
    /// When there is no key; the gate then stores nothing.
    fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, SealFailed>;

    /// # Errors
    /// When it was not sealed in this context, or there is no key; the code is then refused.
    fn open(&self, context: &str, sealed: &[u8]) -> Result<Secret, SealFailed>;
}

impl Sealer for Ring {
    fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, SealFailed> {
        self.wrap(context, plain).map_err(|error| failed(&error))
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Result<Secret, SealFailed> {
        self.unwrap(context, sealed).map_err(|error| failed(&error))
    }
}

fn failed(error: &crate::keys::Error) -> SealFailed {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "the key ring failed the gate"
    );
    SealFailed
}
