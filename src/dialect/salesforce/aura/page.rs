//! `aura.pageURI`: where the browser is. The CRM needs it for nothing but its logs, and the query of
//! an address holds what people typed, so only the known beginning of its path leaves.

use super::{is_id, is_words, malformed};
use crate::model::Refusal;

/// The longest address; what stands behind the path does not leave.
const LONGEST: usize = 8_192;

/// Segments of the pages' own: what is known of addresses of Lightning and of sites. Words of code
/// are not, because names of people are among them, and sites write what is searched into the path.
const SEGMENTS: &[&str] = &[
    "r",
    "o",
    "n",
    "s",
    "lightning",
    "page",
    "home",
    "record",
    "view",
    "edit",
    "list",
    "new",
    "related",
    "one",
    "app",
    "cmp",
    "setup",
    "report",
    "dashboard",
    "detail",
    "object",
];

/// The path as far as each segment is one of the pages' own or a record id.
///
/// # Errors
/// What is no address of this host.
pub(super) fn page(text: &str) -> Result<String, Refusal> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.len() > LONGEST || !printable || !text.starts_with('/') || text.starts_with("//") {
        return Err(malformed(
            "aura.pageURI must be an address of this host, without its name",
        ));
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let known = |(before, segment): &(&str, &str)| {
        SEGMENTS.contains(&segment.to_ascii_lowercase().as_str())
            || is_id(segment, |_| false)
            // What kind of record is shown.
            || matches!(*before, "r" | "o") && is_words(segment)
    };
    let pairs = path.split('/').zip(path.split('/').skip(1));
    let segments: Vec<&str> = pairs
        .take_while(known)
        .map(|(_, segment)| segment)
        .collect();
    Ok(format!("/{}", segments.join("/")))
}
