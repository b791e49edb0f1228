//! Passwords: what may be one, and how it is kept and compared.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::gate::Error;
use crate::gate::staff::SignInError;
use crate::gate::staff::error::Weakness;
use crate::model::Entropy;

/// Characters. NIST SP 800-63B, section 3.1.1.2, wants 8 where a second factor follows.
const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// `aaaaaaaaaaaa` is long, but no password.
const VARIETY: usize = 6;
/// What the lists of leaked passwords are made of. A password that is mostly one of these falls.
const COMMON: [&str; 16] = [
    "password",
    "passw0rd",
    "wachtwoord",
    "welkom",
    "welcome",
    "qwerty",
    "azerty",
    "123456",
    "654321",
    "abcdef",
    "letmein",
    "iloveyou",
    "geheim",
    "admin",
    "sluis",
    "salesforce",
];
/// Characters beyond the guessable ones that a password needs.
const OWN: usize = 8;

/// A PHC string that no password has: 32 zero bytes are nobody's hash. Of the same cost as others.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes that wait for their turn; more are turned away.
const WAITING: usize = 64;

/// Takes one hash at a time: each costs 19 MiB and 25 ms of a core, and a flood of sign-ins must
/// take neither memory nor cores from the exchanges that go on.
#[derive(Default)]
pub(in crate::gate) struct Passwords {
    turn: Mutex<()>,
    waiting: AtomicUsize,
}

impl Passwords {
    /// Whether the password is the one that `stored` was made of. Takes the same time without one.
    pub fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, SignInError> {
        let normal = normalized(password);
        let right = self.in_turn(|| {
            Argon2::default().verify_password(normal.as_bytes(), stored.unwrap_or(DECOY))
        })?;
        Ok(right.is_ok() && stored.is_some())
    }

    /// # Errors
    /// When there is no randomness or no memory.
    pub fn hash(&self, password: &str, entropy: &dyn Entropy) -> Result<String, SignInError> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt)?;
        let normal = normalized(password);
        let hash = self
            .in_turn(|| Argon2::default().hash_password_with_salt(normal.as_bytes(), &salt))?
            .map_err(|_| Error::Unfit("the password could not be hashed"))?;
        Ok(hash.to_string())
    }

    fn in_turn<T>(&self, work: impl FnOnce() -> T) -> Result<T, SignInError> {
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let result = if before < WAITING {
            let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(work())
        } else {
            Err(SignInError::too_often(Duration::from_secs(5)))
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        result
    }
}

/// As compared: one form for what keyboards type in several (NIST SP 800-63B, section 3.1.1.2),
/// and never more than a bounded length.
fn normalized(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().take(2 * LONGEST).collect())
}

/// Whether a text may become a password.
pub(super) fn check(password: &str, login: &str) -> Result<(), Weakness> {
    let count = password.nfc().count();
    if count < SHORTEST {
        return Err(Weakness::Short);
    }
    if count > LONGEST {
        return Err(Weakness::Long);
    }
    if password.chars().collect::<HashSet<_>>().len() < VARIETY {
        return Err(Weakness::Monotonous);
    }
    let lower = password.to_lowercase();
    let name = login.split('@').next().unwrap_or(login);
    let mut own = lower.replace(login, "");
    for word in COMMON.iter().copied().chain([name]) {
        if word.len() >= 4 {
            own = own.replace(word, "");
        }
    }
    if own.chars().count() < OWN && own != lower {
        return Err(Weakness::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::tests::Fixed;

    #[test]
    fn a_password_matches_itself_and_nothing_else() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash("vier paarden op zolder", &Fixed::new(1))
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = |text, stored| passwords.verify(text, stored).unwrap();
        assert!(verify("vier paarden op zolder", Some(hash.as_str())));
        assert!(!verify("vier paarden op zolder ", Some(hash.as_str())));
        assert!(!verify("vier paarden op zolder", None));
        assert!(!verify("", Some(DECOY)));
    }

    #[test]
    fn the_decoy_is_a_hash_that_is_computed_like_any_other() {
        let parsed = argon2::password_hash::phc::PasswordHash::new(DECOY).unwrap();
        let other = Passwords::default().hash("x", &Fixed::new(1)).unwrap();
        let other = argon2::password_hash::phc::PasswordHash::new(&other).unwrap();
        assert_eq!(parsed.params, other.params);
        assert_eq!(parsed.algorithm, other.algorithm);
        assert_eq!(parsed.hash.unwrap().len(), other.hash.unwrap().len());
    }

    #[test]
    fn two_ways_to_type_one_letter_are_one_password() {
        let passwords = Passwords::default();
        let hash = passwords
            .hash("cr\u{e8}me op een caf\u{e9}", &Fixed::new(1))
            .unwrap();
        let decomposed = "cre\u{300}me op een cafe\u{301}";
        assert!(passwords.verify(decomposed, Some(&hash)).unwrap());
    }

    #[test]
    fn guessable_passwords_are_refused_and_long_sentences_are_not() {
        for (password, weakness) in [
            ("kort", Weakness::Short),
            ("elf tekens.", Weakness::Short),
            ("aaaaaaaaaaaaaaaa", Weakness::Monotonous),
            ("Password123456!", Weakness::Guessable),
            ("Welkom2026!!", Weakness::Guessable),
            ("jansen-jansen-1", Weakness::Guessable),
            ("jansen@example.nl", Weakness::Guessable),
        ] {
            assert_eq!(
                check(password, "jansen@example.nl"),
                Err(weakness),
                "{password}"
            );
        }
        assert_eq!(
            check(&"abcdefgh ".repeat(20), "jansen"),
            Err(Weakness::Long)
        );
        for fine in [
            "vier paarden op zolder",
            "mag ik welkom zeggen aan de boot",
            "x9$Lq!vT02mZ",
        ] {
            assert_eq!(check(fine, "jansen"), Ok(()), "{fine}");
        }
    }

    #[test]
    fn a_flood_is_turned_away_and_not_queued() {
        let passwords = Passwords::default();
        passwords.waiting.store(WAITING, Ordering::SeqCst);
        assert!(matches!(
            passwords.verify("x", None),
            Err(SignInError::TooOften { .. })
        ));
        passwords.waiting.store(0, Ordering::SeqCst);
        assert!(passwords.verify("x", None).is_ok());
    }
}
