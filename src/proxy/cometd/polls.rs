//! How many polls may wait at one time: of one client, and in all.
//!
//! Each has a connection to the CRM, whose clients all are one user's there.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A client has one poll for each of its connections; some pages have several.
const OF_ONE: usize = 16;
/// Each takes two descriptors and at most 16 KiB of what was asked.
const OF_ALL: usize = 512;

/// Counts polls. Shared by all workers.
#[derive(Debug, Default)]
pub struct Polls(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    all: usize,
    by_client: HashMap<String, usize>,
}

/// One poll; dropping it makes room.
#[derive(Debug)]
pub(super) struct Place<'p> {
    polls: &'p Polls,
    client: String,
}

impl Polls {
    /// Room for one more poll of a client, or none.
    pub(super) fn take(&self, client: &str) -> Option<Place<'_>> {
        let mut waiting = self.waiting();
        let of_one = waiting.by_client.get(client).copied().unwrap_or(0);
        if waiting.all >= OF_ALL || of_one >= OF_ONE {
            return None;
        }
        waiting.all += 1;
        waiting.by_client.insert(client.to_owned(), of_one + 1);
        Some(Place {
            polls: self,
            client: client.to_owned(),
        })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.polls.waiting();
        waiting.all = waiting.all.saturating_sub(1);
        if let Some(count) = waiting.by_client.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                waiting.by_client.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_over_its_limit_waits_until_one_of_its_polls_ends_and_others_do_not() {
        let polls = Polls::default();
        let mut places: Vec<_> = (0..OF_ONE).map(|_| polls.take("one").unwrap()).collect();
        assert!(polls.take("one").is_none());
        assert!(polls.take("two").is_some());
        places.pop();
        assert!(polls.take("one").is_some());
        drop(places);
        assert!(polls.waiting().by_client.is_empty());
        assert_eq!(polls.waiting().all, 0);
    }

    #[test]
    fn all_clients_together_have_a_limit() {
        let polls = Polls::default();
        let names: Vec<String> = (0..OF_ALL).map(|number| number.to_string()).collect();
        let places: Vec<_> = names.iter().map(|name| polls.take(name).unwrap()).collect();
        assert!(polls.take("another").is_none());
        drop(places);
        assert!(polls.take("another").is_some());
    }
}
