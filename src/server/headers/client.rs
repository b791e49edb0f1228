//! Towards the client. `respond::finish` adds the security fields to every answer.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};

use crate::server::framing::Target;
use crate::server::headers::grammar::{date, number, word};

/// A value as it crosses, or nothing.
type Grammar = fn(&str) -> Option<Cow<'_, str>>;

/// The fields of the CRM's answers that clients read. `Set-Cookie` is not among them: the session
/// with the CRM is ours.
const ALLOWED: &[(&str, Grammar)] = &[
    ("content-type", plain),
    ("etag", plain),
    ("last-modified", |value| date(value).map(Cow::Owned)),
    ("location", location),
    ("retry-after", |value| {
        number(value, 0, 86_400).map(Cow::Owned)
    }),
    ("sforce-limit-info", plain),
    ("sforce-locator", plain),
    ("sforce-numberofrecords", |value| {
        number(value, 0, u32::MAX).map(Cow::Owned)
    }),
    ("warning", plain),
    ("x-prettyprint", |value| {
        word(value, &["0", "1"]).map(Cow::Owned)
    }),
];

/// What of the CRM's header fields goes to the client.
#[must_use]
pub fn client_headers(crm: &HeaderMap) -> HeaderMap {
    // With room for what `respond::finish` adds.
    let mut headers = HeaderMap::with_capacity(12);
    for name in crm.keys() {
        let Some((known, grammar)) = ALLOWED.iter().find(|(known, _)| name == known) else {
            continue;
        };
        let mut values = crm.get_all(name).iter();
        // A field that comes twice has no one meaning.
        let (Some(value), None) = (values.next(), values.next()) else {
            continue;
        };
        let written = match value.to_str().ok().and_then(grammar) {
            Some(Cow::Borrowed(_)) => Some(value.clone()),
            Some(Cow::Owned(text)) => text.try_into().ok(),
            None => None,
        };
        if let Some(value) = written {
            headers.insert(HeaderName::from_static(known), value);
        }
    }
    headers
}

/// Printable ASCII of a sensible length, as it is.
fn plain(value: &str) -> Option<Cow<'_, str>> {
    const LONGEST: usize = 256;
    let printable = value.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
    (printable && value.len() <= LONGEST).then_some(Cow::Borrowed(value))
}

/// A path at this host. An absolute one would send the client, and its credential, to the CRM.
fn location(value: &str) -> Option<Cow<'_, str>> {
    Target::parse(value).ok().map(|_| Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn crosses(name: &'static str, value: &str) -> bool {
        let mut crm = HeaderMap::new();
        crm.insert(name, value.parse().unwrap());
        client_headers(&crm).contains_key(name)
    }

    #[test]
    fn clients_get_what_they_read() {
        assert!(crosses("content-type", "application/json;charset=UTF-8"));
        assert!(crosses("sforce-limit-info", "api-usage=18/5000"));
        assert!(crosses(
            "location",
            "/services/data/v60.0/sobjects/Contact/003000000000001AAA"
        ));
        assert!(crosses("sforce-locator", "MTAwMDA"));
    }

    #[test]
    fn nothing_sends_a_client_past_us_or_names_the_crm() {
        for (name, value) in [
            ("location", "https://acme.my.salesforce.com/services/data"),
            ("location", "//acme.my.salesforce.com/"),
            ("location", "/\\acme.my.salesforce.com/"),
            ("set-cookie", "sid=1"),
            ("server", "sfdcedge"),
            ("transfer-encoding", "chunked"),
            ("content-length", "5"),
            ("connection", "close"),
            ("refresh", "0; url=https://acme.my.salesforce.com"),
            ("alt-svc", "h3=\":443\""),
            ("link", "<https://acme.my.salesforce.com>"),
        ] {
            assert!(!crosses(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn a_field_that_comes_twice_is_dropped() {
        let mut crm = HeaderMap::new();
        crm.append("content-type", HeaderValue::from_static("text/html"));
        crm.append("content-type", HeaderValue::from_static("application/json"));
        let headers = client_headers(&crm);
        assert!(!headers.contains_key("content-type"));
    }
}
