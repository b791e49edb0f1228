//! Comma-separated values (RFC 4180), strict: exports, as the CRM writes them and people open them.
//!
//! Read with another separator, or by a reader that repairs quotes, a file is another table. So
//! the separator is given, quotes stand around whole cells or nowhere, and each record has as many
//! cells as the first. Cells that change are written anew; all else is copied as it stands.
//!
//! Read first: [`parse`], [`Cell`], [`replace`]; [`Reader`] for tables that are not kept whole.

mod stream;
mod write;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use crate::wire::Error;

pub use stream::{Ending, Fault, Reader, Record};
pub use write::{Guard, encode, replace};

/// What a file may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of the whole file.
    pub bytes: usize,
    /// The most cells, those of the header included.
    pub cells: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            cells: 2_000_000,
        }
    }
}

/// What stands between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    Comma,
    Semicolon,
    Tab,
    Pipe,
    Caret,
    Backquote,
}

impl Delimiter {
    /// Those that spreadsheets write without being told.
    const USUAL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
            Self::Caret => b'^',
            Self::Backquote => b'`',
        }
    }

    /// The only separator that the first record has outside of quotes. `None`: it has none or
    /// several, and policy must say which.
    #[must_use]
    pub fn guess(text: &str) -> Option<Self> {
        let mut quoted = false;
        let mut seen = [false; 3];
        for byte in text.bytes() {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' | b'\r' if !quoted => break,
                _ if quoted => (),
                _ => {
                    for (one, seen) in Self::USUAL.iter().zip(&mut seen) {
                        *seen |= one.byte() == byte;
                    }
                }
            }
        }
        let mut found = Self::USUAL.into_iter().zip(seen).filter(|(_, seen)| *seen);
        match (found.next(), found.next()) {
            (Some((one, _)), None) => Some(one),
            _ => None,
        }
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Counted from 0; the first record is the header, if there is one.
    pub row: usize,
    pub column: usize,
    pub quoted: bool,
    /// Where it stands, with its quotes.
    pub range: Range<usize>,
}

impl Cell {
    /// What the cell means: without its quotes.
    #[must_use]
    pub fn value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let raw = text.get(self.inside()).unwrap_or_default();
        match self.quoted && raw.contains('"') {
            true => Cow::Owned(raw.replace("\"\"", "\"")),
            false => Cow::Borrowed(raw),
        }
    }

    /// Where the content stands, without quotes.
    fn inside(&self) -> Range<usize> {
        match self.quoted {
            true => self.range.start + 1..self.range.end - 1,
            false => self.range.clone(),
        }
    }
}

/// Reads all cells in order. A byte order mark before the first is skipped.
///
/// # Errors
/// Quotes inside a cell without quotes or behind one with them, a quote without end, a bare CR, NUL,
/// records of different lengths, and a first line `sep=`, which spreadsheets take for a setting.
pub fn parse(text: &str, delimiter: Delimiter, limits: &Limits) -> Result<Vec<Cell>, Error> {
    if text.len() > limits.bytes {
        let limit = limits.bytes;
        let what = "bytes";
        return Err(Error::TooLarge { what, limit });
    }
    let bytes = text.as_bytes();
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(malformed(at, "NUL"));
    }
    let start = if text.starts_with(BYTE_ORDER_MARK) {
        3
    } else {
        0
    };
    if text.get(start..).unwrap_or_default().starts_with("sep=") {
        return Err(malformed(start, "a line that sets the separator"));
    }
    let mut cells: Vec<Cell> = Vec::new();
    let (mut row, mut width) = (0, None);
    let mut at = start;
    while at < bytes.len() {
        let before = cells.len();
        at = record(bytes, (at, row), delimiter, (&mut cells, limits.cells))?;
        let found = cells.len() - before;
        if *width.get_or_insert(found) != found {
            return Err(malformed(at, "a record with more or fewer cells"));
        }
        row += 1;
    }
    Ok(cells)
}

/// Reads the cells of the record that begins at a place, and says where the next one begins. A line
/// end behind the last record does not begin another.
fn record(
    bytes: &[u8],
    (mut at, row): (usize, usize),
    delimiter: Delimiter,
    (cells, most): (&mut Vec<Cell>, usize),
) -> Result<usize, Error> {
    let mut column = 0;
    loop {
        if cells.len() >= most {
            let limit = most;
            let what = "cells";
            return Err(Error::TooLarge { what, limit });
        }
        let (end, quoted) = cell_end(bytes, at, delimiter)?;
        let range = at..end;
        cells.push(Cell {
            row,
            column,
            quoted,
            range,
        });
        column += 1;
        match bytes.get(end..).unwrap_or_default() {
            [byte, ..] if *byte == delimiter.byte() => at = end + 1,
            rest => return Ok(end + line_end(rest, end)?),
        }
    }
}

/// The cell that each range stands in, inside of its quotes; ranges must be sorted.
#[must_use]
pub fn locate(cells: &[Cell], ranges: &[Range<usize>]) -> Vec<Option<usize>> {
    let mut next = 0;
    let one = |range: &Range<usize>| {
        while cells
            .get(next)
            .is_some_and(|cell| cell.range.end < range.end)
        {
            next += 1;
        }
        let inside = cells.get(next)?.inside();
        (inside.start <= range.start && range.end <= inside.end).then_some(next)
    };
    ranges.iter().map(one).collect()
}

/// Where a cell ends, and whether it has quotes.
fn cell_end(bytes: &[u8], at: usize, delimiter: Delimiter) -> Result<(usize, bool), Error> {
    if bytes.get(at) != Some(&b'"') {
        let ends = |byte: &u8| *byte == delimiter.byte() || matches!(byte, b'\r' | b'\n' | b'"');
        let rest = bytes.get(at..).unwrap_or_default();
        let end = at + rest.iter().position(ends).unwrap_or(rest.len());
        return match bytes.get(end) {
            Some(b'"') => Err(malformed(end, "a quote inside a cell without quotes")),
            _ => Ok((end, false)),
        };
    }
    let mut inside = at + 1;
    loop {
        let rest = bytes.get(inside..).unwrap_or_default();
        let found = memchr::memchr(b'"', rest);
        let quote = inside + found.ok_or(malformed(at, "a quote that does not end"))?;
        match bytes.get(quote + 1) {
            Some(b'"') => inside = quote + 2,
            Some(b'\r' | b'\n') | None => return Ok((quote + 1, true)),
            Some(byte) if *byte == delimiter.byte() => return Ok((quote + 1, true)),
            Some(_) => return Err(malformed(quote + 1, "data behind a quoted cell")),
        }
    }
}

/// The length of the line end that a text begins with; none at the end of the file.
fn line_end(rest: &[u8], at: usize) -> Result<usize, Error> {
    match rest {
        [] => Ok(0),
        [b'\n', ..] => Ok(1),
        [b'\r', b'\n', ..] => Ok(2),
        _ => Err(malformed(at, "a carriage return alone")),
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

fn malformed(at: usize, what: &'static str) -> Error {
    Error::Malformed { at, what }
}
