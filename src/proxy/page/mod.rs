//! One exchange with a CRM that its policy describes: pages, forms, exports.

mod answer;
mod ends;

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::giving::Reader;
use super::record::{Scribe, Tally};
use super::replay::Keeping;
use super::rules::no_pages;
use super::standing::Standing;
use super::{Failure, Proxy, Reply, Upload, body, download, outwards};
use crate::dialect::pages::{Call, Codec, Media, Method, Submitted};
use crate::gate::Permit;
use crate::model::{Code, Refusal};
use crate::upstream::Carried;

pub(super) use ends::{Ends, origins};

/// A request of a browser whose framing holds and whose person or client is admitted.
pub struct Visit<'r> {
    /// The exchange's name in logs and the ledger.
    pub exchange: u128,
    pub method: &'r str,
    /// Path and query in canonical form.
    pub target: &'r str,
    /// As they came; the dialect says which may go to the CRM.
    pub headers: &'r HeaderMap,
    pub body: Payload,
    /// The name and port by which the browser knows us.
    pub host: &'r str,
    /// Whether whoever asks may go on with an answer that lasts.
    pub stands: Option<Standing>,
}

impl Default for Payload {
    fn default() -> Self {
        Self::Whole(Bytes::new())
    }
}

/// A body as it came.
pub enum Payload {
    Whole(Bytes),
    /// A form whose files were sealed while they came.
    Upload(Box<Upload>),
}

/// A request that its route allows, what it came as, and its files.
type Asked<'a> = (Call<'a>, &'a Submitted<'a>, Option<Box<Upload>>);

impl Proxy {
    /// Whether the policy in force describes its CRM itself.
    #[must_use]
    pub fn serves_pages(&self) -> bool {
        self.shared.rules.load().plan.site().is_some()
    }

    /// Carries out one exchange of pages.
    ///
    /// # Errors
    /// As [`Proxy::exchange`].
    pub async fn visit(
        &self,
        permit: &Permit,
        mut visit: Visit<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (whole, upload) = match std::mem::take(&mut visit.body) {
            Payload::Whole(body) => (body, None),
            Payload::Upload(upload) => (Bytes::new(), Some(upload)),
        };
        let rules = self.shared.rules_for(permit);
        if upload
            .as_ref()
            .is_some_and(|upload| !Arc::ptr_eq(&upload.rules, &rules))
        {
            return Err(Failure::PolicyChanged);
        }
        let mut scribe = Scribe::new(&self.shared, &rules, permit, visit.exchange);
        let submitted = Submitted {
            method: visit.method,
            target: visit.target,
            content_type: text(visit.headers, &CONTENT_TYPE),
            body: &whole,
        };
        let site = rules
            .plan
            .site()
            .and_then(|site| site.of(self.host(visit.host)));
        let site = site.ok_or_else(no_site);
        let site = match rules.plan.is_narrowed() {
            true => Err(no_pages()),
            false => site,
        };
        let call = site.and_then(|site| Call::resolve(site, &submitted));
        let outcome = match call {
            Ok(call) => {
                tally.route = kind(&call);
                scribe.route = &call.route.name;
                let asked = (call, &submitted, upload);
                match asked.0.route.step_up && !scribe.fresh {
                    true => Err(not_fresh().into()),
                    false => {
                        self.watched((&scribe, permit), &mut visit, asked, tally)
                            .await
                    }
                }
            }
            Err(refusal) => Err(refusal.into()),
        };
        scribe.conclude(outcome).await
    }

    /// The phases, and what is kept of them.
    async fn watched(
        &self,
        who: (&Scribe<'_>, &Permit),
        visit: &mut Visit<'_>,
        asked: Asked<'_>,
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let at = (self.host(visit.host), asked.2.is_some());
        let mut keeping = Keeping::page(who.0, (&asked.0, asked.1), at);
        let outcome = self.walk(who, visit, (asked, &mut keeping), tally).await;
        keeping.end(&outcome, tally);
        outcome
    }

    /// The phases, in order.
    async fn walk(
        &self,
        (scribe, permit): (&Scribe<'_>, &Permit),
        visit: &mut Visit<'_>,
        ((call, submitted, upload), keeping): (Asked<'_>, &mut Keeping<'_>),
        tally: &mut Tally,
    ) -> Result<Reply, Failure> {
        let (site, route) = (call.site, call.route);
        if route.socket {
            let text = "only a WebSocket is opened here";
            return Err(Refusal::new(Code::MethodUnknown, text).into());
        }
        let origins = origins(&self.upstream, visit.host);
        let who = (scribe, permit);
        let ends = Ends::open(who, (self, site, &origins), visit.headers).await?;
        let headers = ends.to_crm(call.method, visit.headers)?;

        // Read: the body is parsed strictly, by the codec that the route names.
        let received = match upload {
            Some(upload) => Some(upload.finish().await?),
            None => None,
        };
        let codec = call.codec(submitted)?;
        let json = match codec {
            Some(Codec::Json) => Some(body::parse(submitted.body)?),
            _ => None,
        };
        let call = match &received {
            Some(received) => call.read_parts(&received.parts)?,
            None => call.read(codec, submitted, json.as_ref())?,
        };
        keeping.reads((!submitted.body.is_empty()).then_some(submitted.body));

        // Plan, load, protect, make durable, record.
        let values = call.values();
        let document = match json {
            Some(json) => json,
            None => body::parse(&values)?,
        };
        let files = received
            .as_ref()
            .map_or(&[][..], |received| &received.files);
        let (cleared, written) =
            outwards::protect_page(scribe, &call, (&document, files), tally).await?;

        // Forward.
        let (spool, _share) = received
            .map(|received| (received.spool, received.share))
            .unzip();
        let plain = !route.fixed && route.answers.contains(&Media::File);
        let carried = Carried { spool, plain };
        let place = match plain {
            true => Some(scribe.shared.readers.enter(scribe.client).await?),
            false => None,
        };
        let target = self.upstream.at(visit.host);
        let mut answer = self
            .upstream
            .visit(target, cleared, headers, carried)
            .await?;
        if let Some(place) = place
            && download::is_sealed(&mut answer).await?
        {
            let headers = ends.to_browser(answer.headers())?;
            let shown = text(visit.headers, &FETCH_DEST) == Some("image");
            let asked = download::Asked {
                object: call.route.object.as_deref(),
                record: call.record,
            };
            let stands = visit.stands.take();
            let how = (shown, Reader { stands, place });
            return download::open(scribe, &asked, (answer, headers), how, tally).await;
        }
        let answer = answer.whole().await?;
        if let Ok(text) = std::str::from_utf8(&answer.body) {
            keeping.answers(text);
        }
        let asked = (route, call.record, written.as_slice());
        answer::answered(scribe, &ends, asked, answer, tally).await
    }
}

pub(super) fn no_site() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "the policy in force describes no pages",
    )
}

pub(super) fn not_fresh() -> Refusal {
    Refusal::new(
        Code::StepUp,
        "this takes a second factor that was shown just now",
    )
}

/// What metrics and the access line call it; the ledger has the route's own name.
fn kind(call: &Call<'_>) -> &'static str {
    match (call.route.fixed, call.route.login, call.method) {
        (true, ..) => "pages.static",
        (_, true, _) => "pages.login",
        (_, _, Method::Get) => "pages.read",
        (_, _, Method::Post | Method::Put | Method::Patch | Method::Delete) => "pages.write",
    }
}

/// What a browser will do with what it asks for.
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
