//! `sluis quarantine`: texts that wait in the EU until a person decides.

use anyhow::bail;
use clap::{Args, Subcommand};

use super::{ConfigFile, Ended, complain, say};
use crate::app::{self, Answer, Ask, World};
use crate::config;
use crate::proxy::{Decision, Listed};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the texts that wait: where each belongs and what was found, never the text.
    List {
        /// Also those that were released or dropped.
        #[arg(long)]
        all: bool,
    },
    /// Show one text. Who looks, and why, is recorded.
    Show {
        id: String,
        #[command(flatten)]
        person: Person,
    },
    /// Let a text go to the CRM, by the rule of its field. Two people decide.
    Release {
        id: String,
        #[command(flatten)]
        person: Person,
        /// The second person, who agrees.
        #[arg(long, value_name = "NAME")]
        second: String,
        /// The id of the CRM's record, where the CRM's answer was never known.
        #[arg(long, value_name = "ID")]
        record: Option<String>,
    },
    /// Wipe a text. Its placeholder stays in the CRM until somebody writes the field.
    Drop {
        id: String,
        #[command(flatten)]
        person: Person,
    },
}

/// Who decides.
#[derive(Args, Debug)]
struct Person {
    /// Who you are: letters, digits, `.`, `-` and `_`.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why. Kept sealed beside the text.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Person {
    fn decision(self, second: Option<String>) -> Decision {
        Decision {
            by: self.by,
            second,
            reason: self.reason,
        }
    }
}

pub(super) fn run(options: Options) -> anyhow::Result<Ended> {
    let settings = config::load(&options.file.config)?;
    let ask = match options.command {
        Command::List { all } => Ask::List { all },
        Command::Show { id, person } => Ask::Show {
            id,
            decision: person.decision(None),
        },
        Command::Release {
            id,
            person,
            second,
            record,
        } => Ask::Release {
            id,
            decision: person.decision(Some(second)),
            record,
        },
        Command::Drop { id, person } => Ask::Drop {
            id,
            decision: person.decision(None),
        },
    };
    match app::ask(settings, &World::default(), ask)? {
        Answer::Listed(texts) => {
            for text in &texts {
                say(&line(text))?;
            }
            if texts.is_empty() {
                say("No text waits.")?;
            }
        }
        Answer::Shown(shown) => {
            say(&line(&shown.listed))?;
            if let Some(text) = &shown.text {
                say(text)?;
            }
            for view in &shown.views {
                say(&format!("seen by {}: {}", view.by, view.reason))?;
            }
            if let Some(decided) = &shown.decided {
                let second = decided.second.as_ref();
                let second = second.map_or_else(String::new, |second| format!(" and {second}"));
                let (state, by) = (&shown.listed.state, &decided.by);
                say(&format!("{state} by {by}{second}: {}", decided.reason))?;
            }
        }
        Answer::Done => say("Done, and recorded.")?,
        Answer::Refused(why) => {
            complain(&why);
            return Ok(Ended::Findings);
        }
        Answer::Looked(_) | Answer::Accepted(_) | Answer::Standing(_) | Answer::Tried(_) => {
            bail!("the command and the border are of different versions")
        }
    }
    Ok(Ended::Well)
}

fn line(text: &Listed) -> String {
    let made = jiff::Timestamp::from_millisecond(text.made);
    format!(
        "{}  {}  {}  {}  {}  client {}  {}",
        text.id,
        made.map_or_else(|_| String::new(), |made| format!("{made:.0}")),
        text.field,
        text.record.as_deref().unwrap_or("-"),
        text.categories.replace(' ', ","),
        text.client,
        text.state
    )
}
