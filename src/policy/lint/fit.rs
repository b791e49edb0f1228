//! Does what protection makes of a value fit the field? A value that does not fit would be refused
//! at run time, or cut by the CRM; it is found here, from the CRM's own describe.

use crate::policy::lint::Subject;
use crate::policy::{FieldType, Report, Rule, sentence};

/// Characters of a token (docs/spec/token.md).
const TOKEN: u32 = 18;

/// The least length of a field for ciphertext: 24 characters of header and 38 of nonce and tag
/// stand around it and base64 makes three bytes into four characters, so that a shorter field
/// would hold a few sentences at most.
const SEALED: u32 = 1000;

pub fn check(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if field.kind == FieldType::Base64 {
        return file(subject, report);
    }
    match &field.rule {
        Rule::Tokenize { .. } => token(subject, report),
        Rule::Encrypt => encrypt(subject, report),
        Rule::Hold => hold(subject, report),
        Rule::Generalize(to) => {
            if !to.fits(field.kind) {
                report.error(
                    "policy-generalize-misfit",
                    &field.span,
                    sentence!(
                        "a field of type {kind} cannot hold {to}",
                        "een veld van type {kind} kan {to} niet bevatten",
                        to: to.words(),
                        kind: sentence!("{kind}", "{kind}", kind = field.kind),
                    ),
                    sentence!(
                        "choose a rule for its type, or `strip` or `hold`",
                        "kies een regel voor dat type, of `strip` of `hold`"
                    ),
                );
            }
        }
        Rule::Pass | Rule::Derived | Rule::Strip | Rule::Block => {}
    }
    computed(subject, report);
}

/// A file leaves sealed, or not at all: nobody has looked into it.
fn file(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if !matches!(field.rule, Rule::Encrypt | Rule::Block | Rule::Strip) {
        report.error(
            "policy-file-misfit",
            &field.span,
            sentence!(
                "{label} holds files, of which its rule is {rule}",
                "{label} bevat bestanden, en de regel ervan is {rule}",
                label = field.label,
                rule = field.rule.name(),
            ),
            sentence!(
                "use `encrypt`, and files leave sealed; `block` or `left_out`, and none leaves",
                "met `encrypt` gaan bestanden verzegeld weg; met `block` of `left_out` gaat er geen weg"
            ),
        );
    }
}

fn token(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if !field.kind.holds_text() {
        report.error(
            "policy-token-misfit",
            &field.span,
            sentence!(
                "a field of type {kind} cannot hold a token",
                "een veld van type {kind} kan geen token bevatten",
                kind = field.kind,
            ),
            sentence!(
                "use `hold` (kept here, nothing leaves), `generalize` or `strip`",
                "gebruik `hold` (blijft hier, er gaat niets weg), `generalize` of `strip`"
            ),
        );
        return;
    }
    let domain = u32::try_from(subject.plan.token_domain().len()).unwrap_or(u32::MAX);
    let needed = match field.kind {
        FieldType::Email => TOKEN.saturating_add(1).saturating_add(domain),
        _ => TOKEN,
    };
    match field.length {
        Some(length) if length >= needed => {}
        Some(length) => report.error(
            "policy-token-misfit",
            &field.span,
            sentence!(
                "a token takes {needed} characters here and the field holds {length}",
                "een token heeft hier {needed} tekens nodig en in het veld passen er {length}"
            ),
            sentence!(
                "use `strip`, `generalize` or `block`; in e-mail fields a shorter `token_domain` helps",
                "gebruik `strip`, `generalize` of `block`; in e-mailvelden helpt een korter `token_domain`"
            ),
        ),
        None => report.error(
            "policy-token-misfit",
            &field.span,
            sentence!(
                "the describe does not say how long the field is",
                "de beschrijving zegt niet hoe lang het veld is"
            ),
            sentence!(
                "refresh the field table; a token takes 18 characters",
                "vernieuw de veldentabel; een token heeft 18 tekens"
            ),
        ),
    }
}

fn encrypt(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    let long = field.length.is_some_and(|length| length >= SEALED);
    if !(long && matches!(field.kind, FieldType::Textarea | FieldType::String)) {
        report.error(
            "policy-encrypt-misfit",
            &field.span,
            sentence!(
                "a field of type {kind} and length {length} has no room for ciphertext",
                "een veld van type {kind} en lengte {length} heeft geen ruimte voor versleutelde tekst",
                kind = field.kind,
                length = field.length.unwrap_or(0),
            ),
            sentence!(
                "`encrypt` is for text fields from 1000 characters; use `tokenize`, which stores the value here",
                "`encrypt` is voor tekstvelden vanaf 1000 tekens; gebruik `tokenize`, dat de waarde hier bewaart"
            ),
        );
    }
}

fn hold(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    if field.kind.holds_text() {
        let label = &field.label;
        report.warning(
            "policy-hold-text",
            &field.span,
            sentence!(
                "{label} could hold a token, which the CRM's reports and copies would carry along",
                "in {label} past een token, dat rapporten en kopieën van het CRM zouden meenemen"
            ),
            sentence!(
                "use `tokenize`; `hold` leaves the field empty in the CRM",
                "gebruik `tokenize`; `hold` laat het veld in het CRM leeg"
            ),
        );
    }
    if matches!(
        field.kind,
        FieldType::Id | FieldType::Reference | FieldType::Address | FieldType::Location
    ) {
        report.error(
            "policy-hold-misfit",
            &field.span,
            sentence!(
                "a field of type {kind} cannot be held back",
                "een veld van type {kind} kan niet worden achtergehouden",
                kind = field.kind,
            ),
            sentence!(
                "the CRM needs ids and references; list compound fields under `derived`",
                "het CRM heeft ids en verwijzingen nodig; noem samengestelde velden onder `derived`"
            ),
        );
    }
}

/// Fields that no client writes cannot be protected on their way out: there is no way out. What
/// the CRM computes from tokens has tokens inside.
fn computed(subject: &Subject<'_>, report: &mut Report) {
    let field = subject.field;
    let acts = matches!(
        field.rule,
        Rule::Tokenize { .. } | Rule::Encrypt | Rule::Hold | Rule::Generalize(_)
    );
    if acts && subject.known.is_some_and(|known| !known.writable) {
        report.error(
            "policy-computed-field",
            &field.span,
            sentence!(
                "the CRM computes this field: no client writes it, so no rule of ours is applied to it",
                "het CRM berekent dit veld: niemand schrijft het, dus geen regel van ons werkt erop"
            ),
            sentence!(
                "list it under `derived`: tokens inside it are revealed; or under `left_out`",
                "noem het onder `derived`: tokens erin worden onthuld; of onder `left_out`"
            ),
        );
    }
    if field.rule == Rule::Derived && subject.known.is_some_and(|known| known.writable) {
        let label = &field.label;
        report.warning(
            "policy-derived-writable",
            &field.span,
            sentence!(
                "clients can write {label}, and a derived field is never written",
                "{label} kan worden geschreven, en een afgeleid veld wordt dat nooit"
            ),
            sentence!(
                "give it a class, unless writes of it are to be refused",
                "geef het een klasse, tenzij schrijven geweigerd moet worden"
            ),
        );
    }
}
