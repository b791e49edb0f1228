//! The session's cookie: read, set, taken away, and kept from the CRM.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::model::Secret;

/// `__Host-`: browsers take it over TLS from this very host only, for all paths (RFC 6265bis,
/// section 4.1.3.2), so that no neighbour under the same domain can plant one.
const NAME: &str = "__Host-sluis";

/// Of a journey to the identity provider.
const JOURNEY: &str = "__Host-sluis-oidc";

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The session that a request names. None where it names two: one of them is planted.
#[must_use]
pub fn session(headers: &HeaderMap) -> Option<&str> {
    named(headers, NAME)
}

/// The journey to the identity provider that a request names.
pub(super) fn journey(headers: &HeaderMap) -> Option<&str> {
    named(headers, JOURNEY)
}

fn named<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let mut ours = headers
        .get(COOKIE)?
        .to_str()
        .ok()?
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == wanted);
    match (ours.next(), ours.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// Takes our own cookie out of a request that goes further: no CRM ever sees it.
pub fn strip(headers: &mut HeaderMap) {
    let Some(value) = headers.remove(COOKIE) else {
        return;
    };
    let Ok(text) = value.to_str() else { return };
    let rest: Vec<&str> = text
        .split(';')
        .map(str::trim)
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default().trim();
            name != NAME && name != JOURNEY
        })
        .filter(|pair| !pair.is_empty())
        .collect();
    if let (false, Ok(value)) = (rest.is_empty(), HeaderValue::from_str(&rest.join("; "))) {
        headers.insert(COOKIE, value);
    }
}

pub(super) fn set(cookie: &Secret) -> Option<HeaderValue> {
    sensitive(NAME, cookie, "")
}

/// For ten minutes, as long as the journey may take.
pub(super) fn set_journey(cookie: &Secret) -> Option<HeaderValue> {
    sensitive(JOURNEY, cookie, "; Max-Age=600")
}

pub(super) fn forget_journey() -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{JOURNEY}=; {ATTRIBUTES}; Max-Age=0")).ok()
}

fn sensitive(name: &str, cookie: &Secret, more: &str) -> Option<HeaderValue> {
    let value = std::str::from_utf8(cookie.expose()).ok()?;
    let mut header = HeaderValue::from_str(&format!("{name}={value}; {ATTRIBUTES}{more}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

pub(super) fn forget() -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{NAME}=; {ATTRIBUTES}; Max-Age=0")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, cookie.parse().unwrap());
        headers
    }

    #[test]
    fn our_cookie_is_found_among_others_and_two_are_none() {
        assert_eq!(session(&with("a=1; __Host-sluis=x; b=2")), Some("x"));
        for none in [
            "a=1",
            "__Host-sluis=x; __Host-sluis=y",
            "sluis=x",
            "__host-sluis=x",
            "x__Host-sluis=x",
        ] {
            assert_eq!(session(&with(none)), None, "{none}");
        }
        assert_eq!(session(&HeaderMap::new()), None);
    }

    #[test]
    fn our_cookie_goes_no_further_and_others_do() {
        for (before, after) in [
            ("a=1; __Host-sluis=x; b=2", Some("a=1; b=2")),
            ("__Host-sluis=x", None),
            ("__Host-sluis=x;__Host-sluis = y;a=1", Some("a=1")),
            ("a=__Host-sluis=x", Some("a=__Host-sluis=x")),
        ] {
            let mut headers = with(before);
            strip(&mut headers);
            let left = headers.get(COOKIE).map(|value| value.to_str().unwrap());
            assert_eq!(left, after, "{before}");
        }
    }

    #[test]
    fn the_cookie_is_bound_to_host_and_tls_and_hidden_from_scripts() {
        let header = set(&Secret::from("abc")).unwrap();
        assert_eq!(
            header.to_str().unwrap(),
            "__Host-sluis=abc; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert!(!format!("{header:?}").contains("abc"));
    }
}
