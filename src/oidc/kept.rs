//! What the provider says of itself, kept for a while. Anybody can have it asked for without having
//! signed in, so one asks at a time, few wait for that, and after a failure nobody asks for a moment:
//! a provider that is slow must not hold the threads on which others sign in.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{Clock, Timestamp};
use crate::oidc::Error;

/// How long it is used before it is asked for again, in seconds.
const KEPT: i64 = 10 * 60;
/// How long after a failure it is not asked for again, in seconds.
const AFTER_FAILURE: i64 = 10;
/// Who asks, and who waits for the answer; more are turned away.
const WAITING: usize = 8;

pub(super) struct Kept<T> {
    known: Mutex<Known<T>>,
    turn: Mutex<()>,
    waiting: AtomicUsize,
}

struct Known<T> {
    found: Option<(Timestamp, T)>,
    failed: Option<Timestamp>,
}

impl<T: Clone> Kept<T> {
    pub fn new() -> Self {
        Self {
            known: Mutex::new(Known {
                found: None,
                failed: None,
            }),
            turn: Mutex::default(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// What is kept, or what `ask` gives. Blocks while it is asked for.
    pub fn get(
        &self,
        clock: &dyn Clock,
        ask: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        if let Some(known) = self.known(clock.now()) {
            return known;
        }
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let result = if before < WAITING {
            self.in_turn(clock, ask)
        } else {
            Err(Error::Away("others ask it already"))
        };
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        result
    }

    /// The next one asks anew.
    pub fn forget(&self) {
        self.lock().found = None;
    }

    fn in_turn(
        &self,
        clock: &dyn Clock,
        ask: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = clock.now();
        // Who had the turn before has asked for this one too.
        if let Some(known) = self.known(begun) {
            return known;
        }
        let answer = ask();
        let mut known = self.lock();
        match &answer {
            Ok(found) => known.found = Some((begun, found.clone())),
            Err(_) => known.failed = Some(clock.now()),
        }
        answer
    }

    fn known(&self, now: Timestamp) -> Option<Result<T, Error>> {
        let known = self.lock();
        let within = |at: Timestamp, seconds| (at..at.plus_seconds(seconds)).contains(&now);
        match (&known.found, known.failed) {
            (Some((at, found)), _) if within(*at, KEPT) => Some(Ok(found.clone())),
            (_, Some(at)) if within(at, AFTER_FAILURE) => {
                Some(Err(Error::Away("it could not be asked a moment ago")))
            }
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known<T>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;
    use std::sync::{Barrier, mpsc};
    use std::thread;

    use super::*;

    struct Hand(AtomicI64);

    impl Hand {
        fn forward(&self, seconds: i64) {
            self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::SeqCst))
        }
    }

    fn hand() -> Hand {
        Hand(AtomicI64::new(1_800_000_000_000))
    }

    fn away() -> Result<u32, Error> {
        Err(Error::Away("it does not answer"))
    }

    #[test]
    fn what_was_found_is_used_for_a_while_and_then_asked_for_again() {
        let (kept, clock) = (Kept::new(), hand());
        assert_eq!(kept.get(&clock, || Ok(1)).unwrap(), 1);
        clock.forward(KEPT - 1);
        assert_eq!(kept.get(&clock, || Ok(2)).unwrap(), 1);
        clock.forward(1);
        assert_eq!(kept.get(&clock, || Ok(3)).unwrap(), 3);
        kept.forget();
        assert_eq!(kept.get(&clock, || Ok(4)).unwrap(), 4);
    }

    #[test]
    fn after_a_failure_nobody_asks_for_a_moment() {
        let (kept, clock) = (Kept::new(), hand());
        assert!(kept.get(&clock, away).is_err());
        clock.forward(AFTER_FAILURE - 1);
        assert!(kept.get(&clock, || Ok(1)).is_err());
        clock.forward(1);
        assert_eq!(kept.get(&clock, || Ok(2)).unwrap(), 2);
        // What was found holds, whatever failed before it.
        assert_eq!(kept.get(&clock, away).unwrap(), 2);
    }

    #[test]
    fn while_one_asks_few_wait_and_the_others_are_turned_away() {
        let (kept, clock, asked) = (Kept::new(), hand(), AtomicUsize::new(0));
        let (release, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let (begun, turned_away) = (Barrier::new(2), AtomicUsize::new(0));
        let ask = || {
            if asked.fetch_add(1, Ordering::SeqCst) == 0 {
                begun.wait();
                held.lock().unwrap().recv().unwrap();
            }
            Ok(7)
        };
        thread::scope(|scope| {
            let first = scope.spawn(|| kept.get(&clock, ask));
            begun.wait();
            let (ended, ends) = mpsc::channel();
            for _ in 0..40 {
                let ended = ended.clone();
                let (kept, clock) = (&kept, &clock);
                scope.spawn(move || ended.send(kept.get(clock, ask).ok()).unwrap());
            }
            // All but those who may wait end while the provider still says nothing.
            for _ in 0..40 - (WAITING - 1) {
                assert_eq!(ends.recv().unwrap(), None);
                turned_away.fetch_add(1, Ordering::SeqCst);
            }
            release.send(()).unwrap();
            assert_eq!(first.join().unwrap().unwrap(), 7);
            for _ in 0..WAITING - 1 {
                assert_eq!(ends.recv().unwrap(), Some(7));
            }
        });
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(turned_away.load(Ordering::SeqCst), 40 - (WAITING - 1));
    }
}
