//! A CRM that fails: each fault is an error in the CRM's own shape, without a part of the answer,
//! and hurts no other exchange.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::certificates::{Authority, VALID};
use super::crm::{CRM_NAME, FakeCrm, Seen, Step, Voice, answer, json as whole, raw};
use super::house::{House, PERSON, contact, contacts, created, read, record};

const JSON: &str = "Content-Type: application/json\r\n";

/// The faults, as the bytes of an answer that would otherwise be `record`.
fn faults(record: &str) -> Vec<(&'static str, Vec<Step>)> {
    let body = record.as_bytes();
    let length = body.len();
    let head = |lines: &str| format!("HTTP/1.1 200 OK\r\n{JSON}{lines}\r\n").into_bytes();
    let with = |lines: &str, body: &[u8]| [head(lines), body.to_vec()].concat();
    let sized = format!("Content-Length: {length}\r\n");
    let chunk = [format!("{length:x}\r\n").as_bytes(), body, b"\r\n"].concat();
    let zipped = gzip(body);
    let bomb = gzip(&vec![b' '; 6 << 20]);
    let huge = format!("{{\"Id\":\"{}\"}}", "a".repeat(9 << 20));
    vec![
        ("no answer", vec![Step::Cut]),
        ("half a head", raw("HTTP/1.1 200 OK\r\nContent-Ty")),
        (
            "a stalled head",
            vec![Step::Write(b"HTTP/1.1 200 OK\r\n".to_vec()), Step::Stall],
        ),
        (
            "a stalled body",
            vec![Step::Write(with(&sized, &body[..length / 2])), Step::Stall],
        ),
        (
            "a body byte by byte",
            vec![
                Step::Write(head(&sized)),
                Step::Trickle(body.to_vec(), Duration::from_millis(50)),
            ],
        ),
        (
            "interim answers without end",
            vec![Step::Trickle(
                b"HTTP/1.1 100 Continue\r\n\r\n".repeat(200),
                Duration::from_millis(5),
            )],
        ),
        (
            "a zero in a header",
            answer(200, &format!("{JSON}X: a\0b\r\n"), body),
        ),
        (
            "a name with a blank",
            answer(200, &format!("{JSON}X y: b\r\n"), body),
        ),
        (
            "a header without a name",
            answer(200, &format!("{JSON}: b\r\n"), body),
        ),
        (
            "a head that is too large",
            answer(200, &format!("{JSON}X: {}\r\n", "a".repeat(1 << 20)), body),
        ),
        (
            "headers without number",
            answer(200, &format!("{JSON}{}", "X: y\r\n".repeat(5000)), body),
        ),
        (
            "a status of two digits",
            raw([
                &b"HTTP/1.1 20 OK\r\n"[..],
                JSON.as_bytes(),
                sized.as_bytes(),
                b"\r\n",
                body,
            ]
            .concat()),
        ),
        (
            "a shorter body than said",
            raw(with(&sized, &body[..length - 1])),
        ),
        (
            "chunks without an end",
            raw(with("Transfer-Encoding: chunked\r\n", &chunk)),
        ),
        (
            "a chunk of no size",
            raw(with(
                "Transfer-Encoding: chunked\r\n",
                b"zz\r\n{}\r\n0\r\n\r\n",
            )),
        ),
        (
            "two lengths",
            raw(with(&format!("{sized}Content-Length: 2\r\n"), body)),
        ),
        (
            "the same length twice",
            raw(with(&format!("{sized}{sized}"), body)),
        ),
        (
            "a length and chunks",
            raw(with(
                &format!("{sized}Transfer-Encoding: chunked\r\n"),
                &[&chunk[..], b"0\r\n\r\n"].concat(),
            )),
        ),
        ("no length at all", raw(with("", body))),
        (
            "a negative length",
            raw(with("Content-Length: -1\r\n", body)),
        ),
        ("HTTP/0.9", raw(body)),
        (
            "HTTP/1.0",
            raw([&b"HTTP/1.0 200 OK\r\n"[..], JSON.as_bytes(), b"\r\n", body].concat()),
        ),
        (
            "a redirect",
            answer(302, "Location: https://evil.example/\r\n", b""),
        ),
        (
            "a permanent redirect",
            answer(308, &format!("{JSON}Location: /login\r\n"), body),
        ),
        (
            "an upgrade",
            raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        ),
        (
            "a page",
            answer(
                200,
                "Content-Type: text/html\r\n",
                b"<html>Maintenance</html>",
            ),
        ),
        (
            "a page that says it is JSON",
            answer(200, JSON, b"<html>Maintenance</html>"),
        ),
        (
            "two types",
            answer(200, &format!("{JSON}Content-Type: text/html\r\n"), body),
        ),
        ("half of JSON", answer(200, JSON, &body[..length - 1])),
        ("two documents", answer(200, JSON, &[body, body].concat())),
        (
            "bytes that are no UTF-8",
            answer(200, JSON, b"{\"Id\":\"\xff\xfe\"}"),
        ),
        ("a gzip that breaks off", zip(&zipped[..zipped.len() - 9])),
        ("a gzip that is none", zip(body)),
        ("a gzip with a wrong sum", zip(&broken(&zipped))),
        ("a gzip bomb", zip(&bomb)),
        (
            "gzip in gzip",
            answer(
                200,
                &format!("{JSON}Content-Encoding: gzip, gzip\r\n"),
                &gzip(&zipped),
            ),
        ),
        (
            "a coding of its own",
            answer(200, &format!("{JSON}Content-Encoding: br\r\n"), body),
        ),
        ("more than the limit", answer(200, JSON, huge.as_bytes())),
        (
            "a length over the limit",
            vec![Step::Write(head("Content-Length: 99999999999\r\n"))],
        ),
    ]
}

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
    assert_eq!(crm.take().len(), 1, "it is not asked again by itself");
    crm.does(move |_| whole(200, &record(&token)));
    let (status, text) = read(house.get(&contact())).await;
    assert_eq!(status, 200, "{text}");
    let seen = crm.take();
    let signs_in: Vec<bool> = seen.iter().map(Seen::is_sign_in).collect();
    assert_eq!(signs_in, [true, false]);
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

fn zip(body: &[u8]) -> Vec<Step> {
    answer(200, &format!("{JSON}Content-Encoding: gzip\r\n"), body)
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// One bit of the checksum is wrong.
fn broken(zipped: &[u8]) -> Vec<u8> {
    let mut zipped = zipped.to_vec();
    let at = zipped.len() - 8;
    zipped[at] ^= 1;
    zipped
}
