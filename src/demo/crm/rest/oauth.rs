//! Who may come in.

use serde_json::json;

use crate::demo::crm::Inner;
use crate::demo::crm::moment;
use crate::demo::crm::rest::{Call, Reply};

/// `POST /services/oauth2/token` with the grant `client_credentials`, as RFC 6749, section 4.4 has it.
pub fn token(inner: &Inner, call: &Call) -> Reply {
    if call.method != "POST" {
        return refused("invalid_request", "must use HTTP POST");
    }
    let form: Vec<(String, String)> = form_urlencoded::parse(&call.body).into_owned().collect();
    let field = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let basic = call.header("authorization").and_then(basic);
    let (id, secret) = match basic {
        Some(pair) => pair,
        None => (
            field("client_id").unwrap_or_default(),
            field("client_secret").unwrap_or_default(),
        ),
    };
    if field("grant_type").as_deref() != Some("client_credentials") {
        return refused("unsupported_grant_type", "grant type not supported");
    }
    if id != inner.credential.client_id {
        return refused("invalid_client_id", "client identifier invalid");
    }
    if secret != inner.credential.client_secret {
        return refused("invalid_client", "invalid client credentials");
    }
    let base = base(call);
    Reply::json(
        200,
        json!({
            "access_token": inner.credential.token,
            "signature": "c3RhbmQtaW4gc2lnbmF0dXJlLCBub3QgY2hlY2tlZA==",
            "scope": "api",
            "instance_url": base,
            "id": format!("{base}/id/{}/{}", inner.org, inner.user),
            "token_type": "Bearer",
            "issued_at": (inner.now)().to_string(),
        }),
    )
}

/// Whether the request bears the access token.
pub fn allowed(inner: &Inner, call: &Call) -> bool {
    if call.segments.get(1).is_some_and(|name| name == "async") {
        // The older interface for bulk jobs has a header of its own.
        return call.header("x-sfdc-session") == Some(inner.credential.token.as_str());
    }
    let Some((scheme, token)) = call.header("authorization").and_then(|h| h.split_once(' ')) else {
        return false;
    };
    let scheme = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    scheme && !token.is_empty() && token == inner.credential.token
}

/// Whether a request has its session in a page's cookie.
pub fn has_cookie(inner: &Inner, call: &Call) -> bool {
    let cookies = call.header("cookie").unwrap_or_default();
    let mut cookies = cookies.split("; ");
    let sid = cookies.find_map(|cookie| cookie.strip_prefix("sid="));
    sid == Some(inner.credential.token.as_str())
}

/// What `/services/oauth2/userinfo` and `/id/ORG/USER` tell of the one user.
pub fn userinfo(inner: &Inner, call: &Call) -> Reply {
    let base = base(call);
    let (org, user) = (&inner.org, &inner.user);
    let data = format!("{base}/services/data/v{{version}}/");
    Reply::json(
        200,
        json!({
            "sub": format!("{base}/id/{org}/{user}"),
            "user_id": user,
            "organization_id": org,
            "preferred_username": "beheer@voorbeeld.example.nl",
            "nickname": "beheer",
            "name": "Beheer Voorbeeld",
            "email": "beheer@example.nl",
            "email_verified": true,
            "given_name": "Beheer",
            "family_name": "Voorbeeld",
            "zoneinfo": "Europe/Amsterdam",
            "profile": format!("{base}/{user}"),
            "urls": {
                "enterprise": format!("{base}/services/Soap/c/{{version}}/{org}"),
                "partner": format!("{base}/services/Soap/u/{{version}}/{org}"),
                "rest": data,
                "sobjects": format!("{data}sobjects/"),
                "query": format!("{data}query/"),
                "recent": format!("{data}recent/"),
            },
            "active": true,
            "user_type": "STANDARD",
            "language": "nl",
            "locale": "nl_NL",
            "utcOffset": 3_600_000,
            "updated_at": moment::datetime((inner.now)()),
        }),
    )
}

fn refused(code: &str, description: &str) -> Reply {
    Reply::json(
        400,
        json!({"error": code, "error_description": description}),
    )
}

fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = data_encoding::BASE64
        .decode(encoded.trim().as_bytes())
        .ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// The address under which the client knows the stand-in.
pub fn base(call: &Call) -> String {
    let scheme = call.header("x-forwarded-proto").unwrap_or("https");
    format!("{scheme}://{}", call.header("host").unwrap_or("localhost"))
}
