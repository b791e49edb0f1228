//! SOAP carries its session in the message: who is served, and what the ledger has of it.

use serde_json::Value;
use sluis::gate::{Factor, NewClient, Pair};

use super::browser::{Answer, Browser};
use super::matrix::State;
use super::office::{CONTACT, Office};

const PATH: &str = "/services/Soap/u/62.0";
const QUERY: &str = "<query><queryString>SELECT LastName FROM Contact</queryString></query>";

/// Sends a message of the partner API.
async fn speak(browser: &mut Browser, session: Option<&str>, operation: &str) -> Answer {
    let header = session.map_or_else(String::new, |session| {
        format!(
            "<e:Header><SessionHeader><sessionId>{session}</sessionId></SessionHeader></e:Header>"
        )
    });
    let message = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns=\"urn:partner.soap.sforce.com\">{header}<e:Body>{operation}</e:Body></e:Envelope>"
    );
    browser.act("POST", PATH, "text/xml", &message).await
}

fn login(name: &str, password: &str) -> String {
    format!("<login><username>{name}</username><password>{password}</password></login>")
}

/// The text of the first element of that name.
fn text<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let inside = answer.body.split_once(&format!("<{name}>"));
    let inside = inside.and_then(|(_, rest)| rest.split_once('<'));
    inside.map_or("", |(text, _)| text)
}

fn program(office: &Office) -> String {
    office.bearer().trim_start_matches("Bearer ").to_owned()
}

#[tokio::test]
async fn a_program_with_two_proofs_is_served_and_nobody_else() {
    let office = Office::open().await;
    let token = program(&office);
    let before = office.asked();
    let served = speak(&mut office.browser(), Some(&token), QUERY).await;
    assert_eq!((served.status, office.asked()), (200, before + 1));
    assert!(served.body.contains(CONTACT), "{}", served.body);

    // The session of a message is the one that stands in it, whatever its header fields say.
    let mut beside = office.browser().with("authorization", &office.bearer());
    for session in [None, Some(""), Some("nonsense")] {
        let answer = speak(&mut beside, session, QUERY).await;
        assert_eq!(answer.status, 500, "{}", answer.body);
        assert_eq!(text(&answer, "faultcode"), "sf:INVALID_SESSION_ID");
    }
    for state in State::BELOW.into_iter().chain([State::Person]) {
        let mut browser = state.browser(&office, "support").await;
        let cookie = browser.cookie.clone();
        let lapsed = (state == State::ProgramWithLapsedCode).then_some(token.as_str());
        let before = office.asked();
        for session in [None, Some("nonsense"), cookie.as_deref(), lapsed] {
            let answer = speak(&mut browser, session, QUERY).await;
            let at = format!("{}: {} {}", state.text(), answer.status, answer.body);
            assert_eq!(answer.status, 500, "{at}");
            let code = text(&answer, "faultcode");
            let known = ["sf:INVALID_SESSION_ID", "sf:TXN_SECURITY_TWO_FA_REQUIRED"];
            assert!(known.contains(&code), "{at}");
            assert!(!answer.body.contains(CONTACT), "{at}");
        }
        assert_eq!(office.asked(), before, "{}", state.text());
    }
}

#[tokio::test]
async fn who_signs_in_by_soap_or_is_refused_is_in_the_ledger_and_never_what_was_typed() {
    let office = Office::open().await;
    let pair = Pair::new(Factor::Secret, Factor::Totp).unwrap();
    let new = NewClient::new("portaal", "demo", &["support"], pair);
    let shown = office.gate().add(&new).unwrap();
    let secret = String::from_utf8(shown.secret.unwrap().expose().to_vec()).unwrap();
    let code = office.now(&shown.codes.unwrap());
    let whole = format!("{secret}{code}");
    let wrong = format!("kanariewoord{code}");
    for (name, password) in [
        ("portaal", wrong.as_str()),
        ("portaal", secret.as_str()),
        ("kanarienaam", whole.as_str()),
    ] {
        let refused = speak(&mut office.browser(), None, &login(name, password)).await;
        assert_eq!(text(&refused, "faultcode"), "sf:INVALID_LOGIN");
    }
    let before = office.asked();
    let granted = speak(&mut office.browser(), None, &login("portaal", &whole)).await;
    assert_eq!((granted.status, office.asked()), (200, before));
    assert!(text(&granted, "serverUrl").starts_with(&format!("{}{PATH}/", office.border)));
    let session = text(&granted, "sessionId").to_owned();
    let again = speak(&mut office.browser(), None, &login("portaal", &whole)).await;
    assert_eq!(
        text(&again, "faultcode"),
        "sf:INVALID_LOGIN",
        "a code is good once"
    );

    let served = speak(&mut office.browser(), Some(&session), QUERY).await;
    assert!(served.body.contains(CONTACT), "{}", served.body);
    let ended = speak(&mut office.browser(), Some(&session), "<logout/>").await;
    assert_eq!(ended.status, 200, "{}", ended.body);
    let after = speak(&mut office.browser(), Some(&session), QUERY).await;
    assert_eq!(text(&after, "faultcode"), "sf:INVALID_SESSION_ID");

    let ledger = office.ledger();
    let of = |operation: &str| -> Vec<String> {
        let entries = ledger
            .iter()
            .filter(|entry| entry["operation"] == operation);
        entries.map(line).collect()
    };
    let signed: Vec<String> = of("token");
    let granted = signed.iter().position(|line| line == "access portaal ok");
    assert!(granted.is_some(), "{signed:?}");
    let denied = signed.iter().filter(|line| line.starts_with("denied"));
    assert!(denied.count() >= 3, "{signed:?}");
    assert!(
        of("admit").contains(&"denied  revoked".to_owned()),
        "{:?}",
        of("admit")
    );
    assert_eq!(of("soap.query"), ["revealed portaal ok"]);
    let all = serde_json::to_string(&ledger).unwrap();
    for typed in ["kanarie", secret.as_str(), session.as_str(), CONTACT] {
        assert!(!all.contains(typed), "{typed}");
    }
    assert!(office.ledger_holds());
}

/// Kind, who, outcome.
fn line(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    format!("{} {} {}", text("kind"), text("client"), text("outcome"))
}
