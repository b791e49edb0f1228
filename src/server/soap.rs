//! SOAP: the session stands in the body, so the body is read before it is known who asks; what may
//! be read so is bounded as every body is. Sign-in, sign-out and the question who one is are
//! answered here.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use crate::dialect::salesforce::soap::{
    self, Api, Asked, Envelope, LoggedIn, Operation, Place, login_result, logout_result,
    user_info_result,
};
use crate::gate::{Credentials, Denied, Form, OAuthError, Permit, TokenRequest};
use crate::model::{Code, Refusal, Secret};
use crate::proxy::soap::{Heard, Spoken, decode, parse};
use crate::proxy::{Failure, Tally};
use crate::server::border::{Border, answer, fill, tell, text};
use crate::server::exchange::{Accepted, Body, ExchangeId, Peer};
use crate::server::headers::upstream_headers;
use crate::server::respond;
use crate::telemetry::Account;
use crate::wire::xml::Unfit;

/// A request without its body.
struct Asking {
    place: Place,
    headers: HeaderMap,
    peer: Peer,
    exchange: ExchangeId,
    arrived: std::time::Instant,
    host: String,
}

impl Border {
    /// A POST below `/services/Soap/`; no other method speaks SOAP.
    pub(super) async fn soap(&self, request: Accepted) -> Response<Body> {
        let place = Place::of(&request.target.path);
        let api = place.as_ref().map_or(Api::Partner, |place| place.api);
        let place = match place {
            Ok(place) if request.target.query.is_none() => place,
            Ok(_) => {
                let text = "a SOAP service takes no parameters; WSDLs come from the CRM itself";
                return refused(api, &Refusal::new(Code::ParameterUnknown, text));
            }
            Err(refusal) => return refused(api, &refusal),
        };
        let limit = usize::MAX; // The server's own limit holds.
        let body = match request.body.read(limit).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let asking = Asking {
            place,
            headers: request.headers,
            peer: request.peer,
            exchange: request.exchange,
            arrived: request.arrived,
            host: request.host,
        };
        match self.message(&asking, &body).await {
            Ok(response) => response,
            Err(refusal) => refused(api, &refusal),
        }
    }

    async fn message(&self, asking: &Asking, body: &Bytes) -> Result<Response<Body>, Refusal> {
        let kind = text(&asking.headers, &CONTENT_TYPE);
        let body = decode(kind, text(&asking.headers, &CONTENT_ENCODING), body)?;
        let document = parse(&body)?;
        let envelope = Envelope::read(asking.place, &document)?;
        let action = text(&asking.headers, &HeaderName::from_static("soapaction"));
        if envelope.signs_in() {
            return match envelope.asked(action)? {
                Asked::Own(Operation::Login { username, password }) => {
                    Ok(self.login(asking, &username, &password).await)
                }
                Asked::Own(_) | Asked::Message(_) => Ok(respond::failure()),
            };
        }
        let session = envelope.session();
        let permit = match self.admitted(asking, session.as_ref()) {
            Ok(permit) => permit,
            Err(denied) => {
                self.denied(denied.kind(), asking.exchange).await;
                return Ok(turned_away(asking.place.api, denied));
            }
        };
        let Some(proxy) = &self.proxy else {
            return Ok(busy(asking.place.api));
        };
        let mut account = Account {
            client: Some(permit.client().to_owned()),
            ..Account::default()
        };
        let spoken = Spoken {
            exchange: u128::from_be_bytes(asking.exchange.0),
            envelope: &envelope,
            action,
            headers: upstream_headers(&asking.headers),
            host: &asking.host,
        };
        let mut tally = Tally::default();
        let outcome = proxy.speak(&permit, spoken, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            Ok(Heard::Reply(reply)) => answer(reply),
            Ok(Heard::Own(operation)) => self.own(asking, &permit, operation, session).await,
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                xml(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    soap::fault(asking.place.api, &refusal),
                )
            }
            Err(failure) => failed(asking.place.api, &failure),
        };
        response.extensions_mut().insert(account);
        Ok(response)
    }

    /// Whoever the session stands for, as if it had come in `Authorization`.
    fn admitted(&self, asking: &Asking, session: Option<&Secret>) -> Result<Permit, Denied> {
        let session = session.and_then(|session| std::str::from_utf8(session.expose()).ok());
        let authorization = session.map(|session| format!("Bearer {session}"));
        self.gate.admit(&Credentials {
            authorization: authorization.as_deref(),
            certificate: asking.peer.certificate,
            source: asking.peer.source,
            arrived: asking.arrived,
        })
    }

    /// `login`: the user name is a client's, the password its secret, its code, or both behind each
    /// other, as where a security token stands behind a password.
    async fn login(&self, asking: &Asking, username: &str, password: &Secret) -> Response<Body> {
        let api = asking.place.api;
        let Some(proxy) = &self.proxy else {
            return busy(api);
        };
        let password = String::from_utf8_lossy(password.expose()).into_owned();
        let fields = BTreeMap::from([
            ("grant_type".to_owned(), "password".to_owned()),
            ("username".to_owned(), username.to_owned()),
            ("password".to_owned(), password),
        ]);
        let gate = Arc::clone(&self.gate);
        let (peer, host) = (asking.peer.clone(), asking.host.clone());
        let granted = tokio::task::spawn_blocking(move || {
            gate.token(&TokenRequest {
                form: &Form::from(fields),
                basic: None,
                certificate: peer.certificate,
                source: peer.source,
                host: &host,
            })
        });
        let granted = granted.await;
        let refuses = matches!(&granted, Ok(Err(error)) if error.status < 500);
        let mut response = match (self.record(proxy, refuses).await, granted) {
            (Err(failure), _) => failed(api, &failure),
            (Ok(()), Ok(Ok(grant))) => {
                let mut parts = grant.id_path.rsplit('/');
                let (user, organization) = (parts.next(), parts.next());
                let who = LoggedIn {
                    origin: &grant.instance_url,
                    organization: organization.unwrap_or_default(),
                    user: user.unwrap_or_default(),
                    username,
                    seconds: self.gate.token_seconds(),
                };
                let session = String::from_utf8_lossy(grant.access_token.expose());
                written(login_result(asking.place, &who, &session))
            }
            (Ok(()), Ok(Err(error))) => not_signed_in(api, &error),
            (Ok(()), Err(_)) => respond::failure(),
        };
        response.extensions_mut().insert(Account {
            route: "soap.login",
            ..Account::default()
        });
        response
    }

    /// What the border answers by itself, for whoever is admitted.
    async fn own(
        &self,
        asking: &Asking,
        permit: &Permit,
        operation: Operation,
        session: Option<Secret>,
    ) -> Response<Body> {
        match operation {
            Operation::UserInfo => {
                let info = self.gate.userinfo(permit);
                let origin = format!("https://{}", asking.host);
                let who = LoggedIn {
                    origin: &origin,
                    organization: &info.organization_id,
                    user: &info.user_id,
                    username: &info.username,
                    seconds: self.gate.token_seconds(),
                };
                written(user_info_result(asking.place, &who))
            }
            Operation::Logout => {
                let gate = Arc::clone(&self.gate);
                let ended = tokio::task::spawn_blocking(move || {
                    let session = session.as_ref().map(Secret::expose).unwrap_or_default();
                    std::str::from_utf8(session).map(|session| gate.revoke(session))
                });
                match ended.await {
                    Ok(Ok(Ok(()))) => written(logout_result(asking.place)),
                    _ => respond::failure(),
                }
            }
            // It was answered before anybody was admitted.
            Operation::Login { .. } => respond::failure(),
        }
    }
}

