//! National identification numbers in free text: by shape, checksum and the words around them.
//!
//! Pure and linear: from each border of a word at most [`LONGEST`] characters are read. A number
//! that passes its checksum is not yet an id: one in eleven order numbers passes the eleven-test
//! of the BSN. So numbers of digits alone need a word nearby that says what they are, and a word
//! that says that they are something else (order, invoice, ticket) always wins when it is nearer.
//!
//! Read first: [`find`], [`Scheme`], [`context`]. One file a country; each says its source.

mod at;
mod baltic;
mod be;
mod ch;
mod context;
mod cz;
mod de;
mod digits;
mod es;
mod fr;
mod hr;
mod ie;
mod it;
mod line;
mod nl;
mod nordic;
mod pl;
mod pt;
mod ro;
mod si;
#[cfg(test)]
mod tests;
mod uk;
mod us;

use context::Said;
use line::Line;

/// The most letters and digits that one number has, its separators not counted.
const LONGEST: usize = 18;

/// A kind of number.
pub struct Scheme {
    /// What it is called in reports and tests.
    pub name: &'static str,
    /// How many letters and digits it has, without separators.
    pub lengths: &'static [usize],
    /// Whether these letters and digits, in upper case and without separators, are one.
    pub check: fn(&[u8]) -> bool,
    /// How much the words around it must say.
    pub need: Need,
    /// Words that name this number and nothing else; for numbers of any other kind they are not
    /// enough. Upper case, as they begin.
    pub words: &'static [&'static str],
}

/// How much the words around a number must say before it counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// Letters around a checksum that nothing else has: it counts whatever the words say.
    Never,
    /// Letters, a date and a checksum: it counts unless a word says that it is something else.
    Nothing,
    /// Digits as other numbers have them: it counts when written in the scheme's own grouping, or
    /// when a word says what it is.
    Grouping(&'static [&'static [usize]]),
    /// It counts only when a word says what it is.
    Word,
    /// It has no checksum worth the name: it must be grouped so, and a word must say what it is.
    Both(&'static [usize]),
}

/// A national id in a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Found {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The scheme's name.
    pub scheme: &'static str,
    /// Whether a word nearby says that it is a national id.
    pub named: bool,
}

/// All schemes, those with most structure first: the first that fits has the number.
const SCHEMES: &[&[Scheme]] = &[
    it::SCHEMES,
    fr::SCHEMES,
    nl::VAT,
    ch::SCHEMES,
    de::SCHEMES,
    es::SCHEMES,
    uk::SCHEMES,
    ie::SCHEMES,
    nl::SCHEMES,
    be::SCHEMES,
    pl::SCHEMES,
    nordic::SCHEMES,
    ro::SCHEMES,
    si::SCHEMES,
    baltic::SCHEMES,
    hr::SCHEMES,
    cz::SCHEMES,
    at::SCHEMES,
    pt::SCHEMES,
    us::SCHEMES,
];

/// Behind an id so near, another needs no word: "Identifikationsnr. .., Ehegatte ..".
const NEXT: usize = 40;

/// The national ids of a text, in order, not overlapping.
///
/// `expected` says that the field is about such numbers: a checksum is then enough.
#[must_use]
pub fn find(text: &str, expected: bool) -> Vec<Found> {
    let line = Line::read(text);
    let mut found = Vec::new();
    let (mut at, mut named) = (0, 0);
    while let Some(start) = line.next_start(at) {
        let expected = expected || start < named;
        match best_at(&line, start, expected) {
            Some((end, hit)) => {
                if hit.named {
                    named = end + NEXT;
                }
                found.push(hit);
                at = end;
            }
            None => at = start + 1,
        }
    }
    found
}

/// The id that begins at a position, and where it ends.
fn best_at(line: &Line, start: usize, expected: bool) -> Option<(usize, Found)> {
    let run = line.run(start);
    if !run.has_digits() {
        return None;
    }
    let mut general = None;
    SCHEMES.iter().copied().flatten().find_map(|scheme| {
        let mut lengths = scheme.lengths.iter().copied();
        let length =
            lengths.find(|length| run.ends_at(*length) && (scheme.check)(run.first(*length)))?;
        let end = run.end(length);
        let general = *general.get_or_insert_with(|| context::Near::read(line, start, end));
        let said = general.beside(line, start, end, scheme.words);
        let counts = match said {
            Said::National => {
                is_grouped_enough(scheme.need, &run, length)
                    || context::is_named(line, start, scheme.words)
            }
            Said::Else => scheme.need == Need::Never,
            Said::Nothing => is_plain_enough(scheme.need, &run, length, expected),
        };
        let hit = Found {
            start: line.byte(start),
            end: line.byte(end - 1) + line.width(end - 1),
            scheme: scheme.name,
            named: said == Said::National,
        };
        counts.then_some((end, hit))
    })
}

fn is_plain_enough(need: Need, run: &line::Run<'_>, length: usize, expected: bool) -> bool {
    match need {
        Need::Never | Need::Nothing => true,
        Need::Grouping(shapes) => {
            expected || shapes.iter().any(|shape| run.is_grouped(length, shape))
        }
        Need::Word => expected,
        Need::Both(shape) => expected && run.is_grouped(length, shape),
    }
}

fn is_grouped_enough(need: Need, run: &line::Run<'_>, length: usize) -> bool {
    match need {
        Need::Both(shape) => run.is_grouped(length, shape),
        Need::Never | Need::Nothing | Need::Grouping(_) | Need::Word => true,
    }
}
