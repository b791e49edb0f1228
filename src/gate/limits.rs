//! How often: requests of a client, sign-ins of a source, tries after failures. Memory is bounded.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::gate::credential::Hash;
use crate::model::{Clock, Timestamp};

/// Sources and failures that are remembered, each.
const REMEMBERED: usize = 20_000;
/// Failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 5;
/// The longest wait after failures, and how long they are remembered, in seconds.
const LONGEST_WAIT: i64 = 900;

/// How many requests a client may make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pace {
    pub per_second: NonZeroU32,
    pub burst: NonZeroU32,
}

pub(in crate::gate) type Limiter =
    RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;
type AccountLimiter =
    RateLimiter<(Hash, IpAddr), HashMapStateStore<(Hash, IpAddr)>, Ticks, NoOpMiddleware<Nanos>>;
type SourceLimiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, Ticks, NoOpMiddleware<Nanos>>;

/// How often a minute somebody may try to sign in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignIns {
    /// As one account, from one source address (IPv6: one /64).
    pub account: NonZeroU32,
    /// From one source, whoever it is: an office is behind one.
    pub source: NonZeroU32,
    /// Altogether: more would take the machine from those who work.
    pub all: NonZeroU32,
}

pub(in crate::gate) struct Limits {
    ticks: Ticks,
    accounts: AccountLimiter,
    sources: SourceLimiter,
    all: Limiter,
    /// Shared by all sources that no longer fit into memory.
    other_sources: Limiter,
    clients: RwLock<HashMap<i64, (Pace, Arc<Limiter>)>>,
    failures: Mutex<Known>,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    blocked_until: Timestamp,
}

impl Limits {
    pub fn new(clock: Arc<dyn Clock>, sign_ins: &SignIns) -> Self {
        let ticks = Ticks(Arc::new(Steady::new(clock)));
        let quota = Quota::per_minute(sign_ins.source);
        let (account, all) = (
            Quota::per_minute(sign_ins.account),
            Quota::per_minute(sign_ins.all),
        );
        Self {
            accounts: RateLimiter::hashmap_with_clock(account, ticks.clone()),
            all: RateLimiter::direct_with_clock(all, ticks.clone()),
            sources: RateLimiter::hashmap_with_clock(quota, ticks.clone()),
            other_sources: RateLimiter::direct_with_clock(quota, ticks.clone()),
            clients: RwLock::default(),
            failures: Mutex::default(),
            ticks,
        }
    }

    /// Counts one step of signing in as somebody. Counted for names that do not exist as for those
    /// that do.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn sign_in_as(&self, claimed: Hash, source: IpAddr) -> Result<(), Duration> {
        self.sign_in(source)?;
        if self.accounts.len() >= REMEMBERED {
            self.accounts.retain_recent();
        }
        if self.accounts.len() >= REMEMBERED {
            return self.check(&self.other_sources);
        }
        self.accounts
            .check_key(&(claimed, network_of(source)))
            .map_err(|until| until.wait_time_from(self.ticks.now()))
    }

    /// Counts one step of signing in of which nobody knows as whom.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn sign_in(&self, source: IpAddr) -> Result<(), Duration> {
        self.check(&self.all)?;
        if self.sources.len() >= REMEMBERED {
            self.sources.retain_recent();
        }
        if self.sources.len() >= REMEMBERED {
            return self.check(&self.other_sources);
        }
        self.sources
            .check_key(&network_of(source))
            .map_err(|until| until.wait_time_from(self.ticks.now()))
    }

    /// Counts one request with a client's limiter.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn check(&self, limiter: &Limiter) -> Result<(), Duration> {
        limiter
            .check()
            .map_err(|until| until.wait_time_from(self.ticks.now()))
    }

    /// The limiter of a client: one for all its tokens, made anew when its pace changes.
    pub fn of_client(&self, client: i64, pace: Pace) -> Arc<Limiter> {
        let known = self.clients.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((known_pace, limiter)) = known.get(&client)
            && *known_pace == pace
        {
            return Arc::clone(limiter);
        }
        drop(known);
        let quota = Quota::per_second(pace.per_second).allow_burst(pace.burst);
        let limiter = Arc::new(RateLimiter::direct_with_clock(quota, self.ticks.clone()));
        let mut known = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        match known.get(&client) {
            Some((known_pace, other)) if *known_pace == pace => Arc::clone(other),
            _ => {
                known.insert(client, (pace, Arc::clone(&limiter)));
                limiter
            }
        }
    }

    /// Whether this source may try to be this client. Counted for names that do not exist as for
    /// those that do, so that the answer tells nothing; and by source, so that nobody can lock
    /// out a client from elsewhere.
    ///
    /// # Errors
    /// How long to wait.
    pub fn try_as(&self, claimed: Hash, source: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        blocked(&failures, claimed, source, now)
    }

    /// As [`Self::try_as`], and counts the try as failed in the same step: of tries in parallel
    /// none slips in between. [`Self::succeeded`] takes it back.
    ///
    /// # Errors
    /// How long to wait.
    pub fn begin(&self, claimed: Hash, source: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        blocked(&failures, claimed, source, now)?;
        count(&mut failures, claimed, source, now);
        Ok(())
    }

    pub fn failed(&self, claimed: Hash, source: IpAddr, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut failures, claimed, source, now);
    }

    pub fn succeeded(&self, claimed: Hash, source: IpAddr) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&(claimed, network_of(source)));
    }
}

