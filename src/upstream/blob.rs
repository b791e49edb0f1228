//! Files: sent beside their record, and asked for.

use std::fs::File;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderValue};

use super::answer::{Answer, Expected, Opened};
use super::client::bearer;
use super::{Client, Error, body};
use crate::protect::{Cleared, Outgoing};

impl Client {
    /// Sends a form with a sealed file, whose chunks lie in `spool`. The answer is JSON.
    ///
    /// # Errors
    /// As [`Client::send`]; a file that is no longer what was sealed breaks the request off.
    pub async fn put_file(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
        spool: File,
    ) -> Result<Answer, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        headers.insert(AUTHORIZATION, bearer(&session)?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let kind = request.content_type.unwrap_or_default();
        let kind = HeaderValue::try_from(kind).map_err(|error| Error::Request(error.into()))?;
        headers.insert(CONTENT_TYPE, kind);
        let body = request.body.unwrap_or_default();
        let body = body::of(body, request.files, Some(spool));
        let line = (request.method, request.target.as_str());
        let opened = self.open(self.main(), line, headers, (body, self.coding()));
        let opened = self.signed_in(opened.await?, session)?;
        opened.read(Expected::Json).await
    }

    /// Asks for a file as it is: without compression, and whole, whatever the client had of it.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn fetch_file(
        &self,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Opened, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        headers.insert(AUTHORIZATION, bearer(&session)?);
        for name in [CONTENT_TYPE, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE] {
            headers.remove(name);
        }
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let body = body::of(vec![], vec![], None);
        let line = (request.method, request.target.as_str());
        let opened = self.open(self.main(), line, headers, (body, "identity"));
        self.signed_in(opened.await?, session)
    }
}
