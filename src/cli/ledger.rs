//! `sluis ledger`.

use clap::Subcommand;

use super::{ConfigFile, Ended, say};
use crate::app::{self, World};
use crate::{config, ledger};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Walk the whole chain: nothing cut, changed or reordered.
    Verify(ConfigFile),
}

pub(super) fn run(command: Command) -> anyhow::Result<Ended> {
    let Command::Verify(file) = command;
    let settings = config::load(&file.config)?;
    let ring = app::open_ring(&settings, &World::default())?;
    let report = ledger::verify(&settings.data.join("ledger.db"), Some(&ring), None)?;
    match report.first_broken {
        None if report.ok => say(&format!(
            "{} entries, the chain holds. Head {}.",
            report.entries,
            data_encoding::HEXLOWER.encode(&report.head.hash)
        ))?,
        at => say(&format!(
            "The chain is broken{}; {} entries were read.",
            at.map_or_else(String::new, |at| format!(" at entry {at}")),
            report.entries
        ))?,
    }
    Ok(if report.ok {
        Ended::Well
    } else {
        Ended::Findings
    })
}
