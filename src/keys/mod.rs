//! Key-encryption keys: where they come from, and what they wrap.
//!
//! Every long-lived key (of a data subject, of the tokens, of the index) is random and is stored
//! wrapped by the key-encryption key, so that a new key-encryption key changes none of them.
//!
//! Never: derives a long-lived key from the key-encryption key, writes over a key file, accepts a
//! key that others can read or that anyone could guess.
//!
//! Read first: [`Ring`] (wraps and unwraps), [`KeyProvider`] (where its key comes from) and
//! [`FileProvider`] (a file on this machine).

mod error;
mod file;
mod format;
mod ring;
mod system;
mod weak;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;

use crate::model::Secret;

pub use error::Error;
pub use file::FileProvider;
pub use ring::Ring;
pub use system::{SystemClock, SystemEntropy};

/// Bytes of a key of ours: AES-256 and HMAC-SHA-256 alike.
pub const KEY_LENGTH: usize = 32;

/// Where a key-encryption key comes from: a file, a key server, a hardware module.
pub trait KeyProvider: Send + Sync {
    /// Fetches the key.
    ///
    /// # Errors
    /// When the key cannot be had or must not be used; nothing may start without it.
    fn open(&self) -> Result<Kek, Error>;
}

/// A key-encryption key and the name it has in what it wrapped.
#[derive(Clone, Debug)]
pub struct Kek {
    id: String,
    key: Secret,
}

impl Kek {
    /// Names a key of 32 bytes after itself: 16 hexadecimal digits of HMAC-SHA-256 under the key.
    /// The key is random, so that its name tells nothing about it.
    ///
    /// # Errors
    /// [`Error::Length`] for any other length.
    pub fn new(key: Secret) -> Result<Self, Error> {
        if key.expose().len() != KEY_LENGTH {
            return Err(Error::Length);
        }
        let mac = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, key.expose()),
            b"sluis-kek-id-1",
        );
        let id = HEXLOWER.encode(mac.as_ref().get(..8).unwrap_or_default());
        Ok(Self { id, key })
    }

    /// The key's name: safe to log, to store and to show.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn key(&self) -> &Secret {
        &self.key
    }
}
