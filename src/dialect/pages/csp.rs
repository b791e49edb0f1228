//! The Content-Security-Policy of HTML answers: no request of the browser leaves our host.
//!
//! Pages of CRMs are full of inline script, so that is allowed; where a page may load from and send
//! to is what counts here. A page that makes the browser ask an avatar service for a person by name
//! is stopped by it, and the browser tells us.

use std::collections::BTreeMap;

/// Where browsers report what they have stopped. A path of ours.
pub const REPORTS: &str = "/.sluis/csp";

/// The directives, each with the sources that stand there without a word of policy.
const DIRECTIVES: [(&str, &str); 10] = [
    ("default-src", "'self' 'unsafe-inline'"),
    ("script-src", "'self' 'unsafe-inline'"),
    ("style-src", "'self' 'unsafe-inline'"),
    ("img-src", "'self' data:"),
    ("font-src", "'self' data:"),
    ("connect-src", "'self'"),
    ("frame-src", "'self'"),
    ("form-action", "'self'"),
    ("base-uri", "'self'"),
    ("object-src", "'none'"),
];

/// The directives to which policy may add sources.
pub fn directives() -> impl Iterator<Item = &'static str> {
    DIRECTIVES.iter().map(|(name, _)| *name)
}

/// The field's value, with what policy adds.
#[must_use]
pub fn policy(added: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::new();
    for (name, sources) in DIRECTIVES {
        text.push_str(name);
        text.push(' ');
        text.push_str(sources);
        for source in added.get(name).into_iter().flatten() {
            text.push(' ');
            text.push_str(source);
        }
        text.push_str("; ");
    }
    text.push_str("frame-ancestors 'self'; report-uri ");
    text.push_str(REPORTS);
    text
}
