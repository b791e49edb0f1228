//! The Content-Security-Policy of HTML answers: no request of the browser leaves our host.
//!
//! Pages of CRMs are full of inline script, so that is allowed; where a page may load from and send
//! to is what counts here. A page that makes the browser ask an avatar service for a person by name
//! is stopped by it, and the browser tells us.

use std::collections::BTreeMap;

use crate::wire::hosts::Origin;

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

/// What a browser stopped: the directive, and the origin that it would have gone to or the word for
/// what has none. A report has whole addresses in it, with names in their paths; nothing else of it
/// is kept.
#[must_use]
pub fn blocked(report: &[u8]) -> Option<(&'static str, String)> {
    // A report may have both names of the directive; the first that is known counts.
    let value: serde_json::Value = serde_json::from_slice(report).ok()?;
    let inner = value.get("csp-report")?;
    let text = |name: &str| inner.get(name).and_then(serde_json::Value::as_str);
    let named = text("effective-directive").or(text("violated-directive"))?;
    let named = named.split(' ').next().unwrap_or_default();
    // `script-src-elem` and `style-src-attr` are parts of theirs.
    let plain = named.trim_end_matches("-elem").trim_end_matches("-attr");
    let known = directives().chain(["frame-ancestors"]);
    let directive = known.into_iter().find(|known| *known == plain)?;
    let target = text("blocked-uri").unwrap_or_default();
    let words = ["inline", "eval", "wasm-eval", "data", "blob", "self"];
    if let Some(word) = words.iter().find(|word| **word == target) {
        return Some((directive, (*word).to_owned()));
    }
    let start = target.find("://")? + 3;
    let end = target.get(start..)?.find(['/', '?', '#']);
    let origin = target.get(..end.map_or(target.len(), |end| start + end))?;
    let web = origin.replacen("wss://", "https://", 1);
    Some((directive, Origin::parse(&web).ok()?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::blocked;

    #[test]
    fn a_report_tells_directive_and_origin_and_no_path() {
        let told = |directive: &str, uri: &str| {
            let report = serde_json::json!({ "csp-report": {
                "document-uri": "https://crm.example.eu/contacts?q=kanarie",
                "effective-directive": directive,
                "blocked-uri": uri,
            }});
            blocked(report.to_string().as_bytes())
        };
        for (directive, uri, expected) in [
            (
                "img-src",
                "https://avatar.example/kanarie?x#y",
                Some(("img-src", "https://avatar.example")),
            ),
            (
                "script-src-elem",
                "https://cdn.example:8443",
                Some(("script-src", "https://cdn.example:8443")),
            ),
            (
                "connect-src",
                "wss://live.example/a",
                Some(("connect-src", "https://live.example")),
            ),
            ("script-src", "inline", Some(("script-src", "inline"))),
            ("img-src", "kanarie", None),
            ("kanarie", "https://a.example", None),
            ("img-src", "https://a b.example/", None),
        ] {
            let expected = expected.map(|(name, origin)| (name, origin.to_owned()));
            assert_eq!(told(directive, uri), expected, "{directive} {uri}");
        }
        assert_eq!(blocked(b"{}"), None);
        assert_eq!(blocked(b"kanarie"), None);
    }
}
