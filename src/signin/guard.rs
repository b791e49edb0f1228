//! What a request must show before it changes anything, and where it may be sent on to.

use http::header::{ACCEPT, HeaderName, ORIGIN};
use http::{HeaderMap, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

/// The longest path that a sign-in leads back to.
const LONGEST: usize = 2000;

/// Whether a page of this very origin sent the request. Browsers say it in fields that scripts
/// cannot write; a request that says nothing comes from no browser and has no use for a cookie.
#[must_use]
pub fn is_same_origin(headers: &HeaderMap, host: &str) -> bool {
    let field = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let site = field(&FETCH_SITE);
    let origin = field(&ORIGIN);
    let own = origin.and_then(|origin| origin.strip_prefix("https://")) == Some(host);
    match (site, origin) {
        (Some("same-origin"), None) => true,
        (Some("same-origin") | None, Some(_)) => own,
        _ => false,
    }
}

/// Whether a browser shows the answer as a page of its own: not to a script, not in a frame. Scripts
/// of the CRM's pages have our origin and could read it there. Browsers say so in fields that scripts
/// cannot write (Fetch Metadata); who does not say it is not believed.
#[must_use]
pub fn is_navigation_to(headers: &HeaderMap) -> bool {
    let is = |name: &HeaderName, wanted: &str| {
        let mut values = headers.get_all(name).iter();
        values.next().is_some_and(|value| value == wanted) && values.next().is_none()
    };
    is(&FETCH_MODE, "navigate") && is(&FETCH_DEST, "document")
}

/// Whether a script gets the answer, and nothing shows it. Only where no script but ours runs, on
/// the console, may that open anything.
#[must_use]
pub fn is_fetch(headers: &HeaderMap) -> bool {
    let is = |name: &HeaderName, wanted: &[&str]| {
        let mut values = headers.get_all(name).iter();
        let first = values.next().and_then(|value| value.to_str().ok());
        first.is_some_and(|value| wanted.contains(&value)) && values.next().is_none()
    };
    is(&FETCH_MODE, &["cors", "same-origin"]) && is(&FETCH_DEST, &["empty"])
}

/// Whether a script is to become a service worker (Service Workers, "Service-Worker" request header).
/// One that the CRM installs would stand between the browser and every page here, ours too, and
/// outlive its page.
#[must_use]
pub fn is_service_worker(headers: &HeaderMap) -> bool {
    let mut wanted = headers.get_all(FETCH_DEST).iter();
    headers.contains_key(SERVICE_WORKER) || wanted.any(|value| value == "serviceworker")
}

/// Whether a person's browser asks for a page, and could show another one in its place.
#[must_use]
pub fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let html = headers.get_all(ACCEPT).iter().any(|value| {
        let text = value.to_str().unwrap_or("");
        text.split(',').any(|range| {
            let kind = range.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("text/html")
        })
    });
    *method == Method::GET && html
}

/// Where to sign in, so as to come back to this target.
#[must_use]
pub fn sign_in_at(target: &str) -> String {
    leading_to("/.sluis/sign-in", target)
}

/// Where to show the second factor once more, so as to come back to this target.
#[must_use]
pub fn step_up_at(target: &str) -> String {
    leading_to("/.sluis/step-up", target)
}

/// Where the identity provider is asked, so as to come back to this path of ours.
pub(super) fn provider_at(target: &str) -> String {
    leading_to("/.sluis/oidc/start", target)
}

/// As [`provider_at`], where the provider is to ask for its factors again.
pub(super) fn anew_at_provider(target: &str) -> String {
    let at = provider_at(target);
    let and = if at.contains('?') { '&' } else { '?' };
    format!("{at}{and}fresh=1")
}

/// Where the second factor is shown, so as to come back to this path of ours.
pub(super) fn second_step_at(target: &str) -> String {
    leading_to("/.sluis/sign-in/code", target)
}

fn leading_to(page: &str, target: &str) -> String {
    match next(Some(target)) {
        "/" => page.to_owned(),
        next => format!(
            "{page}?next={}",
            utf8_percent_encode(next, NON_ALPHANUMERIC)
        ),
    }
}

