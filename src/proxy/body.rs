//! The body of a request: decoded within limits, JSON in UTF-8 and nothing else.

use super::Incoming;
use crate::dialect::salesforce::call;
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

/// The decoded body of a route that takes one, as its calls are read from it; JSON in UTF-8, and
/// nothing else.
pub(super) fn decode(incoming: &Incoming<'_>, route: &Route) -> Result<Option<Vec<u8>>, Refusal> {
    if !route.has_body() {
        return match incoming.body.is_empty() {
            true => Ok(None),
            false => Err(Refusal::new(
                Code::BodyMalformed,
                "this resource takes no body",
            )),
        };
    }
    if !incoming.content_type.is_some_and(is_json) {
        return Err(Refusal::new(
            Code::BodyMediaType,
            "the body must be application/json in UTF-8",
        ));
    }
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
    call::normal(route, decoded).map(Some)
}

/// `application/json`, alone or with `charset=utf-8`.
fn is_json(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let kind = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let charset = match parts.next() {
        None => true,
        Some(charset) => {
            charset.eq_ignore_ascii_case("charset=utf-8")
                || charset.eq_ignore_ascii_case("charset=\"utf-8\"")
        }
    };
    kind && charset && parts.next().is_none()
}
