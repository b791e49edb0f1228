//! What people change themselves: password, one-time codes, passkeys, recovery codes.

use serde_json::json;

use sluis::gate::Enrolment;
use sluis::gate::staff::Visitor;

use super::browser::Browser;
use super::office::{Office, PASSWORD};

const NEW: &str = "zeven zwanen onder de brug";

/// The secret that a page of new codes shows.
fn secret(page: &str) -> String {
    let (_, rest) = page.split_once("<code>").unwrap();
    let (secret, _) = rest.split_once("</code>").unwrap();
    secret.replace(' ', "")
}

/// What the page offers, as an app has it.
fn offered(office: &Office, browser: &Browser) -> Enrolment {
    let visitor = Visitor {
        cookie: browser.cookie.as_deref(),
        source: std::net::Ipv4Addr::LOCALHOST.into(),
        host: office.host(),
        surface: sluis::gate::staff::Surface::Border,
    };
    office.gate().offered_codes(&visitor).unwrap()
}

async fn signs_in(office: &Office, password: &str) -> bool {
    let form = [("login", "sanne"), ("password", password)];
    let answer = office.browser().post("/.sluis/sign-in", &form).await;
    answer.status == 303
}

async fn is_in(browser: &Browser, office: &Office) -> bool {
    browser.twin().fetch(&office.contact).await.status == 200
}

#[tokio::test]
async fn a_person_changes_the_password_after_a_step_up_and_other_sessions_end() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let other = office.signed_in(&sanne).await;
    let mut browser = office.signed_in(&sanne).await;
    let form = [("password", NEW), ("again", NEW)];
    office.clock.forward(5 * 60);
    for answer in [
        browser.get("/.sluis/account/password").await,
        browser.post("/.sluis/account/password", &form).await,
    ] {
        assert_eq!(answer.status, 303);
        let step_up = "/.sluis/step-up?next=%2F%2Esluis%2Faccount%2Fpassword";
        assert_eq!(answer.location(), step_up);
    }
    assert!(signs_in(&office, PASSWORD).await, "nothing was changed");
    let shown = office.code(&sanne);
    let next = [
        ("code", shown.as_str()),
        ("next", "/.sluis/account/password"),
    ];
    let back = browser.post("/.sluis/step-up", &next).await;
    assert_eq!(back.location(), "/.sluis/account/password");
    assert_eq!(browser.get(back.location()).await.status, 200);
    for (password, again) in [("kort", "kort"), (NEW, "iets anders dan dit"), ("", "")] {
        let form = [("password", password), ("again", again)];
        let refused = browser.post("/.sluis/account/password", &form).await;
        assert_eq!(refused.status, 422, "{password}");
    }
    assert!(is_in(&other, &office).await && signs_in(&office, PASSWORD).await);

    let before = browser.twin();
    let changed = browser.post("/.sluis/account/password", &form).await;
    assert_eq!(
        (changed.status, changed.location()),
        (303, "/.sluis/account")
    );
    assert_ne!(browser.cookie, before.cookie);
    assert!(is_in(&browser, &office).await);
    assert!(!is_in(&other, &office).await && !is_in(&before, &office).await);
    assert!(!signs_in(&office, PASSWORD).await && signs_in(&office, NEW).await);
}

#[tokio::test]
async fn new_codes_count_once_one_of_them_was_shown_and_the_old_ones_end() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let other = office.signed_in(&sanne).await;
    let mut browser = office.signed_in(&sanne).await;
    let page = browser.get("/.sluis/account/codes").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let new = secret(&page.body);
    let again = browser.get("/.sluis/account/codes").await;
    assert_eq!(secret(&again.body), new, "the one that was scanned counts");
    let codes = offered(&office, &browser);
    let url = codes.url().unwrap();
    assert!(std::str::from_utf8(url.expose()).unwrap().contains(&new));
    let old = office.code(&sanne);
    for wrong in [old.as_str(), "000000", ""] {
        let refused = browser
            .post("/.sluis/account/codes", &[("code", wrong)])
            .await;
        assert_eq!(refused.status, 403, "{wrong}");
    }
    assert!(is_in(&other, &office).await);
    let right = office.now(&codes);
    let done = browser
        .post("/.sluis/account/codes", &[("code", &right)])
        .await;
    assert_eq!((done.status, done.location()), (303, "/.sluis/account"));
    assert!(is_in(&browser, &office).await && !is_in(&other, &office).await);
    let replayed = browser
        .post("/.sluis/account/codes", &[("code", &right)])
        .await;
    assert_eq!(replayed.status, 403, "the offer is used up");

    office.clock.forward(60);
    let mut half = office.half(&sanne).await;
    let old = office.code(&sanne);
    let refused = half.post("/.sluis/sign-in/code", &[("code", &old)]).await;
    assert_eq!(refused.status, 403);
    let right = office.now(&codes);
    let in_again = half.post("/.sluis/sign-in/code", &[("code", &right)]).await;
    assert_eq!(in_again.status, 303);
}

#[tokio::test]
async fn an_offer_of_codes_is_its_own_persons_and_ends() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let joris = office.enrolled("joris", "support").await;
    let mut browser = office.signed_in(&sanne).await;
    let mut other = office.signed_in(&joris).await;
    let new = secret(&browser.get("/.sluis/account/codes").await.body);
    let theirs = secret(&other.get("/.sluis/account/codes").await.body);
    assert_ne!(new, theirs);
    let crossed = office.now(&offered(&office, &other));
    let codes = offered(&office, &browser);
    let refused = browser
        .post("/.sluis/account/codes", &[("code", &crossed)])
        .await;
    assert_eq!(refused.status, 403);
    office.clock.forward(16 * 60);
    let shown = office.code(&sanne);
    browser.post("/.sluis/step-up", &[("code", &shown)]).await;
    let late = office.now(&codes);
    let refused = browser
        .post("/.sluis/account/codes", &[("code", &late)])
        .await;
    assert_eq!(refused.status, 403, "a quarter of an hour is over");
    assert_ne!(
        secret(&browser.get("/.sluis/account/codes").await.body),
        new
    );
}

#[tokio::test]
async fn new_recovery_codes_and_passkeys_end_other_sessions_too() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let other = office.signed_in(&sanne).await;
    let mut browser = office.signed_in(&sanne).await;
    browser.post("/.sluis/account/recovery-codes", &[]).await;
    assert!(is_in(&browser, &office).await && !is_in(&other, &office).await);
    let start = browser
        .post_json("/.sluis/passkey/add/start", &json!({}))
        .await;
    assert_eq!(start.status, 200);
}

#[tokio::test]
async fn an_account_page_speaks_the_persons_language() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut browser = office.signed_in(&sanne).await.with("accept-language", "nl");
    let page = browser.get("/.sluis/account").await;
    assert!(page.body.contains("Wachtwoord wijzigen"), "{}", page.body);
    let page = browser.get("/.sluis/account/codes").await;
    assert!(page.body.contains("<html lang=\"nl\">") && page.body.contains("authenticator"));
}
