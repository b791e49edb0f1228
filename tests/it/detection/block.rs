//! The starter policy: what may not be kept is refused, wherever in a request it stands.

use anyhow::{Result, ensure};
use serde_json::json;

use super::house::{CANARY, HEALTH, House, ORDER, touches, ways};

#[tokio::test]
async fn a_text_about_somebodys_health_is_refused_in_every_write_and_reaches_nothing() -> Result<()>
{
    let house = House::starter()?;
    let id = house.made("Belt graag terug").await?;
    let before = house.writes().await?.len();
    let text = format!("{HEALTH} ({CANARY})");
    for (method, path, body) in ways(&id, &text) {
        let said = house.send(method, &path, &body).await?;
        ensure!(said.status == 400, "{path}: {}: {}", said.status, said.text);
        let error = &said.body[0];
        let message = error["message"].as_str().unwrap_or_default();
        assert_eq!(
            error["errorCode"], "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "{path}"
        );
        assert_eq!(error["fields"], json!(["Description"]), "{path}");
        for part in [
            "Contact.Description: ",
            "gezondheid [health] op tekens ",
            "regel objects.Contact.fields.Description",
            "“afspraak verzet om persoonlijke redenen”",
            "[sluis special-category]",
        ] {
            assert!(message.contains(part), "{path}: {message} lacks {part}");
        }
        for word in ["dialyse", "donderdag", CANARY] {
            assert!(!said.text.contains(word), "{path}: {}", said.text);
        }
    }
    assert_eq!(
        house.writes().await?.len(),
        before,
        "a write reached the CRM"
    );
    house.is_clean().await?;

    let entries = house.ledger()?;
    let refused = entries.iter().filter(|entry| {
        entry["outcome"] == "special-category"
            && touches(entry, "Contact.Description", "health", "refuse")
    });
    assert_eq!(refused.count(), ways(&id, &text).len());
    Ok(())
}

#[tokio::test]
async fn a_text_about_an_order_passes_in_every_write() -> Result<()> {
    let house = House::starter()?;
    let id = house.made(ORDER).await?;
    for (method, path, body) in ways(&id, ORDER) {
        let said = house.send(method, &path, &body).await?;
        let failed = said.text.contains("\"success\":false") || said.text.contains("errorCode");
        ensure!(said.status < 300 && !failed, "{path}: {}", said.text);
    }
    let said = house
        .get(&format!("/sobjects/Contact/{id}?fields=Description"))
        .await?;
    assert_eq!(said.body["Description"], ORDER);
    Ok(())
}

#[tokio::test]
async fn the_place_is_that_of_the_words_in_characters() -> Result<()> {
    let house = House::starter()?;
    // Characters of two and four bytes stand before the words.
    let said = house
        .contact("Één 🙂: mevrouw ligt aan de dialyse.")
        .await?;
    assert_eq!(said.status, 400, "{}", said.text);
    let message = said.body[0]["message"].as_str().unwrap_or_default();
    let place = message
        .split_once("op tekens ")
        .and_then(|(_, rest)| rest.split_once([';', ',']))
        .and_then(|(place, _)| place.split_once('-'));
    let (start, end): (usize, usize) = place
        .and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)))
        .unwrap_or_default();
    let words: String = "Één 🙂: mevrouw ligt aan de dialyse."
        .chars()
        .skip(start)
        .take(end.saturating_sub(start))
        .collect();
    assert!(words.contains("dialyse"), "{message}: {words}");
    Ok(())
}

#[tokio::test]
async fn each_category_is_named_and_whoever_wrote_is_told_in_the_language_of_the_text() -> Result<()>
{
    let house = House::starter()?;
    for (text, category, words) in [
        ("Mijn BSN is 111222333", "national_id", "regel"),
        (
            "Der Kunde ist Mitglied der IG Metall und kommt später",
            "union_membership",
            "Regel",
        ),
        (
            "She is pregnant and will call back after the scan",
            "health",
            "You could write:",
        ),
        (
            "De klant is moslim en bidt vrijdag in de moskee",
            "religion_belief",
            "regel",
        ),
    ] {
        let said = house.contact(text).await?;
        let message = said.body[0]["message"].as_str().unwrap_or_default();
        assert_eq!(said.status, 400, "{text}: {}", said.text);
        assert!(message.contains(&format!("[{category}]")), "{message}");
        assert!(message.contains(words), "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_before_anybody_reads_them() -> Result<()> {
    let house = House::starter()?;
    let before = house.writes().await?.len();
    let form = format!("LastName=Van+Voorbeeld&Description={CANARY}");
    let part = format!(
        "--x\r\nContent-Disposition: form-data; name=\"entity_document\"\r\n\
         Content-Type: application/json\r\n\r\n{{\"Description\":\"{CANARY}\"}}\r\n--x--\r\n"
    );
    for (media, body) in [
        ("application/x-www-form-urlencoded", form),
        ("multipart/form-data; boundary=x", part),
        ("text/plain", HEALTH.to_owned()),
    ] {
        let said = house.post_as(media, "/sobjects/Contact", body).await?;
        assert_eq!(said.status, 400, "{media}: {}", said.text);
        assert_eq!(
            said.body[0]["errorCode"], "UNSUPPORTED_MEDIA_TYPE",
            "{media}"
        );
        assert!(
            said.text.contains("[sluis body-media-type]"),
            "{}",
            said.text
        );
    }
    assert_eq!(house.writes().await?.len(), before);
    house.is_clean().await
}