type Known = HashMap<(Hash, IpAddr), Failures>;

fn blocked(
    failures: &Known,
    claimed: Hash,
    source: IpAddr,
    now: Timestamp,
) -> Result<(), Duration> {
    let longest = now.plus_seconds(LONGEST_WAIT);
    match failures.get(&(claimed, network_of(source))) {
        // A wait beyond the longest one means that the clock was set back since.
        Some(known) if now < known.blocked_until && known.blocked_until <= longest => {
            let wait = known.blocked_until.0.saturating_sub(now.0);
            Err(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
        }
        _ => Ok(()),
    }
}

fn count(failures: &mut Known, claimed: Hash, source: IpAddr, now: Timestamp) {
    if failures.len() >= REMEMBERED {
        failures.retain(|_, known| known.blocked_until.plus_seconds(LONGEST_WAIT) > now);
    }
    if failures.len() >= REMEMBERED {
        failures.clear();
    }
    let known = failures
        .entry((claimed, network_of(source)))
        .or_insert(Failures {
            count: 0,
            blocked_until: now,
        });
    if known.blocked_until.plus_seconds(LONGEST_WAIT) < now {
        known.count = 0;
    }
    known.count = known.count.saturating_add(1);
    known.blocked_until = now.plus_seconds(wait_after(known.count));
}

/// Seconds: nothing for the first few, then doubling.
fn wait_after(failures: u32) -> i64 {
    match failures.checked_sub(FREE_FAILURES) {
        None => 0,
        Some(beyond) => 1_i64
            .checked_shl(beyond.min(32))
            .unwrap_or(LONGEST_WAIT)
            .min(LONGEST_WAIT),
    }
}

/// What one holder of addresses has at least: an IPv4 address, or an IPv6 /64.
fn network_of(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
    }
}

/// Our clock as governor wants it.
#[derive(Clone)]
pub(in crate::gate) struct Ticks(Arc<Steady>);

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let milliseconds = u64::try_from(self.0.now()).unwrap_or(0);
        Nanos::new(milliseconds.saturating_mul(1_000_000))
    }
}

/// Wall time that does not go backwards. When the system's clock is set back, time goes on from
/// where it was; otherwise every limiter would stand still until the clock caught up.
struct Steady {
    clock: Arc<dyn Clock>,
    offset: AtomicI64,
    last: AtomicI64,
}

