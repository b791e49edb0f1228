//! Wrapping: AES-256-GCM under the key-encryption key, bound to a context.
//!
//! Layout of what is wrapped: version (1 byte, 1), id of the key-encryption key (8 bytes), nonce
//! (12 bytes), ciphertext and tag. The associated data is `sluis-wrap-1`, the id and the context,
//! each after its length as 8 bytes, big-endian. Nonces are random, so that one key-encryption key
//! may wrap 2^32 times (NIST SP 800-38D, section 8.3); rotate it long before.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::keys::{Error, Kek, KeyProvider};
use crate::model::{Entropy, Secret};

const VERSION: u8 = 1;
const ID_LENGTH: usize = 8;
const HEADER_LENGTH: usize = 1 + ID_LENGTH + NONCE_LEN;

/// The key-encryption key in use, and former ones that may still unwrap.
pub struct Ring {
    current: Held,
    former: Vec<Held>,
    entropy: Arc<dyn Entropy>,
}

struct Held {
    id: String,
    short: [u8; ID_LENGTH],
    key: LessSafeKey,
}

impl Ring {
    /// Fetches the key-encryption key.
    ///
    /// # Errors
    /// What the provider says, or [`Error::Length`].
    pub fn open(provider: &dyn KeyProvider, entropy: Arc<dyn Entropy>) -> Result<Self, Error> {
        Ok(Self {
            current: Held::new(&provider.open()?)?,
            former: Vec::new(),
            entropy,
        })
    }

    /// Adds a key-encryption key that may unwrap and never wraps: for the time of a rotation.
    ///
    /// # Errors
    /// What the provider says, or [`Error::Length`].
    pub fn with_former(mut self, provider: &dyn KeyProvider) -> Result<Self, Error> {
        self.former.push(Held::new(&provider.open()?)?);
        Ok(self)
    }

    /// The name of the key-encryption key that wraps.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.current.id
    }

    /// Whether the key that wraps now has wrapped this; what is not current waits for rotation.
    #[must_use]
    pub fn is_current(&self, wrapped: &[u8]) -> bool {
        wrapped.first() == Some(&VERSION)
            && wrapped.get(1..=ID_LENGTH) == Some(self.current.short.as_slice())
    }

    /// Wraps for one context, such as `subject/17/key/1`; it unwraps for no other.
    ///
    /// # Errors
    /// [`Error::NoEntropy`] or [`Error::Library`]; then nothing was wrapped.
    pub fn wrap(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let held = &self.current;
        let mut nonce = [0; NONCE_LEN];
        self.entropy.fill(&mut nonce)?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(plain.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(plain);
        held.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated(&held.id, context)),
                &mut *sealed,
            )
            .map_err(|_| Error::Library("wrapping"))?;
        let mut wrapped = Vec::with_capacity(HEADER_LENGTH + sealed.len());
        wrapped.push(VERSION);
        wrapped.extend_from_slice(&held.short);
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(&sealed);
        Ok(wrapped)
    }

    /// Unwraps what was wrapped for this context.
    ///
    /// # Errors
    /// [`Error::Version`], [`Error::ForeignKey`], or [`Error::Unopened`] when a byte of it, the
    /// context or the key is another one.
    pub fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Secret, Error> {
        let (version, rest) = wrapped.split_first().ok_or(Error::Unopened)?;
        if *version != VERSION {
            return Err(Error::Version);
        }
        let (short, rest) = rest
            .split_first_chunk::<ID_LENGTH>()
            .ok_or(Error::Unopened)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(Error::Unopened)?;
        let held = std::iter::once(&self.current)
            .chain(&self.former)
            .find(|held| held.short == *short)
            .ok_or(Error::ForeignKey)?;
        let mut opened = Zeroizing::new(sealed.to_vec());
        let length = held
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(associated(&held.id, context)),
                &mut opened,
            )
            .map_err(|_| Error::Unopened)?
            .len();
        Ok(Secret::new(
            opened.get(..length).unwrap_or_default().to_vec(),
        ))
    }
}

impl Held {
    fn new(kek: &Kek) -> Result<Self, Error> {
        let unbound =
            UnboundKey::new(&AES_256_GCM, kek.key().expose()).map_err(|_| Error::Length)?;
        let short = HEXLOWER
            .decode(kek.id().as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(Error::Library("a key's name"))?;
        Ok(Self {
            id: kek.id().to_owned(),
            short,
            key: LessSafeKey::new(unbound),
        })
    }
}

fn associated(id: &str, context: &str) -> Vec<u8> {
    let mut data = Vec::with_capacity(64 + context.len());
    for part in ["sluis-wrap-1", id, context] {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::keys::{KEY_LENGTH, SystemEntropy};

    struct Fixed(u8);

    impl KeyProvider for Fixed {
        fn open(&self) -> Result<Kek, Error> {
            Kek::new(Secret::new(vec![self.0; KEY_LENGTH]))
        }
    }

    fn ring(byte: u8) -> Ring {
        Ring::open(&Fixed(byte), Arc::new(SystemEntropy::default())).unwrap()
    }

    #[test]
    fn what_was_wrapped_unwraps_for_its_context_and_for_no_other() {
        let ring = ring(1);
        let wrapped = ring.wrap("subject/1", b"a key").unwrap();
        assert_eq!(
            ring.unwrap("subject/1", &wrapped).unwrap().expose(),
            b"a key"
        );
        assert!(matches!(
            ring.unwrap("subject/2", &wrapped),
            Err(Error::Unopened)
        ));
    }

    #[test]
    fn no_byte_of_what_was_wrapped_can_change() {
        let ring = ring(1);
        let wrapped = ring.wrap("subject/1", b"a key").unwrap();
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert!(ring.unwrap("subject/1", &changed).is_err(), "byte {at}");
        }
        for length in 0..wrapped.len() {
            assert!(
                ring.unwrap("subject/1", &wrapped[..length]).is_err(),
                "length {length}"
            );
        }
    }

    #[test]
    fn a_former_key_unwraps_and_the_current_one_wraps() {
        let old = ring(1).wrap("token", b"a key").unwrap();
        assert!(matches!(
            ring(2).unwrap("token", &old),
            Err(Error::ForeignKey)
        ));

        let both = ring(2).with_former(&Fixed(1)).unwrap();
        assert_eq!(both.unwrap("token", &old).unwrap().expose(), b"a key");
        assert!(!both.is_current(&old));
        let new = both.wrap("token", b"a key").unwrap();
        assert!(both.is_current(&new));
        assert_eq!(ring(2).unwrap("token", &new).unwrap().expose(), b"a key");
    }

    #[test]
    fn equal_secrets_are_wrapped_differently() {
        let ring = ring(1);
        let all: HashSet<Vec<u8>> = (0..1000)
            .map(|_| ring.wrap("token", b"a key").unwrap())
            .collect();
        assert_eq!(all.len(), 1000);
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        assert!(matches!(
            Kek::new(Secret::new(vec![7; 31])),
            Err(Error::Length)
        ));
    }

    #[test]
    fn without_randomness_nothing_is_wrapped() {
        struct Dry;
        impl Entropy for Dry {
            fn fill(&self, _: &mut [u8]) -> Result<(), crate::model::NoEntropy> {
                Err(crate::model::NoEntropy)
            }
        }
        let ring = Ring::open(&Fixed(1), Arc::new(Dry)).unwrap();
        assert!(matches!(
            ring.wrap("token", b"a key"),
            Err(Error::NoEntropy(_))
        ));
    }
}
