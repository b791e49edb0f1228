//! Keys of data subjects: unwrapped once, kept ready for use, forgotten with the subject.

use std::sync::Arc;

use quick_cache::sync::Cache;
use rusqlite::{Connection, OptionalExtension};
use zeroize::Zeroizing;

use crate::keys::{KEY_LENGTH, Ring};
use crate::model::{Entropy, Secret};
use crate::protect::SubjectKey;
use crate::vault::Error;

/// Keys kept unwrapped, about half a KiB each; unwrapping costs as much as opening three values.
const KEPT: usize = 16_384;

pub(super) struct SubjectKeys {
    ring: Arc<Ring>,
    tenant: Box<str>,
    ready: Cache<(u64, u32), Arc<SubjectKey>>,
}

impl SubjectKeys {
    pub(super) fn new(ring: Arc<Ring>, tenant: &str) -> Self {
        Self {
            ring,
            tenant: tenant.into(),
            ready: Cache::new(KEPT),
        }
    }

    /// A new random key, ready and wrapped.
    pub(super) fn make(
        &self,
        subject: u64,
        version: u32,
        entropy: &dyn Entropy,
    ) -> Result<(Arc<SubjectKey>, Vec<u8>), Error> {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        entropy.fill(&mut *bytes)?;
        let wrapped = self.ring.wrap(&self.context(subject, version), &*bytes)?;
        let key = SubjectKey::new(&Secret::new(bytes.to_vec()))?;
        Ok((Arc::new(key), wrapped))
    }

    /// The subject's key; `None` when it is gone: then so is what it sealed. `connection` has
    /// `keys.db` attached as `keys`.
    pub(super) fn find(
        &self,
        connection: &Connection,
        subject: u64,
        version: u32,
    ) -> Result<Option<Arc<SubjectKey>>, Error> {
        if let Some(key) = self.ready.get(&(subject, version)) {
            return Ok(Some(key));
        }
        let wrapped: Option<Vec<u8>> = connection
            .prepare_cached(
                "SELECT wrapped FROM keys.subject_key WHERE subject = ?1 AND version = ?2",
            )?
            .query_row((subject.cast_signed(), version), |row| row.get(0))
            .optional()?;
        let Some(wrapped) = wrapped else {
            return Ok(None);
        };
        let secret = self
            .ring
            .unwrap(&self.context(subject, version), &wrapped)?;
        let key = Arc::new(SubjectKey::new(&secret)?);
        self.ready.insert((subject, version), Arc::clone(&key));
        Ok(Some(key))
    }

    pub(super) fn forget(&self, subject: u64) {
        self.ready.retain(|(of, _), _| *of != subject);
    }

    fn context(&self, subject: u64, version: u32) -> String {
        format!("subject/{}/{subject}/{version}", self.tenant)
    }
}