impl Steady {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let last = AtomicI64::new(clock.now().0);
        Self {
            clock,
            offset: AtomicI64::new(0),
            last,
        }
    }

    fn now(&self) -> i64 {
        const JUMP: i64 = 1000;
        let wall = self.clock.now().0;
        let now = wall.saturating_add(self.offset.load(Ordering::Relaxed));
        let last = self.last.fetch_max(now, Ordering::Relaxed);
        if now.saturating_add(JUMP) < last {
            // Two threads that both see the jump move time ahead once too often: limits then
            // refill early, once.
            self.offset.fetch_add(last - now, Ordering::Relaxed);
        }
        now.max(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::tests::Hand;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn limits(clock: &Arc<Hand>) -> Limits {
        let of = |number| NonZeroU32::new(number).unwrap();
        let sign_ins = SignIns {
            account: of(2),
            source: of(3),
            all: of(40_000),
        };
        Limits::new(Arc::clone(clock) as Arc<dyn Clock>, &sign_ins)
    }

    #[test]
    fn a_source_signs_in_so_often_a_minute_and_another_source_is_not_hurt() {
        let clock = Arc::new(Hand::new());
        let limits = limits(&clock);
        for _ in 0..3 {
            assert!(limits.sign_in(HERE).is_ok());
        }
        assert!(limits.sign_in(HERE).is_err());
        assert!(limits.sign_in("192.0.2.2".parse().unwrap()).is_ok());
        clock.forward(60);
        assert!(limits.sign_in(HERE).is_ok());
    }

    #[test]
    fn an_account_is_limited_by_itself_and_a_source_by_all_of_its_accounts() {
        let clock = Arc::new(Hand::new());
        let limits = limits(&clock);
        let (one, other) = ([1; 32], [2; 32]);
        assert!(limits.sign_in_as(one, HERE).is_ok());
        assert!(limits.sign_in_as(one, HERE).is_ok());
        assert!(limits.sign_in_as(one, HERE).is_err());
        let elsewhere = "192.0.2.2".parse().unwrap();
        assert!(limits.sign_in_as(one, elsewhere).is_ok());
        // The third of this source is used up by the refused try.
        assert!(limits.sign_in_as(other, HERE).is_err());
        assert!(limits.sign_in_as(other, elsewhere).is_ok());
    }

    #[test]
    fn all_together_are_bounded_too() {
        let clock = Arc::new(Hand::new());
        let of = |number| NonZeroU32::new(number).unwrap();
        let sign_ins = SignIns {
            account: of(9),
            source: of(9),
            all: of(2),
        };
        let limits = Limits::new(Arc::clone(&clock) as Arc<dyn Clock>, &sign_ins);
        for (source, fits) in [
            ("192.0.2.1", true),
            ("192.0.2.2", true),
            ("192.0.2.3", false),
        ] {
            let source = source.parse().unwrap();
            assert_eq!(limits.sign_in(source).is_ok(), fits, "{source}");
        }
        clock.forward(60);
        assert!(limits.sign_in(HERE).is_ok());
    }

    #[test]
    fn all_addresses_of_one_64_are_one_source_and_a_mapped_one_is_its_ipv4() {
        let one = network_of("2001:db8:0:1::1".parse().unwrap());
        assert_eq!(one, network_of("2001:db8:0:1:ffff::9".parse().unwrap()));
        assert_ne!(one, network_of("2001:db8:0:2::1".parse().unwrap()));
        assert_eq!(network_of("::ffff:192.0.2.1".parse().unwrap()), HERE);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_anybody() {
        let clock = Arc::new(Hand::new());
        let limits = limits(&clock);
        clock.forward(-86_400);
        for _ in 0..3 {
            assert!(limits.sign_in(HERE).is_ok());
        }
        clock.forward(60);
        assert!(limits.sign_in(HERE).is_ok());
    }

    #[test]
    fn failures_make_wait_longer_and_longer_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=20).map(wait_after).collect();
        assert_eq!(waits[..6], [0, 0, 0, 0, 1, 2]);
        assert!(waits.is_sorted() && waits[19] == 900);
    }

    #[test]
    fn a_source_that_failed_waits_and_another_one_does_not() {
        let clock = Arc::new(Hand::new());
        let limits = limits(&clock);
        for _ in 0..8 {
            limits.failed([1; 32], HERE, clock.now());
        }
        assert!(limits.try_as([1; 32], HERE, clock.now()).is_err());
        assert!(limits.try_as([2; 32], HERE, clock.now()).is_ok());
        let elsewhere = "192.0.2.2".parse().unwrap();
        assert!(limits.try_as([1; 32], elsewhere, clock.now()).is_ok());
        clock.forward(900);
        assert!(limits.try_as([1; 32], HERE, clock.now()).is_ok());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let clock = Arc::new(Hand::new());
        let limits = limits(&clock);
        for number in 0..u32::try_from(REMEMBERED).unwrap() + 100 {
            let source = IpAddr::V4(std::net::Ipv4Addr::from_bits(number));
            let _ = limits.sign_in(source);
            limits.failed([0; 32], source, clock.now());
        }
        assert!(limits.sources.len() <= REMEMBERED);
        assert!(limits.failures.lock().unwrap().len() <= REMEMBERED);
    }
}
