//! The border's handler: who is asking, then the exchange, then the answer.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, RETRY_AFTER,
};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use crate::dialect::pages;
use crate::dialect::salesforce::error as salesforce;
use crate::gate::{Credentials, Denied, Form, Gate, OAuthError, Permit, TokenRequest};
use crate::model::{Code, Refusal, Secret};
use crate::proxy::{Failure, Incoming, Party, Proxy, Reply, Tally, Visit};
use crate::server::exchange::{Accepted, Body, Handler};
use crate::server::headers::{client_headers, upstream_headers};
use crate::server::respond;
use crate::telemetry::Account;

/// The border of one worker.
pub struct Border {
    gate: Arc<Gate>,
    /// None where the worker could not make its client of the CRM: then nothing passes.
    proxy: Option<Proxy>,
}

/// A form of the token endpoint: an assertion and a few fields.
const FORM_BYTES: usize = 16 * 1024;

/// Where the doors are that the border knows.
const REST: &str = "/services/data";

impl Border {
    #[must_use]
    pub fn new(gate: Arc<Gate>, proxy: Option<Proxy>) -> Self {
        Self { gate, proxy }
    }
}

impl Handler for Border {
    async fn handle(&self, request: Accepted) -> Response<Body> {
        match (&request.method, request.target.path.as_str()) {
            (&Method::POST, "/services/oauth2/token") => self.token(request).await,
            (&Method::POST, "/services/oauth2/revoke") => self.revoke(request).await,
            (&Method::GET, "/services/oauth2/userinfo") => self.userinfo(&request),
            (&Method::POST, pages::REPORTS) => reported(request).await,
            _ if self.serves_pages() => self.visit(request).await,
            _ => self.exchange(request).await,
        }
    }
}

