//! Towards the CRM.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::server::headers::grammar::{date, id, language, list, media_type, number, pairs, word};

/// A value as it crosses, or nothing.
type Grammar = fn(&str) -> Option<String>;

/// The fields that go to the CRM. Sources: Salesforce REST API Developer Guide, "Headers"; Bulk API
/// Developer Guide, "Headers".
const ALLOWED: &[(&str, Grammar)] = &[
    ("accept", |value| list(value, media_type)),
    ("accept-language", |value| list(value, language)),
    ("content-type", media_type),
    ("if-modified-since", date),
    ("if-unmodified-since", date),
    ("sforce-auto-assign", |value| {
        // 01Q is the key prefix of assignment rules.
        word(value, &["TRUE", "FALSE", "1", "0"]).or_else(|| id(value, "01Q"))
    }),
    ("sforce-disable-batch-retry", |value| word(value, BOOLEAN)),
    ("sforce-duplicate-rule-header", |value| {
        let names = ["allowSave", "includeRecordDetails", "runAsCurrentUser"];
        pairs(value, &names, |value| word(value, BOOLEAN))
    }),
    ("sforce-enable-pkchunking", |value| {
        let sized = || pairs(value, &["chunkSize"], |size| number(size, 1, 250_000));
        word(value, BOOLEAN).or_else(sized)
    }),
    ("sforce-line-ending", |value| word(value, &["LF", "CRLF"])),
    ("sforce-mru", |value| {
        pairs(value, &["updateMru"], |value| word(value, BOOLEAN))
    }),
    ("sforce-query-options", |value| {
        pairs(value, &["batchSize"], |size| number(size, 200, 2_000))
    }),
    // SOAP 1.1 demands the field; Salesforce reads the operation from the body.
    ("soapaction", |_| Some("\"\"".to_owned())),
];

const BOOLEAN: &[&str] = &["true", "false"];

/// What of a client's header fields goes to the CRM, written anew, and our own `User-Agent`.
#[must_use]
pub fn upstream_headers(client: &HeaderMap) -> HeaderMap {
    // With room for what `upstream` adds.
    let mut headers = HeaderMap::with_capacity(12);
    for name in client.keys() {
        let Some((known, grammar)) = ALLOWED.iter().find(|(known, _)| name == known) else {
            continue;
        };
        let values = client.get_all(name).iter();
        let text: Option<Vec<&str>> = values.map(|value| value.to_str().ok()).collect();
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            continue;
        };
        let written = grammar(text.join(", ").trim()).and_then(|value| value.try_into().ok());
        if let Some(value) = written {
            headers.insert(HeaderName::from_static(known), value);
        }
    }
    headers.insert(http::header::USER_AGENT, HeaderValue::from_static("sluis"));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of one field.
    fn crosses(name: &'static str, value: &str) -> Option<String> {
        let mut client = HeaderMap::new();
        client.insert(name, value.parse().unwrap());
        let value = upstream_headers(&client).get(name).cloned();
        value.map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn what_real_clients_ask_for_crosses_in_one_form() {
        for (name, value, written) in [
            ("accept", "*/*", "*/*"),
            (
                "accept",
                "text/csv; charset=UTF-8",
                "text/csv; charset=UTF-8",
            ),
            ("accept-language", "*", "*"),
            ("accept-language", "nl-nl,en;q=0.8", "nl-NL, en"),
            (
                "content-type",
                "application/json;charset=utf-8",
                "application/json; charset=UTF-8",
            ),
            (
                "if-modified-since",
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT",
            ),
            ("sforce-auto-assign", "false", "FALSE"),
            (
                "sforce-auto-assign",
                "01Q000000000001AAA",
                "01Q000000000001AAA",
            ),
            ("sforce-query-options", "batchSize=500", "batchSize=500"),
            (
                "sforce-enable-pkchunking",
                "chunkSize=100000;",
                "chunkSize=100000",
            ),
            (
                "sforce-duplicate-rule-header",
                "allowSave=true",
                "allowSave=true",
            ),
            ("soapaction", "login", "\"\""),
        ] {
            assert_eq!(
                crosses(name, value).as_deref(),
                Some(written),
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn a_name_does_not_fit_into_any_field() {
        let hidden = [
            "Jan Jansen",
            "jansen",
            "JansenJansenJan",
            "jan@example.nl",
            "batchSize=Jansen",
            "batchSize=123456782",
            "chunkSize=123456782",
            "allowSave=true; note=Jansen",
            "allowSave=true, allowSave=false",
            "text/csv; charset=Jansen",
            "application/jansen",
            "Sun, 06 Nov 1994 08:49:37 GMT (Jansen)",
            "en-Jansen",
            "\"Jansen\"",
        ];
        for (name, _) in ALLOWED {
            for value in hidden {
                let written = crosses(name, value).unwrap_or_default().to_lowercase();
                let shows = written.contains("jansen") || written.contains("12345678");
                assert!(!shows, "{name}: {value} crosses as {written}");
            }
        }
    }

    #[test]
    fn whatever_is_not_listed_stays_here() {
        for name in [
            "authorization",
            "cookie",
            "referer",
            "origin",
            "from",
            "x-forwarded-for",
            "x-custom",
            "forwarded",
            "sforce-call-options",
            "range",
            "if-match",
            "traceparent",
            "via",
        ] {
            assert_eq!(crosses(name, "1"), None, "{name}");
        }
        assert_eq!(
            crosses("user-agent", "Jan's laptop").as_deref(),
            Some("sluis")
        );
    }
}
