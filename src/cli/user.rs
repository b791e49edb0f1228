//! `sluis user`: the people who may come through, and the links with which they choose factors.

use std::fs;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};

use super::client::warn_of_unknown_roles;
use super::{ConfigFile, Ended, say};
use crate::app::{self, World};
use crate::config;
use crate::gate::Gate;
use crate::gate::staff::{ConsoleRoles, Link, NewPerson, Surface};
use crate::model::Timestamp;

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    file: ConfigFile,
    /// Who does this, for the ledger; the account of the system where nothing is said.
    #[arg(long, global = true, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a person; the link that they choose their factors with is shown this once.
    Add(Add),
    /// Make another link for a person who has no factors yet; the one before ends.
    Enrol {
        login: String,
        #[command(flatten)]
        link: LinkOptions,
    },
    /// List the people, their state and their factors.
    List,
    /// Shut a person out; their sessions end with their next request.
    Disable { login: String },
    /// Let a person sign in again; wrong codes are forgotten.
    Enable { login: String },
    /// Give a person other roles; their sessions end.
    Role { login: String, roles: Vec<String> },
    /// Say what a person may do at the console; their sessions end.
    Change {
        login: String,
        /// viewer, editor, approver, auditor, admin, with commas; `none` takes all away.
        #[arg(long, value_name = "ROLES", value_parser = console_roles)]
        console: ConsoleRoles,
    },
    /// Take all factors, sessions and links to the identity provider of a person away, and make a
    /// link for new factors.
    Reset {
        login: String,
        #[command(flatten)]
        link: LinkOptions,
    },
    /// Say who a person is at the identity provider of the configuration: its `sub`, never an address.
    Link {
        login: String,
        #[arg(long, value_name = "SUB")]
        subject: String,
    },
    /// Forget who a person is at the identity provider; their sessions end.
    Unlink { login: String },
    /// List the sessions that hold.
    Sessions,
}

/// A new person.
#[derive(Args, Debug)]
struct Add {
    /// What they type to sign in: letters, digits, `.`, `_`, `@` and `-`; case does not matter.
    login: String,
    /// Their name, as the pages show it to them.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What they use personal data for: a purpose of the policy.
    #[arg(long)]
    purpose: String,
    /// A role of the policy: what they may see. Repeat it for more.
    #[arg(
        long = "role",
        required_unless_present = "console",
        value_name = "ROLE"
    )]
    roles: Vec<String>,
    /// What they may do at the console: viewer, editor, approver, auditor, admin, with commas. Nothing
    /// unless said.
    #[arg(long, value_name = "ROLES", value_parser = console_roles)]
    console: Option<ConsoleRoles>,
    #[command(flatten)]
    link: LinkOptions,
}

#[derive(Args, Debug)]
struct LinkOptions {
    /// How long the link holds: up to 168.
    #[arg(long, default_value_t = 24, value_name = "HOURS")]
    hours: u32,
    /// The host that the link is for, if not the first of `hosts`: one of them, or of the console's.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

impl LinkOptions {
    fn ttl(&self) -> Duration {
        Duration::from_hours(u64::from(self.hours))
    }
}

pub(super) fn run(options: Options) -> anyhow::Result<Ended> {
    let settings = config::load(&options.file.config)?;
    let world = World::default();
    crate::store::make_folder(&settings.data)?;
    let ring = app::open_ring(&settings, &world)?;
    let by = options.by.unwrap_or_else(account);
    let gate = app::open_gate(&settings, &ring, &world)?.operated_by(&by);
    match options.command {
        Command::List => list(&gate)?,
        Command::Sessions => sessions(&gate)?,
        Command::Disable { login } => gate.disable_person(&login)?,
        Command::Enable { login } => gate.enable_person(&login)?,
        Command::Role { login, roles } => {
            gate.set_person_roles(&login, &roles)?;
            warn_of_unknown_roles(&settings, &roles);
        }
        Command::Change { login, console } => gate.set_console_roles(&login, console)?,
        Command::Link { login, subject } => {
            let oidc = settings.oidc.as_ref();
            let oidc = oidc.context("the configuration has no [oidc]")?;
            gate.link_person(&login, &oidc.issuer, &subject)?;
        }
        Command::Unlink { login } => gate.unlink_person(&login)?,
        Command::Enrol { login, link } => {
            let host = host_of(&settings, &link)?;
            show(&gate.invite(&login, link.ttl())?, &host)?;
        }
        Command::Reset { login, link } => {
            let host = host_of(&settings, &link)?;
            show(&gate.reset_person(&login, link.ttl())?, &host)?;
        }
        Command::Add(new) => {
            let host = host(&settings, &new)?;
            warn_of_unknown_roles(&settings, &new.roles);
            let person = NewPerson {
                login: new.login,
                display: new.name,
                purpose: new.purpose,
                roles: new.roles,
                console: new.console.unwrap_or_default(),
            };
            show(&gate.add_person(&person, new.link.ttl())?, &host)?;
        }
    }
    drop(gate);
    app::record(&settings).context("it is done, and the ledger does not have it yet")?;
    Ok(Ended::Well)
}

/// The account of the system under which this runs, and who became it by `sudo`.
fn account() -> String {
    let uid = rustix::process::getuid().as_raw();
    let names = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = names.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, id) = (parts.next()?, parts.nth(1)?);
        (id.parse() == Ok(uid)).then(|| name.to_owned())
    });
    let account = named.unwrap_or_else(|| format!("uid:{uid}"));
    match std::env::var_os("SUDO_USER").and_then(|name| name.into_string().ok()) {
        Some(before) => format!("{before}/{account}"),
        None => account,
    }
}

