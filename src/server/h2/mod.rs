//! HTTP/2: hyper's frames and streams, our checks behind them.
//!
//! h2 refuses by itself what RFC 9113, section 8 calls malformed: pseudo-fields twice, late or
//! missing, upper-case names, connection fields, a length that the data does not have. What it lets
//! pass (lower-case methods, 8-bit values, `:authority` that is not Host, dot segments) is refused
//! by `framing`. A fragment is the one thing that nobody behind h2 sees: `http::uri` cuts `#…` off
//! `:path` while h2 parses it. [`guard`] looks for it in the frames themselves.
//!
//! Read first: [`serve`], then [`guard::Guarded`].

mod guard;
mod hpack;
mod huffman;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, COOKIE, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep_until};

use crate::server::body::{BodyReader, throw_away};
use crate::server::exchange::{Body, Handler, Protocol};
use crate::server::framing::{Head, Violation};
use crate::server::h1::Stream;
use crate::server::h2::guard::Guarded;
use crate::server::respond;
use crate::server::settings::Limits;
use crate::server::shared::{Context, Link, Phase};

/// Serves one connection to its end.
pub(super) async fn serve<H: Handler>(stream: impl Stream, link: Link, context: Rc<Context<H>>) {
    let limits = context.limits();
    let activity = Rc::new(Activity::default());
    let mut phase = link.phase.clone();
    let service = {
        let activity = activity.clone();
        service_fn(move |request| {
            let (context, link, activity) = (context.clone(), link.clone(), activity.clone());
            async move { Ok::<_, Infallible>(exchange(request, &link, &context, &activity).await) }
        })
    };
    let stream = Guarded::new(stream, 2 * (limits.header_bytes + limits.target_bytes));
    let mut connection = pin!(builder(&limits).serve_connection(TokioIo::new(stream), service));
    let mut deadline = Instant::now() + limits.header;
    let mut ending = false;
    loop {
        tokio::select! {
            // An error of the connection is the client's; nothing is left to answer.
            _ = connection.as_mut() => return,
            _ = phase.wait_for(|phase| *phase != Phase::Running), if !ending => {
                ending = true;
                deadline = Instant::now() + limits.drain;
                connection.as_mut().graceful_shutdown();
            }
            () = sleep_until(deadline) => match activity.idle_until(&limits) {
                Some(until) if !ending && until > Instant::now() => deadline = until,
                _ if ending => return,
                _ => {
                    // After GOAWAY a client has as long as for a head to hang up.
                    ending = true;
                    deadline = Instant::now() + limits.header;
                    connection.as_mut().graceful_shutdown();
                }
            },
        }
    }
}

fn builder(limits: &Limits) -> http2::Builder<LocalExecutor> {
    const WINDOW: u32 = 256 * 1024;
    let fields = limits.header_bytes + limits.target_bytes;
    let mut builder = http2::Builder::new(LocalExecutor);
    builder
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(fields).unwrap_or(u32::MAX))
        .max_frame_size(16 * 1024)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(4 * WINDOW)
        .max_send_buf_size(64 * 1024)
        // Rapid reset (CVE-2023-44487): more than this many streams opened and reset at once, or
        // more errors of ours than that, end the connection.
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(100)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// The answer to a request, once the client has said what it had to say.
async fn exchange<H: Handler>(
    request: Request<Incoming>,
    link: &Link,
    context: &Rc<Context<H>>,
    activity: &Rc<Activity>,
) -> Response<Body> {
    let (parts, incoming) = request.into_parts();
    let head_only = parts.method == Method::HEAD;
    let rest = Rc::new(RefCell::new(Some(incoming)));
    let mut response = answer(parts, &rest, link, context, activity).await;
    if head_only {
        leave_out(&mut response);
    }
    let rest = rest.borrow_mut().take();
    if let Some(incoming) = rest {
        throw_away(incoming).await;
    }
    response
}

