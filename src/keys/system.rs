//! The machine's own clock and randomness.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand;
use zeroize::{Zeroize, Zeroizing};

use crate::model::{Clock, Entropy, NoEntropy, Timestamp};

/// How many random bytes are drawn at once: a draw costs as much as sealing six values.
const BLOCK: usize = 4096;
/// How long a drawn block may wait, in milliseconds. A copy of the machine (a snapshot restored, a
/// clone) holds the same block: were it kept, both would use the same nonces under the same keys.
const KEEP: i64 = 1000;

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock that others take"
        )]
        let now = SystemTime::now();
        let millis = match now.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis)
            }
        };
        Timestamp(millis)
    }
}

/// The generator of aws-lc (CTR-DRBG, seeded by the operating system), drawn from in blocks.
pub struct SystemEntropy {
    block: Mutex<Block>,
    clock: Box<dyn Clock>,
}

struct Block {
    bytes: Zeroizing<Vec<u8>>,
    drawn: Timestamp,
}

impl SystemEntropy {
    fn with_clock(clock: impl Clock + 'static) -> Self {
        Self {
            block: Mutex::new(Block {
                bytes: Zeroizing::new(Vec::new()),
                drawn: Timestamp::default(),
            }),
            clock: Box::new(clock),
        }
    }
}

impl Default for SystemEntropy {
    fn default() -> Self {
        Self::with_clock(SystemClock)
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
        if out.len() > BLOCK / 8 {
            return rand::fill(out).map_err(|_| NoEntropy);
        }
        let now = self.clock.now();
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.0.saturating_sub(block.drawn.0);
        if block.bytes.len() < out.len() || !(0..=KEEP).contains(&age) {
            block.bytes.zeroize();
            let mut fresh = Zeroizing::new(vec![0; BLOCK]);
            rand::fill(&mut fresh).map_err(|_| NoEntropy)?;
            block.bytes = fresh;
            block.drawn = now;
        }
        // Taken from the end: what was given away no longer lies in the block.
        let rest = block.bytes.len() - out.len();
        let given = block.bytes.get_mut(rest..).ok_or(NoEntropy)?;
        out.copy_from_slice(given);
        given.zeroize();
        block.bytes.truncate(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Clone, Default)]
    struct Hand(Arc<AtomicI64>);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn nonces_do_not_repeat_within_and_across_blocks() {
        let entropy = SystemEntropy::default();
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let mut nonce = [0; 12];
            entropy.fill(&mut nonce).unwrap();
            assert!(seen.insert(nonce));
        }
    }

    #[test]
    fn a_block_that_waited_is_thrown_away() {
        let clock = Hand::default();
        let entropy = SystemEntropy::with_clock(clock.clone());
        let left = || entropy.block.lock().unwrap().bytes.len();
        entropy.fill(&mut [0; 12]).unwrap();
        entropy.fill(&mut [0; 12]).unwrap();
        assert_eq!(left(), BLOCK - 24, "the same block serves both");

        for jump in [KEEP + 1, -5] {
            clock.0.fetch_add(jump, Ordering::Relaxed);
            entropy.fill(&mut [0; 12]).unwrap();
            assert_eq!(left(), BLOCK - 12, "after {jump} ms a new block serves");
        }
    }

    #[test]
    fn a_long_draw_is_filled_wholly() {
        let entropy = SystemEntropy::default();
        let mut long = vec![0; 10_000];
        entropy.fill(&mut long).unwrap();
        let zeros = long.iter().filter(|byte| **byte == 0).count();
        assert!(zeros < 200, "{zeros} zero bytes of 10,000");
    }

    #[test]
    fn the_clock_stands_after_the_year_2025() {
        assert!(SystemClock.now().seconds() > 1_750_000_000);
    }
}
