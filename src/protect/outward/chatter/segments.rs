//! The segments of a text: each piece of text by the rule of the whole, people by their ids.

use super::across::{self, Piece};
use super::{id, malformed, members};
use crate::dialect::salesforce::chatter::is_markup;
use crate::model::{Code, Refusal};
use crate::policy::FieldPlan;
use crate::protect::outward::needs::SubjectOf;
use crate::protect::outward::survey::Survey;
use crate::protect::outward::values::{Context, Intent, Slot};
use crate::protect::outward::{record, value, weave};
use crate::wire::json::{Document, Kind, NodeId};

/// How many segments a text may have. The API lets 10,000 characters and 25 mentions pass.
const MOST: usize = 256;

/// Reads a body, and notes what becomes of each of its texts.
pub(super) fn read<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (unit, field): (usize, &'p FieldPlan),
    (body, of): (NodeId, &SubjectOf),
) -> Result<(), Refusal> {
    let document = record::body(context)?;
    let first = survey.values.slots.len();
    let pieces = pieces(document, body)?;
    for piece in &pieces {
        if let Piece::Text { node, text } = piece {
            written(survey, context, (unit, field), (*node, text))?;
        }
    }
    across::check(context, field, &pieces)?;
    let slots = survey.values.slots.get(first..).unwrap_or_default();
    let keeps =
        |slot: &&Slot<'_>| matches!(slot.intent, Intent::Keep { .. } | Intent::KeepWithin { .. });
    let kept = slots.iter().filter(keeps).count();
    if kept > 0 && kept < slots.len() {
        // What is new in a field lets go of what stood there before.
        return Err(weave::beside_tokens(field));
    }
    let fresh = of.record.is_none();
    weave::record(&mut survey.values, context, (unit, first), of, fresh)
}

/// The pieces of a body: `{messageSegments: […]}`, or `{text}`.
fn pieces(document: &Document<'_>, body: NodeId) -> Result<Vec<Piece>, Refusal> {
    let mut pieces = Vec::new();
    for (key, node) in members(document, body)? {
        match key.as_str() {
            // Both at once would be two texts of which the API takes one.
            "text" if document.len(body) == 1 => pieces.push(text(document, node)?),
            "isRichText" if document.kind(node) == Kind::Bool => {}
            "messageSegments" if document.kind(node) == Kind::Array => {
                if document.len(node) > MOST {
                    let text = "a text has too many segments";
                    return Err(Refusal::new(Code::BodyTooLarge, text));
                }
                for segment in document.elements(node) {
                    pieces.push(piece(document, segment)?);
                }
            }
            _ => return Err(malformed("a body has a member that is not known")),
        }
    }
    Ok(pieces)
}

fn piece(document: &Document<'_>, node: NodeId) -> Result<Piece, Refusal> {
    let members = members(document, node)?;
    let kind = document.get(node, "type");
    let kind = kind
        .and_then(|kind| document.text(kind))
        .unwrap_or_default();
    let mut found = None;
    for (key, value) in members {
        match (kind.as_ref(), key.as_str()) {
            (_, "type") => {}
            ("Text", "text") => found = Some(text(document, value)?),
            ("Mention", "id") | ("EntityLink", "entityId") => {
                id(document, value)?;
                found = Some(Piece::Name);
            }
            ("MarkupBegin" | "MarkupEnd", "markupType")
                if document.text(value).is_some_and(|text| is_markup(&text)) =>
            {
                found = Some(Piece::Markup);
            }
            ("Mention", "username") => {
                return Err(malformed("people are mentioned by their ids"));
            }
            ("Link" | "Hashtag" | "InlineImage", _) => {
                return Err(malformed(
                    "a picture, or a link or hashtag with a name, has words that no rule names; \
                     write them as Text",
                ));
            }
            _ => return Err(unknown()),
        }
    }
    found.ok_or_else(unknown)
}

fn text(document: &Document<'_>, node: NodeId) -> Result<Piece, Refusal> {
    let text = document.text(node);
    let text = text.ok_or_else(|| malformed("a segment's text must be text"))?;
    Ok(Piece::Text {
        node,
        text: text.into_owned(),
    })
}

/// One piece of text.
fn written<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (unit, field): (usize, &'p FieldPlan),
    (node, text): (NodeId, &str),
) -> Result<(), Refusal> {
    let intent = match text.trim().is_empty() {
        // A field would be emptied by it; a segment without text is none.
        true => Some(Intent::Text(blank(text).to_owned())),
        false => value::intent(&mut survey.values, context, None, field, node)?,
    };
    match intent {
        None => survey.values.passed.push(field),
        Some(intent) => {
            may_be_a_part(field, &intent)?;
            survey.values.slots.push(Slot {
                unit,
                field,
                node,
                intent,
            });
        }
    }
    Ok(())
}

/// Blanks of one kind: which of the many it was could say something.
fn blank(text: &str) -> &'static str {
    match (text.contains('\n'), text.is_empty()) {
        (true, _) => "\n",
        (false, true) => "",
        (false, false) => " ",
    }
}

/// Whether it can be done to a part of a field's text.
fn may_be_a_part(field: &FieldPlan, intent: &Intent) -> Result<(), Refusal> {
    let why = match intent {
        Intent::Mint { .. }
        | Intent::Stable { .. }
        | Intent::Seal { .. }
        | Intent::Text(_)
        | Intent::Keep { .. }
        | Intent::Weave { .. }
        | Intent::KeepWithin { .. } => return Ok(()),
        Intent::Quarantine { categories, .. } => {
            let text = format!(
                "{}: a text in segments cannot wait for a decision, and it has what may not be kept",
                field.label
            );
            let mut refusal = Refusal::at(Code::SpecialCategory, field.label.clone(), text);
            refusal.found = categories.iter().map(|category| category.name()).collect();
            return Err(refusal);
        }
        Intent::Leave => "a text that waits for a decision is not written again in segments",
        Intent::Hold { .. }
        | Intent::Drop
        | Intent::Empty
        | Intent::Find { .. }
        | Intent::File { .. }
        | Intent::Raw(_) => "its rule keeps the value here, which cannot be done to segments",
    };
    let text = format!("{}: {why} (rule {})", field.label, field.rule_id);
    Err(Refusal::at(Code::PolicyBlocked, field.label.clone(), text))
}

fn unknown() -> Refusal {
    malformed("a segment of a text is not one that is known")
}
