//! Writing strings.

use crate::wire::json::text::{equal, marks};

/// Appends `text` as a JSON string with its quotes.
///
/// Escaped are the quote, the backslash, control characters, and U+2028 and U+2029, which end a
/// line of JavaScript where an answer is pasted into a page; nothing else.
pub fn encode_into(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    encode_fragment_into(out, text);
    out.push(b'"');
}

/// As [`encode_into`] without the quotes, for replacing a part of a string.
#[inline]
pub fn encode_fragment_into(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let first = suspect(bytes, 0);
    if first == bytes.len() {
        return out.extend_from_slice(bytes);
    }
    escaped_into(out, bytes, first);
}

/// Appends text whose first byte that may have to be escaped stands at `first`.
fn escaped_into(out: &mut Vec<u8>, bytes: &[u8], first: usize) {
    let mut from = 0;
    let mut at = first;
    while let Some(byte) = bytes.get(at) {
        let length = if *byte == 0xe2 {
            match bytes.get(at + 1..at + 3) {
                Some([0x80, 0xa8 | 0xa9]) => 3,
                _ => {
                    at = suspect(bytes, at + 1);
                    continue;
                }
            }
        } else {
            1
        };
        out.extend_from_slice(&bytes[from..at]);
        escape_into(out, &bytes[at..at + length]);
        from = at + length;
        at = suspect(bytes, from);
    }
    out.extend_from_slice(&bytes[from..]);
}

/// The offset of the first byte from `from` on that is to be escaped, or that begins what may be
/// U+2028 or U+2029 (E2 80 A8, E2 80 A9); or the end.
#[inline]
fn suspect(bytes: &[u8], from: usize) -> usize {
    let mut rest = bytes.get(from..).unwrap_or_default();
    while let Some((chunk, others)) = rest.split_first_chunk() {
        if let Some(found) = suspect_of(*chunk) {
            return bytes.len() - rest.len() + found;
        }
        rest = others;
    }
    // The last chunk overlaps what is known to be clean, and so spares a loop over single bytes.
    match bytes.get(from..).and_then(<[u8]>::last_chunk) {
        Some(chunk) => suspect_of(*chunk).map_or(bytes.len(), |found| bytes.len() - 8 + found),
        None => {
            let mut chunk = [b' '; 8];
            for (to, byte) in chunk.iter_mut().zip(rest) {
                *to = *byte;
            }
            suspect_of(chunk).map_or(bytes.len(), |found| bytes.len() - rest.len() + found)
        }
    }
}

#[inline]
fn suspect_of(chunk: [u8; 8]) -> Option<usize> {
    let word = u64::from_le_bytes(chunk);
    let found = marks(word) | equal(word, 0xe2);
    (found != 0).then(|| (found.trailing_zeros() / 8) as usize)
}

/// U+2028 and U+2029.
pub(crate) const LINE_ENDS: [&[u8]; 2] = ["\u{2028}".as_bytes(), "\u{2029}".as_bytes()];

/// Appends the escape of one character.
fn escape_into(out: &mut Vec<u8>, character: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match character {
        b"\"" => b'"',
        b"\\" => b'\\',
        b"\x08" => b'b',
        b"\x0c" => b'f',
        b"\n" => b'n',
        b"\r" => b'r',
        b"\t" => b't',
        [control] => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(control >> 4)]);
            out.push(HEX[usize::from(control & 15)]);
            return;
        }
        [.., 0xa8] => return out.extend_from_slice(b"\\u2028"),
        _ => return out.extend_from_slice(b"\\u2029"),
    };
    out.extend_from_slice(&[b'\\', short]);
}
