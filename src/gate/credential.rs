//! The texts that we hand out once: client secrets, access, refresh and static tokens, identifiers.

use aws_lc_rs::digest;
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::gate::Error;
use crate::model::{Entropy, Secret};

/// SHA-256 of a credential. All that the database keeps of it.
///
/// A plain hash is enough, and argon2 would only cost time: these credentials are at least 256
/// random bits, so there is nothing to guess, and operators cannot choose their own.
pub(in crate::gate) type Hash = [u8; 32];

/// Characters of a client secret: 256 bits at six a character.
pub(in crate::gate) const SECRET_LENGTH: usize = 43;
/// Random characters of an access token after `00D...!`: 576 bits.
const TOKEN_LENGTH: usize = 96;
/// Organization, `!`, random part.
const ACCESS_LENGTH: usize = 15 + 1 + TOKEN_LENGTH;
/// How Salesforce's refresh tokens begin.
const REFRESH_PREFIX: &str = "5Aep861";

pub(in crate::gate) fn hash(credential: &[u8]) -> Hash {
    let digest = digest::digest(&digest::SHA256, credential);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

/// `organization` is the 15-character id: Salesforce's clients take the organization from there.
pub(in crate::gate) fn access(organization: &str, entropy: &dyn Entropy) -> Result<Secret, Error> {
    let random = random_text::<72>(entropy)?;
    let token = Zeroizing::new(format!("{organization}!{}", *random));
    Ok(Secret::from(token.as_str()))
}

pub(in crate::gate) fn refresh(entropy: &dyn Entropy) -> Result<Secret, Error> {
    let random = random_text::<60>(entropy)?;
    let token = Zeroizing::new(format!("{REFRESH_PREFIX}{}", *random));
    Ok(Secret::from(token.as_str()))
}

pub(in crate::gate) fn client_secret(entropy: &dyn Entropy) -> Result<Secret, Error> {
    Ok(Secret::from(random_text::<32>(entropy)?.as_str()))
}

/// 144 random bits: a client id is no secret, yet cannot be guessed to try things with.
pub(in crate::gate) fn client_id(entropy: &dyn Entropy) -> Result<String, Error> {
    Ok(random_text::<18>(entropy)?.to_string())
}

/// The text of a session's cookie, of an enrolment link or of a challenge: 256 random bits.
pub(in crate::gate) fn session(entropy: &dyn Entropy) -> Result<Secret, Error> {
    client_secret(entropy)
}

/// Whether a text has the shape of what [`session`] makes.
pub(in crate::gate) fn is_session(text: &str) -> bool {
    text.len() == SECRET_LENGTH
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))
}

/// Whether a text has the shape of an access token, so that nothing else is hashed and looked up.
pub(in crate::gate) fn is_access(token: &str) -> bool {
    token.len() == ACCESS_LENGTH
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'!' | b'.' | b'_'))
}

/// Random bytes over `[A-Za-z0-9._]`, the alphabet of Salesforce's tokens.
fn random_text<const N: usize>(entropy: &dyn Entropy) -> Result<Zeroizing<String>, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    entropy.fill(bytes.as_mut_slice())?;
    let text = Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice()));
    Ok(Zeroizing::new(text.replace('-', ".")))
}

/// What came in the place of a secret: the secret, a one-time code, or the secret with the code
/// after it, as Salesforce's users append their security token to the password.
///
/// Secrets have one length, so the three cannot be confused. A colon may stand between.
pub(in crate::gate) fn split_secret(text: &str) -> Option<(Option<&str>, Option<&str>)> {
    if text.len() == CODE_LENGTH {
        return is_code(text).then_some((None, Some(text)));
    }
    let (secret, rest) = text.split_at_checked(SECRET_LENGTH)?;
    if rest.is_empty() {
        return Some((Some(secret), None));
    }
    let code = rest.strip_prefix(':').unwrap_or(rest);
    is_code(code).then_some((Some(secret), Some(code)))
}

const CODE_LENGTH: usize = 6;

pub(in crate::gate) fn is_code(text: &str) -> bool {
    text.len() == CODE_LENGTH && text.bytes().all(|b| b.is_ascii_digit())
}

/// Salesforce's 18-character form of `prefix` and a number: 15 characters that tell cases apart
/// and three that say which of them are upper case, for those who do not.
pub(in crate::gate) fn salesforce_id(prefix: &str, number: u64) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let mut tail = [b'0'; 12];
    let mut left = number;
    for place in tail.iter_mut().rev() {
        let digit = usize::try_from(left % 62).unwrap_or(0);
        *place = DIGITS.get(digit).copied().unwrap_or(b'0');
        left /= 62;
    }
    let mut id: String = prefix.to_owned();
    id.extend(tail.iter().copied().map(char::from));
    let upper: Vec<bool> = id.bytes().map(|b| b.is_ascii_uppercase()).collect();
    for five in upper.chunks(5) {
        let bits = five
            .iter()
            .rev()
            .fold(0, |bits: usize, up| bits << 1 | usize::from(*up));
        id.push(SUFFIX.get(bits).copied().map_or('A', char::from));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::tests::Fixed;

    #[test]
    fn an_access_token_has_the_shape_that_salesforce_clients_expect() {
        let token = access("00D000000000001", &Fixed::new(1)).unwrap();
        let text = std::str::from_utf8(token.expose()).unwrap();
        assert!(text.starts_with("00D000000000001!"), "{text}");
        assert!(is_access(text));
        assert!(!is_access(&format!("{text}A")));
        assert!(!is_access(&text.replace('!', "'")));
    }

    #[test]
    fn two_secrets_differ_and_have_one_length() {
        let entropy = Fixed::new(7);
        let (one, two) = (client_secret(&entropy), client_secret(&entropy));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.expose().len(), SECRET_LENGTH);
        assert!(!one.matches(two.expose()));
    }

    #[test]
    fn a_failed_source_of_randomness_makes_no_secret() {
        assert!(matches!(
            client_secret(&crate::gate::tests::Broken),
            Err(Error::NoEntropy(_))
        ));
    }

    #[test]
    fn a_code_may_stand_after_the_secret_or_alone() {
        let secret = "s".repeat(SECRET_LENGTH);
        let with = format!("{secret}123456");
        let colon = format!("{secret}:123456");
        let both = Some((Some(secret.as_str()), Some("123456")));
        assert_eq!(split_secret(&with), both);
        assert_eq!(split_secret(&colon), both);
        assert_eq!(split_secret(&secret), Some((Some(secret.as_str()), None)));
        assert_eq!(split_secret("123456"), Some((None, Some("123456"))));
        for wrong in ["", "12345", "1234567", "abcdef", &format!("{secret}12345x")] {
            assert_eq!(split_secret(wrong), None, "{wrong}");
        }
        // A character that straddles the boundary is no reason to panic.
        assert_eq!(split_secret(&format!("{}\u{eb}1", "s".repeat(42))), None);
    }

    #[test]
    fn an_id_of_18_characters_carries_the_case_of_its_15() {
        // A published pair of the two forms of one id.
        assert_eq!(salesforce_id("001", 0), "001000000000000AAA");
        assert_eq!(salesforce_id("00D", 1), "00D000000000001EAA");
        assert_eq!(salesforce_id("005", 62 * 10 + 36).len(), 18);
    }
}
