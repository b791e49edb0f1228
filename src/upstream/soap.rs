//! Sending one cleared SOAP message.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use memchr::memmem;

use super::answer::{Answer, Expected};
use super::session::Session;
use super::{Client, Error};
use crate::protect::{Cleared, Outgoing};

impl Client {
    /// Sends a SOAP message, which carries the proxy's own session in its body.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn speak(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Answer, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        let body = request.body.unwrap_or_default();
        let body = with_session(&body, request.session, &session)?;
        headers.insert(ACCEPT, HeaderValue::from_static("text/xml"));
        let kind = HeaderValue::from_static("text/xml; charset=UTF-8");
        headers.insert(CONTENT_TYPE, kind);
        // SOAP 1.1 demands the field; Salesforce reads the operation from the body.
        let action = HeaderName::from_static("soapaction");
        headers.insert(action, HeaderValue::from_static("\"\""));
        let line = (request.method, request.target.as_str());
        let answer = self.exchange(line, headers, body, Expected::Xml).await?;
        let ended = answer.status == StatusCode::INTERNAL_SERVER_ERROR
            && memmem::find(&answer.body, b":INVALID_SESSION_ID<").is_some();
        match ended {
            true => Err(self.refused(&session)),
            false => Ok(answer),
        }
    }
}

/// The body with the session at its place. A session has no character that XML escapes; one that
/// has is none.
fn with_session(body: &[u8], at: Option<usize>, session: &Session) -> Result<Vec<u8>, Error> {
    let token = session.token.expose();
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'&' | b'<' | b'>');
    let (before, after) = at
        .and_then(|at| body.split_at_checked(at))
        .filter(|_| token.iter().all(plain))
        .ok_or(Error::Session)?;
    Ok([before, token, after].concat())
}
