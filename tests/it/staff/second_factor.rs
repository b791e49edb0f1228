//! The second factor: skipped, replayed, guessed, and shown.

use serde_json::{Value, json};

use super::authenticator::Authenticator;
use super::office::{API, CONTACT, Office, PASSWORD};

/// Routes of the CRM: what a person's browser would ask for, and what its scripts would.
fn routes(office: &Office) -> Vec<String> {
    vec![
        "/".to_owned(),
        "/lightning/page/home".to_owned(),
        API.to_owned(),
        format!("{API}/sobjects"),
        format!("{API}/query?q=SELECT+LastName+FROM+Contact"),
        office.contact.clone(),
        "/services/oauth2/userinfo".to_owned(),
        "/services/Soap/u/62.0".to_owned(),
        "/.sluisx".to_owned(),
    ]
}

#[tokio::test]
async fn both_factors_open_the_crm_and_lead_back_to_what_was_asked_for() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut browser = office.browser();
    let away = browser
        .get(&format!("{}?fields=LastName", office.contact))
        .await;
    assert_eq!(away.status, 303);
    let sign_in = away.location().to_owned();
    assert!(
        sign_in.starts_with("/.sluis/sign-in?next=%2Fservices"),
        "{sign_in}"
    );
    let page = browser.get(&sign_in).await;
    assert_eq!(page.status, 200);
    let next = format!("{}?fields=LastName", office.contact);
    assert!(page.body.contains(&next), "{}", page.body);

    let form = [
        ("login", "Sanne"),
        ("password", PASSWORD),
        ("next", next.as_str()),
    ];
    let second = browser.post("/.sluis/sign-in", &form).await;
    assert_eq!(second.status, 303);
    let page = browser.get(second.location()).await;
    assert_eq!(page.status, 200);
    let code = office.code(&sanne);
    let form = [("code", code.as_str()), ("next", next.as_str())];
    let done = browser.post("/.sluis/sign-in/code", &form).await;
    assert_eq!((done.status, done.location()), (303, next.as_str()));
    let crm = browser.get(done.location()).await;
    assert_eq!(crm.status, 200, "{}", crm.body);
    assert!(crm.body.contains(CONTACT), "{}", crm.body);
}

#[tokio::test]
async fn below_two_factors_no_route_serves_a_byte_of_the_crm() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut ended = office.signed_in(&sanne).await;
    let cookie = ended.cookie.clone();
    ended.post("/.sluis/sign-out", &[]).await;
    ended.cookie = cookie;
    let mut forged = office.browser();
    forged.cookie = Some("A".repeat(43));
    let mut odd = office.browser();
    odd.cookie = Some("'; DROP TABLE session; --".to_owned());
    let states = [
        ("nothing", office.browser()),
        ("the password alone", office.half(&sanne).await),
        ("a session that ended", ended),
        ("a name that nobody gave", forged),
        ("no name at all", odd),
    ];
    for (state, mut browser) in states {
        for route in routes(&office) {
            for answer in [browser.get(&route).await, browser.fetch(&route).await] {
                let closed = matches!(answer.status, 303 | 401 | 403);
                assert!(closed, "{route} with {state}: {}", answer.status);
                assert!(!answer.body.contains(CONTACT), "{route} with {state}");
            }
            let written = browser.post(&route, &[("LastName", "x")]).await;
            // SOAP has one status for all faults.
            let fault = written.status == 500 && written.body.contains("<faultcode>");
            assert!(
                matches!(written.status, 401 | 403)
                    || fault && route.starts_with("/services/Soap/"),
                "{route} with {state}: {}",
                written.status
            );
            assert!(!written.body.contains(CONTACT), "{route} with {state}");
        }
        for page in ["/.sluis/account", "/.sluis/step-up"] {
            let answer = browser.get(page).await;
            assert_eq!(answer.status, 303, "{page} with {state}");
            assert!(
                answer.location().starts_with("/.sluis/sign-in"),
                "{page} with {state}"
            );
        }
        let codes = browser.post("/.sluis/account/recovery-codes", &[]).await;
        assert!(!codes.body.contains("<code>"), "{state}");
        let add = browser
            .post_json("/.sluis/passkey/add/start", &json!({}))
            .await;
        assert_eq!(add.status, 403, "{state}");
    }
    // The routes are there: with both factors one of them serves what it has.
    let mut full = office.signed_in(&sanne).await;
    assert!(full.fetch(&office.contact).await.body.contains(CONTACT));
}

#[tokio::test]
async fn a_cookie_does_not_help_a_token_that_is_refused() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let browser = office.signed_in(&sanne).await;
    let answer = browser
        .twin()
        .with("authorization", "Bearer x")
        .get(&office.contact)
        .await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_code_works_once() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let (mut one, mut two) = (office.half(&sanne).await, office.half(&sanne).await);
    let code = office.code(&sanne);
    let form = [("code", code.as_str())];
    assert_eq!(one.post("/.sluis/sign-in/code", &form).await.status, 303);
    let again = two.post("/.sluis/sign-in/code", &form).await;
    assert_eq!(again.status, 403);
    assert_eq!(two.get(&office.contact).await.status, 303);
}

