//! Percent escapes in parts of a URL (RFC 3986, section 2.1).
//!
//! A part is split off before it is decoded: what [`decode`] returns may hold `/`, `?` or `&`,
//! and may be `.` or `..`. Whoever builds a path of it encodes it again and refuses dot segments.

use percent_encoding::percent_encode_byte;

use crate::wire::Error;
use crate::wire::ascii::Set;

/// Decodes a path segment. Refused are broken escapes, what is not UTF-8, control characters
/// (NUL, DEL and U+0080 to U+009F included), and what must stand escaped in a URL but does not.
pub fn decode(part: &str) -> Result<String, Error> {
    printable(part, Plus::Plus)
}

/// As [`decode`] for a name or a value of a query, where a plus sign is a space.
///
/// Text of several lines, such as a query language's, is refused here; [`crate::wire::form`]
/// takes it.
pub fn decode_plus(part: &str) -> Result<String, Error> {
    printable(part, Plus::Space)
}

/// Encodes one path segment: all but the unreserved characters of RFC 3986, section 2.3.
#[must_use]
pub fn encode_segment(text: &str) -> String {
    let mut out = String::new();
    push(&mut out, text);
    out
}

/// Appends a path segment, or a name or a value of a query, encoded as [`encode_segment`] does; a
/// space becomes `%20`, which every decoder takes for one.
pub fn push(out: &mut String, text: &str) {
    out.reserve(text.len() + text.len() / 2); // As much as most need.
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, others) = rest.split_at(UNRESERVED.run(rest.as_bytes()));
        out.push_str(plain);
        // Characters of several bytes are not among the unreserved either.
        let end = others.bytes().position(|byte| UNRESERVED.has(byte));
        let (reserved, others) = others.split_at(end.unwrap_or(others.len()));
        out.extend(reserved.bytes().map(percent_encode_byte));
        rest = others;
    }
}

/// What a plus sign means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    Plus,
    Space,
}

/// Decodes escapes; only NUL is refused of the characters that may come of them.
pub(crate) fn decode_text(part: &[u8], plus: Plus) -> Result<String, Error> {
    let themselves = themselves(plus);
    let mut decoded = Vec::with_capacity(part.len());
    let mut rest = part;
    loop {
        // Most bytes mean themselves, and are copied in runs.
        let (plain, others) = rest.split_at(themselves.run(rest));
        decoded.extend_from_slice(plain);
        let [byte, others @ ..] = others else {
            break;
        };
        let at = part.len() - others.len() - 1;
        let wrong = |what| Error::Malformed { at, what };
        rest = others;
        decoded.push(match byte {
            b'%' => {
                let digits = others.split_first_chunk();
                let (digits, others) = digits.ok_or(wrong("a cut escape"))?;
                rest = others;
                hex(*digits).ok_or(wrong("an escape without two hex digits"))?
            }
            b'+' => b' ',
            _ => return Err(wrong("a byte that must be escaped")),
        });
    }
    if let Some(found) = memchr::memchr(0, &decoded) {
        let at = place(part, found);
        let what = "NUL";
        return Err(Error::Malformed { at, what });
    }
    String::from_utf8(decoded).map_err(|error| Error::NotUtf8 {
        at: place(part, error.utf8_error().valid_up_to()),
    })
}

/// What may stand unescaped and means itself.
const THEMSELVES: Set = Set::graphic().without(b"%");

/// As [`THEMSELVES`], where a plus sign is a space.
const THEMSELVES_BESIDE_PLUS: Set = THEMSELVES.without(b"+");

fn themselves(plus: Plus) -> &'static Set {
    match plus {
        Plus::Plus => &THEMSELVES,
        Plus::Space => &THEMSELVES_BESIDE_PLUS,
    }
}

fn printable(part: &str, plus: Plus) -> Result<String, Error> {
    if themselves(plus).run(part.as_bytes()) == part.len() {
        return Ok(part.to_owned()); // Most are.
    }
    let text = decode_text(part.as_bytes(), plus)?;
    match text.find(char::is_control) {
        Some(found) => Err(Error::Malformed {
            at: place(part.as_bytes(), found),
            what: "a control character",
        }),
        None => Ok(text),
    }
}

