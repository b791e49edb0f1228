//! Addresses: which part of one a mark stands in (WHATWG URL, section 4.4).

use super::mark::Mark;
use super::{Part, Unsafe};

/// What an address begins with.
enum Shape {
    /// Host and scheme are fixed up to here; path, query and fragment follow.
    Path(usize),
    /// No scheme and no host: all of it is path, query and fragment.
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
        Shape::Path(from) if mark.range.start >= from => Ok(Part::Component),
        Shape::Relative(from)
            if from == mark.range.start && url.trim_end().len() == mark.range.end =>
        {
            Ok(Part::Whole)
        }
        Shape::Relative(from) if mark.range.start >= from => Ok(Part::Component),
        Shape::Opaque(_) if mark.range.start > query => Ok(Part::Component),
        Shape::Opaque(from) if mark.range.start >= from => Ok(Part::Opaque),
        Shape::Path(_) | Shape::Relative(_) | Shape::Opaque(_) | Shape::Never => {
            Err(Unsafe::Address)
        }
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

fn shape(url: &str, found: &[Mark]) -> Shape {
    // A browser drops tabs and line ends from within an address, and control characters around it.
    if url.contains(|c: char| c.is_ascii_control()) {
        return Shape::Never;
    }
    let start = url.len() - url.trim_start_matches(' ').len();
    let rest = url.get(start..).unwrap_or_default();
    let marked = |end: usize| found.first().is_some_and(|mark| mark.range.start < end);
    if let Some(host) = two_slashes(rest) {
        return authority(url, start + host);
    }
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
        "http" | "https" => match two_slashes(url.get(after..).unwrap_or_default()) {
            Some(host) => authority(url, after + host),
            None => Shape::Never,
        },
        "mailto" | "tel" | "sms" | "callto" | "sip" => Shape::Opaque(after),
        _ => Shape::Never,
    }
}

/// A backslash is a slash here.
fn two_slashes(text: &str) -> Option<usize> {
    let slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    (text.bytes().take(2).filter(slash).count() == 2).then_some(2)
}

/// A third slash would be skipped, and what follows be the host.
fn authority(url: &str, from: usize) -> Shape {
    let rest = url.get(from..).unwrap_or_default();
    match rest.find(['/', '\\', '?', '#']) {
        Some(0) | None => Shape::Never,
        Some(end) => Shape::Path(from + end),
    }
}
