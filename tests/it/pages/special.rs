//! Special categories in forms: each action, in both ways that a browser writes a form.

use anyhow::Result;

use super::house::{House, Who};

/// A text about somebody's health, and one that only has the word.
const HEALTH: &str = "Mevrouw ligt aan de dialyse, komt donderdag niet";
const ORDER: &str = "De dialyseafdeling bestelt tien monitoren";

const PASSES: &str =
    "class = \"free_text\", action = \"pass\", reason = \"a test\", scan = [\"special\"]";
const DECISION: &str =
    "decision = { exception = \"A9-2-h\", second_person = \"F. de Boer\", date = \"2026-11-21\" }";

async fn sent(house: &House, multipart: bool, note: &str) -> Result<(u16, String)> {
    let form = [("first_name", "Zoë"), ("note", note)];
    let answer = match multipart {
        false => house.post(Who::Sales, "/contact/add", &form).await?,
        true => {
            house
                .post_multipart(Who::Sales, "/contact/add", &form)
                .await?
        }
    };
    Ok((answer.status().as_u16(), answer.text().await?))
}

fn recorded(house: &House, action: &str) -> Result<usize> {
    let touched = |entry: &serde_json::Value| {
        let fields = entry["fields"].as_array().cloned().unwrap_or_default();
        let health = |field: &serde_json::Value| {
            field["f"] == "Contact.note" && field["c"] == "health" && field["a"] == action
        };
        fields.iter().any(health)
    };
    Ok(house
        .ledger()?
        .iter()
        .filter(|entry| touched(entry))
        .count())
}

#[tokio::test]
async fn a_blocked_text_is_refused_with_field_and_places_and_nothing_leaves() -> Result<()> {
    let house = House::by(&format!("note = {{ {PASSES} }}"))?;
    for (round, multipart) in [false, true].into_iter().enumerate() {
        let (status, page) = sent(&house, multipart, HEALTH).await?;
        assert_eq!(status, 422, "{page}");
        for part in ["special-category", "Contact.note", "[health]"] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("dialyse"), "{page}");
        assert_eq!(house.crm.kept().log.len(), round);
        assert_eq!(recorded(&house, "refuse")?, round + 1);
        let (status, page) = sent(&house, multipart, ORDER).await?;
        assert_eq!(status, 302, "{page}");
        assert_eq!(house.crm.held(round + 1, "note"), ORDER);
    }
    Ok(())
}

#[tokio::test]
async fn stripped_words_never_leave_and_the_rest_does() -> Result<()> {
    let house = House::by(&format!("note = {{ {PASSES}, on_special = \"strip\" }}"))?;
    for (round, multipart) in [false, true].into_iter().enumerate() {
        let (first, second) = (2 * round + 1, 2 * round + 2);
        let text = format!("Belt morgen terug. {HEALTH}.");
        let (status, page) = sent(&house, multipart, &text).await?;
        assert_eq!(status, 302, "{page}");
        let held = house.crm.held(first, "note");
        assert!(
            held.starts_with("Belt morgen terug. ") && held.contains("[▇ gezondheid]"),
            "{held}"
        );
        assert!(!held.contains("dialyse"), "{held}");
        assert_eq!(recorded(&house, "strip")?, round + 1);
        sent(&house, multipart, ORDER).await?;
        assert_eq!(house.crm.held(second, "note"), ORDER);
    }
    Ok(())
}

#[tokio::test]
async fn a_quarantined_text_waits_here_and_its_placeholder_may_come_back() -> Result<()> {
    let house = House::by(&format!(
        "note = {{ {PASSES}, on_special = \"quarantine\" }}"
    ))?;
    for (round, multipart) in [false, true].into_iter().enumerate() {
        let (first, second) = (2 * round + 1, 2 * round + 2);
        let (status, page) = sent(&house, multipart, HEALTH).await?;
        assert_eq!(status, 302, "{page}");
        let held = house.crm.held(first, "note");
        assert!(held.starts_with("[sluis quarantine "), "{held}");
        assert_eq!(recorded(&house, "quarantine")?, round + 1);
        let form = [("first_name", "Zoë"), ("note", held.as_str())];
        let again = house
            .post(Who::Sales, &format!("/contact/edit/{first}"), &form)
            .await?;
        assert_eq!(again.status(), 302);
        assert_eq!(house.crm.held(first, "note"), held);
        sent(&house, multipart, ORDER).await?;
        assert_eq!(house.crm.held(second, "note"), ORDER);
        assert!(!String::from_utf8_lossy(&house.crm.kept().bytes).contains("aan+de+dialyse"));
    }
    Ok(())
}

#[tokio::test]
async fn an_encrypted_text_leaves_sealed_and_is_read_by_whoever_may() -> Result<()> {
    let house = House::by(&format!(
        "note = {{ {PASSES}, on_special = \"encrypt\", {DECISION} }}"
    ))?;
    for (round, multipart) in [false, true].into_iter().enumerate() {
        let (first, second) = (2 * round + 1, 2 * round + 2);
        let (status, page) = sent(&house, multipart, HEALTH).await?;
        assert_eq!(status, 302, "{page}");
        assert!(house.crm.held(first, "note").starts_with("tq1"));
        assert_eq!(recorded(&house, "encrypt")?, round + 1);
        let (_, page) = house.get(Who::Sales, &format!("/contact/{first}")).await?;
        assert!(page.contains(HEALTH), "{page}");
        let (_, page) = house
            .get(Who::Marketing, &format!("/contact/{first}"))
            .await?;
        assert!(!page.contains("dialyse") && page.contains("tq1"), "{page}");
        sent(&house, multipart, ORDER).await?;
        assert_eq!(house.crm.held(second, "note"), ORDER);
    }
    Ok(())
}
