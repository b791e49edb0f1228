//! A connection whose protocol has changed: bytes are carried both ways, unread.
//!
//! It ends with either end, when nothing was said for too long, when the server drains, and when
//! whoever opened it may not go on: that is asked again every few seconds.

use std::cell::Cell;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::watch;
use tokio::time::{Duration, Instant, interval, timeout};

use crate::server::shared::Phase;

/// The CRM's end.
pub trait Far: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Far for S {}

/// What an answer with status 101 carries in its extensions.
#[derive(Clone)]
pub struct Tunnel(Arc<Mutex<Option<Ends>>>);

/// The far end, and whether the near one may go on.
pub struct Ends {
    pub far: Box<dyn Far>,
    pub goes_on: Box<dyn Fn() -> bool + Send>,
}

/// How often it is asked whether the session stands.
const ASKED: Duration = Duration::from_secs(2);
/// The longest silence; clients and servers send pings more often.
const SILENCE: Duration = Duration::from_mins(5);
/// The longest time in which nothing of what was read can be written.
const STALL: Duration = Duration::from_secs(30);

impl Tunnel {
    #[must_use]
    pub fn new(ends: Ends) -> Self {
        Self(Arc::new(Mutex::new(Some(ends))))
    }

    pub(super) fn take(&self) -> Option<Ends> {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ends.take()
    }
}

impl Debug for Tunnel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Tunnel(..)")
    }
}

impl Ends {
    /// Carries bytes until it is over; both ends are closed then.
    pub(super) async fn carry(
        self,
        near: impl AsyncRead + AsyncWrite + Unpin,
        mut phase: watch::Receiver<Phase>,
    ) {
        let (near_in, near_out) = split(near);
        let (far_in, far_out) = split(self.far);
        let heard = Cell::new(Instant::now());
        let mut asked = interval(ASKED);
        let over = async {
            loop {
                asked.tick().await;
                if heard.get().elapsed() > SILENCE || !(self.goes_on)() {
                    return;
                }
            }
        };
        tokio::select! {
            () = pump(near_in, far_out, &heard) => {}
            () = pump(far_in, near_out, &heard) => {}
            () = over => {}
            _ = phase.wait_for(|phase| *phase != Phase::Running) => {}
        }
    }
}

/// Carries bytes one way, to the end or to an error.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    heard: &Cell<Instant>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        heard.set(Instant::now());
        let written = timeout(STALL, async {
            to.write_all(buffer.get(..read).unwrap_or_default()).await?;
            to.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
    }
}
