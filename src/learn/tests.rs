//! A recording of invented people, made here: what is proposed, and that no value is in it.

use serde_json::{Value, json};

use super::{Error, Options, Proposal, learn};
use crate::policy::{self, FieldTable, Plan, Source};

const SITE: &str = "https://crm.vendor.example";

/// Everything that somebody typed or that the CRM showed; none of it may be proposed.
const VALUES: [&str; 16] = [
    "Kanarie",
    "kanariezuid",
    "Zoë",
    "Jansen",
    "zoe.jansen",
    "0612345678",
    "612345678",
    "123456782",
    "NL91ABNA0417164300",
    "Dorpsstraat",
    "1980-05-06",
    "geheim",
    "Belt graag",
    "sess1on",
    "t0ken",
    "8b2f7c1d",
];

fn entry(
    method: &str,
    target: &str,
    body: Option<(&str, &str)>,
    answer: (u16, &str, &str),
) -> Value {
    let (status, kind, text) = answer;
    let mut request = json!({
        "method": method,
        "url": format!("{SITE}{target}"),
        "headers": [
            { "name": "Cookie", "value": "sid=sess1onsess1on; _ga=GA1.2.3" },
            { "name": "X-Csrf-Token", "value": "t0kent0kent0ken" },
            { "name": "Accept", "value": "*/*" },
        ],
    });
    if let Some((kind, text)) = body {
        request["postData"] = json!({ "mimeType": kind, "text": text });
    }
    let leads = if (300..400).contains(&status) {
        text
    } else {
        ""
    };
    json!({
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": request,
        "response": {
            "status": status,
            "headers": [],
            "redirectURL": leads,
            "content": { "mimeType": kind, "text": if leads.is_empty() { text } else { "" } },
        },
    })
}

const HTML: &str = "text/html; charset=utf-8";
const FORM: &str = "application/x-www-form-urlencoded";

/// Signing in, a list, a form and what it saves.
fn forms() -> Vec<Value> {
    let controls = "<h1>Kanarie Jansen</h1><form><input type=hidden name=csrf_token value=t0kent0kent0ken>\
        <input name=first_name maxlength=100><input name=last_name><input type=email name=email>\
        <input name=phone><input name=zip maxlength=10><input type=date name=birthday><input name=bsn>\
        <input name=iban><select name=owner></select><textarea name=note></textarea>\
        <input name=cf_1><input name=salary></form>";
    let saved = "csrf_token=t0kent0kent0ken&first_name=Zo%C3%AB&last_name=Kanarie+Jansen\
        &email=zoe.jansen%40example.nl&phone=0612345678&zip=1234AB&birthday=1980-05-06&bsn=123456782\
        &iban=NL91ABNA0417164300&owner=4&note=Belt+graag+terug&cf_1=kanariezuid&salary=52000";
    vec![
        entry(
            "GET",
            "/login",
            None,
            (
                200,
                HTML,
                "<form><input name=user><input type=password name=pass></form>",
            ),
        ),
        entry(
            "POST",
            "/login?next=%2Fcontacts",
            Some((
                FORM,
                "csrf_token=t0kent0kent0ken&user=zoe.jansen&pass=geheim",
            )),
            (302, HTML, "/contacts"),
        ),
        entry(
            "GET",
            "/contacts?page=2&q=Kanarie&_=1699999999999&sort=by_name&view=compact",
            None,
            (200, HTML, "<ul><li>Zoë</ul>"),
        ),
        entry("GET", "/contact/add", None, (200, HTML, controls)),
        entry(
            "POST",
            "/contact/add",
            Some((FORM, saved)),
            (302, HTML, &format!("{SITE}/contact/12")),
        ),
        entry(
            "POST",
            "/contact/edit/12",
            Some((FORM, saved)),
            (302, HTML, "/contact/12"),
        ),
        entry(
            "GET",
            "/contact/12",
            None,
            (200, HTML, "<p>Dorpsstraat 1</p>"),
        ),
    ]
}

