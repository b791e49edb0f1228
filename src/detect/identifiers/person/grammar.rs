//! What a person's name is made of: given names, initials, particles, family names.

use crate::detect::identifiers::cues::{
    BRAND, COUNTRY, Cues, DOCUMENT, INSTITUTION, LEGAL, MONEY, OTHER, PHONE, PLATE, PRODUCT, ROLE,
    TITLE, VERSION, WEEKDAY,
};
use crate::detect::identifiers::gazetteer::{Gazetteer, Known};
use crate::detect::identifiers::text::Text;

/// No name has more capitalised words.
const WORDS: usize = 4;
/// Small words inside a family name.
const PARTICLES: &[&str] = &[
    "van", "der", "den", "de", "het", "t", "ter", "ten", "te", "vande", "vander", "von", "vom",
    "zu", "zum", "zur", "du", "des", "la", "le", "del", "della", "delle", "dello", "di", "da",
    "do", "dos", "das", "lo", "el", "al", "ben", "bin", "ibn", "abu", "bint", "af", "av", "d",
];
/// What no name goes on with, though it has a capital.
const BARRIER: Cues = ROLE
    .and(WEEKDAY)
    .and(TITLE)
    .and(MONEY)
    .and(PHONE)
    .and(OTHER)
    .and(PRODUCT)
    .and(VERSION)
    .and(DOCUMENT)
    .and(PLATE)
    .and(COUNTRY)
    .and(LEGAL)
    .and(INSTITUTION)
    .and(BRAND);

/// A capitalised word, perhaps of several joined by hyphens and apostrophes, or an initial.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub first: usize,
    /// The first token behind its particles.
    pub word: usize,
    pub last: usize,
    pub known: Known,
    pub initial: bool,
    /// Particles before it belong to it.
    pub particle: bool,
}

/// A name as it stands in the text.
#[derive(Debug, Default)]
pub struct Name {
    pub parts: Vec<Part>,
}

/// How a name is read.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Small letters are read too, where the lists know the word: behind a title.
    pub lower: bool,
    /// In German a capital is no sign of a name.
    pub german: bool,
    /// Whether the part is the first one.
    pub first: bool,
}

impl Manner {
    /// Small letters are read in the first part only: what follows "mevr. jansen" is the sentence.
    const fn for_part(self, first: bool) -> Self {
        Self {
            lower: self.lower && first,
            first,
            ..self
        }
    }
}

impl Name {
    /// The name that begins at `first`; empty when none does.
    pub fn read(text: &Text<'_>, gazetteer: &Gazetteer, first: usize, manner: Manner) -> Self {
        let mut name = Self::default();
        let mut at = first;
        while name.words() < WORDS && name.parts.len() < 2 * WORDS {
            let Some(part) = part(text, gazetteer, at, manner.for_part(name.parts.is_empty()))
            else {
                break;
            };
            if !name.parts.is_empty() && !name.goes_on(text, part, manner) {
                break;
            }
            at = part.last + 1;
            name.parts.push(part);
        }
        name
    }

    /// How many of its parts are no initials.
    pub fn words(&self) -> usize {
        self.parts.iter().filter(|part| !part.initial).count()
    }

    pub fn last(&self) -> Option<usize> {
        self.parts.last().map(|part| part.last)
    }

    pub fn knows(&self, what: Known) -> bool {
        self.parts.iter().any(|part| part.known.is(what))
    }

    /// Whether a family name behind the first part is one that is no word.
    pub fn has_family(&self) -> bool {
        self.parts.iter().skip(1).any(|part| {
            part.particle || part.known.is(Known::LAST) && !part.known.is(Known::FAMILY_WORD)
        })
    }

    fn goes_on(&self, text: &Text<'_>, part: Part, manner: Manner) -> bool {
        let known = part.known.is(Known::LAST) || part.known.is(Known::FIRST);
        if text.says(part.word, BARRIER)
            && !part.initial
            && (!known || text.says(part.word, ROLE.and(WEEKDAY).and(TITLE)))
        {
            return false;
        }
        let given = self.parts.iter().any(|part| {
            part.initial || part.known.is(Known::FIRST) || part.known.is(Known::INFLECTED)
        });
        // "J. DE VRIES", but not "Jan VAT".
        let same = self.parts.first().is_none_or(|first| {
            !text.is_upper(part.word)
                || text.is_upper(first.first)
                || first.initial
                || part.initial
                || text.raw(part.first).len() > 2
        });
        same && (part.particle
            || part.initial && self.parts.len() < 3
            || known
            || given && self.words() < 3
            || !manner.german && self.words() < 2)
    }
}

