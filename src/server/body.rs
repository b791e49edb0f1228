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
    /// Bytes that were given out.
    received: usize,
    begun: bool,
    pace: Pace,
    lease: Rc<Lease>,
}

enum Source {
    Whole(Bytes),
    /// The connection itself, which its loop takes back after the answer.
    Http1(Rc<RefCell<Option<Wire>>>),
    Http2(Box<Incoming>),
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
            received: 0,
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
            received: 0,
            begun: false,
            pace: Pace::new(limits),
            lease,
        }
    }

    pub(super) fn http2(incoming: Incoming, limits: &Limits, lease: Rc<Lease>) -> Self {
        Self {
            source: Source::Http2(Box::new(incoming)),
            most: limits.body_bytes,
            received: 0,
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
        if !std::mem::replace(&mut self.begun, true) {
            self.pace.start();
        }
        let next = match &mut self.source {
            Source::Whole(bytes) => Ok(Some(std::mem::take(bytes)).filter(|part| !part.is_empty())),
            Source::Http1(slot) => {
                // Dropped half-way, the wire is lost and its connection closes.
                let taken = slot.borrow_mut().take();
                let Some(mut wire) = taken else {
                    return Err(BodyError::Gone);
                };
                let next = wire.next(self.received, &self.pace).await;
                *slot.borrow_mut() = Some(wire);
                next
            }
            Source::Http2(incoming) => part(incoming, self.pace.deadline(self.received)).await,
        };
        if let Ok(Some(bytes)) = &next {
            self.received = self.received.saturating_add(bytes.len());
        }
        next
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
            Source::Http2(incoming) => collect(*incoming, limit, &self.pace, &self.lease).await,
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
    mut incoming: Incoming,
    limit: usize,
    pace: &Pace,
    lease: &Lease,
) -> Result<Bytes, BodyError> {
    if usize::try_from(incoming.size_hint().lower()).map_or(true, |known| known > limit) {
        return Err(BodyError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(data) = part(&mut incoming, pace.deadline(body.len())).await? {
        if data.len() > limit - body.len() {
            return Err(BodyError::TooLarge);
        }
        lease.reach(body.len() + data.len())?;
        body.extend_from_slice(&data);
    }
    Ok(body.freeze())
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
#[derive(Debug)]
pub(super) struct Pace {
    start: Instant,
    stall: Duration,
    floor: u32,
}

impl Pace {
    fn new(limits: &Limits) -> Self {
        Self {
            start: Instant::now(),
            stall: limits.body_stall,
            floor: limits.body_floor.max(1),
        }
    }

    fn start(&mut self) {
        self.start = Instant::now();
    }

    /// By when the next bytes must be there, after `received` have come.
    pub(super) fn deadline(&self, received: usize) -> Instant {
        let received = u32::try_from(received).unwrap_or(u32::MAX);
        let earned = Duration::from_secs_f64(f64::from(received) / f64::from(self.floor));
        (self.start + self.stall + earned).min(Instant::now() + self.stall)
    }
}
