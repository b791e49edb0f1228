//! Strings: finding their end, and taking their escapes apart.

use std::borrow::Cow;
use std::ops::Range;

use crate::wire::Error;

/// A string or a key as it stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// Where it stands, with its quotes.
    pub span: Range<usize>,
    /// The source between the quotes.
    pub raw: &'a str,
    /// Whether `raw` has escapes.
    pub escaped: bool,
}

impl<'a> Text<'a> {
    /// The text that is meant: without quotes and escapes.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        unescape(self.raw, self.escaped)
    }
}

/// Takes the escapes out of text that [`string_end`] accepted.
#[inline]
pub(crate) fn unescape(raw: &str, escaped: bool) -> Cow<'_, str> {
    if escaped {
        Cow::Owned(without_escapes(raw))
    } else {
        Cow::Borrowed(raw)
    }
}

fn without_escapes(raw: &str) -> String {
    let bytes = raw.as_bytes();
    let mut text = String::with_capacity(raw.len());
    let mut from = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[from..]) {
        let at = from + found;
        text.push_str(&raw[from..at]);
        // The scanner has accepted every escape, so the second arm is never taken for its text.
        let (meant, next) = escape(bytes, at).unwrap_or((char::REPLACEMENT_CHARACTER, at + 1));
        text.push(meant);
        from = next;
    }
    text.push_str(&raw[from..]);
    text
}

/// Finds the closing quote of the string whose opening quote stands at `open`, and tells whether
/// the string has escapes. Each escape is checked.
#[inline(always)]
pub(crate) fn string_end(bytes: &[u8], open: usize) -> Result<(usize, bool), Error> {
    let at = plain_end(bytes, open + 1);
    if bytes.get(at) == Some(&b'"') {
        return Ok((at, false));
    }
    escaped_string_end(bytes, at)
}

/// The rest of [`string_end`] from the first byte that is neither plain text nor the end.
#[cold]
fn escaped_string_end(bytes: &[u8], from: usize) -> Result<(usize, bool), Error> {
    let mut at = from;
    loop {
        let what = match bytes.get(at) {
            Some(b'"') => return Ok((at, true)),
            Some(b'\\') => {
                let (_, next) = escape(bytes, at)?;
                at = plain_end(bytes, next);
                continue;
            }
            Some(_) => "a control character in a string",
            None => "a string does not end",
        };
        return Err(Error::Malformed { at, what });
    }
}

/// The offset of the first byte from `from` on that is a quote, a backslash or a control
/// character, or the end of the input.
#[inline(always)]
fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((chunk, others)) = rest.split_first_chunk() {
        let found = marks(u64::from_le_bytes(*chunk));
        if found != 0 {
            return bytes.len() - rest.len() + (found.trailing_zeros() / 8) as usize;
        }
        rest = others;
    }
    while let [byte, others @ ..] = rest
        && is_plain(*byte)
    {
        rest = others;
    }
    bytes.len() - rest.len()
}

fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// Sets the high bit of bytes that are not plain text. Only the lowest set bit is exact: a borrow
/// can mark bytes above it.
///
/// `^ 2` moves the quote (0x22) next to the control characters (below 0x20), so that one
/// subtraction finds both; the space goes to 0x22 and is not found.
#[inline(always)]
pub(crate) const fn marks(word: u64) -> u64 {
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGHS
}

/// Sets the high bit of bytes that equal `byte`; the lowest set bit is exact.
#[inline]
pub(crate) const fn equal(word: u64, byte: u8) -> u64 {
    let same = word ^ (ONES * byte as u64);
    same.wrapping_sub(ONES) & !same & HIGHS
}

/// The character that the escape at `at` means, and where the text goes on.
fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), Error> {
    let meant = match bytes.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(bytes, at),
        _ => {
            return Err(Error::Malformed {
                at,
                what: "an unknown escape",
            });
        }
    };
    Ok((meant, at + 2))
}

/// As [`escape`], for `\uXXXX` and for a pair of them (RFC 8259, section 7).
fn unicode_escape(bytes: &[u8], at: usize) -> Result<(char, usize), Error> {
    let wrong = |what| Error::Malformed { at, what };
    let unit = four_hex(bytes, at + 2).ok_or(wrong("an escape without four hex digits"))?;
    let (code, next) = match unit {
        0 => return Err(wrong("NUL in a string")),
        0xd800..=0xdbff => {
            let low = match bytes.get(at + 6..at + 8) {
                Some(b"\\u") => four_hex(bytes, at + 8),
                _ => None,
            };
            let low = low.filter(|unit| (0xdc00..=0xdfff).contains(unit));
            let low = low.ok_or(wrong("a lone surrogate"))?;
            (0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00), at + 12)
        }
        _ => (unit, at + 6),
    };
    // What is left to refuse is a low surrogate that no high one precedes.
    let meant = char::from_u32(code).ok_or(wrong("a lone surrogate"))?;
    Ok((meant, next))
}

fn four_hex(bytes: &[u8], at: usize) -> Option<u32> {
    let digits: &[u8; 4] = bytes.get(at..)?.first_chunk()?;
    digits.iter().try_fold(0, |sum, digit| {
        Some(sum << 4 | char::from(*digit).to_digit(16)?)
    })
}
