//! The text that a string of JavaScript means (ECMAScript, section 12.9.4).

use crate::wire::html::Literal;

/// Takes the escapes out of what stands between the quotes; `starts` are the places where marks
/// begin. `None` where an escape is broken or old, and where one reaches into a mark: what takes
/// the mark's place would be taken for a part of it.
pub(super) fn meant(
    raw: &str,
    kind: Literal,
    starts: impl Iterator<Item = usize>,
) -> Option<String> {
    let mut starts = starts.peekable();
    let mut text = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(one) = raw.get(at..)?.chars().next() {
        while starts.next_if(|start| *start < at).is_some() {}
        let (character, end) = match one {
            '\\' => escape(raw, at)?,
            _ => (Some(one), at + one.len_utf8()),
        };
        let marked = starts.peek().is_some_and(|start| *start <= end);
        let opens = kind == Literal::Template && one == '$' && starts.peek() == Some(&end);
        if opens || (one == '\\' && marked && starts.peek() != Some(&end)) {
            return None;
        }
        text.extend(character);
        at = end;
    }
    Some(text)
}

/// The character that an escape means, none for a line that goes on, and where it ends.
fn escape(raw: &str, at: usize) -> Option<(Option<char>, usize)> {
    let one = raw.get(at + 1..)?.chars().next()?;
    let end = at + 1 + one.len_utf8();
    let meant = match one {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        'x' => return Some((Some(char::from_u32(hex(raw, end, 2)?)?), end + 2)),
        'u' => return unicode(raw, at),
        // Octal escapes may have up to three digits.
        '0'..='9' => return None,
        '\n' | '\u{2028}' | '\u{2029}' => return Some((None, end)),
        '\r' => {
            let crlf = raw.as_bytes().get(end) == Some(&b'\n');
            return Some((None, end + usize::from(crlf)));
        }
        one => one,
    };
    Some((Some(meant), end))
}

/// `\uXXXX` and pairs of them; `\u{X}` is not read.
fn unicode(raw: &str, at: usize) -> Option<(Option<char>, usize)> {
    let unit = hex(raw, at + 2, 4)?;
    if !(0xd800..0xdc00).contains(&unit) {
        return Some((Some(char::from_u32(unit)?), at + 6));
    }
    let low = hex(raw, at + 8, 4).filter(|_| raw.get(at + 6..at + 8) == Some("\\u"))?;
    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    let code = 0x1_0000 + ((unit - 0xd800) << 10) + low;
    Some((Some(char::from_u32(code)?), at + 12))
}

fn hex(raw: &str, at: usize, length: usize) -> Option<u32> {
    let digits = raw.get(at..at + length)?;
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| all)
}