#[tokio::test]
async fn of_many_browsers_with_one_code_one_gets_in() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut halves = Vec::new();
    for _ in 0..6 {
        halves.push(office.half(&sanne).await);
    }
    let code = office.code(&sanne);
    let mut tries = tokio::task::JoinSet::new();
    for mut half in halves {
        let code = code.clone();
        tries.spawn(async move {
            half.post("/.sluis/sign-in/code", &[("code", &code)])
                .await
                .status
        });
    }
    let statuses = tries.join_all().await;
    assert_eq!(
        statuses.iter().filter(|status| **status == 303).count(),
        1,
        "{statuses:?}"
    );
}

#[tokio::test]
async fn guessing_in_parallel_meets_the_back_off() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..16 {
        let mut browser = office.browser();
        tries.spawn(async move {
            let guess = format!("een gok {number}");
            let form = [("login", "sanne"), ("password", guess.as_str())];
            browser.post("/.sluis/sign-in", &form).await.status
        });
    }
    let statuses = tries.join_all().await;
    let looked_at = statuses.iter().filter(|status| **status == 403).count();
    assert!((1..=5).contains(&looked_at), "{statuses:?}");
    let form = [("login", "sanne"), ("password", PASSWORD)];
    let right = office.browser().post("/.sluis/sign-in", &form).await;
    assert_eq!(right.status, 429);
    assert!(right.header("retry-after").parse::<u32>().unwrap() >= 1);
    office.clock.forward(900);
    office.half(&sanne).await;
}

#[tokio::test]
async fn the_unknown_and_the_mistyped_get_one_answer() {
    let office = Office::open().await;
    let _sanne = office.enrolled("sanne", "support").await;
    office.invite("koen", "support");
    office.gate().disable_person("koen").unwrap();
    let mut answers = Vec::new();
    for login in ["sanne", "koen", "nobody", "\u{10ffff}", ""] {
        let form = [("login", login), ("password", "een andere zin")];
        let answer = office.browser().post("/.sluis/sign-in", &form).await;
        assert!(answer.header("set-cookie").is_empty());
        let mut fields: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        fields.sort();
        answers.push((answer.status, answer.body, fields));
    }
    assert_eq!(answers[0].0, 403);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let form = [("code", sanne.recovery_codes[3].as_str())];
    let mut alone = office.browser();
    let refused = alone.post("/.sluis/sign-in/recovery", &form).await;
    assert_eq!(refused.location(), "/.sluis/sign-in");
    let mut browser = office.half(&sanne).await;
    assert_eq!(browser.get("/.sluis/sign-in/recovery").await.status, 200);
    assert_eq!(
        browser.post("/.sluis/sign-in/recovery", &form).await.status,
        303
    );
    assert_eq!(browser.fetch(&office.contact).await.status, 200);
    let mut again = office.half(&sanne).await;
    assert_eq!(
        again.post("/.sluis/sign-in/recovery", &form).await.status,
        403
    );
}

#[tokio::test]
async fn a_passkey_opens_the_crm_and_its_answer_works_once() {
    let office = Office::open().await;
    let link = office.invite("sanne", "support");
    let mut device = Authenticator::new(&office.border, "localhost");
    let mut browser = office.browser();
    let asked = browser
        .post_json("/.sluis/passkey/enrol/start", &json!({ "link": link }))
        .await;
    let asked: Value = serde_json::from_str(&asked.body).unwrap();
    let made: Value = serde_json::from_str(&device.create(&asked["options"])).unwrap();
    let body = json!({ "link": link, "id": asked["id"], "answer": made, "label": "telefoon" });
    let done = browser
        .post_json("/.sluis/passkey/enrol/finish", &body)
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(
        browser
            .get("/.sluis/account")
            .await
            .body
            .contains("telefoon")
    );

    let mut browser = office.browser();
    let asked = browser
        .post_json("/.sluis/passkey/sign-in/start", &json!({}))
        .await;
    let asked: Value = serde_json::from_str(&asked.body).unwrap();
    let shown: Value = serde_json::from_str(&device.get(&asked["options"])).unwrap();
    let body = json!({ "id": asked["id"], "answer": shown, "next": office.contact });
    let done = browser
        .post_json("/.sluis/passkey/sign-in/finish", &body)
        .await;
    let next: Value = serde_json::from_str(&done.body).unwrap();
    assert_eq!(next["next"], office.contact.as_str());
    assert!(browser.fetch(&office.contact).await.body.contains(CONTACT));
    let mut thief = office.browser();
    let again = thief
        .post_json("/.sluis/passkey/sign-in/finish", &body)
        .await;
    assert_eq!(again.status, 403);
    assert!(thief.cookie.is_none());
}

#[tokio::test]
async fn an_answer_that_another_site_got_signs_nobody_in() {
    let office = Office::open().await;
    let link = office.invite("sanne", "support");
    let mut device = Authenticator::new("https://evil.example", "localhost");
    let mut browser = office.browser();
    let asked = browser
        .post_json("/.sluis/passkey/enrol/start", &json!({ "link": link }))
        .await;
    let asked: Value = serde_json::from_str(&asked.body).unwrap();
    let made: Value = serde_json::from_str(&device.create(&asked["options"])).unwrap();
    let body = json!({ "link": link, "id": asked["id"], "answer": made });
    let refused = browser
        .post_json("/.sluis/passkey/enrol/finish", &body)
        .await;
    assert_eq!(refused.status, 403);
    assert!(browser.cookie.is_none());
}
