//! The flat XML in which the Bulk API 1.0 says what a job is, and its errors.
//!
//! A job is a root with children that have text and nothing else. So there is no reader of XML here:
//! what is more than that, entities and markup of any other kind, is refused.

use super::NAMESPACE;
use crate::model::{Code, Refusal};

/// The children of a root of this name, each with its text.
///
/// # Errors
/// [`Code::BodyMalformed`].
pub(super) fn flat<'t>(text: &'t str, root: &str) -> Result<Vec<(&'t str, &'t str)>, Refusal> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let text = match text.strip_prefix("<?xml") {
        Some(rest) => {
            let (declaration, rest) = rest.split_once("?>").ok_or_else(malformed)?;
            let plain = |c: char| c.is_ascii_alphanumeric() || " \"'=.-".contains(c);
            let declared = declaration.to_ascii_lowercase();
            let coded = declared.contains("encoding") && !declared.contains("utf-8");
            if coded || !declaration.chars().all(plain) {
                return Err(malformed());
            }
            rest.trim_start()
        }
        None => text,
    };
    let rest = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_prefix(root));
    let (head, mut rest) = rest
        .and_then(|rest| rest.split_once('>'))
        .ok_or_else(malformed)?;
    let space = head.trim().strip_prefix("xmlns=").ok_or_else(malformed)?;
    if space.trim_matches(['"', '\'']) != NAMESPACE || space.len() != NAMESPACE.len() + 2 {
        return Err(malformed());
    }
    let end = format!("</{root}>");
    let mut found: Vec<(&str, &str)> = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest == end {
            return Ok(found);
        }
        let (name, after) = rest
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .ok_or_else(malformed)?;
        let (name, value, after) = match name.strip_suffix('/') {
            Some(name) => (name.trim_end(), "", after),
            None => {
                let (value, after) = after.split_once("</").ok_or_else(malformed)?;
                let after = after
                    .strip_prefix(name)
                    .and_then(|rest| rest.strip_prefix('>'));
                (name, value, after.ok_or_else(malformed)?)
            }
        };
        let word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !word || value.contains(['<', '&']) || found.iter().any(|(known, _)| *known == name) {
            return Err(malformed());
        }
        found.push((name, value.trim()));
        rest = after;
    }
}

/// A root with children that have text of ours.
pub(super) fn write(root: &str, members: &[(&str, String)]) -> String {
    let mut out =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root} xmlns=\"{NAMESPACE}\">");
    for (name, value) in members {
        out.push_str(&format!("<{name}>{}</{name}>", escaped(value)));
    }
    out.push_str(&format!("</{root}>"));
    out
}

pub(super) fn error(code: &str, text: &str) -> String {
    let members = [
        ("exceptionCode", code.to_owned()),
        ("exceptionMessage", text.to_owned()),
    ];
    write("error", &members)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn malformed() -> Refusal {
    Refusal::new(
        Code::BodyMalformed,
        "the XML must be one element in the namespace of the Bulk API, with children that have text only",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_real_clients_send_is_read_and_all_else_refused() {
        let space = format!("xmlns=\"{NAMESPACE}\"");
        let sent = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<jobInfo  {space}>\n  <operation>insert</operation>\n  \n\
             <object>Contact</object>\n <externalIdFieldName/></jobInfo>\n"
        );
        let expected = [
            ("operation", "insert"),
            ("object", "Contact"),
            ("externalIdFieldName", ""),
        ];
        assert_eq!(flat(&sent, "jobInfo").unwrap(), expected);
        let written = write("jobInfo", &[("state", "a<b&c".to_owned())]);
        assert!(written.ends_with("<state>a&lt;b&amp;c</state></jobInfo>"));
        for inside in [
            "<a>&x;</a>",
            "<a b=\"c\">d</a>",
            "<a><b>c</b></a>",
            "<!-- x -->",
            "<![CDATA[x]]>",
            "<a>1</a><a>2</a>",
            "<a>1</b>",
            "x",
            "<p:a>1</p:a>",
        ] {
            let text = format!("<jobInfo {space}>{inside}</jobInfo>");
            assert!(flat(&text, "jobInfo").is_err(), "{inside}");
        }
        for text in [
            format!("<!DOCTYPE x><jobInfo {space}></jobInfo>"),
            "<jobInfo></jobInfo>".to_owned(),
            "<jobInfo xmlns=\"other\"></jobInfo>".to_owned(),
            format!("<jobInfo {space}></jobInfo><x/>"),
            format!("<other {space}></other>"),
            format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?><jobInfo {space}></jobInfo>"),
        ] {
            assert!(flat(&text, "jobInfo").is_err(), "{text}");
        }
    }
}
