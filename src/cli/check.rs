//! `sluis check`: what is wrong with a configuration, with file, line and remedy.

use std::path::Path;
use std::{fs, io};

use anyhow::bail;
use clap::Args;

use super::{ConfigFile, Ended, complain, say};
use crate::app::{self, Accept, Answer, Ask, World};
use crate::config::Settings;
use crate::policy::{Plan, Rule};
use crate::{config, server};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    file: ConfigFile,
    /// Also ask the CRM what it has, and say what is not as the policy relies on.
    #[arg(long)]
    live: bool,
    /// Take what the CRM has now: somebody has looked at what changed. `--live` says the mark of what
    /// it has shown; where the CRM has changed since, nothing is taken.
    #[arg(long, requires = "live", value_name = "MARK")]
    accept: Option<String>,
}

pub(super) fn run(options: &Options) -> anyhow::Result<Ended> {
    let path = options.file.config.as_path();
    let ended = check(path)?;
    if !options.live {
        return Ok(ended);
    }
    // A policy that does not fit what the CRM has is a reason to look at that.
    let looked = live(path, options.accept.clone())?;
    Ok(match (ended, looked) {
        (Ended::Well, Ended::Well) => Ended::Well,
        _ => Ended::Findings,
    })
}

/// Has the running border look, or looks where none runs.
fn live(path: &Path, accept: Option<String>) -> anyhow::Result<Ended> {
    let settings = config::load(path)?;
    let accept = accept.map(|mark| Accept { mark });
    match app::ask(settings, &World::default(), Ask::Look { accept })? {
        Answer::Looked(found) => {
            for field in &found.taken {
                say(&format!("accepted: {field}"))?;
            }
            let ended = match found.findings {
                0 => {
                    say("the CRM has what the policy relies on")?;
                    Ended::Well
                }
                _ => {
                    complain(&found.text);
                    Ended::Findings
                }
            };
            if !found.mark.is_empty() {
                say(&format!(
                    "what the CRM has now: {mark} (`sluis check --live --accept {mark}` takes it)",
                    mark = found.mark
                ))?;
            }
            Ok(ended)
        }
        Answer::Refused(why) => bail!(why),
        _ => bail!("the command and the border are of different versions"),
    }
}

fn check(path: &Path) -> anyhow::Result<Ended> {
    let settings = config::load(path)?;
    let at = |key| config::place(path, key);
    let mut wrong = Vec::new();
    let tls = &settings.server.tls;
    let mut missing = false;
    for (key, file) in [("tls.certificate", &tls.certificate), ("tls.key", &tls.key)] {
        if let Err(error) = fs::File::open(file) {
            wrong.push(format!("{}: {}: {error}", at(key), file.display()));
            missing |= error.kind() == io::ErrorKind::NotFound;
        }
    }
    if missing {
        wrong.push(test_certificate(&settings.server));
    } else if let Err(error) = server::check_certificate(tls, &*World::default().clock) {
        wrong.push(format!("{}: {error}", at("tls.certificate")));
    }
    let world = World::default();
    let compiled = match app::open_ring(&settings, &world) {
        Ok(_) => app::compile_in_force(&settings, &world),
        Err(error) => {
            wrong.push(format!("{}: {error:#}", at("key_file")));
            app::compile_policy(&settings.policy, settings.fields.as_deref())
        }
    };
    match compiled {
        Err(error) => match error.downcast_ref::<io::Error>() {
            Some(_) => wrong.push(format!("{}: {error:#}", at("policy"))),
            None => wrong.push(format!("{error:#}")),
        },
        Ok(plan) if app::known_hosts(&plan, &settings).is_err() => {
            let error = app::known_hosts(&plan, &settings).err();
            let error = error.map(|error| error.to_string()).unwrap_or_default();
            wrong.push(format!("{}: {error}", at("crm.hosts")));
        }
        Ok(plan) if !forms(&settings, &plan).is_empty() => {
            let found = forms(&settings, &plan).into_iter();
            wrong.extend(found.map(|text| format!("{}: {text}", at("web_forms.fields"))));
        }
        Ok(plan) if !plan.warnings().findings().is_empty() => {
            complain(&plan.warnings().to_string());
        }
        Ok(_) => {}
    }
    if wrong.is_empty() {
        say(&format!("{}: nothing is wrong", path.display()))?;
        return Ok(Ended::Well);
    }
    for text in &wrong {
        complain(text);
    }
    Ok(Ended::Findings)
}

/// Fields of visitors' forms that a form could not fill in by the policy in force.
fn forms(settings: &Settings, plan: &Plan) -> Vec<String> {
    let Some(forms) = &settings.forms else {
        return vec![];
    };
    if plan.site().is_some() {
        return vec![
            "only Salesforce has such forms, and the policy is for another CRM".to_owned(),
        ];
    }
    let mut found = Vec::new();
    for custom in &forms.fields {
        let label = format!("{}.{}", custom.kind.object(), custom.field);
        let object = plan.object(custom.kind.object());
        match object.and_then(|object| object.field(&custom.field)) {
            None => found.push(format!("{label} has no rule in the policy")),
            Some(field) if field.rule == Rule::Hold => found.push(format!(
                "{label} is kept here (action = \"hold\"), and the CRM does not tell which record \
                 a form has made"
            )),
            Some(_) => {}
        }
    }
    found
}

/// How to go on without a certificate of an authority: for a trial, make one.
fn test_certificate(server: &server::Settings) -> String {
    let host = server.hosts.first().map_or("localhost", |host| {
        host.rsplit_once(':')
            .map_or(host.as_str(), |(name, _)| name)
    });
    format!(
        "  help: get a certificate for {host} from your authority; for a trial, make one:\n\
         \x20   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \\\n\
         \x20     -subj /CN={host} -addext subjectAltName=DNS:{host} \\\n\
         \x20     -keyout {} -out {}",
        server.tls.key.display(),
        server.tls.certificate.display()
    )
}
