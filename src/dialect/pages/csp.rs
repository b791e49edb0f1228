//! The Content-Security-Policy of HTML answers: nothing that a page loads or sends by itself goes to
//! another host than ours.
//!
//! Pages of CRMs are full of inline script, so that is allowed; where a page may load from and send
//! to is what counts here. A page that makes the browser ask an avatar service for a person by name
//! is stopped by it, and the browser tells us.
//!
//! It does not hold a script that means harm: no directive stops it from leading the browser
//! elsewhere (`location = ...`, a link), and what it has read goes along in the address.
//! `docs/threat-model.md` says what the CRM's scripts can do.

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

/// The field's value, with what policy adds and our names of the CRM's other hosts.
#[must_use]
pub fn policy<'h>(
    added: &BTreeMap<String, Vec<String>>,
    others: impl Iterator<Item = &'h str>,
) -> String {
    let others: String = others.map(|host| format!(" https://{host}")).collect();
    let mut text = String::new();
    for (name, sources) in DIRECTIVES {
        text.push_str(name);
        text.push(' ');
        text.push_str(sources);
        if sources.starts_with("'self'") {
            text.push_str(&others);
        }
        for source in added.get(name).into_iter().flatten() {
            text.push(' ');
            text.push_str(source);
        }
        text.push_str("; ");
    }
    text.push_str("frame-ancestors 'self'");
    text.push_str(&others);
    text.push_str("; report-uri ");
    text.push_str(REPORTS);
    text
}

/// The directive by which a browser stopped something. A report has whole addresses in it, and a page
/// may have made any part of one from what it shows, the host too; so nothing else of it is kept.
#[must_use]
pub fn blocked(report: &[u8]) -> Option<&'static str> {
    // A report may have both names of the directive; the first that is known counts.
    let value: serde_json::Value = serde_json::from_slice(report).ok()?;
    let inner = value.get("csp-report")?;
    let text = |name: &str| inner.get(name).and_then(serde_json::Value::as_str);
    let named = text("effective-directive").or(text("violated-directive"))?;
    let named = named.split(' ').next().unwrap_or_default();
    // `script-src-elem` and `style-src-attr` are parts of theirs.
    let plain = named.trim_end_matches("-elem").trim_end_matches("-attr");
    let mut known = directives().chain(["frame-ancestors"]);
    known.find(|known| *known == plain)
}

#[cfg(test)]
mod tests {
    use super::blocked;

    #[test]
    fn a_report_tells_the_directive_and_nothing_of_the_address() {
        let told = |directive: &str| {
            let report = serde_json::json!({ "csp-report": {
                "document-uri": "https://crm.example.eu/contacts?q=kanarie",
                "effective-directive": directive,
                "blocked-uri": "https://kanarie.example/kanarie?x#y",
            }});
            blocked(report.to_string().as_bytes())
        };
        for (directive, expected) in [
            ("img-src", Some("img-src")),
            ("script-src-elem", Some("script-src")),
            ("style-src-attr", Some("style-src")),
            ("frame-ancestors 'self'", Some("frame-ancestors")),
            ("kanarie", None),
            ("", None),
        ] {
            assert_eq!(told(directive), expected, "{directive}");
        }
        assert_eq!(blocked(b"{}"), None);
        assert_eq!(blocked(b"kanarie"), None);
    }
}
