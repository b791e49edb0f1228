//! What can be answered over a protected field, and the refusal of what cannot.

use crate::dialect::salesforce::soql::ast::Function;
use crate::model::{Code, Refusal};
use crate::policy::{FieldPlan, Plan, Rule, Search};

/// Whether the index can find values of this field.
pub(in crate::protect::outward) fn searchable(plan: &Plan, field: &FieldPlan) -> bool {
    match field.rule {
        Rule::Tokenize { stable: true } => true,
        Rule::Tokenize { stable: false } => field
            .class
            .is_some_and(|class| plan.class(class).search == Search::Exact),
        Rule::Pass
        | Rule::Derived
        | Rule::Encrypt
        | Rule::Strip
        | Rule::Generalize(_)
        | Rule::Hold
        | Rule::Block => false,
    }
}

/// Whether a function can be answered over these fields.
pub(super) fn answerable(
    function: Function,
    fields: &[&FieldPlan],
    place: &'static str,
) -> Result<(), Refusal> {
    match function {
        Function::Count => countable(fields, place),
        Function::CountDistinct | Function::Grouping => groupable(fields, place),
        Function::Sum
        | Function::Avg
        | Function::Min
        | Function::Max
        | Function::ToLabel
        | Function::Format
        | Function::ConvertCurrency
        | Function::ConvertTimezone
        | Function::DatePart
        | Function::Distance
        | Function::Geolocation
        | Function::Fields => sortable(fields, place),
    }
}

/// Ordering and extremes need the value itself.
pub(in crate::protect::outward) fn sortable(
    fields: &[&FieldPlan],
    place: &'static str,
) -> Result<(), Refusal> {
    let hidden = fields.iter().find(|field| !field.rule.leaves_clear());
    hidden.map_or(Ok(()), |field| {
        Err(at(field, place, "a protected field has no order"))
    })
}

/// Grouping needs equality: clear values and stable tokens have it.
pub(in crate::protect::outward) fn groupable(
    fields: &[&FieldPlan],
    place: &'static str,
) -> Result<(), Refusal> {
    let hidden = fields.iter().find(|field| !field.rule.keeps_equality());
    hidden.map_or(Ok(()), |field| {
        Err(at(
            field,
            place,
            "its tokens differ for equal values, so groups would be wrong",
        ))
    })
}

/// Counting needs only that something stands in the field.
pub(super) fn countable(fields: &[&FieldPlan], place: &'static str) -> Result<(), Refusal> {
    let absent = fields
        .iter()
        .find(|field| matches!(field.rule, Rule::Hold | Rule::Strip | Rule::Block));
    absent.map_or(Ok(()), |field| {
        Err(at(
            field,
            place,
            "the CRM does not hold this value, so it cannot be counted",
        ))
    })
}

pub(in crate::protect::outward) fn clause(place: &'static str, why: &'static str) -> Refusal {
    Refusal::new(Code::QueryClause, format!("{place}: {why}"))
}

pub(in crate::protect::outward) fn at(
    field: &FieldPlan,
    place: &'static str,
    why: &'static str,
) -> Refusal {
    Refusal::at(
        Code::QueryClause,
        field.label.clone(),
        format!("{place} {}: {why} (rule {})", field.label, field.rule_id),
    )
}

pub(super) fn not_searchable(field: &FieldPlan, place: &'static str) -> Refusal {
    at(field, place, "policy does not let this field be searched")
}

pub(in crate::protect::outward) fn too_many(field: &FieldPlan) -> Refusal {
    let text = format!(
        "more records than one query can name have this value of {}; narrow the query by another field",
        field.label
    );
    Refusal::at(Code::QueryClause, field.label.clone(), text)
}
