//! The border's handler: who is asking, then the exchange, then the answer.
//!
//! Paths of our own pages go to `signin`; Salesforce's sign-in endpoints go to the gate; all else is
//! an exchange, for whoever [`who::ask`] admits.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION,
    RETRY_AFTER,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use crate::dialect::pages;
use crate::dialect::salesforce::{cometd, door, error as salesforce, soap};
use crate::gate::staff::Surface;
use crate::gate::{Denied, Gate, Permit};
use crate::model::{Code, Refusal};
use crate::oidc::Provider;
use crate::proxy::{
    Beginning, BlobUpload, Content, Failure, Incoming, Party, Payload, Proxy, Reply, Tally, Upload,
    Visit,
};
use crate::server::body::{BodyError, BodyReader};
use crate::server::bulk;
use crate::server::exchange::{Accepted, Body, ExchangeId, Handler};
use crate::server::export;
use crate::server::framing::Violation;
use crate::server::headers::{client_headers, upstream_headers};
use crate::server::oauth::FORM_BYTES;
use crate::server::outbound;
use crate::server::respond;
use crate::server::tunnel::{Ends, Tunnel};
use crate::server::who::{self, Away};
use crate::signin::{self, Pages};
use crate::telemetry::Account;

/// The border of one worker.
pub struct Border {
    pub(super) gate: Arc<Gate>,
    pages: Pages,
    /// None where the worker could not make its client of the CRM: then nothing passes.
    pub(super) proxy: Option<Proxy>,
    /// The directives by which browsers have stopped something, each once, so that nobody fills the
    /// log.
    stopped: Mutex<BTreeSet<&'static str>>,
}

/// Where the doors are that the border knows.
const API: [&str; 4] = [
    "/services/data",
    cometd::FOLDER,
    "/sfc/servlet.shepherd",
    "/servlet/servlet.FileDownload",
];
/// The same for pages.
const AURA: &[&str] = &["/aura", "/s/sfsites/aura"];
/// Where the Bulk API 1.0 is.
pub(super) const ASYNC: &str = "/services/async/";

impl Border {
    #[must_use]
    pub fn new(gate: Arc<Gate>, provider: Option<Arc<Provider>>, proxy: Option<Proxy>) -> Self {
        let pages = Pages::new(Arc::clone(&gate), provider);
        Self {
            gate,
            pages,
            proxy,
            stopped: Mutex::default(),
        }
    }
}

impl Handler for Border {
    /// Each request's future is made and moved whole: what most requests are not stands elsewhere,
    /// or every one would take the room of the largest.
    async fn handle(&self, request: Accepted) -> Response<Body> {
        if signin::is_service_worker(&request.headers) {
            return no_service_worker();
        }
        let form = self.takes_form(&request);
        match (&request.method, request.target.path.as_str()) {
            (&Method::POST, "/services/oauth2/token") => Box::pin(self.token(request)).await,
            (&Method::POST, "/services/oauth2/revoke") => Box::pin(self.revoke(request)).await,
            (&Method::GET, "/services/oauth2/userinfo") => self.userinfo(&request),
            (&Method::POST, pages::REPORTS) => Box::pin(self.reported(request)).await,
            (_, path) if path.starts_with(outbound::FOLDER) => {
                Box::pin(self.outbound(request)).await
            }
            (_, path) if request.socket && (signin::is_ours(path) || !self.serves_pages()) => {
                respond::violation(Violation::bad("trailers and upgrades are not taken"))
            }
            _ if request.socket => Box::pin(self.socket(request)).await,
            (&Method::GET, path) if path.starts_with("/id/") && !self.serves_pages() => {
                self.identity(&request)
            }
            (_, path) if signin::is_ours(path) => Box::pin(self.page(request)).await,
            _ if self.serves_pages() => Box::pin(self.visit(request)).await,
            (_, path) if path.starts_with(export::REPORTS) => Box::pin(self.export(request)).await,
            _ if let Some(kind) = form => Box::pin(self.web_form(kind, request)).await,
            (&Method::POST, path) if path.starts_with(soap::FOLDER) => {
                Box::pin(self.soap(request)).await
            }
            (&Method::POST, path) if path.starts_with(cometd::FOLDER) => {
                Box::pin(self.poll(request)).await
            }
            _ => self.exchange(request).await,
        }
    }
}

