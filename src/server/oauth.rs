//! Salesforce's sign-in endpoints at our host, answered by the gate: token, revoke, userinfo and
//! identity.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Response, StatusCode};

use crate::gate::{Form, OAuthError, TokenRequest, UserInfo};
use crate::model::Secret;
use crate::server::border::{Border, json, refused, retry, text};
use crate::server::exchange::{Accepted, Body};
use crate::server::{respond, who};
use crate::telemetry::Account;

/// A form of the token endpoint: an assertion and a few fields.
pub(super) const FORM_BYTES: usize = 16 * 1024;

impl Border {
    /// Salesforce's token endpoint, answered by us: the CRM's own never sees a client.
    pub(super) async fn token(&self, request: Accepted) -> Response<Body> {
        let basic = text(&request.headers, &AUTHORIZATION).map(basic);
        let form_typed = text(&request.headers, &CONTENT_TYPE).is_some_and(is_form);
        let (peer, host) = (request.peer, request.host);
        let body = match request.body.read(FORM_BYTES).await {
            Ok(body) => body,
            Err(error) => return respond::body_error(error),
        };
        let gate = Arc::clone(&self.gate);
        let granted = tokio::task::spawn_blocking(move || {
            if !form_typed {
                return Err(bad_request("the request must be a form"));
            }
            let basic = match basic {
                None => None,
                Some(Some(pair)) => Some(pair),
                Some(None) => return Err(bad_request("the Authorization header is malformed")),
            };
            let form = Form::parse(&body)?;
            gate.token(&TokenRequest {
                form: &form,
                basic,
                certificate: peer.certificate,
                source: peer.source,
                host: &host,
            })
        });
        let mut response = match granted.await {
            Ok(Ok(grant)) => json(
                StatusCode::OK,
                Bytes::copy_from_slice(grant.body().expose()),
            ),
            Ok(Err(error)) => oauth_error(&error),
            Err(_) => respond::failure(),
        };
        response = self.recorded(response).await;
        response.extensions_mut().insert(Account {
            route: "oauth.token",
            ..Account::default()
        });
        response
    }

    /// RFC 7009: the answer is the same whether the token was known.
    pub(super) async fn revoke(&self, request: Accepted) -> Response<Body> {
        let form_typed = text(&request.headers, &CONTENT_TYPE).is_some_and(is_form);
        let body = match request.body.read(FORM_BYTES).await {
            Ok(body) if form_typed => body,
            Ok(_) => return oauth_error(&bad_request("the request must be a form")),
            Err(error) => return respond::body_error(error),
        };
        let token = form_urlencoded::parse(&body).find(|(name, _)| name == "token");
        let Some((_, token)) = token else {
            return oauth_error(&bad_request("the token is missing"));
        };
        let gate = Arc::clone(&self.gate);
        let token = Secret::from(token.as_ref());
        let revoked = tokio::task::spawn_blocking(move || {
            std::str::from_utf8(token.expose()).map(|token| gate.revoke(token))
        });
        match revoked.await {
            Ok(Ok(Ok(()))) => json(StatusCode::OK, Bytes::new()),
            _ => respond::failure(),
        }
    }

    /// Whom the token stands for, in the members that clients read.
    pub(super) fn userinfo(&self, request: &Accepted) -> Response<Body> {
        self.told(request, |info, origin| {
            serde_json::json!({
                "sub": format!("{origin}{}", info.id_path),
                "user_id": info.user_id,
                "organization_id": info.organization_id,
                "preferred_username": info.username,
                "name": info.username,
                "active": true,
                "urls": urls(origin),
            })
        })
    }

    /// `/id/ORG/USER`: the same in the older endpoint's words. Whichever user the path names, which
    /// may be the CRM's, a token hears of itself only; `oauth_token` in the URL is not read.
    pub(super) fn identity(&self, request: &Accepted) -> Response<Body> {
        self.told(request, |info, origin| {
            serde_json::json!({
                "id": format!("{origin}{}", info.id_path),
                "user_id": info.user_id,
                "organization_id": info.organization_id,
                "username": info.username,
                "display_name": info.username,
                "user_type": "STANDARD",
                "active": true,
                "urls": urls(origin),
            })
        })
    }

    fn told(
        &self,
        request: &Accepted,
        words: impl FnOnce(&UserInfo, &str) -> serde_json::Value,
    ) -> Response<Body> {
        let permit = match who::client(&self.gate, request) {
            Ok(permit) => permit,
            Err(denied) => return refused(denied),
        };
        let origin = format!("https://{}", request.host);
        let body = words(&self.gate.userinfo(&permit), &origin);
        json(StatusCode::OK, body.to_string().into())
    }
}

/// Where the doors are; clients put the version in.
fn urls(origin: &str) -> serde_json::Value {
    serde_json::json!({
        "rest": format!("{origin}/services/data/v{{version}}/"),
        "sobjects": format!("{origin}/services/data/v{{version}}/sobjects/"),
        "query": format!("{origin}/services/data/v{{version}}/query/"),
    })
}

fn oauth_error(error: &OAuthError) -> Response<Body> {
    let body = serde_json::json!({ "error": error.error, "error_description": error.description });
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = json(status, body.to_string().into());
    if let Some(after) = error.retry_after {
        retry(&mut response, after.as_secs().max(1));
    }
    response
}

fn is_form(value: &str) -> bool {
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Client id and secret of `Authorization: Basic` (RFC 7617).
fn basic(value: &str) -> Option<(String, Secret)> {
    let encoded = value
        .get(..6)
        .filter(|scheme| scheme.eq_ignore_ascii_case("Basic "))
        .and_then(|_| value.get(6..))?;
    let decoded = Secret::new(
        data_encoding::BASE64
            .decode(encoded.trim().as_bytes())
            .ok()?,
    );
    let text = std::str::from_utf8(decoded.expose()).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.into()))
}

fn bad_request(description: &'static str) -> OAuthError {
    OAuthError {
        status: 400,
        error: "invalid_request",
        description,
        retry_after: None,
    }
}
