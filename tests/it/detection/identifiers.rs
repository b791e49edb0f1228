//! Names and numbers in text that leaves in the clear: tokens outside, the text inside.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;

use super::house::{API, House, ORDER, described, touches};
use crate::support::demo::Demo;

const RULE: &str = r#"{ class = "free_text", action = "pass", reason = "a test", scan = ["special", "identifiers"] }"#;
const TEXT: &str = "Bel mevrouw De Wildeman op 06-12345678, mail naar anna.wildeman@example.nl of maak over op NL91 ABNA 0417 1643 00. Groot monitor.";

#[tokio::test]
async fn identifiers_leave_as_tokens_and_come_back_where_they_stood() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    let id = house.made(TEXT).await?;
    let held = house.held(&id, "Description").await?;
    let held = held.as_str().unwrap_or_default();
    for value in ["Wildeman", "12345678", "example.nl", "ABNA", "1643"] {
        assert!(!held.contains(value), "{held}");
    }
    assert!(
        held.starts_with("Bel ") && held.contains("Groot monitor."),
        "{held}"
    );
    assert!(held.matches("tq").count() >= 4, "{held}");

    let path = format!("/sobjects/Contact/{id}");
    let said = house.get(&format!("{path}?fields=Description")).await?;
    assert_eq!(said.body["Description"], TEXT);

    // The text comes back changed: other tokens stand there, and the text is whole again.
    let more = format!("{TEXT} Tweede keer gebeld.");
    let said = house
        .send(Method::PATCH, &path, &json!({"Description": more}))
        .await?;
    assert_eq!(said.status, 204, "{}", said.text);
    let said = house.get(&format!("{path}?fields=Description")).await?;
    assert_eq!(said.body["Description"], more.as_str());
    let now = house.held(&id, "Description").await?;
    assert_ne!(now, held);
    let entries = house.ledger()?;
    let woven = |entry: &&serde_json::Value| {
        touches(entry, "Contact.Description", "identifier", "tokenize")
    };
    assert_eq!(entries.iter().filter(woven).count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_person_without_the_role_sees_tokens_in_the_text() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    let id = house.made(TEXT).await?;
    let masked = masked_token(&house.demo)?;
    let url = format!(
        "{}{API}/sobjects/Contact/{id}?fields=Description",
        house.demo.ready().border
    );
    let answer = house.demo.client()?.get(url).bearer_auth(&masked).send();
    let text = answer.await?.text().await?;
    assert!(
        text.contains("tq") && text.contains("Groot monitor."),
        "{text}"
    );
    assert!(
        !text.contains("Wildeman") && !text.contains("12345678"),
        "{text}"
    );

    // They may write around the tokens, and take them nowhere else.
    let seen: serde_json::Value = serde_json::from_str(&text)?;
    let seen = seen["Description"].as_str().unwrap_or_default();
    let other = house.made("Belt graag terug").await?;
    for (id, text, status) in [
        (&id, format!("{seen} Doorverbonden."), 204),
        (&id, format!("{seen} Of 06-87654321."), 400),
        (&other, seen.to_owned(), 400),
    ] {
        let url = format!("{}{API}/sobjects/Contact/{id}", house.demo.ready().border);
        let request = house.demo.client()?.patch(url).bearer_auth(&masked);
        let answer = request.json(&json!({"Description": text})).send().await?;
        let got = answer.status();
        assert_eq!(got, status, "{}", answer.text().await?);
    }
    let path = format!("/sobjects/Contact/{id}?fields=Description");
    let said = house.get(&path).await?;
    assert_eq!(
        said.body["Description"],
        format!("{TEXT} Doorverbonden.").as_str()
    );
    Ok(())
}

#[tokio::test]
async fn the_persons_own_values_are_found_without_any_sign_around_them() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    // A word that no list of names has, so that nothing but the record itself tells.
    let text = "Xylander wil het anders, zegt xylander.";
    let body = json!({"Description": text, "LastName": "Xylander", "Email": "q@example.nl"});
    let said = house.send(Method::POST, "/sobjects/Contact", &body).await?;
    assert_eq!(said.status, 201, "{}", said.text);
    let id = said.body["id"].as_str().unwrap_or_default().to_owned();
    let held = house.held(&id, "Description").await?;
    let held = held.as_str().unwrap_or_default();
    assert!(!held.to_lowercase().contains("xylander"), "{held}");
    assert!(held.contains(" wil het anders, zegt "), "{held}");

    // Later, when only the vault still knows the name.
    let path = format!("/sobjects/Contact/{id}");
    let later = "Nog eens gebeld met Xylander.";
    let said = house
        .send(Method::PATCH, &path, &json!({"Description": later}))
        .await?;
    assert_eq!(said.status, 204, "{}", said.text);
    let held = house.held(&id, "Description").await?;
    assert!(!held.to_string().contains("Xylander"), "{held}");
    let said = house.get(&format!("{path}?fields=Description")).await?;
    assert_eq!(said.body["Description"], later);
    Ok(())
}

#[tokio::test]
async fn a_text_without_anybody_in_it_leaves_as_it_is() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    let id = house.made(ORDER).await?;
    assert_eq!(house.held(&id, "Description").await?, ORDER);
    Ok(())
}

/// A token of the demo's client whose role sees nothing that is protected.
fn masked_token(demo: &Demo) -> Result<String> {
    let line: serde_json::Value = serde_json::from_str(demo.line())?;
    Ok(line["masked_token"].as_str().unwrap_or_default().to_owned())
}
