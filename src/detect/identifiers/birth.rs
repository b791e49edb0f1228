//! Dates of birth: a date beside a word for birth.

use crate::detect::Identifier;
use crate::detect::identifiers::cues::{BIRTH, COMPANY, OTHER};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How many tokens may stand between the word and the date: "nata a Reggio Emilia, il".
const BEFORE: usize = 9;
/// How many may stand between the date and a word behind it: "3 mei 2014 te Ede geboren".
const AFTER: usize = 4;

/// Months by the beginning of their names, folded; the longest that fits says which.
const MONTHS: &[&str] = &[
    "jan",
    "januari",
    "january",
    "januar",
    "janner",
    "janvier",
    "janv",
    "ene",
    "enero",
    "gennaio",
    "gen",
    "stycznia",
    "styczen",
    "feb",
    "februari",
    "february",
    "februar",
    "fevrier",
    "fevr",
    "fev",
    "febrero",
    "febbraio",
    "lutego",
    "luty",
    "mrt",
    "maart",
    "mar",
    "march",
    "marz",
    "maerz",
    "mrz",
    "mars",
    "marzo",
    "marca",
    "marzec",
    "apr",
    "april",
    "avril",
    "avr",
    "abril",
    "abr",
    "aprile",
    "kwietnia",
    "kwiecien",
    "mei",
    "may",
    "mai",
    "mayo",
    "maggio",
    "mag",
    "maja",
    "maj",
    "jun",
    "juni",
    "june",
    "juin",
    "junio",
    "giugno",
    "giu",
    "czerwca",
    "czerwiec",
    "jul",
    "juli",
    "july",
    "juillet",
    "juil",
    "julio",
    "luglio",
    "lug",
    "lipca",
    "lipiec",
    "aug",
    "augustus",
    "august",
    "aout",
    "ago",
    "agosto",
    "sierpnia",
    "sierpien",
    "sep",
    "sept",
    "september",
    "septembre",
    "septiembre",
    "settembre",
    "set",
    "wrzesnia",
    "wrzesien",
    "okt",
    "oct",
    "oktober",
    "october",
    "octobre",
    "octubre",
    "ottobre",
    "ott",
    "pazdziernika",
    "pazdziernik",
    "nov",
    "november",
    "novembre",
    "noviembre",
    "listopada",
    "listopad",
    "dec",
    "dez",
    "dic",
    "december",
    "dezember",
    "decembre",
    "diciembre",
    "dicembre",
    "grudnia",
    "grudzien",
];

/// The last token of each date of birth, in order.
pub fn find(text: &Text<'_>, hits: &mut Hits) -> Vec<usize> {
    let mut births = Vec::new();
    let mut at = 0;
    let mut free = 0;
    while at < text.len() {
        let Some(last) = date(text, at) else {
            at += 1;
            continue;
        };
        if is_birth(text, at, last, free) {
            hits.add(text, (at, last), Identifier::DateOfBirth, 1.0);
            births.push(last);
        }
        free = last + 1;
        at = free;
    }
    births
}

/// Whether a word for birth belongs to the date; not one that stands before the previous date.
fn is_birth(text: &Text<'_>, first: usize, last: usize, free: usize) -> bool {
    let star = first > free && text.is_one_of(first - 1, "*°") && text.digits(first) > 0;
    let before = text
        .cue_before(first, BIRTH, BEFORE)
        .filter(|near| first - near >= free);
    let after = (!follows_number(text, last))
        .then(|| text.cue_after(last, BIRTH, AFTER))
        .flatten();
    // "jubilee of the company, founded": a firm's birthday is nobody's.
    let firm = before.is_some_and(|near| text.cue_before(first - near, COMPANY, 5).is_some());
    let other = before.is_some_and(|near| {
        text.cue_before(first, OTHER, near)
            .is_some_and(|block| block < near)
    });
    star || before.is_some() && !firm && !other || before.is_none() && after.is_some()
}

/// "1980, nato": what stands behind a comma and a line begins something else.
fn follows_number(text: &Text<'_>, last: usize) -> bool {
    text.is_break(last + 1) || text.is_one_of(last + 1, ",;") && text.says(last + 2, BIRTH)
}

/// The last token of a date that begins at `first`.
pub fn date(text: &Text<'_>, first: usize) -> Option<usize> {
    if !text.begins(first) {
        return None;
    }
    numeric(text, first).or_else(|| written(text, first))
}

