//! `aura.token`: what the CRM gives a page against forged requests, a signed token (RFC 7515). What
//! has not the form of one is not let through: any text would fit elsewhere.

use data_encoding::BASE64URL_NOPAD;

use super::malformed;
use crate::model::Refusal;
use crate::wire::json::{Document, Kind, Limits};

/// What stands in the header of a token of the CRM's.
const HEADER: &[&str] = &[
    "nonce", "typ", "alg", "kid", "crit", "iat", "exp", "zip", "cty",
];

/// Bytes of a signature: HMAC-SHA-256 to ECDSA on P-384 and RSA of 2048 bits.
const SIGNATURES: &[usize] = &[32, 48, 64, 96, 256];

const LONGEST: usize = 4_096;

/// A token, or the word for none.
///
/// # Errors
/// Anything else.
pub(super) fn token(text: &str) -> Result<&str, Refusal> {
    let none = matches!(text, "" | "null" | "undefined");
    match none || is_signed(text) {
        true => Ok(text),
        false => Err(malformed("aura.token has not the form of one of the CRM's")),
    }
}

fn is_signed(text: &str) -> bool {
    let mut parts = text.split('.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let signature = decoded(signature);
    text.len() <= LONGEST
        && is_object(header, HEADER)
        && (payload.is_empty() || is_object(payload, HEADER))
        && signature.is_some_and(|signature| SIGNATURES.contains(&signature.len()))
}

/// Whether a part is an object with these members and no others.
fn is_object(part: &str, members: &[&str]) -> bool {
    let Some(bytes) = decoded(part) else {
        return false;
    };
    let Ok(document) = Document::parse(&bytes, &Limits::default()) else {
        return false;
    };
    let root = document.root();
    let mut found = document.members(root);
    document.kind(root) == Kind::Object && found.all(|(key, _)| members.contains(&key.as_ref()))
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    let bare = part.trim_end_matches('=');
    BASE64URL_NOPAD.decode(bare.as_bytes()).ok()
}
