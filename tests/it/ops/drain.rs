//! `SIGTERM`: what runs ends, nothing new begins; and one server a data folder.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Notify;

use super::crm::{Step, json as whole};
use super::house::{House, contact, contacts, created, read, record};
use super::process::{Process, run};

#[tokio::test(flavor = "multi_thread")]
async fn the_running_exchange_ends_and_new_connections_are_refused() {
    let (house, crm) = House::with_crm().await;
    let mut border = Process::serve(&house).await;
    house.person(&crm).await;
    let go = Arc::new(Notify::new());
    let wait = Arc::clone(&go);
    crm.does(move |_| {
        let answer = whole(201, &created("003000000000002AAA"));
        [vec![Step::Await(Arc::clone(&wait))], answer].concat()
    });
    let running = tokio::spawn(read(house.post(&contacts(), &json!({"LastName": "Traag"}))));
    while crm.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    border.signal("TERM");
    let begun = Instant::now();
    let address = ("127.0.0.1", house.port);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(3), "it still accepts");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (ready, page) = house.status("/readyz").await;
    assert_eq!(ready, 503, "{page}");
    go.notify_one();
    let (status, text) = running.await.unwrap();
    assert_eq!(status, 201, "{text}");
    let ended = border.ended(Duration::from_secs(4)).await;
    assert_eq!(ended.code(), Some(0), "{}", border.log());
    let (code, text) = run(&house, &["ledger", "verify"]);
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_does_not_end_is_cut_at_the_limit_of_the_drain() {
    let (house, crm) = House::with_crm().await;
    let mut border = Process::serve(&house).await;
    house.person(&crm).await;
    crm.does(|_| vec![Step::Stall]);
    let running = tokio::spawn(house.get(&contact()).send());
    while crm.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let begun = Instant::now();
    border.signal("TERM");
    // The house's limit is 5 seconds.
    let ended = border.ended(Duration::from_secs(9)).await;
    assert!(
        begun.elapsed() >= Duration::from_secs(4),
        "it was not given its time"
    );
    assert_eq!(ended.code(), Some(0), "{}", border.log());
    assert!(
        running.await.unwrap().is_err(),
        "an exchange without an answer got one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_folder_is_refused_and_the_first_serves_on() {
    let (house, crm) = House::with_crm().await;
    let first = Process::serve(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    let (code, text) = run(&house, &["serve"]);
    assert_eq!(code, Some(1), "{text}");
    let expected = format!("in use by another server (process {})", first.id());
    assert!(text.contains(&expected), "{text}");
    assert_eq!(read(house.get(&contact())).await.0, 200);
    drop(first);
    let _again = Process::serve(&house).await;
    assert_eq!(read(house.get(&contact())).await.0, 200);
}
