//! Direct identifiers in text that leaves in the clear: tokens in their places, the rest as it is.
//!
//! Values that are known of the same person come first: those of the same record in the same
//! request, and those that the vault keeps of the person. They are certain; what the detector
//! finds by form and context comes after them.

use std::collections::HashMap;
use std::ops::Range;

use super::needs::{KnownValue, SubjectOf};
use super::values::{Context, IDENTIFIER, Intent, Noticed, Slot, Values, foreign};
use crate::detect::known::{self, Role};
use crate::detect::{Finding, Kind};
use crate::model::{Code, Personal, Refusal};
use crate::policy::{ClassId, FieldPlan, KnownAs, Plan};
use crate::protect::{self, find};

/// A part of a text that a token will stand for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Span {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub class: ClassId,
}

/// How many more tokens one text may need for values that the vault knows of the person.
pub(super) const MORE: usize = 64;

/// What the detector finds in a text.
pub(super) fn found(context: &Context<'_, '_>, text: &str) -> Vec<Span> {
    let least = context.plan.detection().identifier_threshold;
    let found = context.protection.detector.identifiers(text);
    let counts = found.iter().filter(|finding| finding.score >= least);
    counts
        .filter_map(|finding| span(context.plan, finding))
        .collect()
}

/// Text with tokens in it, as somebody reads it who may not see their values. It may come back
/// with other words around them, and without new names and numbers: tokens of theirs would have
/// the vault let go of the ones that stand. Tokens that are taken out stay in the vault until the
/// field is written as a whole.
pub(super) fn kept(
    values: &mut Values<'_>,
    context: &Context<'_, '_>,
    field: &FieldPlan,
    (text, changed): (&str, bool),
) -> Result<Intent, Refusal> {
    let protection = context.protection;
    let tokens = find(&protection.codec, text.as_bytes(), &protection.domain);
    let mut around = String::with_capacity(text.len());
    let mut at = 0;
    for token in &tokens {
        if token.kind != protect::Kind::Plain {
            return Err(foreign(&field.label));
        }
        around.push_str(text.get(at..token.range.start).unwrap_or_default());
        around.push(' ');
        at = token.range.end;
    }
    around.push_str(text.get(at..).unwrap_or_default());
    if !found(context, &around).is_empty() {
        return Err(beside_tokens(field));
    }
    let standing = tokens.iter().map(|token| values.standing(token.row));
    Ok(Intent::KeepWithin {
        at: standing.collect(),
        text: Personal::new(text.to_owned()),
        changed,
    })
}

/// The refusal of new names and numbers beside tokens.
pub(super) fn beside_tokens(field: &FieldPlan) -> Refusal {
    Refusal::at(
        Code::IdentifierInText,
        field.label.clone(),
        "a text with tokens in it takes no new names, addresses or numbers; whoever may see the values can write it",
    )
}

/// After a record was read: its own values are looked for in its own text, and the vault is asked
/// where it may know more. Texts in which nothing can stand are let pass.
pub(super) fn record<'p>(
    values: &mut Values<'p>,
    context: &Context<'p, '_>,
    (unit, from): (usize, usize),
    of: &SubjectOf,
    fresh: bool,
) -> Result<(), Refusal> {
    let mine = |slot: &Slot<'p>| slot.unit == unit;
    let slots = values.slots.get(from..).unwrap_or_default();
    let weaves =
        |intent: &Intent| matches!(intent, Intent::Weave { .. } | Intent::KeepWithin { .. });
    if !slots.iter().any(|slot| mine(slot) && weaves(&slot.intent)) {
        return Ok(());
    }
    let own = own_values(context, slots.iter().filter(|slot| mine(slot)));
    for slot in slots.iter().filter(|slot| mine(slot)) {
        if let Intent::KeepWithin { text, .. } = &slot.intent
            && !known_in(context.plan, text.expose(), &own).is_empty()
        {
            return Err(beside_tokens(slot.field));
        }
    }
    let asks = of.tells();
    let mut rows = 0;
    let mut noticed = Vec::new();
    for slot in values.slots.iter_mut().skip(from) {
        let field = slot.field;
        let Intent::Weave {
            text,
            spans,
            clears,
            more,
            ..
        } = &mut slot.intent
        else {
            continue;
        };
        if slot.unit != unit {
            continue;
        }
        *spans = merged(
            known_in(context.plan, text.expose(), &own),
            std::mem::take(spans),
        );
        *clears = !fresh;
        *more = if asks { MORE } else { 0 };
        rows += spans.len() + *more;
        if !spans.is_empty() {
            noticed.push(Noticed {
                field,
                what: IDENTIFIER,
                action: "tokenize",
                count: spans.len(),
            });
        }
    }
    values.needs.rows += rows;
    values.noticed.append(&mut noticed);
    if asks {
        values.needs.people.push(unit);
    }
    let mut slots = values.slots.split_off(from);
    slots.retain(|slot| {
        let Intent::Weave {
            spans,
            clears,
            more,
            changed,
            ..
        } = &slot.intent
        else {
            return true;
        };
        let keep = !spans.is_empty() || *clears || *changed || *more > 0;
        if !keep {
            values.passed.push(slot.field);
        }
        keep
    });
    values.slots.append(&mut slots);
    Ok(())
}

