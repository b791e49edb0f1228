//! The exchange.

use std::sync::Arc;

use bytes::Bytes;
use http::header::WARNING;
use http::{HeaderMap, StatusCode};

use super::inwards::{described, shape, show};
use super::record::{Scribe, Tally};
use super::replay::Keeping;
use super::rules::no_pages;
use super::standing::Standing;
use super::stream::Stream;
use super::{BlobUpload, Failure, Proxy, Rules, body, outwards};
use crate::dialect::salesforce::door::{self, Door, Route};
use crate::dialect::salesforce::target::Target;
use crate::gate::Permit;
use crate::model::Refusal;
use crate::protect::inward::{self, Answer, Viewer};
use crate::protect::{Cleared, Outgoing, find};
use crate::{upstream, wire};

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
    /// What the client wants to be answered in, as it said it.
    pub accept: Option<&'r str>,
    pub body: Bytes,
    /// A body with a file, which was sealed while it came: then there is no other.
    pub blob: Option<Box<BlobUpload>>,
    /// Whether a browser wants a picture of a page.
    pub image: bool,
    /// The name and port by which the client knows us.
    pub host: &'r str,
    /// Where an answer may take long: whether whoever asks may go on with it.
    pub stands: Option<Standing>,
}

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
    /// Rows that are revealed while they are sent, under the CRM's header fields.
    Table(Stream),
    /// A file, under header fields of ours.
    File(Stream),
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
        let rules = self.shared.rules_for(permit);
        let mut scribe = Scribe::new(&self.shared, &rules, permit, incoming.exchange);
        let outcome = match Self::bulk_route(&incoming) {
            Ok(Some(route)) => {
                tally.route = route.door.name();
                scribe.route = tally.route;
                Box::pin(self.bulk(&scribe, incoming, &route, tally)).await
            }
            Ok(None) => self.rest((&mut scribe, &rules), incoming, tally).await,
            Err(refusal) => Err(refusal.into()),
        };
        scribe.conclude(outcome).await
    }

    /// A request to the REST API, or a message of a page.
    async fn rest(
        &self,
        (scribe, rules): (&mut Scribe<'_>, &Arc<Rules>),
        incoming: Incoming<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        match route(&incoming) {
            Ok(route) => {
                let route = Arc::new(route);
                tally.route = route.name();
                scribe.route = tally.route;
                match &route.door {
                    Door::Download(asked) => {
                        Box::pin(self.fetch(scribe, incoming, (&route, asked), tally)).await
                    }
                    Door::Export(report) => {
                        let who = (&*scribe, rules);
                        Box::pin(self.export(who, incoming, *report, tally)).await
                    }
                    Door::Aura(_) if rules.plan.is_narrowed() => Err(no_pages().into()),
                    Door::Aura(_) => Box::pin(self.message(scribe, incoming, &route, tally)).await,
                    _ => {
                        let mut keeping = Keeping::call(scribe, &incoming);
                        let who = (&*scribe, rules);
                        let carried = self.carry(who, incoming, (&route, &mut keeping), tally);
                        let outcome = carried.await;
                        keeping.end(&outcome, tally);
                        outcome
                    }
                }
            }
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The phases, in order.
    async fn carry(
        &self,
        (scribe, rules): (&Scribe<'_>, &Arc<Rules>),
        mut incoming: Incoming<'_>,
        (route, keeping): (&Arc<Route>, &mut Keeping<'_>),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let shared = scribe.shared;

        // Read: the body is parsed strictly, by the codec that the route names.
        let (received, _share) = match incoming.blob.take() {
            Some(upload) => Some(Box::pin(upload.finish(rules)).await?),
            None => None,
        }
        .unzip();
        let decoded = match received {
            Some(_) => None,
            None => body::decode(&incoming, route)?,
        };
        let record = received.as_ref().map(|received| received.record.as_slice());
        let document = record.or(decoded.as_deref()).map(body::parse).transpose()?;
        keeping.reads(decoded.as_deref());

        // Plan, load, protect, make durable, record.
        let way = outwards::Way {
            route,
            document: document.as_ref(),
            message: None,
            file: received.as_ref(),
            form: None,
            released: false,
        };
        let (protected, written) = outwards::protect(self, scribe, &way, tally).await?;

        // Forward.
        let file = received.as_ref().map(|received| &received.spool);
        let answer = self
            .forward(protected.cleared, incoming.headers, file)
            .await?;
        let distrusted = |error| {
            answer.distrust();
            Failure::Answer(error)
        };
        let text = std::str::from_utf8(&answer.body).map_err(|error| {
            distrusted(wire::Error::NotUtf8 {
                at: error.valid_up_to(),
            })
        })?;

        keeping.answers(text);

        let narrowed = described(rules, &route.door, text, incoming.host).map_err(distrusted)?;
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
            false => Some(inward::read(&answered).map_err(distrusted)?),
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
        warn(&mut headers, protected.left_out.as_deref());
        let body = match reading {
            Some(reading) => show(scribe, &viewer, (text, &reading), incoming.host, tally).await?,
            None => vec![],
        };
        Ok(Reply {
            status,
            headers,
            body: Content::Whole(body),
        })
    }

    /// Sends what is cleared, with the file that belongs to it.
    async fn forward(
        &self,
        cleared: Cleared<Outgoing>,
        headers: HeaderMap,
        file: Option<&std::fs::File>,
    ) -> Result<upstream::Answer, Failure> {
        let sent = match file {
            Some(file) => {
                let file = file.try_clone().map_err(Failure::Spool)?;
                Box::pin(self.upstream.put_file(cleared, headers, file)).await
            }
            None => self.upstream.send(cleared, headers).await,
        };
        Ok(sent?)
    }
}

/// Says what a search was carried out without.
pub(super) fn warn(headers: &mut HeaderMap, left_out: Option<&str>) {
    // RFC 9110 has no field for this; the CRM itself warns in this one.
    let text = left_out.map(|text| format!("299 sluis \"{text}\""));
    if let Some(Ok(value)) = text.map(TryInto::try_into) {
        headers.insert(WARNING, value);
    }
}

pub(super) fn route(incoming: &Incoming<'_>) -> Result<Route, Refusal> {
    let route = door::resolve(incoming.method, &Target::parse(incoming.target)?)?;
    body::answerable(incoming, &route)?;
    Ok(route)
}
