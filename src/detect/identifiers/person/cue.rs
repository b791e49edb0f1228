//! What stands before a name and says that it is one.

use crate::detect::identifiers::cues::{FIELD, GREETING, INTRO, NAMECUE, PERSON, SIGNOFF, TITLE};
use crate::detect::identifiers::text::Text;

/// What the words before a place say of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cue {
    /// "Herr Dr.", "mijnheer".
    Title,
    /// "mevr.", "dhr": in haste the name behind it has no capital.
    ShortTitle,
    /// "Beste", "Sehr geehrter".
    Greeting,
    /// "Groeten,", with or without a line between.
    Signoff,
    /// "my name is", "ich heiße": whatever follows is a name.
    Naming,
    /// "ik ben", "this is": a name may follow.
    Intro,
    /// "Naam:", "contact:".
    Field,
    /// "t.n.v.", "namens", "spoke to".
    Named,
    /// "volgens", "klant": a name may follow.
    Weak,
    /// "zijn zoon".
    Relative,
    Nothing,
}

/// Words that tell of something else than a person as often.
const WEAK: &[&str] = &[
    "volgens",
    "via",
    "contact",
    "kontakt",
    "contacto",
    "contatto",
    "cc",
    "inhaber",
    "attention",
];
/// What comes from firms as often as from persons, before "van", "von", "de".
const MESSAGES: &[&str] = &[
    "appel",
    "mail",
    "message",
    "courrier",
    "plainte",
    "llamada",
    "correo",
    "mensaje",
    "chiamata",
    "telefon",
    "wiadomosc",
    "anruf",
    "nachricht",
    "beschwerde",
    "schreiben",
    "telefoontje",
    "brief",
    "vraag",
    "reactie",
    "melding",
    "klacht",
    "bericht",
    "verzoek",
];
/// Words of "my name is" besides the verb.
const NAMING: &[&str] = &["heet", "heisse", "appelle", "llamo", "chiamo", "imie"];
const OWNERS: &[&str] = &[
    "meine", "meiner", "seine", "seiner", "ihre", "ihrer", "deine", "deiner", "unsere", "eine",
    "einer", "die", "der", "de", "la", "sa", "ma", "un", "le", "il", "mein", "sein",
];
/// Titles as they are written in haste.
const SHORT: &[&str] = &[
    "dhr", "hr", "mevr", "mw", "mvr", "mevrouw", "meneer", "mijnheer", "mr", "mrs", "ms", "fr",
    "hrn", "mme", "mlle", "sr", "sra", "sig", "sigra",
];
const RELATIVES: &[&str] = &[
    "zoon",
    "dochter",
    "man",
    "vrouw",
    "echtgenoot",
    "echtgenote",
    "broer",
    "zus",
    "son",
    "daughter",
    "husband",
    "wife",
    "brother",
    "sister",
    "sohn",
    "tochter",
    "ehemann",
    "ehefrau",
    "bruder",
    "schwester",
    "fils",
    "fille",
    "mari",
    "epouse",
    "epoux",
    "frere",
    "soeur",
    "hijo",
    "hija",
    "marido",
    "esposa",
    "esposo",
    "hermano",
    "hermana",
    "figlio",
    "figlia",
    "marito",
    "moglie",
    "fratello",
    "sorella",
    "syn",
    "corka",
    "maz",
    "zona",
    "brat",
    "siostra",
];

pub fn cue_at(text: &Text<'_>, at: usize) -> Cue {
    let Some(mut before) = at.checked_sub(1) else {
        return Cue::Nothing;
    };
    if text.is_mark(before, ':') && text.is_letters(before.saturating_sub(1)) {
        let field = before - 1;
        if text.says(field, FIELD.and(NAMECUE).and(TITLE).and(PERSON)) {
            return Cue::Field;
        }
        if text.says(field, SIGNOFF.and(GREETING)) {
            return Cue::Signoff;
        }
        return Cue::Nothing;
    }
    if let Some(signoff) = behind_marks(text, before)
        && text.says(signoff, SIGNOFF)
        && (signoff != before || !text.says(signoff, GREETING))
    {
        return Cue::Signoff;
    }
    if text.is_mark(before, '.') && text.is_glued(before) {
        let Some(word) = before.checked_sub(1) else {
            return Cue::Nothing;
        };
        before = word;
        if !text.says(before, TITLE.and(NAMECUE)) {
            return Cue::Nothing;
        }
    }
    by_word(text, before)
}

fn by_word(text: &Text<'_>, before: usize) -> Cue {
    let word = text.folded(before);
    if text.says(before, TITLE) {
        // "bei meiner Frau Brustkrebs": a relative.
        let owned = before
            .checked_sub(1)
            .is_some_and(|owner| OWNERS.contains(&text.folded(owner)));
        return match word {
            "frau" | "familie" | "famille" | "don" | "lady" | "rodzina" if owned => Cue::Weak,
            _ if SHORT.contains(&word) => Cue::ShortTitle,
            _ => Cue::Title,
        };
    }
    if text.says(before, GREETING) {
        return Cue::Greeting;
    }
    if text.says(before, INTRO) {
        let named = matches!(word, "is" | "ist" | "est" | "es" | "e" | "sie")
            && (1..=2).any(|back| {
                before.checked_sub(back).is_some_and(|at| {
                    matches!(
                        text.folded(at),
                        "naam" | "name" | "nom" | "nombre" | "nome" | "nazywam"
                    )
                })
            });
        return if named || NAMING.contains(&word) {
            Cue::Naming
        } else {
            Cue::Intro
        };
    }
    if text.says(before, NAMECUE) {
        let message = before
            .checked_sub(1)
            .is_some_and(|at| word != "from" && MESSAGES.contains(&text.folded(at)));
        return if message || WEAK.contains(&word) {
            Cue::Weak
        } else {
            Cue::Named
        };
    }
    if text.says(before, PERSON) {
        return if RELATIVES.contains(&word) {
            Cue::Relative
        } else {
            Cue::Weak
        };
    }
    Cue::Nothing
}

/// The word before commas, stops and at most two ends of lines.
fn behind_marks(text: &Text<'_>, mut at: usize) -> Option<usize> {
    let mut lines = 0;
    for _ in 0..5 {
        if text.is_break(at) {
            lines += 1;
        } else if !text.is_one_of(at, ",.!-–") {
            break;
        }
        at = at.checked_sub(1)?;
    }
    (lines <= 2 && text.is_letters(at)).then_some(at)
}
