//! The body of a request: decoded within limits, JSON in UTF-8 and nothing else.

use super::Incoming;
use crate::dialect::salesforce::call;
use crate::dialect::salesforce::door::{Door, Route};
use crate::model::{Code, Refusal};
use crate::wire::Error;
use crate::wire::coding::{self, Coding};
use crate::wire::json::{Document, Limits};

/// A body may be this much larger than its coded form.
pub(super) const RATIO: usize = 100;

/// Parses a decoded body strictly.
pub(super) fn parse(body: &[u8]) -> Result<Document<'_>, Refusal> {
    Document::parse(body, &Limits::default()).map_err(|error| refused(&error))
}

/// A body that is not strictly of its format.
pub(super) fn refused(error: &Error) -> Refusal {
    let code = match error {
        Error::TooLarge { .. } => Code::BodyTooLarge,
        Error::Malformed { .. } | Error::Duplicate { .. } | Error::NotUtf8 { .. } => {
            Code::BodyMalformed
        }
    };
    Refusal::new(code, error.to_string())
}

/// The decoded body of a route that takes one, as its calls are read from it; JSON in UTF-8, and
/// nothing else.
pub(super) fn decode(incoming: &Incoming<'_>, route: &Route) -> Result<Option<Vec<u8>>, Refusal> {
    if !route.has_body() {
        return none(incoming).map(|()| None);
    }
    if incoming.body.is_empty() && route.may_lack_body() {
        return Ok(Some(b"{}".to_vec()));
    }
    let (fits, otherwise) = match route.door {
        Door::Aura(_) => (
            incoming.content_type.is_some_and(is_form),
            "the body must be application/x-www-form-urlencoded",
        ),
        _ => (
            incoming
                .content_type
                .is_some_and(|kind| is(kind, "application/json")),
            "the body must be application/json in UTF-8",
        ),
    };
    if !fits {
        return Err(Refusal::new(Code::BodyMediaType, otherwise));
    }
    call::normal(route, uncoded(incoming)?).map(Some)
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
    let coding = Coding::parse(incoming.content_encoding.unwrap_or("identity"));
    let coding = coding.map_err(|_| coded())?;
    decoded(coding, &incoming.body, Limits::default().bytes)
}

/// Refuses a report as a workbook: nobody looks into one, and JSON in its place would not be read.
pub(super) fn answerable(incoming: &Incoming<'_>, route: &Route) -> Result<(), Refusal> {
    let workbook = |accept: &str| {
        let accept = accept.to_ascii_lowercase();
        accept.contains("openxmlformats") || accept.contains("vnd.ms-excel")
    };
    if !matches!(route.door, Door::Analytics(_)) || !incoming.accept.is_some_and(workbook) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::BodyMediaType,
        "a report is given as JSON, and not as a workbook of xls or xlsx",
    ))
}

/// The bytes that a coding stands for, within limits.
pub(super) fn decoded(coding: Coding, bytes: &[u8], most: usize) -> Result<Vec<u8>, Refusal> {
    coding::decode(coding, bytes, most, RATIO).map_err(|error| {
        let code = match error {
            coding::Error::TooLarge { .. } => Code::BodyTooLarge,
            _ => Code::BodyMalformed,
        };
        undecodable(code)
    })
}

pub(super) fn undecodable(code: Code) -> Refusal {
    Refusal::new(code, "the body does not decode within its limits")
}

pub(super) fn coded() -> Refusal {
    Refusal::new(
        Code::BodyMediaType,
        "the content coding must be gzip, deflate or identity, once",
    )
}

/// Whether a field says the form of Aura. Its client names a charset that it does not write: each
/// byte is escaped, and stands for UTF-8.
fn is_form(value: &str) -> bool {
    let form = "application/x-www-form-urlencoded";
    let bare = value
        .split_once(';')
        .filter(|(_, parameter)| parameter.trim().eq_ignore_ascii_case("charset=iso-8859-13"));
    is(bare.map_or(value, |(kind, _)| kind), form)
}

/// Whether a field says one media type, alone or with `charset=utf-8`.
pub(super) fn is(value: &str, media: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let kind = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case(media));
    let charset = match parts.next() {
        None => true,
        Some(charset) => {
            charset.eq_ignore_ascii_case("charset=utf-8")
                || charset.eq_ignore_ascii_case("charset=\"utf-8\"")
        }
    };
    kind && charset && parts.next().is_none()
}
