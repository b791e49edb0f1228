//! International bank account numbers (ISO 13616), in any case, grouped or not.

use crate::detect::Identifier;
use crate::detect::identifiers::cues::IBAN;
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How many characters a country's number has, by the registry of SWIFT.
const LENGTHS: &[(&str, usize)] = &[
    ("ad", 24),
    ("ae", 23),
    ("al", 28),
    ("at", 20),
    ("az", 28),
    ("ba", 20),
    ("be", 16),
    ("bg", 22),
    ("bh", 22),
    ("br", 29),
    ("by", 28),
    ("ch", 21),
    ("cr", 22),
    ("cy", 28),
    ("cz", 24),
    ("de", 22),
    ("dk", 18),
    ("do", 28),
    ("ee", 20),
    ("eg", 29),
    ("es", 24),
    ("fi", 18),
    ("fo", 18),
    ("fr", 27),
    ("gb", 22),
    ("ge", 22),
    ("gi", 23),
    ("gl", 18),
    ("gr", 27),
    ("gt", 28),
    ("hr", 21),
    ("hu", 28),
    ("ie", 22),
    ("il", 23),
    ("iq", 23),
    ("is", 26),
    ("it", 27),
    ("jo", 30),
    ("kw", 30),
    ("kz", 20),
    ("lb", 28),
    ("li", 21),
    ("lt", 20),
    ("lu", 20),
    ("lv", 21),
    ("mc", 27),
    ("md", 24),
    ("me", 22),
    ("mk", 19),
    ("mr", 27),
    ("mt", 31),
    ("mu", 30),
    ("nl", 18),
    ("no", 15),
    ("pk", 24),
    ("pl", 28),
    ("ps", 29),
    ("pt", 25),
    ("qa", 29),
    ("ro", 24),
    ("rs", 22),
    ("sa", 24),
    ("sc", 31),
    ("se", 24),
    ("si", 19),
    ("sk", 24),
    ("sm", 27),
    ("tn", 24),
    ("tr", 26),
    ("ua", 29),
    ("va", 22),
    ("vg", 24),
    ("xk", 20),
];

/// How near a word must stand that makes a number with a wrong check a mistyped one.
const NEAR: usize = 6;

pub fn find(text: &Text<'_>, hits: &mut Hits) {
    for at in 0..text.len() {
        if text.folded(at).len() != 2 || !text.begins(at) {
            continue;
        }
        let Some((_, length)) = LENGTHS
            .iter()
            .find(|(country, _)| *country == text.folded(at))
        else {
            continue;
        };
        let Some((last, number)) = collect(text, at, *length) else {
            continue;
        };
        if remainder(&number) == 1 {
            hits.add(text, (at, last), Identifier::Iban, 1.0);
        } else if text.cue_before(at, IBAN, NEAR).is_some() {
            hits.add(text, (at, last), Identifier::Iban, 0.8);
        }
    }
}

/// The last token of the number that begins at `first`, and its characters.
fn collect(text: &Text<'_>, first: usize, length: usize) -> Option<(usize, String)> {
    let mut number = text.folded(first).to_owned();
    let mut last = first;
    if text.digits(first + 1) < 2 {
        return None;
    }
    for at in first + 1..first + 2 * length {
        let part = text.is_letters(at) || text.digits(at) > 0;
        if part && number.len() + text.raw(at).len() <= length && text.raw(at).is_ascii() {
            number.push_str(text.folded(at));
            last = at;
        } else if part || !text.is_one_of(at, ".-") {
            break;
        }
        if number.len() == length {
            let ends = !text.runs_on(last + 1);
            return ends.then_some((last, number));
        }
    }
    None
}

/// The number modulo 97 by ISO 7064, its first four characters moved to the end.
fn remainder(number: &str) -> u32 {
    let (head, body) = number.split_at_checked(4).unwrap_or_default();
    body.chars().chain(head.chars()).fold(0, |rest, c| {
        let value = c.to_digit(36).unwrap_or_default();
        let shifted = if value > 9 { rest * 100 } else { rest * 10 };
        (shifted + value) % 97
    })
}

#[cfg(test)]
mod tests {
    use super::remainder;

    #[test]
    fn the_examples_of_the_registry_pass_and_their_neighbours_do_not() {
        for number in [
            "nl91abna0417164300",
            "de89370400440532013000",
            "be68539007547034",
            "gb29nwbk60161331926819",
        ] {
            assert_eq!(remainder(number), 1, "{number}");
            let last = number.chars().last().and_then(|c| c.to_digit(10)).unwrap();
            let wrong = format!("{}{}", &number[..number.len() - 1], (last + 1) % 10);
            assert_ne!(remainder(&wrong), 1, "{wrong}");
        }
    }
}
