//! E-mail addresses, also with the sign written in words.

use crate::detect::Identifier;
use crate::detect::identifiers::hit::Hits;
use crate::detect::identifiers::text::Text;

/// How many tokens an address has on one side of its sign at most.
const REACH: usize = 24;
/// The sign's names.
const SIGNS: &[&str] = &[
    "at",
    "apenstaartje",
    "arroba",
    "arobase",
    "arobas",
    "chiocciola",
    "chiocciolina",
    "malpa",
    "malpka",
    "klammeraffe",
    "affenschwanz",
    "apestaart",
];
/// The full stop's names.
const STOPS: &[&str] = &["dot", "punt", "punkt", "point", "punto", "kropka", "ponto"];
/// What stands behind a sign in a file's name, not in an address.
const FILES: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "ts",
];

/// No host has more labels.
const LABELS: usize = 8;
/// Top-level domains that a spelled address may end in; without the list "look at this point in" is one.
const TOPS: &[&str] = &[
    "nl",
    "be",
    "de",
    "fr",
    "es",
    "it",
    "pl",
    "eu",
    "com",
    "net",
    "org",
    "info",
    "uk",
    "ie",
    "at",
    "ch",
    "lu",
    "pt",
    "dk",
    "se",
    "fi",
    "cz",
    "hu",
    "ro",
    "bg",
    "gr",
    "hr",
    "si",
    "sk",
    "lt",
    "lv",
    "ee",
    "mt",
    "cy",
    "no",
    "biz",
    "example",
    "test",
    "frl",
    "amsterdam",
    "vlaanderen",
    "berlin",
    "cat",
    "tr",
    "io",
    "me",
];

/// How the sign is written, which says how much the rest must prove.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    /// "@" or in brackets.
    Mark,
    /// By a name that is no other word: "apenstaartje".
    Named,
    /// The English word "at".
    At,
}

pub fn find(text: &Text<'_>, hits: &mut Hits) {
    let mut free = 0;
    for at in 0..text.len() {
        let Some((left, right, style)) = sign(text, at) else {
            continue;
        };
        if let (Some(first), Some(last)) = (local(text, left, free), domain(text, right, style)) {
            let score = if style == Style::Mark { 1.0 } else { 0.9 };
            hits.add(text, (first, last), Identifier::Email, score);
            free = last + 1;
        }
    }
}

/// The first and last token of a sign: "@", "(at)", "[at]", "apenstaartje".
fn sign(text: &Text<'_>, at: usize) -> Option<(usize, usize, Style)> {
    if text.is_mark(at, '@') {
        return Some((at, at, Style::Mark));
    }
    let word = text.folded(at);
    if !SIGNS.contains(&word) {
        return None;
    }
    let before = at.checked_sub(1)?;
    if text.is_one_of(before, "([{<") && text.is_one_of(at + 1, ")]}>") {
        return Some((before, at + 1, Style::Mark));
    }
    let style = if word == "at" {
        Style::At
    } else {
        Style::Named
    };
    Some((at, at, style))
}

/// The first token of what stands before the sign. No further back than `free`.
fn local(text: &Text<'_>, sign: usize, free: usize) -> Option<usize> {
    let mut at = sign.checked_sub(1)?;
    if !text.is_letters(at) && text.digits(at) == 0 && !text.is_one_of(at, "_") {
        return None;
    }
    if at < free || text.is_break(at) {
        return None;
    }
    let floor = free.max(sign.saturating_sub(REACH));
    while at > floor {
        let before = at - 1;
        let part = text.is_letters(before)
            || text.digits(before) > 0
            || text.is_one_of(before, "._-+%'") && before > floor && {
                let further = before - 1;
                text.is_letters(further) || text.digits(further) > 0 || text.is_mark(further, '_')
            };
        if text.is_glued(at) && part {
            at = before;
        } else if STOPS.contains(&text.folded(before))
            && before > floor
            && text.is_letters(before - 1)
        {
            at = before - 1;
        } else {
            break;
        }
    }
    Some(at)
}

/// The last token of the host behind the sign: labels with a stop between them, the last of letters.
fn domain(text: &Text<'_>, sign: usize, style: Style) -> Option<usize> {
    let (mut at, mut spelled, mut best) = (sign + 1, false, None);
    for count in 1..=LABELS {
        let Some(last) = label(text, at) else {
            break;
        };
        let known = TOPS.contains(&text.folded(last));
        let top =
            text.is_letters(last) && at == last && (2..=24).contains(&text.folded(last).len());
        let allowed = match style {
            Style::Mark => !spelled || known,
            Style::Named => known,
            Style::At => known && spelled,
        };
        if count > 1 && top && allowed && !FILES.contains(&text.folded(last)) {
            best = Some(last);
        }
        match stop(text, last + 1, style) {
            Some((next, word)) => {
                at = next;
                spelled |= word;
            }
            None => break,
        }
    }
    best
}

/// The last token of a label that begins at `at`.
fn label(text: &Text<'_>, at: usize) -> Option<usize> {
    if !text.is_letters(at) && text.digits(at) == 0 {
        return None;
    }
    let mut last = at;
    for next in at + 1..at + 12 {
        let hyphen = text.is_mark(next, '-') && text.is_glued(next) && text.runs_on(next + 1);
        if !text.runs_on(next) && !hyphen {
            break;
        }
        last = next;
    }
    Some(last)
}

/// The token behind a stop that stands at `at`, and whether it is spelled: ".", "(dot)", "punt".
fn stop(text: &Text<'_>, at: usize, style: Style) -> Option<(usize, bool)> {
    if text.is_mark(at, '.') {
        return (text.is_glued(at) && text.runs_on(at + 1)).then_some((at + 1, false));
    }
    let word = |at: usize| match style {
        Style::At => text.folded(at) == "dot",
        Style::Mark | Style::Named => STOPS.contains(&text.folded(at)),
    };
    if word(at) {
        return Some((at + 1, true));
    }
    let bracketed = text.is_one_of(at, "([{") && word(at + 1) && text.is_one_of(at + 2, ")]}");
    bracketed.then_some((at + 3, true))
}

#[cfg(test)]
mod tests {
    use crate::detect::Identifier;
    use crate::detect::identifiers::testing::assert_table;

    #[test]
    fn addresses_are_found_however_their_sign_is_written() {
        assert_table(
            Identifier::Email,
            &[
                (
                    "mail jan.de-vries+x@mail.voorbeeld.example, graag",
                    &["jan.de-vries+x@mail.voorbeeld.example"],
                ),
                (
                    "Schrijf naar o_neil@voorbeeld.example. Morgen",
                    &["o_neil@voorbeeld.example"],
                ),
                ("anja (at) voorbeeld.nl", &["anja (at) voorbeeld.nl"]),
                (
                    "anna [at] beispiel [punkt] de",
                    &["anna [at] beispiel [punkt] de"],
                ),
                (
                    "piet apenstaartje voorbeeld punt nl",
                    &["piet apenstaartje voorbeeld punt nl"],
                ),
                ("rob at example dot com", &["rob at example dot com"]),
                ("look at this point in time", &[]),
                ("logo@2x.png, react@18.2.0, @handle, a@b", &[]),
            ],
        );
    }
}
