//! Bulk jobs: records that are sent on while they are read, and refusals in the words of the Bulk
//! API 1.0, which has its own.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::dialect::salesforce::bulk;
use crate::gate::{Denied, Permit};
use crate::model::Refusal;
use crate::proxy::{Failure, Gone, Incoming, Tally};
use crate::server::body::{BodyError, BodyReader};
use crate::server::border::{
    self, ASYNC, Border, answer, api_refusal, fill, leave, lost, target, tell, text,
};
use crate::server::exchange::{Accepted, Body};
use crate::server::respond;
use crate::telemetry::Account;

impl Border {
    /// Records of a bulk job, which are sent on while they are read. Whoever sends them is asked for
    /// again every few seconds: a table may take hours.
    pub(super) async fn bulk_upload(
        &self,
        permit: &Permit,
        mut request: Accepted,
        goes_on: &(dyn Fn() -> bool + Send + Sync),
    ) -> Response<Body> {
        const AGAIN: Duration = Duration::from_secs(2);
        let mut account = Account {
            client: Some(permit.recorded_as().to_owned()),
            ..Account::default()
        };
        let body = std::mem::take(&mut request.body);
        let mut body = match streamed(body, &request.headers).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let (headers, target) = (&request.headers, target(&request));
        let incoming = Incoming {
            exchange: u128::from_be_bytes(request.exchange.0),
            method: request.method.as_str(),
            target: &target,
            content_type: text(headers, &CONTENT_TYPE),
            content_encoding: text(headers, &CONTENT_ENCODING),
            accept: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            blob: None,
            image: false,
            host: &request.host,
            stands: None,
        };
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let mut tally = Tally::default();
        let (mut broken, mut asked) = (None, Instant::now());
        let mut ended = false;
        let next = async |held: usize| {
            let next = match body.keep(held) {
                Ok(()) => body.next().await,
                Err(busy) => Err(busy),
            };
            if asked.elapsed() > AGAIN {
                asked = Instant::now();
                ended = !goes_on();
            }
            if ended {
                return Err(Gone);
            }
            next.map_err(|error| {
                broken = Some(error);
                Gone
            })
        };
        let outcome = proxy.bulk_upload(permit, incoming, next, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            Ok(Some(reply)) => answer(reply),
            Ok(None) if ended => return self.turn_away(lost(permit), &request).await,
            Ok(None) => respond::body_error(broken.unwrap_or(BodyError::Gone)),
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                leave(&mut body).await;
                api_refusal(&refusal, &target, headers)
            }
            Err(failure) if target.starts_with(ASYNC) => failed(&failure, headers),
            Err(failure) => border::failed(&failure),
        };
        response.extensions_mut().insert(account);
        response
    }
}

/// The body of a table as it comes. All else is read whole, so that it counts among what is kept in
/// memory.
async fn streamed(body: BodyReader, headers: &HeaderMap) -> Result<BodyReader, BodyError> {
    const MOST: usize = 10_000_000;
    let kind = text(headers, &CONTENT_TYPE).unwrap_or_default();
    match kind.to_ascii_lowercase().starts_with("text/csv") {
        true => Ok(body),
        false => Ok(BodyReader::whole(body.read(MOST).await?)),
    }
}

/// A failure as the Bulk API 1.0 writes it.
pub(super) fn failed(failure: &Failure, headers: &HeaderMap) -> Response<Body> {
    let (status, message) = tell(failure);
    let (_, kind, body) = bulk::fault("InternalServerError", message, is_json(headers));
    written((status.as_u16(), kind, body))
}

/// A refusal as the Bulk API 1.0 writes it.
pub(super) fn fault(refusal: &Refusal, headers: &HeaderMap) -> Response<Body> {
    written(bulk::error(refusal, is_json(headers)))
}

/// What is answered to whoever is not admitted.
pub(super) fn refused(denied: Denied, headers: &HeaderMap) -> Response<Body> {
    let code = match denied {
        Denied::NoCredential | Denied::Unknown | Denied::Expired | Denied::Revoked => {
            "InvalidSessionId"
        }
        Denied::RateLimited { .. } => "ExceededQuota",
        _ => "TransactionSecurityBlock",
    };
    tracing::info!(reason = denied.kind(), "a request was not admitted");
    let mut response = written(bulk::fault(code, &denied.to_string(), is_json(headers)));
    response.extensions_mut().insert(Account {
        route: "gate",
        ..Account::default()
    });
    response
}

fn written((status, kind, body): (u16, &'static str, String)) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Whether whoever asks speaks JSON, and not XML.
fn is_json(headers: &HeaderMap) -> bool {
    text(headers, &CONTENT_TYPE).is_some_and(|kind| kind.contains("json"))
}