impl Border {
    async fn exchange(&self, request: Accepted) -> Response<Body> {
        let permit = match self.admit(&request) {
            Ok(permit) => permit,
            Err(denied) if request.target.path.starts_with(REST) => return refused(denied),
            // SOAP and Bulk 1 carry their session elsewhere. Their doors are closed to everybody,
            // and 401 would make their clients sign in for ever.
            Err(_) => return closed(),
        };
        let mut account = Account {
            client: Some(permit.client().to_owned()),
            ..Account::default()
        };
        let limit = usize::MAX; // The server's own limit holds.
        let headers = request.headers;
        let body = match request.body.read(limit).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let target = match &request.target.query {
            Some(query) => format!("{}?{query}", request.target.path),
            None => request.target.path,
        };
        let incoming = Incoming {
            exchange: u128::from_be_bytes(request.exchange.0),
            method: request.method.as_str(),
            target: &target,
            content_type: text(&headers, &CONTENT_TYPE),
            content_encoding: text(&headers, &CONTENT_ENCODING),
            headers: upstream_headers(&headers),
            body,
            host: &request.host,
        };
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let mut tally = Tally::default();
        let outcome = proxy.exchange(&permit, incoming, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            Ok(reply) => answer(reply),
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                let (status, body) = salesforce::answer(&refusal);
                json(
                    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
                    body.into(),
                )
            }
            Err(failure) => failed(&failure),
        };
        response.extensions_mut().insert(account);
        response
    }

    fn serves_pages(&self) -> bool {
        self.proxy.as_ref().is_some_and(Proxy::serves_pages)
    }

    /// A page, a form or an export of a CRM that its policy describes.
    async fn visit(&self, request: Accepted) -> Response<Body> {
        let permit = match self.admit(&request) {
            Ok(permit) => permit,
            Err(denied) => return refused(denied),
        };
        let mut account = Account {
            client: Some(permit.client().to_owned()),
            ..Account::default()
        };
        let headers = request.headers;
        let limit = usize::MAX; // The server's own limit holds.
        let body = match request.body.read(limit).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let target = match &request.target.query {
            Some(query) => format!("{}?{query}", request.target.path),
            None => request.target.path,
        };
        let visit = Visit {
            exchange: u128::from_be_bytes(request.exchange.0),
            method: request.method.as_str(),
            target: &target,
            headers: &headers,
            body,
            host: &request.host,
        };
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let mut tally = Tally::default();
        let outcome = proxy.visit(&permit, visit, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            Ok(reply) => page(reply),
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                refusal_page(&refusal, &headers)
            }
            Err(failure) => failed(&failure),
        };
        response.extensions_mut().insert(account);
        response
    }

    fn admit(&self, request: &Accepted) -> Result<Permit, Denied> {
        self.gate.admit(&Credentials {
            authorization: text(&request.headers, &AUTHORIZATION),
            certificate: request.peer.certificate,
            source: request.peer.source,
            arrived: request.arrived,
        })
    }

    /// Salesforce's token endpoint, answered by us: the CRM's own never sees a client.
    async fn token(&self, request: Accepted) -> Response<Body> {
        let basic = text(&request.headers, &AUTHORIZATION).map(basic);
        let form_typed = text(&request.headers, &CONTENT_TYPE).is_some_and(is_form);
        let (peer, host) = (request.peer, request.host);
        let body = match request.body.read(FORM_BYTES).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let gate = Arc::clone(&self.gate);
        let granted = tokio::task::spawn_blocking(move || {
            if !form_typed {
                return Err(bad_request("the request must be a form"));
            }
            let basic = match basic {
                None => None,
                Some(Some(pair)) => Some(pair),
                Some(None) => return Err(bad_request("the Authorization header is malformed")),
            };
            let form = Form::parse(&body)?;
            gate.token(&TokenRequest {
                form: &form,
                basic,
                certificate: peer.certificate,
                source: peer.source,
                host: &host,
            })
        });
        let mut response = match granted.await {
            Ok(Ok(grant)) => json(
                StatusCode::OK,
                Bytes::copy_from_slice(grant.body().expose()),
            ),
            Ok(Err(error)) => oauth_error(&error),
            Err(_) => respond::failure(),
        };
        response.extensions_mut().insert(Account {
            route: "oauth.token",
            ..Account::default()
        });
        response
    }

    /// RFC 7009: the answer is the same whether the token was known.
    async fn revoke(&self, request: Accepted) -> Response<Body> {
        let form_typed = text(&request.headers, &CONTENT_TYPE).is_some_and(is_form);
        let body = match request.body.read(FORM_BYTES).await {
            Ok(body) if form_typed => body,
            Ok(_) => return oauth_error(&bad_request("the request must be a form")),
            Err(error) => return respond::body_error(error),
        };
        let token = form_urlencoded::parse(&body).find(|(name, _)| name == "token");
        let Some((_, token)) = token else {
            return oauth_error(&bad_request("the token is missing"));
        };
        let gate = Arc::clone(&self.gate);
        let token = Secret::from(token.as_ref());
        let revoked = tokio::task::spawn_blocking(move || {
            std::str::from_utf8(token.expose()).map(|token| gate.revoke(token))
        });
        match revoked.await {
            Ok(Ok(Ok(()))) => json(StatusCode::OK, Bytes::new()),
            _ => respond::failure(),
        }
    }

    /// Whom the token stands for, in the members that clients read.
    fn userinfo(&self, request: &Accepted) -> Response<Body> {
        let permit = match self.admit(request) {
            Ok(permit) => permit,
            Err(denied) => return refused(denied),
        };
        let info = self.gate.userinfo(&permit);
        let origin = format!("https://{}", request.host);
        let body = serde_json::json!({
            "sub": format!("{origin}{}", info.id_path),
            "user_id": info.user_id,
            "organization_id": info.organization_id,
            "preferred_username": info.username,
            "name": info.username,
            "active": true,
            "urls": {
                "rest": format!("{origin}/services/data/v{{version}}/"),
                "sobjects": format!("{origin}/services/data/v{{version}}/sobjects/"),
                "query": format!("{origin}/services/data/v{{version}}/query/"),
            },
        });
        json(StatusCode::OK, body.to_string().into())
    }
}

