//! HTTP/1.1: one request at a time, read strictly, answered whole.
//!
//! What it is for: to be the only reader of an HTTP/1.1 connection, so that no second reader can
//! disagree with it. What it never does: pipeline (bytes after a request and before its answer
//! refuse it), take trailers, or go on after anything that it did not understand. The one upgrade is
//! to a WebSocket that the handler answered with 101: the connection is then a [`Tunnel`] to its end.
//!
//! Read first: [`serve`], then [`wire::Wire`].

mod chunked;
mod head;
mod wire;

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Duration, Instant, Sleep, sleep, timeout_at};

pub(super) use wire::{Stream, Wire};

use crate::server::body::BodyReader;
use crate::server::budget::Lease;
use crate::server::exchange::Handler;
use crate::server::framing::{Canonical, Rules, Violation, check};
use crate::server::h1::wire::{NoHead, Style};
use crate::server::shared::{Context, Link, Phase};
use crate::server::tunnel::Tunnel;

/// Serves one connection to its end.
pub(super) async fn serve<H: Handler>(stream: impl Stream, link: Link, context: Rc<Context<H>>) {
    let limits = context.limits();
    let mut wire = Wire::new(stream, &limits);
    let mut patience = limits.header;
    let mut timers = Timers::new();
    loop {
        let end = match context.operations {
            true => Phase::Drained, // Health answers to the end.
            false => Phase::Draining,
        };
        let deadline = Instant::now() + patience;
        if !next_begins(&mut wire, (&link, end), timers.idle.as_mut(), deadline).await {
            break;
        }
        match exchange(wire, &link, &context, timers.look.as_mut()).await {
            Some(open) => wire = open,
            None => return,
        }
        patience = limits.idle;
    }
    wire.close().await;
}

/// One request of a connection, read whole. No connection is served by this: it is for whoever
/// compares this reader with another one.
///
/// # Errors
/// What a connection would be closed for.
pub async fn read_one(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    rules: &Rules<'_>,
) -> Result<(Canonical, Bytes), Violation> {
    let limits = rules.limits;
    let mut wire = Wire::new(stream, limits);
    let deadline = Instant::now() + limits.header;
    let begun = timeout_at(deadline, wire.begins()).await;
    if !matches!(begun, Ok(true)) {
        return Err(Violation::bad("there is no request"));
    }
    let head = wire
        .head(deadline, limits)
        .await
        .map_err(|none| match none {
            NoHead::Violation(violation) => violation,
            NoHead::Closed | NoHead::Slow => Violation::bad("the head has no end"),
        })?;
    let request = check(head, rules)?;
    wire.expect(request.length, request.expects_continue);
    if wire.at_end() && wire.has_more().await {
        return Err(Violation::bad("bytes follow the request"));
    }
    let lease = Rc::new(Lease::new(&Arc::default(), limits.bodies_bytes));
    let slot = Rc::new(RefCell::new(Some(wire)));
    let body = BodyReader::http1(slot, limits, lease);
    let body = body.read(limits.body_bytes).await;
    let body = body.map_err(|_| Violation::bad("the body is not whole"))?;
    Ok((request, body))
}

/// What a connection waits by beside its bytes. Both are made once and set again when they have run
/// out, not for each request: setting a timer costs more than reading a head does.
struct Timers {
    idle: Pin<Box<Sleep>>,
    look: Pin<Box<Sleep>>,
}

impl Timers {
    fn new() -> Self {
        Self {
            idle: Box::pin(sleep(Duration::ZERO)),
            look: Box::pin(sleep(Duration::ZERO)),
        }
    }
}

/// Waits for a request; the drain's phase `end` ends the wait.
async fn next_begins(
    wire: &mut Wire,
    (link, end): (&Link, Phase),
    timer: Pin<&mut Sleep>,
    deadline: Instant,
) -> bool {
    let mut phase = link.phase.clone();
    tokio::select! {
        biased;
        begun = wire.begins() => begun,
        _ = phase.wait_for(|phase| *phase >= end) => false,
        () = passes(timer, deadline) => false,
    }
}

