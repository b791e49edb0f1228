//! The CRM's answer: wholly read and decoded within limits, or opened to be read as it comes.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, Response, StatusCode, Version, response};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::pool::Lease;
use super::session::Session;
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
    /// The session that was asked with, where that is the proxy's own.
    pub(super) session: Option<Arc<Session>>,
}

impl Answer {
    /// Says that the answer makes no sense: what else comes on its connection is nobody's answer.
    pub fn distrust(&self) {
        self.lease.reusable(false);
    }
}

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Opened {
    head: response::Parts,
    body: Incoming,
    /// What was read of the body and not yet taken.
    first: BytesMut,
    ended: bool,
    lease: Lease,
    session: Option<Arc<Session>>,
    /// Whether the connection may be used again once the answer has ended.
    reusable: bool,
    most: usize,
    stall: Duration,
    whole: Duration,
}

impl Opened {
    pub(super) fn new(
        response: Response<Incoming>,
        settings: &Settings,
        (lease, reusable): (Lease, bool),
    ) -> Result<Self, Error> {
        let (head, body) = response.into_parts();
        check_framing(&head, &body)?;
        check(head.status, &head.headers)?;
        Ok(Self {
            head,
            body,
            first: BytesMut::new(),
            ended: false,
            lease,
            session: None,
            reusable,
            most: settings.answer_bytes,
            stall: settings.stall,
            whole: settings.whole,
        })
    }

    /// As the answer to a session of the proxy's own.
    #[must_use]
    pub(super) fn with(mut self, session: Arc<Session>) -> Self {
        self.session = Some(session);
        self
    }

    /// The session that was asked with, where that is the proxy's own.
    pub(super) fn session(&self) -> Option<&Arc<Session>> {
        self.session.as_ref()
    }

    /// With another longest pause within its body.
    #[must_use]
    pub(super) fn patient(mut self, stall: Duration) -> Self {
        self.stall = stall;
        self.whole = self.whole.max(stall);
        self
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Bytes of the body, where its head says so and it is not coded.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        let value = self.head.headers.get(CONTENT_LENGTH)?.to_str().ok()?;
        value.parse().ok().filter(|_| !self.is_coded())
    }

    /// Whether the body is compressed.
    #[must_use]
    pub fn is_coded(&self) -> bool {
        self.head.headers.contains_key(CONTENT_ENCODING)
    }

    /// The first `count` bytes that were not taken yet, or fewer where the body has no more.
    ///
    /// # Errors
    /// When the answer breaks off, or pauses for too long.
    pub async fn first(&mut self, count: usize) -> Result<&[u8], Error> {
        while self.first.len() < count && !self.ended {
            self.more().await?;
        }
        Ok(self.first.get(..count).unwrap_or(&self.first))
    }

    /// Takes the first `count` bytes, or as many as there are.
    ///
    /// # Errors
    /// As [`Self::first`].
    pub async fn take(&mut self, count: usize) -> Result<BytesMut, Error> {
        let count = self.first(count).await?.len();
        Ok(self.first.split_to(count))
    }

    /// Reads once.
    async fn more(&mut self) -> Result<(), Error> {
        let frame = tokio::time::timeout(self.stall, self.body.frame()).await;
        match frame.map_err(|_| Error::Late)? {
            None => {
                self.ended = true;
                self.lease.reusable(self.reusable);
            }
            Some(frame) => {
                if let Some(data) = frame.map_err(Error::Broken)?.data_ref() {
                    self.first.extend_from_slice(data);
                }
            }
        }
        Ok(())
    }

    /// Reads an answer to its end. An answer that breaks off is an error, never a shorter answer.
    pub(super) async fn read(self, expected: Expected) -> Result<Answer, Error> {
        let whole = self.whole;
        let read = tokio::time::timeout(whole, self.collect(expected)).await;
        read.unwrap_or(Err(Error::Late))
    }

    /// The whole answer, whatever its media type.
    ///
    /// # Errors
    /// As [`Self::first`]; when it is too large or cannot be decoded.
    pub async fn whole(self) -> Result<Answer, Error> {
        self.read(Expected::Anything).await
    }

    async fn collect(mut self, expected: Expected) -> Result<Answer, Error> {
        let announced = self.head.headers.get(CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok());
        let announced: usize = announced.and_then(|text| text.parse().ok()).unwrap_or(0);
        if announced > self.most {
            return Err(Error::TooLarge);
        }
        self.first
            .reserve(announced.saturating_sub(self.first.len()));
        while !self.ended {
            self.more().await?;
            if self.first.len() > self.most {
                return Err(Error::TooLarge);
            }
        }
        // What else comes on the connection of an answer that makes no sense is nobody's answer.
        let understood = self.understood(expected);
        let body = understood.inspect_err(|_| self.lease.reusable(false))?;
        Ok(Answer {
            status: self.head.status,
            headers: self.head.headers,
            body,
            lease: self.lease,
            session: self.session,
        })
    }

    /// The body that was read, decoded.
    fn understood(&mut self, expected: Expected) -> Result<Vec<u8>, Error> {
        let (headers, body) = (&self.head.headers, std::mem::take(&mut self.first));
        match expected {
            Expected::Json => check_json(self.head.status, headers, body.is_empty())?,
            Expected::Xml => check_xml(self.head.status, headers)?,
            Expected::Anything => {}
        }
        match headers.get(CONTENT_ENCODING) {
            Some(value) if !body.is_empty() => {
                let value = value.to_str();
                let value = value.map_err(|_| Error::Unexpected("content coding"))?;
                let coding = coding::Coding::parse(value)?;
                Ok(coding::decode(coding, &body, self.most, RATIO)?)
            }
            _ => Ok(body.into()),
        }
    }
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
