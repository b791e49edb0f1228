//! The gate's secrets under the key ring.

use std::sync::Arc;

use crate::gate::{SealFailed, Sealer};
use crate::keys::Ring;
use crate::model::Secret;

/// Seals with the key-encryption key.
pub(super) struct RingSealer(pub Arc<Ring>);

impl Sealer for RingSealer {
    fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, SealFailed> {
        self.0.wrap(context, plain).map_err(|_| SealFailed)
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Result<Secret, SealFailed> {
        self.0.unwrap(context, sealed).map_err(|_| SealFailed)
    }
}
