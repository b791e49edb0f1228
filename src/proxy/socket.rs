//! A WebSocket that policy lets pass unread: admitted, held to its route and recorded as any request,
//! then carried.

use http::header::{HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION};
use http::{HeaderMap, HeaderValue};
use tokio::io::{AsyncRead, AsyncWrite};

use super::page::{Ends, Visit, no_site, not_fresh, origins};
use super::record::{Scribe, Tally};
use super::rules::no_pages;
use super::{Failure, Proxy, body, outwards};
use crate::dialect::pages::{Call, Submitted};
use crate::gate::Permit;
use crate::model::{Code, Refusal};

/// A WebSocket that the CRM has opened.
pub struct Opened {
    /// What the browser checks.
    pub headers: HeaderMap,
    pub stream: Box<dyn Stream>,
    /// Whether the policy that let it pass is in force still.
    pub stands: Box<dyn Fn() -> bool + Send>,
}

/// Bytes both ways.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Proxy {
    /// Opens a WebSocket at a route that allows it.
    ///
    /// # Errors
    /// As [`Proxy::exchange`].
    pub async fn socket(
        &self,
        permit: &Permit,
        visit: Visit<'_>,
        tally: &mut Tally,
    ) -> Result<Opened, Failure> {
        let rules = self.shared.rules_for(permit);
        let mut scribe = Scribe::new(&self.shared, &rules, permit, visit.exchange);
        let submitted = Submitted {
            method: visit.method,
            target: visit.target,
            content_type: None,
            body: b"",
        };
        let site = rules
            .plan
            .site()
            .and_then(|site| site.of(self.host(visit.host)));
        let call = site
            .ok_or_else(no_site)
            .and_then(|site| match rules.plan.is_narrowed() {
                true => Err(no_pages()),
                false => Ok(site),
            })
            .and_then(|site| Call::resolve(site, &submitted));
        tally.route = "pages.socket";
        let outcome = match call {
            Ok(call) => {
                scribe.route = &call.route.name;
                self.open((&scribe, permit), &visit, call, tally).await
            }
            Err(refusal) => Err(refusal.into()),
        };
        scribe.conclude(outcome).await
    }

    async fn open(
        &self,
        (scribe, permit): (&Scribe<'_>, &Permit),
        visit: &Visit<'_>,
        call: Call<'_>,
        tally: &mut Tally,
    ) -> Result<Opened, Failure> {
        if !call.route.socket {
            let text = "policy allows no WebSocket here: what it carries could not be protected";
            return Err(Refusal::new(Code::WebsocketRefused, text).into());
        }
        if call.route.step_up && !scribe.fresh {
            return Err(not_fresh().into());
        }
        let origins = origins(&self.upstream, visit.host);
        let who = (scribe, permit);
        let ends = Ends::open(who, (self, call.site, &origins), visit.headers).await?;
        let mut headers = ends.to_crm(call.method, visit.headers)?;
        for name in [SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION] {
            if let Some(value) = visit.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        if let Some(protocols) = visit.headers.get(SEC_WEBSOCKET_PROTOCOL) {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, named(protocols)?);
        }
        // Extensions are not offered: frames stay what both ends make of them without.
        headers.remove(HeaderName::from_static("sec-websocket-extensions"));
        let values = call.values();
        let document = body::parse(&values)?;
        let (cleared, _) = outwards::protect_page(scribe, &call, (&document, &[]), tally).await?;
        // A read leaves no entry of its own, and this is more than a read.
        scribe.sent(vec![], 0, vec![]).await?;
        let target = self.upstream.at(visit.host);
        let socket = self.upstream.socket(target, cleared, headers).await?;
        let (shared, hash) = (scribe.owned(), scribe.rules.plan.version_hash());
        Ok(Opened {
            headers: socket.headers,
            stream: Box::new(socket.stream),
            stands: Box::new(move || shared.rules.load().plan.version_hash() == hash),
        })
    }
}

/// Names of protocols: short words, that carry nothing of anybody.
fn named(value: &HeaderValue) -> Result<HeaderValue, Refusal> {
    const LONGEST: usize = 200;
    let sign = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-, ".contains(byte);
    let bytes = value.as_bytes();
    match bytes.len() <= LONGEST && bytes.iter().all(sign) {
        true => Ok(value.clone()),
        false => Err(Refusal::new(
            Code::ValueUnfit,
            "the protocols of a WebSocket are names",
        )),
    }
}
