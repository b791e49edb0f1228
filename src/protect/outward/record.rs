//! The records of a body: every member of each, with the rule of its field.

use super::needs::SubjectOf;
use super::survey::Survey;
use super::values::{Context, Intent, Slot, Unit};
use super::{file, scan, subject, value, weave};
use crate::dialect::salesforce::call::{Record, our_name};
use crate::dialect::salesforce::door::Key;
use crate::dialect::salesforce::id::Id;
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, FieldType, ObjectPlan, Rule};
use crate::wire::json::{Document, Kind, NodeId};

/// How deep records may stand in one another (`composite/tree` has five levels).
const DEEPEST: usize = 5;

/// A record's place in its body.
struct At {
    call: usize,
    position: usize,
    scope: usize,
    depth: usize,
    /// Whether the record is made by this call, so that nothing stands in its fields yet.
    fresh: bool,
    /// An earlier write to this very record.
    same: Option<usize>,
    /// The record whose child this one is in the body.
    parent: Option<usize>,
}

/// Reads one record that a call writes.
pub(super) fn read<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (call, position): (usize, usize),
    record: &Record,
    scope: usize,
) -> Result<(), Refusal> {
    let object = match &record.key {
        Key::Id(id) if record.object.is_empty() => context.object_of(*id)?,
        _ => context.object(&record.object)?,
    };
    let fresh = record.key == Key::New;
    let id = match &record.key {
        Key::Id(id) => Some(*id),
        Key::New | Key::External { .. } | Key::Reference { .. } => None,
    };
    let at = At {
        call,
        position,
        scope,
        depth: 0,
        fresh,
        same: subject::same(survey, scope, &record.key),
        parent: None,
    };
    one(survey, context, object, (record.node, id), &at)
}

fn one<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    object: &'p ObjectPlan,
    (node, id): (NodeId, Option<Id>),
    at: &At,
) -> Result<(), Refusal> {
    let document = body(context)?;
    let unit = survey.values.units.len();
    let first = survey.values.slots.len();
    survey.values.units.push(Unit {
        object,
        record: id.map(Into::into),
        call: at.call,
        position: at.position,
        name: None,
    });
    survey.values.subject(SubjectOf::default());
    let mut seen: Vec<&'p str> = Vec::new();
    let mut relations: Vec<String> = Vec::new();
    let mut has_id = false;
    let mut of = SubjectOf {
        record: id.map(|id| (object.name.clone(), id.into())),
        within: at
            .same
            .or_else(|| subject::inherited(survey, object, at.parent)),
        ..SubjectOf::default()
    };
    for (key, value) in document.members(node) {
        if key == "attributes" {
            let name = attributes(survey, context, object, value)?;
            if let Some(unit) = survey.values.units.get_mut(unit) {
                unit.name = name;
            }
        } else if key.eq_ignore_ascii_case("id") {
            // Two spellings are two keys to JSON and one field to the CRM.
            if std::mem::replace(&mut has_id, true) {
                return Err(shape(object, "the id stands twice in one record"));
            }
            own_id(survey, context, object, value, at.scope)?;
        } else if document.kind(value) == Kind::Object {
            let relation = key.to_ascii_lowercase();
            if relations.contains(&relation) {
                return Err(shape(object, "a relation stands twice in one record"));
            }
            relations.push(relation);
            nested(survey, context, (object, unit), (&key, value), at)?;
        } else {
            let field = context.field(object, &key)?;
            if seen.contains(&field.name.as_str()) {
                return Err(Refusal::at(
                    Code::BodyMalformed,
                    field.label.clone(),
                    "a field stands twice in one record",
                ));
            }
            seen.push(&field.name);
            subject::identify(survey, context, (object, field), (value, at.scope), &mut of);
            self::field(survey, context, (unit, at.scope), field, (node, value))?;
        }
    }
    weave::record(&mut survey.values, context, (unit, first), &of, at.fresh)?;
    if let Some(place) = survey.values.needs.subjects.get_mut(unit) {
        *place = of;
    }
    Ok(())
}

/// Attributes name the type and, in a tree, the record. Their URL is dropped, and the type is
/// written as policy spells it. It must be that of the object by whose rules the record is read:
/// the CRM may go by the one or by the other.
fn attributes(
    survey: &mut Survey<'_>,
    context: &Context<'_, '_>,
    object: &ObjectPlan,
    node: NodeId,
) -> Result<Option<String>, Refusal> {
    let document = body(context)?;
    if document.kind(node) != Kind::Object {
        return Err(Refusal::new(
            Code::BodyMalformed,
            "a record's attributes must be an object",
        ));
    }
    let mut name = None;
    for (key, value) in document.members(node) {
        let text = document.text(value);
        match (key.as_ref(), text) {
            ("type", Some(text)) => {
                if !text.eq_ignore_ascii_case(&object.name) {
                    return Err(shape(object, "the type in attributes is another object's"));
                }
                survey.rename(value, object.name.clone());
            }
            ("url", Some(_)) => survey.drops.push(value),
            // Only the names of a tree's records are given ours; any other would travel as it is.
            ("referenceId", Some(_)) => {
                let named = survey.request.names.iter();
                let index = named.clone().position(|name| name.node == value);
                let index = index.ok_or_else(|| {
                    shape(object, "only the records of a tree have a reference id")
                })?;
                name = Some(our_name(index));
            }
            _ => {
                return Err(Refusal::new(
                    Code::BodyMalformed,
                    "a record's attributes have an unknown member",
                ));
            }
        }
    }
    Ok(name)
}