fn part(text: &Text<'_>, gazetteer: &Gazetteer, at: usize, manner: Manner) -> Option<Part> {
    if let Some(last) = initial(text, at, manner.first) {
        return Some(Part {
            first: at,
            word: at,
            last,
            known: Known::default(),
            initial: true,
            particle: false,
        });
    }
    let behind = behind_particles(text, at);
    if behind > at {
        let (last, known) = chain(text, gazetteer, behind)
            .filter(|_| text.is_capital(behind))
            .or_else(|| {
                (manner.lower && text.is_letters(behind) && !text.says(behind, BARRIER))
                    .then(|| (behind, gazetteer.get(text.folded(behind))))
            })?;
        return Some(Part {
            first: at,
            word: behind,
            last,
            known,
            initial: false,
            particle: true,
        });
    }
    let (last, known) = chain(text, gazetteer, at)?;
    let listed = known.is(Known::FIRST) || known.is(Known::LAST);
    let readable = text.is_capital(at)
        || manner.lower && listed && !text.says(at, BARRIER) && text.raw(at).len() > 2;
    // "O'Rourke": the letter says nothing of its own.
    let word = if text.raw(at).chars().count() == 1 {
        last
    } else {
        at
    };
    readable.then_some(Part {
        first: at,
        word,
        last,
        known,
        initial: false,
        particle: false,
    })
}

/// The full stop of an initial: "J.", "Th.", and the last of "J.P.".
fn initial(text: &Text<'_>, at: usize, first: bool) -> Option<usize> {
    let letters = text.is_upper(at) && text.raw(at).chars().count() == 1
        || matches!(
            text.raw(at),
            "Th" | "Ch" | "Chr" | "Ph" | "Joh" | "IJ" | "Fr"
        );
    if !letters {
        return None;
    }
    if text.is_mark(at + 1, '.') && text.is_glued(at + 1) {
        return Some(at + 1);
    }
    // "Margaret A Thornbury".
    (!first
        && text.raw(at).chars().count() == 1
        && text.is_capital(at + 1)
        && !text.is_glued(at + 1)
        && !text.is_glued(at))
    .then_some(at)
}

/// The token behind "van der", "de la", "d'", "'t".
fn behind_particles(text: &Text<'_>, at: usize) -> usize {
    let mut behind = at;
    for _ in 0..3 {
        let mark = usize::from(text.is_mark(behind, '\''));
        let word = behind + mark;
        let known = PARTICLES.contains(&text.folded(word)) && (mark == 0 || text.is_glued(word));
        if !known {
            break;
        }
        let next = word + 1;
        let elided = text.is_mark(next, '\'')
            && text.is_glued(next)
            && text.is_glued(next + 1)
            && matches!(text.raw(word), "d" | "D" | "l" | "L");
        if elided {
            behind = next + 1;
        } else if matches!(text.folded(word), "d" | "t") && mark == 0
            || !(text.is_letters(next) || text.is_mark(next, '\''))
            || text.is_glued(next)
        {
            break;
        } else {
            behind = next;
        }
    }
    behind
}

/// The last token of a word with what hyphens and apostrophes join to it, and what it is known as.
fn chain(text: &Text<'_>, gazetteer: &Gazetteer, first: usize) -> Option<(usize, Known)> {
    if !text.is_letters(first) {
        return None;
    }
    let (mut last, mut key, mut known) = (
        first,
        text.folded(first).to_owned(),
        gazetteer.get(text.folded(first)),
    );
    for _ in 0..3 {
        let joined = text.is_one_of(last + 1, "-'")
            && text.is_glued(last + 1)
            && text.is_glued(last + 2)
            && text.is_letters(last + 2);
        let hyphen = text.is_mark(last + 1, '-');
        let particle = hyphen
            && PARTICLES.contains(&text.folded(last + 2))
            && text.is_capital(last + 3)
            && !text.is_glued(last + 3);
        let word = text.is_capital(last + 2)
            || text.raw(last + 2).chars().count() > 2
                && !hyphen
                && text.raw(first).chars().count() <= 2;
        if !joined || !(word || particle) {
            break;
        }
        last += if particle { 3 } else { 2 };
        key.push(' ');
        key.push_str(text.folded(last));
        let apostrophe = !hyphen && text.raw(first).chars().count() <= 2;
        let other = gazetteer.get(text.folded(last)).with(gazetteer.get(&key));
        known = if apostrophe {
            Known::LAST
        } else {
            known.or_else(other)
        };
    }
    Some((last, known))
}