fn written(body: Result<Vec<u8>, Unfit>) -> Response<Body> {
    match body {
        Ok(body) => xml(StatusCode::OK, body),
        Err(Unfit) => respond::failure(),
    }
}

/// A message that is refused before it is known who sends it.
fn refused(api: Api, refusal: &Refusal) -> Response<Body> {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let mut response = xml(status, soap::fault(api, refusal));
    response.extensions_mut().insert(Account {
        route: "unknown",
        refusal: Some(refusal.code),
        ..Account::default()
    });
    response
}

/// A session that is not admitted. Only what a new sign-in can heal is `INVALID_SESSION_ID`.
fn turned_away(api: Api, denied: Denied) -> Response<Body> {
    let code = match denied {
        Denied::NoCredential | Denied::Unknown | Denied::Expired | Denied::Revoked => {
            "INVALID_SESSION_ID"
        }
        Denied::WrongCertificate | Denied::WrongNetwork => "INSUFFICIENT_ACCESS",
        Denied::SecondFactorMissing => "TXN_SECURITY_TWO_FA_REQUIRED",
        Denied::RateLimited { .. } => "REQUEST_LIMIT_EXCEEDED",
        Denied::Unavailable => "SERVER_UNAVAILABLE",
    };
    tracing::info!(reason = denied.kind(), "a request was not admitted");
    gated(soap::denied(api, code, &denied.to_string()))
}

fn not_signed_in(api: Api, error: &OAuthError) -> Response<Body> {
    let (code, message) = match error.status {
        500.. => (
            "SERVER_UNAVAILABLE",
            "sign-in is not possible at the moment",
        ),
        _ if error.retry_after.is_some() => ("REQUEST_LIMIT_EXCEEDED", "too many tries; wait"),
        _ => (
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
        ),
    };
    gated(soap::denied(api, code, message))
}

fn gated(body: Vec<u8>) -> Response<Body> {
    let mut response = xml(StatusCode::INTERNAL_SERVER_ERROR, body);
    response.extensions_mut().insert(Account {
        route: "gate",
        ..Account::default()
    });
    response
}

fn busy(api: Api) -> Response<Body> {
    let message = "the proxy is busy [sluis busy]";
    let body = soap::denied(api, "SERVER_UNAVAILABLE", message);
    xml(StatusCode::SERVICE_UNAVAILABLE, body)
}

fn failed(api: Api, failure: &Failure) -> Response<Body> {
    let (status, message) = tell(failure);
    xml(status, soap::denied(api, "SERVER_UNAVAILABLE", message))
}

fn xml(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/xml;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
