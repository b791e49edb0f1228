//! A text as numbers are read in it: one plain character a position, upper case, with offsets.

use super::LONGEST;

/// A letter that no scheme has: it ends a number and begins none.
const LETTER: u8 = b'_';

/// Names that people write without a space before the number.
const NAMES: &[&str] = &[
    "BSN", "PESEL", "DNI", "NISS", "RRN", "NIR", "AHV", "SSN", "NHS",
];

/// A text in which full-width and other digits, dashes and spaces are plain, letters upper case,
/// and characters without width are left out.
pub(super) struct Line {
    plain: Vec<u8>,
    bytes: Vec<usize>,
    widths: Vec<u8>,
}

impl Line {
    pub(super) fn read(text: &str) -> Self {
        let mut line = Self {
            plain: Vec::with_capacity(text.len()),
            bytes: Vec::with_capacity(text.len()),
            widths: Vec::with_capacity(text.len()),
        };
        for (at, char) in text.char_indices() {
            let Some(plain) = plain(char) else { continue };
            line.plain.push(plain);
            line.bytes.push(at);
            line.widths.push(u8::try_from(char.len_utf8()).unwrap_or(1));
        }
        line
    }

    pub(super) fn len(&self) -> usize {
        self.plain.len()
    }

    pub(super) fn at(&self, position: usize) -> u8 {
        self.plain.get(position).copied().unwrap_or(b' ')
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &[u8] {
        self.plain
            .get(start..end.min(self.len()))
            .unwrap_or_default()
    }

    /// The byte at which a position's character stands in the text.
    pub(super) fn byte(&self, position: usize) -> usize {
        self.bytes.get(position).copied().unwrap_or(0)
    }

    /// How many bytes a position's character has in the text.
    pub(super) fn width(&self, position: usize) -> usize {
        self.widths.get(position).copied().map_or(1, usize::from)
    }

    /// The next position from which a number may begin: a letter or digit after something else.
    pub(super) fn next_start(&self, from: usize) -> Option<usize> {
        (from..self.len()).find(|at| {
            self.at(*at).is_ascii_alphanumeric()
                && (*at == 0 || !is_word(self.at(*at - 1)) || self.is_behind_name(*at))
        })
    }

    /// Whether a number's name stands right before it: "BSN216405877".
    fn is_behind_name(&self, at: usize) -> bool {
        self.at(at).is_ascii_digit()
            && NAMES.iter().any(|name| {
                at.checked_sub(name.len()).is_some_and(|from| {
                    self.slice(from, at) == name.as_bytes()
                        && (from == 0 || !is_word(self.at(from - 1)))
                })
            })
    }

    /// The letters and digits from a position on, over single separators.
    pub(super) fn run(&self, start: usize) -> Run<'_> {
        let mut run = Run {
            line: self,
            compact: [0; LONGEST],
            ends: [0; LONGEST],
            count: 0,
            start,
        };
        let mut at = start;
        while run.count < LONGEST {
            let char = self.at(at);
            if at < self.len() && char.is_ascii_alphanumeric() {
                run.push(char, at + 1);
                at += 1;
            } else if at < self.len() && is_separator(char) && is_word(self.at(at + 1)) {
                at += 1;
            } else {
                break;
            }
        }
        run
    }
}

/// The letters and digits of what may be a number.
pub(super) struct Run<'a> {
    line: &'a Line,
    compact: [u8; LONGEST],
    ends: [usize; LONGEST],
    count: usize,
    start: usize,
}

impl Run<'_> {
    fn push(&mut self, char: u8, end: usize) {
        if let (Some(slot), Some(ends)) = (
            self.compact.get_mut(self.count),
            self.ends.get_mut(self.count),
        ) {
            *slot = char;
            *ends = end;
            self.count += 1;
        }
    }

    /// Whether it can be a number at all: every scheme has a digit among its first seven.
    pub(super) fn has_digits(&self) -> bool {
        self.first(self.count.min(7)).iter().any(u8::is_ascii_digit)
    }

    /// The first letters and digits.
    pub(super) fn first(&self, length: usize) -> &[u8] {
        self.compact
            .get(..length.min(self.count))
            .unwrap_or_default()
    }

    /// Where the first `length` letters and digits end in the line.
    pub(super) fn end(&self, length: usize) -> usize {
        length
            .checked_sub(1)
            .and_then(|last| self.ends.get(last).copied())
            .unwrap_or(self.start)
    }

    /// Whether a number of this length can end here: no letter or digit follows, nor one after a
    /// dot, dash or slash, which would make the number longer.
    pub(super) fn ends_at(&self, length: usize) -> bool {
        if self.count < length {
            return false;
        }
        let end = self.end(length);
        let next = self.line.at(end);
        if end < self.line.len() && is_word(next) {
            return false;
        }
        !(matches!(next, b'-' | b'/' | b'.') && self.line.at(end + 1).is_ascii_digit())
    }

    /// Whether separators stand exactly between these groups.
    pub(super) fn is_grouped(&self, length: usize, groups: &[usize]) -> bool {
        let mut borders = [false; LONGEST + 1];
        let mut sum = 0;
        for group in groups {
            sum += group;
            if let Some(border) = borders.get_mut(sum) {
                *border = true;
            }
        }
        (1..length).all(|index| {
            let apart = self.end(index + 1) > self.end(index) + 1;
            apart == borders.get(index).copied().unwrap_or(false)
        })
    }
}

pub(super) fn is_word(char: u8) -> bool {
    char.is_ascii_alphanumeric() || char == LETTER
}

fn is_separator(char: u8) -> bool {
    matches!(char, b' ' | b'.' | b'-' | b'/')
}

/// What a character is to a reader of numbers; `None` for one without width.
fn plain(char: char) -> Option<u8> {
    Some(match char {
        ' '..='~' => (char as u8).to_ascii_uppercase(),
        '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{ad}' | '\u{feff}' => return None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => b'-',
        '０'..='９' => offset(b'0', char, '０'),
        '٠'..='٩' => offset(b'0', char, '٠'),
        '۰'..='۹' => offset(b'0', char, '۰'),
        'Ａ'..='Ｚ' => offset(b'A', char, 'Ａ'),
        'ａ'..='ｚ' => offset(b'A', char, 'ａ'),
        '\n' | '\r' => b'\n',
        _ => return other(char),
    })
}

/// Letters of European languages lose their accents, so that `SÉCU` is found as `SECU`.
fn other(char: char) -> Option<u8> {
    if char.is_whitespace() {
        return Some(b' ');
    }
    if !char.is_alphanumeric() {
        return Some(b'|');
    }
    if char == 'ł' || char == 'Ł' {
        return Some(b'L');
    }
    let mut base = LETTER;
    unicode_normalization::char::decompose_canonical(char, |part| {
        if part.is_ascii_alphabetic() {
            base = (part as u8).to_ascii_uppercase();
        }
    });
    Some(base)
}

fn offset(base: u8, char: char, first: char) -> u8 {
    u8::try_from(u32::from(char) - u32::from(first))
        .map_or(LETTER, |step| base.saturating_add(step))
}
