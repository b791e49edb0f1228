//! What the log has of people and of what their browsers report: no name with an `@`, no address.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;

use super::house::{CANARY, House, Who, policy};
use super::people::Person;

#[tokio::test]
async fn a_login_name_that_is_an_address_is_not_in_the_log() -> Result<()> {
    let house = House::with(&policy("note = \"free_text\""))?;
    let sanne = Person::enrolled(&house, "sanne@example.nl", "sales").await?;
    let joris = Person::enrolled(&house, "joris", "sales").await?;
    for person in [&sanne, &joris] {
        assert_eq!(person.get(&house, &person.crm, "/contacts").await?.0, 200);
        // Refused, and counted as theirs too.
        assert_eq!(person.get(&house, &person.crm, "/unknown").await?.0, 403);
    }
    let handle: String = house.gate_file()?.query_row(
        "SELECT lower(hex(handle)) FROM person WHERE login = 'sanne@example.nl'",
        [],
        |row| row.get(0),
    )?;
    house.log_with("\"client\":\"joris\"").await?;
    let log = house.log_with(&format!("\"client\":\"{handle}\"")).await?;
    assert!(!log.contains("sanne@"), "{log}");
    let said = house.ledger()?.into_iter();
    let named = said.filter(|entry| entry["client"] == handle.as_str());
    assert!(named.count() > 0, "the ledger calls her the same");
    Ok(())
}

#[tokio::test]
async fn of_what_browsers_stopped_the_log_has_the_directive_alone() -> Result<()> {
    let house = House::start()?;
    let address = format!("https://{CANARY}.example/{CANARY}");
    for directive in ["img-src", "img-src", "connect-src"] {
        let report = json!({ "csp-report": {
            "document-uri": format!("https://crm.example.eu/{CANARY}"),
            "effective-directive": directive,
            "blocked-uri": address,
        }});
        let sent = house.request(Who::Sales, Method::POST, "/.sluis/csp");
        let sent = sent.body(report.to_string()).send().await?;
        assert_eq!(sent.status(), 204);
    }
    let said = |directive: &str| format!("\"directive\":\"{directive}\"");
    house.log_with(&said("img-src")).await?;
    let log = house.log_with(&said("connect-src")).await?;
    assert_eq!(log.matches(&said("img-src")).count(), 1, "{log}");
    assert!(!log.contains(CANARY), "{log}");
    Ok(())
}
