//! Text: what stands for a character, and how a character is written.

use std::borrow::Cow;

use crate::wire::Error;

/// A text that XML 1.0 cannot hold: it has a control character, or a code point that is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the text has a character that XML cannot hold")]
pub struct Unfit;

/// Whether XML 1.0 can hold a character (section 2.2).
#[must_use]
pub fn fits(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Appends a text as it stands between tags or between quotes: both kinds of quotes are escaped,
/// and white space that a parser would normalize.
///
/// # Errors
/// [`Unfit`]; nothing is appended then.
pub fn encode_into(out: &mut Vec<u8>, text: &str) -> Result<(), Unfit> {
    if !text.chars().all(fits) {
        return Err(Unfit);
    }
    out.reserve(text.len());
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&apos;",
            b'\r' => b"&#13;",
            _ => continue,
        };
        out.extend_from_slice(text.as_bytes().get(from..at).unwrap_or_default());
        out.extend_from_slice(escaped);
        from = at + 1;
    }
    out.extend_from_slice(text.as_bytes().get(from..).unwrap_or_default());
    Ok(())
}

/// The text that a range of source stands for: references and CDATA sections resolved, line ends
/// as line feeds (section 2.11). `at` is where it stands, for the error.
///
/// # Errors
/// A reference to anything but the five entities of XML and characters that it can hold.
pub fn decode(raw: &str, at: usize) -> Result<Cow<'_, str>, Error> {
    if memchr::memchr3(b'&', b'<', b'\r', raw.as_bytes()).is_none() {
        return Ok(Cow::Borrowed(raw));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(found) = memchr::memchr3(b'&', b'<', b'\r', rest.as_bytes()) {
        let here = at + (raw.len() - rest.len()) + found;
        let (before, special) = rest.split_at(found);
        text.push_str(before);
        rest = if let Some(after) = special.strip_prefix('\r') {
            text.push('\n');
            after.strip_prefix('\n').unwrap_or(after)
        } else if let Some(after) = special.strip_prefix("<![CDATA[") {
            let (inside, after) = after.split_once("]]>").ok_or(malformed(here))?;
            push_lines(&mut text, inside);
            after
        } else {
            let (name, after) = special
                .strip_prefix('&')
                .and_then(|special| special.split_once(';'))
                .ok_or(malformed(here))?;
            text.push(character(name).ok_or(malformed(here))?);
            after
        };
    }
    text.push_str(rest);
    Ok(Cow::Owned(text))
}

fn push_lines(text: &mut String, raw: &str) {
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('\r') {
        text.push_str(before);
        text.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    text.push_str(rest);
}

/// What `&name;` stands for. No number of digits makes another character than those that are read.
fn character(name: &str) -> Option<char> {
    let found = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            let digit = |byte: u8| char::from(byte).is_digit(radix);
            if digits.len() > 8 || !digits.bytes().all(digit) {
                return None;
            }
            char::from_u32(u32::from_str_radix(digits, radix).ok()?)?
        }
    };
    fits(found).then_some(found)
}

fn malformed(at: usize) -> Error {
    Error::Malformed {
        at,
        what: "a reference to no character of XML",
    }
}