/// Where in the source the decoded byte of that index stands.
fn place(part: &[u8], index: usize) -> usize {
    let mut at = 0;
    for _ in 0..index {
        at += if part.get(at) == Some(&b'%') { 3 } else { 1 };
    }
    at
}

/// The byte of two hexadecimal digits in either case.
pub(crate) fn hex(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok()
}

/// The unreserved characters of RFC 3986, section 2.3.
pub(crate) const UNRESERVED: Set = Set::alphanumeric().with(b"-._~");

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq};
    use proptest::proptest;

    use crate::wire::Error;
    use crate::wire::percent::{Plus, decode, decode_plus, decode_text, encode_segment, push};

    #[test]
    fn escapes_are_decoded_once() {
        assert_eq!(decode("a%20b+c%2525%C3%A9;~").unwrap(), "a b+c%25é;~");
        assert_eq!(decode_plus("a%2Bb+c").unwrap(), "a+b c");
        assert_eq!(decode("").unwrap(), "");
    }

    #[test]
    fn broken_escapes_are_refused() {
        for part in ["%", "a%2", "%zz", "%u0041", "%+1", "% 1", "%2%30"] {
            assert!(decode(part).is_err(), "{part}");
            assert!(decode_plus(part).is_err(), "{part}");
        }
        assert_eq!(decode("%41%7a").unwrap(), "Az");
    }

    #[test]
    fn what_is_not_utf8_is_refused_where_it_stands() {
        for part in [
            "ab%20%C0%AF",
            "ab%20%E9",
            "ab%20%ED%A0%80",
            "ab%20%F5%80%80%80",
        ] {
            assert_eq!(decode(part), Err(Error::NotUtf8 { at: 5 }), "{part}");
        }
        assert_eq!(decode("%ED%9F%BF").unwrap(), "\u{d7ff}");
    }

    #[test]
    fn control_characters_and_unescaped_bytes_are_refused() {
        for part in [
            "%00", "%0a", "%1F", "%7f", "%C2%85", "a b", "a\n", "\u{7f}", "é",
        ] {
            assert!(
                matches!(decode(part), Err(Error::Malformed { .. })),
                "{part}"
            );
        }
        assert_eq!(decode("%C2%A0").unwrap(), "\u{a0}");
    }

    #[test]
    fn all_but_the_unreserved_is_encoded() {
        const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
            .remove(b'-')
            .remove(b'.')
            .remove(b'_')
            .remove(b'~');
        let text = String::from_iter((0..=0x80).map(char::from).chain(['ẞ', 'é', 'a', '🦀']));
        let meant = percent_encoding::utf8_percent_encode(&text, RESERVED).to_string();
        assert_eq!(encode_segment(&text), meant);
        assert_eq!(encode_segment("a,bé c"), "a%2Cb%C3%A9%20c");
    }

    #[test]
    fn only_what_can_be_seen_stands_unescaped() {
        for byte in 0..=u8::MAX {
            let stands = matches!(byte, 0x21..=0x7e) && byte != b'%';
            let decoded = |plus| decode_text(&[byte], plus).ok();
            let itself = || Some(char::from(byte).to_string());
            assert_eq!(decoded(Plus::Plus), itself().filter(|_| stands), "{byte}");
            let space = (byte == b'+').then(|| " ".to_owned());
            let beside = space.or(itself().filter(|_| stands));
            assert_eq!(decoded(Plus::Space), beside, "{byte}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in "\\PC*") {
            prop_assert_eq!(&decode(&encode_segment(&text)).unwrap(), &text);
            let mut query = String::new();
            push(&mut query, &text);
            prop_assert_eq!(decode_plus(&query).unwrap(), text);
        }

        #[test]
        fn what_is_decoded_is_what_the_standard_decodes(part in "([a-zA-Z0-9+;=~.-]|%[0-7][0-9a-f])*") {
            if let Ok(text) = decode(&part) {
                let meant = percent_encoding::percent_decode_str(&part).decode_utf8().unwrap();
                prop_assert_eq!(text, meant);
            }
        }

        #[test]
        fn nothing_panics(part in any::<String>()) {
            let _ = (decode(&part), decode_plus(&part));
        }
    }
}
