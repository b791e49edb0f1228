//! Enrolment by link, through the page.

use super::office::{Office, PASSWORD};

#[tokio::test]
async fn a_link_enrols_once() {
    let office = Office::open().await;
    let link = office.invite("sanne", "support");
    let address = format!("/.sluis/enrol?link={link}");
    for _ in 0..2 {
        // Looking does not use it up.
        let page = office.browser().get(&address).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("<svg") && page.body.contains("Sanne Vermeer"));
    }
    let code = office.now(&office.codes(&link));
    let with = |password: &'static str, again: &'static str, code: String| {
        vec![
            ("link", link.clone()),
            ("password", password.to_owned()),
            ("again", again.to_owned()),
            ("code", code),
        ]
    };
    for (form, status) in [
        (with("kort", "kort", code.clone()), 422),
        (with(PASSWORD, "een andere zin", code.clone()), 422),
        (with(PASSWORD, PASSWORD, "000000".to_owned()), 403),
        (with(PASSWORD, PASSWORD, code.clone()), 200),
        (with(PASSWORD, PASSWORD, code), 410),
    ] {
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let answer = office.browser().post("/.sluis/enrol", &form).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.header("set-cookie").is_empty(), status != 200);
    }
    assert_eq!(office.browser().get(&address).await.status, 410);
}

#[tokio::test]
async fn a_link_ends_with_its_time() {
    let office = Office::open().await;
    let link = office.invite("sanne", "support");
    let code = office.now(&office.codes(&link));
    office.clock.forward(24 * 60 * 60);
    let page = office
        .browser()
        .get(&format!("/.sluis/enrol?link={link}"))
        .await;
    assert_eq!(page.status, 410);
    let form = [
        ("link", link.as_str()),
        ("password", PASSWORD),
        ("again", PASSWORD),
        ("code", code.as_str()),
    ];
    assert_eq!(
        office.browser().post("/.sluis/enrol", &form).await.status,
        410
    );
}

#[tokio::test]
async fn the_pages_speak_the_language_that_is_asked_for() {
    let office = Office::open().await;
    let page = office
        .browser()
        .with("accept-language", "nl-NL,nl;q=0.9,en;q=0.8")
        .get("/.sluis/sign-in")
        .await;
    assert!(page.body.contains("<html lang=\"nl\">") && page.body.contains("Aanmelden"));
    let page = office.browser().get("/.sluis/sign-in").await;
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("Sign in"));
}
