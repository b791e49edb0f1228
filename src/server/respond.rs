//! The only place where an error becomes an answer, and where an answer gets its security fields.

use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE,
    HeaderName, HeaderValue, REFERRER_POLICY, SERVER, STRICT_TRANSPORT_SECURITY, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Response, StatusCode};

use crate::server::body::BodyError;
use crate::server::exchange::{Body, ExchangeId};
use crate::server::framing::{self, Violation};
use crate::server::tunnel::Tunnel;

/// An error as Salesforce's clients read it: an array with one message and one code. `message` is
/// ours alone and never repeats what the client sent.
#[must_use]
pub fn error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let entry = serde_json::json!([{ "message": message, "errorCode": code }]);
    let mut response = Response::new(Body::from(entry.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// The answer to what is not a request.
#[must_use]
pub fn violation(violation: Violation) -> Response<Body> {
    let message = format!("{} [sluis framing]", violation.what);
    let mut response = error(violation.status, name(violation.status), &message);
    if violation.status == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
        response.headers_mut().insert(http::header::ALLOW, allowed);
    }
    response
}

/// The answer when a body could not be read. Handlers return it as it is.
#[must_use]
pub fn body_error(error: BodyError) -> Response<Body> {
    let (status, what) = match error {
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
        BodyError::Malformed(what) => (StatusCode::BAD_REQUEST, what),
        BodyError::Busy => return unavailable(),
        BodyError::Slow => (StatusCode::REQUEST_TIMEOUT, "the body came too slowly"),
        BodyError::Gone => (StatusCode::BAD_REQUEST, "the body did not come whole"),
    };
    violation(Violation::new(status, what))
}

/// Our own failure. The log says more; the answer does not.
#[must_use]
pub fn failure() -> Response<Body> {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    error(status, name(status), "the proxy failed [sluis failure]")
}

/// We cannot take work just now.
#[must_use]
pub fn unavailable() -> Response<Body> {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    error(status, name(status), "the proxy is busy [sluis busy]")
}

fn name(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        StatusCode::REQUEST_TIMEOUT => "REQUEST_TIMEOUT",
        StatusCode::PAYLOAD_TOO_LARGE => "REQUEST_TOO_LARGE",
        StatusCode::URI_TOO_LONG => "URI_TOO_LONG",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "REQUEST_HEADER_FIELDS_TOO_LARGE",
        StatusCode::INTERNAL_SERVER_ERROR => "UNKNOWN_EXCEPTION",
        StatusCode::SERVICE_UNAVAILABLE => "SERVER_UNAVAILABLE",
        _ => "INVALID_REQUEST",
    }
}

/// Fields that the server alone writes, or nobody.
const NOT_OF_A_HANDLER: [HeaderName; 10] = [
    CONNECTION,
    CONTENT_LENGTH,
    DATE,
    SERVER,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("x-request-id"),
];

/// What every answer says, unless its handler says otherwise.
const DEFAULTS: [(HeaderName, HeaderValue); 6] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000; includeSubDomains"),
    ),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// Makes an answer ready to be written: fields of the hop out, security fields in, the exchange's
/// id for the person who asks about it.
pub(super) fn finish(mut response: Response<Body>, exchange: Option<ExchangeId>) -> Response<Body> {
    // A final status is promised; an interim one would make the next answer be taken for this one.
    let opens = response.extensions().get::<Tunnel>().is_some();
    if response.status().is_informational() && !opens {
        response = failure();
    }
    let headers = response.headers_mut();
    framing::remove(headers, &NOT_OF_A_HANDLER);
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    let id = exchange.and_then(|id| HeaderValue::from_bytes(&id.ascii()).ok());
    if let Some(id) = id {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_violation_has_the_shape_of_the_crm() {
        let response = violation(Violation::bad("a rule"));
        assert_eq!(response.status(), 400);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body[0]["message"], "a rule [sluis framing]");
        assert_eq!(body[0]["errorCode"], "INVALID_REQUEST");
    }

    #[test]
    fn fields_of_the_hop_do_not_leave_and_security_fields_do() {
        let mut response = Response::new(Body::default());
        for name in [
            "transfer-encoding",
            "server",
            "x-request-id",
            "content-length",
        ] {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static("1"));
        }
        let mine = HeaderValue::from_static("private");
        response.headers_mut().insert(CACHE_CONTROL, mine.clone());
        let response = finish(response, Some(ExchangeId([1; 16])));
        let headers = response.headers();
        for name in ["transfer-encoding", "server", "content-length"] {
            assert!(!headers.contains_key(name), "{name}");
        }
        assert_eq!(headers["x-request-id"], ExchangeId([1; 16]).to_string());
        assert_eq!(headers[CACHE_CONTROL], mine);
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(headers.contains_key(STRICT_TRANSPORT_SECURITY));
        let plain = finish(Response::new(Body::default()), None);
        assert_eq!(plain.headers()[CACHE_CONTROL], "no-store");
    }

    #[test]
    fn an_interim_status_becomes_a_failure() {
        let mut response = Response::new(Body::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        assert_eq!(finish(response, None).status(), 500);
    }
}
