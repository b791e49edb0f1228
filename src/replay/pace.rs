//! Which exchanges are kept: a sample that no client and no kind of request fills alone.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::model::Timestamp;

/// How many exchanges of one client by one route are kept in a minute.
const OF_A_KIND: u32 = 4;
/// How many exchanges in all.
const OF_ALL: u32 = 20;
/// How many bytes: 180 MB a day at the most.
const BYTES: usize = 128 << 10;

/// What was kept in this minute.
#[derive(Default)]
pub(super) struct Pace {
    minute: i64,
    kept: HashMap<u64, u32>,
    all: u32,
    bytes: usize,
    hasher: RandomState,
}

impl Pace {
    /// Whether an exchange is kept that begins now; it counts if so.
    pub(super) fn takes(&mut self, (client, route): (&str, &str), now: Timestamp) -> bool {
        let minute = now.seconds().div_euclid(60);
        if minute != self.minute {
            self.minute = minute;
            self.kept.clear();
            (self.all, self.bytes) = (0, 0);
        }
        if self.all >= OF_ALL || self.bytes >= BYTES {
            return false;
        }
        let kind = self.hasher.hash_one((client, route));
        let kept = self.kept.entry(kind).or_default();
        if *kept >= OF_A_KIND {
            return false;
        }
        *kept += 1;
        self.all += 1;
        true
    }

    /// What it took.
    pub(super) fn took(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }
}
