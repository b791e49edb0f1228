//! A request's body: whole, or part by part for what is not kept in memory; within a size and a pace.

use std::cell::RefCell;
use std::fmt::{self, Debug, Formatter};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use crate::server::budget::{Budget, Exhausted, Lease};
use crate::server::h1::Wire;
use crate::server::settings::Limits;

/// Reads a body when its handler asks for it, so that nobody unknown fills our memory.
pub struct BodyReader {
    source: Source,
    most: usize,
    begun: bool,
    pace: Pace,
    lease: Rc<Lease>,
}

enum Source {
    Whole(Bytes),
    /// The connection itself, which its loop takes back after the answer.
    Http1(Rc<RefCell<Option<Wire>>>),
    /// The stream's data, whose rest [`throw_away`] takes before the answer goes out.
    Http2(Rc<RefCell<Option<Incoming>>>),
}

/// Why a body could not be read. `respond::body_error` makes the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BodyError {
    #[error("the body is too large")]
    TooLarge,
    #[error("{0}")]
    Malformed(&'static str),
    #[error("the body came too slowly")]
    Slow,
    /// All bodies together are too large just now.
    #[error("too much is being read just now")]
    Busy,
    /// The client went away.
    #[error("the body did not come whole")]
    Gone,
}

impl From<Exhausted> for BodyError {
    fn from(_: Exhausted) -> Self {
        Self::Busy
    }
}

impl BodyReader {
    /// A body that is here already.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self {
            source: Source::Whole(bytes),
            most: usize::MAX,
            begun: false,
            pace: Pace::new(&Limits::default()),
            lease: Rc::new(Lease::new(&Arc::new(Budget::default()), usize::MAX)),
        }
    }

    pub(super) fn http1(
        wire: Rc<RefCell<Option<Wire>>>,
        limits: &Limits,
        lease: Rc<Lease>,
    ) -> Self {
        Self {
            source: Source::Http1(wire),
            most: limits.body_bytes,
            begun: false,
            pace: Pace::new(limits),
            lease,
        }
    }

    pub(super) fn http2(
        incoming: Rc<RefCell<Option<Incoming>>>,
        limits: &Limits,
        lease: Rc<Lease>,
    ) -> Self {
        Self {
            source: Source::Http2(incoming),
            most: limits.body_bytes,
            begun: false,
            pace: Pace::new(limits),
            lease,
        }
    }

    /// The next bytes of a body that is not kept whole; `None` at its end. Whoever asks says when it
    /// is too large: the server's own limit is for what it keeps.
    ///
    /// # Errors
    /// As [`Self::read`]. It is to be asked no more then.
    pub async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        match std::mem::replace(&mut self.begun, true) {
            true => self.pace.goes_on(),
            false => self.pace.start(),
        }
        let deadline = self.pace.due();
        let next = match &mut self.source {
            Source::Whole(bytes) => Ok(Some(std::mem::take(bytes)).filter(|part| !part.is_empty())),
            Source::Http1(slot) => {
                // Dropped half-way, the wire is lost and its connection closes.
                let taken = slot.borrow_mut().take();
                let Some(mut wire) = taken else {
                    return Err(BodyError::Gone);
                };
                let next = wire.next(deadline).await;
                *slot.borrow_mut() = Some(wire);
                next
            }
            Source::Http2(slot) => {
                let taken = slot.borrow_mut().take();
                let Some(mut incoming) = taken else {
                    return Err(BodyError::Gone);
                };
                let next = part(&mut incoming, deadline).await;
                *slot.borrow_mut() = Some(incoming);
                next
            }
        };
        self.pace.came(
            next.as_ref()
                .map_or(0, |bytes| bytes.as_ref().map_or(0, Bytes::len)),
        );
        next
    }

    /// Says how many bytes of it are kept in memory by whoever asks for its parts. They count among
    /// all bodies that are held.
    ///
    /// # Errors
    /// [`BodyError::Busy`].
    pub fn keep(&self, bytes: usize) -> Result<(), BodyError> {
        Ok(self.lease.reach(bytes)?)
    }

    /// The whole body, of at most `limit` bytes and at most what the server takes.
    ///
    /// # Errors
    /// A [`BodyError`]; nothing of the body is to be used then, and the connection closes.
    pub async fn read(mut self, limit: usize) -> Result<Bytes, BodyError> {
        let limit = limit.min(self.most);
        self.pace.start();
        match self.source {
            Source::Whole(bytes) if bytes.len() > limit => Err(BodyError::TooLarge),
            Source::Whole(bytes) => Ok(bytes),
            Source::Http1(slot) => {
                // Dropped half-way, the wire is lost and its connection closes.
                let taken = slot.borrow_mut().take();
                let Some(mut wire) = taken else {
                    return Err(BodyError::Gone);
                };
                let body = wire.body(limit, &self.pace, &self.lease).await;
                *slot.borrow_mut() = Some(wire);
                body
            }
            Source::Http2(slot) => {
                let taken = slot.borrow_mut().take();
                let Some(mut incoming) = taken else {
                    return Err(BodyError::Gone);
                };
                let body = collect(&mut incoming, limit, &self.pace, &self.lease).await;
                *slot.borrow_mut() = Some(incoming);
                body
            }
        }
    }
}

/// A body that has been taken.
impl Default for BodyReader {
    fn default() -> Self {
        Self::whole(Bytes::new())
    }
}

