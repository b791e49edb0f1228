//! How a page becomes an answer: its header fields, and errors in a person's words.

use askama::Template;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER,
    SET_COOKIE,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

use crate::gate::staff::{SignInError, Step, Weakness};
use crate::model::Secret;
use crate::signin::cookie;
use crate::signin::view::Message;
use crate::signin::words::Words;

/// What every answer of ours says. `Referrer-Policy: same-origin`, because with `no-referrer`
/// browsers send `Origin: null` with our own forms (Fetch, section 4.6).
const FIELDS: [(HeaderName, HeaderValue); 6] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
             img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'",
        ),
    ),
    (
        // The CRM's pages have none, so a window of ours that one of them opens is out of its reach.
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "publickey-credentials-create=(self), publickey-credentials-get=(self)",
        ),
    ),
];

pub fn page(status: StatusCode, page: &impl Template) -> Response<Bytes> {
    match page.render() {
        Ok(text) => with(status, "text/html; charset=utf-8", text.into()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page failed");
            with(
                StatusCode::INTERNAL_SERVER_ERROR,
                "text/plain; charset=utf-8",
                Bytes::from_static(b"the page failed"),
            )
        }
    }
}

#[must_use]
pub fn asset(kind: &'static str, text: &'static str) -> Response<Bytes> {
    with(StatusCode::OK, kind, Bytes::from_static(text.as_bytes()))
}

#[must_use]
pub fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    with(status, "application/json", body.to_string().into())
}

/// A page with one sentence, and the way on.
pub(super) fn message(
    words: &'static Words,
    status: StatusCode,
    text: &'static str,
) -> Response<Bytes> {
    page(status, &Message { words, text })
}

#[must_use]
pub fn see_other(path: &str) -> Response<Bytes> {
    let mut response = with(
        StatusCode::SEE_OTHER,
        "text/plain; charset=utf-8",
        Bytes::new(),
    );
    let target = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, target);
    response
}

/// The session's new name goes to the browser.
pub(super) fn with_session(mut response: Response<Bytes>, step: &Step) -> Response<Bytes> {
    if let Some(value) = cookie::set(&step.cookie) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
    response
}

/// By this name the browser is known when it comes back from the identity provider.
pub(super) fn with_journey(mut response: Response<Bytes>, name: &Secret) -> Response<Bytes> {
    if let Some(value) = cookie::set_journey(name) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

pub(super) fn without_journey(mut response: Response<Bytes>) -> Response<Bytes> {
    if let Some(value) = cookie::forget_journey() {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

/// The session's cookie and all else that browsers keep of this host goes.
pub(super) fn cleared(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"cookies\", \"storage\""),
    );
    if let Some(value) = cookie::forget() {
        headers.insert(SET_COOKIE, value);
    }
    response
}

/// An answer of this media type, with the fields that all of ours have.
#[must_use]
pub fn with(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in FIELDS {
        headers.insert(name, value);
    }
    response
}

/// What an error is to a person: a status, a sentence with a remedy, how long to wait.
pub(super) struct Said {
    pub status: StatusCode,
    pub text: &'static str,
    retry_after: Option<u64>,
}

impl Said {
    /// `wrong` is what is said of a proof that was refused: it depends on the page.
    pub fn of(error: &SignInError, words: &'static Words, wrong: &'static str) -> Self {
        let (status, text) = match error {
            SignInError::Wrong => (StatusCode::FORBIDDEN, wrong),
            SignInError::TooOften { .. } => (StatusCode::TOO_MANY_REQUESTS, words.too_often),
            SignInError::SessionEnded => (StatusCode::FORBIDDEN, words.session_ended),
            SignInError::StepUp => (StatusCode::FORBIDDEN, words.step_up_first),
            SignInError::LinkEnded => (StatusCode::GONE, words.link_ended),
            SignInError::WeakPassword(weakness) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                match weakness {
                    Weakness::Short => words.password_short,
                    Weakness::Long => words.password_long,
                    Weakness::Monotonous => words.password_monotonous,
                    Weakness::Guessable => words.password_guessable,
                },
            ),
            SignInError::LastFactor => (StatusCode::CONFLICT, words.last_factor),
            SignInError::NoPasskeys => (StatusCode::CONFLICT, words.no_passkeys),
            SignInError::Ours(error) => {
                tracing::error!(error = error as &dyn std::error::Error, "a sign-in failed");
                (StatusCode::INTERNAL_SERVER_ERROR, words.ours)
            }
        };
        let retry_after = match error {
            SignInError::TooOften { retry_after } => Some(retry_after.as_secs().max(1)),
            _ => None,
        };
        Self {
            status,
            text,
            retry_after,
        }
    }

    /// A page with nothing else on it.
    pub fn alone(&self, words: &'static Words) -> Response<Bytes> {
        self.paced(message(words, self.status, self.text))
    }

    /// Puts `Retry-After` to an answer that says so.
    pub fn paced(&self, mut response: Response<Bytes>) -> Response<Bytes> {
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
