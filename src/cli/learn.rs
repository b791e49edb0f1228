//! `sluis policy learn`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::{Ended, complain, say};
use crate::app::compile_policy;
use crate::learn;

#[derive(Args, Debug)]
pub(super) struct Options {
    /// The recording: an HTTP Archive that the browser's developer tools exported.
    #[arg(value_name = "SESSION.har")]
    recording: PathBuf,
    /// Where to write the proposal. A file that is there already is not touched.
    #[arg(long, value_name = "FILE", default_value = "proposal.toml")]
    out: PathBuf,
    /// The CRM's origin, such as https://crm.example.com; otherwise the one with most pages.
    #[arg(long, value_name = "ORIGIN")]
    site: Option<String>,
    /// What the policy calls the CRM.
    #[arg(long, default_value = "our-crm", value_name = "NAME")]
    name: String,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let (recording, out) = (options.recording.display(), options.out.display());
    if options.name == "salesforce" {
        bail!("--name: `salesforce` is the CRM whose policy the program brings");
    }
    let file = File::open(&options.recording).with_context(|| recording.to_string())?;
    let how = learn::Options {
        name: options.name.clone(),
        site: options.site.clone(),
    };
    let proposal = learn::learn(file, &how).with_context(|| recording.to_string())?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&options.out);
    let mut written = written.with_context(|| out.to_string())?;
    written.write_all(proposal.text.as_bytes())?;
    written.sync_all()?;
    let plan = compile_policy(&options.out, None)
        .context("the proposal does not pass as it stands; correct what is said of it")?;
    let warnings = plan.warnings().findings().len();
    if warnings > 0 {
        complain(&plan.warnings().to_string());
    }
    say(&format!(
        "{out}: {} routes of {}, {} questions to answer, {warnings} warnings\n\n\
         Next:\n\
         \x20 1. Answer each `# DECIDE` in {out}.\n\
         \x20 2. sluis policy check {out} --deny-warnings\n\
         \x20 3. Delete {recording}: it has everything that the session showed, and its cookies.",
        proposal.routes, proposal.site, proposal.questions
    ))?;
    Ok(Ended::Well)
}
