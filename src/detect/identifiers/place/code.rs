//! The shapes of postcodes.

use crate::detect::identifiers::cues::MONEY;
use crate::detect::identifiers::text::Text;

/// Two capitals behind four digits that are a unit or a word, not a Dutch postcode; SA, SD and SS
/// are not given out.
const NO_DUTCH: &[&str] = &[
    "sa", "sd", "ss", "eu", "kg", "ml", "cm", "mm", "km", "kw", "gb", "mb", "tb", "pk", "st", "hp",
    "of", "in", "en", "op", "pc", "va", "hz", "db", "ha", "cv", "bv", "nv", "ag", "uh", "lx", "rv",
    "vs", "uk", "us", "dm", "ft", "or", "is", "to",
];
/// Whether a postcode of any country stands at `at`, with its place where it has no letters.
pub fn is_postcode(text: &Text<'_>, at: usize) -> bool {
    let numeric = matches!(text.digits(at), 4 | 5)
        && text.is_capital(at + 1)
        && !text.is_glued(at + 1)
        && !text.says(at + 1, MONEY);
    is_dutch(text, at)
        || british(text, at).is_some()
        || polish(text, at).is_some()
        || numeric
        || international(text, at).is_some()
}

/// "1016 GV", "2555CA".
pub fn is_dutch(text: &Text<'_>, at: usize) -> bool {
    has_dutch_shape(text, at) && !NO_DUTCH.contains(&text.folded(at + 1))
}

pub fn has_dutch_shape(text: &Text<'_>, at: usize) -> bool {
    let digits = text.digits(at) == 4 && !text.raw(at).starts_with('0') && text.begins(at);
    let letters = text.is_upper(at + 1)
        && text.raw(at + 1).len() == 2
        && !matches!(text.raw(at + 1), "SA" | "SD" | "SS");
    digits
        && letters
        && !text.runs_on(at + 2)
        && !(text.is_one_of(at + 2, "-") && text.runs_on(at + 3))
}

/// The last token of "LS8 4QT", "EH1 2NG", "SW1A 1AA", "D02 X285".
pub fn british(text: &Text<'_>, at: usize) -> Option<usize> {
    let area =
        text.is_upper(at) && text.raw(at).len() <= 2 && text.raw(at).is_ascii() && text.begins(at);
    if !area || !(1..=2).contains(&text.digits(at + 1)) || !text.is_glued(at + 1) {
        return None;
    }
    let district = at
        + 1
        + usize::from(
            text.is_glued(at + 2) && text.is_upper(at + 2) && text.raw(at + 2).len() == 1,
        );
    let inward = district + 1;
    let two = text.digits(inward) == 1
        && text.is_glued(inward + 1)
        && text.is_upper(inward + 1)
        && text.raw(inward + 1).len() == 2;
    if two && !text.runs_on(inward + 2) {
        return Some(inward + 1);
    }
    // Irish: a routing key and four letters or digits.
    let mut last = inward;
    let mut length = text.raw(inward).len();
    while length < 4 && text.runs_on(last + 1) {
        last += 1;
        length += text.raw(last).len();
    }
    let irish =
        district == at + 1 && text.raw(at).len() == 1 && text.digits(at + 1) == 2 && length == 4;
    let some_digits = (inward..=last).any(|part| text.digits(part) > 0);
    (irish && some_digits && text.is_upper(inward) && !text.runs_on(last + 1)).then_some(last)
}

/// The last token of "31-149".
pub fn polish(text: &Text<'_>, at: usize) -> Option<usize> {
    let shape = text.digits(at) == 2
        && text.is_mark(at + 1, '-')
        && text.is_glued(at + 1)
        && text.digits(at + 2) == 3;
    let alone = text.begins(at)
        && !(at > 0 && text.is_glued(at) && text.is_one_of(at - 1, "-/."))
        && !text.runs_on(at + 3)
        && !(text.is_one_of(at + 3, "-/") && text.is_glued(at + 3));
    (shape && text.is_glued(at + 2) && alone).then_some(at + 2)
}

/// The last token of "D-10117", "A-4020", "CH-8001".
pub fn international(text: &Text<'_>, at: usize) -> Option<usize> {
    let country = matches!(
        text.raw(at),
        "D" | "A"
            | "CH"
            | "B"
            | "F"
            | "L"
            | "E"
            | "I"
            | "DE"
            | "AT"
            | "BE"
            | "NL"
            | "FR"
            | "PL"
            | "DK"
            | "LU"
            | "IT"
            | "ES"
    );
    let digits =
        text.is_mark(at + 1, '-') && text.is_glued(at + 1) && matches!(text.digits(at + 2), 4 | 5);
    (country && digits && text.begins(at) && text.is_capital(at + 3)).then_some(at + 2)
}