/// Waits until `deadline` by a timer that is set to an earlier one, or has run out.
async fn passes(mut timer: Pin<&mut Sleep>, deadline: Instant) {
    if timer.deadline() > deadline {
        timer.as_mut().reset(deadline);
    }
    loop {
        timer.as_mut().await;
        if Instant::now() >= deadline {
            return;
        }
        timer.as_mut().reset(deadline);
    }
}

/// One request and its answer. The connection comes back if it may go on.
async fn exchange<H: Handler>(
    mut wire: Wire,
    link: &Link,
    context: &Rc<Context<H>>,
    look: Pin<&mut Sleep>,
) -> Option<Wire> {
    let start = Instant::now();
    let limits = context.limits();
    let head = match wire.head(start + limits.header, &limits).await {
        Ok(head) => head,
        Err(NoHead::Closed) => return None,
        Err(NoHead::Slow) => {
            let slow = Violation::new(
                http::StatusCode::REQUEST_TIMEOUT,
                "the head came too slowly",
            );
            return refuse(wire, context, slow, start).await;
        }
        Err(NoHead::Violation(violation)) => return refuse(wire, context, violation, start).await,
    };
    let request = match context.check(head, link) {
        Ok(request) => request,
        Err(violation) => return refuse(wire, context, violation, start).await,
    };
    wire.expect(request.length, request.expects_continue);
    if wire.at_end() && wire.has_more().await {
        let early = Violation::bad("bytes follow the request");
        return refuse(wire, context, early, start).await;
    }
    let (head_only, wants_close) = (request.method == Method::HEAD, request.close);
    let slot = Rc::new(RefCell::new(Some(wire)));
    let lease = context.lease(&limits);
    let body = BodyReader::http1(slot.clone(), &limits, lease.clone());
    let ends = (lease, departs(&slot, look));
    let answer = context.answer(request, body, link, start, ends).await;
    let taken = slot.borrow_mut().take();
    let mut wire = taken?;
    let mut answer = answer;
    let opened = answer.response.extensions_mut().remove::<Tunnel>();
    if let Some(ends) = opened.and_then(|tunnel| tunnel.take()) {
        // Bytes before the answer belong to no protocol yet.
        if wire.at_end() && !wire.has_more().await {
            wire.open(answer.response, ends, link.phase.clone()).await;
        }
        return None;
    }
    let draining = *link.phase.borrow() != Phase::Running;
    // A body left unread, or bytes that came before the answer, end the connection: what follows
    // might be read as a request that nobody sent as one.
    let close = answer.close || wants_close || draining || !wire.at_end() || wire.has_more().await;
    let style = Style { close, head_only };
    let written = wire.answer(answer.response, &context.date(), style).await;
    match (written, close) {
        (Ok(()), false) => Some(wire),
        (Ok(()), true) => {
            wire.close().await;
            None
        }
        (Err(wire::Cut), _) => None,
    }
}

/// How often it is looked whether a client that waits for its answer is still there.
const LOOKED: Duration = Duration::from_secs(1);

/// Ends when the other end has closed the connection, or its half of it. Who reads a body has the
/// connection meanwhile.
async fn departs(slot: &RefCell<Option<Wire>>, mut timer: Pin<&mut Sleep>) {
    loop {
        timer.as_mut().await;
        timer.as_mut().reset(Instant::now() + LOOKED);
        let taken = slot.borrow_mut().take();
        let Some(mut wire) = taken else {
            continue;
        };
        let ended = wire.at_end() && wire.has_ended().await;
        *slot.borrow_mut() = Some(wire);
        if ended {
            return;
        }
    }
}

/// Answers what is not a request, and closes: where the next one would begin is not known.
async fn refuse<H: Handler>(
    mut wire: Wire,
    context: &Rc<Context<H>>,
    violation: Violation,
    start: Instant,
) -> Option<Wire> {
    let response = context.refuse(violation, start);
    let style = Style {
        close: true,
        head_only: false,
    };
    if wire.answer(response, &context.date(), style).await.is_ok() {
        wire.close().await;
    }
    None
}