fn own_id(
    survey: &mut Survey<'_>,
    context: &Context<'_, '_>,
    object: &ObjectPlan,
    value: NodeId,
    scope: usize,
) -> Result<(), Refusal> {
    let text = body(context)?.text(value).unwrap_or_default();
    if Id::parse(&text).is_some() {
        return Ok(());
    }
    if let Some(renamed) = value::rename(&survey.request, scope, &text)? {
        survey.rename(value, renamed);
        return Ok(());
    }
    let label = format!("{}.Id", object.name);
    Err(Refusal::at(
        Code::ValueUnfit,
        label,
        "a record id is malformed",
    ))
}

/// A member that is an object: another record by its external id, or children of a tree.
fn nested<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (object, unit): (&'p ObjectPlan, usize),
    (key, node): (&str, NodeId),
    at: &At,
) -> Result<(), Refusal> {
    let document = body(context)?;
    if let Some(child) = object.child(key) {
        let child = context.object(child)?;
        let records = document
            .get(node, "records")
            .filter(|_| document.len(node) == 1);
        let records =
            records.filter(|list| document.kind(*list) == Kind::Array && at.depth < DEEPEST);
        let records = records
            .ok_or_else(|| shape(object, "child records must stand in a list named records"))?;
        for record in document.elements(records) {
            if document.kind(record) != Kind::Object {
                return Err(shape(object, "a record must be an object"));
            }
            let inner = At {
                depth: at.depth + 1,
                position: usize::MAX,
                fresh: true,
                same: None,
                parent: Some(unit),
                ..*at
            };
            one(survey, context, child, (record, None), &inner)?;
        }
        return Ok(());
    }
    let targets = object.relation(key).unwrap_or_default();
    let target = match targets {
        [only] => Some(only.as_str()),
        // A relation to several objects says which one it means.
        _ => targets.iter().map(String::as_str).find(|name| {
            let attributes = document.get(node, "attributes");
            let typed = attributes.and_then(|attributes| document.get(attributes, "type"));
            typed
                .and_then(|typed| document.text(typed))
                .is_some_and(|typed| typed.eq_ignore_ascii_case(name))
        }),
    };
    let target = target.ok_or_else(|| {
        shape(
            object,
            "a member is an object where policy knows no relation to one object of that name",
        )
    })?;
    related(survey, context, context.object(target)?, node)
}

/// `"Account": {"Ext_Id__c": "A1"}`: a reference by external id. The value is looked up, never
/// minted: the record that it names must exist.
fn related<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    target: &'p ObjectPlan,
    node: NodeId,
) -> Result<(), Refusal> {
    let document = body(context)?;
    let mut seen: Vec<&'p str> = Vec::new();
    for (key, value) in document.members(node) {
        if key == "attributes" {
            attributes(survey, context, target, value)?;
            continue;
        }
        let field = context.field(target, &key)?;
        if seen.contains(&field.name.as_str()) {
            return Err(shape(target, "a field stands twice in one relation"));
        }
        seen.push(&field.name);
        let text = document
            .text(value)
            .ok_or_else(|| shape(target, "an external id must be text"))?;
        if field.kind == FieldType::Id && Id::parse(&text).is_some() {
            continue;
        }
        if !target.is_external_id(&field.name) {
            return Err(shape(target, "a relation may name an external id only"));
        }
        context.no_token(&field.label, &text)?;
        if field.rule == Rule::Pass {
            scan::literal(context, field, &text)?;
            value::check_pass_text(context, field, &text)?;
            continue;
        }
        let stable = matches!(field.rule, Rule::Tokenize { stable: true });
        let Some((class, term)) = context.term(field, &text).filter(|_| stable) else {
            return Err(shape(
                target,
                "the external id of a relation needs stable tokens",
            ));
        };
        let at = survey.values.stable(class, term);
        let unit = survey.values.units.len() - 1;
        let intent = Intent::Find {
            at,
            address: value::is_address(field),
        };
        survey.values.slots.push(Slot {
            unit,
            field,
            node: value,
            intent,
        });
    }
    Ok(())
}

/// One field of a record.
fn field<'p>(
    survey: &mut Survey<'p>,
    context: &Context<'p, '_>,
    (unit, scope): (usize, usize),
    field: &'p FieldPlan,
    (record, node): (NodeId, NodeId),
) -> Result<(), Refusal> {
    let document = body(context)?;
    if document.kind(node) == Kind::Array {
        return Err(value::unfit(field, "a list cannot be its value"));
    }
    let intent = match document.kind(node) {
        Kind::Null => value::cleared(context, field)?,
        _ if file::is_sealed(field) => Some(file::within(survey, context, field, (record, node))?),
        _ => {
            let references = Some((&survey.request, scope));
            value::intent(&mut survey.values, context, references, field, node)?
        }
    };
    match intent {
        Some(intent) => survey.values.slots.push(Slot {
            unit,
            field,
            node,
            intent,
        }),
        None => survey.values.passed.push(field),
    }
    Ok(())
}

pub(super) fn body<'c>(context: &Context<'_, 'c>) -> Result<&'c Document<'c>, Refusal> {
    context
        .document
        .ok_or_else(|| Refusal::new(Code::BodyMalformed, "the body is missing"))
}

fn shape(object: &ObjectPlan, text: &'static str) -> Refusal {
    Refusal::at(Code::BodyMalformed, object.name.clone(), text)
}
