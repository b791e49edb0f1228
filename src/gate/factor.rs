//! Proofs of identity, and the pair of different ones that everybody needs.

use crate::gate::Error;

/// One proof of identity. `Token` is a long-lived static token: it counts as one proof and never
/// stands alone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Factor {
    /// 256 random bits that we made; operators choose no passwords.
    Secret,
    /// mTLS with a certificate pinned by the SHA-256 of its DER.
    Certificate,
    /// A JWT signed with the client's registered key (RFC 7523), as grant or as authentication.
    Assertion,
    /// A one-time code (RFC 6238).
    Totp,
    /// A static token.
    Token,
    /// A password that a person chose.
    Password,
    /// A passkey: the device that holds it.
    Passkey,
    /// The PIN or fingerprint that the passkey's device asked its holder for.
    UserVerification,
    /// A recovery code, in the place of a one-time code.
    RecoveryCode,
    /// The word of the organization's identity provider.
    Provider,
    /// A second factor that the provider has asked for, as it says.
    ProviderSecond,
}

const ALL: [Factor; 11] = [
    Factor::Secret,
    Factor::Certificate,
    Factor::Assertion,
    Factor::Totp,
    Factor::Token,
    Factor::Password,
    Factor::Passkey,
    Factor::UserVerification,
    Factor::RecoveryCode,
    Factor::Provider,
    Factor::ProviderSecond,
];

impl Factor {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Certificate => "certificate",
            Self::Assertion => "assertion",
            Self::Totp => "totp",
            Self::Token => "token",
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::UserVerification => "user-verification",
            Self::RecoveryCode => "recovery-code",
            Self::Provider => "provider",
            Self::ProviderSecond => "provider-second",
        }
    }

    /// Whether API clients sign in with it.
    fn is_a_clients(self) -> bool {
        match self {
            Self::Secret | Self::Certificate | Self::Assertion | Self::Totp => true,
            Self::Token
            | Self::Password
            | Self::Passkey
            | Self::UserVerification
            | Self::RecoveryCode
            | Self::Provider
            | Self::ProviderSecond => false,
        }
    }

    pub(in crate::gate) fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|factor| factor.name() == name)
    }
}

/// Two different proofs. One proof twice is not a pair, so a client that needs one proof only
/// cannot be written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pair(Factor, Factor);

impl Pair {
    /// # Errors
    /// When both are the same, or one is nothing that a client signs in with (a static token is not).
    pub fn new(first: Factor, second: Factor) -> Result<Self, Error> {
        if first == second {
            return Err(Error::Unfit("the two proofs of a client must differ"));
        }
        if !first.is_a_clients() || !second.is_a_clients() {
            return Err(Error::Unfit(
                "a client signs in with two of secret, certificate, assertion and totp",
            ));
        }
        Ok(Self(first.min(second), first.max(second)))
    }

    #[must_use]
    pub fn factors(self) -> [Factor; 2] {
        [self.0, self.1]
    }

    #[must_use]
    pub fn needs(self, factor: Factor) -> bool {
        self.0 == factor || self.1 == factor
    }
}

/// `secret+totp`, as the database keeps it.
pub(in crate::gate) fn join(factors: [Factor; 2]) -> String {
    format!("{}+{}", factors[0].name(), factors[1].name())
}

/// The inverse of [`join`]: exactly two different factors, or nothing.
pub(in crate::gate) fn split(text: &str) -> Option<[Factor; 2]> {
    let (first, second) = text.split_once('+')?;
    let pair = [Factor::from_name(first)?, Factor::from_name(second)?];
    (pair[0] != pair[1]).then_some(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_proof_twice_is_no_pair() {
        assert!(Pair::new(Factor::Secret, Factor::Totp).is_ok());
        assert!(Pair::new(Factor::Secret, Factor::Secret).is_err());
        assert!(Pair::new(Factor::Token, Factor::Totp).is_err());
        assert!(Pair::new(Factor::Password, Factor::Totp).is_err());
    }

    #[test]
    fn what_the_database_keeps_is_two_different_factors_or_nothing() {
        let pair = [Factor::Certificate, Factor::Token];
        assert_eq!(split(&join(pair)), Some(pair));
        for wrong in [
            "",
            "secret",
            "secret+secret",
            "secret+",
            "secret+totp+token",
        ] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
