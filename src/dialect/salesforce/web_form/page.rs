//! What the visitor sees where there is no page of the organization's own to lead to. It stands on the
//! organization's website, so it has no style and no link of ours.

use crate::dialect::pages::error::{Language, escaped, reason};
use crate::dialect::salesforce::error;
use crate::model::Refusal;

struct Words {
    lang: &'static str,
    refused: &'static str,
    nothing: &'static str,
    why: &'static str,
    field: &'static str,
    rule: &'static str,
    back: &'static str,
    /// Who sent it is not known.
    denied: (&'static str, &'static str),
    /// It may come again in a moment.
    busy: (&'static str, &'static str),
    /// Nobody can say whether the CRM has it.
    failed: (&'static str, &'static str),
    taken: (&'static str, &'static str),
}

const NL: Words = Words {
    lang: "nl",
    refused: "Uw formulier is niet verstuurd",
    nothing: "Er is niets van opgeslagen.",
    why: "Waarom",
    field: "Veld",
    rule: "Regel",
    back: "Ga met de knop Terug van uw browser terug, verbeter wat hierboven staat en verstuur het opnieuw.",
    denied: (
        "Dit formulier kan hier niet worden verstuurd",
        "De website heeft zich niet met beide bewijzen bekendgemaakt. Er is niets gelezen en niets opgeslagen.",
    ),
    busy: (
        "Uw formulier kon nu niet worden verstuurd",
        "Er is niets van gelezen of opgeslagen. Probeer het zo opnieuw.",
    ),
    failed: (
        "Of uw formulier is aangekomen, is niet zeker",
        "Neem contact met ons op, of probeer het later opnieuw.",
    ),
    taken: ("Uw formulier is ontvangen", "Dank u wel."),
};

const EN: Words = Words {
    lang: "en",
    refused: "Your form was not sent",
    nothing: "Nothing of it is kept.",
    why: "Why",
    field: "Field",
    rule: "Rule",
    back: "Go back with your browser's Back button, correct what stands above and send it again.",
    denied: (
        "This form cannot be sent here",
        "The website has not shown both of its proofs. Nothing was read and nothing is kept.",
    ),
    busy: (
        "Your form could not be sent just now",
        "Nothing of it was read or kept. Please try again in a moment.",
    ),
    failed: (
        "It is not certain that your form has arrived",
        "Please contact us, or try again later.",
    ),
    taken: ("Your form was received", "Thank you."),
};

fn words(language: Language) -> &'static Words {
    match language {
        Language::Nl => &NL,
        Language::En => &EN,
    }
}

/// Status and page of a refusal, as the API would answer it.
#[must_use]
pub fn refused(refusal: &Refusal, language: Language) -> (u16, String) {
    let words = words(language);
    let reason = reason(refusal.code, language);
    let mut rows = String::new();
    row(&mut rows, words.why, reason.unwrap_or(&refusal.text), "");
    if reason.is_some() {
        row(&mut rows, "", &refusal.text, " lang=\"en\"");
    }
    if let Some(field) = &refusal.field {
        row(&mut rows, words.field, field, "");
    }
    let rule = format!("[sluis {}]", refusal.code.name());
    row(&mut rows, words.rule, &rule, "");
    let text = format!(
        "<p>{}</p><dl>{rows}</dl><p>{}</p>",
        words.nothing, words.back
    );
    let (status, _) = error::answer(refusal);
    (status, page(words, words.refused, &text))
}

/// For whoever sends without both proofs; `why` names what is missing, and nothing that was sent.
#[must_use]
pub fn denied(why: &str, language: Language) -> String {
    let words = words(language);
    told(words, words.denied, why)
}

/// For whoever sends too much at once, or while the gate cannot decide.
#[must_use]
pub fn busy(why: &str, language: Language) -> String {
    let words = words(language);
    told(words, words.busy, why)
}

/// Nobody can say whether the CRM has it; `why` is said without a cause of ours.
#[must_use]
pub fn failed(why: &str, language: Language) -> String {
    let words = words(language);
    told(words, words.failed, why)
}

/// The CRM has it, and the form leads nowhere.
#[must_use]
pub fn taken(language: Language) -> String {
    let words = words(language);
    let (title, text) = words.taken;
    page(words, title, &format!("<p>{text}</p>"))
}

fn told(words: &Words, (title, text): (&str, &str), why: &str) -> String {
    let why = escaped(why);
    let inside = format!("<p>{text}</p><p lang=\"en\">{why}</p>");
    page(words, title, &inside)
}

fn row(out: &mut String, term: &str, text: &str, tongue: &str) {
    if !term.is_empty() {
        out.push_str("<dt>");
        out.push_str(term);
        out.push_str("</dt>");
    }
    out.push_str("<dd");
    out.push_str(tongue);
    out.push('>');
    out.push_str(&escaped(text));
    out.push_str("</dd>");
}

fn page(words: &Words, title: &str, inside: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1>{inside}</main></body></html>\n",
        words.lang
    )
}
