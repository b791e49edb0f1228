//! The gate from the attacker's side.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use super::{Gate, SealFailed, Sealer, Settings};
use crate::model::{Clock, Entropy, NoEntropy, Secret, Timestamp};

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
