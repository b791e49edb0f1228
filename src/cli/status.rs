//! `sluis status`: what the vault holds, in numbers.

use std::path::Path;

use super::{Ended, say};
use crate::app::{self, World};
use crate::config;

pub(super) fn run(path: &Path) -> anyhow::Result<Ended> {
    let settings = config::load(path)?;
    let world = World::default();
    let ring = app::open_ring(&settings, &world)?;
    let _lock = crate::store::lock(&settings.data)?;
    let vault = app::open_vault(&settings, &ring, &world)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let stats = runtime.block_on(vault.stats())?;
    say(&format!(
        "subjects {}\ntokens   {}\nheld     {}\npending  {}",
        stats.subjects, stats.tokens, stats.held, stats.pending
    ))?;
    Ok(Ended::Well)
}
