//! Names of persons: behind titles, greetings and the like, and by the lists of given names.
//!
//! A title, a greeting or "my name is" makes any capitalised word a name; without one a given name
//! of the lists must begin it, or initials. What names firms, schools and streets is left out
//! ([`firm`]). Known values of a record are found without any of this (`crate::detect::known`).

mod cue;
mod firm;
mod grammar;

use crate::detect::Identifier;
use crate::detect::identifiers::cues::{BARRED, GREETING, LEGAL, PERSON, SIGNOFF, TITLE};
use crate::detect::identifiers::gazetteer::{Gazetteer, Known};
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

use cue::{Cue, cue_at};
use firm::is_no_person;
use grammar::{Manner, Name};

/// Words that only German has, and words that show another language.
const GERMAN: &[&str] = &[
    "und", "nicht", "ist", "bitte", "fur", "wurde", "mit", "auf", "eine", "einen", "einer", "wird",
    "ich", "bei", "uber", "beim", "zum", "zur", "nach", "wegen", "herr", "frau", "kunde", "kundin",
    "das", "hat", "sich", "am", "vom", "kann", "sind",
];
const NOT_GERMAN: &[&str] = &[
    "het", "een", "en", "van", "the", "of", "and", "et", "les", "el", "los", "il", "che", "is",
    "naar", "aan", "voor",
];
/// Small words before a place; a name that is a place too is the place behind them.
const TOWARDS: &[&str] = &[
    "in", "te", "naar", "uit", "nach", "aus", "from", "to", "near", "a", "en", "de", "di", "da",
    "w", "z", "do", "bij", "from", "of", "at", "via", "vers", "per",
];

pub fn find(text: &Text<'_>, gazetteer: &Gazetteer, hits: &mut Hits) {
    let german = is_german(text);
    let mut at = 0;
    while at < text.len() {
        match person(text, gazetteer, at, german) {
            Some((first, last, score)) => {
                hits.add(text, (first, last), Identifier::PersonName, score);
                at = last + 1;
            }
            None => at += 1,
        }
    }
}

fn is_german(text: &Text<'_>) -> bool {
    let count = |words: &[&str]| {
        (0..text.len().min(400))
            .filter(|at| words.contains(&text.folded(*at)))
            .count()
    };
    count(GERMAN) > count(NOT_GERMAN)
}

/// First and last token of a name that begins at `at`, and how sure it is.
fn person(
    text: &Text<'_>,
    gazetteer: &Gazetteer,
    at: usize,
    german: bool,
) -> Option<(usize, usize, f32)> {
    let starts = text.is_letters(at) && text.begins(at) || text.is_mark(at, '\'');
    if !starts {
        return None;
    }
    let cue = cue_at(text, at);
    if !text.is_capital(at) && cue == Cue::Nothing && !text.is_mark(at, '\'') {
        return None;
    }
    if text.says(at, TITLE)
        && text.get(at + 1).is_some()
        && !gazetteer.get(text.folded(at)).is(Known::FIRST)
    {
        return None;
    }
    let lower = matches!(cue, Cue::ShortTitle | Cue::Greeting | Cue::Signoff);
    let name = Name::read(
        text,
        gazetteer,
        at,
        Manner {
            lower,
            german,
            first: true,
        },
    );
    let last = name.last().filter(|_| name.words() > 0)?;
    let score = judge(text, &name, cue, german)?;
    if is_no_person(text, gazetteer, at, last)
        && (!matches!(cue, Cue::Title | Cue::ShortTitle) || text.says(last + 1, LEGAL))
    {
        return None;
    }
    // "de zoon van Bert": the small word is the sentence's.
    let lead = name.parts.first().filter(|part| {
        part.particle
            && part.known.is(Known::FIRST)
            && !part.known.is(Known::LAST)
            && !text.is_capital(part.first)
    });
    let first = lead.map_or_else(
        || with_family_before(text, gazetteer, at, &name),
        |part| part.word,
    );
    Some((first, last, score))
}

