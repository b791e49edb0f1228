//! Finding two equal keys in one object, in time that an attacker cannot make quadratic.

use std::borrow::Cow;

/// A key of the object under test, with a cheap hash that decides most comparisons.
pub(crate) struct Candidate<'a> {
    hash: u64,
    key: Cow<'a, str>,
    at: usize,
}

impl<'a> Candidate<'a> {
    pub(crate) fn new(key: Cow<'a, str>, at: usize) -> Self {
        let hash = hash(key.as_bytes());
        Self { hash, key, at }
    }
}

/// Where the later of two equal keys stands.
///
/// Small objects are compared pair by pair. Larger ones are sorted by hash and then by key, so
/// that keys made to collide cost n log n at worst; a hash table without a secret seed would not
/// hold that.
pub(crate) fn find(keys: &mut [Candidate<'_>]) -> Option<usize> {
    const FEW: usize = 8;
    let same = |a: &Candidate<'_>, b: &Candidate<'_>| a.hash == b.hash && a.key == b.key;
    if keys.len() <= FEW {
        let mut rest = &*keys;
        while let [first, others @ ..] = rest {
            if let Some(later) = others.iter().find(|other| same(first, other)) {
                return Some(later.at);
            }
            rest = others;
        }
        return None;
    }
    keys.sort_unstable_by(|a, b| {
        let by_key = || (&a.key, a.at).cmp(&(&b.key, b.at));
        a.hash.cmp(&b.hash).then_with(by_key)
    });
    let mut pairs = keys.iter().zip(keys.iter().skip(1));
    pairs.find(|(a, b)| same(a, b)).map(|(_, later)| later.at)
}

/// Mixes the first and the last eight bytes and the length: what tells field names apart.
fn hash(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15; // 2^64 / golden ratio
    let ends = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first)
            .wrapping_mul(MIX)
            .rotate_left(29)
            .wrapping_add(u64::from_le_bytes(*last)),
        _ => bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    (ends ^ bytes.len() as u64).wrapping_mul(MIX)
}
