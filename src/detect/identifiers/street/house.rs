//! House numbers with their additions.

use crate::detect::identifiers::cues::{MONEY, WEEKDAY};
use crate::detect::identifiers::text::Text;

/// What may stand behind a number with a space before it.
const ADDITIONS: &[&str] = &[
    "hs", "bis", "ter", "quater", "rd", "zw", "huis", "boven", "ii", "iii", "iv",
];
/// What a second number may stand behind.
const SECOND: &[&str] = &[
    "bus", "m", "lok", "bte", "boite", "top", "tur", "stiege", "apt", "app", "appt", "int", "piso",
    "scala",
];

/// The last token of a house number that begins at `at`.
pub fn house(text: &Text<'_>, at: usize) -> Option<usize> {
    let fits =
        (1..=4).contains(&text.digits(at)) && text.number(at).is_some_and(|number| number > 0);
    if !fits || text.is_glued(at) && text.is_letters(at.checked_sub(1)?) {
        return None;
    }
    let mut last = addition(text, at);
    let next = last + 1;
    let dotted = usize::from(text.is_mark(next + 1, '.'));
    let comma = usize::from(text.is_mark(next, ','));
    if SECOND.contains(&text.folded(next + comma)) && text.digits(next + comma + 1 + dotted) > 0 {
        last = next + comma + 1 + dotted;
    }
    let next = last + 1;
    let time = text.is_one_of(next, ":.,")
        && text.is_glued(next)
        && text.is_glued(next + 1)
        && text.digits(next + 1) > 0;
    let ordinal = text.is_mark(next, '.') && text.says(next + 1, WEEKDAY);
    let amount =
        text.is_one_of(next, "%€$£") || text.says(next, MONEY.and(WEEKDAY)) || text.runs_on(next);
    (!time && !ordinal && !amount).then_some(last)
}

/// "12a", "101-2", "14/3", "11/2/14", "44 III", "88 hs", "117-B".
fn addition(text: &Text<'_>, number: usize) -> usize {
    let mut last = number;
    let short =
        |at: usize, most: usize| text.is_letters(at) && text.raw(at).chars().count() <= most;
    let letter = text.is_upper(last + 1)
        && matches!(text.folded(last + 1), "a" | "b" | "c" | "d" | "i" | "h")
        && !text.is_one_of(last + 2, ".&");
    let joined = text.is_glued(last + 1) && short(last + 1, 3);
    if joined || letter || ADDITIONS.contains(&text.folded(last + 1)) {
        last += 1;
    }
    for _ in 0..3 {
        let joined =
            text.is_one_of(last + 1, "-/") && text.is_glued(last + 1) && text.is_glued(last + 2);
        if !(joined && (short(last + 2, 3) || (1..=4).contains(&text.digits(last + 2)))) {
            break;
        }
        last += 2;
        if text.is_glued(last + 1) && short(last + 1, 1) {
            last += 1;
        }
    }
    last
}

/// The first token of a number that stands before a kind of street: "27 bis, rue".
pub fn before_street(text: &Text<'_>, kind: usize) -> Option<usize> {
    let mut at = kind.checked_sub(1)?;
    if text.is_mark(at, ',') {
        at = at.checked_sub(1)?;
    }
    if matches!(text.folded(at), "bis" | "ter" | "quater")
        || text.raw(at).len() == 1 && text.is_letters(at)
    {
        at = at.checked_sub(1)?;
    }
    let fits = (1..=4).contains(&text.digits(at)) && text.begins(at);
    fits.then_some(at)
}