/// How sure a name is; nothing when it is none.
fn judge(text: &Text<'_>, name: &Name, cue: Cue, german: bool) -> Option<f32> {
    let first = name.parts.first()?;
    let listed = name.parts.iter().any(|part| {
        part.known.is(Known::FIRST) || part.known.is(Known::LAST) || part.known.is(Known::INFLECTED)
    });
    let capital = text.is_capital(first.first) || first.particle;
    let whole = ends_line(text, name.last()?);
    let many = name.words() > 1 || first.initial;
    let named =
        first.known.is(Known::FIRST) && (whole || name.has_family() || many && cue != Cue::Nothing);
    let barred = is_barred(text, name) && !named;
    if barred && !matches!(cue, Cue::Title | Cue::ShortTitle) {
        return None;
    }
    match cue {
        Cue::Title | Cue::ShortTitle => {
            (!is_barred(text, name) || listed || first.particle).then_some(0.95)
        }
        Cue::Greeting => (capital && listed && !first.known.is(Known::ALWAYS_WORD)
            || whole && (capital || listed))
            .then_some(0.9),
        Cue::Signoff => (whole && (capital || listed) && name.words() <= 4
            || capital && is_given(text, name, german))
        .then_some(0.9),
        Cue::Naming | Cue::Field => capital.then_some(0.9),
        Cue::Intro => (capital && (listed || many && !german)).then_some(0.85),
        Cue::Named => (capital && (listed || many || !german)).then_some(0.8),
        Cue::Weak => (capital && (is_listed_plainly(name) || many && listed)).then_some(0.8),
        Cue::Relative => (capital && (listed || !german)).then_some(0.8),
        Cue::Nothing => bare(text, name, german),
    }
    .or_else(|| bare(text, name, german))
}

/// A name without a word that says so.
fn bare(text: &Text<'_>, name: &Name, german: bool) -> Option<f32> {
    let first = name.parts.first()?;
    if !(text.is_capital(first.first) || first.particle)
        || is_barred(text, name) && !name.has_family()
    {
        return None;
    }
    if first.initial {
        let word = name.parts.iter().find(|part| !part.initial)?;
        let plain = !german
            || word.known.is(Known::LAST)
            || word.particle
            || name.parts.len() > 2
            || text.raw(word.first).len() > 4;
        let good = plain
            && !text.says(first.first, LEGAL.and(SIGNOFF))
            && !text.says(word.word, BARRED)
            && text.raw(word.word).chars().count() > 2;
        return good.then_some(0.8);
    }
    if first.particle {
        let two = first.last >= first.first + 2;
        return (two && first.known.is(Known::LAST)).then_some(0.7);
    }
    if is_given(text, name, german) {
        return Some(if name.words() > 1 { 0.85 } else { 0.7 });
    }
    None
}

/// Whether it begins with a word that begins no name.
fn is_barred(text: &Text<'_>, name: &Name) -> bool {
    name.parts
        .first()
        .is_some_and(|part| !part.initial && text.says(part.word, BARRED))
}

/// Whether it begins with a given name that is no other word here.
fn is_given(text: &Text<'_>, name: &Name, german: bool) -> bool {
    let Some(first) = name.parts.first() else {
        return false;
    };
    let (family, many) = (name.has_family(), name.words() > 1);
    if text.is_upper(first.first) {
        return first.known.is(Known::FIRST) && family && text.raw(first.first).len() > 2;
    }
    if !first.known.is(Known::FIRST) {
        return first.known.is(Known::INFLECTED) && family;
    }
    let last = name.last().unwrap_or(first.last);
    let numbered = text.digits(last + 1) > 0
        || text.is_mark(last + 1, '.') && text.digits(last + 2) > 0 && !many;
    let article = !many
        && first.first > 0
        && matches!(
            text.folded(first.first - 1),
            "het" | "the" | "das" | "dem" | "een" | "ein"
        );
    let place = !many
        && first.known.is(Known::PLACE)
        && first.first > 0
        && TOWARDS.contains(&text.folded(first.first - 1));
    if first.known.is(Known::ALWAYS_WORD) || german && first.known.is(Known::GERMAN_WORD) {
        return family
            && name
                .parts
                .iter()
                .skip(1)
                .any(|part| part.known.is(Known::LAST));
    }
    // "Hospital Reina Sofía": the end of some other name.
    if !many && !german && is_behind_capital(text, first.first) {
        return false;
    }
    if first.known.is(Known::START_WORD) && text.is_first(first.first) {
        return many;
    }
    !place && !article && (many || !numbered)
}

