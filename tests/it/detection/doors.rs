//! What policy looks for by the kind of request that carries a text, whatever its field says.

use anyhow::{Result, ensure};

use super::house::{HEALTH, House, ORDER, described, touches, ways};

/// A field in which, by a recorded decision, nothing is looked for.
const UNSEEN: &str = "{ class = \"free_text\", scan = [], decision = { ground = \"a statute\", \
     second_person = \"F. de Boer\", date = \"2026-11-21\" } }";

async fn refused(house: &House, id: &str, text: &str) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for (method, path, body) in ways(id, text) {
        let said = house.send(method, &path, &body).await?;
        if said.text.contains("[sluis special-category]") {
            paths.push(path);
        } else {
            let failed = said.text.contains("\"success\":false") || said.text.contains("errorCode");
            ensure!(said.status < 300 && !failed, "{path}: {}", said.text);
        }
    }
    Ok(paths)
}

#[tokio::test]
async fn composites_are_scanned_where_policy_says_so_and_single_records_are_not() -> Result<()> {
    let policy = described(UNSEEN)? + "\n[scan]\ncomposite = [\"special\"]\n";
    let house = House::of(&policy)?;
    let id = house.made(HEALTH).await?;
    let paths = refused(&house, &id, HEALTH).await?;
    assert!(
        paths.iter().all(|path| path.starts_with("/composite")),
        "{paths:?}"
    );
    let composites = ways(&id, HEALTH);
    let composites = composites
        .iter()
        .filter(|(_, path, _)| path.starts_with("/composite"));
    assert_eq!(paths.len(), composites.count());
    let entries = house.ledger()?;
    assert!(
        entries
            .iter()
            .any(|entry| touches(entry, "Contact.Description", "health", "refuse"))
    );
    Ok(())
}

#[tokio::test]
async fn what_is_looked_for_in_records_is_looked_for_in_every_write() -> Result<()> {
    let policy = described(UNSEEN)? + "\n[scan]\nrecords = [\"special\"]\n";
    let house = House::of(&policy)?;
    let id = house.made(ORDER).await?;
    assert_eq!(refused(&house, &id, ORDER).await?, Vec::<String>::new());
    let before = house.writes().await?.len();
    let paths = refused(&house, &id, HEALTH).await?;
    assert_eq!(paths.len(), ways(&id, HEALTH).len(), "{paths:?}");
    assert_eq!(
        house.writes().await?.len(),
        before,
        "a write reached the CRM"
    );
    Ok(())
}

#[tokio::test]
async fn without_it_the_same_text_passes_in_every_write() -> Result<()> {
    let house = House::of(&described(UNSEEN)?)?;
    let id = house.made(ORDER).await?;
    assert_eq!(refused(&house, &id, HEALTH).await?, Vec::<String>::new());
    Ok(())
}