/// Whoever has nothing but the console to go to gets a link of the console's.
fn host(settings: &config::Settings, new: &Add) -> anyhow::Result<String> {
    let console = settings.console.as_ref();
    let first = console.and_then(|console| console.hosts.first());
    match (first, &new.link.host) {
        (Some(first), None) if new.roles.is_empty() => Ok(first.clone()),
        _ => host_of(settings, &new.link),
    }
}

fn console_roles(text: &str) -> Result<ConsoleRoles, String> {
    match text {
        "none" => Ok(ConsoleRoles::none()),
        names => ConsoleRoles::named(names.split(',')).map_err(|error| error.to_string()),
    }
}

/// The host of a link: one that the border answers at, or the link would lead nowhere of ours.
fn host_of(settings: &config::Settings, link: &LinkOptions) -> anyhow::Result<String> {
    let console = settings.console.iter().flat_map(|console| &console.hosts);
    let hosts: Vec<String> = settings
        .server
        .hosts
        .iter()
        .chain(console)
        .cloned()
        .collect();
    match &link.host {
        Some(host) => {
            ensure!(
                hosts.contains(host),
                "--host: `hosts` of the configuration has {}",
                hosts.join(", ")
            );
            Ok(host.clone())
        }
        None => hosts
            .first()
            .cloned()
            .context("the configuration names no host"),
    }
}

fn show(link: &Link, host: &str) -> anyhow::Result<()> {
    let token = std::str::from_utf8(link.token.expose())?;
    say(&format!(
        "link           https://{host}/.sluis/enrol?link={token}"
    ))?;
    say(&format!("expires        {}", moment(link.expires)))?;
    say(&format!(
        "Shown this once. Give it to {} in person or by a way that nobody else reads.",
        link.login
    ))?;
    Ok(())
}

fn list(gate: &Gate) -> anyhow::Result<()> {
    for person in gate.people()? {
        let mut factors = Vec::new();
        if person.password {
            factors.push("password+totp".to_owned());
        }
        if person.passkeys > 0 {
            factors.push(format!("{} passkey(s)", person.passkeys));
        }
        if let Some(until) = person.invited_until {
            factors.push(format!("link until {}", moment(until)));
        }
        say(&format!(
            "{}  {}  {}  roles {}  console {}  purpose {}  ({})",
            person.login,
            person.state.name(),
            match factors.is_empty() {
                true => "no factors".to_owned(),
                false => factors.join(", "),
            },
            person.roles.join(","),
            match person.console.is_empty() {
                true => "-".to_owned(),
                false => person.console.to_string(),
            },
            person.purpose,
            person.display,
        ))?;
    }
    Ok(())
}

fn sessions(gate: &Gate) -> anyhow::Result<()> {
    for session in gate.sessions()? {
        say(&format!(
            "{}  {}  {}  since {}  last seen {}  ends {}",
            session.login,
            match session.surface {
                Surface::Border => "border",
                Surface::Console => "console",
            },
            session.factors,
            moment(session.created),
            moment(session.seen),
            moment(session.expires),
        ))?;
    }
    Ok(())
}

fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.strftime("%Y-%m-%dT%H:%MZ").to_string())
        .unwrap_or_default()
}
