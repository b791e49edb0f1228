//! Sending a message of Aura: it takes its session from a cookie, and a form.

use std::sync::Arc;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue};

use super::Error;
use super::answer::{Answer, Expected};
use super::body::Outbound;
use super::client::{Client, bearer};
use super::session::Session;
use crate::dialect::salesforce::aura::answer;
use crate::protect::{Cleared, Outgoing};

impl Client {
    /// As [`Client::send`], for the endpoint of pages. The session is the proxy's own.
    ///
    /// # Errors
    /// As there.
    pub async fn act(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Answer, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        let kind = request.content_type.unwrap_or_default();
        let kind = HeaderValue::try_from(kind).map_err(|error| Error::Request(error.into()))?;
        headers.insert(AUTHORIZATION, bearer(&session)?);
        headers.insert(COOKIE, cookie(&session)?);
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(CONTENT_TYPE, kind);
        let line = (request.method, request.target.as_str());
        let body = request.body.unwrap_or_default();
        let body = (Outbound::from(body), self.coding());
        let opened = self.open(self.main(), line, headers, body).await?;
        let opened = self.signed_in(opened, Arc::clone(&session))?;
        let answer = opened.read(Expected::Json).await?;
        if std::str::from_utf8(&answer.body).is_ok_and(answer::is_ended) {
            // Said of the page's token too, which may be one for another session. The page is told
            // by the CRM, with a token for this session, and asks again.
            let doubt = self.doubt(&session).await;
            doubt.unwrap_or_else(|error| tracing::info!(%error, "a session in doubt"));
        }
        Ok(answer)
    }
}

/// The cookie of a browser's session. A session with a character that ends a cookie is none.
pub(super) fn cookie(session: &Session) -> Result<HeaderValue, Error> {
    let token = session.token.expose();
    let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\');
    if !token.iter().all(plain) {
        return Err(Error::Session);
    }
    let value = [b"sid=".as_slice(), token].concat();
    let mut value = HeaderValue::from_bytes(&value).map_err(|_| Error::Session)?;
    value.set_sensitive(true);
    Ok(value)
}
