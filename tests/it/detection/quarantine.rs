//! A text waits in the EU until people decide about it; a placeholder stands in the CRM.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;

use super::house::{CANARY, HEALTH, House, ORDER, described, touches};

const RULE: &str = r#"{ class = "free_text", on_special = "quarantine" }"#;
const BY: [&str; 4] = ["--by", "anna", "--reason", "vals alarm, een bestelling"];

/// The only line of `sluis quarantine list` with this state.
fn waiting(house: &House, state: &str) -> Result<String> {
    let (code, text) = house.demo.operator(&["quarantine", "list", "--all"])?;
    ensure!(code == Some(0), "{text}");
    let mut lines = text.lines().filter(|line| line.ends_with(state));
    let line = lines.next().with_context(|| text.clone())?;
    ensure!(lines.next().is_none(), "{text}");
    Ok(line.to_owned())
}

fn id_of(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

#[tokio::test]
async fn a_text_waits_is_shown_and_goes_to_the_crm_when_two_people_say_so() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    let text = format!("{HEALTH} ({CANARY})");
    let record = house.made(&text).await?;
    let held = house.held(&record, "Description").await?;
    house.is_clean().await?;

    let line = waiting(&house, "waiting")?;
    let id = id_of(&line);
    assert_eq!(held, format!("[sluis quarantine {id}]"));
    for part in [
        "Contact.Description",
        record.as_str(),
        "health",
        "client demo",
    ] {
        assert!(line.contains(part), "{line}");
    }

    // The placeholder is read, and written back as it was.
    let path = format!("/sobjects/Contact/{record}");
    let said = house.get(&format!("{path}?fields=Description")).await?;
    assert_eq!(said.body["Description"], held);
    let said = house
        .send(
            Method::PATCH,
            &path,
            &json!({"Description": held, "Title": "koper"}),
        )
        .await?;
    assert_eq!(said.status, 204, "{}", said.text);
    assert_eq!(house.held(&record, "Description").await?, held);
    assert_eq!(id_of(&waiting(&house, "waiting")?), id);

    let show = [&["quarantine", "show", id], &BY[..]].concat();
    let (code, shown) = house.demo.operator(&show)?;
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(&text), "{shown}");

    let release = [&["quarantine", "release", id], &BY[..]].concat();
    let alone = [&release[..], &["--second", "Anna"]].concat();
    let (code, refused) = house.demo.operator(&alone)?;
    assert_eq!(code, Some(1), "{refused}");
    assert!(refused.contains("[sluis quarantine-state]"), "{refused}");
    let both = [&release[..], &["--second", "bram"]].concat();
    let (code, done) = house.demo.operator(&both)?;
    assert_eq!(code, Some(0), "{done}");

    // It went by the rule of its field: sealed outside, the text inside.
    let held = house.held(&record, "Description").await?;
    assert!(
        held.as_str().is_some_and(|held| held.starts_with("tq1")),
        "{held}"
    );
    let said = house.get(&format!("{path}?fields=Description")).await?;
    assert_eq!(said.body["Description"], text.as_str());
    house.is_clean().await?;
    assert_eq!(id_of(&waiting(&house, "released")?), id);
    let (code, again) = house.demo.operator(&both)?;
    assert_eq!(code, Some(1), "{again}");
    let (code, shown) = house.demo.operator(&show)?;
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("seen by anna: vals alarm"), "{shown}");
    assert!(
        shown.contains("released by anna and bram: vals alarm"),
        "{shown}"
    );

    let entries = house.ledger()?;
    assert!(entries.iter().any(|entry| touches(
        entry,
        "Contact.Description",
        "health",
        "quarantine"
    )));
    for (operation, person) in [
        ("quarantine.show", "anna"),
        ("quarantine.release", "anna"),
        ("quarantine.second", "bram"),
    ] {
        let mut entries = entries.iter();
        let found =
            entries.any(|entry| entry["operation"] == operation && entry["client"] == person);
        assert!(found, "{operation}");
    }
    let (code, verified) = house.demo.operator(&["ledger", "verify"])?;
    assert_eq!(code, Some(0), "{verified}");
    Ok(())
}

#[tokio::test]
async fn a_dropped_text_is_wiped_and_a_field_that_was_written_since_is_left_alone() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    let record = house.made(HEALTH).await?;
    let line = waiting(&house, "waiting")?;
    let id = id_of(&line);
    let path = format!("/sobjects/Contact/{record}");
    let said = house
        .send(Method::PATCH, &path, &json!({"Description": ORDER}))
        .await?;
    assert_eq!(said.status, 204, "{}", said.text);

    let release = ["quarantine", "release", id, "--second", "bram"];
    let (code, text) = house.demo.operator(&[&release[..], &BY[..]].concat())?;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("does not stand in that field"), "{text}");
    assert_eq!(id_of(&waiting(&house, "waiting")?), id);
    let said = house.get(&format!("{path}?fields=Description")).await?;
    assert_eq!(said.body["Description"], ORDER);

    let drop = [&["quarantine", "drop", id], &BY[..]].concat();
    let (code, text) = house.demo.operator(&drop)?;
    assert_eq!(code, Some(0), "{text}");
    waiting(&house, "dropped")?;
    let show = [&["quarantine", "show", id], &BY[..]].concat();
    let (code, text) = house.demo.operator(&show)?;
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("dialyse"), "{text}");
    let entries = house.ledger()?;
    assert!(
        entries
            .iter()
            .any(|entry| entry["operation"] == "quarantine.drop")
    );
    Ok(())
}

#[tokio::test]
async fn a_text_whose_write_the_crm_refused_is_kept() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    // A contact has a last name; the CRM says so, not the border.
    let said = house
        .send(
            Method::POST,
            "/sobjects/Contact",
            &json!({"Description": HEALTH}),
        )
        .await?;
    assert_eq!(said.status, 400, "{}", said.text);
    assert!(
        said.text.contains("REQUIRED_FIELD_MISSING"),
        "{}",
        said.text
    );
    let line = waiting(&house, "refused by the CRM")?;
    let show = [&["quarantine", "show", id_of(&line)], &BY[..]].concat();
    let (code, text) = house.demo.operator(&show)?;
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(HEALTH), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_text_is_decided_about_while_no_border_runs() -> Result<()> {
    let house = House::of(&described(RULE)?)?;
    house.made(HEALTH).await?;
    let line = waiting(&house, "waiting")?;
    let stopped = house.demo.stop()?;
    let config = stopped.folder().join("demo/sluis.toml");
    let list = std::process::Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(["quarantine", "list", "--config"])
        .arg(config)
        .output()?;
    let text = String::from_utf8_lossy(&list.stdout).into_owned();
    assert_eq!(
        text.trim(),
        line,
        "{}",
        String::from_utf8_lossy(&list.stderr)
    );
    Ok(())
}
