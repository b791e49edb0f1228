//! Keys and passphrases that must not be used, because anyone could guess them.

use std::collections::HashSet;

use data_encoding::HEXLOWER;

use crate::keys::{Error, KEY_LENGTH};

/// Keys that specifications and test suites print.
const KNOWN: [&str; 7] = [
    // NIST SP 800-38A, appendix F: AES-256.
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
    // NIST SP 800-38G, sample FF1 with AES-256.
    "2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94",
    // RFC 8439, appendix A.5.
    "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
    // RFC 8452, appendix C.2.
    "0100000000000000000000000000000000000000000000000000000000000000",
    // This project's own vectors, tests/vectors/token.json.
    "617e62479f6048d8ba0c8a04d24c8bb43d1d4a24a94f8c250f8bbfca7123dd96",
    "1aa07c75647fba43b00aae418b15ff4c8d8dc6f8b56a60c1777dee096b42e16c",
    "745582e3dec95cbfd89813cee6a9d4a5d0394e4014343f587282af93a900be0f",
];

/// Fewer characters than this can be tried one after the other, Argon2id or not.
const PASSPHRASE_LENGTH: usize = 16;
/// `aaaaaaaaaaaaaaaa` is long, but no passphrase.
const PASSPHRASE_VARIETY: usize = 6;
/// A random key has 30 different bytes or so; fewer than this happen once in 10^12 keys.
const KEY_VARIETY: usize = 16;

/// Refuses a key that is not random. Every rule here would refuse a random key less often than once
/// in 10^12 times.
pub fn check_key(key: &[u8]) -> Result<(), Error> {
    if key.len() != KEY_LENGTH {
        return Err(Error::Length);
    }
    if (1..=KEY_LENGTH / 2).any(|period| repeats(key, period)) {
        return Err(Error::Weak("it repeats itself"));
    }
    if counts(key) {
        return Err(Error::Weak("it counts up or down"));
    }
    if key.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return Err(Error::Weak("it is typed text"));
    }
    if KNOWN.contains(&HEXLOWER.encode(key).as_str()) {
        return Err(Error::Weak("it is printed in a specification"));
    }
    if key.iter().collect::<HashSet<_>>().len() < KEY_VARIETY {
        return Err(Error::Weak("it has few different bytes"));
    }
    Ok(())
}

pub fn check_passphrase(passphrase: &[u8]) -> Result<(), Error> {
    let text =
        str::from_utf8(passphrase).map_err(|_| Error::PassphraseWeak("it is not text in UTF-8"))?;
    if text.chars().count() < PASSPHRASE_LENGTH {
        return Err(Error::PassphraseWeak("it has fewer than 16 characters"));
    }
    if text.chars().collect::<HashSet<_>>().len() < PASSPHRASE_VARIETY {
        return Err(Error::PassphraseWeak(
            "it has fewer than 6 different characters",
        ));
    }
    Ok(())
}

fn repeats(key: &[u8], period: usize) -> bool {
    key.iter().zip(key.iter().skip(period)).all(|(a, b)| a == b)
}

fn counts(key: &[u8]) -> bool {
    let mut steps = key
        .iter()
        .zip(key.iter().skip(1))
        .map(|(a, b)| b.wrapping_sub(*a));
    let first = steps.next();
    steps.all(|step| Some(step) == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SystemEntropy;
    use crate::model::Entropy;

    #[test]
    fn guessable_keys_are_refused() {
        let mut keys = vec![
            vec![0; 32],
            vec![0xff; 32],
            [0xde, 0xad, 0xbe, 0xef].repeat(8),
            b"0123456789abcdef0123456789abcdef".to_vec(),
            b"correct horse battery staple :-)".to_vec(),
            (0..32).collect(),
            (0x80..0xa0).collect(),
            (0..32).rev().collect(),
        ];
        keys.extend(KNOWN.map(|key| HEXLOWER.decode(key.as_bytes()).unwrap()));
        for key in keys {
            assert!(
                matches!(check_key(&key), Err(Error::Weak(_))),
                "{}",
                HEXLOWER.encode(&key)
            );
        }
    }

    #[test]
    fn the_keys_of_our_own_vectors_are_refused() {
        let text = include_str!("../../tests/vectors/token.json");
        let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
        let keys = vectors["keys"].as_object().unwrap();
        assert_eq!(keys.len(), 3);
        for key in keys.values() {
            let key = HEXLOWER.decode(key.as_str().unwrap().as_bytes()).unwrap();
            assert!(matches!(check_key(&key), Err(Error::Weak(_))));
        }
    }

    #[test]
    fn random_keys_pass() {
        let entropy = SystemEntropy::default();
        for _ in 0..10_000 {
            let mut key = [0; 32];
            entropy.fill(&mut key).unwrap();
            check_key(&key).unwrap();
        }
    }

    #[test]
    fn short_and_monotonous_passphrases_are_refused() {
        for weak in ["", "geheim", "aaaaaaaaaaaaaaaaaaaaaaaa", "vijftien tekens"] {
            assert!(
                matches!(
                    check_passphrase(weak.as_bytes()),
                    Err(Error::PassphraseWeak(_))
                ),
                "{weak}"
            );
        }
        check_passphrase("zeven zwanen zwemmen".as_bytes()).unwrap();
    }
}
