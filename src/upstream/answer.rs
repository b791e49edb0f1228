//! The CRM's answer, wholly read and decoded within limits.

use std::time::Duration;

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::Error;
use crate::wire::coding;

/// How much larger a decoded answer may be than the bytes that came.
const RATIO: usize = 200;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Decoded. Empty, or the text of JSON.
    pub body: Vec<u8>,
}

/// Reads an answer to its end. An answer that breaks off is an error, never a shorter answer.
pub(super) async fn read(
    response: Response<Incoming>,
    most: usize,
    stall: Duration,
) -> Result<Answer, Error> {
    let (parts, mut body) = response.into_parts();
    let announced = parts
        .headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let announced: usize = announced.and_then(|text| text.parse().ok()).unwrap_or(0);
    if announced > most {
        return Err(Error::TooLarge);
    }
    let mut bytes = Vec::with_capacity(announced);
    while let Some(frame) = tokio::time::timeout(stall, body.frame())
        .await
        .map_err(|_| Error::Late)?
    {
        let frame = frame.map_err(Error::Broken)?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > most {
                return Err(Error::TooLarge);
            }
            bytes.extend_from_slice(data);
        }
    }
    check(parts.status, &parts.headers, bytes.is_empty())?;
    let body = match parts.headers.get(CONTENT_ENCODING) {
        Some(value) if !bytes.is_empty() => {
            let coding = coding::Coding::parse(
                value
                    .to_str()
                    .map_err(|_| Error::Unexpected("content coding"))?,
            )?;
            coding::decode(coding, &bytes, most, RATIO)?
        }
        _ => bytes,
    };
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    })
}

/// An answer is JSON, or has no body; redirects are not followed and not passed on, since they
/// lead past the border. 300 is Salesforce's list of several matches.
fn check(status: StatusCode, headers: &HeaderMap, empty: bool) -> Result<(), Error> {
    if status.is_redirection()
        && status != StatusCode::MULTIPLE_CHOICES
        && status != StatusCode::NOT_MODIFIED
    {
        return Err(Error::Unexpected("a redirect"));
    }
    if status.is_informational() {
        return Err(Error::Unexpected("an interim answer"));
    }
    if headers.get_all(CONTENT_TYPE).iter().count() > 1
        || headers.get_all(CONTENT_ENCODING).iter().count() > 1
    {
        return Err(Error::Unexpected("a header that stands twice"));
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if empty || kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Error::Unexpected("a body that is not JSON"))
}
