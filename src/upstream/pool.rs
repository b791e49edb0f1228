//! Connections to the CRM: one worker's, HTTP/1.1, one exchange at a time on each.

use std::fmt::{self, Formatter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::time::Instant;
use tower_service::Service;

use super::Error;
use super::body::Outbound;
use super::resolve::Resolver;

/// How a connection is made: the name resolved, TCP, TLS verified.
pub(super) type Connector = HttpsConnector<HttpConnector<Resolver>>;

pub(super) type Sender = SendRequest<Outbound>;

type Connection = http1::Connection<MaybeHttpsStream<TokioIo<tokio::net::TcpStream>>, Outbound>;

/// A load balancer closes what was silent for a minute; a request on its way then would be lost.
const IDLE: Duration = Duration::from_secs(50);

pub(super) struct Pool {
    origin: Uri,
    connector: Connector,
    /// The last one used is the first one taken, so that those that are too many grow old.
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    sender: Sender,
    since: Instant,
}

impl Pool {
    pub fn new(origin: Uri, connector: Connector) -> Arc<Self> {
        Arc::new(Self {
            origin,
            connector,
            idle: Mutex::default(),
        })
    }

    /// Sends a request once. Only one of which no byte was written is sent again, on a new
    /// connection: the CRM may close an idle one at any moment.
    ///
    /// # Errors
    /// [`Error::Unreachable`].
    pub async fn send(
        self: &Arc<Self>,
        request: Request<Outbound>,
    ) -> Result<(Response<Incoming>, Lease), Error> {
        let mut request = request;
        while let Some(mut sender) = self.waiting().await {
            match sender.try_send_request(request).await {
                Ok(response) => return Ok((response, self.lease(sender))),
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(Error::Unreachable(error.into_error().into())),
                },
            }
        }
        // Seldom, and large: every request would have the room for it.
        let mut sender = Box::pin(self.connect()).await?;
        let response = sender.send_request(request).await;
        let response = response.map_err(|error| Error::Unreachable(error.into()))?;
        Ok((response, self.lease(sender)))
    }

    /// A connection that was used before and is open still.
    async fn waiting(&self) -> Option<Sender> {
        loop {
            let Idle { mut sender, since } = self.idle().pop()?;
            // Its last answer was read to the end, so it is ready in a moment, or closed.
            if since.elapsed() < IDLE && sender.ready().await.is_ok() {
                return Some(sender);
            }
        }
    }

    /// A connection of its own, whose protocol may change.
    pub async fn open(&self) -> Result<Sender, Error> {
        let (sender, connection) = self.handshake().await?;
        tokio::spawn(async move { drop(connection.with_upgrades().await) });
        Ok(sender)
    }

    async fn handshake(&self) -> Result<(Sender, Connection), Error> {
        let stream = self.connector.clone().call(self.origin.clone()).await;
        let stream = stream.map_err(Error::Unreachable)?;
        let made = http1::handshake(stream).await;
        made.map_err(|error| Error::Unreachable(error.into()))
    }

    async fn connect(&self) -> Result<Sender, Error> {
        let (sender, connection) = self.handshake().await?;
        // What ends the connection is told to whoever waits for an answer on it.
        tokio::spawn(async move { drop(connection.await) });
        Ok(sender)
    }

    fn lease(self: &Arc<Self>, sender: Sender) -> Lease {
        Lease {
            sender: Some(sender),
            reusable: AtomicBool::new(false),
            pool: self.clone(),
        }
    }

    fn put(&self, sender: Sender) {
        let now = Instant::now();
        let mut idle = self.idle();
        let old = idle.partition_point(|idle| now.duration_since(idle.since) >= IDLE);
        idle.drain(..old);
        idle.push(Idle { sender, since: now });
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection that an answer came on. It is closed when this is dropped, unless it was said to
/// be reusable.
pub(super) struct Lease {
    sender: Option<Sender>,
    reusable: AtomicBool,
    pool: Arc<Pool>,
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}

impl Lease {
    /// Says whether the next answer on this connection can be believed to be the next one's.
    pub fn reusable(&self, reusable: bool) {
        self.reusable.store(reusable, Ordering::Relaxed);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take()
            && self.reusable.load(Ordering::Relaxed)
            && !sender.is_closed()
        {
            self.pool.put(sender);
        }
    }
}
