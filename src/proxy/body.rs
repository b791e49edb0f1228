//! The body of a request: decoded within limits, JSON in UTF-8 and nothing else.

use super::Incoming;
use crate::dialect::salesforce::door::Route;
use crate::model::{Code, Refusal};
use crate::wire::Error;
use crate::wire::coding::{self, Coding};
use crate::wire::json::{Document, Limits};

/// A body may be this much larger than its coded form.
const RATIO: usize = 100;

/// Parses a decoded body strictly.
pub(super) fn parse(body: &[u8]) -> Result<Document<'_>, Refusal> {
    Document::parse(body, &Limits::default()).map_err(|error| {
        let code = match error {
            Error::TooLarge { .. } => Code::BodyTooLarge,
            Error::Malformed { .. } | Error::Duplicate { .. } | Error::NotUtf8 { .. } => {
                Code::BodyMalformed
            }
        };
        Refusal::new(code, error.to_string())
    })
}

/// The decoded body of a route that takes one; JSON in UTF-8, and nothing else.
pub(super) fn decode(incoming: &Incoming<'_>, route: &Route) -> Result<Option<Vec<u8>>, Refusal> {
    if !route.has_body() {
        return none(incoming).map(|()| None);
    }
    if !incoming.content_type.is_some_and(is_json) {
        return Err(Refusal::new(
            Code::BodyMediaType,
            "the body must be application/json in UTF-8",
        ));
    }
    uncoded(incoming).map(Some)
}

/// Holds a request without a body to it.
pub(super) fn none(incoming: &Incoming<'_>) -> Result<(), Refusal> {
    match incoming.body.is_empty() {
        true => Ok(()),
        false => Err(Refusal::new(
            Code::BodyMalformed,
            "this resource takes no body",
        )),
    }
}

/// The body without its content coding.
pub(super) fn uncoded(incoming: &Incoming<'_>) -> Result<Vec<u8>, Refusal> {
    let coding = Coding::parse(incoming.content_encoding.unwrap_or("identity")).map_err(|_| {
        Refusal::new(
            Code::BodyMediaType,
            "the content coding must be gzip, deflate or identity, once",
        )
    })?;
    let decoded = coding::decode(coding, &incoming.body, Limits::default().bytes, RATIO).map_err(
        |error| {
            let code = match error {
                coding::Error::TooLarge { .. } => Code::BodyTooLarge,
                _ => Code::BodyMalformed,
            };
            Refusal::new(code, "the body does not decode within its limits")
        },
    )?;
    Ok(decoded)
}

/// `application/json`, alone or with `charset=utf-8`.
pub(super) fn is_json(value: &str) -> bool {
    is_of(value, |kind| kind == "application/json")
}

/// A media type that is meant, alone or with `charset=utf-8`.
pub(super) fn is_of(value: &str, meant: impl Fn(&str) -> bool) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let kind = parts
        .next()
        .is_some_and(|kind| meant(&kind.to_ascii_lowercase()));
    let charset = match parts.next() {
        None => true,
        Some(charset) => {
            charset.eq_ignore_ascii_case("charset=utf-8")
                || charset.eq_ignore_ascii_case("charset=\"utf-8\"")
        }
    };
    kind && charset && parts.next().is_none()
}
