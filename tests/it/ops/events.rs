//! Polls for events: how long they last, how many there may be, and whose name they carry.

use std::time::Duration;

use serde_json::{Value, json};

use super::crm::{FakeCrm, Seen, Step, answer, json as whole};
use super::house::House;
use super::process::Process;

const TARGET: &str = "/cometd/60.0";
/// Longer than anything that a test waits for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer of the border's: its messages, and its cookies as a client sends them.
struct Told {
    messages: Value,
    cookies: Vec<String>,
}

async fn ask(house: &House, messages: &Value, cookies: &[String]) -> Told {
    let request = house.post(TARGET, messages);
    let sent = request.header("Cookie", cookies.join("; ")).send();
    let answer = sent.await.unwrap();
    assert_eq!(answer.status(), 200);
    let set = answer.headers().get_all("set-cookie").iter();
    let cookies = set.map(|value| value.to_str().unwrap().to_owned());
    let cookies = cookies.collect();
    Told {
        messages: answer.json().await.unwrap(),
        cookies,
    }
}

/// The cookies that an answer sets, as a client sends them.
fn kept(told: &Told) -> Vec<String> {
    let pairs = told.cookies.iter();
    let pairs = pairs.filter(|cookie| !cookie.contains("Max-Age=0"));
    let pairs = pairs.map(|cookie| cookie.split(';').next().unwrap().to_owned());
    pairs.collect()
}

fn handshake() -> Value {
    json!([{"channel": "/meta/handshake", "version": "1.0", "id": "1"}])
}

fn connect(client: &str) -> Value {
    json!([{"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling", "id": "2"}])
}

/// Shakes hands; the CRM calls the client by that name. Its cookies.
async fn shaken(house: &House, crm: &FakeCrm, name: &'static str) -> Vec<String> {
    crm.does(move |_| {
        let body = json!([{"channel": "/meta/handshake", "successful": true, "clientId": name, "id": "name0"}]);
        let cookie = format!("Content-Type: application/json\r\nSet-Cookie: BAYEUX_BROWSER={name}; Path=/cometd/\r\n");
        answer(200, &cookie, body.to_string().as_bytes())
    });
    let told = ask(house, &handshake(), &[]).await;
    assert_eq!(told.messages[0]["successful"], true, "{}", told.messages);
    kept(&told)
}

