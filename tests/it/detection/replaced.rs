//! Words that are stripped, and texts that are sealed because an exception allows it.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;

use super::house::{HEALTH, House, ORDER, described, touches, ways};

#[tokio::test]
async fn stripped_words_are_nowhere_and_the_rest_of_the_text_arrives() -> Result<()> {
    let rule = r#"{ class = "free_text", action = "pass", reason = "a test", scan = ["special"], on_special = "strip" }"#;
    let house = House::of(&described(rule)?)?;
    let text = format!("Belt morgen terug. {HEALTH}.");
    let id = house.made(&text).await?;
    let held = house.held(&id, "Description").await?;
    let held = held.as_str().unwrap_or_default().to_owned();
    assert!(held.starts_with("Belt morgen terug. "), "{held}");
    assert!(held.contains("[▇ gezondheid]"), "{held}");
    assert!(!held.contains("dialyse"), "{held}");
    for request in house.writes().await? {
        assert!(!request.to_string().contains("dialyse"), "{request}");
    }

    // What was read comes back as it is, and nothing is found in the marks.
    let path = format!("/sobjects/Contact/{id}");
    let said = house.get(&format!("{path}?fields=Description")).await?;
    assert_eq!(said.body["Description"], held.as_str());
    let body = json!({"Description": held});
    let said = house.send(Method::PATCH, &path, &body).await?;
    assert_eq!(said.status, 204, "{}", said.text);
    assert_eq!(house.held(&id, "Description").await?, held.as_str());

    let id = house.made(ORDER).await?;
    assert_eq!(house.held(&id, "Description").await?, ORDER);
    let entries = house.ledger()?;
    let stripped =
        |entry: &&serde_json::Value| touches(entry, "Contact.Description", "health", "strip");
    assert_eq!(entries.iter().filter(stripped).count(), 1);
    Ok(())
}

#[tokio::test]
async fn an_exception_seals_the_text_whole_and_a_national_id_is_refused_all_the_same() -> Result<()>
{
    let rule = r#"{ class = "free_text", action = "pass", reason = "a test", scan = ["special"], on_special = "encrypt", decision = { exception = "A9-2-h", second_person = "F. de Boer, privacy officer", date = "2026-11-21" } }"#;
    let house = House::of(&described(rule)?)?;
    let id = house.made(HEALTH).await?;
    let held = house.held(&id, "Description").await?;
    let held = held.as_str().unwrap_or_default();
    assert!(held.starts_with("tq1"), "{held}");
    let said = house
        .get(&format!("/sobjects/Contact/{id}?fields=Description"))
        .await?;
    assert_eq!(said.body["Description"], HEALTH);

    let id = house.made(ORDER).await?;
    assert_eq!(house.held(&id, "Description").await?, ORDER);
    let said = house.contact("Mijn BSN is 111222333").await?;
    assert_eq!(said.status, 400, "{}", said.text);
    assert!(said.text.contains("[national_id]"), "{}", said.text);
    let entries = house.ledger()?;
    let sealed =
        |entry: &&serde_json::Value| touches(entry, "Contact.Description", "health", "encrypt");
    assert_eq!(entries.iter().filter(sealed).count(), 1);
    Ok(())
}

/// The rules that let a request pass, and what the CRM then holds for a text about health.
const PASSING: [(&str, &str); 3] = [
    (
        r#"{ class = "free_text", action = "pass", reason = "a test", scan = ["special"], on_special = "strip" }"#,
        "[▇ gezondheid]",
    ),
    (
        r#"{ class = "free_text", on_special = "quarantine" }"#,
        "[sluis quarantine ",
    ),
    (
        r#"{ class = "free_text", on_special = "encrypt", decision = { exception = "A9-2-h", second_person = "F. de Boer", date = "2026-11-21" } }"#,
        "tq1",
    ),
];

#[tokio::test]
async fn in_every_write_the_text_is_replaced_and_the_rest_goes_its_way() -> Result<()> {
    for (rule, mark) in PASSING {
        let house = House::of(&described(rule)?)?;
        let id = house.made("Belt graag terug").await?;
        let ways = ways(&id, HEALTH);
        for (method, path, body) in &ways {
            let before = house.writes().await?.len();
            let said = house.send(method.clone(), path, body).await?;
            let failed = said.text.contains("\"success\":false") || said.text.contains("errorCode");
            assert!(said.status < 300 && !failed, "{mark} {path}: {}", said.text);
            let writes = house.writes().await?;
            let sent = writes[before..]
                .iter()
                .map(|write| write["body"].to_string());
            let sent: Vec<String> = sent.collect();
            assert_eq!(sent.len(), 1, "{mark} {path}");
            assert!(sent[0].contains(mark), "{mark} {path}: {}", sent[0]);
            assert!(!sent[0].contains("dialyse"), "{mark} {path}: {}", sent[0]);
        }
        let (code, listed) = house.demo.operator(&["quarantine", "list"])?;
        assert_eq!(code, Some(0), "{listed}");
        let waiting = listed.lines().filter(|line| line.ends_with("  waiting"));
        let expected = if mark.starts_with("[sluis") {
            ways.len()
        } else {
            0
        };
        assert_eq!(waiting.count(), expected, "{listed}");
    }
    Ok(())
}
