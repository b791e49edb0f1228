//! Markup that a CRM's rich text has: tags, entities, escapes. Skipped by fixed look-ahead.

/// What a piece of a text is to the reader of words.
pub(super) enum Skip {
    /// Nothing: the word goes on behind it.
    Nothing,
    /// A space.
    Space,
    /// The end of a line.
    Line,
    /// A character.
    Char(char),
}

/// The furthest that the end of a tag is looked for.
const TAG: usize = 256;
/// The longest entity.
const ENTITY: usize = 10;

/// The markup at a place, and how many bytes it has.
pub(super) fn at(text: &[u8], at: usize) -> Option<(usize, Skip)> {
    match text.get(at)? {
        b'<' => tag(text, at),
        b'&' => entity(text, at),
        b'\\' => escape(text, at),
        b'*' | b'~' if inside_word(text, at) => Some((1, Skip::Nothing)),
        _ => None,
    }
}

/// Tags that stand inside words: what is written across them is one word.
const INLINE: &[&[u8]] = &[
    b"b", b"i", b"u", b"s", b"em", b"strong", b"span", b"font", b"a", b"sub", b"sup", b"mark",
    b"wbr", b"small", b"big", b"ins", b"del",
];

fn tag(text: &[u8], at: usize) -> Option<(usize, Skip)> {
    let rest = text.get(at + 1..(at + TAG).min(text.len()))?;
    let name_at = usize::from(rest.first() == Some(&b'/'));
    let first = rest.get(name_at)?;
    if !first.is_ascii_alphabetic() && *first != b'!' {
        return None;
    }
    let end = rest.iter().position(|byte| matches!(byte, b'>' | b'<'))?;
    if rest.get(end) != Some(&b'>') {
        return None;
    }
    let name = rest.get(name_at..end)?;
    let length = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let name = name.get(..length)?.to_ascii_lowercase();
    let skip = if INLINE.contains(&name.as_slice()) {
        Skip::Nothing
    } else if matches!(name.as_slice(), b"td" | b"th") {
        Skip::Space
    } else {
        Skip::Line
    };
    Some((end + 2, skip))
}

/// Entities of letters that our languages have, by what follows their base letter, and a few others.
fn entity(text: &[u8], at: usize) -> Option<(usize, Skip)> {
    let rest = text.get(at + 1..(at + ENTITY).min(text.len()))?;
    let end = rest.iter().position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(rest.get(..end)?).ok()?;
    let char = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)?
    } else {
        named(name)?
    };
    Some((end + 2, Skip::Char(char)))
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "nbsp" | "ensp" | "emsp" => ' ',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" | "rsquo" | "lsquo" => '\'',
        "shy" | "zwj" | "zwnj" => '\u{ad}',
        "szlig" => 'ß',
        "oelig" => 'œ',
        "aelig" => 'æ',
        "oslash" => 'ø',
        "euro" => '€',
        "hellip" => '…',
        "ndash" | "mdash" => '–',
        _ => {
            let accents = [
                "acute", "grave", "uml", "circ", "cedil", "tilde", "ring", "slash",
            ];
            let base = accents
                .iter()
                .find_map(|accent| name.strip_suffix(accent))?;
            let mut letters = base.chars();
            let letter = letters.next().filter(char::is_ascii_alphabetic)?;
            // Accents are taken off anyway.
            letters.next().is_none().then_some(letter)?
        }
    })
}

/// Escapes of JSON, and of RTF for line ends and letters.
fn escape(text: &[u8], at: usize) -> Option<(usize, Skip)> {
    let follows = |end: usize| !text.get(at + end).is_some_and(u8::is_ascii_alphabetic);
    match text.get(at + 1)? {
        b'u' => {
            let hex = std::str::from_utf8(text.get(at + 2..at + 6)?).ok()?;
            let char = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
            Some((6, Skip::Char(char)))
        }
        b'\'' => {
            let hex = std::str::from_utf8(text.get(at + 2..at + 4)?).ok()?;
            let char = char::from(u8::from_str_radix(hex, 16).ok()?);
            Some((4, Skip::Char(char)))
        }
        b'p' if text.get(at + 1..at + 4)? == b"par" && follows(4) => Some((4, Skip::Line)),
        b'n' | b'r' => Some((2, Skip::Line)),
        b't' | b'"' | b'/' | b'\\' => Some((2, Skip::Space)),
        _ => None,
    }
}

/// One or two stars between letters, as where a part of a word is bold.
fn inside_word(text: &[u8], at: usize) -> bool {
    let letter = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_alphabetic)
    };
    let same = |other: Option<usize>| other.and_then(|other| text.get(other)) == text.get(at);
    let (before, after) = (at.checked_sub(1), at.checked_add(1));
    (letter(before) && letter(after))
        || (same(after) && letter(before) && letter(at.checked_add(2)))
        || (same(before) && letter(after) && letter(at.checked_sub(2)))
}