/// A path of ours, or `/`. Whatever a browser could take for another host is none: `//host`,
/// `/\host`, and those with a tab or a line end inside, which browsers leave out.
pub(super) fn next(text: Option<&str>) -> &str {
    let Some(text) = text.filter(|text| text.len() <= LONGEST) else {
        return "/";
    };
    let plain = text.bytes().all(|b| matches!(b, 0x21..=0x7e) && b != b'\\');
    if plain && text.starts_with('/') && !text.starts_with("//") {
        text
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_a_page_of_this_origin_may_change_anything() {
        let ours = [
            vec![
                ("sec-fetch-site", "same-origin"),
                ("origin", "https://crm.example.nl"),
            ],
            vec![("origin", "https://crm.example.nl")],
            vec![("sec-fetch-site", "same-origin")],
        ];
        for fields in ours {
            assert!(
                is_same_origin(&headers(&fields), "crm.example.nl"),
                "{fields:?}"
            );
        }
        let others = [
            vec![],
            vec![
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://crm.example.nl"),
            ],
            vec![
                ("sec-fetch-site", "same-site"),
                ("origin", "https://crm.example.nl"),
            ],
            vec![("sec-fetch-site", "none")],
            vec![("sec-fetch-site", "same-origin"), ("origin", "null")],
            vec![("origin", "null")],
            vec![("origin", "https://evil.example")],
            vec![("origin", "http://crm.example.nl")],
            vec![("origin", "https://crm.example.nl.evil.example")],
            vec![("origin", "https://crm.example.nl:8443")],
            vec![("origin", "")],
        ];
        for fields in others {
            assert!(
                !is_same_origin(&headers(&fields), "crm.example.nl"),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn a_sign_in_leads_back_to_this_host_and_nowhere_else() {
        for path in [
            "/",
            "/contacts?page=2",
            "/a//b",
            "/.sluis/account",
            "/a?u=https://b",
        ] {
            assert_eq!(next(Some(path)), path);
        }
        for away in [
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example",
            "javascript:alert(1)",
            "evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " /a",
            "",
            "/j\u{e4}n",
            &format!("/{}", "a".repeat(LONGEST)),
        ] {
            assert_eq!(next(Some(away)), "/", "{away}");
        }
        assert_eq!(next(None), "/");
    }

    #[test]
    fn a_target_comes_back_whole_from_the_address_of_the_sign_in() {
        let at = sign_in_at("/contacts?page=2&sort=name#x");
        let query = at.split_once('?').unwrap().1;
        let (_, back) = form_urlencoded::parse(query.as_bytes()).next().unwrap();
        assert_eq!(back, "/contacts?page=2&sort=name#x");
        assert_eq!(sign_in_at("//evil.example"), "/.sluis/sign-in");
    }

    #[test]
    fn our_pages_are_for_browsers_that_show_them_alone() {
        let shown = |mode: &str, dest: &str| {
            is_navigation_to(&headers(&[
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ]))
        };
        assert!(shown("navigate", "document"));
        for (mode, dest) in [
            ("cors", "empty"),
            ("same-origin", "empty"),
            ("no-cors", "script"),
            ("navigate", "iframe"),
            ("navigate", "object"),
            ("navigate", "embed"),
            ("navigate", ""),
            ("", "document"),
            ("cors", "document"),
        ] {
            assert!(!shown(mode, dest), "{mode} {dest}");
        }
        assert!(!is_navigation_to(&HeaderMap::new()));
        assert!(!is_navigation_to(&headers(&[(
            "sec-fetch-mode",
            "navigate"
        )])));
        let mut twice = headers(&[
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ]);
        twice.append("sec-fetch-dest", "empty".parse().unwrap());
        assert!(!is_navigation_to(&twice));
    }

    #[test]
    fn a_service_worker_is_known_by_either_field() {
        assert!(is_service_worker(&headers(&[("service-worker", "script")])));
        assert!(is_service_worker(&headers(&[(
            "sec-fetch-dest",
            "serviceworker"
        )])));
        assert!(!is_service_worker(&headers(&[(
            "sec-fetch-dest",
            "script"
        )])));
        assert!(!is_service_worker(&HeaderMap::new()));
    }

    #[test]
    fn a_navigation_asks_for_html() {
        let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
        let asks =
            |method: Method, accept: &str| is_navigation(&method, &headers(&[("accept", accept)]));
        assert!(asks(Method::GET, browser));
        assert!(!asks(Method::POST, browser));
        assert!(!asks(Method::GET, "application/json"));
        assert!(!asks(Method::GET, "*/*"));
        assert!(!is_navigation(&Method::GET, &HeaderMap::new()));
    }
}
