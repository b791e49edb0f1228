//! The text of a key file.
//!
//! ```text
//! sluis-key-1                              sluis-key-1
//! key: <base64 of 32 random bytes>         kdf: argon2id m=65536 t=3 p=1
//!                                          salt: <base64 of 16 random bytes>
//!                                          sealed: <base64 of nonce (12), ciphertext (32), tag (16)>
//! ```
//!
//! On the right the key is sealed by AES-256-GCM under Argon2id (RFC 9106, version 0x13) of the
//! passphrase; the lines above `sealed` are the associated data.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::keys::{Error, KEY_LENGTH};
use crate::model::{Entropy, Secret};

const HEAD: &str = "sluis-key-1";
const SALT_LENGTH: usize = 16;

/// Argon2id's cost, `kdf: argon2id m=65536 t=3 p=1`: memory in KiB, passes, lanes.
struct Cost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// What new files get: above RFC 9106's second choice for memory-constrained machines.
const COST: Cost = Cost {
    memory: 65_536,
    passes: 3,
    lanes: 1,
};
/// What a file may ask for: 1 GiB, so that a file that was tampered with cannot stop the machine.
const MOST: Cost = Cost {
    memory: 1_048_576,
    passes: 16,
    lanes: 4,
};

/// Renders a key file.
pub fn render(
    key: &Secret,
    passphrase: Option<&Secret>,
    entropy: &dyn Entropy,
) -> Result<Zeroizing<String>, Error> {
    let Some(passphrase) = passphrase else {
        let encoded = Zeroizing::new(BASE64.encode(key.expose()));
        return Ok(Zeroizing::new(format!(
            "{HEAD}\nkey: {}\n",
            encoded.as_str()
        )));
    };
    let mut drawn = [0; SALT_LENGTH + NONCE_LEN];
    entropy.fill(&mut drawn)?;
    let (salt, nonce) = drawn
        .split_first_chunk::<SALT_LENGTH>()
        .ok_or(Error::Length)?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().map_err(|_| Error::Length)?;
    let head = format!(
        "{HEAD}\nkdf: argon2id m={} t={} p={}\nsalt: {}\n",
        COST.memory,
        COST.passes,
        COST.lanes,
        BASE64.encode(salt)
    );
    let mut sealed = Zeroizing::new(Vec::with_capacity(KEY_LENGTH + AES_256_GCM.tag_len()));
    sealed.extend_from_slice(key.expose());
    wrapper(passphrase, salt, &COST)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(head.as_bytes()),
            &mut *sealed,
        )
        .map_err(|_| Error::Library("sealing the key file"))?;
    let body = [nonce.as_slice(), sealed.as_slice()].concat();
    Ok(Zeroizing::new(format!(
        "{head}sealed: {}\n",
        BASE64.encode(&body)
    )))
}

/// Reads a key file that [`render`] has written, and nothing else.
pub fn parse(text: &str, passphrase: Option<&Secret>) -> Result<Secret, Error> {
    let lines: Vec<&str> = text.lines().collect();
    match (lines.as_slice(), passphrase) {
        ([HEAD, key], None) => {
            let Some(encoded) = key.strip_prefix("key: ") else {
                return Err(if key.starts_with("kdf: ") {
                    Error::Format("it ends early")
                } else {
                    Error::Format("the second line")
                });
            };
            key_of(&decode(encoded)?)
        }
        ([HEAD, _], Some(_)) => Err(Error::PassphraseUnused),
        ([HEAD, _, _, _], None) => Err(Error::PassphraseMissing),
        ([HEAD, kdf, salt, sealed], Some(passphrase)) => {
            let cost = cost_of(kdf)?;
            let salt_text = salt
                .strip_prefix("salt: ")
                .ok_or(Error::Format("the line `salt`"))?;
            let sealed_text = sealed
                .strip_prefix("sealed: ")
                .ok_or(Error::Format("the line `sealed`"))?;
            let salt_bytes = decode(salt_text)?;
            if salt_bytes.len() != SALT_LENGTH {
                return Err(Error::Format("the line `salt`"));
            }
            let body = decode(sealed_text)?;
            let (nonce, sealed) = body
                .split_first_chunk::<NONCE_LEN>()
                .ok_or(Error::Format("the line `sealed`"))?;
            let head = format!("{HEAD}\n{kdf}\n{salt}\n");
            let mut opened = Zeroizing::new(sealed.to_vec());
            let length = wrapper(passphrase, &salt_bytes, &cost)?
                .open_in_place(
                    Nonce::assume_unique_for_key(*nonce),
                    Aad::from(head.as_bytes()),
                    &mut opened,
                )
                .map_err(|_| Error::PassphraseWrong)?
                .len();
            opened.truncate(length);
            key_of(&opened)
        }
        ([HEAD, ..], _) => Err(Error::Format("the number of lines")),
        _ => Err(Error::Format("the first line")),
    }
}

fn wrapper(passphrase: &Secret, salt: &[u8], cost: &Cost) -> Result<LessSafeKey, Error> {
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(KEY_LENGTH))
        .map_err(|_| Error::Format("the line `kdf`"))?;
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose(), salt, key.as_mut_slice())
        .map_err(|_| Error::Library("Argon2id"))?;
    let unbound = UnboundKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| Error::Length)?;
    Ok(LessSafeKey::new(unbound))
}

/// The cost that a file names; one below ours is refused, since the file may have been swapped.
fn cost_of(line: &str) -> Result<Cost, Error> {
    let wrong = || Error::Format("the line `kdf`");
    let words: Vec<&str> = line.split(' ').collect();
    let ["kdf:", "argon2id", memory, passes, lanes] = words.as_slice() else {
        return Err(wrong());
    };
    let number = |word: &str, name: &str, least: u32, most: u32| {
        let number: u32 = word.strip_prefix(name)?.parse().ok()?;
        (least..=most).contains(&number).then_some(number)
    };
    Ok(Cost {
        memory: number(memory, "m=", COST.memory, MOST.memory).ok_or_else(wrong)?,
        passes: number(passes, "t=", COST.passes, MOST.passes).ok_or_else(wrong)?,
        lanes: number(lanes, "p=", COST.lanes, MOST.lanes).ok_or_else(wrong)?,
    })
}

fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    BASE64
        .decode(text.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| Error::Format("a line is not base64"))
}

fn key_of(bytes: &[u8]) -> Result<Secret, Error> {
    if bytes.len() != KEY_LENGTH {
        return Err(Error::Length);
    }
    Ok(Secret::new(bytes.to_vec()))
}
