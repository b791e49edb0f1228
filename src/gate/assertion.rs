//! Signed assertions (RFC 7523): a JWT by the client's registered key, good for one sign-in.

use jsonwebtoken::{DecodingKey, Validation};
use serde::{Deserialize, Deserializer};
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::gate::Error;
use crate::gate::credential::{self, Hash};
use crate::model::Timestamp;

/// Longest assertion that is looked at, in bytes.
pub(in crate::gate) const LONGEST: usize = 8 * 1024;
/// Longest time ahead that an assertion may expire, in seconds.
const LIFETIME: i64 = 300;
/// For clocks that differ, in seconds.
const LEEWAY: i64 = 30;
const LONGEST_JTI: usize = 256;

/// The one algorithm that a client's key signs with. There is no symmetric one, and the header
/// of a JWT does not choose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(in crate::gate) fn from_name(name: &str) -> Option<Self> {
        [Self::Rs256, Self::Es256, Self::EdDsa]
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    fn jws(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// A client's registered key: PEM of a `SubjectPublicKeyInfo`.
#[derive(Clone, Debug)]
pub struct PublicKey {
    algorithm: Algorithm,
    pem: String,
}

impl PublicKey {
    /// Takes RSA keys from 2048 bits, P-256 and Ed25519, and knows the algorithm by the key.
    ///
    /// # Errors
    /// When the text is no public key of these, in particular when it is a private one.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        const UNFIT: Error = Error::Unfit(
            "a client's key must be PEM `PUBLIC KEY`: RSA from 2048 bits, P-256 or Ed25519",
        );
        let (_, block) = parse_x509_pem(pem.as_bytes()).map_err(|_| UNFIT)?;
        if block.label != "PUBLIC KEY" {
            return Err(UNFIT);
        }
        let (rest, info) = SubjectPublicKeyInfo::from_der(&block.contents).map_err(|_| UNFIT)?;
        let algorithm = match info.parsed() {
            Ok(Parsed::RSA(key)) if key.key_size() >= 2048 => Algorithm::Rs256,
            Ok(Parsed::EC(point)) if point.data().len() == 65 => Algorithm::Es256,
            _ if info.algorithm.algorithm.to_id_string() == "1.3.101.112" => Algorithm::EdDsa,
            _ => return Err(UNFIT),
        };
        if !rest.is_empty() {
            return Err(UNFIT);
        }
        let key = Self {
            algorithm,
            pem: pem.to_owned(),
        };
        key.decoding().map_err(|_| UNFIT)?;
        Ok(key)
    }

    /// A key that was registered, and so checked, before.
    pub(in crate::gate) fn registered(algorithm: Algorithm, pem: String) -> Self {
        Self { algorithm, pem }
    }

    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    fn decoding(&self) -> Result<DecodingKey, jsonwebtoken::errors::Error> {
        match self.algorithm {
            Algorithm::Rs256 => DecodingKey::from_rsa_pem(self.pem.as_bytes()),
            Algorithm::Es256 => DecodingKey::from_ec_pem(self.pem.as_bytes()),
            Algorithm::EdDsa => DecodingKey::from_ed_pem(self.pem.as_bytes()),
        }
    }
}

/// An assertion that holds. It must be marked used before it counts.
#[derive(Clone, Copy, Debug)]
pub(in crate::gate) struct Valid {
    pub used: Hash,
    pub until: Timestamp,
}

/// Who may have signed, and for whom.
pub(in crate::gate) struct Expected<'a> {
    pub key: &'a PublicKey,
    pub client_id: &'a str,
    /// Salesforce's clients put the user's name into `sub`.
    pub name: &'a str,
    /// Origins of ours: `https://host`.
    pub audiences: &'a [String],
    pub now: Timestamp,
}

/// Whose assertion it says it is. Only to find the key to check it with.
pub(in crate::gate) fn claimed_issuer(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    if assertion.len() > LONGEST {
        return None;
    }
    jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(assertion)
        .ok()
        .map(|claims| claims.iss)
}

