//! A CRM that fails: each fault is an error in the CRM's own shape, without a part of the answer,
//! and hurts no other exchange.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::certificates::{Authority, VALID};
use super::crm::{CRM_NAME, FakeCrm, Seen, Step, Voice, answer, json as whole};
use super::faults::{JSON, faults};
use super::house::{House, PERSON, contact, contacts, created, read, record};

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_the_crm_is_an_error_without_a_part_and_the_next_exchange_works() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let token = house.person(&crm).await;
    let right = record(&token);
    let mut wrong = Vec::new();
    for (name, steps) in faults(&right) {
        // A connection that could be reused, so that the fault stands on one.
        let good = right.clone();
        crm.does(move |_| whole(200, &good));
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(status, 200, "before {name}: {text}");
        assert!(text.contains(PERSON), "before {name}: {text}");
        crm.take();

        crm.does(move |_| steps.clone());
        let (status, text) = read(house.get(&contact())).await;
        let calls = crm.calls();
        if let Some(reason) = amiss(status, &text, &token) {
            wrong.push(format!("{name}: {reason}"));
        }

        let good = right.clone();
        crm.does(move |_| whole(200, &good));
        let (status, text) = read(house.get(&contact())).await;
        if status != 200 || !text.contains(PERSON) {
            wrong.push(format!("{name}: the next exchange gives {status} {text}"));
        }
        let next = crm.calls();
        let reused = calls
            .iter()
            .any(|call| call.connection == next[0].connection);
        if reused {
            wrong.push(format!("{name}: its connection was used again"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_never_sent_twice_whatever_becomes_of_its_answer() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    house.person(&crm).await;
    let mut wrong = Vec::new();
    for (name, steps) in faults(&created("003000000000002AAA")) {
        crm.does(|_| whole(201, &created("003000000000003AAA")));
        let (status, text) = read(house.post(&contacts(), &json!({"LastName": "Warm"}))).await;
        assert_eq!(status, 201, "before {name}: {text}");
        crm.take();
        crm.does(move |_| steps.clone());
        let (status, text) = read(house.post(&contacts(), &json!({"LastName": PERSON}))).await;
        if let Some(reason) = amiss(status, &text, "003000000000002AAA") {
            wrong.push(format!("{name}: {reason}"));
        }
        let posts = crm.calls().len();
        if posts != 1 {
            wrong.push(format!("{name}: it was sent {posts} times"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the answer to a fault.
fn amiss(status: u16, text: &str, part: &str) -> Option<String> {
    if !(502..=504).contains(&status) {
        return Some(format!("the status is {status}, with {text:.200}"));
    }
    let Ok(body) = serde_json::from_str::<Value>(text) else {
        return Some(format!("the answer is not JSON: {text:.200}"));
    };
    if body[0]["errorCode"].as_str().is_none() || body[0]["message"].as_str().is_none() {
        return Some(format!(
            "the answer is not an error of the CRM's shape: {text:.200}"
        ));
    }
    let leaks = text.contains(PERSON) || text.contains(part) || text.contains("Maintenance");
    leaks.then(|| format!("a part of the answer came through: {text:.200}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_request_that_did_not_come_whole_nothing_goes_out() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    house.person(&crm).await;
    crm.does(|_| whole(201, &created("003000000000005AAA")));
    let body = json!({"LastName": PERSON}).to_string();
    for kept in 0..=body.len() {
        let mut stream = house.connect().await;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            contacts(),
            house.port,
            house.token,
            body.len()
        );
        let sent = [head.as_bytes(), &body.as_bytes()[..kept]].concat();
        stream.write_all(&sent).await.unwrap();
        stream.flush().await.unwrap();
        let whole = kept == body.len();
        if whole {
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 201");
        }
        drop(stream);
        // Another exchange, after which the first would have been seen.
        assert_eq!(read(house.get(&contact())).await.0, 201);
        let posts = crm
            .calls()
            .iter()
            .filter(|call| call.method == "POST")
            .count();
        assert_eq!(posts, usize::from(whole), "{kept} bytes of {}", body.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_answer_is_nobodys() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let token = house.person(&crm).await;
    let right = record(&token);
    let stray = right.replace("003000000000001AAA", "003000000000666AAA");
    let double = [&whole(200, &right)[..], &whole(200, &stray)[..]].concat();
    let both: Vec<u8> = double
        .iter()
        .flat_map(|step| match step {
            Step::Write(bytes) => bytes.clone(),
            _ => vec![],
        })
        .collect();
    for _ in 0..20 {
        let both = both.clone();
        crm.does(move |_| vec![Step::Write(both.clone())]);
        let first = read(house.get(&contact())).await;
        let (right, before) = (right.clone(), crm.calls());
        crm.does(move |_| whole(200, &right));
        let (status, text) = read(house.get(&contact())).await;
        assert!(!first.1.contains("666AAA"), "{first:?}");
        assert_eq!(status, 200, "{text}");
        assert!(
            !text.contains("666AAA"),
            "the stray answer was taken: {text}"
        );
        let next = crm.calls();
        assert!(
            before
                .iter()
                .all(|call| call.connection != next[0].connection)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_crm_has_ended_is_made_anew_for_the_next_request() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let token = house.person(&crm).await;
    crm.does(|_| {
        let error =
            r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#;
        whole(401, error)
    });
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!(
        status, 502,
        "a client must not be told to sign in again: {text}"
    );
    let mut seen = crm.take();
    let asked = |seen: &[Seen]| seen.iter().filter(|seen| seen.is_asked_for()).count();
    assert_eq!(asked(&seen), 1, "it is not asked again by itself");
    crm.does(move |_| whole(200, &record(&token)));
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!(status, 200, "{text}");
    seen.extend(crm.take());
    assert_eq!(asked(&seen), 2);
    let between = seen.iter().skip_while(|seen| !seen.is_asked_for()).skip(1);
    let mut between = between.take_while(|seen| !seen.is_asked_for());
    assert!(between.any(Seen::is_sign_in), "it signed in anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_maintenance_of_the_crm_reach_the_client_as_it_says_them() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    for (status, code) in [(429, "REQUEST_LIMIT_EXCEEDED"), (503, "SERVER_UNAVAILABLE")] {
        let body = json!([{"message": "later", "errorCode": code}]).to_string();
        crm.does(move |_| {
            answer(
                status,
                &format!("{JSON}Retry-After: 7\r\n"),
                body.as_bytes(),
            )
        });
        let answer = house.get(&contact()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers()["retry-after"], "7");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body[0]["errorCode"], code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stalled_exchange_holds_up_no_other() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let token = house.person(&crm).await;
    crm.does(move |request| match request.method.as_str() {
        "POST" => vec![Step::Stall],
        _ => whole(200, &record(&token)),
    });
    let stalled: Vec<_> = (0..8)
        .map(|_| tokio::spawn(read(house.post(&contacts(), &json!({"LastName": "Traag"})))))
        .collect();
    let begun = Instant::now();
    for _ in 0..10 {
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(status, 200, "{text}");
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
    for stalled in stalled {
        let (status, text) = stalled.await.unwrap();
        assert_eq!(status, 504, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_closes_a_kept_connection_costs_a_write_at_most_an_error() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    // Every answer is followed by the end of the connection, which it does not announce.
    crm.does(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        [whole(201, &created("003000000000004AAA")), vec![Step::Cut]].concat()
    });
    for turn in 1..=30 {
        let (status, text) = read(house.post(&contacts(), &json!({"LastName": PERSON}))).await;
        let sent = count.swap(0, Ordering::SeqCst);
        assert!(sent <= 1, "turn {turn}: sent {sent} times");
        assert_eq!(status == 201, sent == 1, "turn {turn}: {status} {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_the_crms_address_is_an_error_and_heals() {
    let authority = Authority::new("authority of a test");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let pair = authority.issue(&[CRM_NAME], VALID);
    let house = House::before(authority, address);
    let _border = house.open();
    for _ in 0..3 {
        let (status, text) = read(house.get(&contact())).await;
        assert_eq!(amiss(status, &text, "-"), None);
    }
    let crm = FakeCrm::start_at(address, Voice::Tls(pair)).await;
    crm.does(|_| whole(200, "{}"));
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!(status, 200, "{text}");
}
