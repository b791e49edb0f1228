//! The only calls of AES-256-GCM, HMAC-SHA-256 and SHA-256 in this module.
//!
//! AES-256-GCM: NIST SP 800-38D, 96-bit nonces, 128-bit tags. aws-lc-rs, because rustls brings it
//! and it seals a short value in a third of the time of the alternatives; the vectors of Wycheproof
//! hold it to the specification.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac};
use zeroize::{Zeroize, Zeroizing};

use crate::model::{Personal, Secret};
use crate::protect::Error;

/// Bytes of a nonce. It must be random: one key may seal 2^32 values with random nonces
/// (NIST SP 800-38D, section 8.3), and a key here seals the values of one data subject.
pub const NONCE_LENGTH: usize = 12;
/// Bytes that sealing adds.
pub const TAG_LENGTH: usize = 16;
const KEY_LENGTH: usize = 32;

/// A data subject's key, set up once: setting up costs more than sealing.
pub struct SubjectKey(LessSafeKey);

impl SubjectKey {
    /// # Errors
    /// [`Error::KeyLength`] for anything but 32 bytes.
    pub fn new(key: &Secret) -> Result<Self, Error> {
        let unbound = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| Error::KeyLength)?;
        Ok(Self(LessSafeKey::new(unbound)))
    }
}

/// Prints nothing, so that a struct around it may derive `Debug`.
impl std::fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubjectKey(..)")
    }
}

/// The formats of sealed values. There is no format without a seal, and an unknown one is refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FormatVersion {
    /// Ciphertext in a row of the vault.
    Vault1,
    /// Ciphertext in a field of the CRM, `tq1…`.
    Field1,
    /// The name of a file, in a row of the vault on which the file's own key hangs.
    FileName1,
    /// The head of a file that stands in the CRM.
    FileHead1,
}

impl FormatVersion {
    /// The byte that stands in the associated data and beside stored ciphertext.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Vault1 => 0x01,
            Self::Field1 => 0x11,
            Self::FileName1 => 0x21,
            Self::FileHead1 => 0x22,
        }
    }
}

impl TryFrom<u8> for FormatVersion {
    type Error = Error;

    fn try_from(byte: u8) -> Result<Self, Error> {
        match byte {
            0x01 => Ok(Self::Vault1),
            0x11 => Ok(Self::Field1),
            0x21 => Ok(Self::FileName1),
            0x22 => Ok(Self::FileHead1),
            _ => Err(Error::FormatUnknown),
        }
    }
}

/// Where a value belongs. It opens there and nowhere else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Context<'a> {
    pub form: FormatVersion,
    pub tenant: &'a str,
    /// The field's class, such as `email`.
    pub class: &'a str,
    pub subject: u64,
    /// The version of the subject's key.
    pub key: u64,
    /// The row of the vault, which is also what the value's token stands for.
    pub row: u64,
}

impl Context<'_> {
    /// The associated data: docs/spec/token.md, section 4.
    fn associated(&self) -> Associated {
        let mut data = Associated::default();
        data.push(b"sluis-seal");
        data.push(&[self.form.byte()]);
        for text in [self.tenant, self.class] {
            data.push(&(text.len() as u64).to_be_bytes());
            data.push(text.as_bytes());
        }
        for number in [self.subject, self.key, self.row] {
            data.push(&number.to_be_bytes());
        }
        data
    }
}

/// Associated data under construction. An answer has thousands of values and the names of tenants
/// and classes are short: only long ones take memory from the heap.
struct Associated {
    short: [u8; 128],
    length: usize,
    /// All of it, once it no longer fits.
    long: Vec<u8>,
}

impl Default for Associated {
    fn default() -> Self {
        Self {
            short: [0; 128],
            length: 0,
            long: Vec::new(),
        }
    }
}

impl Associated {
    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        match self.short.get_mut(self.length..end) {
            Some(place) if self.long.is_empty() => place.copy_from_slice(bytes),
            _ => {
                if self.long.is_empty() {
                    let written = self.short.get(..self.length);
                    self.long.extend_from_slice(written.unwrap_or_default());
                }
                self.long.extend_from_slice(bytes);
            }
        }
        self.length = end;
    }
}

impl AsRef<[u8]> for Associated {
    fn as_ref(&self) -> &[u8] {
        match self.short.get(..self.length) {
            Some(short) if self.long.is_empty() => short,
            _ => &self.long,
        }
    }
}

/// Seals a value: ciphertext and tag, [`TAG_LENGTH`] bytes longer than the value.
///
/// # Errors
/// [`Error::Library`]; then there is no ciphertext.
pub fn seal(
    key: &SubjectKey,
    context: &Context<'_>,
    nonce: [u8; NONCE_LENGTH],
    plain: &[u8],
) -> Result<Vec<u8>, Error> {
    seal_bytes(&key.0, context.associated().as_ref(), nonce, plain)
}

