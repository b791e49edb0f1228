use std::collections::BTreeMap;

use super::headers::{Origins, SetCookie, cookies, location, to_crm};
use super::*;
use crate::model::Code;

fn route(method: Method, path: &str) -> Route {
    Route {
        name: path.into(),
        host: None,
        methods: vec![method],
        pattern: Pattern::parse(path, IdForm::Number).unwrap(),
        object: None,
        record: Some("id".into()),
        creates: None,
        query: Names::default(),
        codecs: vec![Codec::Form, Codec::Multipart, Codec::Json],
        form: Names(BTreeMap::from([
            ("last_name".into(), Name::Field("last_name".into())),
            ("items.*.email".into(), Name::Field("email".into())),
            ("next".into(), Name::Pass(Grammar::Path)),
            ("image".into(), Name::File),
            ("_".into(), Name::Drop),
        ])),
        answers: vec![Media::Html],
        html_in_json: false,
        plain_files: false,
        csv_guard: true,
        step_up: false,
        login: false,
        socket: false,
        fixed: false,
    }
}

/// Two hosts of one CRM behind two of ours.
fn origins() -> Origins<'static> {
    Origins {
        ours: "crm.example.eu",
        theirs: "https://crm.example.com",
        others: vec![("files.crm.example.eu", "https://files.example.com")],
    }
}

fn site() -> Site {
    Site {
        ids: IdForm::Number,
        pass: BTreeMap::from([("csrf".to_owned(), Grammar::Token)]),
        headers: BTreeMap::from([("x-csrftoken".to_owned(), Grammar::Token)]),
        cookies: BTreeMap::from([("sessionid".to_owned(), Cookie::Bound(Grammar::Token))]),
        csp: BTreeMap::new(),
        host: None,
        hosts: BTreeMap::new(),
        routes: vec![
            route(Method::Post, "/contact/{id}"),
            route(Method::Get, "/contact/{id}"),
            route(Method::Get, "/contact/{kind:csv|xlsx}"),
            route(Method::Get, "/static/**"),
        ],
    }
}

fn read<'s>(site: &'s Site, content_type: &str, body: &str) -> Result<Call<'s>, Code> {
    let request = Submitted {
        method: "POST",
        target: "/contact/12",
        content_type: Some(content_type),
        body: body.as_bytes(),
    };
    let call = Call::resolve(site, &request).map_err(|refusal| refusal.code)?;
    let codec = call.codec(&request).map_err(|refusal| refusal.code)?;
    let limits = crate::wire::json::Limits::default();
    let document = (codec == Some(Codec::Json))
        .then(|| crate::wire::json::Document::parse(request.body, &limits).unwrap());
    let read = call.read(codec, &request, document.as_ref());
    read.map_err(|refusal| refusal.code)
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn a_path_is_found_by_the_most_exact_pattern_and_unknown_ones_are_not() {
    let site = site();
    let name = |path| {
        let found = site.resolve(Method::Get, path);
        found.map(|(route, _)| route.name.to_string())
    };
    assert_eq!(name("/contact/12").as_deref(), Some("/contact/{id}"));
    assert_eq!(
        name("/contact/csv").as_deref(),
        Some("/contact/{kind:csv|xlsx}")
    );
    assert_eq!(name("/static/js/a.b-1.js").as_deref(), Some("/static/**"));
    for path in [
        "/contact",
        "/contact/",
        "/contact/12/",
        "/contact/jansen",
        "/contact/1234567890123456789",
        "/static",
        "/static/",
        "/static/jan@example.nl",
        "/static/a%20b",
        "/",
    ] {
        assert_eq!(name(path), None, "{path}");
    }
}

#[test]
fn every_name_of_a_form_is_known_and_each_duplicate_is_seen() {
    let site = site();
    let call = read(
        &site,
        FORM,
        "csrf=abcdefgh&last_name=A&last_name=B&_=1&next=%2Fcontact%2F3",
    );
    let call = call.unwrap();
    assert_eq!(call.values(), b"[\"A\",\"B\"]");
    assert_eq!(call.record.map(|id| id.to_string()).as_deref(), Some("12"));
    for (body, code) in [
        ("note=x", Code::ParameterUnknown),
        ("Last_name=x", Code::ParameterUnknown),
        ("last_name%5B%5D=x", Code::ParameterUnknown),
        ("csrf=Jan%20Jansen", Code::ValueUnfit),
        ("next=%2F%2Fevil.example", Code::ValueUnfit),
        ("next=https%3A%2F%2Fevil.example%2F", Code::ValueUnfit),
        ("next=%2Fcontact%2F3%3Fq%3Djansen", Code::ValueUnfit),
        ("last_name", Code::BodyMalformed),
    ] {
        assert_eq!(read(&site, FORM, body).map(|_| ()), Err(code), "{body}");
    }
    for kind in [
        "text/plain",
        "application/xml",
        "",
        "application/x-www-form-urlencoded; charset=latin1",
    ] {
        let refused = read(&site, kind, "last_name=A").map(|_| ());
        assert_eq!(refused, Err(Code::BodyMediaType), "{kind}");
    }
}

