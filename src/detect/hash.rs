//! A hash for tables that are filled from the lexicon alone.
//!
//! A text can only look into them, so nobody can fill a bucket from outside and a plain
//! multiplicative hash (FxHash's) is safe. It is also what the model's features are named by, so
//! it must not change without training again.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

/// A table keyed by words or symbols.
pub(super) type Table<K, V> = HashMap<K, V, BuildHasherDefault<Fx>>;

const FACTOR: u64 = 0x517c_c1b7_2722_0a95;

/// The state of the hash.
#[derive(Clone, Copy, Default)]
pub(super) struct Fx(u64);

impl Fx {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    }
}

impl Hasher for Fx {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (slot, byte) in word.iter_mut().zip(chunk) {
                *slot = *byte;
            }
            self.add(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn write_u32(&mut self, word: u32) {
        self.add(u64::from(word));
    }

    fn finish(&self) -> u64 {
        // The multiplication leaves its best bits at the top; tables look at the bottom.
        self.0 ^ (self.0 >> 32)
    }
}

/// The hash of several byte strings, one after the other.
pub(super) fn of(parts: &[&[u8]]) -> u64 {
    let mut hash = Fx::default();
    for part in parts {
        hash.write(part);
        hash.write_u8(0xff);
    }
    hash.finish()
}

/// The hash of how a value is written for debugging; nothing is put together for it.
pub(super) fn of_debug(value: &impl fmt::Debug) -> u64 {
    struct Sink(Fx);
    impl fmt::Write for Sink {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            for byte in part.bytes() {
                self.0.write_u8(byte);
            }
            Ok(())
        }
    }
    let mut sink = Sink(Fx::default());
    // A sink that takes everything does not fail.
    let _ = fmt::write(&mut sink, format_args!("{value:?}"));
    sink.0.finish()
}
