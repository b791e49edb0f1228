//! The endpoints of outbound messages: the CRM is the client, and a program of the organization's
//! own the server behind us.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method, Response, StatusCode};

use crate::dialect::salesforce::outbound::acknowledgement;
use crate::dialect::salesforce::soap::{Api, fault};
use crate::gate::Permit;
use crate::model::Refusal;
use crate::proxy::outbound::{Notified, takes_messages_alone};
use crate::proxy::soap::Framing;
use crate::proxy::{Failure, Tally};
use crate::server::border::{Border, fill, tell, text};
use crate::server::exchange::{Accepted, Body};
use crate::server::respond;
use crate::telemetry::Account;

/// Where they are: the endpoint's name and the secret stand behind it.
pub(super) const FOLDER: &str = "/.sluis/outbound/";

/// The largest message.
const LONGEST: usize = 16 << 20;

impl Border {
    /// A request to an endpoint.
    pub(super) async fn outbound(&self, request: Accepted) -> Response<Body> {
        let rest = request.target.path.strip_prefix(FOLDER).unwrap_or_default();
        let (name, secret) = rest.split_once('/').unwrap_or((rest, ""));
        let admitted = self
            .gate
            .admit_sender(name, secret, request.peer.certificate);
        let permit = match admitted {
            Ok(permit) => permit,
            Err(denied) => {
                self.denied(denied.kind(), request.exchange).await;
                let text = "this endpoint does not know who sends [sluis outbound-denied]";
                let denied = (StatusCode::FORBIDDEN, "INSUFFICIENT_ACCESS");
                let mut response = respond::error(denied.0, denied.1, text);
                response.extensions_mut().insert(Account {
                    route: "gate",
                    ..Account::default()
                });
                return response;
            }
        };
        let name = name.to_owned();
        let mut account = Account {
            client: Some(permit.recorded_as().to_owned()),
            route: "outbound",
            ..Account::default()
        };
        let mut response = self.receive(&permit, &name, request, &mut account).await;
        response.extensions_mut().insert(account);
        response
    }

    async fn receive(
        &self,
        permit: &Permit,
        name: &str,
        request: Accepted,
        account: &mut Account,
    ) -> Response<Body> {
        if request.method != Method::POST || request.target.query.is_some() || request.socket {
            return refused(&takes_messages_alone(), account);
        }
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let body = match request.body.read(LONGEST).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let headers = &request.headers;
        let notified = Notified {
            exchange: u128::from_be_bytes(request.exchange.0),
            endpoint: name,
            framing: Framing {
                content_type: text(headers, &CONTENT_TYPE),
                content_encoding: text(headers, &CONTENT_ENCODING),
                action: text(headers, &HeaderName::from_static("soapaction")),
            },
            body: &body,
            host: &request.host,
        };
        let mut tally = Tally::default();
        let outcome = proxy.notify(permit, notified, &mut tally).await;
        fill(account, &tally);
        match outcome {
            Ok(had) => xml(StatusCode::OK, acknowledgement(had).into_bytes()),
            Err(Failure::Refused(refusal)) => refused(&refusal, account),
            // The CRM sends it again.
            Err(failure) => {
                let (status, _) = tell(&failure);
                xml(status, acknowledgement(false).into_bytes())
            }
        }
    }
}

fn refused(refusal: &Refusal, account: &mut Account) -> Response<Body> {
    account.refusal = Some(refusal.code);
    let body = fault(Api::Enterprise, refusal);
    xml(StatusCode::INTERNAL_SERVER_ERROR, body)
}

fn xml(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/xml;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
