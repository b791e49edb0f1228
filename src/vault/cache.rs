//! What was read, kept; and what was removed, kept from coming back.

use std::collections::{HashSet, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::Weighter;
use quick_cache::sync::Cache as Sharded;

/// How many removals are remembered for reads that began before them.
const RECENT: usize = 1 << 16;

/// What an entry costs besides its value: its struct, its key's share, the cache's own book.
const ENTRY: u64 = 256;

pub(super) trait Weighs {
    /// Bytes of content.
    fn weight(&self) -> usize;
    /// Whether it holds something of this subject.
    fn is_of(&self, subject: u64) -> bool;
}

#[derive(Clone, Debug)]
struct ByBytes;

impl<K, V: Weighs> Weighter<K, Arc<V>> for ByBytes {
    fn weight(&self, _key: &K, value: &Arc<V>) -> u64 {
        ENTRY + value.weight() as u64
    }
}

/// Limited by weight, sharded, and closed to stale reads: a read that began before an entry was
/// removed cannot put it back.
pub(super) struct Cache<K: Eq + Hash, V: Weighs> {
    entries: Sharded<K, Arc<V>, ByBytes>,
    removals: Mutex<Removals<K>>,
}

struct Removals<K> {
    /// The number of the next removal.
    next: u64,
    /// Reads that began before this removal are not admitted at all.
    floor: u64,
    /// The keys of the removals `next - recent.len() .. next`.
    recent: VecDeque<K>,
}

impl<K: Clone + Eq + Hash, V: Weighs> Cache<K, V> {
    pub(super) fn new(bytes: u64) -> Self {
        let entries = usize::try_from(bytes / (2 * ENTRY)).unwrap_or(usize::MAX);
        Self {
            entries: Sharded::with_weighter(entries, bytes, ByBytes),
            removals: Mutex::new(Removals {
                next: 1,
                floor: 0,
                recent: VecDeque::new(),
            }),
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<Arc<V>> {
        self.entries.get(key)
    }

    pub(super) fn weight(&self) -> u64 {
        self.entries.weight()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// To be taken before a read begins, and given to [`Self::fill`] after it.
    pub(super) fn mark(&self) -> u64 {
        self.lock().next
    }

    /// Takes what was read since `mark`, but for what was removed meanwhile.
    pub(super) fn fill(&self, mark: u64, read: impl IntoIterator<Item = (K, Arc<V>)>) {
        // Held while inserting: a removal between the check and the insertion would be undone.
        let removals = self.lock();
        let remembered = removals.next - removals.recent.len() as u64;
        if mark < removals.floor || mark < remembered {
            return;
        }
        let skip = usize::try_from(mark - remembered).unwrap_or(usize::MAX);
        let gone: HashSet<&K> = removals.recent.iter().skip(skip).collect();
        for (key, value) in read {
            if !gone.contains(&key) {
                self.entries.insert(key, value);
            }
        }
    }

    /// To be called after the removal is on disk and before it is acknowledged.
    pub(super) fn remove(&self, keys: impl IntoIterator<Item = K>) {
        let mut removals = self.lock();
        for key in keys {
            self.entries.remove(&key);
            removals.next += 1;
            removals.recent.push_back(key);
            if removals.recent.len() > RECENT {
                removals.recent.pop_front();
            }
        }
    }

    pub(super) fn remove_subject(&self, subject: u64) {
        let mut removals = self.lock();
        removals.next += 1;
        removals.floor = removals.next;
        removals.recent.clear();
        self.entries.retain(|_, value| !value.is_of(subject));
    }

    fn lock(&self) -> MutexGuard<'_, Removals<K>> {
        self.removals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weighs for u64 {
        fn weight(&self) -> usize {
            8
        }

        fn is_of(&self, subject: u64) -> bool {
            *self == subject
        }
    }

    fn one(key: u64) -> [(u64, Arc<u64>); 1] {
        [(key, Arc::new(key))]
    }

    #[test]
    fn a_read_that_began_before_a_removal_does_not_bring_it_back() {
        let cache: Cache<u64, u64> = Cache::new(1 << 20);
        let before = cache.mark();
        cache.remove([1]);
        cache.fill(before, one(1).into_iter().chain(one(2)));
        assert!(cache.get(&1).is_none() && cache.get(&2).is_some());
        cache.fill(cache.mark(), one(1));
        assert!(cache.get(&1).is_some(), "a later read may");
    }

    #[test]
    fn no_read_that_began_before_a_subject_went_is_taken() {
        let cache: Cache<u64, u64> = Cache::new(1 << 20);
        cache.fill(cache.mark(), one(1).into_iter().chain(one(2)));
        let before = cache.mark();
        cache.remove_subject(1);
        assert!(cache.get(&1).is_none() && cache.get(&2).is_some());
        cache.fill(before, one(3));
        assert!(cache.get(&3).is_none());
        cache.fill(cache.mark(), one(3));
        assert!(cache.get(&3).is_some());
    }

    #[test]
    fn removals_beyond_memory_close_the_cache_to_old_reads() {
        let cache: Cache<u64, u64> = Cache::new(1 << 20);
        let before = cache.mark();
        cache.remove(0..=RECENT as u64);
        cache.fill(before, one(u64::MAX));
        assert!(cache.get(&u64::MAX).is_none());
    }

    #[test]
    fn weight_stays_under_its_limit() {
        let cache: Cache<u64, u64> = Cache::new(1 << 16);
        for key in 0..10_000 {
            cache.fill(cache.mark(), one(key));
        }
        assert!(cache.weight() <= 1 << 16 && cache.len() > 50);
    }
}
