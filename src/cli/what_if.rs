//! `sluis policy what-if`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::{ConfigFile, Ended, say};
use crate::app::{self, Answer, Ask, World};
use crate::config;
use crate::replay::{Replay, What};

#[derive(Args, Debug)]
pub(super) struct Options {
    /// The policy that is to come into force; the one that the configuration names, unless said.
    #[arg(value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    file: ConfigFile,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let settings = config::load(&options.file.config)?;
    let path = options.policy.as_ref().unwrap_or(&settings.policy);
    let name = path.display().to_string();
    let policy = fs::read_to_string(path).with_context(|| format!("the policy {name}"))?;
    let ask = Ask::WhatIf { name, policy };
    match app::ask(settings, &World::default(), ask)? {
        Answer::Tried(replay) => tell(&replay),
        Answer::Refused(why) => bail!(why),
        _ => bail!("the command and the border are of different versions"),
    }
}

fn tell(replay: &Replay) -> anyhow::Result<Ended> {
    for (effect, count) in replay.effects() {
        let about = match effect.about.as_str() {
            "" => "a request",
            about => about,
        };
        let rule = match &*effect.rule {
            "" => String::new(),
            rule => format!(" ({rule})"),
        };
        let values = match count.values {
            0 => String::new(),
            values => format!(", {values} values"),
        };
        say(&format!(
            "{}: {about}{rule}: {} requests of {}{values}",
            word(effect.what),
            count.exchanges,
            match effect.client.as_str() {
                "" => "people",
                client => client,
            },
        ))?;
    }
    if replay.unread > 0 {
        say(&format!(
            "{} requests that were kept do not open any more",
            replay.unread
        ))?;
    }
    say(&format!(
        "{} of {} requests of the last day would go otherwise; {} were not kept since the border started",
        replay.changed, replay.exchanges, replay.left_out,
    ))?;
    Ok(match replay.changed {
        0 => Ended::Well,
        _ => Ended::Weaker,
    })
}

fn word(what: What) -> &'static str {
    match what {
        What::Exposed => "would leave readable",
        What::Shown => "would be shown",
        What::Passes => "would pass",
        What::SearchBreaks => "a search would be refused",
        What::Refused => "would be refused",
        What::Hidden => "would no longer be shown",
        What::Protected => "would be protected",
    }
}