async fn answer<H: Handler>(
    parts: http::request::Parts,
    body: &Rc<RefCell<Option<Incoming>>>,
    link: &Link,
    context: &Rc<Context<H>>,
    activity: &Rc<Activity>,
) -> Response<Body> {
    let start = Instant::now();
    let limits = context.limits();
    // A reset stream makes room for the next, but what it began goes on; so we count ourselves.
    let Some(running) = Running::begin(activity, limits.streams) else {
        return respond::finish(respond::unavailable(), None);
    };
    let ended = body.borrow().as_ref().is_none_or(Incoming::is_end_stream);
    let head = match head(parts, ended, &limits) {
        Ok(head) => head,
        Err(violation) => return dated(context.refuse(violation, start), context),
    };
    let request = match context.check(head, link) {
        Ok(request) => request,
        Err(violation) => return dated(context.refuse(violation, start), context),
    };
    let lease = context.lease(&limits);
    let body = BodyReader::http2(body.clone(), &limits, lease.clone());
    // A file is sent while its stream still counts as running.
    let sending = running.again();
    // A stream that is reset is dropped with what waits for its answer.
    let answer = context.answer(request, body, link, start, ((running, lease), pending()));
    let mut response = answer.await.response;
    response.body_mut().hold(sending);
    dated(response, context)
}

fn head(parts: http::request::Parts, ended: bool, limits: &Limits) -> Result<Head, Violation> {
    let mut headers = parts.headers;
    if headers.len() > limits.headers {
        return Err(Violation::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "the header fields are too large",
        ));
    }
    join_cookies(&mut headers);
    let authority = parts.uri.authority().map(ToString::to_string);
    if authority.is_none() {
        return Err(Violation::bad(":authority is missing"));
    }
    if parts.uri.scheme_str() != Some("https") {
        return Err(Violation::bad(":scheme is not https"));
    }
    // Not its `Display`, which would put a slash before a path that has none.
    let target = parts
        .uri
        .path_and_query()
        .map(|target| target.as_str().to_owned());
    Ok(Head {
        protocol: Protocol::Http2,
        method: parts.method.as_str().to_owned(),
        target: target.unwrap_or_default(),
        authority,
        headers,
        ended,
    })
}

/// HTTP/2 may cut the cookie field at its semicolons to compress it (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let crumbs: Vec<&[u8]> = headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    if crumbs.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        headers.insert(COOKIE, joined);
    }
}

/// The answer to HEAD says how long the one to GET is, and has no body (RFC 9110, section 9.3.2);
/// hyper would send it, and clients take that for a broken stream.
fn leave_out(response: &mut Response<Body>) {
    let body = std::mem::take(response.body_mut());
    // Neither has a body, nor a length (RFC 9110, section 8.6).
    if matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    ) {
        return;
    }
    if let Some(length) = body.size_hint().exact() {
        let fields = response.headers_mut();
        fields.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

fn dated<H: Handler>(mut response: Response<Body>, context: &Rc<Context<H>>) -> Response<Body> {
    if let Ok(date) = HeaderValue::try_from(context.date()) {
        response.headers_mut().insert(http::header::DATE, date);
    }
    response
}

/// What runs on one connection, and since when nothing does.
struct Activity {
    running: Cell<u32>,
    begun: Cell<bool>,
    last: Cell<Instant>,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            running: Cell::new(0),
            begun: Cell::new(false),
            last: Cell::new(Instant::now()),
        }
    }
}

impl Activity {
    /// Until when the connection may stay as it is; `None` before its first request.
    fn idle_until(&self, limits: &Limits) -> Option<Instant> {
        if !self.begun.get() {
            return None;
        }
        let since = if self.running.get() > 0 {
            Instant::now()
        } else {
            self.last.get()
        };
        Some(since + limits.idle)
    }
}

/// One running exchange; dropping it ends it.
pub(super) struct Running(Rc<Activity>);

impl Running {
    fn begin(activity: &Rc<Activity>, most: u32) -> Option<Self> {
        let running = activity.running.get();
        if running >= most {
            return None;
        }
        activity.running.set(running + 1);
        activity.begun.set(true);
        Some(Self(activity.clone()))
    }
}

impl Running {
    /// The same exchange, for as long as its answer takes.
    fn again(&self) -> Self {
        self.0.running.set(self.0.running.get() + 1);
        Self(self.0.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get().saturating_sub(1));
        self.0.last.set(Instant::now());
    }
}

/// Runs hyper's streams on the worker's own thread.
#[derive(Clone, Copy, Debug)]
struct LocalExecutor;

impl<F> Executor<F> for LocalExecutor
where
    F: Future<Output = ()> + 'static,
{
    fn execute(&self, future: F) {
        spawn_local(future);
    }
}