#[test]
fn of_files_only_empty_ones_pass() {
    let site = site();
    let body = |name: &str, content: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"last_name\"\r\n\r\nA\r\n\
             --b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{content}\r\n--b--\r\n"
        )
    };
    let kind = "multipart/form-data; boundary=b";
    let call = read(&site, kind, &body("", "")).unwrap();
    assert_eq!(call.values(), b"[\"A\"]");
    for (name, content) in [("", "x"), ("jan.pdf", ""), ("jan.pdf", "x")] {
        let refused = read(&site, kind, &body(name, content)).map(|_| ());
        assert_eq!(refused, Err(Code::PolicyBlocked), "{name} {content}");
    }
}

#[test]
fn the_leaves_of_json_are_named_by_their_path() {
    let site = site();
    let call = read(
        &site,
        "application/json",
        r#"{"items":[{"email":"a"},{"email":null}]}"#,
    );
    let Load::Json(leaves) = call.unwrap().load else {
        panic!("no JSON");
    };
    assert_eq!(leaves.len(), 2);
    for body in [
        r#"{"items":[{"mail":"a"}]}"#,
        r#"{"items.*.email":"a"}"#,
        r#"{"x":1}"#,
        r#""a""#,
    ] {
        let refused = read(&site, "application/json", body).map(|_| ());
        assert_eq!(refused, Err(Code::ParameterUnknown), "{body}");
    }
}

#[test]
fn header_fields_say_the_crms_own_and_nothing_that_people_typed() {
    let site = site();
    let origins = origins();
    let sent = |fields: &[(&str, &str)], writes| {
        to_crm(&site, &origins, writes, fields.iter().copied()).map_err(|refusal| refusal.code)
    };
    let fields = [
        ("accept", "text/html,*/*"),
        ("accept-language", "nl-NL,nl;q=0.9"),
        (
            "cookie",
            "__Host-sluis=s3cr3t; sessionid=abcdefgh12; other=1; sessionid=zzzzzzzzzz",
        ),
        ("origin", "https://crm.example.eu"),
        ("referer", "https://crm.example.eu/contacts?q=jansen"),
        ("user-agent", "Jan's laptop"),
        ("x-csrftoken", "abcdefgh"),
        ("x-other", "1"),
    ];
    let all = sent(&fields, true).unwrap();
    let expected = [
        ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("accept-language", "nl"),
        ("origin", "https://crm.example.com"),
        ("referer", "https://crm.example.com/"),
        ("x-csrftoken", "abcdefgh"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(all, expected);
    // A page of our other host may read here, and not write.
    let other = [("origin", "https://files.crm.example.eu")];
    let said = vec![("origin".to_owned(), "https://files.example.com".to_owned())];
    assert_eq!(sent(&other, false), Ok(said));
    assert_eq!(sent(&other, true), Err(Code::RoleRefused));
    for field in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        assert_eq!(sent(&[field], true), Err(Code::RoleRefused), "{field:?}");
        assert_eq!(sent(&[field], false), Ok(vec![]), "{field:?}");
    }
    assert_eq!(
        sent(&[("referer", "https://crm.example.eu.evil.example/")], true),
        Ok(vec![])
    );
}

#[test]
fn cookies_and_redirects_of_the_crm_stay_with_us() {
    let site = site();
    let origins = origins();
    let set = "sessionid=abcdefgh; Domain=.example.com; Path=/; HttpOnly; SameSite=None";
    let set = SetCookie::parse(&site, set).unwrap();
    assert_eq!(
        (set.name, set.value, set.hidden, set.gone),
        ("sessionid", "abcdefgh", true, false)
    );
    assert_eq!(
        set.write("sessionid", "x", true, None),
        "sessionid=x; Secure; Path=/; HttpOnly; SameSite=Lax"
    );
    for unfit in [
        "track=abcdefgh; Path=/",
        "sessionid=a b; Path=/",
        "sessionid",
    ] {
        assert!(SetCookie::parse(&site, unfit).is_none(), "{unfit}");
    }
    let sent = "a=1; sessionid=one;sessionid=two; Sessionid=x";
    let found: Vec<_> = cookies(&site, sent).map(|(_, _, value)| value).collect();
    assert_eq!(found, ["one", "two"]);
    for (name, domain, shared) in [
        ("sessionid", ".example.com", true),
        ("sessionid", "files.example.com", false),
        ("sessionid", "com", false),
        ("sessionid", "elsewhere.example", false),
    ] {
        let set = format!("{name}=abcdefgh; Domain={domain}");
        let set = SetCookie::parse(&site, &set).unwrap();
        assert_eq!(set.is_shared(&origins), shared, "{domain}");
    }
    assert_eq!(
        SetCookie::parse(&site, "sessionid=abcdefgh; Domain=.example.com")
            .unwrap()
            .write("sessionid", "x", true, Some("crm.example.eu")),
        "sessionid=x; Secure; Domain=crm.example.eu; HttpOnly; SameSite=Lax"
    );
    for (value, path) in [
        ("/contact/1", Some("/contact/1")),
        (
            "https://crm.example.com/contact/1?x=1",
            Some("/contact/1?x=1"),
        ),
        ("https://crm.example.com", Some("/")),
        ("HTTPS://CRM.example.com:443/a", Some("/a")),
        ("http://crm.example.com/a", None),
        (
            "https://files.example.com/f/1?a",
            Some("https://files.crm.example.eu/f/1?a"),
        ),
        ("https://files.example.com.evil.example/", None),
        ("https://x@files.example.com/", None),
        ("https://crm.example.com.evil.example/", None),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("/\\evil.example", None),
        ("contact/1", None),
    ] {
        assert_eq!(location(&origins, value).as_deref(), path, "{value}");
    }
}
