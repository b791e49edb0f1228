//! What a form of ours carries so that it is known for one: a text that only a page of ours shows.
//!
//! The CRM's pages have our origin, so that their scripts can send whatever our forms send, with the
//! person's cookie. What they cannot do is read a page of ours (`guard::is_navigation_to`), so they
//! do not have this text. It follows from the session's cookie, which is random and which no script
//! reads, and does not lead back to it: nothing is kept, and each new name of a session has another.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use http::HeaderName;

use crate::signin::steps::form;
use crate::signin::{Visit, session};

/// The hidden field of a form.
const FIELD: &str = "token";
/// The header field of what our script sends.
const HEADER: HeaderName = HeaderName::from_static("x-sluis-token");
/// What is authenticated: nothing else is ever computed under a cookie.
const PURPOSE: &[u8] = b"sluis form";

/// The text for forms on a page that this visitor gets; empty where they have no session.
#[must_use]
pub fn of(visit: &Visit) -> String {
    let cookie = session(&visit.headers);
    let text =
        cookie.map(|cookie| BASE64URL_NOPAD.encode(hmac::sign(&key(cookie), PURPOSE).as_ref()));
    text.unwrap_or_default()
}

/// Whether a page of ours was made for whoever sends this. Who has no session has nothing that a
/// script could use: what such a form does rests on what is typed into it, or on a link.
#[must_use]
pub fn is_shown(visit: &Visit) -> bool {
    let Some(cookie) = session(&visit.headers) else {
        return true;
    };
    let field = || form(visit).and_then(|form| form.field(FIELD).map(str::to_owned));
    let header = visit
        .headers
        .get(HEADER)
        .and_then(|value| value.to_str().ok());
    let shown = header.map(str::to_owned).or_else(field);
    let shown = shown.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
    // Constant in time.
    shown.is_some_and(|tag| hmac::verify(&key(cookie), PURPOSE, &tag).is_ok())
}

fn key(cookie: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, cookie.as_bytes())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, Method};

    use super::*;

    const COOKIE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn visit(fields: &[(&'static str, &str)], body: &str) -> Visit {
        let fields = fields.iter();
        let headers: HeaderMap = fields
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        Visit {
            method: Method::POST,
            path: "/.sluis/sign-out".to_owned(),
            query: None,
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            source: "192.0.2.10".parse().unwrap(),
            host: "crm.example.nl".to_owned(),
            surface: crate::gate::staff::Surface::Border,
        }
    }

    fn with(cookie: &str) -> (&'static str, String) {
        ("cookie", format!("__Host-sluis={cookie}"))
    }

    #[test]
    fn a_form_is_known_by_the_token_of_its_own_session_and_by_no_other() {
        let (name, cookie) = with(COOKIE);
        let token = of(&visit(&[(name, &cookie)], ""));
        let (_, other) = with(&COOKIE.replace('A', "B"));
        let strange = of(&visit(&[(name, &other)], ""));
        assert_ne!(token, strange);
        let typed = ("content-type", "application/x-www-form-urlencoded");
        let in_form = |token: &str| {
            let body = format!("a=b&token={token}");
            is_shown(&visit(&[(name, &cookie), typed], &body))
        };
        let in_header = |token: &str| {
            let header = ("x-sluis-token", token);
            is_shown(&visit(&[(name, &cookie), header], "{}"))
        };
        for shown in [&in_form as &dyn Fn(&str) -> bool, &in_header] {
            assert!(shown(&token));
            for wrong in ["", "x", COOKIE, &strange, &token[1..], &format!("{token}A")] {
                assert!(!shown(wrong), "{wrong}");
            }
        }
        assert!(!is_shown(&visit(
            &[(name, &cookie)],
            &format!("token={token}")
        )));
        assert!(!is_shown(&visit(&[(name, &cookie)], "")));
    }

    #[test]
    fn a_token_says_nothing_of_the_cookie_and_without_one_there_is_none() {
        let (name, cookie) = with(COOKIE);
        assert!(!of(&visit(&[(name, &cookie)], "")).contains("AAAA"));
        assert_eq!(of(&visit(&[], "")), "");
        assert!(is_shown(&visit(&[], "")));
    }
}
