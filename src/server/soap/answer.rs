//! What is answered in SOAP, of the border's own.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::dialect::salesforce::soap::{self, Api};
use crate::gate::{Denied, OAuthError};
use crate::model::Refusal;
use crate::proxy::Failure;
use crate::server::border::tell;
use crate::server::exchange::Body;
use crate::server::respond;
use crate::telemetry::Account;
use crate::wire::xml::Unfit;

pub(super) fn written(body: Result<Vec<u8>, Unfit>) -> Response<Body> {
    match body {
        Ok(body) => xml(StatusCode::OK, body),
        Err(Unfit) => respond::failure(),
    }
}

/// The fault of a refusal.
pub(super) fn fault(api: Api, refusal: &Refusal) -> Response<Body> {
    xml(StatusCode::INTERNAL_SERVER_ERROR, soap::fault(api, refusal))
}

/// A message that is refused before it is known who sends it.
pub(super) fn refused(api: Api, refusal: &Refusal) -> Response<Body> {
    let mut response = fault(api, refusal);
    response.extensions_mut().insert(Account {
        route: "unknown",
        refusal: Some(refusal.code),
        ..Account::default()
    });
    response
}

/// A session that is not admitted. Only what a new sign-in can heal is `INVALID_SESSION_ID`.
pub(super) fn turned_away(api: Api, denied: Denied) -> Response<Body> {
    let code = match denied {
        Denied::NoCredential | Denied::Unknown | Denied::Expired | Denied::Revoked => {
            "INVALID_SESSION_ID"
        }
        Denied::WrongCertificate | Denied::WrongNetwork => "INSUFFICIENT_ACCESS",
        Denied::SecondFactorMissing => "TXN_SECURITY_TWO_FA_REQUIRED",
        Denied::RateLimited { .. } => "REQUEST_LIMIT_EXCEEDED",
        Denied::Unavailable => "SERVER_UNAVAILABLE",
    };
    tracing::info!(reason = denied.kind(), "a request was not admitted");
    gated(soap::denied(api, code, &denied.to_string()))
}

pub(super) fn not_signed_in(api: Api, error: &OAuthError) -> Response<Body> {
    let (code, message) = match error.status {
        500.. => (
            "SERVER_UNAVAILABLE",
            "sign-in is not possible at the moment",
        ),
        _ if error.retry_after.is_some() => ("REQUEST_LIMIT_EXCEEDED", "too many tries; wait"),
        _ => (
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
        ),
    };
    gated(soap::denied(api, code, message))
}

fn gated(body: Vec<u8>) -> Response<Body> {
    let mut response = xml(StatusCode::INTERNAL_SERVER_ERROR, body);
    response.extensions_mut().insert(Account {
        route: "gate",
        ..Account::default()
    });
    response
}

pub(super) fn busy(api: Api) -> Response<Body> {
    let message = "the proxy is busy [sluis busy]";
    let body = soap::denied(api, "SERVER_UNAVAILABLE", message);
    xml(StatusCode::SERVICE_UNAVAILABLE, body)
}

pub(super) fn failed(api: Api, failure: &Failure) -> Response<Body> {
    let (status, message) = tell(failure);
    xml(status, soap::denied(api, "SERVER_UNAVAILABLE", message))
}

fn xml(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/xml;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
