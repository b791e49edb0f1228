//! Addresses: which part of one a mark stands in (WHATWG URL, section 4.4).
//!
//! Browsers load many of them without being asked. A value in a path or a query would go to the CRM,
//! or to whoever else has that host: there a mark stays. Values may be addresses themselves, and
//! stand in those of mail and telephones.

use super::mark::Mark;
use super::{Part, Unsafe};

/// What an address begins with.
enum Shape {
    /// No scheme and no host.
    Relative(usize),
    /// `mailto:` or the like, up to here.
    Opaque(usize),
    Never,
}

/// The part that each mark stands in.
pub(super) fn parts(url: &str, found: &[Mark]) -> Vec<Result<Part, Unsafe>> {
    let shape = shape(url, found);
    let query = url.find('?').unwrap_or(url.len());
    let part = |mark: &Mark| match shape {
        Shape::Relative(from)
            if from == mark.range.start && url.trim_end().len() == mark.range.end =>
        {
            Ok(Part::Whole)
        }
        Shape::Opaque(_) if mark.range.start > query => Ok(Part::Component),
        Shape::Opaque(from) if mark.range.start >= from => Ok(Part::Opaque),
        Shape::Relative(_) | Shape::Opaque(_) | Shape::Never => Err(Unsafe::Address),
    };
    found.iter().map(part).collect()
}

/// Whether a text is an address by its look: no space before the first mark's end can be told from
/// text, so spaces anywhere make it text.
pub(super) fn looks_like(text: &str) -> bool {
    let starts = [
        "/",
        "./",
        "../",
        "?",
        "http:",
        "https:",
        "mailto:",
        "tel:",
        "javascript:",
        "vbscript:",
        "data:",
    ];
    let text = text.trim_matches(' ');
    let start = |start: &&str| {
        let head = text.as_bytes().get(..start.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
    };
    starts.iter().any(start) && !text.contains(' ')
}

/// Schemes whose addresses no CRM is asked for.
const OPAQUE: [&str; 5] = ["mailto", "tel", "sms", "callto", "sip"];

/// Whether it is an address of mail or a telephone.
pub(super) fn is_opaque(text: &str) -> bool {
    let scheme = text.trim_start().split(':').next().unwrap_or_default();
    OPAQUE
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme))
}

fn shape(url: &str, found: &[Mark]) -> Shape {
    // A browser drops tabs and line ends from within an address, and control characters around it.
    if url.contains(|c: char| c.is_ascii_control()) {
        return Shape::Never;
    }
    let start = url.len() - url.trim_start_matches(' ').len();
    let rest = url.get(start..).unwrap_or_default();
    let marked = |end: usize| found.first().is_some_and(|mark| mark.range.start < end);
    let Some(end) = rest.find([':', '/', '\\', '?', '#']) else {
        return Shape::Relative(start);
    };
    if !rest.get(end..).unwrap_or_default().starts_with(':') {
        return Shape::Relative(start);
    }
    let after = start + end + 1;
    if marked(after) {
        return Shape::Never;
    }
    let scheme = rest.get(..end).unwrap_or_default().to_ascii_lowercase();
    match scheme.as_str() {
        scheme if OPAQUE.contains(&scheme) => Shape::Opaque(after),
        _ => Shape::Never,
    }
}
