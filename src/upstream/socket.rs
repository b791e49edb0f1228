//! WebSockets: a connection of its own to the CRM, whose protocol changes (RFC 6455, section 4).

use http::header::{
    CONNECTION, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;

use super::Error;
use super::body::Outbound;
use super::client::{Client, Target};
use crate::protect::{Cleared, Outgoing};

/// A WebSocket that the CRM has opened.
pub struct Socket {
    /// What the browser checks.
    pub headers: HeaderMap,
    pub stream: TokioIo<Upgraded>,
}

impl Client {
    /// Asks the CRM for a WebSocket. `headers` have the browser's key, version and protocols.
    ///
    /// # Errors
    /// When the CRM cannot be reached, is late, or answers anything else than that it changes.
    pub async fn socket(
        &self,
        target: &Target,
        request: Cleared<Outgoing>,
        mut headers: HeaderMap,
    ) -> Result<Socket, Error> {
        let request = request.into_inner();
        headers.insert(HOST, target.host().clone());
        headers.insert(USER_AGENT, HeaderValue::from_static("sluis"));
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        let mut asked = Request::builder().method("GET").uri(request.target);
        if let Some(place) = asked.headers_mut() {
            *place = headers;
        }
        let asked = asked.body(Outbound::from(vec![])).map_err(Error::Request)?;
        let limit = self.settings().head;
        let opened = tokio::time::timeout(limit, async {
            let mut sender = target.pool().open().await?;
            let answer = sender.send_request(asked).await;
            let answer = answer.map_err(|error| Error::Unreachable(error.into()))?;
            let changes = answer
                .headers()
                .get(UPGRADE)
                .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
            if answer.status() != StatusCode::SWITCHING_PROTOCOLS || !changes {
                return Err(Error::Unexpected("no WebSocket where one was asked for"));
            }
            let mut headers = HeaderMap::new();
            for name in [SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL] {
                if let Some(value) = answer.headers().get(&name) {
                    headers.insert(name, value.clone());
                }
            }
            let stream = hyper::upgrade::on(answer).await.map_err(Error::Broken)?;
            let stream = TokioIo::new(stream);
            Ok(Socket { headers, stream })
        });
        opened.await.map_err(|_| Error::Late)?
    }
}
