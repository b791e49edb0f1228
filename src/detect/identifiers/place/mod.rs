//! Postcodes and places: the postcode with its place, a postcode by itself, a place where someone
//! lives.

mod code;

use crate::detect::Identifier;
use crate::detect::identifiers::cues::{
    ADDRESS, COUNTRY, MONEY, MOVES, OTHER, PHONE, POSTCODE, PRODUCT, RESIDES, TITLE,
};
use crate::detect::identifiers::gazetteer::{Gazetteer, Known};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

use code::{british, has_dutch_shape, international, polish};
pub use code::{is_dutch, is_postcode};

/// Small words inside a place's name.
const JOINING: &[&str] = &[
    "aan", "den", "der", "de", "het", "am", "an", "im", "in", "ob", "bei", "sur", "sous", "la",
    "le", "les", "en", "di", "del", "della", "lez", "upon", "on", "nad", "van", "op", "a",
];
/// A place's name has no more words.
const WORDS: usize = 4;

/// `streets` are first and last tokens, `births` the last tokens of dates of birth.
pub fn find(
    text: &Text<'_>,
    gazetteer: &Gazetteer,
    (streets, births): (&[(usize, usize)], &[usize]),
    hits: &mut Hits,
) {
    for birth in births {
        let place = birth + 2;
        let small = matches!(
            text.folded(birth + 1),
            "in" | "te" | "a" | "en" | "w" | "we" | "zu" | "at"
        );
        if small && let Some(last) = listed(text, gazetteer, place) {
            hits.add(text, (place, last), Identifier::PostcodeCity, 0.8);
        }
    }
    let mut street = streets.iter().peekable();
    let mut ended = None;
    let mut at = 0;
    while at < text.len() {
        while let Some((_, last)) = street.next_if(|(_, last)| *last < at) {
            ended = Some(*last);
        }
        let behind_street = ended.is_some_and(|last| {
            at - last <= 3
                && (last + 1..at).all(|gap| {
                    text.is_one_of(gap, ",-;()/")
                        || text.is_break(gap)
                        || matches!(text.folded(gap), "in" | "te" | "a")
                })
        });
        match coded(text, gazetteer, at, behind_street)
            .or_else(|| lived_in(text, gazetteer, at, behind_street))
        {
            Some((first, last)) => {
                hits.add(text, (first, last), Identifier::PostcodeCity, 0.9);
                at = last + 1;
            }
            None => at += 1,
        }
    }
}

/// A postcode at `at`, with the place behind it (or before it, in Britain).
fn coded(
    text: &Text<'_>,
    gazetteer: &Gazetteer,
    at: usize,
    behind_street: bool,
) -> Option<(usize, usize)> {
    let named = text.cue_before(at, POSTCODE, 4).is_some();
    let lives = named
        || behind_street
        || text
            .cue_before(at, ADDRESS.and(RESIDES).and(MOVES), 8)
            .is_some();
    let other = !named
        && !behind_street
        && text
            .cue_before(at, OTHER.and(PRODUCT).and(PHONE), 4)
            .is_some();
    if let Some(last) = british(text, at) {
        let first = at.checked_sub(1).map_or(at, |before| {
            place_before(text, gazetteer, before).unwrap_or(at)
        });
        return (!other).then_some((first, last));
    }
    if has_dutch_shape(text, at) {
        let place = place_behind(text, gazetteer, at + 2);
        let listed = is_listed(text, gazetteer, at + 2);
        return (!other && (behind_street || listed || is_dutch(text, at)))
            .then_some((at, place.unwrap_or(at + 1)));
    }
    if let Some(last) = polish(text, at) {
        let place = place_behind(text, gazetteer, last + 1);
        return (!other && (lives || place.is_some())).then_some((at, place.unwrap_or(last)));
    }
    if let Some(last) = international(text, at) {
        return place_behind(text, gazetteer, last + 1).map(|place| (at, place));
    }
    numeric(text, gazetteer, at, (named, lives && !other, behind_street))
}

/// "40125 Bologna", "9300 Aalst": four digits could be a year or an amount, five an amount.
fn numeric(
    text: &Text<'_>,
    gazetteer: &Gazetteer,
    at: usize,
    (named, lives, behind_street): (bool, bool, bool),
) -> Option<(usize, usize)> {
    let digits = text.digits(at);
    let alone =
        text.begins(at) && !(at > 0 && text.is_glued(at) && text.is_one_of(at - 1, "-/._#"));
    if !matches!(digits, 4 | 5)
        || !alone
        || text.is_glued(at + 1) && !text.is_one_of(at + 1, ",.;)")
    {
        return None;
    }
    let comma = usize::from(text.is_mark(at + 1, ','));
    let listed = is_listed(text, gazetteer, at + 1 + comma);
    let place = place_behind(text, gazetteer, at + 1).filter(|_| comma == 0 || listed);
    let yearly = digits == 4 && matches!(text.raw(at).get(..2), Some("19" | "20"));
    match place {
        Some(last)
            if behind_street
                || named
                || lives && !yearly
                || lives && listed
                || listed && digits == 5 =>
        {
            Some((at, last))
        }
        None if named => Some((at, at)),
        _ => None,
    }
}