/// Whether a capital inside the sentence stands before, which is neither a title nor a role.
fn is_behind_capital(text: &Text<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| {
        let word =
            text.is_capital(before) && text.raw(before).chars().count() > 1 && !text.is_glued(at);
        word && !text.is_first(before)
            && !text.says(before, TITLE.and(PERSON).and(GREETING).and(SIGNOFF))
    })
}

/// Whether a given name that is no word is among its parts.
fn is_listed_plainly(name: &Name) -> bool {
    name.knows(Known::LAST) && !name.knows(Known::FAMILY_WORD)
        || name
            .parts
            .iter()
            .any(|part| part.known.is(Known::FIRST) && !part.known.is(Known::ALWAYS_WORD))
}

/// Whether the line, or the clause, ends behind the name.
fn ends_line(text: &Text<'_>, last: usize) -> bool {
    text.get(last + 1).is_none()
        || text.is_break(last + 1)
        || text.is_one_of(last + 1, ",.!?;:()-–|")
}

/// The first token of "Vermeulen, Ingrid".
fn with_family_before(text: &Text<'_>, gazetteer: &Gazetteer, at: usize, name: &Name) -> usize {
    let family = at
        .checked_sub(2)
        .filter(|_| text.is_mark(at - 1, ',') && name.words() == 1 && name.knows(Known::FIRST));
    let Some(family) = family.filter(|family| text.is_capital(*family)) else {
        return at;
    };
    let known = gazetteer.get(text.folded(family));
    let plain = known.is(Known::LAST) && !known.is(Known::FAMILY_WORD) && !known.is(Known::FIRST);
    if plain { family } else { at }
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::{assert_table, found};

    #[test]
    fn names_are_found_behind_cues_and_by_their_lists() {
        assert_table(
            Identifier::PersonName,
            &[
                (
                    "mevr. jansen belt, dhr. Van der Meer niet",
                    &["jansen", "Van der Meer"],
                ),
                ("Frau Dr. Annette von Bülow wünscht", &["Annette von Bülow"]),
                ("Groeten,\nBram Oosterhuis", &["Bram Oosterhuis"]),
                ("t.n.v. J.W. Kuipers", &["J.W. Kuipers"]),
                (
                    "Kind regards,\nSiobhan O'Rourke\nAccounts",
                    &["Siobhan O'Rourke"],
                ),
                ("Pani Wróblewska prosi", &["Wróblewska"]),
                ("Rozmowa z Anną Nowak", &["Anną Nowak"]),
                (
                    "Youssef El Amrani en Willem-Jan de Groot",
                    &["Youssef El Amrani", "Willem-Jan de Groot"],
                ),
                ("De heer D'Alessandro", &["D'Alessandro"]),
            ],
        );
    }

    #[test]
    fn firms_schools_streets_and_words_are_no_persons() {
        for text in [
            "Jansen Bouw BV",
            "Die Müller GmbH",
            "Smith & Sons Ltd",
            "García e Hijos SL",
            "Kowalski i Synowie Sp. z o.o.",
            "lycée Victor Hugo",
            "Anne Frank Huis",
            "Rue Victor Hugo",
            "Beste collega's,",
            "Dear customer,",
            "Will you be there in May?",
            "Mark the date",
            "Met vriendelijke groet,\nHet team Verkoop",
            "Albert Heijn",
            "Max. 5 personen",
            "jan.nl",
            "weil bei meiner Frau Brustkrebs festgestellt wurde",
        ] {
            assert_eq!(
                found(text, Identifier::PersonName),
                Vec::<&str>::new(),
                "{text}"
            );
        }
    }
}
