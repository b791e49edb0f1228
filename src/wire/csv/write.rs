//! Writing cells.

use std::ops::Range;

use crate::wire::Error;

use super::{Cell, Delimiter, locate, malformed};

/// What becomes of a cell that a spreadsheet would take for a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nothing: for programs.
    Off,
    /// An apostrophe comes before it (OWASP, CSV Injection): for people.
    Apostrophe,
}

/// Appends a whole cell, with quotes if it needs them or is to have them.
///
/// # Errors
/// NUL.
pub fn encode(
    value: &str,
    quoted: bool,
    delimiter: Delimiter,
    guard: Guard,
    out: &mut String,
) -> Result<(), Error> {
    if let Some(at) = value.find('\0') {
        return Err(malformed(at, "NUL"));
    }
    let special = |c: char| c == '"' || c.is_control() || separates(c);
    let outer = |c: Option<char>| c.is_some_and(char::is_whitespace);
    let needed = value.contains(special)
        || value.contains(char::from(delimiter.byte()))
        || outer(value.chars().next())
        || outer(value.chars().next_back());
    let quotes = if quoted || needed { "\"" } else { "" };
    out.push_str(quotes);
    // In a country with another separator, a spreadsheet splits a cell at that one.
    if guard == Guard::Apostrophe && value.starts_with(['\t', '\r', '\n']) {
        out.push('\'');
    }
    let mut begins = true;
    for one in value.chars() {
        if begins && guard == Guard::Apostrophe && is_formula(one) {
            out.push('\'');
        }
        begins = separates(one) || matches!(one, '"' | '\r' | '\n');
        if one == '"' {
            out.push('"');
        }
        out.push(one);
    }
    out.push_str(quotes);
    Ok(())
}

/// Puts values in the places of ranges, which must be sorted and stand in one cell each. Cells that
/// hold one are written anew; nothing else changes.
///
/// # Errors
/// A range outside of a cell, and a value with NUL.
pub fn replace(
    text: &str,
    cells: &[Cell],
    changes: &[(Range<usize>, &str)],
    delimiter: Delimiter,
    guard: Guard,
) -> Result<String, Error> {
    let ranges: Vec<Range<usize>> = changes.iter().map(|(range, _)| range.clone()).collect();
    let places = locate(cells, &ranges);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut copied = 0;
    let mut rest = changes.iter().zip(places).peekable();
    while let Some((change, place)) = rest.next() {
        let outside = malformed(change.0.start, "a range outside of a cell");
        let index = place.ok_or(outside)?;
        let cell = cells.get(index).ok_or(outside)?;
        let mut value = String::new();
        let mut at = cell.inside().start;
        let mut next = Some(change);
        while let Some((range, new)) = next {
            value.push_str(&piece(text, at..range.start, cell)?);
            value.push_str(new);
            at = range.end;
            next = rest
                .next_if(|(_, other)| *other == Some(index))
                .map(|(change, _)| change);
        }
        value.push_str(&piece(text, at..cell.inside().end, cell)?);
        out.push_str(text.get(copied..cell.range.start).ok_or(outside)?);
        encode(&value, cell.quoted, delimiter, guard, &mut out)?;
        copied = cell.range.end;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Ok(out)
}

/// A piece of a cell's content without its quotes' escapes.
fn piece(text: &str, range: Range<usize>, cell: &Cell) -> Result<String, Error> {
    let wrong = malformed(range.start, "a range that overlaps or cuts an escape");
    let raw = text.get(range).ok_or(wrong)?;
    let meant = raw.replace("\"\"", "\"");
    match cell.quoted && raw.len() - meant.len() != raw.matches('"').count() / 2
        || raw.matches('"').count() % 2 == 1
    {
        true => Err(wrong),
        false => Ok(meant),
    }
}

/// Separators of any country.
fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '|')
}

/// What a formula begins with; the wide forms count in spreadsheets too.
fn is_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}
