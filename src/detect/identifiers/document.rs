//! Numbers of passports, identity cards, driving licences and residence permits: behind their name.

use crate::detect::Identifier;
use crate::detect::identifiers::birth;
use crate::detect::identifiers::cues::{BIRTH, CARD, DOCUMENT, IBAN, IP, OTHER, PHONE, PLATE};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How many tokens behind its name a number may begin: "passport, which I lost, no.".
const REACH: usize = 9;

pub fn find(text: &Text<'_>, hits: &mut Hits) {
    for at in 0..text.len() {
        if text.says(at, DOCUMENT)
            && let Some((first, last)) = behind(text, at)
        {
            hits.add(text, (first, last), Identifier::DocumentNumber, 1.0);
        }
    }
}

fn behind(text: &Text<'_>, name: usize) -> Option<(usize, usize)> {
    let sentence = text.get(name)?.sentence;
    let else_said = BIRTH.and(OTHER).and(PHONE).and(PLATE).and(IBAN).and(IP);
    let mut at = name + 1;
    while at <= name + REACH && text.get(at)?.sentence == sentence {
        if text.says(at, DOCUMENT) || text.says(at, else_said) && !is_number_word(text, at) {
            return None;
        }
        if let Some(last) = birth::date(text, at) {
            at = last + 1;
            continue;
        }
        if let Some(last) = code(text, at).filter(|_| text.begins(at)) {
            return Some((at, last));
        }
        at += 1;
    }
    None
}

/// "nummer" is a cue for telephones too, and "carta" for cards.
fn is_number_word(text: &Text<'_>, at: usize) -> bool {
    matches!(
        text.folded(at),
        "nummer" | "number" | "numer" | "numero" | "no" | "nr"
    ) || text.says(at, CARD)
}

/// The last token of a number that begins at `first`: six to eighteen letters and digits.
fn code(text: &Text<'_>, first: usize) -> Option<usize> {
    let (mut last, mut length, mut digits) = (first, 0, 0);
    let mut at = first;
    while at < first + 14 {
        let part = text.is_upper(at)
            || text.digits(at) > 0
            || text.is_letters(at)
                && (at > first && text.is_glued(at)
                    || text.is_glued(at + 1) && text.digits(at + 1) > 0);
        let separated = at > first && !text.is_glued(at);
        // Groups with a space between them have capitals and digits only, and the next has digits or
        // the number has none yet.
        if !part
            || separated
                && (text.is_letters(at) && (!text.is_upper(at) || digits >= 6)
                    || length >= 9 && text.digits(at) == 0)
        {
            break;
        }
        length += text.raw(at).len();
        digits += text.digits(at);
        last = at;
        at += 1;
        let joined = text.is_one_of(at, "-/.") && text.is_glued(at) && (text.runs_on(at + 1));
        at += usize::from(joined);
    }
    let fits = (6..=18).contains(&length)
        && digits >= 2
        && (digits >= 5 || digits + 7 >= length && length >= 7);
    fits.then_some(last)
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::assert_table;

    #[test]
    fn numbers_are_found_behind_the_name_of_a_document() {
        assert_table(
            Identifier::DocumentNumber,
            &[
                ("paspoort NW9K4R7P2 gezien", &["NW9K4R7P2"]),
                (
                    "rijbewijs 5348216709 geldig tot 12-08-2031",
                    &["5348216709"],
                ),
                ("Führerschein-Nr. B072RRE2I55", &["B072RRE2I55"]),
                (
                    "driving licence number is MORGA657054SM9IJ",
                    &["MORGA657054SM9IJ"],
                ),
                ("carte d'identité n° 880692310285", &["880692310285"]),
                ("dowód osobisty CFT 481902 sprawdzony", &["CFT 481902"]),
                ("paspoort geldig tot 12-03-2030", &[]),
                ("paspoort verlopen, ordernummer 12345678", &[]),
                ("ons kenmerk NW9K4R7P2", &[]),
            ],
        );
    }
}
