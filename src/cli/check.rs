//! `sluis check`: what is wrong with a configuration, with file, line and remedy.

use std::fs;
use std::path::Path;

use super::{Ended, complain, say};
use crate::app::{self, World};
use crate::config;

pub(super) fn run(path: &Path) -> anyhow::Result<Ended> {
    let settings = config::load(path)?;
    let mut wrong = Vec::new();
    for (what, file) in [
        ("tls.certificate", &settings.server.tls.certificate),
        ("tls.key", &settings.server.tls.key),
        ("policy", &settings.policy),
    ] {
        if let Err(error) = fs::File::open(file) {
            wrong.push(format!(
                "{}: `{what}`: {}: {error}",
                path.display(),
                file.display()
            ));
        }
    }
    if let Err(error) =
        crate::server::check_certificate(&settings.server.tls, &*World::default().clock)
    {
        wrong.push(format!("{}: `tls`: {error}", path.display()));
    }
    if let Err(error) = app::open_ring(&settings, &World::default()) {
        wrong.push(format!("{}: `key_file`: {error:#}", path.display()));
    }
    match app::compile_policy(&settings.policy, settings.fields.as_deref()) {
        Err(error) => wrong.push(format!("{error:#}")),
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
