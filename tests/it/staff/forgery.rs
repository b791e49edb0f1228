//! What others have a person's browser send, and what a browser claims to be.

use serde_json::Value;

use super::browser::SHOWN;
use super::office::{API, CONTACT, Office, PASSWORD};

/// Every page of ours that takes a form.
fn posts() -> Vec<String> {
    let posts = sluis::signin::routes().filter(|(method, _)| method == "POST");
    posts.map(|(_, path)| format!("/.sluis{path}")).collect()
}

/// Where a forged form may come from. The border's own address is `OWN`.
const ELSEWHERE: [&[(&str, &str)]; 6] = [
    &[
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ],
    &[("origin", "OWN"), ("sec-fetch-site", "cross-site")],
    &[
        ("origin", "https://other.localhost"),
        ("sec-fetch-site", "same-site"),
    ],
    &[("origin", "null")],
    &[("origin", "https://localhost")],
    &[],
];

fn from<'a>(
    office: &'a Office,
    fields: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'a str)> {
    let own = |value: &'static str| {
        if value == "OWN" {
            office.border.as_str()
        } else {
            value
        }
    };
    fields
        .iter()
        .map(|(name, value)| (*name, own(value)))
        .collect()
}

#[tokio::test]
async fn no_form_of_another_site_is_taken() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let browser = office.signed_in(&sanne).await;
    let token = browser.token().await;
    let form = [
        ("login", "sanne"),
        ("password", PASSWORD),
        ("code", "000000"),
        // Even if it had what a page of ours shows.
        ("token", token.as_str()),
    ];
    for fields in ELSEWHERE {
        let fields = [&from(&office, fields)[..], &SHOWN[..]].concat();
        for path in &posts() {
            let mut twin = browser.twin();
            let answer = twin.post_from(path, &form, &fields).await;
            assert_eq!(answer.status, 403, "{path} {fields:?}");
            assert!(answer.body.contains("another site"), "{path} {fields:?}");
            assert!(answer.header("set-cookie").is_empty(), "{path} {fields:?}");
        }
    }
    assert_eq!(browser.twin().fetch(&office.contact).await.status, 200);
}

#[tokio::test]
async fn no_other_site_writes_into_the_crm_by_a_persons_cookie() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let browser = office.signed_in(&sanne).await;
    let path = format!("{API}/sobjects/Contact");
    for fields in ELSEWHERE {
        let mut twin = browser.twin();
        let answer = twin
            .post_from(&path, &[("LastName", "x")], &from(&office, fields))
            .await;
        assert_eq!(answer.status, 403, "{fields:?}");
        assert!(answer.body.contains("other-site"), "{}", answer.body);
    }
    let body = serde_json::json!({ "LastName": "Vermeer" });
    let made = browser.twin().post_json(&path, &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
}

#[tokio::test]
async fn what_a_browser_says_of_itself_makes_it_nobody_else() {
    let office = Office::open().await;
    let blind = office.enrolled("blind", "blind").await;
    let browser = office.signed_in(&blind).await;
    for name in [
        "x-user",
        "x-forwarded-user",
        "x-forwarded-for",
        "x-forwarded-email",
        "x-remote-user",
        "remote-user",
        "x-roles",
        "x-sluis-roles",
        "x-ssl-client-cert",
        "sforce-call-options",
    ] {
        let stranger = office
            .browser()
            .with(name, "sanne")
            .get(&office.contact)
            .await;
        assert_eq!(stranger.status, 303, "{name}");
        let seen = browser
            .twin()
            .with(name, "support")
            .fetch(&office.contact)
            .await;
        assert!(!seen.body.contains(CONTACT), "{name}");
        let seen: Value = serde_json::from_str(&seen.body).unwrap();
        assert!(seen["LastName"].is_string(), "{name}: {seen}");
    }
}

#[tokio::test]
async fn a_sign_in_leads_nowhere_else() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    for away in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
    ] {
        let mut browser = office.half(&sanne).await;
        let code = office.code(&sanne);
        let form = [("code", code.as_str()), ("next", away)];
        let done = browser.post("/.sluis/sign-in/code", &form).await;
        assert_eq!((done.status, done.location()), (303, "/"), "{away}");
        office.clock.forward(60);
    }
}

#[tokio::test]
async fn what_was_typed_shows_as_text() {
    let office = Office::open().await;
    let next = "/a%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    let page = office
        .browser()
        .get(&format!("/.sluis/sign-in?next={next}"))
        .await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}

#[tokio::test]
async fn pages_that_are_not_there_are_ours_to_refuse() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut browser = office.signed_in(&sanne).await;
    for path in ["/.sluis/x", "/.sluis/sign-in/", "/.sluis/account/../x"] {
        let answer = browser.get(path).await;
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
    }
}
