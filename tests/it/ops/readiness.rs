//! The operator's pages: ready only when the stores work, and counts without a person in them.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::crm::json as whole;
use super::house::{House, PERSON, contact, contacts, read, record};
use super::process::Process;

async fn checks(house: &House) -> (u16, Value) {
    let (status, page) = house.status("/readyz").await;
    let page: Value = serde_json::from_str(&page).unwrap();
    (status, page["checks"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_is_told_by_its_name() {
    let (house, _crm) = House::with_crm().await;
    let _border = Process::serve(&house).await;
    let (status, checks) = checks(&house).await;
    assert_eq!(status, 200);
    for part in ["serving", "policy", "ledger", "vault"] {
        assert_eq!(checks[part], "ok", "{checks}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_written_is_told_until_it_can() {
    for (file, part) in [("data/ledger.db", "ledger"), ("data/vault.db", "vault")] {
        let (house, crm) = House::with_crm().await;
        let _border = Process::serve(&house).await;
        house.person(&crm).await;
        let other = Connection::open(house.path(file)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        crm.take();
        let (status, text) = read(house.post(&contacts(), &json!({"LastName": PERSON}))).await;
        assert_eq!(status, 503, "{text}");
        assert!(
            crm.calls().is_empty(),
            "a write went out without its {part}"
        );
        let (status, told) = checks(&house).await;
        assert_eq!((status, &told[part]), (503, &json!("failing")), "{told}");
        other.execute_batch("ROLLBACK").unwrap();
        // Nobody asks anything of it meanwhile: it finds out by itself.
        let mut healed = false;
        for _ in 0..100 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            if checks(&house).await.0 == 200 {
                healed = true;
                break;
            }
        }
        assert!(healed, "{part} does not heal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_count_exchanges_refusals_and_values_and_name_nobody() {
    let (house, crm) = House::with_crm().await;
    let _border = Process::serve(&house).await;
    let token = house.person(&crm).await;
    crm.does(move |_| whole(200, &record(&token)));
    assert_eq!(read(house.get(&contact())).await.0, 200);
    let refused = json!({"LastName": "Jansen", "Jansen__c": "Jansen"});
    assert_eq!(read(house.post(&contacts(), &refused)).await.0, 400);
    let (_, page) = house.status("/metrics").await;
    for line in [
        "sluis_refusals_total{code=\"policy-unknown-field\"} 1",
        "sluis_values_total{treatment=\"Protected\"} 1",
        "sluis_values_total{treatment=\"Revealed\"} 1",
        "outcome=\"refused\"",
        "outcome=\"answered\"",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
    for private in [
        PERSON,
        "Jansen",
        "0030000000",
        "adapter",
        "127.0.0.1",
        "Contact/",
    ] {
        assert!(!page.contains(private), "{private} is in {page}");
    }
}
