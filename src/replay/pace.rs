//! Which exchanges are kept: a sample that no client and no kind of request fills alone.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::model::Timestamp;

/// How many exchanges of one client by one route are kept in a minute.
const OF_A_KIND: u32 = 4;
/// How many of one client.
const OF_A_CLIENT: u32 = 8;
/// How many exchanges in all.
const OF_ALL: u32 = 20;
/// How many bytes: 180 MB a day at the most, and what the last exchange of each minute is longer.
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
        let (kind, whose) = (
            self.hasher.hash_one((client, route)),
            self.hasher.hash_one(client),
        );
        let of = |what| self.kept.get(&what).copied().unwrap_or_default();
        let room = self.all < OF_ALL && self.bytes < BYTES;
        if !room || of(kind) >= OF_A_KIND || of(whose) >= OF_A_CLIENT {
            return false;
        }
        *self.kept.entry(kind).or_default() += 1;
        *self.kept.entry(whose).or_default() += 1;
        self.all += 1;
        true
    }

    /// Whether there is room for this many bytes still. Several exchanges may have begun while there
    /// was room for one.
    pub(super) fn took(&mut self, bytes: usize) -> bool {
        let room = self.bytes < BYTES;
        self.bytes = self.bytes.saturating_add(bytes);
        room
    }
}
