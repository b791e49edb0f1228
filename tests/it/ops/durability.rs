//! `kill -9` at any moment: what the CRM holds opens, and what was acknowledged stands.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sluis::demo::crm::{Credential, Crm, Seed};

use super::certificates::{Authority, VALID};
use super::crm::CRM_NAME;
use super::house::{API, CRM_SECRET, House, contacts};
use super::process::{Process, run};

/// How often it is killed; `SLUIS_CRASH_ROUNDS` asks for more.
const ROUNDS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn after_each_kill_every_token_of_the_crm_opens_and_no_acknowledged_write_is_lost() {
    let (house, crm) = before_a_laptop_crm().await;
    let acknowledged: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to try is the caller's to say"
    )]
    let asked = std::env::var("SLUIS_CRASH_ROUNDS").ok();
    let rounds = asked.and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut border = Process::serve(&house).await;
    for round in 0..rounds {
        let writers: Vec<_> = (0..4_u64)
            .map(|writer| {
                let kept = Arc::clone(&acknowledged);
                tokio::spawn(write(
                    house.post(&contacts(), &json!({})),
                    kept,
                    round * 4 + writer,
                ))
            })
            .collect();
        // Every fourth round while the first exchanges are under way, the others in full flow; at
        // moments that the round's number spreads over the length of an exchange.
        let before = acknowledged.lock().unwrap().len();
        let begun = Instant::now();
        while round % 4 != 0
            && acknowledged.lock().unwrap().len() < before + 3
            && begun.elapsed() < Duration::from_secs(20)
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis((round * 37) % 101)).await;
        border.kill();
        for writer in writers {
            writer.await.unwrap();
        }
        border = Process::serve(&house).await;
        let kept = acknowledged.lock().unwrap().clone();
        check(&house, &kept).await;
    }
    assert!(
        !acknowledged.lock().unwrap().is_empty(),
        "nothing was ever acknowledged"
    );
    let dump = crm.memory_dump().unwrap();
    assert!(
        memchr::memmem::find(&dump, b"Kanarie").is_none(),
        "a name reached the CRM"
    );
    let (code, text) = run(&house, &["ledger", "verify"]);
    assert_eq!(code, Some(0), "{text}");
}

/// Creates contacts until the border is gone; keeps what was acknowledged.
async fn write(
    like: reqwest::RequestBuilder,
    kept: Arc<Mutex<Vec<(String, String)>>>,
    writer: u64,
) {
    for turn in 0.. {
        let name = format!("Kanarie{writer}x{turn}");
        let email = format!("k{writer}x{turn}@example.nl");
        let body = json!({"LastName": name, "Email": email, "AssistantName": name});
        let Ok(answer) = like.try_clone().unwrap().json(&body).send().await else {
            return;
        };
        if answer.status() != 201 {
            panic!("{} {:?}", answer.status(), answer.text().await);
        }
        let Ok(made) = answer.json::<Value>().await else {
            return;
        };
        kept.lock()
            .unwrap()
            .push((made["id"].as_str().unwrap().to_owned(), name));
    }
}

/// Everything opens: all fields of a record, or the record is not there.
async fn check(house: &House, acknowledged: &[(String, String)]) {
    let mut found = std::collections::BTreeMap::new();
    let query = "SELECT+Id,LastName,Email,AssistantName+FROM+Contact";
    let mut next = Some(format!("{API}/query?q={query}"));
    while let Some(target) = next {
        let answer = house.get(&target).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let page: Value = answer.json().await.unwrap();
        for record in page["records"].as_array().unwrap() {
            let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
            let name = text("LastName");
            assert!(
                name.starts_with("Kanarie"),
                "a token that does not open: {record}"
            );
            assert_eq!(text("AssistantName"), name, "half a record: {record}");
            let email = format!("{}@example.nl", name.replace("Kanarie", "k"));
            assert_eq!(text("Email"), email, "half a record: {record}");
            found.insert(text("Id"), name);
        }
        next = page["nextRecordsUrl"].as_str().map(str::to_owned);
    }
    for (id, name) in acknowledged {
        assert_eq!(found.get(id), Some(name), "an acknowledged write is lost");
    }
}

pub async fn before_a_laptop_crm() -> (House, Crm) {
    let crm = Crm::new(Seed {
        people: false,
        credential: Credential {
            client_id: "border".to_owned(),
            client_secret: CRM_SECRET.to_owned(),
            token: "00D000000000001!laptop".to_owned(),
        },
        now: Arc::new(|| 1_790_000_000_000),
    });
    let crm = crm.unwrap();
    let authority = Authority::new("authority of a test");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tls = authority.issue(&[CRM_NAME], VALID).server();
    tokio::spawn(crm.clone().serve_tls(listener, tls, std::future::pending()));
    (House::before(authority, address), crm)
}