/// "12-03-1980", "1980/3/12", "12. 3. 80", "12031980".
fn numeric(text: &Text<'_>, first: usize) -> Option<usize> {
    if text.digits(first) == 8 {
        return is_compact(text.raw(first)).then_some(first);
    }
    let a = text.number(first).filter(|_| text.digits(first) <= 4)?;
    let mark = ['-', '.', '/']
        .into_iter()
        .find(|mark| text.is_mark(first + 1, *mark));
    let (second, third) = match mark {
        Some(mark) if text.is_mark(first + 3, mark) => (first + 2, first + 4),
        Some(_) => return None,
        None => (first + 1, first + 2),
    };
    let (b, c) = (text.number(second)?, text.number(third)?);
    let lengths = (text.digits(first), text.digits(second), text.digits(third));
    let fits = match lengths {
        (1 | 2, 1 | 2, 4) => is_day_and_month(a, b) && is_year(c),
        (4, 1 | 2, 1 | 2) => is_year(a) && is_day_and_month(c, b),
        (1 | 2, 1 | 2, 2) => mark.is_some() && is_day_and_month(a, b),
        _ => false,
    };
    let ends =
        !(text.runs_on(third + 1) || text.is_one_of(third + 1, "-/") && text.runs_on(third + 2));
    (fits && ends).then_some(third)
}

fn is_compact(raw: &str) -> bool {
    let part = |from: usize, to: usize| {
        raw.get(from..to)
            .and_then(|part| part.parse().ok())
            .unwrap_or(0)
    };
    is_day_and_month(part(0, 2), part(2, 4)) && is_year(part(4, 8))
        || is_year(part(0, 4)) && is_day_and_month(part(6, 8), part(4, 6))
}

/// "7 juli 1955", "3 de enero de 1975", "March 7, 1971", "1er juin 1990", "12. März '80".
fn written(text: &Text<'_>, first: usize) -> Option<usize> {
    if is_month(text, first) {
        let day = first + 1 + usize::from(text.is_mark(first + 1, '.'));
        text.number(day).filter(|day| (1..=31).contains(day))?;
        return year(text, behind_ordinal(text, day));
    }
    text.number(first)
        .filter(|day| (1..=31).contains(day) && text.digits(first) <= 2)?;
    let mut month = behind_ordinal(text, first);
    if matches!(text.folded(month), "de" | "of" | "d") {
        month += 1;
    }
    month += usize::from(text.is_mark(month, '-'));
    is_month(text, month)
        .then(|| year(text, month + 1))
        .flatten()
}

/// The token behind a day with its ending: "7th", "1er", "9.", "3º".
fn behind_ordinal(text: &Text<'_>, day: usize) -> usize {
    let ending = matches!(
        text.folded(day + 1),
        "st" | "nd" | "rd" | "th" | "er" | "e" | "de" | "ste" | "o" | "a"
    ) && text.is_glued(day + 1);
    day + 1 + usize::from(ending || text.is_mark(day + 1, '.'))
}

/// The token of a year that stands at `at`, perhaps behind a comma, "de" or an apostrophe.
fn year(text: &Text<'_>, mut at: usize) -> Option<usize> {
    at += usize::from(text.is_one_of(at, ",.-"));
    if matches!(text.folded(at), "de" | "del") {
        at += 1;
    }
    let short = text.is_mark(at, '\'');
    at += usize::from(short);
    let value = text.number(at)?;
    let fits = is_year(value) && text.digits(at) == 4 || text.digits(at) == 2;
    (fits && !text.runs_on(at + 1)).then_some(at)
}

fn is_month(text: &Text<'_>, at: usize) -> bool {
    text.is_letters(at) && MONTHS.contains(&text.folded(at))
}

/// Both orders: the American one too.
fn is_day_and_month(day: u32, month: u32) -> bool {
    let fits = |day, month| (1..=31).contains(&day) && (1..=12).contains(&month);
    fits(day, month) || fits(month, day)
}

fn is_year(year: u32) -> bool {
    (1900..2100).contains(&year)
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::assert_table;

    #[test]
    fn only_dates_beside_a_word_for_birth_are_dates_of_birth() {
        assert_table(
            Identifier::DateOfBirth,
            &[
                ("geb. 12-03-1980, klant sinds 01-02-2010", &["12-03-1980"]),
                ("Date of birth: March 7, 1971", &["March 7, 1971"]),
                ("née le 1er juin 1990", &["1er juin 1990"]),
                ("nata a Reggio Emilia il 01.09.1988", &["01.09.1988"]),
                ("*05.08.1943 in Dresden", &["05.08.1943"]),
                ("ur. 3 stycznia 1975", &["3 stycznia 1975"]),
                (
                    "fecha de nacimiento: 3 de enero de 1975",
                    &["3 de enero de 1975"],
                ),
                ("Noor (3 mei 2014 geboren)", &["3 mei 2014"]),
                ("dob 12031980", &["12031980"]),
                ("Levering op 12-03-2025", &[]),
                ("Entreprise née le 3 mai 1999", &[]),
                ("geb. 99-99-1980", &[]),
            ],
        );
    }
}
