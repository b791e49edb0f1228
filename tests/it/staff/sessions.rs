//! Sessions: fixed, kept, revived; ended by sign-out, by operators, by time.

use serde_json::Value;

use super::browser::Browser;
use super::matrix::State;
use super::office::{CONTACT, Office, PASSWORD};

#[tokio::test]
async fn each_step_gives_the_session_a_new_name_and_the_old_one_is_dead() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let planted = office.half(&sanne).await;
    let mut victim = planted.twin();
    let form = [("login", "sanne"), ("password", PASSWORD)];
    victim.post("/.sluis/sign-in", &form).await;
    let half = victim.twin();
    assert_ne!(planted.cookie, half.cookie);
    let code = office.code(&sanne);
    victim
        .post("/.sluis/sign-in/code", &[("code", &code)])
        .await;
    assert_ne!(half.cookie, victim.cookie);
    assert_eq!(victim.fetch(&office.contact).await.status, 200);
    for mut old in [planted, half] {
        assert_eq!(old.fetch(&office.contact).await.status, 401);
        assert_eq!(
            old.get("/.sluis/sign-in/code").await.location(),
            "/.sluis/sign-in"
        );
    }
    office.clock.forward(60);
    let mut before = victim.twin();
    let code = office.code(&sanne);
    let form = [("code", code.as_str()), ("next", "/.sluis/account")];
    let stepped = victim.post("/.sluis/step-up", &form).await;
    assert_eq!(stepped.location(), "/.sluis/account");
    assert_ne!(before.cookie, victim.cookie);
    assert_eq!(before.fetch(&office.contact).await.status, 401);
    assert_eq!(victim.fetch(&office.contact).await.status, 200);
}

#[tokio::test]
async fn the_cookie_and_the_pages_are_held_to_this_host() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let form = [("login", sanne.login), ("password", PASSWORD)];
    let answer = office.browser().post("/.sluis/sign-in", &form).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-sluis="), "{cookie}");
    for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let page = office.browser().get("/.sluis/sign-in").await;
    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert!(!page.body.contains("style=") && !page.body.contains("onclick"));
}

#[tokio::test]
async fn who_signs_out_is_out_and_the_browser_forgets() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut browser = office.signed_in(&sanne).await;
    let mut stolen = browser.twin();
    assert_eq!(stolen.fetch(&office.contact).await.status, 200);
    let out = browser.post("/.sluis/sign-out", &[]).await;
    assert_eq!(out.status, 200);
    assert!(out.header("clear-site-data").contains("\"cookies\""));
    assert!(browser.cookie.is_none());
    assert_eq!(stolen.fetch(&office.contact).await.status, 401);
}

#[tokio::test]
async fn what_an_operator_changes_acts_with_the_next_request() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut browser = office.signed_in(&sanne).await;
    assert!(browser.fetch(&office.contact).await.body.contains(CONTACT));
    office
        .gate()
        .set_person_roles("sanne", &["blind".to_owned()])
        .unwrap();
    assert_eq!(browser.fetch(&office.contact).await.status, 401);
    let mut browser = office.signed_in(&sanne).await;
    let masked: Value = serde_json::from_str(&browser.fetch(&office.contact).await.body).unwrap();
    let name = masked["LastName"].as_str().unwrap();
    assert!(!name.is_empty() && !name.contains(CONTACT), "{name}");
    office.gate().disable_person("sanne").unwrap();
    assert_eq!(browser.fetch(&office.contact).await.status, 401);
    assert_eq!(browser.get(&office.contact).await.status, 303);
    office.gate().enable_person("sanne").unwrap();
    assert_eq!(browser.fetch(&office.contact).await.status, 401);
}

#[tokio::test]
async fn a_session_ends_for_idleness() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut browser = office.signed_in(&sanne).await;
    office.clock.forward(29 * 60 - 60);
    assert_eq!(browser.fetch(&office.contact).await.status, 200);
    office.clock.forward(31 * 60);
    assert_eq!(browser.fetch(&office.contact).await.status, 401);
}

#[tokio::test]
async fn a_change_of_factors_asks_for_the_second_one_again() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut browser = office.signed_in(&sanne).await;
    office.clock.forward(5 * 60);
    let page = browser.get("/.sluis/account").await;
    assert!(page.body.contains("/.sluis/step-up?next="), "{}", page.body);
    let asked = browser.post("/.sluis/account/recovery-codes", &[]).await;
    assert_eq!(asked.location(), "/.sluis/step-up?next=%2F.sluis%2Faccount");
    assert_eq!(browser.get(asked.location()).await.status, 200);
    let code = office.code(&sanne);
    let form = [("code", code.as_str()), ("next", "/.sluis/account")];
    browser.post("/.sluis/step-up", &form).await;
    let made = browser.post("/.sluis/account/recovery-codes", &[]).await;
    assert_eq!(made.body.matches("<code>").count(), 10);
    assert!(!made.body.contains(&sanne.recovery_codes[0]));
}

#[tokio::test]
async fn a_cookie_of_another_application_shuts_nobody_out_of_an_export() {
    const EXPORT: &str = "/00O000000000001EAA?export=1&enc=UTF-8&xf=csv";
    let office = Office::open().await;
    let beside = |browser: &mut Browser, sid: &str| {
        let cookie = browser.cookie.take();
        browser.cookie = cookie.map(|cookie| format!("{cookie}; sid={sid}"));
    };
    let mut person = State::Person.browser(&office, "support").await;
    assert_eq!(person.get(EXPORT).await.status, 200);
    beside(&mut person, "of-another-application");
    assert_eq!(person.get(EXPORT).await.status, 200);
    // Nor does a program's session there help whoever has one factor.
    let token = office.bearer();
    for state in State::BELOW {
        let mut browser = state.browser(&office, "support").await;
        if browser.cookie.is_some() {
            beside(&mut browser, token.trim_start_matches("Bearer "));
            let answer = browser.get(EXPORT).await;
            assert_ne!(answer.status, 200, "{}: {}", state.text(), answer.body);
        }
    }
}
