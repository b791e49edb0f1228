//! A file that is sealed while it comes, under a key of its own.

use zeroize::Zeroizing;

use super::Failure;
use crate::model::{Entropy, Personal, Secret};
use crate::protect::file::{Sealed, Sealer};
use crate::protect::{self, outward};

/// The file so far. What is sealed of it goes where its reader says.
pub(super) struct Sealing {
    sealer: Sealer,
}

impl Sealing {
    /// # Errors
    /// Without randomness for its key.
    pub fn new(entropy: &dyn Entropy) -> Result<Self, Failure> {
        let mut key = Zeroizing::new(vec![0; 32]);
        entropy.fill(&mut key)?;
        let sealer = Sealer::new(Secret::new(std::mem::take(&mut *key)));
        Ok(Self {
            sealer: sealer.map_err(lost)?,
        })
    }

    /// Whether it would be larger than `most` bytes with these.
    #[must_use]
    pub fn exceeds(&self, bytes: &[u8], most: u64) -> bool {
        self.sealer.length().saturating_add(bytes.len() as u64) > most
    }

    /// # Errors
    /// When sealing fails; the file is lost then.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Failure> {
        self.sealer.push(bytes, out).map_err(lost)
    }

    /// The whole file, by its name and the media type that it came with.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish(self, name: &str, kind: &str, out: &mut Vec<u8>) -> Result<Sealed, Failure> {
        let name = Personal::from(name);
        self.sealer.finish(name, kind, out).map_err(lost)
    }
}

fn lost(error: protect::Error) -> Failure {
    Failure::Protection(outward::Failure::Failed(error))
}