impl Border {
    /// The export of a report, or what looks like one.
    async fn export(&self, mut request: Accepted) -> Response<Body> {
        match export::session(&mut request) {
            Ok(()) => self.exchange(request).await,
            Err(denied) => self.turn_away(Away::Denied(denied), &request).await,
        }
    }

    async fn exchange(&self, mut request: Accepted) -> Response<Body> {
        let permit = match who::ask(&self.gate, &request) {
            Ok(permit) => permit,
            Err(away) => return self.turn_away(away, &request).await,
        };
        let stands = who::standing(&self.gate, &request, &permit);
        signin::strip(&mut request.headers);
        let mut account = Account {
            client: Some(permit.recorded_as().to_owned()),
            ..Account::default()
        };
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let target = target(&request);
        if Proxy::is_bulk_upload(request.method.as_str(), &target) {
            return Box::pin(self.bulk_upload(&permit, request, &*stands)).await;
        }
        let body = std::mem::take(&mut request.body);
        let beginning = Beginning {
            method: request.method.as_str(),
            target: &target,
            content_type: text(&request.headers, &CONTENT_TYPE),
            content_encoding: text(&request.headers, &CONTENT_ENCODING),
        };
        let (body, blob) = match proxy.blob(&permit, &beginning) {
            Ok(blob) => match whole_or_blob(body, blob).await {
                Ok(read) => read,
                Err(error) => return respond::body_error(error),
            },
            Err(failure) => return failed(&failure),
        };
        if sends(&request.method) && !stands() {
            return self.turn_away(lost(&permit), &request).await;
        }
        let headers = request.headers;
        let incoming = Incoming {
            exchange: u128::from_be_bytes(request.exchange.0),
            method: request.method.as_str(),
            target: &target,
            content_type: text(&headers, &CONTENT_TYPE),
            content_encoding: text(&headers, &CONTENT_ENCODING),
            accept: text(&headers, &ACCEPT),
            headers: upstream_headers(&headers),
            body,
            blob,
            image: text(&headers, &FETCH_DEST) == Some("image"),
            host: &request.host,
            stands: Some(stands),
        };
        let mut tally = Tally::default();
        let outcome = proxy.exchange(&permit, incoming, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            // Its header fields are ours alone.
            Ok(reply) if matches!(reply.body, Content::File(_)) => page(reply),
            Ok(reply) => answer(reply),
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                api_refusal(&refusal, &target, &headers)
            }
            Err(failure) if target.starts_with(ASYNC) => bulk::failed(&failure, &headers),
            Err(failure) => failed(&failure),
        };
        response.extensions_mut().insert(account);
        response
    }

    fn serves_pages(&self) -> bool {
        self.proxy.as_ref().is_some_and(Proxy::serves_pages)
    }

    /// A page, a form or an export of a CRM that its policy describes.
    async fn visit(&self, mut request: Accepted) -> Response<Body> {
        let permit = match who::ask(&self.gate, &request) {
            Ok(permit) => permit,
            Err(away) => return self.turn_away(away, &request).await,
        };
        let stands = who::standing(&self.gate, &request, &permit);
        signin::strip(&mut request.headers);
        let mut account = Account {
            client: Some(permit.recorded_as().to_owned()),
            ..Account::default()
        };
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let target = target(&request);
        let body = std::mem::take(&mut request.body);
        let mut visit = Visit {
            exchange: u128::from_be_bytes(request.exchange.0),
            method: request.method.as_str(),
            target: &target,
            headers: &request.headers,
            body: Payload::default(),
            host: &request.host,
            stands: None,
        };
        let mut tally = Tally::default();
        let outcome = match proxy.upload(&permit, &visit).await {
            Ok(upload) => {
                visit.body = match payload(body, upload).await {
                    Ok(body) => body,
                    Err(error) => return respond::body_error(error),
                };
                if sends(&request.method) && !stands() {
                    return self.turn_away(lost(&permit), &request).await;
                }
                visit.stands = Some(stands);
                proxy.visit(&permit, visit, &mut tally).await
            }
            Err(failure) => Err(failure),
        };
        fill(&mut account, &tally);
        let headers = &request.headers;
        let mut response = match outcome {
            Ok(reply) => page(reply),
            Err(Failure::Refused(refusal))
                if refusal.code == Code::StepUp
                    && permit.sign_in().is_some()
                    && signin::is_navigation(&request.method, headers) =>
            {
                account.refusal = Some(refusal.code);
                see_other(&signin::step_up_at(&target))
            }
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                refusal_page(&refusal, headers)
            }
            Err(failure) => failed(&failure),
        };
        response.extensions_mut().insert(account);
        response
    }

    /// What is answered to whoever is not admitted, which the ledger has too.
    pub(super) async fn turn_away(&self, away: Away, request: &Accepted) -> Response<Body> {
        match away {
            Away::SignIn => {} // Where everybody begins.
            Away::OtherSite => self.denied("other-site", request.exchange).await,
            Away::Denied(denied) => self.denied(denied.kind(), request.exchange).await,
        }
        turned_away(away, request)
    }

    /// Puts a denial into the ledger.
    pub(super) async fn denied(&self, reason: &str, exchange: ExchangeId) {
        let Some(proxy) = &self.proxy else {
            return;
        };
        let exchange = u128::from_be_bytes(exchange.0);
        if let Err(failure) = proxy.recorder().denied(reason, exchange).await {
            // Nothing is let out, whether it is recorded or not.
            tracing::error!(error = %failure, "a denial could not be recorded");
        }
    }

    /// Puts what the gate did into the ledger, and only then answers. A refusal is answered first:
    /// writing it down takes longer for people that exist than for those that do not.
    pub(super) async fn recorded(&self, response: Response<Body>) -> Response<Body> {
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let refuses = response.status().is_client_error();
        match self.record(proxy, refuses).await {
            Ok(()) => response,
            Err(failure) => failed(&failure),
        }
    }

    /// As [`Self::recorded`], for an answer that is yet to be written. After a refusal it does not
    /// wait, and cannot fail.
    pub(super) async fn record(&self, proxy: &Proxy, refuses: bool) -> Result<(), Failure> {
        let (recorder, gate) = (proxy.recorder(), Arc::clone(&self.gate));
        if !refuses {
            return recorder.record(&gate).await;
        }
        tokio::spawn(async move {
            if let Err(failure) = recorder.record(&gate).await {
                tracing::error!(error = %failure, "a refusal could not be recorded");
            }
        });
        Ok(())
    }

    /// A WebSocket, for a page of this very origin: browsers let any page ask for one, with our
    /// cookie.
    async fn socket(&self, mut request: Accepted) -> Response<Body> {
        let permit = match who::ask(&self.gate, &request) {
            Ok(permit) => permit,
            Err(away) => return self.turn_away(away, &request).await,
        };
        if !signin::is_same_origin(&request.headers, &request.host) {
            return self.turn_away(Away::OtherSite, &request).await;
        }
        let goes_on = who::standing(&self.gate, &request, &permit);
        signin::strip(&mut request.headers);
        let mut account = Account {
            client: Some(permit.recorded_as().to_owned()),
            ..Account::default()
        };
        let target = target(&request);
        let visit = Visit {
            exchange: u128::from_be_bytes(request.exchange.0),
            method: request.method.as_str(),
            target: &target,
            headers: &request.headers,
            body: Payload::default(),
            host: &request.host,
            stands: None,
        };
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let mut tally = Tally::default();
        let outcome = proxy.socket(&permit, visit, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            Ok(opened) => {
                let mut response = Response::new(Body::default());
                *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
                *response.headers_mut() = opened.headers;
                let (far, stands) = (Box::new(opened.stream), opened.stands);
                let goes_on = Box::new(move || stands() && goes_on());
                let tunnel = Tunnel::new(Ends { far, goes_on });
                response.extensions_mut().insert(tunnel);
                response
            }
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                refusal_page(&refusal, &request.headers)
            }
            Err(failure) => failed(&failure),
        };
        response.extensions_mut().insert(account);
        response
    }

    /// A browser tells what a page's Content-Security-Policy has stopped. It is counted, and the
    /// directive is logged, each once.
    async fn reported(&self, request: Accepted) -> Response<Body> {
        let known = who::ask(&self.gate, &request).is_ok();
        let read = request.body.read(FORM_BYTES).await;
        let mut response = match &read {
            Ok(_) => Response::new(Body::default()),
            Err(error) => respond::body_error(*error),
        };
        if let Ok(report) = read {
            *response.status_mut() = StatusCode::NO_CONTENT;
            if let Some(directive) = pages::blocked(&report).filter(|_| known) {
                self.tell(directive);
            }
        }
        response.extensions_mut().insert(Account {
            route: "pages.csp-report",
            ..Account::default()
        });
        response
    }

    fn tell(&self, directive: &'static str) {
        let mut seen = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.insert(directive) {
            tracing::warn!(directive, "a browser stopped what a page wanted to load");
        }
    }

    /// A page of ours. It hashes passwords and waits for the disk, so it has a thread of its own.
    async fn page(&self, request: Accepted) -> Response<Body> {
        let body = match request.body.read(signin::LONGEST_BODY).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        // What the provider answers comes by GET, and signs in.
        let looks = request.method == Method::GET && !request.target.path.ends_with("/callback");
        let visit = signin::Visit {
            method: request.method,
            path: request.target.path,
            query: request.target.query,
            headers: request.headers,
            body,
            source: request.peer.source,
            host: request.host,
            surface: Surface::Border,
        };
        let pages = self.pages.clone();
        let answered = tokio::task::spawn_blocking(move || pages.answer(&visit)).await;
        let mut response = match answered {
            Ok(answer) => answer.map(Body::from),
            Err(_) => respond::failure(),
        };
        if !looks || response.status().is_client_error() {
            response = self.recorded(response).await;
        }
        response.extensions_mut().insert(Account {
            route: "signin",
            ..Account::default()
        });
        response
    }
}