/// What a record says of its own person.
fn own_values<'s, 'p: 's>(
    context: &Context<'p, '_>,
    slots: impl Iterator<Item = &'s Slot<'p>>,
) -> Vec<KnownValue> {
    let known = |slot: &'s Slot<'p>| {
        let class = slot.field.class?;
        let role = context.plan.class(class).known?;
        let value = match &slot.intent {
            Intent::Mint { value, .. } | Intent::Stable { value, .. } | Intent::Seal { value } => {
                value.clone()
            }
            _ => return None,
        };
        Some(KnownValue { role, value })
    };
    slots.filter_map(known).collect()
}

/// Where values of the person stand in a text, by the classes of what they are there.
pub(super) fn known_in(plan: &Plan, text: &str, values: &[KnownValue]) -> Vec<Span> {
    if values.is_empty() {
        return vec![];
    }
    let values: Vec<known::Value<'_>> = values
        .iter()
        .map(|value| known::Value {
            role: role(value.role),
            text: value.value.expose(),
        })
        .collect();
    let found = known::find(text, &values);
    found.iter().filter_map(|found| span(plan, found)).collect()
}

/// What a finding is of which class; none where policy has no class for it.
fn span(plan: &Plan, finding: &Finding) -> Option<Span> {
    let Kind::Identifier(kind) = finding.kind else {
        return None;
    };
    Some(Span {
        range: finding.start..finding.end,
        class: plan.detection().class(kind)?,
    })
}

/// Both lists as one, in order; what overlaps becomes one span of the class of its longer part.
pub(super) fn merged(mut spans: Vec<Span>, more: Vec<Span>) -> Vec<Span> {
    spans.extend(more);
    // The sort is stable: of two equal spans the first, which is certain, gives the class.
    spans.sort_by_key(|span| span.range.start);
    let mut out: Vec<(Span, usize)> = Vec::with_capacity(spans.len());
    for span in spans {
        let length = span.range.len();
        match out.last_mut() {
            Some((last, longest)) if span.range.start < last.range.end => {
                last.range.end = last.range.end.max(span.range.end);
                if length > *longest {
                    last.class = span.class;
                    *longest = length;
                }
            }
            _ => out.push((span, length)),
        }
    }
    out.into_iter().map(|(span, _)| span).collect()
}

/// The distinct values of a text's spans, each with its class, in the order of the text; and for
/// each span which of them it is. The same words within one text get one token: whoever reads the
/// text sees that they are the same anyway.
pub(super) fn values<'t>(text: &'t str, spans: &[Span]) -> (Vec<(&'t str, ClassId)>, Vec<usize>) {
    let mut seen: HashMap<(&str, usize), usize> = HashMap::new();
    let mut values = Vec::new();
    let mut which = Vec::with_capacity(spans.len());
    for span in spans {
        let words = text.get(span.range.clone()).unwrap_or_default();
        let at = *seen.entry((words, span.class.place())).or_insert_with(|| {
            values.push((words, span.class));
            values.len() - 1
        });
        which.push(at);
    }
    (values, which)
}

/// The classes whose values are looked for in text.
pub fn known_classes(plan: &Plan) -> impl Iterator<Item = &str> {
    let known = plan.classes().filter(|(_, class)| class.known.is_some());
    known.map(|(_, class)| class.name.as_str())
}

fn role(known: KnownAs) -> Role {
    match known {
        KnownAs::GivenName => Role::GivenName,
        KnownAs::FamilyName => Role::FamilyName,
        KnownAs::FullName => Role::FullName,
        KnownAs::Email => Role::Email,
        KnownAs::Phone => Role::Phone,
        KnownAs::Street => Role::Street,
        KnownAs::Postcode => Role::Postcode,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::trial::plan;

    #[test]
    fn what_overlaps_is_covered_whole_by_the_class_of_the_longer_part() {
        let class = |name| plan().class_named(name).unwrap();
        let span = |range, name| Span {
            range,
            class: class(name),
        };
        let known = vec![span(4..10, "family_name"), span(20..26, "family_name")];
        let found = vec![span(0..13, "email"), span(30..40, "phone")];
        assert_eq!(
            merged(known, found),
            [
                span(0..13, "email"),
                span(20..26, "family_name"),
                span(30..40, "phone"),
            ]
        );
    }

    #[test]
    fn the_same_words_of_a_text_are_one_value() {
        let class = plan().class_named("family_name").unwrap();
        let spans: Vec<Span> = [0..3, 7..10, 15..17]
            .map(|range| Span { range, class })
            .into();
        let (values, which) = values("Ans en Ans, en Bo", &spans);
        assert_eq!(values, [("Ans", class), ("Bo", class)].map(|v| v).to_vec());
        assert_eq!(which, [0, 0, 1]);
    }
}
