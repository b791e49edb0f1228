//! The second pass over free text: tokens woven in, tokens that came back, texts that wait here.

use super::needs::NewQuarantined;
use super::rewrite::{Failure, Place, Work};
use super::values::{Intent, Slot, Values};
use super::weave::{self, Span};
use super::{scan, value};
use crate::protect::{FormatVersion, seal};
use crate::wire::json::Value;

impl Work<'_, '_> {
    /// Puts in a text's place what leaves for it.
    pub(super) fn text(
        &mut self,
        values: &Values<'_>,
        slot: &Slot<'_>,
        place: &Place<'_>,
    ) -> Result<(), Failure> {
        let leaves = match &slot.intent {
            Intent::Weave {
                text,
                spans,
                changed,
                clears,
                more,
            } => {
                if *clears {
                    self.cleared(place);
                }
                let room = spans.len() + more;
                let woven = self.weave(values, slot, text.expose(), (spans, room))?;
                woven.or_else(|| changed.then(|| text.expose().to_owned()))
            }
            Intent::KeepWithin { text, at, changed } => {
                self.keep_within(values, slot, text.expose(), at)?;
                changed.then(|| text.expose().to_owned())
            }
            Intent::Quarantine { value, categories } => {
                let names = categories.iter().map(|category| category.name());
                Some(self.quarantine(place, value.expose(), names.collect())?)
            }
            _ => None,
        };
        if let Some(text) = leaves {
            self.edits.replace(slot.node, Value::Text(text));
        }
        Ok(())
    }

    /// Whether all tokens of a text stand at its record and field, and nothing new is beside them.
    fn keep_within(
        &self,
        values: &Values<'_>,
        slot: &Slot<'_>,
        text: &str,
        at: &[usize],
    ) -> Result<(), Failure> {
        let unit = values.units.get(slot.unit).ok_or(Failure::Incomplete)?;
        for at in at {
            self.keep(slot.field, (&unit.object.name, unit.record), *at)?;
        }
        let known = self.known.people.get(&slot.unit);
        if known.is_some_and(|known| !weave::known_in(values.plan, text, known).is_empty()) {
            return Err(weave::beside_tokens(slot.field).into());
        }
        Ok(())
    }

    /// The text with a token for each span, those of the vault's values of the person included.
    fn weave(
        &mut self,
        values: &Values<'_>,
        slot: &Slot<'_>,
        text: &str,
        (spans, room): (&[Span], usize),
    ) -> Result<Option<String>, Failure> {
        let known = self.known.people.get(&slot.unit);
        let known = known.map_or_else(Vec::new, |known| weave::known_in(values.plan, text, known));
        let spans = weave::merged(known, spans.to_vec());
        if spans.is_empty() {
            return Ok(None);
        }
        let (words, which) = weave::values(text, &spans);
        if words.len() > room {
            let why = "it has more names of the person than tokens can stand for";
            return Err(value::unfit(slot.field, why).into());
        }
        let mut tokens = Vec::with_capacity(words.len());
        for (word, class) in words {
            let place = Place {
                unit: slot.unit,
                class: &values.plan.class(class).name,
                field: &slot.field.name,
            };
            let row = self.mint(&place, word, None, false)?;
            tokens.push(self.row_text(Some(row), false)?);
        }
        let mut woven = String::with_capacity(text.len() + 18 * spans.len());
        let mut at = 0;
        for (span, which) in spans.iter().zip(which) {
            woven.push_str(text.get(at..span.range.start).ok_or(Failure::Incomplete)?);
            woven.push_str(tokens.get(which).ok_or(Failure::Incomplete)?);
            at = span.range.end;
        }
        woven.push_str(text.get(at..).ok_or(Failure::Incomplete)?);
        value::check_length(slot.field, woven.chars().count())?;
        Ok(Some(woven))
    }

    /// Keeps a text, and gives the placeholder for it. What stood in the field before goes.
    fn quarantine(
        &mut self,
        place: &Place<'_>,
        text: &str,
        categories: Vec<&'static str>,
    ) -> Result<String, Failure> {
        let row = self.free.next().ok_or(Failure::Incomplete)?;
        let nonce = self.nonce()?;
        let owner = self.owner(place.unit)?;
        let context = self.context(FormatVersion::Vault1, owner, place.class, row);
        let ciphertext = seal(&owner.key, &context, nonce, text.as_bytes())?;
        // The first characters of a token of its own: nobody can tell from them how many there are.
        let token = self.protection.codec.mint(row)?.text();
        let id = token
            .get(2..2 + scan::ID_LENGTH)
            .ok_or(Failure::Incomplete)?;
        let placeholder = scan::placeholder(id);
        self.rows.quarantined.push(NewQuarantined {
            row,
            unit: place.unit,
            class: place.class.to_owned(),
            field: place.field.to_owned(),
            id: id.to_owned(),
            categories,
            nonce,
            ciphertext,
        });
        self.cleared(place);
        Ok(placeholder)
    }
}
