//! `sluis query explain`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;

use super::{Ended, complain, say};
use crate::app::compile_policy;
use crate::detect::Detector;
use crate::model::Secret;
use crate::protect::{Protection, outward};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the query or search as it would leave, or which clause is refused and why.
    ///
    /// No vault is asked: each value that is looked up is written as an example token.
    Explain {
        #[arg(value_name = "SOQL or SOSL")]
        query: String,
        #[arg(long, default_value = "policies/salesforce.toml", value_name = "FILE")]
        policy: PathBuf,
        /// A file of `sluis crm describe` with the organization's own fields.
        #[arg(long, value_name = "FILE")]
        fields: Option<PathBuf>,
    },
}

pub(super) fn run(command: Command) -> anyhow::Result<Ended> {
    let Command::Explain {
        query,
        policy,
        fields,
    } = command;
    let plan = compile_policy(&policy, fields.as_deref())?;
    let detector = Arc::new(Detector::new()?);
    // The tokens are examples, so the keys are too: nothing is stored or sent under them.
    let example = Secret::new((1..=32).collect());
    let protection = Protection::new(
        &example,
        &example,
        "example",
        plan.token_domain(),
        31,
        detector,
    )?;
    match outward::explain(&plan, &protection, &query) {
        Ok(rewritten) => {
            say(&rewritten)?;
            Ok(Ended::Well)
        }
        Err(refusal) => {
            complain(&refusal.to_string());
            Ok(Ended::Findings)
        }
    }
}
