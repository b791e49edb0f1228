//! The flat XML in which the Bulk API 1.0 says what a job is, and its errors: a root with children
//! that have text and nothing else.

use super::NAMESPACE;
use crate::model::{Code, Refusal};
use crate::wire::xml::{Document, Limits, Writer};

/// What a job says is short.
const LIMITS: Limits = Limits {
    bytes: 64 << 10,
    depth: 4,
    nodes: 64,
    attributes: 4,
    namespaces: 4,
};

/// The children of a root of this name, each with its text.
///
/// # Errors
/// [`Code::BodyMalformed`].
pub(super) fn flat(text: &str, root: &str) -> Result<Vec<(String, String)>, Refusal> {
    let document = Document::parse(text.as_bytes(), &LIMITS).map_err(|_| malformed())?;
    let top = document.root();
    let plain = |node| document.attributes(node).next().is_none();
    let name = document.name(top);
    let is_root = name.namespace == NAMESPACE && name.local == root && plain(top);
    if !is_root
        || document
            .text(top)
            .is_some_and(|text| !text.trim().is_empty())
    {
        return Err(malformed());
    }
    let mut found: Vec<(String, String)> = Vec::new();
    for node in document.children(top) {
        let name = document.name(node);
        let text = document.text(node).filter(|_| plain(node));
        let text = text.filter(|_| name.namespace == NAMESPACE);
        let text = text.ok_or_else(malformed)?;
        if found.iter().any(|(known, _)| known == name.local) {
            return Err(malformed());
        }
        found.push((name.local.to_owned(), text.trim().to_owned()));
    }
    Ok(found)
}

/// A root with children that have text of ours.
pub(super) fn write(root: &str, members: &[(&str, String)]) -> String {
    let mut out = Writer::new();
    let written = out.open(root, &[("xmlns", NAMESPACE)]).and_then(|()| {
        let mut members = members.iter();
        members.try_for_each(|(name, text)| out.text(name, text))
    });
    // Names and words of the interface and ours have no character that XML cannot hold.
    debug_assert!(written.is_ok());
    String::from_utf8_lossy(&out.finish()).into_owned()
}

pub(super) fn error(code: &str, text: &str) -> String {
    let members = [
        ("exceptionCode", code.to_owned()),
        ("exceptionMessage", text.to_owned()),
    ];
    write("error", &members)
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
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
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
