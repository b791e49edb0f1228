//! The rules that both protocols share, case by case, each with its positive control.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::proptest;

use super::{Canonical, Head, Length, Rules, Target, Violation, check};
use crate::server::exchange::Protocol;
use crate::server::settings::Limits;

const PATH: &str = "/services/data/v60.0/sobjects/Contact";

fn head(method: &str, target: &str, fields: &[(&str, &str)]) -> Head {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    Head {
        protocol: Protocol::Http1,
        method: method.to_owned(),
        target: target.to_owned(),
        authority: None,
        headers,
        ended: false,
    }
}

fn http2(method: &str, authority: &str, fields: &[(&str, &str)], ended: bool) -> Head {
    Head {
        protocol: Protocol::Http2,
        authority: Some(authority.to_owned()),
        ended,
        ..head(method, PATH, fields)
    }
}

fn checked(head: Head, server_name: Option<&str>) -> Result<Canonical, Violation> {
    let hosts = vec![
        "crm.example.nl".to_owned(),
        "crm.example.nl:8443".to_owned(),
    ];
    let rules = Rules {
        hosts: Some(&hosts),
        server_name,
        limits: &Limits::default(),
    };
    check(head, &rules)
}

/// The status that a head is refused with, or 200.
fn status(head: Head) -> u16 {
    checked(head, None).map_or_else(|violation| violation.status.as_u16(), |_| 200)
}

/// The status that fields beside a good Host are refused with.
fn fields(method: &str, extra: &[(&str, &str)]) -> u16 {
    let mut all = vec![("host", "crm.example.nl")];
    all.extend_from_slice(extra);
    status(head(method, PATH, &all))
}

#[test]
fn targets_of_real_clients_pass_as_they_are() {
    for target in [
        "/",
        "/services/data/v60.0/query/?q=SELECT+Id%2C+Name+FROM+Contact+WHERE+Email+%3D+%27jan%40example.nl%27",
        "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact%20WHERE%20Name%20LIKE%20'd%5C'A%25'",
        "/services/data/v60.0/sobjects/Contact/Ext_Id__c/jan@example.nl",
        "/services/data/v60.0/sobjects/Contact/Bsn_Id__c/123%2F45+6782%2B%C3%A9",
        "/services/data/v60.0/sobjects/Contact/Ext_Id__c/jan%2Fde%20vries%40x.nl",
        "/services/data/v60.0/sobjects/Contact/Ext_Id__c/100%25",
        "/services/data/v60.0/query/01g000000000001AAA-2000",
        "/services/data/v60.0/parameterizedSearch/?q=x&fields=Id,Name&sobject=Contact",
    ] {
        let parsed = Target::parse(target).unwrap();
        let again = match &parsed.query {
            Some(query) => format!("{}?{query}", parsed.path),
            None => parsed.path.clone(),
        };
        assert_eq!(again, target);
    }
}

#[test]
fn each_byte_passes_by_its_class_alone() {
    let passes = |target: &str| Target::parse(target).is_ok();
    for byte in 0..=u8::MAX {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let path = unreserved || b"!$&'()*+,:=@".contains(&byte);
        let query = path || b"/?;".contains(&byte);
        let raw = char::from(byte);
        if !b"%/?".contains(&byte) {
            assert_eq!(passes(&format!("/z{raw}z/z")), path, "{raw:?}");
            assert_eq!(passes(&format!("/z/z{raw}z")), path, "{raw:?}");
        }
        if byte != b'%' {
            assert_eq!(passes(&format!("/z?z{raw}z=")), query, "{raw:?}");
        }
        let (upper, lower) = (format!("%{byte:02X}"), format!("%{byte:02x}"));
        let data = byte.is_ascii() && !unreserved && !byte.is_ascii_control() && byte != b'\\';
        assert_eq!(passes(&format!("/z{upper}z/z")), data && byte != b'/');
        assert_eq!(passes(&format!("/z/z{upper}z")), data, "{upper}");
        assert!(upper == lower || !passes(&format!("/z/z{lower}z")));
        for escape in [upper, lower] {
            assert_eq!(passes(&format!("/z?z{escape}z=")), byte != 0, "{escape}");
        }
    }
    for cut in ["%", "%2", "%2z", "%z0", "%+1", "%%20", "% 20", "%\u{ff12}0"] {
        assert!(!passes(&format!("/z{cut}")), "{cut}");
        assert!(!passes(&format!("/z?z=z{cut}")), "{cut}");
    }
}

