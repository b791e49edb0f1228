//! The commands of an operator, on a border that runs as its own process.

use anyhow::{Context, Result, ensure};

use crate::support::demo::Demo;

use super::browser::Browser;

fn run(demo: &Demo, words: &[&str]) -> Result<String> {
    let (code, text) = demo.operator(words)?;
    ensure!(code == Some(0), "{words:?}: {text}");
    Ok(text)
}

#[tokio::test]
async fn an_operator_invites_lists_and_shuts_out() -> Result<()> {
    let demo = Demo::start_by(include_str!("../../../policies/salesforce.toml"))?;
    let client = demo.client()?;
    let mut browser = Browser::new(client, &demo.ready().border);
    let added = [
        "user",
        "add",
        "sanne",
        "--name",
        "Sanne Vermeer",
        "--purpose",
        "customer-relations",
        "--role",
        "support",
    ];
    let text = run(&demo, &added)?;
    let link = text
        .split_whitespace()
        .find(|word| word.starts_with("https://"))
        .context("no link")?;
    let path = link
        .strip_prefix(&demo.ready().border)
        .context("another host")?;
    assert_eq!(browser.get(path).await.status, 200);
    assert!(run(&demo, &["user", "list"])?.contains("sanne  invited"));
    let again = demo.operator(&added)?;
    assert_eq!(again.0, Some(1), "{}", again.1);
    run(&demo, &["user", "role", "sanne", "sales"])?;
    assert!(run(&demo, &["user", "list"])?.contains("roles sales"));
    let renewed = run(&demo, &["user", "enrol", "sanne", "--hours", "1"])?;
    assert!(!renewed.contains(path));
    assert_eq!(browser.get(path).await.status, 410);
    let reset = run(&demo, &["user", "reset", "sanne"])?;
    assert!(reset.contains("/.sluis/enrol?link="));
    run(&demo, &["user", "disable", "sanne"])?;
    assert!(run(&demo, &["user", "list"])?.contains("sanne  disabled"));
    let refused = demo.operator(&["user", "enrol", "sanne"])?;
    assert_eq!(refused.0, Some(1), "{}", refused.1);
    run(&demo, &["user", "enable", "sanne"])?;
    assert_eq!(run(&demo, &["user", "sessions"])?, "");
    let other_host = ["user", "enrol", "sanne", "--host", "evil.example"];
    assert_eq!(demo.operator(&other_host)?.0, Some(1));
    Ok(())
}
