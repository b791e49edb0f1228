//! What bears a person's name and is none: firms, schools, streets, brands.

use crate::detect::identifiers::cues::{BRAND, COMPANY, INSTITUTION, LEGAL};
use crate::detect::identifiers::gazetteer::{Gazetteer, Known};
use crate::detect::identifiers::text::Text;

/// Kinds of streets and squares before a name; with a number they are found as addresses.
const STREETS: &[&str] = &[
    "rue",
    "avenue",
    "boulevard",
    "quai",
    "allee",
    "via",
    "viale",
    "piazza",
    "corso",
    "calle",
    "avenida",
    "plaza",
    "paseo",
    "ulica",
    "ulicy",
    "ul",
    "aleja",
    "alei",
    "plac",
    "placu",
    "rondo",
    "street",
    "place",
    "laan",
    "chemin",
    "impasse",
];
/// What names of streets end in, and no family name does that is not in the lists.
const ENDINGS: &[&str] = &[
    "straat", "laan", "plein", "gracht", "kade", "strasse", "platz", "allee", "gasse", "schule",
    "school", "kirche", "kerk", "haus", "huis",
];
/// Small words between a name and what it is the name of.
const SMALL: &[&str] = &[
    "de", "la", "du", "del", "den", "het", "des", "della", "di", "of", "a", "van", "von",
];

/// Whether the words from `first` to `last` name something that is no person.
pub fn is_no_person(text: &Text<'_>, gazetteer: &Gazetteer, first: usize, last: usize) -> bool {
    let inside = (first..=last)
        .any(|at| text.says(at, BRAND) || text.is_letters(at) && is_legal(text, at) && at > first)
        || (first + 1..=last).any(|at| {
            text.says(at, INSTITUTION)
                && !gazetteer.get(text.folded(at)).is(Known::FIRST)
                && text.raw(at).len() > 3
        });
    inside
        || is_street(text, gazetteer, last)
        || stands_behind(text, first)
        || goes_on_as_firm(text, gazetteer, last)
        || is_part_of_word(text, first, last)
}

fn is_street(text: &Text<'_>, gazetteer: &Gazetteer, last: usize) -> bool {
    let word = text.folded(last);
    ENDINGS
        .iter()
        .any(|ending| word.len() > ending.len() && word.ends_with(ending))
        && !gazetteer.get(word).is(Known::LAST)
}

/// "lycée Victor", "rue de Marie", "firma Jansen", "szkoła im. Adama", "Sint Jan".
fn stands_behind(text: &Text<'_>, first: usize) -> bool {
    let mut at = first;
    for _ in 0..2 {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        at = before;
        if text.is_mark(at, '-') && text.is_glued(first)
            || text.is_mark(at, '.')
            || SMALL.contains(&text.folded(at))
        {
            continue;
        }
        break;
    }
    let word = text.folded(at);
    if word == "im" {
        return text.is_mark(at + 1, '.');
    }
    // "Santa", "st": a saint; the word "the" is a company's only in "the Smith account".
    let institution =
        text.says(at, INSTITUTION) && !matches!(word, "day" | "dag" | "week" | "open" | "team");
    let company = text.says(at, COMPANY) && !matches!(word, "the" | "winkel" | "hotel");
    STREETS.contains(&word) || institution || company
}

/// "Jansen Bouw BV", "Smith & Sons", "García e Hijos", "Anne Frank Huis", "Albert Schweitzer Klinik".
fn goes_on_as_firm(text: &Text<'_>, gazetteer: &Gazetteer, last: usize) -> bool {
    let next = last + 1;
    if text.is_mark(next, '\'') && text.is_glued(next) && text.folded(next + 1) == "s" {
        return text.is_capital(next + 2) && is_legal(text, next + 2);
    }
    for (words, at) in (next..next + 4).enumerate() {
        if text.is_one_of(at, "&+") {
            let person = gazetteer.get(text.folded(at + 1));
            return !person.is(Known::FIRST)
                || person.is(Known::ALWAYS_WORD)
                || is_legal(text, at + 1);
        }
        if matches!(
            text.folded(at),
            "en" | "and" | "und" | "et" | "e" | "y" | "i"
        ) && is_legal(text, at + 1)
        {
            return true;
        }
        if is_legal(text, at)
            || words == 0
                && text.says(at, INSTITUTION)
                && (text.is_capital(at) || text.is_glued(at))
        {
            return true;
        }
        if !text.is_capital(at)
            || text.get(at).map(|token| token.sentence)
                != text.get(last).map(|token| token.sentence)
        {
            return false;
        }
    }
    false
}

/// A legal form, written as one: with a capital, or behind a sign or a joining word.
fn is_legal(text: &Text<'_>, at: usize) -> bool {
    if text.is_letters(at)
        && text.raw(at).len() == 1
        && text.is_mark(at + 1, '.')
        && text.is_letters(at + 2)
    {
        // "B.V.", "S.p.A.", "S.r.l.": the phrase ends one or two letters further on.
        return (at..at + 6)
            .take_while(|next| *next == at || text.is_glued(*next))
            .any(|next| text.says(next, LEGAL) && next > at);
    }
    let phrase = text.folded(at) == "sp"
        && text.folded(at + 1 + usize::from(text.is_mark(at + 1, '.'))) == "z";
    phrase
        || text.says(at, LEGAL)
            && text.is_capital(at)
            && (text.raw(at).len() > 2 || text.is_upper(at) || text.raw(at) == "Co")
}

/// "Gogh-tentoonstelling", "peter.html", "@marie", "Max. 5".
fn is_part_of_word(text: &Text<'_>, first: usize, last: usize) -> bool {
    let next = last + 1;
    let goes_on = text.runs_on(next)
        || text.is_one_of(next, "-_/@")
            && text.is_glued(next)
            && text.is_glued(next + 1)
            && text.is_letters(next + 1)
            && !text.is_capital(next + 1);
    let host = text.is_mark(next, '.')
        && text.is_glued(next)
        && text.is_glued(next + 1)
        && (text.is_letters(next + 1) || text.digits(next + 1) > 0);
    let begun = first > 0 && text.is_glued(first) && text.is_one_of(first - 1, "@_.#/\\");
    let behind_slash = begun && text.is_one_of(first - 1, "/.") && text.is_capital(first);
    goes_on || host || begun && !behind_slash
}
