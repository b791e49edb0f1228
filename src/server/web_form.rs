//! Web-to-Lead and Web-to-Case: the organization's own web server passes a visitor's form on, as a
//! program with two proofs. A form without both is refused before its body is read; a browser's
//! session is no proof here, since any page could have a browser send a form.

use bytes::Bytes;
use http::header::{
    ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::dialect::pages::error::Language;
use crate::dialect::salesforce::web_form::{Kind, LONGEST, page};
use crate::gate::{Denied, Permit};
use crate::proxy::web_form::{Became, Passed};
use crate::proxy::{Failure, Proxy, Tally};
use crate::server::border::{Border, fill, refused, target, tell, text};
use crate::server::exchange::{Accepted, Body, ExchangeId};
use crate::server::{respond, who};
use crate::telemetry::Account;

impl Border {
    /// Which servlet of forms is asked, where forms are taken.
    pub(super) fn takes_form(&self, request: &Accepted) -> Option<Kind> {
        let proxy = self.proxy.as_ref()?;
        proxy.takes_form(&request.target.path)
    }

    /// A form.
    pub(super) async fn web_form(&self, kind: Kind, mut request: Accepted) -> Response<Body> {
        let language = text(&request.headers, &ACCEPT_LANGUAGE);
        let language = Language::of(language.unwrap_or_default());
        let permit = match who::client(&self.gate, &request) {
            Ok(permit) => permit,
            Err(denied) => return self.not_admitted(denied, request.exchange, language).await,
        };
        let stands = who::standing(&self.gate, &request, &permit);
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let body = match std::mem::take(&mut request.body).read(LONGEST).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        if !stands() {
            let revoked = Denied::Revoked;
            return self.not_admitted(revoked, request.exchange, language).await;
        }
        let sent = (kind, &request, body.as_ref());
        passed(proxy, &permit, sent, language).await
    }

    async fn not_admitted(
        &self,
        denied: Denied,
        exchange: ExchangeId,
        language: Language,
    ) -> Response<Body> {
        self.denied(denied.kind(), exchange).await;
        // Its status and what goes with it, under a page that a visitor can read.
        let mut response = refused(denied);
        let why = denied.to_string();
        let text = match denied {
            Denied::RateLimited { .. } | Denied::Unavailable => page::busy(&why, language),
            Denied::NoCredential
            | Denied::Unknown
            | Denied::Expired
            | Denied::Revoked
            | Denied::WrongCertificate
            | Denied::WrongNetwork
            | Denied::SecondFactorMissing => page::denied(&why, language),
        };
        let body = html(response.headers_mut(), text);
        *response.body_mut() = body;
        response
    }
}

async fn passed(
    proxy: &Proxy,
    permit: &Permit,
    (kind, request, body): (Kind, &Accepted, &[u8]),
    language: Language,
) -> Response<Body> {
    let mut account = Account {
        client: Some(permit.recorded_as().to_owned()),
        ..Account::default()
    };
    let target = target(request);
    let form = Passed {
        exchange: u128::from_be_bytes(request.exchange.0),
        kind,
        method: request.method.as_str(),
        target: &target,
        content_type: text(&request.headers, &CONTENT_TYPE),
        content_encoding: text(&request.headers, &CONTENT_ENCODING),
        body,
    };
    let mut tally = Tally::default();
    let outcome = proxy.pass_form(permit, form, &mut tally).await;
    fill(&mut account, &tally);
    let mut response = match outcome {
        Ok(Became::Taken(returns)) => taken(returns.as_deref(), language),
        Ok(Became::Unsure) => {
            let why = "the CRM does not say that it has the form [sluis unavailable]";
            written(StatusCode::BAD_GATEWAY, page::failed(why, language))
        }
        Err(Failure::Refused(refusal)) => {
            account.refusal = Some(refusal.code);
            let (status, text) = page::refused(&refusal, language);
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            written(status, text)
        }
        Err(failure) => {
            let (status, why) = tell(&failure);
            written(status, page::failed(why, language))
        }
    };
    response.extensions_mut().insert(account);
    response
}

/// Leads the visitor on: by GET, so that nothing is sent twice.
fn taken(returns: Option<&str>, language: Language) -> Response<Body> {
    let returns = returns.and_then(|address| HeaderValue::from_str(address).ok());
    let mut response = written(StatusCode::OK, page::taken(language));
    if let Some(address) = returns {
        *response.status_mut() = StatusCode::SEE_OTHER;
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

fn written(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    let body = html(response.headers_mut(), text);
    *response.body_mut() = body;
    response
}

/// The body of a page that loads nothing and runs nothing.
fn html(headers: &mut HeaderMap, text: String) -> Body {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, kind);
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, nothing);
    Body::from(Bytes::from(text))
}
