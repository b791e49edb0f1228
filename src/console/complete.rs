//! What could stand at the cursor of a policy that somebody is writing, for the editor's script.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::console::Console;
use crate::console::ask::Ask;
use crate::console::policy::kind;
use crate::console::words::Words;
use crate::policy::{self, About, Offer};
use crate::review::LONGEST;
use crate::signin::reply;

impl Console {
    /// Words with their places, or null where nothing is offered.
    pub(super) fn complete(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let text = form.field("policy").unwrap_or_default();
        let at = form.field("at").and_then(|at| at.parse().ok());
        let place = at.and_then(|at| byte_of(text, at));
        let bench = self.house.bench().filter(|_| text.len() <= LONGEST);
        let (Some(place), Some(bench)) = (place, bench) else {
            return reply::json(StatusCode::UNPROCESSABLE_ENTITY, &Value::Null);
        };
        let Some(found) = policy::complete(text, place, &bench.fields) else {
            return reply::json(StatusCode::OK, &Value::Null);
        };
        let offers = found.offers.iter().map(|offer| told(offer, ask.words));
        let answer = json!({
            "from": unit_of(text, found.from),
            "until": unit_of(text, found.until),
            "offers": offers.collect::<Vec<_>>(),
        });
        reply::json(StatusCode::OK, &answer)
    }
}

fn told(offer: &Offer, words: &Words) -> Value {
    let (lang, note) = match &offer.about {
        About::Nothing => (words.lang, String::new()),
        About::Described(text) => ("en", text.clone()),
        About::Class(category) => (words.lang, category.clone()),
        About::Field {
            kind: of,
            length,
            decided,
        } => {
            let kind = kind(of.name(), *length);
            let note = match decided {
                true => kind,
                false => format!("{kind}, {}", words.undecided),
            };
            (words.lang, note)
        }
    };
    json!({ "label": offer.label, "insert": offer.insert, "lang": lang, "note": note })
}

/// A place as browsers count it, in units of UTF-16, as a byte. None where it is within a character or
/// behind the end.
fn byte_of(text: &str, unit: usize) -> Option<usize> {
    let mut units = 0;
    for (byte, c) in text.char_indices() {
        if units >= unit {
            return (units == unit).then_some(byte);
        }
        units += c.len_utf16();
    }
    (units == unit).then_some(text.len())
}

fn unit_of(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).unwrap_or_default();
    before.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_browser() {
        let text = "é😀x";
        for (unit, byte) in [
            (0, Some(0)),
            (1, Some(2)),
            (2, None),
            (3, Some(6)),
            (4, Some(7)),
        ] {
            assert_eq!(byte_of(text, unit), byte, "{unit}");
            if let Some(byte) = byte {
                assert_eq!(unit_of(text, byte), unit);
            }
        }
        assert_eq!(byte_of(text, 5), None);
        assert_eq!(byte_of("", 0), Some(0));
    }
}
