//! `sluis policy`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::{Ended, complain, learn, say, versions, what_if};
use crate::app::compile_policy;
use crate::policy::{self, Plan, Source};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
    /// A file of `sluis crm describe` with the organization's own fields.
    #[arg(long, global = true, value_name = "FILE")]
    fields: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lint a policy: each finding with file, line, column and a remedy.
    Check {
        #[arg(default_value = "policies/salesforce.toml", value_name = "FILE")]
        policy: PathBuf,
        /// Treat warnings as errors.
        #[arg(long)]
        deny_warnings: bool,
    },
    /// Run the cases beside a policy: `NAME.cases.toml` and `NAME.*.cases.toml` for `NAME.toml`.
    Test {
        #[arg(default_value = "policies/salesforce.toml", value_name = "FILE")]
        policy: PathBuf,
    },
    /// Say in words what happens to an object or a field, and who sees it.
    Explain {
        /// `Contact`, `Contact.Email`, `routes`, or a route by its name.
        #[arg(value_name = "OBJECT[.FIELD] | ROUTE")]
        what: String,
        /// As this role sees it.
        #[arg(long)]
        role: Option<String>,
        #[arg(long, default_value = "policies/salesforce.toml", value_name = "FILE")]
        policy: PathBuf,
    },
    /// Say in words what changes from one policy to another.
    Diff {
        #[arg(value_name = "OLD")]
        old: PathBuf,
        #[arg(value_name = "NEW")]
        new: PathBuf,
    },
    /// Say what would come into force: lint, cases, and in words what changes.
    ///
    /// Exit codes: 0 nothing gets weaker, 1 errors or failed cases, 3 something lets more out, shows
    /// more or guards less, so that a second person has to approve it with a fresh second factor.
    Plan(versions::Plan),
    /// Say what a policy would have done to the requests of the last day.
    ///
    /// The border that runs tries it on the sample that it keeps: what would be refused, which values
    /// would leave readable, be shown or no longer be shown, by field and whoever asked. Exit codes: 0
    /// nothing would be otherwise, 1 errors, 3 something would.
    WhatIf(what_if::Options),
    /// List the versions of the policy, or verify their chain.
    Versions(versions::Versions),
    /// Write the text of a version.
    Show(versions::Show),
    /// Propose a policy for a CRM from the recording of a session.
    ///
    /// Sign in to the CRM as an administrator, in a test system without customer data and without the
    /// border between. Open the browser's developer tools, do what people do in a day (lists, a new
    /// record, an edit, a search, an export), and export the network log as HAR "with sensitive data",
    /// which adds the names of cookies. The proposal has names and shapes of requests and no value of
    /// the recording; it passes `sluis policy check`, and its comments ask you to decide the rest.
    Learn(learn::Options),
    /// Write the JSON Schema of policy files, for editors.
    Schema,
}

pub(super) fn run(options: Options) -> anyhow::Result<Ended> {
    let compile = |path: &Path| compile_policy(path, options.fields.as_deref());
    match options.command {
        Command::Check {
            policy,
            deny_warnings,
        } => check(&policy, &compile(&policy)?, deny_warnings),
        Command::Test { policy } => test(&policy, &compile(&policy)?),
        Command::Explain { what, role, policy } => {
            explain(&what, role.as_deref(), &compile(&policy)?)
        }
        Command::Diff { old, new } => diff(&compile(&old)?, &compile(&new)?),
        Command::Plan(plan) => versions::plan(&plan, options.fields.as_deref()),
        Command::WhatIf(options) => what_if::run(&options),
        Command::Versions(options) => versions::versions(&options),
        Command::Show(options) => versions::show(&options),
        Command::Learn(options) => learn::run(&options),
        Command::Schema => {
            say(policy::schema().trim_end())?;
            Ok(Ended::Well)
        }
    }
}

fn check(path: &Path, plan: &Plan, deny_warnings: bool) -> anyhow::Result<Ended> {
    let warnings = plan.warnings().findings().len();
    if warnings > 0 {
        complain(&plan.warnings().to_string());
    }
    say(&format!(
        "{}: {} objects, {} fields with a rule, {warnings} warnings",
        path.display(),
        plan.objects().count(),
        plan.objects()
            .map(|object| object.fields.len())
            .sum::<usize>(),
    ))?;
    Ok(if deny_warnings && warnings > 0 {
        Ended::Findings
    } else {
        Ended::Well
    })
}

fn test(path: &Path, plan: &Plan) -> anyhow::Result<Ended> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("{}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| is_of(file, path))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("{}: no cases beside the policy", path.display());
    }
    let mut passed = true;
    for file in files {
        let text = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        let report = policy::run_cases(
            plan,
            &Source {
                name: file.display().to_string(),
                text,
            },
        );
        say(&report.to_string())?;
        passed &= report.passed();
    }
    Ok(if passed { Ended::Well } else { Ended::Findings })
}

/// Whether a file has cases of this policy. Others in the folder are of other policies.
fn is_of(file: &Path, policy: &Path) -> bool {
    let (Some(name), Some(policy)) = (file.file_name(), policy.file_stem()) else {
        return false;
    };
    let name = name.to_string_lossy();
    let rest = name.strip_prefix(&*policy.to_string_lossy());
    rest.is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".cases.toml"))
}

fn explain(what: &str, role: Option<&str>, plan: &Plan) -> anyhow::Result<Ended> {
    if let Some(site) = plan.site() {
        let routes = || (what == "routes").then(|| policy::explain_routes(site));
        if let Some(text) = policy::explain_route(plan, what).or_else(routes) {
            say(text.trim_end())?;
            return Ok(Ended::Well);
        }
    }
    let (object, field) = match what.split_once('.') {
        Some((object, field)) => (object, Some(field)),
        None => (what, None),
    };
    say(policy::explain(plan, object, field, role).trim_end())?;
    let known = plan
        .object(object)
        .is_some_and(|object| field.is_none_or(|field| object.field(field).is_some()));
    Ok(if known { Ended::Well } else { Ended::Findings })
}

fn diff(old: &Plan, new: &Plan) -> anyhow::Result<Ended> {
    let changes = policy::compare(old, new);
    if changes.is_empty() {
        say("Nothing changes.")?;
    }
    for change in changes {
        say(&format!(
            "{} {}",
            if change.weaker { "weaker:" } else { "       " },
            change.text
        ))?;
    }
    Ok(Ended::Well)
}