impl Debug for BodyReader {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("BodyReader(..)")
    }
}

async fn collect(
    incoming: &mut Incoming,
    limit: usize,
    pace: &Pace,
    lease: &Lease,
) -> Result<Bytes, BodyError> {
    if usize::try_from(incoming.size_hint().lower()).map_or(true, |known| known > limit) {
        return Err(BodyError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(data) = part(incoming, pace.deadline(body.len())).await? {
        if data.len() > limit - body.len() {
            return Err(BodyError::TooLarge);
        }
        lease.reach(body.len() + data.len())?;
        body.extend_from_slice(&data);
    }
    Ok(body.freeze())
}

/// Reads what a client still sends of a body that nobody wants, so that it reads its answer: a stream
/// that is answered before its end is reset then (RFC 9113, section 8.1), and some clients take the
/// reset for the answer. What is larger or slower than this is reset.
pub(super) async fn throw_away(mut incoming: Incoming) {
    const LONGEST: Duration = Duration::from_secs(1);
    const MOST: usize = 256 * 1024;
    let deadline = Instant::now() + LONGEST;
    let mut thrown_away = 0;
    while thrown_away < MOST && !incoming.is_end_stream() {
        match part(&mut incoming, deadline).await {
            Ok(Some(data)) => thrown_away += data.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

async fn part(incoming: &mut Incoming, deadline: Instant) -> Result<Option<Bytes>, BodyError> {
    let Ok(frame) = timeout_at(deadline, incoming.frame()).await else {
        return Err(BodyError::Slow);
    };
    match frame.map(|frame| frame.map(hyper::body::Frame::into_data)) {
        None => Ok(None),
        Some(Err(_)) => Err(BodyError::Gone),
        Some(Ok(Err(_))) => Err(BodyError::Malformed("trailers are not taken")),
        Some(Ok(Ok(data))) => Ok(Some(data)),
    }
}

/// How fast a body must come: no pause longer than the stall, and on the whole, after the stall as
/// grace, no slower than the floor.
///
/// Of a body that is given out in parts, only the time counts in which its next part is waited for,
/// and what came fast earns no more time than the stall: else its first megabytes would pay for hours.
#[derive(Debug)]
pub(super) struct Pace {
    start: Instant,
    /// Until when what came has paid, and when the last part was given out.
    paid: Instant,
    given: Instant,
    stall: Duration,
    floor: u32,
}

impl Pace {
    fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        Self {
            start: now,
            paid: now,
            given: now,
            stall: limits.body_stall,
            floor: limits.body_floor.max(1),
        }
    }

    fn start(&mut self) {
        self.start = Instant::now();
        self.paid = self.start;
    }

    /// The next part is waited for, after whoever asks had to do with the last one.
    fn goes_on(&mut self) {
        self.paid += self.given.elapsed();
    }

    /// By when the next part must be there.
    fn due(&self) -> Instant {
        (self.paid + self.stall).min(Instant::now() + self.stall)
    }

    /// So many bytes came.
    fn came(&mut self, bytes: usize) {
        self.given = Instant::now();
        self.paid = (self.paid + self.earned(bytes)).min(self.given + self.stall);
    }

    fn earned(&self, bytes: usize) -> Duration {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Duration::from_secs_f64(f64::from(bytes) / f64::from(self.floor))
    }

    /// By when the next bytes must be there, after `received` have come.
    pub(super) fn deadline(&self, received: usize) -> Instant {
        (self.start + self.stall + self.earned(received)).min(Instant::now() + self.stall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace() -> Pace {
        Pace::new(&Limits {
            body_stall: 10 * SECOND,
            body_floor: 1000,
            ..Limits::default()
        })
    }

    #[test]
    fn what_came_fast_pays_for_no_longer_than_the_stall() {
        let mut pace = pace();
        pace.start();
        let start = pace.start;
        pace.came(6 << 20);
        assert!(pace.paid <= pace.given + 10 * SECOND);
        // A byte at a time then, however soon before the stall is over.
        for _ in 0..3 {
            pace.given = Instant::now() - 9 * SECOND;
            let paid = pace.paid;
            pace.came(1);
            assert!(pace.paid <= paid + SECOND / 100);
        }
        assert!(pace.due() <= Instant::now() + 10 * SECOND);
        assert!(pace.paid < start + 21 * SECOND);
    }

    #[test]
    fn the_time_in_which_nobody_waits_for_a_part_does_not_count() {
        let mut pace = pace();
        pace.start();
        pace.came(10);
        let due = pace.paid;
        pace.given -= 60 * SECOND;
        pace.goes_on();
        assert!(pace.paid >= due + 60 * SECOND);
        assert!(pace.due() > Instant::now() + 9 * SECOND);
    }

    #[test]
    fn what_is_kept_of_a_body_counts_among_all_bodies() {
        let budget = Arc::new(Budget::default());
        let lease = || Rc::new(Lease::new(&budget, 100));
        let of = |lease| BodyReader {
            lease,
            ..BodyReader::whole(Bytes::new())
        };
        let (first, second) = (of(lease()), of(lease()));
        assert_eq!(first.keep(60), Ok(()));
        assert_eq!(first.keep(50), Ok(()));
        assert_eq!(second.keep(41), Err(BodyError::Busy));
        assert_eq!(second.keep(40), Ok(()));
        drop(first);
        assert_eq!(second.keep(100), Ok(()));
    }
}
