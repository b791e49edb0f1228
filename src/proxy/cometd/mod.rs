//! The exchange of events: the phases of `carry` around a poll that may last for minutes.
//!
//! Nothing is held meanwhile but the connection to the CRM and a place among those that may wait, and
//! both end with the client. When events come, they are shown by the
//! policy and to the roles of that moment, and not by those that the poll began with.

mod given;
mod polls;

use std::pin::Pin;

use http::{HeaderMap, HeaderValue};

use super::exchange::route;
use super::inwards::show;
use super::record::{Scribe, Tally};
use super::{Content, Failure, Incoming, Over, Proxy, Reply, body};
use crate::dialect::salesforce::cometd::{self, Asks, Message};
use crate::gate::Permit;
use crate::protect::inward::{self, Answer, Shape, Viewer};
use crate::protect::outward::{Protected, protect_events};
use crate::protect::{Holder, find};
use crate::{upstream, wire};
use given::{Brought, Change};
pub use polls::Polls;

/// What logs and the ledger call it.
const ROUTE: &str = "events";

/// A request of CometD from whoever the gate has admitted.
pub struct Poll<'r> {
    pub incoming: Incoming<'r>,
    /// The client's header fields, for its cookie.
    pub sent: &'r HeaderMap,
    /// Whether whoever asks may still be answered.
    pub goes_on: &'r dyn Fn() -> bool,
    /// Ends when waiting is of no use any more.
    pub over: Pin<Box<dyn Future<Output = Over> + 'r>>,
}

/// What becomes of a poll.
pub enum Polled {
    /// The CRM's answer, and cookies where they change.
    Reply(Reply, Vec<HeaderValue>),
    /// Too many wait already; nothing was sent.
    Busy,
    /// The wait was ended by the border.
    Stopped,
    /// Whoever asked was admitted when it began, and is no more.
    Ended,
}

impl Proxy {
    /// Carries out one exchange of events.
    ///
    /// # Errors
    /// As [`Proxy::exchange`].
    pub async fn poll(
        &self,
        permit: &Permit,
        poll: Poll<'_>,
        tally: &mut Tally,
    ) -> Result<Polled, Failure> {
        let rules = self.shared.rules_for(permit);
        let mut scribe = Scribe::new(&self.shared, &rules, permit, poll.incoming.exchange);
        scribe.route = ROUTE;
        tally.route = ROUTE;
        let outcome = self.listen(&scribe, permit, poll, tally).await;
        scribe.conclude(outcome).await
    }

    /// The phases, in order.
    async fn listen(
        &self,
        scribe: &Scribe<'_>,
        permit: &Permit,
        poll: Poll<'_>,
        tally: &mut Tally,
    ) -> Result<Polled, Failure> {
        let (incoming, goes_on) = (poll.incoming, poll.goes_on);
        let Some(place) = self.shared.polls.take(permit.client_id()) else {
            return Ok(Polled::Busy);
        };
        let holder = Holder {
            tenant: &scribe.rules.protection.tenant,
            host: incoming.host,
            handle: permit.client_id(),
            sign_in: permit.sign_in().map_or(&[], |sign_in| &sign_in.name),
        };
        let brought = self.shared.brought(&holder, poll.sent);
        let asking = asked(scribe, &incoming, &brought)?;

        // Record, forward, wait. Nothing is lost with a message that only waits.
        if !asking.waits {
            scribe.sent(vec![], 0, vec![]).await?;
        }
        let (exchange, host, mut headers) = (incoming.exchange, incoming.host, incoming.headers);
        drop(incoming.body);
        if let Some(given) = brought.of(asking.client.as_deref()) {
            given.put(&mut headers)?;
        }
        let Protected {
            cleared, request, ..
        } = asking.protected;
        self.upstream.sign_in().await?;
        let waiting = self.upstream.poll(cleared, headers);
        let Some(answer) = waited(waiting, poll.over, asking.waits).await? else {
            return Ok(Polled::Stopped);
        };
        drop(place);
        if !goes_on() {
            return Ok(Polled::Ended);
        }
        let text = std::str::from_utf8(&answer.body).map_err(|error| {
            answer.distrust();
            Failure::Answer(wire::Error::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;
        let named = cometd::named(text).filter(|_| asking.shakes);
        let change = match &named {
            Some(name) => Change::Named(name),
            None if asking.leaves => Change::Left,
            None => Change::Nothing,
        };
        let client = (&brought, asking.client.as_deref());
        let cookies = self
            .shared
            .changed(&holder, client, change, &answer.headers)?;

        // Inwards, by the rules of now.
        let rules = self.shared.rules_for(permit);
        let mut scribe = Scribe::new(&self.shared, &rules, permit, exchange);
        scribe.route = ROUTE;
        let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
        let protection = &rules.protection;
        let found = find(&protection.codec, text.as_bytes(), &protection.domain);
        let answered = Answer {
            text,
            shape: Shape::Events,
            viewer,
            request: &request,
            aliases: &[],
            found: &found,
        };
        let body = match text.is_empty() {
            true => vec![],
            false => {
                let reading = inward::read(&answered).map_err(|error| {
                    answer.distrust();
                    Failure::Answer(error)
                })?;
                show(&scribe, &viewer, (text, &reading), host, tally).await?
            }
        };
        let reply = Reply {
            status: answer.status,
            headers: answer.headers,
            body: Content::Whole(body),
        };
        Ok(Polled::Reply(reply, cookies))
    }
}

/// What a request asks, written anew. It borrows nothing of the request.
struct Asked {
    protected: Protected,
    /// The name of the client, where the messages say one that this client was given.
    client: Option<String>,
    /// Whether all it does is to wait.
    waits: bool,
    shakes: bool,
    leaves: bool,
}

/// Plan and protect: what is asked is words of the protocol, names of channels, and the name that
/// the CRM gave.
fn asked(
    scribe: &Scribe<'_>,
    incoming: &Incoming<'_>,
    brought: &Brought,
) -> Result<Asked, Failure> {
    let route = route(incoming)?;
    let decoded = body::decode(incoming, &route)?.unwrap_or_default();
    let document = body::parse(&decoded)?;
    let (messages, names) = cometd::read(&document)?;
    let client = messages.iter().find_map(|message| message.client.clone());
    let given = brought
        .of(client.as_deref())
        .map(|given| given.client.as_str());
    let asking = (&route, messages.as_slice(), names);
    let protected = protect_events(&scribe.rules.plan, &document, asking, given)?;
    let any = |asks| messages.iter().any(|message| message.asks == asks);
    Ok(Asked {
        protected,
        client,
        waits: messages.iter().all(waits),
        shakes: any(Asks::Handshake),
        leaves: any(Asks::Disconnect),
    })
}

/// Waits for an answer; none where nobody waits for it any more, and waiting is all that was asked.
async fn waited<A>(
    answer: impl Future<Output = Result<A, upstream::Error>>,
    over: impl Future<Output = Over>,
    waits: bool,
) -> Result<Option<A>, Failure> {
    let answer = match waits {
        false => answer.await?,
        true => tokio::select! {
            biased;
            answer = answer => answer?,
            _ = over => return Ok(None),
        },
    };
    Ok(Some(answer))
}

/// A message that only waits for events: one comes every two minutes of every client, and says
/// nothing that the ledger has not.
fn waits(message: &Message) -> bool {
    message.asks == Asks::Connect
}
