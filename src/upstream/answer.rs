//! The CRM's answer, wholly read and decoded within limits.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, Response, StatusCode, Version, response};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::pool::Lease;
use super::{Error, Settings};
use crate::wire::coding;

/// How much larger a decoded answer may be than the bytes that came.
const RATIO: usize = 200;

/// What an answer may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Expected {
    /// JSON, and no redirect.
    Json,
    /// XML, and no redirect.
    Xml,
    /// Any media type, and redirects: whoever asks looks at both.
    Anything,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Decoded. Of an API empty, or the text of JSON or XML.
    pub body: Vec<u8>,
    /// What it came on.
    pub(super) lease: Lease,
}

impl Answer {
    /// Says that the answer makes no sense: what else comes on its connection is nobody's answer.
    pub fn distrust(&self) {
        self.lease.reusable(false);
    }
}

/// Reads an answer to its end. An answer that breaks off is an error, never a shorter answer.
pub(super) async fn read(
    response: Response<Incoming>,
    settings: &Settings,
    expected: Expected,
    lease: Lease,
) -> Result<Answer, Error> {
    let read = tokio::time::timeout(settings.whole, parts(response, settings, expected)).await;
    let (head, body) = read.unwrap_or(Err(Error::Late))?;
    lease.reusable(true);
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
        lease,
    })
}

async fn parts(
    response: Response<Incoming>,
    settings: &Settings,
    expected: Expected,
) -> Result<(response::Parts, Vec<u8>), Error> {
    let (most, stall) = (settings.answer_bytes, settings.stall);
    let (parts, mut body) = response.into_parts();
    check_framing(&parts, &body)?;
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
    check(parts.status, &parts.headers)?;
    match expected {
        Expected::Json => check_json(parts.status, &parts.headers, bytes.is_empty())?,
        Expected::Xml => check_xml(parts.status, &parts.headers)?,
        Expected::Anything => {}
    }
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
    Ok((parts, body))
}

/// An answer has one length, said in one way (RFC 9112, section 6.3): one that ends with its
/// connection could be a part, and two lengths could be two answers.
fn check_framing(head: &response::Parts, body: &Incoming) -> Result<(), Error> {
    let count = |name| head.headers.get_all(name).iter().count();
    let (lengths, codings) = (count(CONTENT_LENGTH), count(TRANSFER_ENCODING));
    if head.version != Version::HTTP_11 {
        return Err(Error::Unexpected("another version of HTTP"));
    }
    if lengths + codings > 1 {
        return Err(Error::Unexpected("two lengths"));
    }
    if lengths + codings == 0 && body.size_hint().exact() != Some(0) {
        return Err(Error::Unexpected("no length"));
    }
    Ok(())
}

/// An answer that can be read in one way.
fn check(status: StatusCode, headers: &HeaderMap) -> Result<(), Error> {
    if status.is_informational() {
        return Err(Error::Unexpected("an interim answer"));
    }
    // hyper leaves every coding but the chunks in the body, as if it were the answer.
    if let Some(coding) = headers.get(TRANSFER_ENCODING)
        && !coding.as_bytes().eq_ignore_ascii_case(b"chunked")
    {
        return Err(Error::Unexpected("a transfer coding"));
    }
    if headers.get_all(CONTENT_TYPE).iter().count() > 1
        || headers.get_all(CONTENT_ENCODING).iter().count() > 1
    {
        return Err(Error::Unexpected("a header that stands twice"));
    }
    Ok(())
}

/// An answer of an API is JSON, or has no body; redirects are not followed and not passed on, since
/// they lead past the border. 300 is Salesforce's list of several matches.
fn check_json(status: StatusCode, headers: &HeaderMap, empty: bool) -> Result<(), Error> {
    if status.is_redirection()
        && status != StatusCode::MULTIPLE_CHOICES
        && status != StatusCode::NOT_MODIFIED
    {
        return Err(Error::Unexpected("a redirect"));
    }
    if empty || is(headers, "application/json") {
        return Ok(());
    }
    Err(Error::Unexpected("a body that is not JSON"))
}

/// An answer of SOAP is XML with status 200, or a fault with status 500; anything else was said by
/// something in between.
fn check_xml(status: StatusCode, headers: &HeaderMap) -> Result<(), Error> {
    let known = matches!(status, StatusCode::OK | StatusCode::INTERNAL_SERVER_ERROR);
    match known && is(headers, "text/xml") {
        true => Ok(()),
        false => Err(Error::Unexpected("an answer that is not of SOAP")),
    }
}

fn is(headers: &HeaderMap, media: &str) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(media)
}
