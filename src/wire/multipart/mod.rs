//! Forms with files: `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), strict.
//!
//! No two parsers agree about what is not canonical here: preambles, padded delimiters, bare line
//! feeds, escapes in names, headers that come twice. All of that is refused. Towards the CRM a body
//! is generated anew from its parts, with a boundary of ours, so that no delimiter and no header of
//! a client goes on.
//!
//! Read first: [`parse`], [`Part`], [`write()`]; [`Reader`] for bodies that are read as they come.

mod header;
mod stream;
mod write;

#[cfg(test)]
mod tests;

use std::ops::Range;

use memchr::memmem;

use crate::wire::Error;

pub use stream::{Event, Head, Reader};
pub use write::{Body, Item, write};

/// What a body may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of the whole body.
    pub bytes: usize,
    /// The most parts.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            parts: 1000,
        }
    }
}

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The form field's name.
    pub name: String,
    /// A file's name; empty where a browser had no file to send.
    pub filename: Option<String>,
    /// The media type as it was given.
    pub content_type: Option<String>,
    /// Where the content stands in the body.
    pub content: Range<usize>,
}

impl Part {
    /// The content of a field that is no file.
    ///
    /// # Errors
    /// What is not UTF-8, and NUL.
    pub fn text<'b>(&self, body: &'b [u8]) -> Result<&'b str, Error> {
        let content = body.get(self.content.clone()).unwrap_or_default();
        let start = self.content.start;
        let text = std::str::from_utf8(content).map_err(|error| Error::NotUtf8 {
            at: start + error.valid_up_to(),
        })?;
        match memchr::memchr(0, content) {
            Some(found) => Err(Error::Malformed {
                at: start + found,
                what: "NUL",
            }),
            None => Ok(text),
        }
    }
}

/// The boundary that a request's `Content-Type` gives.
///
/// # Errors
/// Another media type, parameters beside the boundary, and a boundary that RFC 2046 does not allow.
pub fn boundary(content_type: &str) -> Result<String, Error> {
    header::boundary(content_type)
}

/// Reads the parts of a body in order; names may come twice.
///
/// # Errors
/// What is not canonical; see the module.
pub fn parse(boundary: &str, body: &[u8], limits: &Limits) -> Result<Vec<Part>, Error> {
    header::check_boundary(boundary)?;
    if body.len() > limits.bytes {
        let limit = limits.bytes;
        let what = "bytes";
        return Err(Error::TooLarge { what, limit });
    }
    let dashes = format!("--{boundary}");
    let mut delimiters = memmem::find_iter(body, dashes.as_bytes());
    if delimiters.next() != Some(0) {
        return Err(malformed(0, "the body does not begin with its boundary"));
    }
    let mut parts = Vec::new();
    let mut at = dashes.len();
    loop {
        if body.get(at..at + 2) == Some(b"--") {
            return end(body, at + 2).map(|()| parts);
        }
        if body.get(at..at + 2) != Some(b"\r\n") {
            return Err(malformed(at, "a boundary that goes on or does not end"));
        }
        if parts.len() >= limits.parts {
            let limit = limits.parts;
            let what = "parts";
            return Err(Error::TooLarge { what, limit });
        }
        let headers = at + 2;
        let next = next_delimiter(body, headers, &mut delimiters)?;
        parts.push(part(body, headers..next - 2)?);
        at = next + dashes.len();
    }
}

/// Where the next delimiter's dashes stand. The boundary inside a line is content; behind a bare
/// CR or LF it is a delimiter to some parsers and content to others.
fn next_delimiter(
    body: &[u8],
    from: usize,
    delimiters: &mut impl Iterator<Item = usize>,
) -> Result<usize, Error> {
    for at in delimiters {
        let before = body.get(from..at).unwrap_or_default();
        if before.ends_with(b"\r\n") {
            return Ok(at);
        }
        if before.is_empty() || matches!(before.last(), Some(b'\r' | b'\n')) {
            return Err(malformed(at, "a boundary behind a broken line"));
        }
    }
    Err(malformed(body.len(), "the last boundary is missing"))
}

/// After the last boundary there is nothing, or one line end.
fn end(body: &[u8], at: usize) -> Result<(), Error> {
    match body.get(at..) {
        Some(b"" | b"\r\n") => Ok(()),
        _ => Err(malformed(at, "data behind the last boundary")),
    }
}

fn part(body: &[u8], range: Range<usize>) -> Result<Part, Error> {
    let source = body.get(range.clone()).unwrap_or_default();
    // A header block is short: what is longer is refused before it is sought through.
    let head = source.get(..HEADERS + 4).unwrap_or(source);
    let Some(length) = memmem::find(head, b"\r\n\r\n") else {
        return Err(match head.len() == source.len() {
            true => malformed(range.start, "a part without headers and an empty line"),
            false => Error::TooLarge {
                what: "bytes of a part's headers",
                limit: HEADERS,
            },
        });
    };
    let content = range.start + length + 4..range.end;
    let found = header::read(head.get(..length).unwrap_or_default(), range.start)?;
    if found.length.is_some_and(|length| length != content.len()) {
        return Err(malformed(range.start, "a length that is not the part's"));
    }
    let part = Part {
        name: found.name,
        filename: found.filename,
        content_type: found.content_type,
        content,
    };
    check_charset(&part, body)?;
    Ok(part)
}

/// A `_charset_` field (RFC 7578, section 4.6) says how all others are to be read.
fn check_charset(part: &Part, body: &[u8]) -> Result<(), Error> {
    if part.name == "_charset_" && !part.text(body)?.eq_ignore_ascii_case("utf-8") {
        let what = "a character set other than UTF-8";
        return Err(malformed(part.content.start, what));
    }
    Ok(())
}

/// The most bytes of one part's headers. A file name has at most 255 bytes on any file system.
const HEADERS: usize = 4096;

fn malformed(at: usize, what: &'static str) -> Error {
    Error::Malformed { at, what }
}
