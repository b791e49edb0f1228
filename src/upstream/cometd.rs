//! Sending one cleared poll for events.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::answer::{Answer, Expected};
use super::client::bearer;
use super::{Client, Error};
use crate::dialect::salesforce::cometd::is_signed_out;
use crate::protect::{Cleared, Outgoing};

/// How long the CRM may say nothing: it ends a poll without events after 110 seconds.
const PATIENCE: Duration = Duration::from_secs(130);

impl Client {
    /// Sends messages of CometD with the proxy's own session, and waits for what comes.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn poll(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Answer, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        headers.insert(AUTHORIZATION, bearer(&session)?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let kind = HeaderValue::from_static("application/json; charset=UTF-8");
        headers.insert(CONTENT_TYPE, kind);
        let body = request.body.unwrap_or_default();
        let line = (request.method, request.target.as_str());
        let opened = self.wait(line, headers, body, PATIENCE).await?;
        let opened = self.signed_in(opened, session)?;
        let answer = opened.patient(PATIENCE).read(Expected::Json).await?;
        match is_signed_out(&answer.body) {
            true => Err(self.ended(&answer)),
            false => Ok(answer),
        }
    }
}