/// The CRM's answer, with the header fields that may pass.
fn answer(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(reply.body)));
    *response.status_mut() = reply.status;
    *response.headers_mut() = client_headers(&reply.headers);
    response
}

/// A page's answer: the proxy has written its header fields.
fn page(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(reply.body)));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

/// A refusal as whoever asked can show it: a page for a person, JSON for a script.
fn refusal_page(refusal: &Refusal, headers: &HeaderMap) -> Response<Body> {
    let field = |name: &'static str| text(headers, &HeaderName::from_static(name));
    let script = field("x-requested-with").is_some() || field("hx-request").is_some();
    let mode = field("sec-fetch-mode");
    let asks = field("accept").is_some_and(|accept| accept.contains("text/html"));
    let navigates = mode.map_or(asks && !script, |mode| mode == "navigate");
    let status = |status| StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    if !navigates {
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
    let own = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(own));
    response
}

/// A browser tells what a page's Content-Security-Policy has stopped. It is counted; its words are
/// a page's own, and nobody reads them.
async fn reported(request: Accepted) -> Response<Body> {
    let read = request.body.read(FORM_BYTES).await;
    let mut response = match read {
        Ok(_) => Response::new(Body::default()),
        Err(error) => respond::body_error(error),
    };
    if response.status().is_success() {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response.extensions_mut().insert(Account {
        route: "pages.csp-report",
        ..Account::default()
    });
    response
}

/// A client that is not admitted, in words that its library knows. Only what a new sign-in can
/// heal is 401; the rest would make clients sign in again for ever.
fn refused(denied: Denied) -> Response<Body> {
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

/// A door that is closed to everybody.
fn closed() -> Response<Body> {
    let refusal = Refusal::new(
        Code::EndpointUnknown,
        "this resource is not among those that the border knows",
    );
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

fn oauth_error(error: &OAuthError) -> Response<Body> {
    let body = serde_json::json!({ "error": error.error, "error_description": error.description });
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = json(status, body.to_string().into());
    if let Some(after) = error.retry_after {
        retry(&mut response, after.as_secs().max(1));
    }
    response
}

fn retry(response: &mut Response<Body>, seconds: u64) {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
}

/// A failure: the log has its causes, once; the answer has none.
fn failed(failure: &Failure) -> Response<Body> {
    let mut causes = String::new();
    let mut source = std::error::Error::source(failure);
    while let Some(cause) = source {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(causes, "{failure}");
    let (status, message) = match failure.party() {
        Party::LateCrm => (
            StatusCode::GATEWAY_TIMEOUT,
            "the CRM did not answer in time",
        ),
        Party::Crm => (StatusCode::BAD_GATEWAY, "the CRM's answer could not be had"),
        Party::Stores => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the border cannot protect or record at the moment",
        ),
        Party::Border => return respond::failure(),
    };
    respond::error(
        status,
        "SERVER_UNAVAILABLE",
        &format!("{message} [sluis unavailable]"),
    )
}

fn fill(account: &mut Account, tally: &Tally) {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    account.route = tally.route;
    account.protected = count(tally.protected);
    account.withheld = count(tally.withheld);
    account.revealed = count(tally.revealed);
    account.masked = count(tally.masked);
}

fn json(status: StatusCode, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_form(value: &str) -> bool {
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Client id and secret of `Authorization: Basic` (RFC 7617).
fn basic(value: &str) -> Option<(String, Secret)> {
    let encoded = value
        .get(..6)
        .filter(|scheme| scheme.eq_ignore_ascii_case("Basic "))
        .and_then(|_| value.get(6..))?;
    let decoded = Secret::new(
        data_encoding::BASE64
            .decode(encoded.trim().as_bytes())
            .ok()?,
    );
    let text = std::str::from_utf8(decoded.expose()).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.into()))
}

fn bad_request(description: &'static str) -> OAuthError {
    OAuthError {
        status: 400,
        error: "invalid_request",
        description,
        retry_after: None,
    }
}
