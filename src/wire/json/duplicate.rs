//! Finding two equal keys in one object, in time that an attacker cannot make quadratic.

/// A key's hash and where it stands.
///
/// The hash has no secret, so that keys can be made to collide. It only has to settle the usual
/// case, in which no two keys of an object have the same.
#[derive(Clone, Copy)]
pub(crate) struct Candidate {
    hash: u64,
    node: u32,
}

impl Candidate {
    #[inline]
    pub(crate) fn new(key: &str, node: u32) -> Self {
        let hash = hash(key.as_bytes());
        Self { hash, node }
    }
}

/// The node of the later of two equal keys; `key` gives a node's key.
///
/// Sorting costs n log n whatever the keys are; a table by such a hash would be quadratic at worst.
pub(crate) fn find<K: Ord>(candidates: &mut [Candidate], key: impl Fn(u32) -> K) -> Option<u32> {
    candidates.sort_unstable_by_key(|candidate| candidate.hash);
    let mut pairs = candidates.windows(2);
    if !pairs.any(|pair| matches!(pair, [a, b] if a.hash == b.hash)) {
        return None;
    }
    let mut keys: Vec<(K, u32)> = candidates
        .iter()
        .map(|candidate| (key(candidate.node), candidate.node))
        .collect();
    keys.sort_unstable();
    keys.windows(2).find_map(|pair| match pair {
        [(first, _), (second, later)] if first == second => Some(*later),
        _ => None,
    })
}

/// Mixes the first and the last eight bytes and the length: what tells field names apart.
#[inline]
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
