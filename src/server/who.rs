//! Who is asking: a program by its token, or a person by their session. One decision, for every
//! request that is not for a page or an endpoint of ours.

use std::sync::Arc;
use std::time::Instant;

use http::Method;
use http::header::AUTHORIZATION;
use http::header::HeaderValue;

use crate::gate::{Credentials, Denied, Gate, Permit};
use crate::server::border::ASYNC;
use crate::server::exchange::Accepted;
use crate::signin;

/// Why somebody does not get on.
#[derive(Clone, Copy)]
pub(super) enum Away {
    /// A person's browser, which can show the sign-in page in the place of this one.
    SignIn,
    /// A page of another site had a browser send this, with our cookie.
    OtherSite,
    Denied(Denied),
}

/// An `Authorization` field makes it a program, whatever else is there: a cookie does not help a
/// token that is refused. Without one, only a session that rests on two factors opens anything; and
/// what it opens it changes only for a page of this very origin.
pub(super) fn ask(gate: &Arc<Gate>, request: &Accepted) -> Result<Permit, Away> {
    if request.headers.contains_key(AUTHORIZATION) {
        return client(gate, request).map_err(Away::Denied);
    }
    if request.target.path.starts_with(ASYNC) {
        // A program by what the Bulk API 1.0 has in the place of `Authorization`.
        return by_session(gate, request).map_err(Away::Denied);
    }
    match person(gate, request) {
        Ok(Some(permit)) => Ok(permit),
        Ok(None) => Err(Away::OtherSite),
        Err(denied @ (Denied::RateLimited { .. } | Denied::Unavailable)) => {
            Err(Away::Denied(denied))
        }
        Err(_) if signin::is_navigation(&request.method, &request.headers) => Err(Away::SignIn),
        Err(denied) => Err(Away::Denied(denied)),
    }
}

/// A person by their session; none where a page of another site had their browser send this. That
/// is no use of the session, which lasts no longer for it.
fn person(gate: &Arc<Gate>, request: &Accepted) -> Result<Option<Permit>, Denied> {
    let cookie = signin::session(&request.headers).ok_or(Denied::NoCredential)?;
    let acts = request.socket || changes(&request.method);
    if acts && !is_of_us(request) {
        return gate.look_at_session(cookie, request.arrived).map(|_| None);
    }
    let session = gate.admit_session(cookie, request.arrived)?;
    if session.touch {
        touch(gate, request);
    }
    Ok(Some(session.permit))
}

/// Whether whoever is asking now may go on later: asked again with the same proof, and with the roles
/// and fields that they had. What was ended, for whatever reason, does not go on. A session is looked at only:
/// the asking keeps none alive.
pub(super) fn standing(
    gate: &Arc<Gate>,
    request: &Accepted,
    permit: &Permit,
) -> Box<dyn Fn() -> bool + Send + Sync> {
    let gate = Arc::clone(gate);
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
    let authorization = request.headers.get(AUTHORIZATION).and_then(text);
    let authorization = authorization.or_else(|| session_of(request).ok());
    let session = signin::session(&request.headers).map(str::to_owned);
    let (certificate, source) = (request.peer.certificate, request.peer.source);
    let before = permit.clone();
    Box::new(move || {
        let arrived = Instant::now();
        let permit = match (&authorization, &session) {
            (Some(authorization), _) => gate.admit(&Credentials {
                authorization: Some(authorization),
                certificate,
                source,
                arrived,
            }),
            (None, Some(session)) => gate.look_at_session(session, arrived),
            (None, None) => return false,
        };
        match permit {
            Ok(permit) => permit.allows_as(&before),
            Err(denied) => matches!(denied, Denied::RateLimited { .. }),
        }
    })
}

/// A program by its token.
pub(super) fn client(gate: &Gate, request: &Accepted) -> Result<Permit, Denied> {
    let authorization = request.headers.get(AUTHORIZATION);
    gate.admit(&Credentials {
        authorization: authorization.and_then(|value| value.to_str().ok()),
        certificate: request.peer.certificate,
        source: request.peer.source,
        arrived: request.arrived,
    })
}

fn by_session(gate: &Gate, request: &Accepted) -> Result<Permit, Denied> {
    gate.admit(&Credentials {
        authorization: Some(&session_of(request)?),
        certificate: request.peer.certificate,
        source: request.peer.source,
        arrived: request.arrived,
    })
}

/// The session of the Bulk API 1.0, as `Authorization` would say it.
fn session_of(request: &Accepted) -> Result<String, Denied> {
    let mut sessions = request.headers.get_all("x-sfdc-session").iter();
    let ours = request.target.path.starts_with(ASYNC);
    let (Some(session), None, true) = (sessions.next(), sessions.next(), ours) else {
        return Err(Denied::NoCredential);
    };
    let session = session.to_str().map_err(|_| Denied::Unknown)?;
    Ok(format!("Bearer {session}"))
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

fn is_of_us(request: &Accepted) -> bool {
    signin::is_same_origin(&request.headers, &request.host)
}

/// Writes the session's use down, beside the request: it waits for the disk.
fn touch(gate: &Arc<Gate>, request: &Accepted) {
    let Some(cookie) = signin::session(&request.headers).map(str::to_owned) else {
        return;
    };
    let gate = Arc::clone(gate);
    tokio::task::spawn_blocking(move || gate.touch_session(&cookie));
}
