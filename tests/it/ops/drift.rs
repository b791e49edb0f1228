//! The background look at what the CRM describes.

use std::time::Duration;

use serde_json::json;

use super::crm::{DESCRIPTION, json as answer};
use super::house::{House, PERSON, contacts, created, read};

#[tokio::test(flavor = "multi_thread")]
async fn the_border_sees_by_itself_that_a_field_has_changed() {
    let (house, crm) = House::with_crm().await;
    let _border = house.open_looking(Duration::from_millis(50));
    house.person(&crm).await;
    crm.describes(&DESCRIPTION.replace("\"length\":80", "\"length\":60"));
    let name = "sluis_findings{code=\"drift-length\"}";
    let seen = async { while house.metric(name).await != Some(1.0) {} };
    tokio::time::timeout(Duration::from_secs(60), seen)
        .await
        .unwrap();
    crm.take();
    let (status, text) = read(house.post(&contacts(), &json!({"LastName": PERSON}))).await;
    assert!(status == 400 && text.contains("[sluis drift]"), "{text}");
    assert!(crm.calls().is_empty());

    crm.describes(DESCRIPTION);
    let well = async { while house.metric(name).await != Some(0.0) {} };
    tokio::time::timeout(Duration::from_secs(60), well)
        .await
        .unwrap();
    crm.does(|_| answer(201, &created("003000000000001AAA")));
    let (status, text) = read(house.post(&contacts(), &json!({"LastName": PERSON}))).await;
    assert_eq!(status, 201, "{text}");
}
