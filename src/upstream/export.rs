//! Asking for the export of a report: a page's address, which takes its session from a cookie.

use http::header::{ACCEPT, COOKIE};
use http::{HeaderMap, HeaderValue};

use super::Error;
use super::answer::Opened;
use super::aura::cookie;
use super::body::Outbound;
use super::client::Client;
use crate::protect::{Cleared, Outgoing};

impl Client {
    /// As [`Client::fetch`], for what the CRM gives to a page: the proxy's own session is the one
    /// cookie that it gets, and nothing of the client's goes with it.
    ///
    /// # Errors
    /// As there.
    pub async fn export(&self, request: Cleared<Outgoing>) -> Result<Opened, Error> {
        let session = self.session().await?;
        let request = request.into_inner();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie(&session)?);
        headers.insert(ACCEPT, HeaderValue::from_static("text/csv"));
        let line = (request.method, request.target.as_str());
        let body = (Outbound::from(vec![]), "identity");
        let opened = self.open(self.main(), line, headers, body).await?;
        self.signed_in(opened, session)
    }

    /// The CRM gave a page in the place of what was asked for, as it does to whoever is not signed in:
    /// it is asked whether the session still holds, once in a while.
    pub async fn doubts(&self, opened: &Opened) {
        let Some(session) = opened.session() else {
            return;
        };
        let doubt = self.doubt(session).await;
        doubt.unwrap_or_else(|error| tracing::info!(%error, "a session in doubt"));
    }
}
