//! What all workers share, what one worker has, and how an accepted request gets its answer.

use std::any::Any;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::{Response, StatusCode};
use rustls::ServerConfig;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::Instant;

use crate::model::Clock;
use crate::server::admission::Admission;
use crate::server::body::BodyReader;
use crate::server::budget::{Budget, Lease};
use crate::server::date::Dates;
use crate::server::exchange::{Accepted, Body, ExchangeId, ExchangeIds, Handler, Listener, Peer};
use crate::server::framing::{self, Canonical, Head, Rules, Violation};
use crate::server::respond;
use crate::server::settings::{Limits, Settings};
use crate::telemetry::{Access, Account, Metrics, Outcome, access};

/// One for the process.
pub(super) struct Shared {
    pub(super) settings: ArcSwap<Settings>,
    pub(super) tls: ArcSwap<ServerConfig>,
    pub(super) admission: Arc<Admission>,
    pub(super) budget: Arc<Budget>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) phase: watch::Sender<Phase>,
}

/// The life of a server; it only goes forward.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Phase {
    Running,
    /// No new connection, no second exchange on an open one.
    Draining,
    /// Every worker has ended; only health is still told.
    Drained,
}

/// One connection's other end, and what keeps its worker waiting for it.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) peer: Peer,
    pub(super) server_name: Option<String>,
    pub(super) phase: watch::Receiver<Phase>,
    /// A worker has ended when every clone is dropped.
    pub(super) alive: mpsc::Sender<()>,
}

/// One worker's handler, and what its exchanges need.
pub(super) struct Context<H> {
    pub(super) handler: Rc<H>,
    pub(super) shared: Arc<Shared>,
    pub(super) ids: ExchangeIds,
    pub(super) dates: Dates,
    /// Operations answer under any name, and are not accounted for: probes come all the time.
    pub(super) operations: bool,
}

/// An answer, and whether the connection can go on after it.
pub(super) struct Answer {
    pub(super) response: Response<Body>,
    pub(super) close: bool,
}

impl<H: Handler> Context<H> {
    pub(super) fn limits(&self) -> Limits {
        self.shared.settings.load().limits.clone()
    }

    /// What the bodies of one exchange may take of the memory for all.
    pub(super) fn lease(&self, limits: &Limits) -> Rc<Lease> {
        Rc::new(Lease::new(&self.shared.budget, limits.bodies_bytes))
    }

    pub(super) fn date(&self) -> String {
        self.dates.at(self.shared.clock.now())
    }

    pub(super) fn check(&self, head: Head, link: &Link) -> Result<Canonical, Violation> {
        let settings = self.shared.settings.load();
        let rules = Rules {
            hosts: (!self.operations).then_some(&settings.hosts),
            server_name: link.server_name.as_deref(),
            limits: &settings.limits,
        };
        framing::check(head, &rules)
    }

    /// The answer to what is not a request.
    pub(super) fn refuse(&self, violation: Violation, start: Instant) -> Response<Body> {
        let exchange = self.ids.next().ok();
        let response = respond::violation(violation);
        tracing::debug!(rule = violation.what, "refused before any handler");
        self.account(exchange, "-", &response, Outcome::Unreadable, start);
        respond::finish(response, exchange)
    }

    /// Runs the handler as a task of its own: a panic ends this exchange only, and a client that
    /// goes away does not stop what has begun, but is told to whoever waits. `departs` ends when the
    /// client has gone, as does being dropped. `held` lives as long as the handler's work.
    pub(super) async fn answer(
        self: &Rc<Self>,
        request: Canonical,
        body: BodyReader,
        link: &Link,
        start: Instant,
        (held, departs): (impl Any, impl Future<Output = ()>),
    ) -> Answer {
        let Ok(exchange) = self.ids.next() else {
            // An exchange without a name could not be recorded.
            return Answer {
                response: respond::finish(respond::unavailable(), None),
                close: true,
            };
        };
        let method = request.method.clone();
        let (here, left) = oneshot::channel();
        let accepted = Accepted {
            method: request.method,
            target: request.target,
            headers: request.headers,
            body,
            peer: link.peer.clone(),
            exchange,
            arrived: start.into_std(),
            host: request.host,
            socket: request.socket,
            listener: Listener::new(left, link.phase.clone()),
        };
        let mut task = self.begin(accepted, (link.alive.clone(), held), start);
        // Dropped, `here` tells that the client has gone.
        let (mut here, mut departs) = (Some(here), pin!(departs));
        let ended = loop {
            tokio::select! {
                biased;
                ended = &mut task => break ended,
                () = departs.as_mut(), if here.is_some() => here = None,
            }
        };
        if let Ok(response) = ended {
            return Answer {
                response: respond::finish(response, Some(exchange)),
                close: false,
            };
        }
        let response = respond::failure();
        self.account(
            Some(exchange),
            method.as_str(),
            &response,
            Outcome::Panicked,
            start,
        );
        Answer {
            response: respond::finish(response, Some(exchange)),
            close: true,
        }
    }

    /// Begins the handler's work as a task. On the heap, since tokio moves a task's future and its
    /// output several times, and this one has kilobytes; and made there, which a function of its own
    /// makes sure of: `Box::pin` makes it on the stack and copies all of it, though at first only
    /// what it has captured means anything.
    #[inline(never)]
    fn begin(
        self: &Rc<Self>,
        accepted: Accepted,
        held: impl Any,
        start: Instant,
    ) -> JoinHandle<Response<Body>> {
        let context = self.clone();
        let future = Box::write(Box::new_uninit(), async move {
            let (exchange, method) = (accepted.exchange, accepted.method.clone());
            let response = context.handler.handle(accepted).await;
            let outcome = outcome(&response);
            context.account(Some(exchange), method.as_str(), &response, outcome, start);
            drop(held);
            response
        });
        spawn_local(Box::into_pin(future))
    }

    fn account(
        &self,
        exchange: Option<ExchangeId>,
        method: &str,
        response: &Response<Body>,
        outcome: Outcome,
        start: Instant,
    ) {
        if self.operations {
            return;
        }
        let unknown = Account::default();
        let id = exchange.map(ExchangeId::ascii);
        let id = id.as_ref().and_then(|id| str::from_utf8(id).ok());
        let line = Access {
            exchange: id.unwrap_or("-"),
            method,
            status: response.status().as_u16(),
            outcome,
            elapsed: start.elapsed(),
            account: response.extensions().get().unwrap_or(&unknown),
        };
        access(&line, &self.shared.metrics);
    }
}

fn outcome(response: &Response<Body>) -> Outcome {
    let refused = response
        .extensions()
        .get::<Account>()
        .is_some_and(|account| account.refusal.is_some());
    match response.status() {
        _ if refused => Outcome::Refused,
        status if status >= StatusCode::INTERNAL_SERVER_ERROR => Outcome::Failed,
        status if status >= StatusCode::BAD_REQUEST => Outcome::Refused,
        _ => Outcome::Answered,
    }
}