/// Answers a connect, and sets a cookie.
fn connected(_: &Seen) -> Vec<Step> {
    let body = json!([{"channel": "/meta/connect", "successful": true, "id": "name0"}]);
    let head = "Content-Type: application/json\r\nSet-Cookie: BrowserId=b1; Path=/\r\n";
    answer(200, head, body.to_string().as_bytes())
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_ends_with_its_client() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let cookies = shaken(&house, &crm, "c1").await;
    crm.does(|_| vec![Step::Stall]);
    let request = house.post(TARGET, &connect("c1"));
    let request = request.header("Cookie", cookies.join("; "));
    crm.take();
    let polling = tokio::spawn(request.send());
    until("the CRM has the poll", || !crm.calls().is_empty()).await;
    assert_eq!(crm.left(), 0);
    polling.abort();
    until("the border has left the CRM", || crm.left() == 1).await;
    // A message that does more than wait is carried to its end.
    crm.does(connected);
    let told = ask(&house, &connect("c1"), &cookies).await;
    assert_eq!(told.messages[0]["successful"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_a_limit_of_polls_and_is_told_to_come_again() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let cookies = shaken(&house, &crm, "c1").await;
    crm.does(|_| vec![Step::Stall]);
    crm.take();
    let mut polls = Vec::new();
    for number in 1..=16 {
        let request = house.post(TARGET, &connect("c1"));
        let request = request.header("Cookie", cookies.join("; "));
        polls.push(tokio::spawn(request.send()));
        let mut seen = 0;
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while seen == 0 {
            assert!(tokio::time::Instant::now() < deadline, "poll {number}");
            tokio::time::sleep(Duration::from_millis(10)).await;
            seen = crm.calls().len();
        }
    }
    let told = ask(&house, &connect("c1"), &cookies).await;
    assert_eq!(told.messages[0]["successful"], false);
    assert_eq!(told.messages[0]["advice"]["reconnect"], "retry");
    assert!(crm.calls().is_empty(), "nothing was sent");
    polls.pop().unwrap().abort();
    until("one poll has ended", || crm.left() == 1).await;
    crm.does(connected);
    let told = ask(&house, &connect("c1"), &cookies).await;
    assert_eq!(told.messages[0]["successful"], true, "{}", told.messages);
    for poll in polls {
        poll.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_ends_well_when_the_border_stops() {
    let (house, crm) = House::with_crm().await;
    let mut border = Process::serve(&house).await;
    let cookies = shaken(&house, &crm, "c1").await;
    crm.does(|_| vec![Step::Stall]);
    crm.take();
    let request = house.post(TARGET, &connect("c1"));
    let polling = tokio::spawn(request.header("Cookie", cookies.join("; ")).send());
    until("the CRM has the poll", || !crm.calls().is_empty()).await;
    border.signal("TERM");
    let answer = polling.await.unwrap().unwrap();
    let messages: Value = answer.json().await.unwrap();
    assert_eq!(messages[0]["successful"], true, "{messages}");
    assert_eq!(messages[0]["advice"]["reconnect"], "retry");
    // The house's limit is 5 seconds.
    let ended = border.ended(Duration::from_secs(20)).await;
    assert_eq!(ended.code(), Some(0), "{}", border.log());
    assert!(!border.log().contains("cut off"), "{}", border.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_one_browser_keep_their_names_and_a_lost_one_shakes_hands_again() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let first = shaken(&house, &crm, "c1").await;
    let second = shaken(&house, &crm, "c2").await;
    let both = [first.clone(), second.clone()].concat();
    assert_eq!(both.len(), 2, "a cookie for each: {both:?}");
    crm.does(connected);
    crm.take();
    for (client, own) in [("c1", &first), ("c2", &second)] {
        let told = ask(&house, &connect(client), &both).await;
        assert_eq!(told.messages[0]["successful"], true, "{}", told.messages);
        let sent = crm.calls();
        let head = &sent.first().unwrap().head;
        assert!(head.contains(&format!("BAYEUX_BROWSER={client}")), "{head}");
        // What the CRM gives one is written into its own cookie alone.
        let name = |cookie: &String| cookie.split('=').next().unwrap().to_owned();
        let names: Vec<String> = kept(&told).iter().map(name).collect();
        assert_eq!(names, [name(own.first().unwrap())]);
    }
    for (client, cookies) in [("c1", &second), ("c3", &both), ("c1", &vec![])] {
        let told = ask(&house, &connect(client), cookies).await;
        let error = told.messages[0]["error"].as_str().unwrap();
        assert!(error.starts_with("402::Unknown client"), "{error}");
        assert_eq!(told.messages[0]["advice"]["reconnect"], "handshake");
        assert!(crm.calls().is_empty(), "nothing was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_of_the_borders_session_within_a_message_is_the_borders_to_mend() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    crm.does(|_| {
        whole(200, r#"[{"channel":"/meta/handshake","successful":false,"error":"403::Handshake denied","advice":{"reconnect":"none"},"ext":{"sfdc":{"failureReason":"401::Authentication invalid"}}}]"#)
    });
    let answer = house.post(TARGET, &handshake()).send().await.unwrap();
    assert!(answer.status().is_server_error(), "{}", answer.status());
    // What the border asks by itself may be what signs in anew.
    let signs_in = || crm.take().iter().filter(|seen| seen.is_sign_in()).count();
    let before = signs_in();
    shaken(&house, &crm, "c1").await;
    assert!(before + signs_in() > 1, "it signed in anew");
}
