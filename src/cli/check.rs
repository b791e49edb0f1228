//! `sluis check`: what is wrong with a configuration, with file, line and remedy.

use std::path::Path;
use std::{fs, io};

use super::{Ended, complain, say};
use crate::app::{self, World};
use crate::{config, server};

pub(super) fn run(path: &Path) -> anyhow::Result<Ended> {
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
    if let Err(error) = app::open_ring(&settings, &World::default()) {
        wrong.push(format!("{}: {error:#}", at("key_file")));
    }
    match app::compile_policy(&settings.policy, settings.fields.as_deref()) {
        Err(error) => match error.downcast_ref::<io::Error>() {
            Some(_) => wrong.push(format!("{}: {error:#}", at("policy"))),
            None => wrong.push(format!("{error:#}")),
        },
        Ok(plan) if app::known_hosts(&plan, &settings).is_err() => {
            let error = app::known_hosts(&plan, &settings).err();
            let error = error.map(|error| error.to_string()).unwrap_or_default();
            wrong.push(format!("{}: {error}", at("crm.hosts")));
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
