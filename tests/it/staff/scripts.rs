//! Scripts of the CRM's pages, which have our origin and the person's cookie: what they read of our
//! pages and send to them, right after a sign-in.

use serde_json::json;

use super::browser::{Browser, SCRIPT, SHOWN};
use super::office::{CONTACT, Office, PASSWORD, Person};

const NEW: &str = "zeven zwanen onder de brug";

/// All ways but one in which a browser gives an answer to a page of the same origin.
const TO_A_SCRIPT: [&[(&str, &str)]; 8] = [
    &SCRIPT,
    &[
        ("sec-fetch-mode", "same-origin"),
        ("sec-fetch-dest", "empty"),
    ],
    &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")],
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "object")],
    &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "embed")],
    &[("sec-fetch-mode", "navigate")],
    // An old browser, or one that hides what it does.
    &[],
];

/// Everything of ours of this method that a person opens or sends as a page.
fn pages(wanted: &str) -> Vec<String> {
    let loaded = ["/style.css", "/passkey.js"];
    let pages = sluis::signin::routes().filter(|(method, path)| {
        method == wanted && !loaded.contains(path) && !path.starts_with("/passkey/")
    });
    pages.map(|(_, path)| format!("/.sluis{path}")).collect()
}

/// Somebody who has signed in just now, and the link of somebody who is to enrol.
async fn fresh(office: &Office) -> (Person, Browser, String) {
    let sanne = office.enrolled("sanne", "support").await;
    let browser = office.signed_in(&sanne).await;
    (sanne, browser, office.invite("joris", "support"))
}

