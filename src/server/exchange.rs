//! What a handler gets and gives: one accepted request, one whole answer.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use data_encoding::HEXLOWER;
use http::{HeaderMap, Method, Response};
use tokio::sync::{oneshot, watch};

use crate::model::{Clock, Entropy, NoEntropy};
use crate::proxy::Over;
pub use crate::server::answer::Body;
use crate::server::body::BodyReader;
use crate::server::framing::Target;
use crate::server::shared::Phase;

/// What stands behind the server. One per worker; its futures stay on that worker's thread.
///
/// An exchange that began is not cancelled when its client goes away, so that what was recorded and
/// what was sent stay in step; only the end of the drain cuts it. Whoever merely waits asks
/// [`Listener`]. A panic answers 500 and closes the
/// connection. Put a `telemetry::Account` into the answer's extensions to have the access line and
/// the metrics know the client, the route and the counts.
pub trait Handler: 'static {
    fn handle(&self, request: Accepted) -> impl Future<Output = Response<Body>>;
}

/// A request whose framing, host, target and header fields hold. Nobody else is known by it yet.
#[derive(Debug)]
pub struct Accepted {
    pub method: Method,
    pub target: Target,
    /// Without the fields that belong to the connection and the framing (Host, Content-Length,
    /// Transfer-Encoding, Connection, Keep-Alive, TE, Expect).
    pub headers: HeaderMap,
    pub body: BodyReader,
    pub peer: Peer,
    pub exchange: ExchangeId,
    /// When its first byte was here, or later.
    pub arrived: Instant,
    /// The configured name that was asked for, with `:port` where the client sends it.
    pub host: String,
    /// A WebSocket is asked for. A [`crate::server::Tunnel`] in the answer opens it.
    pub socket: bool,
    /// For whoever lets the client wait for long.
    pub listener: Listener,
}

/// Whether a client still waits for its answer, and the server for what still runs.
#[derive(Debug)]
pub struct Listener {
    here: oneshot::Receiver<Infallible>,
    phase: watch::Receiver<Phase>,
}

impl Listener {
    /// The client is here while `here`'s other end is kept.
    pub(super) fn new(here: oneshot::Receiver<Infallible>, phase: watch::Receiver<Phase>) -> Self {
        Self { here, phase }
    }

    /// Waits until the client has gone or the server is to stop.
    pub async fn over(&mut self) -> Over {
        tokio::select! {
            _ = &mut self.here => Over::Gone,
            _ = self.phase.wait_for(|phase| *phase != Phase::Running) => Over::Stopping,
        }
    }
}

/// The other end of the connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Peer {
    pub source: IpAddr,
    /// SHA-256 over the DER of the client's certificate, whose key the client has proven to hold.
    pub certificate: Option<[u8; 32]>,
    pub protocol: Protocol,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    Http1,
    Http2,
}

/// The name of one exchange in logs and in the ledger: a UUID of version 7 (RFC 9562, section 5.7).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ExchangeId(pub [u8; 16]);

impl ExchangeId {
    /// The text in lower-case hexadecimal with its hyphens. Each request needs it twice, and a
    /// formatter call a byte would cost more than its admission does.
    #[must_use]
    pub fn ascii(self) -> [u8; 36] {
        let mut digits = [0; 32];
        HEXLOWER.encode_mut(&self.0, &mut digits);
        let mut text = [b'-'; 36];
        for (from, to) in [
            (0..8, 0),
            (8..12, 9),
            (12..16, 14),
            (16..20, 19),
            (20..32, 24),
        ] {
            let end = to + from.len();
            text[to..end].copy_from_slice(&digits[from]);
        }
        text
    }
}

impl Display for ExchangeId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.ascii()).unwrap_or_default())
    }
}

/// Makes the ids of one worker, drawing randomness in blocks: one call a request is measurable.
pub(super) struct ExchangeIds {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    block: RefCell<Vec<u8>>,
}

impl ExchangeIds {
    pub(super) fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            clock,
            entropy,
            block: RefCell::new(Vec::new()),
        }
    }

    /// # Errors
    /// When the source of randomness fails: without an id an exchange cannot be recorded.
    pub(super) fn next(&self) -> Result<ExchangeId, NoEntropy> {
        let mut block = self.block.borrow_mut();
        if block.len() < 10 {
            let mut fresh = vec![0; 1000];
            self.entropy.fill(&mut fresh)?;
            *block = fresh;
        }
        let rest = block.len() - 10;
        let mut id = [0; 16];
        let millis = self.clock.now().0.to_be_bytes();
        id[..6].copy_from_slice(&millis[2..]);
        id[6..].copy_from_slice(&block[rest..]);
        block.truncate(rest);
        id[6] = (id[6] & 0x0f) | 0x70;
        id[8] = (id[8] & 0x3f) | 0x80;
        Ok(ExchangeId(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp(0x0192_0000_0001)
        }
    }

    impl Entropy for Fixed {
        fn fill(&self, out: &mut [u8]) -> Result<(), NoEntropy> {
            for (byte, value) in out.iter_mut().zip((0..=255).cycle()) {
                *byte = value;
            }
            Ok(())
        }
    }

    struct Dry;

    impl Entropy for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
            Err(NoEntropy)
        }
    }

    #[test]
    fn an_id_is_a_version_7_uuid_of_the_time() {
        let ids = ExchangeIds::new(Arc::new(Fixed), Arc::new(Fixed));
        let (first, second) = (ids.next().unwrap(), ids.next().unwrap());
        assert_ne!(first, second);
        let text = first.to_string();
        assert!(text.starts_with("01920000-0001-7"), "{text}");
        assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
        assert_eq!(text.len(), 36);
    }

    #[test]
    fn without_randomness_there_is_no_id() {
        let ids = ExchangeIds::new(Arc::new(Fixed), Arc::new(Dry));
        assert_eq!(ids.next(), Err(NoEntropy));
    }
}
