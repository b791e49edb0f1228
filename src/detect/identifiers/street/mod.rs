//! Streets with a house number, by the grammar of each language.
//!
//! "Oude Rijksstraatweg 117-B" (a suffix), "27 bis, rue des Trois Frères" (a kind of street first),
//! "14 Alderney Road" (a number first), and any other name behind a word for living somewhere or
//! before a postcode: "Hoefsmid 23, 8253 KD".

mod house;
mod words;

use crate::detect::Identifier;
use crate::detect::identifiers::cues::{
    ADDRESS, Cues, DOCUMENT, MONEY, OTHER, PHONE, PLATE, POSTCODE, PRODUCT, TITLE, VERSION, WEEKDAY,
};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::place;
use crate::detect::identifiers::text::Text;

use house::{before_street, house};
use words::{ENGLISH, FRENCH, INSIDE, JOINING, KINDS, PREFIXES, SUFFIXES, UNITS, WHOLE, no_street};

/// How many tokens a street's name has.
const LONGEST: usize = 10;

/// First and last token of each street, in order.
pub fn find(text: &Text<'_>, hits: &mut Hits) -> Vec<(usize, usize)> {
    let mut streets: Vec<(usize, usize)> = Vec::new();
    for at in 0..text.len() {
        let found = by_suffix(text, at)
            .or_else(|| by_kind(text, at))
            .or_else(|| by_number(text, at))
            .or_else(|| by_neighbours(text, at));
        let Some((first, last)) = found else {
            continue;
        };
        match streets.last_mut() {
            Some(street) if first <= street.1 => street.1 = last.max(street.1),
            _ => streets.push((first, last)),
        }
    }
    for street in &streets {
        hits.add(text, *street, Identifier::StreetAddress, 0.9);
    }
    streets
}

/// "Van Speijkstraat 101-2", "Karl-Marx-Allee 90", "Mariahilfer Straße 88a/12".
fn by_suffix(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    let word = text.folded(at);
    let whole = WHOLE.contains(&word);
    let suffix = SUFFIXES
        .iter()
        .any(|suffix| word.len() > suffix.len() + 1 && word.ends_with(suffix));
    let joined = at > 0 && text.is_mark(at - 1, '-') && text.is_glued(at);
    if !(whole || suffix)
        || no_street(word)
        || !(text.is_capital(at) || suffix && text.cue_before(at, ADDRESS, 6).is_some())
    {
        return None;
    }
    let stop = usize::from(text.is_mark(at + 1, '.') && text.is_glued(at + 1));
    let last = house(text, at + 1 + stop)?;
    let first = leftmost(text, at, whole);
    (!whole || joined || first < at).then_some((first, last))
}

/// The first token of a name that ends at `at`: capitals, particles, abbreviations before it.
fn leftmost(text: &Text<'_>, at: usize, whole: bool) -> usize {
    let mut first = at;
    for _ in 0..LONGEST {
        let Some(before) = first.checked_sub(1) else {
            break;
        };
        let glue = text.is_glued(first) && text.is_one_of(before, "-'.")
            || text.is_mark(before, '.')
                && before > 0
                && text.raw(before - 1).len() < 6
                && text.is_capital(before - 1);
        let ordinal = matches!(text.folded(before), "e" | "ste" | "de") && text.is_glued(before);
        let known = PREFIXES.contains(&text.folded(before));
        let capital = text.is_capital(before)
            && !text.says(before, ADDRESS.and(PHONE).and(OTHER).and(DOCUMENT))
            && (!text.is_first(before) || known || whole && first == at);
        let particle = JOINING.contains(&text.folded(before))
            && before > 0
            && (text.is_capital(before)
                || text.is_capital(before - 1)
                || text.is_mark(before - 1, '\''));
        let joined = text.is_glued(first)
            && text.is_glued(before + 1)
            && text.is_one_of(first, "-'")
            && text.is_letters(before);
        if glue || particle || capital || joined {
            first = before;
        } else if ordinal && before > 0 && text.digits(before - 1) > 0 {
            return before - 1;
        } else {
            break;
        }
    }
    while first < at
        && (text.is_one_of(first, "-'.")
            || !text.is_capital(first) && !JOINING.contains(&text.folded(first)))
    {
        first += 1;
    }
    first
}

