//! Events: a poll is answered when something comes, and only for whoever may still be answered.

use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, SET_COOKIE};
use http::{Response, StatusCode};

use crate::dialect::salesforce::cometd;
use crate::model::Refusal;
use crate::proxy::{Failure, Incoming, Poll, Polled, Tally};
use crate::server::border::{Border, answer, failed, fill, json, lost, target, text};
use crate::server::exchange::{Accepted, Body};
use crate::server::headers::upstream_headers;
use crate::server::respond;
use crate::server::who;
use crate::signin;
use crate::telemetry::Account;

/// The most that the messages of a request may come to: they are kept while their answer is waited
/// for.
const LONGEST: usize = 16 * 1024;

impl Border {
    /// A POST below `/cometd/`.
    pub(super) async fn poll(&self, mut request: Accepted) -> Response<Body> {
        let permit = match who::ask(&self.gate, &request) {
            Ok(permit) => permit,
            Err(away) => return self.turn_away(away, &request).await,
        };
        let goes_on = who::standing(&self.gate, &request, &permit);
        signin::strip(&mut request.headers);
        let body = std::mem::take(&mut request.body);
        let body = match body.read(LONGEST).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        if !goes_on() {
            return self.turn_away(lost(&permit), &request).await;
        }
        let Some(proxy) = &self.proxy else {
            return respond::unavailable();
        };
        let mut account = Account {
            client: Some(permit.recorded_as().to_owned()),
            ..Account::default()
        };
        let target = target(&request);
        let headers = &request.headers;
        let incoming = Incoming {
            exchange: u128::from_be_bytes(request.exchange.0),
            method: request.method.as_str(),
            target: &target,
            content_type: text(headers, &CONTENT_TYPE),
            content_encoding: text(headers, &CONTENT_ENCODING),
            accept: text(headers, &ACCEPT),
            headers: upstream_headers(headers),
            body: body.clone(),
            blob: None,
            image: false,
            host: &request.host,
            stands: None,
        };
        let poll = Poll {
            incoming,
            sent: headers,
            goes_on: &*goes_on,
            over: Box::pin(request.listener.over()),
        };
        let mut tally = Tally::default();
        let outcome = proxy.poll(&permit, poll, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            Ok(Polled::Reply(reply, cookies)) => {
                let mut response = answer(reply);
                for cookie in cookies {
                    response.headers_mut().append(SET_COOKIE, cookie);
                }
                response
            }
            Ok(Polled::Busy) => json(StatusCode::OK, cometd::busy(&body).into()),
            Ok(Polled::Stopped) => json(StatusCode::OK, cometd::stopping(&body).into()),
            Ok(Polled::Ended) => return self.turn_away(lost(&permit), &request).await,
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                refused(&refusal, &body)
            }
            Err(failure) => failed(&failure),
        };
        response.extensions_mut().insert(account);
        response
    }
}

/// What is wrong with messages is answered with status 200, in the protocol's own shape.
fn refused(refusal: &Refusal, body: &[u8]) -> Response<Body> {
    json(StatusCode::OK, cometd::refused(refusal, body).into())
}
