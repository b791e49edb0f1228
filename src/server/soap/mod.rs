//! SOAP: the session stands in the body. So the beginning of a body is read before it is known who
//! asks, and nothing more: nobody unknown fills our memory. Sign-in, sign-out and the question who
//! one is are answered here.

mod answer;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, Response};

use crate::dialect::salesforce::soap::{
    Api, Asked, LoggedIn, Operation, Place, login_result, logout_result, user_info_result,
};
use crate::gate::{Credentials, Denied, Form, Permit, TokenRequest};
use crate::model::{Code, Refusal, Secret};
use crate::proxy::soap::{Begun, Framing, Heard, Spoken, begin, sign_in};
use crate::proxy::{Failure, Tally};
use crate::server::body::{BodyError, BodyReader};
use crate::server::border::{self, Border, fill, text};
use crate::server::exchange::{Accepted, Body, ExchangeId, Peer};
use crate::server::headers::upstream_headers;
use crate::server::respond;
use crate::telemetry::Account;

use answer::{busy, failed, fault, not_signed_in, refused, turned_away, written};

/// How much of a body is read before it is known who sends it: its header, or a whole sign-in.
const BEGINNING: usize = 16 * 1024;

/// A request without its body.
struct Asking {
    place: Place,
    headers: HeaderMap,
    peer: Peer,
    exchange: ExchangeId,
    arrived: Instant,
    host: String,
}

/// What was read of a body, and where the rest comes from.
type Rest = (BytesMut, BodyReader);

impl Asking {
    fn framing(&self) -> Framing<'_> {
        Framing {
            content_type: text(&self.headers, &CONTENT_TYPE),
            content_encoding: text(&self.headers, &CONTENT_ENCODING),
            action: text(&self.headers, &HeaderName::from_static("soapaction")),
        }
    }
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
        let asking = Asking {
            place,
            headers: request.headers,
            peer: request.peer,
            exchange: request.exchange,
            arrived: request.arrived,
            host: request.host,
        };
        let body = match beginning(request.body).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        match begin(place, asking.framing(), &body.0) {
            Ok(Begun::SignIn) => self.signs_in(&asking, body).await,
            Ok(Begun::By(session)) => self.message(&asking, session, body).await,
            Err(refusal) => refused(api, &refusal),
        }
    }

    async fn signs_in(&self, asking: &Asking, body: Rest) -> Response<Body> {
        let body = match whole(body, BEGINNING).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        match sign_in(asking.place, asking.framing(), &body) {
            Ok(Asked::Own(Operation::Login { username, password })) => {
                self.login(asking, &username, &password).await
            }
            // Its beginning said otherwise.
            Ok(Asked::Own(_) | Asked::Message(_)) => respond::failure(),
            Err(refusal) => refused(asking.place.api, &refusal),
        }
    }

    async fn message(
        &self,
        asking: &Asking,
        session: Option<Secret>,
        body: Rest,
    ) -> Response<Body> {
        let api = asking.place.api;
        let admitted = match session {
            Some(session) => {
                let permit = self.admitted(asking, &session, asking.arrived);
                permit.map(|permit| (permit, session))
            }
            None => Err(Denied::NoCredential),
        };
        let (permit, session) = match admitted {
            Ok(admitted) => admitted,
            Err(denied) => {
                self.denied(denied.kind(), asking.exchange).await;
                return turned_away(api, denied);
            }
        };
        let Some(proxy) = &self.proxy else {
            return busy(api);
        };
        let begun = body.0.len();
        // The server's own limit holds.
        let body = match whole(body, usize::MAX).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        if body.len() > begun && !self.stands(asking, &session, &permit) {
            self.denied(Denied::Revoked.kind(), asking.exchange).await;
            return turned_away(api, Denied::Revoked);
        }
        let mut account = Account {
            client: Some(permit.recorded_as().to_owned()),
            ..Account::default()
        };
        let spoken = Spoken {
            exchange: u128::from_be_bytes(asking.exchange.0),
            place: asking.place,
            framing: asking.framing(),
            body: &body,
            session: &session,
            headers: upstream_headers(&asking.headers),
            host: &asking.host,
        };
        let mut tally = Tally::default();
        let outcome = proxy.speak(&permit, spoken, &mut tally).await;
        fill(&mut account, &tally);
        let mut response = match outcome {
            Ok(Heard::Reply(reply)) => border::answer(reply),
            Ok(Heard::Own(operation)) => self.own(asking, &permit, operation, session).await,
            Err(Failure::Refused(refusal)) => {
                account.refusal = Some(refusal.code);
                fault(api, &refusal)
            }
            Err(failure) => failed(api, &failure),
        };
        response.extensions_mut().insert(account);
        response
    }

    /// Whoever the session stands for, as if it had come in `Authorization`.
    fn admitted(
        &self,
        asking: &Asking,
        session: &Secret,
        arrived: Instant,
    ) -> Result<Permit, Denied> {
        let session = std::str::from_utf8(session.expose()).ok();
        let authorization = session.map(|session| format!("Bearer {session}"));
        self.gate.admit(&Credentials {
            authorization: authorization.as_deref(),
            certificate: asking.peer.certificate,
            source: asking.peer.source,
            arrived,
        })
    }

    /// Whether whoever was admitted may go on now that the rest of the body is here; it can take
    /// hours.
    fn stands(&self, asking: &Asking, session: &Secret, permit: &Permit) -> bool {
        match self.admitted(asking, session, Instant::now()) {
            Ok(again) => again.allows_as(permit),
            Err(denied) => matches!(denied, Denied::RateLimited { .. }),
        }
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
        session: Secret,
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
                    std::str::from_utf8(session.expose()).map(|session| gate.revoke(session))
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

/// As much of a body as is read before it is known who sends it.
async fn beginning(mut reader: BodyReader) -> Result<Rest, BodyError> {
    let mut beginning = BytesMut::new();
    while beginning.len() < BEGINNING
        && let Some(bytes) = reader.next().await?
    {
        beginning.extend_from_slice(&bytes);
    }
    Ok((beginning, reader))
}

/// The whole body, with at most so many bytes more.
async fn whole((mut body, reader): Rest, more: usize) -> Result<BytesMut, BodyError> {
    let rest = reader.read(more).await?;
    body.extend_from_slice(&rest);
    Ok(body)
}
