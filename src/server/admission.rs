//! How many connections may be open: over all workers, and of one source.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::server::settings::Limits;

/// Counts open connections. Shared by all workers.
#[derive(Debug, Default)]
pub(super) struct Admission {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_source: HashMap<IpAddr, usize>,
}

/// One open connection; dropping it makes room.
#[derive(Debug)]
pub(super) struct Slot {
    admission: Arc<Admission>,
    source: IpAddr,
}

impl Admission {
    /// Room for one more connection of `address`, or `None`.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr, limits: &Limits) -> Option<Slot> {
        let source = source(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_source = open.by_source.get(&source).copied().unwrap_or(0);
        if open.total >= limits.connections || of_source >= limits.connections_per_source {
            return None;
        }
        open.total += 1;
        open.by_source.insert(source, of_source + 1);
        Some(Slot {
            admission: self.clone(),
            source,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self
            .admission
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        open.total = open.total.saturating_sub(1);
        if let Some(count) = open.by_source.get_mut(&self.source) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.by_source.remove(&self.source);
            }
        }
    }
}

/// Whom an address stands for. One subscriber of IPv6 has at least a /64 to take addresses from.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(connections: usize, connections_per_source: usize) -> Limits {
        Limits {
            connections,
            connections_per_source,
            ..Limits::default()
        }
    }

    #[test]
    fn a_source_over_its_limit_waits_until_one_of_its_connections_ends() {
        let admission = Arc::new(Admission::default());
        let limits = limits(10, 1);
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        let slot = admission.admit(one, &limits);
        assert!(slot.is_some());
        assert!(admission.admit(mapped, &limits).is_none());
        assert!(
            admission
                .admit("192.0.2.2".parse().unwrap(), &limits)
                .is_some()
        );
        drop(slot);
        assert!(admission.admit(mapped, &limits).is_some());
    }

    #[test]
    fn a_64_of_ipv6_is_one_source() {
        let admission = Arc::new(Admission::default());
        let limits = limits(10, 1);
        let _slot = admission.admit("2001:db8::1".parse().unwrap(), &limits);
        assert!(
            admission
                .admit("2001:db8::2".parse().unwrap(), &limits)
                .is_none()
        );
        assert!(
            admission
                .admit("2001:db8:0:1::2".parse().unwrap(), &limits)
                .is_some()
        );
    }

    #[test]
    fn the_total_is_limited_over_all_sources() {
        let admission = Arc::new(Admission::default());
        let limits = limits(1, 1);
        let slot = admission.admit("192.0.2.1".parse().unwrap(), &limits);
        assert!(
            admission
                .admit("192.0.2.2".parse().unwrap(), &limits)
                .is_none()
        );
        drop(slot);
        assert!(
            admission
                .admit("192.0.2.2".parse().unwrap(), &limits)
                .is_some()
        );
    }
}
