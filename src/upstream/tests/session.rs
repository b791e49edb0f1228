//! Who asks the CRM for new sessions, and how often: clients provoke answers that speak of sessions.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::protect::outward::versions;

/// A clock whose seconds the test sets.
struct Seconds(AtomicI64);

impl Clock for Seconds {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst) * 1000)
    }
}

/// A client that signs in by itself, at a CRM that gives these answers one after the other: any
/// question that is not expected shifts them.
async fn signing_in(answers: Vec<Vec<u8>>) -> (Client, Arc<Seconds>) {
    let authority = Authority::new();
    let identity = authority.sign(NAME, VALID);
    let address = serve(&identity, answers).await;
    let clock = Arc::new(Seconds(AtomicI64::new(1_767_225_600)));
    let credential = Credential::Client {
        id: "id".to_owned(),
        secret: "secret".into(),
    };
    let sessions = Sessions::new(credential, clock.clone());
    let mut settings = client(address, &authority).settings().clone();
    settings.address = Some(address);
    (Client::new(settings, Arc::new(sessions)).unwrap(), clock)
}

fn json(text: &str) -> Vec<u8> {
    answer(&format!("Content-Length: {}\r\n", text.len()), text)
}

fn grant(token: &str) -> Vec<u8> {
    json(&format!("{{\"access_token\":\"{token}\"}}"))
}

const REFUSED: &[u8] =
    b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]";

async fn token(client: &Client) -> String {
    let session = client.session().await.unwrap();
    String::from_utf8(session.token.expose().to_vec()).unwrap()
}

#[tokio::test]
async fn a_refused_session_is_renewed_once_and_a_newer_one_stays() {
    let (client, clock) = signing_in(vec![grant("A"), grant("B"), grant("C")]).await;
    let first = client.session().await.unwrap();
    client.refused(&first);
    assert_eq!(token(&client).await, "B");
    let second = client.session().await.unwrap();
    clock.0.fetch_add(60, Ordering::SeqCst);
    for _ in 0..3 {
        // A late answer to a session that is no more in force.
        client.refused(&first);
        assert_eq!(token(&client).await, "B");
    }
    clock.0.fetch_sub(30, Ordering::SeqCst);
    client.refused(&second);
    assert_eq!(token(&client).await, "B", "one renewal a minute");
    clock.0.fetch_add(30, Ordering::SeqCst);
    client.refused(&second);
    assert_eq!(token(&client).await, "C");
}

#[tokio::test]
async fn what_aura_says_of_a_session_is_asked_before_it_is_believed() {
    let event = "{\"descriptor\":\"markup://aura:invalidSession\"}";
    let ended = json(&format!("{{\"exceptionEvent\":true,\"event\":{event}}}"));
    let value = json(&format!("{{\"actions\":[{{\"returnValue\":{event}}}]}}"));
    let (client, clock) = signing_in(vec![
        grant("A"),
        // A value that reads so, and a page whose token is another session's: ours holds.
        value.clone(),
        ended.clone(),
        GOOD.to_vec(),
        // Again, and nobody asks.
        ended.clone(),
        ended.clone(),
        value,
        // A minute later it is ours.
        ended.clone(),
        REFUSED.to_vec(),
        grant("B"),
        REFUSED.to_vec(),
        grant("C"),
    ])
    .await;
    let act = || client.act(versions(), HeaderMap::new());
    for pause in [0, 0, 0, 59, 0, 1] {
        clock.0.fetch_add(pause, Ordering::SeqCst);
        act().await.unwrap();
    }
    assert_eq!(token(&client).await, "B");
    // A status says it of ours.
    assert!(matches!(act().await, Err(Error::Session)));
    assert_eq!(token(&client).await, "B", "one renewal a minute");
    clock.0.fetch_add(60, Ordering::SeqCst);
    let session = client.session().await.unwrap();
    client.refused(&session);
    assert_eq!(token(&client).await, "C");
}