#[tokio::test]
async fn no_page_of_ours_is_shown_to_a_script_or_in_a_frame() {
    let office = Office::open().await;
    let (_, browser, link) = fresh(&office).await;
    let mut all = pages("GET");
    assert!(all.len() > 9, "{all:?}");
    all.push(format!("/.sluis/enrol?link={link}"));
    for path in &all {
        for fields in TO_A_SCRIPT {
            let answer = browser.twin().get_as(path, fields).await;
            assert_eq!(answer.status, 403, "{path} {fields:?}");
            for secret in ["<code>", "<svg", "name=\"token\"", "sanne", "Sanne"] {
                assert!(!answer.body.contains(secret), "{path}: {}", answer.body);
            }
        }
    }
    // The person opens the same, and there is something to see.
    for (path, secret) in [
        ("/.sluis/account/codes", "<code>"),
        ("/.sluis/account", "name=\"token\""),
        ("/.sluis/account/password", "name=\"token\""),
        ("/.sluis/step-up", "name=\"token\""),
        (all[all.len() - 1].as_str(), "<svg"),
    ] {
        let page = browser.twin().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains(secret), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn a_refused_page_says_why_and_is_held_to_this_origin() {
    let office = Office::open().await;
    let answer = office.browser().fetch("/.sluis/sign-in").await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("window of its own"), "{}", answer.body);
    let page = office.browser().get("/.sluis/sign-in").await;
    assert_eq!(page.status, 200);
    for answer in [answer, page] {
        let header = |name| answer.header(name).to_owned();
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    }
}

/// Where a script of the CRM's says that it sends from: it cannot be told from our forms.
fn here(office: &Office) -> [(&str, &str); 2] {
    [
        ("origin", office.border.as_str()),
        ("sec-fetch-site", "same-origin"),
    ]
}

#[tokio::test]
async fn a_form_without_the_token_of_its_session_changes_nothing() {
    let office = Office::open().await;
    let (sanne, browser, link) = fresh(&office).await;
    let half = office.half(&sanne).await.token().await;
    let other = office.signed_in(&sanne).await.token().await;
    let right = browser.token().await;
    assert!(right.len() == 43 && right != other && right != half);
    let cookie = browser.cookie.as_deref().unwrap();
    let code = office.code(&sanne);
    for token in ["", "x", cookie, half.as_str(), other.as_str()] {
        let form = [
            ("login", "sanne"),
            ("password", NEW),
            ("again", NEW),
            ("link", link.as_str()),
            ("id", "1"),
            ("code", code.as_str()),
            ("token", token),
        ];
        // The first time without the field.
        let form = &form[..form.len() - usize::from(token.is_empty())];
        for path in &pages("POST") {
            // A script makes the browser send a form, or sends it itself.
            for fields in [&SHOWN, &SCRIPT] {
                let fields = [&here(&office)[..], &fields[..]].concat();
                let answer = browser.twin().post_from(path, form, &fields).await;
                assert_eq!(answer.status, 403, "{path} {token}");
                assert!(answer.header("set-cookie").is_empty(), "{path} {token}");
                assert!(!answer.body.contains("<code>"), "{path} {token}");
            }
        }
        for at in ["add", "sign-in", "enrol"] {
            for step in ["start", "finish"] {
                let path = format!("/.sluis/passkey/{at}/{step}");
                let answer = browser.twin().post_json_by(&path, token, &json!({})).await;
                assert_eq!(answer.status, 403, "{path} {token}");
                let said = answer.body.contains("older than your session");
                assert!(said, "{}", answer.body);
            }
        }
    }
    // Nothing has happened: the session stands, the password is the old one, the link holds.
    let seen = browser.twin().fetch(&office.contact).await;
    assert!(seen.body.contains(CONTACT));
    let old = [("login", "sanne"), ("password", PASSWORD)];
    let half = office.browser().post("/.sluis/sign-in", &old).await;
    assert_eq!(half.status, 303);
    office.codes(&link);
}

#[tokio::test]
async fn a_form_with_the_token_of_its_session_is_taken_from_a_page_and_not_from_a_script() {
    let office = Office::open().await;
    let (_, mut browser, _) = fresh(&office).await;
    let right = browser.token().await;
    let form = [("password", NEW), ("again", NEW), ("token", right.as_str())];
    let path = "/.sluis/account/password";
    for fields in TO_A_SCRIPT {
        let fields = [&here(&office)[..], fields].concat();
        let refused = browser.twin().post_from(path, &form, &fields).await;
        assert_eq!(refused.status, 403, "{fields:?}");
    }
    let start = browser
        .post_json_by("/.sluis/passkey/add/start", &right, &json!({}))
        .await;
    assert_eq!(start.status, 200, "{}", start.body);
    let codes = browser.post("/.sluis/account/recovery-codes", &[]).await;
    assert_eq!(codes.body.matches("<code>").count(), 10);
    let fields = [&here(&office)[..], &SHOWN[..]].concat();
    let changed = browser.post_from(path, &form, &fields).await;
    assert_eq!(changed.location(), "/.sluis/account");
    assert_ne!(browser.token().await, right, "another name, another token");
}

#[tokio::test]
async fn no_script_becomes_a_service_worker() {
    let office = Office::open().await;
    let (_, browser, _) = fresh(&office).await;
    let paths = [
        office.contact.as_str(),
        "/worker.js",
        "/.sluis/passkey.js",
        "/.sluis/style.css",
    ];
    for path in paths {
        for fields in [
            [
                ("service-worker", "script"),
                ("sec-fetch-mode", "same-origin"),
            ],
            [
                ("sec-fetch-dest", "serviceworker"),
                ("sec-fetch-mode", "same-origin"),
            ],
        ] {
            let before = office.asked();
            let answer = browser.twin().get_as(path, &fields).await;
            assert_eq!(answer.status, 403, "{path}");
            assert!(answer.body.contains("service-worker"), "{}", answer.body);
            assert_eq!(office.asked(), before);
        }
    }
    for path in [office.contact.as_str(), "/.sluis/passkey.js"] {
        assert_eq!(browser.twin().fetch(path).await.status, 200, "{path}");
    }
}
