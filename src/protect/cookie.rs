//! Cookies of the CRM, sealed towards the browser: they open for the person, the sign-in and the
//! host that they were sealed for. A session of the CRM that is stolen, or left over from somebody
//! else, is then worth nothing in another session of ours. `docs/spec/token.md`, section 8.

use data_encoding::BASE64URL_NOPAD;

use crate::model::Secret;
use crate::protect::primitives::{self, MacKey, SubjectKey};
use crate::protect::{Error, NONCE_LENGTH};

/// What a sealed cookie begins with: a text without it was never ours.
const PREFIX: &str = "slb1.";

/// The key of all cookies.
pub struct CookieKey(MacKey);

/// For whom a cookie is, and at which of our hosts.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'h> {
    pub tenant: &'h str,
    /// The name and port by which the browser knows us.
    pub host: &'h str,
    /// What the gate calls the person or client for good, whatever their login name becomes.
    pub handle: &'h str,
    /// The name of the person's sign-in; empty for a client.
    pub sign_in: &'h [u8],
}

impl CookieKey {
    /// # Errors
    /// [`Error::KeyLength`] for anything but 32 bytes.
    pub fn new(key: &Secret) -> Result<Self, Error> {
        Ok(Self(MacKey::new(key)?))
    }

    /// The text that the browser gets in the place of a cookie's value.
    ///
    /// # Errors
    /// [`Error::Library`]; then there is no such text.
    pub fn seal(
        &self,
        holder: &Holder<'_>,
        name: &str,
        nonce: [u8; NONCE_LENGTH],
        value: &str,
    ) -> Result<String, Error> {
        let key = self.of(holder)?;
        let sealed = primitives::seal_with(&key, name.as_bytes(), nonce, value.as_bytes())?;
        let text = BASE64URL_NOPAD.encode(&[&nonce[..], &sealed].concat());
        Ok(format!("{PREFIX}{text}"))
    }

    /// The value, as the CRM set it.
    ///
    /// # Errors
    /// [`Error::Unopened`], the same for a changed byte, another name, person, sign-in or host, and
    /// for a text that was never sealed.
    pub fn open(&self, holder: &Holder<'_>, name: &str, text: &str) -> Result<String, Error> {
        let coded = text.strip_prefix(PREFIX).ok_or(Error::Unopened)?;
        let bytes = BASE64URL_NOPAD
            .decode(coded.as_bytes())
            .map_err(|_| Error::Unopened)?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE_LENGTH>()
            .ok_or(Error::Unopened)?;
        let key = self.of(holder)?;
        let plain = primitives::open_with(&key, name.as_bytes(), *nonce, sealed)?;
        String::from_utf8(plain).map_err(|_| Error::Unopened)
    }

    /// Each sign-in has a key of its own, so that no key ever seals as often as random nonces allow:
    /// a CRM may set its cookies with every answer.
    fn of(&self, holder: &Holder<'_>) -> Result<SubjectKey, Error> {
        let key: [u8; 32] = self.0.sign(&[
            b"sluis-cookie-1",
            holder.tenant.as_bytes(),
            holder.host.as_bytes(),
            holder.handle.as_bytes(),
            holder.sign_in,
        ])?;
        SubjectKey::new(&Secret::new(key.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDER: Holder<'_> = Holder {
        tenant: "default",
        host: "crm.example.eu",
        handle: "00112233445566778899aabbccddeeff",
        sign_in: &[7; 16],
    };

    fn key(byte: u8) -> CookieKey {
        CookieKey::new(&Secret::new(vec![byte; 32])).unwrap()
    }

    #[test]
    fn a_cookie_opens_for_its_name_person_sign_in_and_host_and_nobody_else() {
        let sealed = key(1).seal(&HOLDER, "sid", [3; 12], "s3cr3t=~").unwrap();
        assert!(!sealed.contains("s3cr3t"));
        assert_eq!(key(1).open(&HOLDER, "sid", &sealed).unwrap(), "s3cr3t=~");
        assert!(key(1).open(&HOLDER, "Sid", &sealed).is_err());
        assert!(key(2).open(&HOLDER, "sid", &sealed).is_err());
        for other in [
            Holder {
                tenant: "other",
                ..HOLDER
            },
            Holder {
                host: "crm.example.eu:8443",
                ..HOLDER
            },
            Holder {
                handle: "00112233445566778899aabbccddeefe",
                ..HOLDER
            },
            Holder {
                sign_in: &[8; 16],
                ..HOLDER
            },
            Holder {
                sign_in: &[],
                ..HOLDER
            },
        ] {
            assert!(key(1).open(&other, "sid", &sealed).is_err(), "{other:?}");
        }
    }

    #[test]
    fn no_letter_of_a_sealed_cookie_can_change_and_a_plain_one_does_not_open() {
        let sealed = key(1).seal(&HOLDER, "sid", [3; 12], "abc").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(key(1).open(&HOLDER, "sid", &changed).is_err(), "{at}");
            assert!(key(1).open(&HOLDER, "sid", &sealed[..at]).is_err(), "{at}");
        }
        for plain in ["", "abc", "slb1.", "slb1.====", "abcdefgh12345678"] {
            assert!(key(1).open(&HOLDER, "sid", plain).is_err(), "{plain}");
        }
    }
}