/// "27 bis, rue des Trois Frères", "via dei Mille 33/A", "ul. Krótka 14/3", "Laan van Meerdervoort 1450".
fn by_kind(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    let word = text.folded(at);
    if !KINDS.contains(&word) || at > 0 && text.is_glued(at) && !text.is_one_of(at - 1, "(,:/\"'") {
        return None;
    }
    let dotted = text.is_one_of(at + 1, "./");
    let number = if FRENCH.contains(&word) {
        before_street(text, at)
    } else {
        None
    };
    // A short kind is a word or an abbreviation of many things without its full stop.
    if word.len() <= 2 && !dotted && number.is_none() {
        return None;
    }
    let (name, capital) = name_behind(text, at + 1 + usize::from(dotted), number.is_some())?;
    if !capital && number.is_none() {
        return None;
    }
    let comma = usize::from(text.is_mark(name + 1, ','));
    let mut behind = name + 1 + comma;
    while matches!(
        text.folded(behind),
        "n" | "no" | "nr" | "num" | "numero" | "no." | "km" | "dom"
    ) || text.is_one_of(behind, "°º№")
    {
        behind += 1;
        behind += usize::from(text.is_one_of(behind, ".°º"));
    }
    match (number, house(text, behind)) {
        (Some(first), _) => Some((first, name)),
        (None, Some(last))
            if !place::is_postcode(text, behind) || text.digits(behind) < 5 && comma == 0 =>
        {
            Some((at, last))
        }
        _ => None,
    }
}

/// The last token of a street's name that begins at `first`, and whether it has a capital.
fn name_behind(text: &Text<'_>, first: usize, lower: bool) -> Option<(usize, bool)> {
    let (mut last, mut capital, mut words) = (None, false, 0);
    let mut at = first;
    while at < first + LONGEST {
        let particle = JOINING.contains(&text.folded(at));
        let glue = text.is_one_of(at, "-'.") && text.is_glued(at);
        let dated = text.digits(at) > 0 && text.digits(at) <= 2 && {
            let next = at + 1 + usize::from(text.is_mark(at + 1, '.'));
            text.is_capital(next) || text.says(next, WEEKDAY)
        };
        if text.is_capital(at) || lower && words == 0 && text.is_letters(at) && !particle {
            capital |= text.is_capital(at);
            words += 1;
            last = Some(at);
        } else if text.says(at, WEEKDAY) && at > first && text.digits(at - 1) > 0 {
            last = Some(at);
        } else if !(particle || glue || dated) || dated && words > 0 && !text.is_mark(at + 1, '.') {
            break;
        }
        at += 1;
    }
    last.map(|last| (last, capital))
}

/// "14 Alderney Road", "Flat 2B, 301 Harrow Lane", "3 St. John's Road".
fn by_number(text: &Text<'_>, at: usize) -> Option<(usize, usize)> {
    if !(1..=4).contains(&text.digits(at))
        || !text.begins(at)
        || at > 0 && text.is_glued(at) && !text.is_one_of(at - 1, "(,:\"")
    {
        return None;
    }
    let mut next = at
        + 1
        + usize::from(
            text.is_glued(at + 1) && text.raw(at + 1).len() == 1 && text.is_letters(at + 1),
        );
    if text.is_mark(next, '-') && text.digits(next + 1) > 0 {
        next += 2;
    }
    let (mut last, mut words) = (None, 0);
    for part in next..next + LONGEST {
        if text.is_capital(part) {
            if words > 0 && ENGLISH.contains(&text.folded(part)) {
                last = Some(part);
            }
            words += 1;
        } else if text.folded(part) == "s" && text.is_glued(part) {
        } else if !(text.is_one_of(part, ".'-") && text.is_glued(part)
            || matches!(text.folded(part), "of" | "the" | "and" | "upon"))
        {
            break;
        }
        if words > 5 {
            break;
        }
    }
    let last = last?;
    // "12 Lane Close tables": the words describe what follows.
    let noun = text.is_letters(last + 1)
        && !text.is_capital(last + 1)
        && text.raw(last + 1).len() > 4
        && text.raw(last + 1).ends_with('s');
    (!noun).then(|| (with_unit(text, at), last))
}