#[test]
fn segments_are_decoded_once() {
    let target = Target::parse("/a/b%20c/123%2F45%C3%A9").unwrap();
    assert_eq!(target.segments(), ["a", "b c", "123/45é"]);
    assert_eq!(Target::parse("/query/").unwrap().segments(), ["query", ""]);
}

/// Dots, slashes, escapes and bytes that two servers would take differently.
const NOT_CANONICAL: &[&str] = &[
    "",
    "*",
    "services/data",
    "http://crm.example.nl/services",
    "//",
    "//services",
    "/a//b",
    "/a/./b",
    "/a/../b",
    "/.",
    "/..",
    "/a/.",
    "/a/..",
    "/a/b.",
    "/a./b",
    "/a/...",
    "/a/%2e/b",
    "/a/%2E%2E/b",
    "/a/.%2E/b",
    "/a/%2e%2e",
    "/a%2fb/c",
    "/a%2Fb/c",
    "/a/b%2fc",
    "/a/%2F",
    "/a/b%2F",
    "/a/%2Fb",
    "/a/b%2F%2Fc",
    "/a/b%2F..%2Fc",
    "/a/b%2F.",
    "/a/..%2Fb",
    "/a\\b",
    "/a%5Cb",
    "/a%5cb",
    "/a/b%5C..%5Cc",
    "/a;x=1/b",
    "/a/b;jsessionid=1",
    "/a/;/b",
    "/a%00",
    "/a%00.json",
    "/a%0Ab",
    "/a%0D%0Ab",
    "/a%7Fb",
    "/a%09",
    "/a%C2%85b",
    "/a%252fb",
    "/a%252Fb",
    "/a/%252e%252e/b",
    "/a%25%32%66",
    "/a%2541",
    "/%61",
    "/a/%41",
    "/a%2Db",
    "/a%2db",
    "/a%5F",
    "/a%7E",
    "/a%7e",
    "/a%3d",
    "/a%c3%a9",
    "/a%",
    "/a%2",
    "/a%zz",
    "/a%2g",
    "/a%%20",
    "/a%u0041",
    "/a%C0%AE",
    "/a%C0%AF",
    "/a%E0%80%AF",
    "/a%ED%A0%80",
    "/a%FF",
    "/a%C3",
    "/a b",
    "/a%20/b",
    "/%20a/b",
    "/a/b%20",
    "/a#b",
    "/a#",
    "/a\"b",
    "/a<b",
    "/a>b",
    "/a[b]",
    "/a^b",
    "/a`b",
    "/a{b}",
    "/a|b",
    "/aé",
    "/a\tb",
    "/a\r\nb",
    "/a\0",
];

#[test]
fn a_path_with_a_second_reading_is_refused() {
    for path in NOT_CANONICAL {
        let parsed = Target::parse(path);
        assert_eq!(
            parsed.map_err(|refused| refused.status.as_u16()),
            Err(400),
            "{path:?}"
        );
    }
}

#[test]
fn a_query_is_legal_characters_and_whole_escapes() {
    for (query, passes) in [
        ("q=a+b%2Cc", true),
        ("q=a%0Ab", true),
        ("q=%c3%a9", true),
        ("q=a;b", true),
        ("", true),
        ("q=a#b", false),
        ("q=a b", false),
        ("q=%", false),
        ("q=%2", false),
        ("q=%zz", false),
        ("q=%00", false),
        ("q=é", false),
        ("q=a\\b", false),
        ("q=\"a\"", false),
        ("q=a\nb", false),
    ] {
        assert_eq!(
            Target::parse(&format!("/a?{query}")).is_ok(),
            passes,
            "{query:?}"
        );
    }
}

