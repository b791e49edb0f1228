//! The command line: one file a command.
//!
//! Exit codes: 0 done, 1 findings or a failed operation, 2 usage, 3 a policy
//! that gets weaker, 78 configuration (`sysexits.h`).

mod check;
mod client;
mod crm;
mod demo;
mod detect;
mod healthcheck;
mod init;
mod learn;
mod ledger;
mod manual;
mod policy;
mod quarantine;
mod query;
mod serve;
mod status;
mod user;
mod version;
mod versions;
mod what_if;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::telemetry;

/// Keeps personal data out of a US-hosted CRM.
///
/// A reverse proxy in the EU. On the way out it puts tokens in the places of personal values, as
/// policy says; on the way in it reveals them to those who may see them.
#[derive(Debug, Parser)]
#[command(
    name = "sluis",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    /// What to log: `info`, `debug`, or by part, such as `sluis::proxy=trace,info`.
    #[arg(
        long,
        env = "SLUIS_LOG",
        default_value = "info",
        global = true,
        value_name = "FILTER"
    )]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: a laptop CRM with invented Dutch people behind the border, in one process.
    Demo(demo::Options),
    /// Write a configuration file, a key file and a starter policy into a folder.
    Init(init::Options),
    /// Say what is wrong with a configuration, with file, line and remedy.
    Check(check::Options),
    /// Run the border. SIGHUP reloads policy, certificates, names and limits; SIGTERM drains and ends.
    Serve(ConfigFile),
    /// Check, test and explain policies.
    Policy(policy::Options),
    /// Explain what becomes of a query.
    #[command(subcommand)]
    Query(query::Command),
    /// Find special categories or direct identifiers in texts; reads and writes JSON lines.
    Detect(detect::Options),
    /// Add, list and revoke the API clients that may come through.
    Client(client::Options),
    /// Add people, give them links to enrol with, and end their access.
    User(user::Options),
    /// Give the border the credential with which it signs in to the CRM.
    Crm(crm::Options),
    /// Verify the ledger: nothing cut, changed or reordered.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// Decide about texts that wait here because of what was found in them.
    Quarantine(quarantine::Options),
    /// Count what the vault holds, and say what was found in the CRM at the last look.
    Status(ConfigFile),
    /// Ask a running border whether it is ready; for containers.
    Healthcheck(healthcheck::Options),
    /// Write a completion script for a shell.
    Completions(manual::Shell),
    /// Write the manual page.
    Man,
    /// Say which version this is, and of what it is made.
    Version(version::Options),
}

/// The configuration file of a command.
#[derive(Args, Clone, Debug)]
struct ConfigFile {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        env = "SLUIS_CONFIG",
        default_value = "/etc/sluis/sluis.toml",
        value_name = "FILE",
        global = true // Also after the name of a subcommand's subcommand.
    )]
    config: PathBuf,
}

/// How a command ended, where it did not fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ended {
    Well,
    /// It found something: exit code 1.
    Findings,
    /// A policy would let more out, show more or guard less, or requests would go otherwise by it: exit
    /// code 3.
    Weaker,
}

/// Runs the command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = telemetry::init(&cli.log, telemetry::Format::of_stderr()) {
        complain(&format!("--log: {error}"));
        return ExitCode::from(2);
    }
    telemetry::install_panic_hook();
    if let Err(error) = keep_memory_private() {
        complain(&format!("cannot turn core dumps off: {error}"));
        return ExitCode::from(1);
    }
    match command(cli.command) {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::Findings) => ExitCode::from(1),
        Ok(Ended::Weaker) => ExitCode::from(3),
        Err(error) => {
            complain(&format!("{error:#}"));
            let of_configuration = error.downcast_ref::<crate::config::Error>().is_some();
            ExitCode::from(if of_configuration { 78 } else { 1 })
        }
    }
}

/// Keys and values stand in this process's memory. No core dump may put them on a disk, and no
/// other process of the same user may read them there.
fn keep_memory_private() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

fn command(command: Command) -> anyhow::Result<Ended> {
    match command {
        Command::Demo(options) => demo::run(&options),
        Command::Init(options) => init::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Serve(file) => serve::run(&file.config),
        Command::Policy(options) => policy::run(options),
        Command::Query(command) => query::run(command),
        Command::Detect(options) => detect::run(&options),
        Command::Client(options) => client::run(options),
        Command::User(options) => user::run(options),
        Command::Crm(options) => crm::run(options),
        Command::Ledger(command) => ledger::run(command),
        Command::Quarantine(options) => quarantine::run(options),
        Command::Status(file) => status::run(&file.config),
        Command::Healthcheck(options) => healthcheck::run(&options),
        Command::Completions(shell) => manual::completions(&shell),
        Command::Man => manual::page(),
        Command::Version(options) => version::run(&options),
    }
}

/// Writes a line to the standard output.
fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Writes a line to the standard error. There is nobody to tell when that fails.
fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