/// Whether a place of the lists begins at `at`.
fn is_listed(text: &Text<'_>, gazetteer: &Gazetteer, at: usize) -> bool {
    listed(text, gazetteer, at).is_some()
}

/// The last token of the longest place of the lists that begins at `first`.
fn listed(text: &Text<'_>, gazetteer: &Gazetteer, first: usize) -> Option<usize> {
    let (mut key, mut found) = (String::new(), None);
    let (mut at, mut words) = (first, 0);
    while words < 5 {
        if text.is_one_of(at, "-'.") && words > 0 {
            at += 1;
            continue;
        }
        if !text.is_letters(at) {
            break;
        }
        if words > 0 {
            key.push(' ');
        }
        key.push_str(text.folded(at));
        if gazetteer.get(&key).is(Known::PLACE) {
            found = Some(at);
        }
        words += 1;
        at += 1;
    }
    found.filter(|_| text.is_capital(first) || text.is_mark(first, '\''))
}

/// The last token of the place that begins at `first`, perhaps behind a comma: one of the lists, or
/// capitals with small words between them.
fn place_behind(text: &Text<'_>, gazetteer: &Gazetteer, first: usize) -> Option<usize> {
    let first =
        first + usize::from(text.is_mark(first, ',') && !text.says(first + 1, PHONE.and(TITLE)));
    if let Some(last) = listed(text, gazetteer, first) {
        return Some(last);
    }
    if !text.is_capital(first)
        || text.says(first, PHONE.and(MONEY).and(TITLE).and(OTHER))
        || text.raw(first).len() < 2
    {
        return None;
    }
    let (mut last, mut at, mut words) = (first, first + 1, 1);
    while words < WORDS {
        let hyphen = text.is_one_of(at, "-'/") && text.is_glued(at) && text.is_glued(at + 1);
        let next = at + usize::from(hyphen);
        let joining = JOINING.contains(&text.folded(next))
            && (hyphen || text.is_capital(next + 1) || text.is_mark(next + 1, '-'));
        let same_case = text.is_upper(first) == text.is_upper(next);
        let second = text.is_capital(next)
            && same_case
            && !text.is_glued(next)
            && words < 2
            && !text.says(next, PHONE.and(TITLE).and(OTHER));
        if text.is_capital(next) && hyphen || joining || second {
            last = next;
        } else {
            break;
        }
        words += usize::from(!joining);
        at = next + 1;
    }
    Some(last)
}

/// The first token of a place that ends at `last`: "Leeds LS8 4QT".
fn place_before(text: &Text<'_>, gazetteer: &Gazetteer, last: usize) -> Option<usize> {
    let last = if text.is_mark(last, ',') {
        last.checked_sub(1)?
    } else {
        last
    };
    (0..4)
        .filter_map(|back| last.checked_sub(back))
        .find(|first| listed(text, gazetteer, *first) == Some(last))
}

/// A place that a person lives in, comes from or moves to, behind a phrase that says so.
fn lived_in(
    text: &Text<'_>,
    gazetteer: &Gazetteer,
    at: usize,
    behind_street: bool,
) -> Option<(usize, usize)> {
    let capital = text.is_capital(at) || text.is_mark(at, '\'') && text.is_glued(at + 1);
    let before = at.checked_sub(1)?;
    let before = if text.is_one_of(before, ":") {
        before.checked_sub(1)?
    } else {
        before
    };
    if !capital || text.says(at, COUNTRY.and(TITLE)) {
        return None;
    }
    if text.says(before, RESIDES) {
        return place_behind(text, gazetteer, at).map(|last| (at, last));
    }
    let last = listed(text, gazetteer, at)?;
    (text.says(before, MOVES) || behind_street).then_some((at, last))
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::assert_table;

    #[test]
    fn postcodes_and_homes_are_found_and_other_places_are_not() {
        assert_table(
            Identifier::PostcodeCity,
            &[
                ("Dorpsstraat 12, 3981 EA Bunnik", &["3981 EA Bunnik"]),
                ("postcode 1011AB", &["1011AB"]),
                ("Hauptstr. 17, 50667 Köln", &["50667 Köln"]),
                ("12 Mill Lane, Leeds LS8 4QT", &["Leeds LS8 4QT"]),
                ("ul. Krótka 14/3, 31-149 Kraków", &["31-149 Kraków"]),
                ("woont in Leeuwarden", &["Leeuwarden"]),
                ("mieszkam w Gdyni", &["Gdyni"]),
                ("De vestiging in Utrecht verhuist", &[]),
                ("1250 EU per pallet, 12345 Stück, 2024 Wien", &[]),
                ("woont in Duitsland", &[]),
            ],
        );
    }
}
