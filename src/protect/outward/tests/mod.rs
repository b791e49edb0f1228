//! The way out, from the side of whoever tries to get a value past it.

mod analytics;
mod aura;
mod bulk;
mod chatter;
mod file;
mod graphql;
mod properties;
mod query;
mod record;
mod reference;
mod search;
mod soap;
mod ui;

use crate::model::Code;
use crate::protect::trial::Trial;

/// The code of the refusal of a request, or what leaves.
fn outcome(method: &str, target: &str, body: &str) -> Result<String, Code> {
    let target = format!("/services/data/v60.0{target}");
    let sent = Trial::start().send(method, &target, body);
    sent.map(|sent| format!("{} {}", sent.target, sent.body))
        .map_err(|refusal| refusal.code)
}

/// What leaves of `{field: value}` as an update.
fn written(object: &str, body: &str) -> Result<String, Code> {
    let sent = Trial::start().write(object, body);
    sent.map(|sent| sent.body).map_err(|refusal| refusal.code)
}