#[test]
fn no_parameter_overrides_the_method() {
    for query in [
        "_HttpMethod=PATCH",
        "_httpmethod=PATCH",
        "a=b&_HttpMethod=PATCH",
        "_method=DELETE",
        "%5FHttpMethod=PATCH",
        "_Http%4Dethod=PATCH",
        "_HttpMethod",
        "_HttpMethod%20=PATCH",
        "+_HttpMethod=PATCH",
    ] {
        assert!(Target::parse(&format!("/a?{query}")).is_err(), "{query}");
    }
    assert!(Target::parse("/a?method=PATCH").is_ok());
}

#[test]
fn no_field_overrides_method_target_or_framing() {
    assert_eq!(fields("POST", &[("x-custom", "1")]), 200);
    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
        "x-original-url",
        "x-rewrite-url",
        "content_length",
        "transfer_encoding",
        "upgrade",
        "trailer",
        "te",
        "http2-settings",
    ] {
        assert_eq!(fields("POST", &[(name, "1")]), 400, "{name}");
    }
}

#[test]
fn a_web_socket_is_asked_for_in_one_way() {
    let good = [
        ("host", "crm.example.nl"),
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let asked = |fields: &[(&str, &str)]| {
        let read = checked(head("GET", PATH, fields), None);
        read.map(|request| (request.socket, request.close, request.headers.len()))
            .map_err(|violation| violation.status.as_u16())
    };
    assert_eq!(asked(&good), Ok((true, false, 2)));
    for (at, value) in [
        (1, "h2c"),
        (1, "websocket, h2c"),
        (2, "close, Upgrade"),
        (2, "keep-alive"),
        (2, "Upgrade, authorization"),
        (3, "8"),
        (4, "short=="),
    ] {
        let mut fields = good;
        fields[at].1 = value;
        assert_eq!(asked(&fields), Err(400), "{value}");
    }
    assert_eq!(status(head("POST", PATH, &good)), 400);
    let mut more = good.to_vec();
    more.push(("content-length", "0"));
    assert_eq!(asked(&more), Err(400));
}

#[test]
fn methods_are_compared_byte_by_byte() {
    for (method, expected) in [
        ("GET", 200),
        ("HEAD", 200),
        ("POST", 200),
        ("PUT", 200),
        ("PATCH", 200),
        ("DELETE", 200),
        ("OPTIONS", 405),
        ("TRACE", 405),
        ("CONNECT", 405),
        ("PROPFIND", 501),
        ("GETX", 501),
        ("get", 400),
        ("Post", 400),
        ("", 400),
        ("GET/", 400),
        ("M-SEARCH", 400),
    ] {
        assert_eq!(fields(method, &[]), expected, "{method}");
    }
}

#[test]
fn there_is_one_length_or_one_chunked_never_both() {
    for (extra, expected) in [
        (&[("content-length", "5")][..], Ok(Length::Known(5))),
        (&[("content-length", "0")][..], Ok(Length::Known(0))),
        (&[("transfer-encoding", "chunked")][..], Ok(Length::Open)),
        (&[][..], Ok(Length::None)),
        (
            &[("content-length", "5"), ("transfer-encoding", "chunked")][..],
            Err(400),
        ),
        (
            &[("transfer-encoding", "chunked"), ("content-length", "0")][..],
            Err(400),
        ),
        (
            &[("content-length", "5"), ("content-length", "5")][..],
            Err(400),
        ),
        (
            &[("content-length", "5"), ("content-length", "6")][..],
            Err(400),
        ),
        (
            &[
                ("transfer-encoding", "chunked"),
                ("transfer-encoding", "chunked"),
            ][..],
            Err(400),
        ),
        (
            &[
                ("transfer-encoding", "chunked"),
                ("transfer-encoding", "identity"),
            ][..],
            Err(400),
        ),
        // Whoever reads it says how much is too much: a form with files may be large.
        (
            &[("content-length", "999999999999999999")][..],
            Ok(Length::Known(999_999_999_999_999_999)),
        ),
    ] {
        let mut all = vec![("host", "crm.example.nl")];
        all.extend_from_slice(extra);
        let length = checked(head("POST", PATH, &all), None);
        let length = length.map(|request| request.length);
        assert_eq!(
            length.map_err(|refused| refused.status.as_u16()),
            expected,
            "{extra:?}"
        );
    }
}

#[test]
fn a_length_is_plain_digits() {
    for value in [
        "",
        "+5",
        "-5",
        "5 ",
        " 5",
        "5,5",
        "5, 5",
        "0x5",
        "05",
        "00",
        "5.0",
        "5e0",
        "five",
        "18446744073709551621",
        "9999999999999999999",
    ] {
        let refused = fields("POST", &[("content-length", value)]);
        assert_eq!(refused, 400, "{value:?}");
    }
    for value in [
        "Chunked",
        "CHUNKED",
        "chunked, chunked",
        "identity",
        "gzip, chunked",
        "chunked, gzip",
        "xchunked",
        "chunked;q=1",
        "\"chunked\"",
        "",
        "chunked,",
        ",chunked",
        " chunked",
    ] {
        let refused = fields("POST", &[("transfer-encoding", value)]);
        assert_eq!(refused, 400, "{value:?}");
    }
}

#[test]
fn what_reads_or_deletes_has_no_body() {
    for method in ["GET", "HEAD", "DELETE"] {
        assert_eq!(fields(method, &[("content-length", "0")]), 200, "{method}");
        assert_eq!(fields(method, &[("content-length", "1")]), 400, "{method}");
        assert_eq!(
            fields(method, &[("transfer-encoding", "chunked")]),
            400,
            "{method}"
        );
    }
    assert_eq!(fields("GET", &[("content-type", "application/json")]), 200);
}

#[test]
fn a_field_comes_once_unless_it_is_a_list() {
    for name in [
        "content-type",
        "content-encoding",
        "authorization",
        "cookie",
        "x-anything",
        "user-agent",
        "sforce-query-options",
        "x-sfdc-session",
        "origin",
    ] {
        assert_eq!(fields("POST", &[(name, "a")]), 200, "{name}");
        assert_eq!(fields("POST", &[(name, "a"), (name, "a")]), 400, "{name}");
    }
    assert_eq!(
        fields("GET", &[("accept", "text/csv"), ("accept", "*/*")]),
        200
    );
}

#[test]
fn values_are_printable_ascii() {
    assert_eq!(fields("GET", &[("x-a", "a ~")]), 200);
    for value in ["é", "a\tb", "\u{80}"] {
        assert_eq!(fields("GET", &[("x-a", value)]), 400, "{value:?}");
    }
}

#[test]
fn connection_names_no_fields() {
    for (value, expected) in [
        ("keep-alive", 200),
        ("Keep-Alive", 200),
        ("close", 200),
        ("Upgrade", 400),
        ("authorization", 400),
        ("close, content-length", 400),
        ("keep-alive, TE", 400),
        ("", 400),
    ] {
        assert_eq!(
            fields("GET", &[("connection", value)]),
            expected,
            "{value:?}"
        );
    }
}

#[test]
fn an_expectation_is_100_continue_before_a_body() {
    let length = ("content-length", "5");
    assert_eq!(fields("POST", &[length, ("expect", "100-continue")]), 200);
    assert_eq!(fields("POST", &[("expect", "100-continue")]), 417);
    assert_eq!(fields("GET", &[("expect", "100-continue")]), 417);
    assert_eq!(fields("POST", &[length, ("expect", "200-ok")]), 417);
}

#[test]
fn the_host_is_a_configured_name_exactly() {
    for (host, expected) in [
        ("crm.example.nl", 200),
        ("crm.example.nl:8443", 200),
        ("crm.example.nl:443", 421),
        ("CRM.example.nl", 421),
        ("crm.example.nl.", 421),
        ("crm.example.nl@evil.example", 421),
        ("user@crm.example.nl", 421),
        ("evil.example", 421),
        ("", 421),
        ("crm.example.nl:", 421),
        ("crm.example.nl/", 421),
        ("crm.example.nl evil.example", 421),
        ("xcrm.example.nl", 421),
        ("crm.example.nl,evil.example", 421),
        ("127.0.0.1", 421),
    ] {
        let refused = status(head("GET", PATH, &[("host", host)]));
        assert_eq!(refused, expected, "{host:?}");
    }
    assert_eq!(status(head("GET", PATH, &[])), 400);
    let twice = [("host", "crm.example.nl"), ("host", "crm.example.nl")];
    assert_eq!(status(head("GET", PATH, &twice)), 400);
}

#[test]
fn the_host_is_the_name_that_tls_was_asked_for() {
    let request = || head("GET", PATH, &[("host", "crm.example.nl:8443")]);
    assert!(checked(request(), Some("crm.example.nl")).is_ok());
    let refused = checked(request(), Some("other.example.nl")).unwrap_err();
    assert_eq!(refused.status, 421);
}

#[test]
fn over_http2_the_authority_is_the_host() {
    let fine = http2("GET", "crm.example.nl", &[], true);
    assert_eq!(checked(fine, None).unwrap().host, "crm.example.nl");
    for (authority, fields, expected) in [
        ("crm.example.nl", &[("host", "crm.example.nl")][..], 200),
        (
            "crm.example.nl",
            &[("host", "crm.example.nl:8443")][..],
            400,
        ),
        ("crm.example.nl", &[("host", "evil.example")][..], 400),
        ("user@crm.example.nl", &[][..], 421),
        ("evil.example", &[][..], 421),
        ("evil.example", &[("host", "crm.example.nl")][..], 400),
        ("crm.example.nl", &[("connection", "close")][..], 400),
        (
            "crm.example.nl",
            &[("transfer-encoding", "chunked")][..],
            400,
        ),
        ("crm.example.nl", &[("te", "trailers")][..], 200),
        ("crm.example.nl", &[("te", "gzip")][..], 400),
    ] {
        let refused = status(http2("GET", authority, fields, true));
        assert_eq!(refused, expected, "{authority} {fields:?}");
    }
}

#[test]
fn over_http2_an_open_stream_is_a_body() {
    assert_eq!(status(http2("GET", "crm.example.nl", &[], false)), 400);
    assert_eq!(status(http2("POST", "crm.example.nl", &[], true)), 200);
    let open = checked(http2("POST", "crm.example.nl", &[], false), None).unwrap();
    assert_eq!(open.length, Length::Open);
    let ended = http2("POST", "crm.example.nl", &[("content-length", "5")], true);
    assert_eq!(status(ended), 400);
}

#[test]
fn fields_of_the_connection_do_not_reach_the_handler() {
    let request = head(
        "POST",
        PATH,
        &[
            ("host", "crm.example.nl"),
            ("content-length", "5"),
            ("connection", "close"),
            ("keep-alive", "timeout=5"),
            ("expect", "100-continue"),
            ("content-type", "application/json"),
        ],
    );
    let request = checked(request, None).unwrap();
    let names: Vec<&str> = request.headers.keys().map(HeaderName::as_str).collect();
    assert_eq!(names, ["content-type"]);
    assert!(request.close && request.expects_continue);
}

#[test]
fn a_long_target_is_414() {
    let long = format!("/a?q={}", "x".repeat(Limits::default().target_bytes));
    assert_eq!(
        status(head("GET", &long, &[("host", "crm.example.nl")])),
        414
    );
}

proptest! {
    /// What passes is a path that decodes and escapes again to itself in one way.
    #[test]
    fn a_path_that_passes_has_no_dots_doubles_or_controls(path in "(/|%2[EFef05]|%5[Cc]|%25|%00|[a.;\\\\ é@+]){0,12}") {
        if let Ok(target) = Target::parse(&path) {
            let segments = target.segments();
            let last = segments.len() - 1;
            for (index, segment) in segments.iter().enumerate() {
                assert!(segment != "." && segment != "..", "{path}");
                assert!(index == last || !segment.is_empty(), "{path}");
                assert!(index == last || !segment.contains('/'), "{path}");
                assert!(!segment.contains(['\\', ';', '\0']), "{path}");
                assert!(segment.split('/').all(|part| part != ".." && part != "."), "{path}");
            }
        }
    }
}
