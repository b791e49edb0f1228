//! `sluis demo`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{Ended, complain, say, serve};
use crate::app::World;
use crate::demo::{self, Demo, Person};

#[derive(Args, Debug)]
pub(super) struct Options {
    /// The border's port; the CRM stands on the next, status on the one after, the console on the one
    /// after that. 0: any free ones.
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// Print one line of JSON when ready, and everything else on the standard error.
    #[arg(long)]
    json: bool,
    /// Keep everything in this folder; otherwise it goes away with the demo.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// A policy file instead of the starter policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Start with an empty CRM.
    #[arg(long)]
    empty: bool,
    /// Start without a console: then the policy in force comes from its file.
    #[arg(long)]
    no_console: bool,
    /// Worker threads.
    #[arg(long, default_value_t = 2)]
    workers: u16,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let demo = demo::start(
        &demo::Options {
            looks: true,
            console: !options.no_console,
            staff: true,
            port: options.port,
            folder: options.folder.clone(),
            policy: options.policy.clone(),
            people: !options.empty,
            workers: options.workers,
        },
        &World::default(),
    )?;
    if options.json {
        say(&json(&demo))?;
    } else {
        complain(&words(&demo));
    }
    serve::until_stopped(&demo.app.control(), &|| Ok(()))?;
    demo.end()?;
    Ok(Ended::Well)
}

fn json(demo: &Demo) -> String {
    json!({
        "border": demo.border,
        "ca": demo.ca,
        "crm": demo.crm_url,
        "status": demo.status,
        "console": {
            "url": demo.console,
            "people": demo.console_people.iter().map(Person::json).collect::<Vec<_>>(),
        },
        "access_token": demo.access_token,
        "masked_token": demo.masked_token,
        "client": demo.client,
        "folder": demo.folder,
    })
    .to_string()
}

fn words(demo: &Demo) -> String {
    format!(
        "\n\
         The border is open.\n\n\
         \x20 border   {border}   (people and programs connect here)\n\
         \x20 CRM      {crm}/_dump   (what the CRM holds: tokens)\n\
         \x20 status   {status}/readyz and {status}/metrics\n\
         {console}\
         \x20 folder   {folder}\n\n\
         Try it. Through the border a contact has a name:\n\n\
         \x20 curl --cacert {ca} \\\n\
         \x20   -H 'Authorization: Bearer {token}' \\\n\
         \x20   '{border}/services/data/v62.0/query?q=SELECT+Name,Email,Phone+FROM+Contact+LIMIT+3'\n\n\
         In the CRM the same records are tokens:\n\n\
         \x20 curl -s {crm}/_dump | head -c 2000\n\n\
         An API credential of two proofs, for {border}/services/oauth2/token:\n\n\
         \x20 client_id      {id}\n\
         \x20 client_secret  {secret}\n\
         \x20 totp           {totp}   (its six digits in the form field `totp`; each works once)\n\n\
         {people}\
         A browser must trust {ca} first, or you confirm its warning.\n\n\
         Stop with Ctrl-C.",
        console = console(demo),
        people = people(demo),
        border = demo.border,
        crm = demo.crm_url,
        status = demo.status,
        folder = demo.folder.display(),
        ca = demo.ca.display(),
        token = demo.access_token,
        id = demo.client["client_id"].as_str().unwrap_or_default(),
        secret = demo.client["client_secret"].as_str().unwrap_or_default(),
        totp = demo.client["totp_secret"].as_str().unwrap_or_default(),
    )
}

/// Where the console is, if there is one.
fn console(demo: &Demo) -> String {
    match demo.console.as_str() {
        "" => String::new(),
        url => format!("  console  {url}   (where people look after the border)\n"),
    }
}

/// Who may sign in at the console, a line each.
fn people(demo: &Demo) -> String {
    if demo.console_people.is_empty() {
        return String::new();
    }
    let lines = demo.console_people.iter().map(|person| {
        format!(
            "  {login:<5}  password {password}  key {key}   ({roles})\n",
            login = person.login,
            password = person.password,
            key = person.totp_secret,
            roles = person.roles.join(", "),
        )
    });
    let lines: String = lines.collect();
    format!(
        "These invented people may sign in at the console, each with a password and one-time codes\n\
         (type the key into an authenticator app):\n\n{lines}\n"
    )
}
