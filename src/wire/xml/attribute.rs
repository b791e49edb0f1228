//! The inside of a start tag: its name and its attributes.

use std::ops::Range;

use crate::wire::Error;

/// A name in the source: where its prefix ends, where it ends. A name without a prefix has both at
/// its beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawName {
    pub start: usize,
    pub local: usize,
    pub end: usize,
}

/// An attribute as it stands in the source.
#[derive(Clone, Debug)]
pub(super) struct RawAttribute {
    pub name: RawName,
    /// The value between its quotes.
    pub value: Range<usize>,
}

/// Reads a name at `at`. Names of SOAP and of the CRM's fields are ASCII; no other is a name here.
pub(super) fn name(source: &str, at: usize) -> Result<RawName, Error> {
    let rest = source.as_bytes().get(at..).unwrap_or_default();
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
    let length = rest.iter().position(|byte| !is_part(byte));
    let length = length.unwrap_or(rest.len());
    let text = source.get(at..at + length).unwrap_or_default();
    let begins = |part: &str| {
        let first = part.bytes().next();
        first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    };
    let parts: Vec<&str> = text.split(':').collect();
    let local = match parts.as_slice() {
        [local] if begins(local) => at,
        [prefix, local] if begins(prefix) && begins(local) => at + prefix.len() + 1,
        _ => return Err(wrong(at, "a name that is none")),
    };
    Ok(RawName {
        start: at,
        local,
        end: at + length,
    })
}

/// Reads what stands between `from` and `to`, behind a start tag's name: attributes, each behind
/// white space.
pub(super) fn attributes(
    source: &str,
    (from, to): (usize, usize),
    most: usize,
) -> Result<Vec<RawAttribute>, Error> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = from;
    loop {
        let start = space_end(bytes, at, to);
        if start >= to {
            return Ok(found);
        }
        if start == at {
            return Err(wrong(at, "no space before an attribute"));
        }
        if found.len() >= most {
            return Err(Error::TooLarge {
                what: "attributes of one element",
                limit: most,
            });
        }
        let name = name(source, start)?;
        let equals = space_end(bytes, name.end, to);
        let quote = space_end(bytes, equals + 1, to);
        let (Some(b'='), Some(mark @ (b'"' | b'\''))) = (bytes.get(equals), bytes.get(quote))
        else {
            return Err(wrong(name.end, "an attribute without a value in quotes"));
        };
        let inside = bytes.get(quote + 1..to).unwrap_or_default();
        let length = memchr::memchr(*mark, inside)
            .ok_or(wrong(quote, "an attribute whose value does not end"))?;
        let value = quote + 1..quote + 1 + length;
        if memchr::memchr(b'<', inside.get(..length).unwrap_or_default()).is_some() {
            return Err(wrong(quote, "a tag inside an attribute"));
        }
        at = value.end + 1;
        found.push(RawAttribute { name, value });
    }
}

/// The offset of the first byte from `from` on that is not white space, `to` at most.
fn space_end(bytes: &[u8], from: usize, to: usize) -> usize {
    let rest = bytes.get(from..to).unwrap_or_default();
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let length = rest.iter().position(|byte| !is_space(byte));
    from + length.unwrap_or(rest.len())
}

fn wrong(at: usize, what: &'static str) -> Error {
    Error::Malformed { at, what }
}