/// Checks signature and claims. The error is for our log alone.
pub(in crate::gate) fn verify(
    assertion: &str,
    expected: &Expected<'_>,
) -> Result<Valid, &'static str> {
    if assertion.len() > LONGEST {
        return Err("assertion-too-long");
    }
    let key = expected
        .key
        .decoding()
        .map_err(|_| "registered-key-unreadable")?;
    // The times are checked below: the library would ask the system's clock and not ours.
    let mut validation = Validation::new(expected.key.algorithm.jws());
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let token = jsonwebtoken::decode::<Claims>(assertion, &key, &validation)
        .map_err(|_| "assertion-signature-or-form")?;
    if token.header.crit.is_some() {
        return Err("assertion-critical-header");
    }
    let claims = token.claims;
    if claims.iss != expected.client_id {
        return Err("assertion-issuer");
    }
    if claims.sub != expected.client_id && claims.sub != expected.name {
        return Err("assertion-subject");
    }
    if !is_ours(&claims.aud, expected.audiences) {
        return Err("assertion-audience");
    }
    check_times(&claims, expected.now.seconds())?;
    Ok(Valid {
        used: identity(assertion, claims.jti.as_deref())?,
        until: Timestamp(0).plus_seconds(claims.exp.0.saturating_add(LEEWAY + 1)),
    })
}

fn check_times(claims: &Claims, now: i64) -> Result<(), &'static str> {
    if claims.exp.0.saturating_add(LEEWAY) < now {
        return Err("assertion-expired");
    }
    if claims.exp.0 > now + LIFETIME + LEEWAY {
        return Err("assertion-lives-too-long");
    }
    if claims.nbf.is_some_and(|nbf| nbf.0 > now + LEEWAY) {
        return Err("assertion-not-yet");
    }
    let issued_when = (now - LIFETIME - LEEWAY)..=(now + LEEWAY);
    if claims.iat.is_some_and(|iat| !issued_when.contains(&iat.0)) {
        return Err("assertion-issued-when");
    }
    Ok(())
}

/// An origin of ours, with or without the slash that `sf` sends, or our token endpoint there
/// (RFC 7523, section 3).
fn is_ours(audience: &str, audiences: &[String]) -> bool {
    audiences.iter().any(|ours| {
        let rest = audience.strip_prefix(ours.as_str());
        matches!(rest, Some("" | "/" | "/services/oauth2/token"))
    })
}

/// What makes an assertion this one: its `jti`; without one, as Salesforce's clients send it, what
/// was signed. Not the signature, of which ECDSA allows several.
fn identity(assertion: &str, jti: Option<&str>) -> Result<Hash, &'static str> {
    match jti {
        Some(jti) if jti.is_empty() || jti.len() > LONGEST_JTI => Err("assertion-jti"),
        Some(jti) => Ok(credential::hash(format!("jti:{jti}").as_bytes())),
        None => {
            let (signed, _) = assertion.rsplit_once('.').ok_or("assertion-form")?;
            Ok(credential::hash(format!("jws:{signed}").as_bytes()))
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    /// One, as text: an assertion for several receivers could be replayed by one of them.
    aud: String,
    exp: Seconds,
    iat: Option<Seconds>,
    nbf: Option<Seconds>,
    jti: Option<String>,
}

/// `NumericDate` of RFC 7519 as clients really send it: simple-salesforce as text, `sf` in
/// milliseconds.
#[derive(Clone, Copy)]
struct Seconds(i64);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(i64),
            Text(String),
        }
        /// Seconds reach this in the year 5138, milliseconds reached it in 1973.
        const MILLISECONDS_FROM: i64 = 100_000_000_000;
        let number = match Either::deserialize(deserializer)? {
            Either::Number(number) => number,
            Either::Text(text) => text.parse().map_err(serde::de::Error::custom)?,
        };
        if number < 0 {
            return Err(serde::de::Error::custom("before 1970"));
        }
        Ok(Self(if number >= MILLISECONDS_FROM {
            number / 1000
        } else {
            number
        }))
    }
}
