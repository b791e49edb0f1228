//! How much memory all request bodies together may take (faults.csv, D24).

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of bodies that are held just now. Shared by all workers.
#[derive(Debug, Default)]
pub(super) struct Budget(AtomicUsize);

/// What one exchange has taken; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Lease {
    budget: Arc<Budget>,
    taken: Cell<usize>,
    most: usize,
}

/// All of the budget is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Exhausted;

impl Lease {
    /// A lease on a budget of `most` bytes over all exchanges.
    pub(super) fn new(budget: &Arc<Budget>, most: usize) -> Self {
        Self {
            budget: budget.clone(),
            taken: Cell::new(0),
            most,
        }
    }

    /// Takes what is missing to hold `bytes` in all.
    pub(super) fn reach(&self, bytes: usize) -> Result<(), Exhausted> {
        let missing = bytes.saturating_sub(self.taken.get());
        let all = &self.budget.0;
        let fits = all.try_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
            taken
                .checked_add(missing)
                .filter(|taken| *taken <= self.most)
        });
        if fits.is_err() {
            return Err(Exhausted);
        }
        self.taken.set(self.taken.get() + missing);
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.budget.0.fetch_sub(self.taken.get(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_exchange_holds_the_next_must_wait_for() {
        let budget = Arc::new(Budget::default());
        let first = Lease::new(&budget, 100);
        let second = Lease::new(&budget, 100);
        assert_eq!(first.reach(40), Ok(()));
        assert_eq!(first.reach(60), Ok(()));
        assert_eq!(second.reach(41), Err(Exhausted));
        assert_eq!(second.reach(40), Ok(()));
        drop(first);
        assert_eq!(second.reach(100), Ok(()));
        drop(second);
        assert_eq!(budget.0.load(Ordering::Relaxed), 0);
    }
}
