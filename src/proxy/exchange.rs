//! The exchange.

use bytes::Bytes;
use http::header::WARNING;
use http::{HeaderMap, StatusCode};
use tokio::sync::mpsc;

use super::inwards::{described, shape, show};
use super::record::{Scribe, Tally};
use super::{Failure, Proxy, body, outwards};
use crate::dialect::salesforce::door::{self, Route};
use crate::dialect::salesforce::target::Target;
use crate::gate::Permit;
use crate::model::Refusal;
use crate::protect::find;
use crate::protect::inward::{self, Answer, Viewer};
use crate::wire;

/// A request whose framing holds and whose client is admitted.
pub struct Incoming<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    pub method: &'r str,
    /// Path and query in canonical form.
    pub target: &'r str,
    /// Header fields that may go to the CRM.
    pub headers: HeaderMap,
    pub content_type: Option<&'r str>,
    pub content_encoding: Option<&'r str>,
    pub body: Bytes,
    /// The name and port by which the client knows us.
    pub host: &'r str,
    /// Where an answer may take long: whether whoever asks may go on with it.
    pub stands: Option<Standing>,
}

/// Says whether whoever asks may still go on.
pub type Standing = Box<dyn Fn() -> bool + Send + Sync>;

/// The answer for the client.
pub struct Reply {
    pub status: StatusCode,
    /// The CRM's header fields; the server says which may pass.
    pub headers: HeaderMap,
    pub body: Content,
}

/// What an answer says.
pub enum Content {
    Whole(Vec<u8>),
    File(Stream),
}

/// A file that is opened while it is sent.
pub struct Stream {
    /// Its bytes, where the CRM says how many it sends.
    pub length: Option<u64>,
    /// When they end without [`Part::End`], the file broke off.
    pub parts: mpsc::Receiver<Part>,
}

/// A part of a file.
pub enum Part {
    Bytes(Bytes),
    /// All of it was there.
    End,
}

impl Proxy {
    /// Carries out one exchange.
    ///
    /// # Errors
    /// The refusal, or what failed. In neither case did an unprotected byte go to the CRM; after a
    /// failure upstream a protected request may have gone.
    pub async fn exchange(
        &self,
        permit: &Permit,
        incoming: Incoming<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let rules = self.shared.rules.load_full();
        let mut scribe = Scribe::new(&self.shared, &rules, permit, incoming.exchange);
        let outcome = match Self::bulk_route(&incoming) {
            Ok(Some(route)) => {
                tally.route = route.door.name();
                scribe.route = tally.route;
                self.bulk(&scribe, incoming, &route, tally).await
            }
            Ok(None) => self.rest(&mut scribe, incoming, tally).await,
            Err(refusal) => Err(refusal.into()),
        };
        scribe.conclude(outcome).await
    }

    /// A request to the REST API.
    async fn rest(
        &self,
        scribe: &mut Scribe<'_>,
        incoming: Incoming<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        match route(&incoming) {
            Ok(route) => {
                tally.route = route.name();
                scribe.route = tally.route;
                self.carry(scribe, incoming, &route, tally).await
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The phases, in order.
    async fn carry(
        &self,
        scribe: &Scribe<'_>,
        incoming: Incoming<'_>,
        route: &Route,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (shared, rules) = (scribe.shared, scribe.rules);

        // Read: the body is parsed strictly, by the codec that the route names.
        let decoded = body::decode(&incoming, route)?;
        let document = decoded.as_deref().map(body::parse).transpose()?;

        // Plan, load, protect, make durable, record.
        let way = outwards::Way {
            route,
            document: document.as_ref(),
            message: None,
            released: false,
        };
        let (protected, written) = outwards::protect(self, scribe, &way, tally).await?;

        // Forward.
        let answer = self
            .upstream
            .send(protected.cleared, incoming.headers)
            .await?;
        let text = std::str::from_utf8(&answer.body).map_err(|error| {
            answer.distrust();
            Failure::Answer(wire::Error::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;

        let narrowed = described(rules, &route.door, text, incoming.host);
        let text = narrowed.as_deref().unwrap_or(text);

        // Inwards: find tokens, and learn which records were written.
        let viewer = Viewer::new(&rules.plan, scribe.roles, scribe.fresh);
        let found = find(
            &rules.protection.codec,
            text.as_bytes(),
            &rules.protection.domain,
        );
        let answered = Answer {
            text,
            shape: shape(&route.door),
            viewer,
            request: &protected.request,
            aliases: &protected.aliases,
            found: &found,
        };
        let reading = match text.is_empty() {
            true => None,
            false => Some(inward::read(&answered).map_err(|error| {
                answer.distrust();
                Failure::Answer(error)
            })?),
        };
        shared
            .settle(
                incoming.exchange,
                &protected.request,
                &written,
                answer.status,
                reading.as_ref(),
            )
            .await;
        let (status, mut headers) = (answer.status, answer.headers);
        if let Some(text) = &protected.left_out {
            // RFC 9110 has no field for this; the CRM itself warns in this one.
            let text = format!("299 sluis \"{text}\"");
            if let Ok(value) = text.try_into() {
                headers.insert(WARNING, value);
            }
        }
        let Some(reading) = reading else {
            return Ok(Reply {
                status,
                headers,
                body: Content::Whole(vec![]),
            });
        };

        let body = show(scribe, &viewer, (text, &reading), incoming.host, tally).await?;
        Ok(Reply {
            status,
            headers,
            body: Content::Whole(body),
        })
    }
}

fn route(incoming: &Incoming<'_>) -> Result<Route, Refusal> {
    door::resolve(incoming.method, &Target::parse(incoming.target)?)
}