/// Opens a sealed value.
///
/// # Errors
/// [`Error::Unopened`], the same for a changed byte, another place and another key.
pub fn open(
    key: &SubjectKey,
    context: &Context<'_>,
    nonce: [u8; NONCE_LENGTH],
    sealed: &[u8],
) -> Result<Personal, Error> {
    let plain = open_bytes(&key.0, context.associated().as_ref(), nonce, sealed)?;
    match String::from_utf8(plain) {
        Ok(text) => Ok(Personal::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(Error::Unopened)
        }
    }
}

/// Seals the head of a file: bytes, not text.
pub(in crate::protect) fn seal_head(
    key: &SubjectKey,
    context: &Context<'_>,
    nonce: [u8; NONCE_LENGTH],
    plain: &[u8],
) -> Result<Vec<u8>, Error> {
    seal_bytes(&key.0, context.associated().as_ref(), nonce, plain)
}

/// Opens the head of a file.
pub(in crate::protect) fn open_head(
    key: &SubjectKey,
    context: &Context<'_>,
    nonce: [u8; NONCE_LENGTH],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    open_bytes(&key.0, context.associated().as_ref(), nonce, sealed).map(Zeroizing::new)
}

/// Seals a chunk of a file where it stands, and gives its tag.
pub(in crate::protect) fn seal_chunk(
    key: &SubjectKey,
    associated: &[u8],
    nonce: [u8; NONCE_LENGTH],
    chunk: &mut [u8],
) -> Result<[u8; TAG_LENGTH], Error> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key
        .0
        .seal_in_place_separate_tag(nonce, Aad::from(associated), chunk);
    let tag = tag.map_err(|_| Error::Library)?;
    tag.as_ref().first_chunk().copied().ok_or(Error::Library)
}

/// As [`seal`], bound to whatever the associated data says.
pub(in crate::protect) fn seal_with(
    key: &SubjectKey,
    associated: &[u8],
    nonce: [u8; NONCE_LENGTH],
    plain: &[u8],
) -> Result<Vec<u8>, Error> {
    seal_bytes(&key.0, associated, nonce, plain)
}

/// Opens what [`seal_with`] or [`seal_chunk`] sealed.
pub(in crate::protect) fn open_with(
    key: &SubjectKey,
    associated: &[u8],
    nonce: [u8; NONCE_LENGTH],
    sealed: &[u8],
) -> Result<Vec<u8>, Error> {
    open_bytes(&key.0, associated, nonce, sealed)
}

fn seal_bytes(
    key: &LessSafeKey,
    associated: &[u8],
    nonce: [u8; NONCE_LENGTH],
    plain: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut sealed = vec![0; plain.len() + TAG_LENGTH];
    let (body, end) = sealed
        .split_at_mut_checked(plain.len())
        .ok_or(Error::Library)?;
    body.copy_from_slice(plain);
    let nonce = Nonce::assume_unique_for_key(nonce);
    match key.seal_in_place_separate_tag(nonce, Aad::from(associated), body) {
        Ok(tag) => {
            end.copy_from_slice(tag.as_ref());
            Ok(sealed)
        }
        Err(_) => {
            sealed.zeroize();
            Err(Error::Library)
        }
    }
}

fn open_bytes(
    key: &LessSafeKey,
    associated: &[u8],
    nonce: [u8; NONCE_LENGTH],
    sealed: &[u8],
) -> Result<Vec<u8>, Error> {
    let length = sealed
        .len()
        .checked_sub(TAG_LENGTH)
        .ok_or(Error::Unopened)?;
    let (body, tag) = sealed.split_at_checked(length).ok_or(Error::Unopened)?;
    let mut plain = vec![0; length];
    let nonce = Nonce::assume_unique_for_key(nonce);
    match key.open_separate_gather(nonce, Aad::from(associated), body, tag, &mut plain) {
        Ok(()) => Ok(plain),
        Err(_) => {
            // The library may have written what it did not authenticate.
            plain.zeroize();
            Err(Error::Unopened)
        }
    }
}

/// A key of HMAC-SHA-256 (RFC 2104, FIPS 198-1).
pub(in crate::protect) struct MacKey(hmac::Key);

impl MacKey {
    pub(in crate::protect) fn new(key: &Secret) -> Result<Self, Error> {
        if key.expose().len() != KEY_LENGTH {
            return Err(Error::KeyLength);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose())))
    }

    /// The first `N` bytes of the code over the parts, each after its length as 8 bytes,
    /// big-endian: no two lists of parts give the same message.
    pub(in crate::protect) fn sign<const N: usize>(
        &self,
        parts: &[&[u8]],
    ) -> Result<[u8; N], Error> {
        let mut mac = hmac::Context::with_key(&self.0);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let tag = mac.sign();
        tag.as_ref().first_chunk().copied().ok_or(Error::Library)
    }
}

/// SHA-256 (FIPS 180-4), for what is no secret.
pub(in crate::protect) fn hash(data: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, data)
}

#[cfg(test)]
mod tests;
