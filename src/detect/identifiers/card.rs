//! Numbers of payment cards: ISO/IEC 7812 prefix, length and Luhn's check.

use crate::detect::Identifier;
use crate::detect::identifiers::cues::{CARD, OTHER};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How near a word must stand that says what the number is.
const NEAR: usize = 6;

pub fn find(text: &Text<'_>, hits: &mut Hits) {
    let mut at = 0;
    while at < text.len() {
        match number(text, at) {
            Some((last, digits)) if is_card(&digits) && !is_other(text, at) => {
                let score = if text.cue_before(at, CARD, NEAR).is_some() {
                    1.0
                } else {
                    0.9
                };
                hits.add(text, (at, last), Identifier::Card, score);
                at = last + 1;
            }
            _ => at += 1,
        }
    }
}

fn is_other(text: &Text<'_>, at: usize) -> bool {
    text.is_said(at, OTHER, CARD, NEAR)
}

/// The last token of a number that begins at `first`, one kind of separator in it.
fn number(text: &Text<'_>, first: usize) -> Option<(usize, String)> {
    if !(1..=19).contains(&text.digits(first)) || !text.begins(first) {
        return None;
    }
    if first > 0 && text.is_glued(first) && text.is_one_of(first - 1, "-./_#") {
        return None;
    }
    let mut digits = text.raw(first).to_owned();
    let mut last = first;
    let dashed = text.is_mark(first + 1, '-');
    loop {
        let next = if dashed && text.is_mark(last + 1, '-') {
            last + 2
        } else {
            last + 1
        };
        if !(3..=7).contains(&text.digits(next)) || digits.len() + text.digits(next) > 19 {
            break;
        }
        digits.push_str(text.raw(next));
        last = next;
    }
    let whole =
        !(text.runs_on(last + 1) || text.is_one_of(last + 1, "-./") && text.runs_on(last + 2));
    (whole && digits.len() >= 13).then_some((last, digits))
}

fn is_card(digits: &str) -> bool {
    is_brand(digits) && luhn(digits)
}

/// Whether a scheme gives out numbers of this length that begin so.
fn is_brand(digits: &str) -> bool {
    let head = |n: usize| {
        digits
            .get(..n)
            .and_then(|head| head.parse::<u32>().ok())
            .unwrap_or_default()
    };
    matches!(
        (digits.len(), head(1), head(2), head(4)),
        (13 | 16 | 19, 4, _, _)
            | (16, _, 51..=55 | 35, _)
            | (16, _, _, 2221..=2720)
            | (15, _, 34 | 37, _)
            | (14, _, 36 | 38, _)
            | (14, _, _, 3000..=3059)
            | (16 | 19, _, 64 | 65, _)
            | (16 | 19, _, _, 6011)
            | (16 | 18 | 19, _, 50 | 56 | 57 | 58 | 67, _)
    )
}

/// Luhn's check, ISO/IEC 7812-1 annex B.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => digit,
            _ if digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::is_card;

    #[test]
    fn a_brand_a_length_and_a_check_make_a_card() {
        // Test numbers that the schemes publish.
        for number in [
            "4111111111111111",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "6011111111111117",
        ] {
            assert!(is_card(number), "{number}");
        }
        for number in [
            "4111111111111112",
            "490154203237518",
            "1234567812345670",
            "0000000000000000",
        ] {
            assert!(!is_card(number), "{number}");
        }
    }
}