/// Reads on for a while where the rest does not count: a client that is still sending when its
/// connection closes may never see why.
pub(super) async fn leave(body: &mut BodyReader) {
    const MOST: usize = 4 << 20;
    let mut left = MOST;
    while let Ok(Some(part)) = body.next().await {
        left = left.saturating_sub(part.len());
        if left == 0 {
            return;
        }
    }
}

/// Whether a request has a body, which can take hours: whoever sends it is asked for again when it is
/// here.
fn sends(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// Whoever was admitted, and is no more.
pub(super) fn lost(permit: &Permit) -> Away {
    match permit.sign_in() {
        Some(_) => Away::SignIn,
        None => Away::Denied(Denied::Revoked),
    }
}

/// The body of a visit: whole, but for forms whose files are sealed while they come.
async fn payload(mut body: BodyReader, upload: Option<Upload>) -> Result<Payload, BodyError> {
    let Some(mut upload) = upload else {
        let limit = usize::MAX; // The server's own limit holds.
        return body.read(limit).await.map(Payload::Whole);
    };
    while let Some(bytes) = body.next().await? {
        if !upload.push(&bytes).await {
            break;
        }
        body.keep(upload.kept())?;
    }
    Ok(Payload::Upload(Box::new(upload)))
}

/// As [`payload`], for a record that may have its file beside it.
async fn whole_or_blob(
    mut body: BodyReader,
    blob: Option<BlobUpload>,
) -> Result<(Bytes, Option<Box<BlobUpload>>), BodyError> {
    let Some(mut blob) = blob else {
        let limit = usize::MAX; // The server's own limit holds.
        return Ok((body.read(limit).await?, None));
    };
    while let Some(bytes) = body.next().await? {
        if !blob.push(&bytes).await {
            break;
        }
        body.keep(blob.kept())?;
    }
    Ok((Bytes::new(), Some(Box::new(blob))))
}

/// What a browser will do with what it asks for.
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The CRM's answer, with the header fields that may pass.
pub(super) fn answer(reply: Reply) -> Response<Body> {
    let mut response = Response::new(content(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = client_headers(&reply.headers);
    response
}

/// Who is not admitted: a person is shown where to sign in, a program an error that it knows.
fn turned_away(away: Away, request: &Accepted) -> Response<Body> {
    match away {
        Away::SignIn => {
            let mut response = see_other(&signin::sign_in_at(&target(request)));
            response.extensions_mut().insert(Account {
                route: "gate",
                ..Account::default()
            });
            response
        }
        Away::OtherSite => {
            tracing::info!(reason = "other-site", "a request was not admitted");
            respond::error(
                StatusCode::FORBIDDEN,
                "INSUFFICIENT_ACCESS",
                "another site sent this request [sluis other-site]",
            )
        }
        Away::Denied(denied) if asks_again(&request.target.path) => refused(denied),
        Away::Denied(denied) if export::is_export(request) => refused(denied),
        Away::Denied(denied) if request.target.path.starts_with(ASYNC) => {
            bulk::refused(denied, &request.headers)
        }
        // SOAP carries its session elsewhere. Its doors are closed to everybody,
        // and 401 would make its clients sign in for ever.
        Away::Denied(_) => closed(&request.target.path),
    }
}

/// Whether whoever asks there signs in again when told so.
fn asks_again(path: &str) -> bool {
    API.iter().any(|door| path.starts_with(door)) || AURA.contains(&path)
}

/// A refusal in the words of the interface that was asked.
pub(super) fn api_refusal(refusal: &Refusal, target: &str, headers: &HeaderMap) -> Response<Body> {
    if target.starts_with(ASYNC) {
        return bulk::fault(refusal, headers);
    }
    if target.starts_with(export::REPORTS) && navigates(headers) {
        return refusal_page(refusal, headers);
    }
    let (status, body) = salesforce::answer_at(target, refusal);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    json(status, body.into())
}

/// Leads a browser to a page of ours.
fn see_other(path: &str) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let at = HeaderValue::from_str(path);
    let at = at.unwrap_or(HeaderValue::from_static("/.sluis/sign-in"));
    response.headers_mut().insert(LOCATION, at);
    response
}

pub(super) fn target(request: &Accepted) -> String {
    let (path, query) = (&request.target.path, &request.target.query);
    match query {
        Some(query) => [path, "?", query].concat(),
        None => path.clone(),
    }
}

/// A page's answer: the proxy has written its header fields.
fn page(reply: Reply) -> Response<Body> {
    let mut response = Response::new(content(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

fn content(content: Content) -> Body {
    match content {
        Content::Whole(body) => Body::from(Bytes::from(body)),
        Content::Table(stream) | Content::File(stream) => Body::file(stream),
    }
}

/// A refusal as whoever asked can show it: a page for a person, JSON for a script.
fn refusal_page(refusal: &Refusal, headers: &HeaderMap) -> Response<Body> {
    let field = |name: &'static str| text(headers, &HeaderName::from_static(name));
    let status = |status| StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    if !navigates(headers) {
        let (code, body) = pages::error::json(refusal);
        return json(status(code), body.into());
    }
    let language = pages::error::Language::of(field("accept-language").unwrap_or_default());
    let (code, body) = pages::error::page(refusal, language);
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = status(code);
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    let own = "default-src 'none'; style-src 'self'; frame-ancestors 'self'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(own));
    response
}

/// Whether whoever asks is a browser that will show the answer, and no script or program.
fn navigates(headers: &HeaderMap) -> bool {
    let field = |name: &'static str| text(headers, &HeaderName::from_static(name));
    let script = field("x-requested-with").is_some() || field("hx-request").is_some();
    let asks = field("accept").is_some_and(|accept| accept.contains("text/html"));
    field("sec-fetch-mode").map_or(asks && !script, |mode| mode == "navigate")
}

/// A client that is not admitted, in words that its library knows. Only what a new sign-in can
/// heal is 401; the rest would make clients sign in again for ever.
pub(super) fn refused(denied: Denied) -> Response<Body> {
    let (status, code) = match denied {
        Denied::NoCredential | Denied::Unknown | Denied::Expired | Denied::Revoked => {
            (StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID")
        }
        Denied::WrongCertificate | Denied::WrongNetwork => {
            (StatusCode::FORBIDDEN, "INSUFFICIENT_ACCESS")
        }
        Denied::SecondFactorMissing => (StatusCode::FORBIDDEN, "TXN_SECURITY_TWO_FA_REQUIRED"),
        Denied::RateLimited { .. } => (StatusCode::FORBIDDEN, "REQUEST_LIMIT_EXCEEDED"),
        Denied::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "SERVER_UNAVAILABLE"),
    };
    tracing::info!(reason = denied.kind(), "a request was not admitted");
    let mut response = respond::error(status, code, &denied.to_string());
    if let Denied::RateLimited { retry_after } = denied {
        retry(&mut response, retry_after.as_secs().max(1));
    }
    response.extensions_mut().insert(Account {
        route: "gate",
        ..Account::default()
    });
    response
}

/// No script becomes a service worker, whosever it is: it would read our own pages.
fn no_service_worker() -> Response<Body> {
    tracing::warn!(reason = "service-worker", "a request was not admitted");
    let mut response = respond::error(
        StatusCode::FORBIDDEN,
        "INSUFFICIENT_ACCESS",
        "no service worker is installed here [sluis service-worker]",
    );
    response.extensions_mut().insert(Account {
        route: "gate",
        ..Account::default()
    });
    response
}

/// A door that is closed to everybody.
fn closed(path: &str) -> Response<Body> {
    let refusal = door::closed(path);
    let (status, body) = salesforce::answer(&refusal);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = json(status, body.into());
    response.extensions_mut().insert(Account {
        route: "unknown",
        refusal: Some(refusal.code),
        ..Account::default()
    });
    response
}

pub(super) fn retry(response: &mut Response<Body>, seconds: u64) {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
}

/// A failure: the log has its causes, once; the answer has none.
pub(super) fn failed(failure: &Failure) -> Response<Body> {
    let (status, message) = tell(failure);
    if failure.party() == Party::Border {
        return respond::failure();
    }
    let mut response = respond::error(status, "SERVER_UNAVAILABLE", message);
    if matches!(failure, Failure::Crowded) {
        retry(&mut response, 5);
    }
    response
}

/// What a client is told of a failure.
pub(super) fn tell(failure: &Failure) -> (StatusCode, &'static str) {
    let mut causes = String::new();
    let mut source = std::error::Error::source(failure);
    while let Some(cause) = source {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(causes, "{failure}");
    match failure.party() {
        Party::LateCrm => (
            StatusCode::GATEWAY_TIMEOUT,
            "the CRM did not answer in time [sluis unavailable]",
        ),
        Party::Crm => (
            StatusCode::BAD_GATEWAY,
            "the CRM's answer could not be had [sluis unavailable]",
        ),
        Party::Stores => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the border cannot protect or record at the moment [sluis unavailable]",
        ),
        Party::Border => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "the proxy failed [sluis failure]",
        ),
    }
}

pub(super) fn fill(account: &mut Account, tally: &Tally) {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    account.route = tally.route;
    account.protected = count(tally.protected);
    account.withheld = count(tally.withheld);
    account.revealed = count(tally.revealed);
    account.masked = count(tally.masked);
    account.refusal = account.refusal.or(tally.refusal);
}

pub(super) fn json(status: StatusCode, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

pub(super) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
