//! `sluis status`: what the vault holds, in numbers, and what was found in the CRM at the last look.

use std::path::Path;

use super::{Ended, say};
use crate::app::{self, World};
use crate::config;

pub(super) fn run(path: &Path) -> anyhow::Result<Ended> {
    let stands = app::status(&config::load(path)?, &World::default())?;
    say(&format!(
        "subjects {}\ntokens   {}\nheld     {}\npending  {}\nfindings {}",
        stands.subjects, stands.tokens, stands.held, stands.pending, stands.found.findings
    ))?;
    if let Some((version, findings)) = &stands.policy {
        say(&format!("policy   version {version}"))?;
        for finding in findings {
            say(finding)?;
        }
    }
    if stands.found.findings > 0 {
        say(&format!("\n{}", stands.found.text))?;
    }
    Ok(Ended::Well)
}