/// Those, and what else a browser asks for.
fn session() -> Vec<Value> {
    let mut entries = forms();
    entries.extend([
        entry("GET", "/contact/13", None, (200, HTML, "")),
        entry("GET", "/people/kanarie-jansen", None, (200, HTML, "")),
        entry("GET", "/kanariezuid/open", None, (200, HTML, "")),
        entry("GET", "/find/Zo%C3%AB", None, (200, HTML, "")),
        entry(
            "GET",
            "/export/csv",
            None,
            (200, "text/csv", "Kanarie;0612345678"),
        ),
        entry(
            "GET",
            "/block/12",
            None,
            (200, "application/json", r#"[["a","<p>Kanarie</p>"]]"#),
        ),
        entry(
            "POST",
            "/api/notes",
            Some((
                "application/json",
                r#"{"text":"Belt graag","contact":{"id":12},"zoe.jansen@example.nl":1}"#,
            )),
            (201, "application/json", r#"{"id":77}"#),
        ),
        entry("GET", "/static/app.css?v=12", None, (200, "text/css", "")),
        entry("GET", "/photos/12.jpg", None, (200, "image/jpeg", "")),
        entry(
            "GET",
            "/files/8b2f7c1d-0000-4000-8000-000000000000",
            None,
            (200, "application/pdf", ""),
        ),
        entry("GET", "/broken", None, (500, HTML, "")),
        json!({ "request": { "method": "GET", "url": "https://fonts.example.org/a.woff" }, "response": { "status": 200 } }),
        json!({ "request": { "method": "GET", "url": "https://kanarie.avatars.example.org/1" }, "response": { "status": 200 } }),
        json!({ "_resourceType": "websocket", "request": { "method": "GET", "url": "wss://crm.vendor.example/live" }, "response": { "status": 101 } }),
    ]);
    entries
}

fn archive(entries: &[Value]) -> String {
    json!({ "log": { "version": "1.2", "creator": {}, "entries": entries } }).to_string()
}

fn propose(entries: &[Value]) -> Result<Proposal, Error> {
    let options = Options {
        name: "small".to_owned(),
        site: None,
    };
    learn(archive(entries).as_bytes(), &options)
}

fn compiled(text: &str) -> Plan {
    let source = Source {
        name: "proposal.toml".to_owned(),
        text: text.to_owned(),
    };
    let table = FieldTable::salesforce().unwrap();
    policy::compile(&source, &table).unwrap_or_else(|report| panic!("{report}\n{text}"))
}

#[test]
fn a_proposal_compiles_as_it_stands_and_says_what_was_seen() {
    let proposal = propose(&session()).unwrap();
    let plan = compiled(&proposal.text);
    assert!(plan.site().is_some());
    for part in [
        "crm = \"small\"",
        "[objects.Contact.fields]",
        "last_name = \"family_name\" # 2 values seen",
        "email = { type",
        "zip = { class = \"postal_code\", action = \"block\" }",
        "birthday = \"date\"",
        "csrf_token = \"token\"",
        "x-csrf-token = \"token\"",
        "sid = \"token\"",
        "# _ga = \"",
        "path = \"/contact/edit/{id}\"",
        "record = \"id\"",
        "creates = { location = \"/contact/{id}\" }",
        "creates = { json = \"id\" }",
        "login = true",
        "pass = \"secret\"",
        "owner = \"number\"",
        "page = \"number\"",
        "sort = \"word\"",
        "# view = \"word\"",
        "# salary = \"number\"",
        "drop = [\"_\"]",
        "paths = [\"/static/**\"]",
        "query = { pass = { v = \"number\" } }",
        "path = \"/files/{id:uuid}\"",
        "html_in_json = true",
        "\"contact.id\" = \"number\"",
        "1 requests to https://fonts.example.org",
        "1 requests to a host with a name that may be somebody's",
        "1 WebSockets",
        "1 requests for pictures",
        "1 requests to /broken which all failed",
        "1 names are left out",
    ] {
        if part == "email = { type" {
            assert!(
                proposal.text.contains("email = \"email\""),
                "{}",
                proposal.text
            );
            continue;
        }
        assert!(proposal.text.contains(part), "{part} in\n{}", proposal.text);
    }
    let searched =
        "q = [\"Contact.email\", \"Contact.first_name\", \"Contact.last_name\", \"Contact.phone\"]";
    assert!(proposal.text.contains(searched), "{}", proposal.text);
    assert_eq!(proposal.site, SITE);
    assert!(proposal.questions > 5);
}

#[test]
fn no_value_of_the_recording_is_in_the_proposal() {
    let recording = archive(&session()).to_lowercase();
    let text = propose(&session()).unwrap().text.to_lowercase();
    for value in VALUES {
        let value = value.to_lowercase();
        assert!(recording.contains(&value), "the recording has no {value}");
        assert!(!text.contains(&value), "{value} in\n{text}");
    }
    // Three paths had a text that was typed, or one of another form.
    let left = text
        .matches("paths with a text that may be somebody's")
        .count();
    assert!(left >= 1, "{text}");
    for path in ["/people", "/find", "/open"] {
        assert!(!text.contains(path), "{path} in\n{text}");
    }
}

#[test]
fn what_is_no_recording_is_refused_by_its_place_alone() {
    let options = Options {
        name: "small".to_owned(),
        site: None,
    };
    for (text, shown) in [
        ("", "line 1"),
        ("{\"log\":{}}", "line 1"),
        (
            "{\"log\":{\"entries\":[{\"request\":\"Kanarie\"}]}}",
            "line 1",
        ),
        ("[\"Kanarie\"]", "line 1"),
    ] {
        let error = learn(text.as_bytes(), &options).unwrap_err().to_string();
        assert!(
            error.contains(shown) && !error.contains("Kanarie"),
            "{error}"
        );
    }
    assert!(matches!(propose(&[]), Err(Error::Empty)));
    let marked = format!("\u{feff}{}", archive(&session()));
    assert!(learn(marked.as_bytes(), &options).is_ok());
    let elsewhere = Options {
        site: Some("https://other.example".to_owned()),
        ..options
    };
    let error = learn(archive(&session()).as_bytes(), &elsewhere);
    assert!(matches!(error, Err(Error::Elsewhere)));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_was_recorded_the_proposal_compiles(
        targets in proptest::collection::vec("/[a-z0-9%_.-]{0,12}(/[a-z0-9-]{0,8}){0,3}(\\?[a-z_\\[\\]]{1,8}=[A-Za-z0-9%._ -]{0,12}(&[a-z]{1,4}=[0-9]{0,12})?)?", 1..8),
        body in "([a-z_]{1,12}=[A-Za-z0-9+._-]{0,12})(&[a-z_.-]{1,12}=[A-Za-z0-9+._-]{0,12}){0,4}",
        status in proptest::sample::select(&[200_u16, 201, 302, 404][..]),
    ) {
        let mut entries = vec![entry("GET", "/home", None, (200, HTML, ""))];
        for target in &targets {
            entries.push(entry("GET", target, None, (200, HTML, "")));
            entries.push(entry("POST", target, Some((FORM, &body)), (status, HTML, "/thing/12")));
        }
        let proposal = propose(&entries).unwrap();
        compiled(&proposal.text);
    }
}
