//! Who got in, who did not, and who changed how: in the ledger, and never what was typed.

use serde_json::Value;

use super::office::{Office, PASSWORD};

/// Entries by operation, without those of the CRM's own exchanges.
fn of<'l>(ledger: &'l [Value], operation: &str) -> Vec<&'l Value> {
    let entries = ledger.iter();
    entries
        .filter(|entry| entry["operation"] == operation)
        .collect()
}

/// What a thing looks like in a line: kind, who, outcome.
fn line(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", text("kind"), text("client"), text("outcome"))
}

#[tokio::test]
async fn who_enrols_signs_in_steps_up_and_signs_out_is_recorded_before_the_answer() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let ledger = office.ledger();
    assert_eq!(line(of(&ledger, "user.add")[0]), "admin operator ok");
    assert_eq!(of(&ledger, "user.add")[0]["fields"][0]["c"], "sanne");
    assert_eq!(line(of(&ledger, "enrol")[0]), "access sanne ok");
    assert!(of(&ledger, "sign-in").is_empty());

    let mut browser = office.half(&sanne).await;
    assert!(of(&office.ledger(), "sign-in").is_empty(), "half is not in");
    let code = office.code(&sanne);
    browser
        .post("/.sluis/sign-in/code", &[("code", &code)])
        .await;
    let ledger = office.ledger();
    let entry = of(&ledger, "sign-in")[0];
    assert_eq!(line(entry), "access sanne ok");
    assert_eq!(entry["roles"][0], "support");
    assert_eq!(entry["fields"][0]["c"], "password/totp");

    office.clock.forward(60);
    let code = office.code(&sanne);
    browser.post("/.sluis/step-up", &[("code", &code)]).await;
    browser.post("/.sluis/account/recovery-codes", &[]).await;
    browser.post("/.sluis/sign-out", &[]).await;
    let ledger = office.ledger();
    for act in ["step-up", "account.recovery-codes", "sign-out"] {
        let entries = of(&ledger, act);
        assert_eq!(entries.len(), 1, "{act}");
        assert_eq!(line(entries[0]), "access sanne ok", "{act}");
    }
    assert!(office.ledger_holds());
}

#[tokio::test]
async fn what_an_operator_does_is_recorded_with_the_operator_and_the_person() {
    let office = Office::open().await;
    office.enrolled("sanne", "support").await;
    let gate = office.gate();
    gate.set_person_roles("sanne", &["sales".to_owned()])
        .unwrap();
    gate.disable_person("sanne").unwrap();
    gate.enable_person("sanne").unwrap();
    gate.reset_person("sanne", std::time::Duration::from_hours(1))
        .unwrap();
    // Whatever is recorded next brings along what waits.
    office.enrolled("joris", "support").await;
    let ledger = office.ledger();
    for act in ["user.role", "user.disable", "user.enable", "user.reset"] {
        let entries = of(&ledger, act);
        assert_eq!(entries.len(), 1, "{act}");
        assert_eq!(line(entries[0]), "admin operator ok", "{act}");
        assert_eq!(entries[0]["fields"][0]["c"], "sanne", "{act}");
    }
}

#[tokio::test]
async fn who_is_refused_is_recorded_by_the_name_that_exists_and_never_by_what_was_typed() {
    const TYPED: [&str; 3] = ["kanarienaamzuid", "kanariewoordwest", "kanarie@example.nl"];
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    for (login, password) in [
        ("sanne", TYPED[1]),
        (TYPED[0], PASSWORD),
        (TYPED[2], TYPED[1]),
    ] {
        let form = [("login", login), ("password", password)];
        let answer = office.browser().post("/.sluis/sign-in", &form).await;
        assert_eq!(answer.status, 403);
    }
    let mut half = office.half(&sanne).await;
    half.post("/.sluis/sign-in/code", &[("code", "000000")])
        .await;
    half.post("/.sluis/sign-in/recovery", &[("code", TYPED[1])])
        .await;
    office.browser().get("/.sluis/enrol?link=kanarielink").await;
    office.signed_in(&sanne).await;
    let ledger = office.ledger();
    let denied: Vec<String> = of(&ledger, "sign-in").into_iter().map(line).collect();
    for expected in [
        "denied sanne password",
        "denied  password",
        "denied sanne code-wrong",
        "denied sanne recovery-code-unknown",
        "access sanne ok",
    ] {
        assert!(
            denied.contains(&expected.to_owned()),
            "{expected}: {denied:?}"
        );
    }
    assert_eq!(denied.len(), 5, "{denied:?}");
    let all = serde_json::to_string(&ledger).unwrap();
    assert!(!all.contains("kanarie"), "{all}");
    assert!(office.ledger_holds());
}

#[tokio::test]
async fn guessing_does_not_fill_the_ledger_and_being_locked_out_is_recorded() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne", "support").await;
    let before = office.ledger().len();
    for guess in 0..60 {
        let login = match guess % 2 {
            0 => "sanne".to_owned(),
            _ => format!("guess{guess}"),
        };
        let form = [("login", login.as_str()), ("password", "wrong")];
        office.browser().post("/.sluis/sign-in", &form).await;
    }
    office.clock.forward(3600);
    office.signed_in(&sanne).await;
    let ledger = office.ledger();
    let denied: Vec<String> = of(&ledger, "sign-in").into_iter().map(line).collect();
    assert!(
        denied.contains(&"denied sanne too-often".to_owned()),
        "{denied:?}"
    );
    assert!(ledger.len() - before <= 6, "{denied:?}");
}

#[tokio::test]
async fn requests_that_are_not_admitted_are_recorded_once_a_minute() {
    let office = Office::open().await;
    let admitted = |ledger: &[Value]| -> Vec<String> {
        let entries = of(ledger, "admit").into_iter();
        entries
            .map(|entry| format!("{} {}", line(entry), entry["fields"][0]["n"]))
            .collect()
    };
    for _ in 0..5 {
        assert_eq!(office.browser().fetch(&office.contact).await.status, 401);
    }
    let other = || office.browser().with("authorization", "Bearer nonsense");
    assert_eq!(other().fetch(&office.contact).await.status, 401);
    assert_eq!(
        admitted(&office.ledger()),
        ["denied  no-credential 1", "denied  unknown 1"]
    );
    office.clock.forward(61);
    office.browser().fetch(&office.contact).await;
    assert_eq!(admitted(&office.ledger())[2], "denied  no-credential 5");
    assert!(office.ledger_holds());
}

#[tokio::test]
async fn somebody_whose_login_is_an_address_goes_by_another_name_in_the_ledger() {
    let office = Office::open().await;
    let sanne = office.enrolled("sanne@example.nl", "support").await;
    let mut browser = office.signed_in(&sanne).await;
    let answer = browser.fetch(&office.contact).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let all = serde_json::to_string(&office.ledger()).unwrap();
    assert!(!all.contains("example.nl"), "{all}");
    let ledger = office.ledger();
    let name = of(&ledger, "sign-in")[0]["client"].as_str().unwrap();
    assert_eq!(name.len(), 32, "the handle: {name}");
    let revealed = ledger.iter().filter(|entry| entry["client"] == name);
    assert!(revealed.count() >= 3);
}