/// The first token of "Flat 3," or of a house's name before the number.
fn with_unit(text: &Text<'_>, number: usize) -> usize {
    let comma = usize::from(number > 0 && text.is_mark(number - 1, ','));
    let mut first = number;
    for back in 1..=4 {
        let Some(at) = number.checked_sub(back + comma) else {
            break;
        };
        if UNITS.contains(&text.folded(at)) && (back > 1 || comma > 0) && text.is_capital(at) {
            first = at;
        }
        if comma > 0 && text.folded(at) == "the" && text.is_capital(at) && back > 1 {
            return at;
        }
        if !(text.is_capital(at) || text.digits(at) > 0) || text.says(at, PHONE.and(TITLE)) {
            break;
        }
    }
    first
}

/// Any capitals with a number: behind a word for living or delivering, or before a postcode.
fn by_neighbours(text: &Text<'_>, first: usize) -> Option<(usize, usize)> {
    let begins = text.is_capital(first)
        || JOINING.contains(&text.folded(first)) && text.is_capital(first + 1);
    if !begins || text.is_glued(first) {
        return None;
    }
    let (mut at, mut words) = (first, 0);
    while at < first + LONGEST {
        let bad: Cues = WEEKDAY
            .and(MONEY)
            .and(OTHER)
            .and(PHONE)
            .and(PRODUCT)
            .and(VERSION);
        let bad = bad.and(DOCUMENT).and(PLATE).and(ADDRESS);
        if text.is_capital(at) && !text.says(at, bad) && !INSIDE.contains(&text.folded(at)) {
            words += 1;
        } else if !(JOINING.contains(&text.folded(at))
            || text.is_one_of(at, "-'.") && text.is_glued(at))
        {
            break;
        }
        at += 1;
    }
    let last = house(text, at).filter(|_| words > 0 && at > first && text.digits(at) < 4)?;
    let behind = last + 1 + usize::from(text.is_one_of(last + 1, ",-") || text.is_break(last + 1));
    let coded =
        behind > last + 1 && place::is_postcode(text, behind) || place::is_dutch(text, behind);
    let lives = text.cue_before(first, ADDRESS, 4).is_some_and(|near| {
        (1..near).all(|back| {
            !text.is_capital(first - back)
                && text.digits(first - back) == 0
                && !text.is_mark(first - back, ',')
        })
    });
    let behind_code = first > 1
        && text.is_mark(first - 1, ',')
        && text.digits(first - 2) == 5
        && text.cue_before(first, POSTCODE, 4).is_some();
    (coded || lives || behind_code).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::assert_table;

    #[test]
    fn streets_with_a_number_are_found_in_seven_languages() {
        assert_table(
            Identifier::StreetAddress,
            &[
                (
                    "naar Van Speijkstraat 101-2 toe",
                    &["Van Speijkstraat 101-2"],
                ),
                (
                    "Adres: Laan van Meerdervoort 1450",
                    &["Laan van Meerdervoort 1450"],
                ),
                ("wohnt Karl-Marx-Allee 90", &["Karl-Marx-Allee 90"]),
                ("Mariahilfer Straße 88a/12", &["Mariahilfer Straße 88a/12"]),
                (
                    "27 bis, rue des Trois Frères",
                    &["27 bis, rue des Trois Frères"],
                ),
                ("Calle Mayor 5", &["Calle Mayor 5"]),
                ("via dei Mille 33/A", &["via dei Mille 33/A"]),
                ("ul. Marszałkowska 12/5", &["ul. Marszałkowska 12/5"]),
                ("at 14 Alderney Road today", &["14 Alderney Road"]),
                ("Bezorgen bij Hoefsmid 23", &["Hoefsmid 23"]),
                ("De Kerkstraat is afgesloten", &[]),
                ("We bought 12 Lane Close tables", &[]),
                ("Bouwmarkt 12 euro, Lieferung an Tor 3", &[]),
            ],
        );
    }
}
