//! The tree back to text, as [`crate::dialect::salesforce::soql::canonical`] does for queries.

use super::ast::{Expression, Part, Returning, Search, With, Word};
use super::expression::RESERVED;
use crate::dialect::salesforce::soql::ast::{Literal, Piece, Update};
use crate::dialect::salesforce::soql::canonical::{
    write_category, write_condition, write_joined, write_list, write_literal, write_name,
    write_order_item, write_select_item,
};

/// Writes the search.
#[must_use]
pub fn canonical(search: &Search) -> String {
    let mut out = String::from("FIND {");
    write_expression(&mut out, &search.find);
    out.push('}');
    if let Some(group) = search.group {
        out.push_str(" IN ");
        out.push_str(group.text());
        out.push_str(" FIELDS");
    }
    if !search.returning.is_empty() {
        out.push_str(" RETURNING ");
        write_list(&mut out, &search.returning, write_returning);
    }
    for with in &search.with {
        out.push_str(" WITH ");
        write_with(&mut out, with);
    }
    write_count(&mut out, " LIMIT ", search.limit.map(|limit| limit.rows));
    if !search.update.is_empty() {
        out.push_str(" UPDATE ");
        write_list(&mut out, &search.update, |out, update| match update {
            Update::Tracking => out.push_str("TRACKING"),
            Update::ViewStat => out.push_str("VIEWSTAT"),
        });
    }
    out
}

/// Writes what stands in the braces.
#[must_use]
pub fn expression(of: &Expression) -> String {
    let mut out = String::new();
    write_expression(&mut out, of);
    out
}

fn write_expression(out: &mut String, expression: &Expression) {
    match expression {
        Expression::Words(words) => write_joined(out, words, " ", write_word),
        Expression::Any(parts) => write_joined(out, parts, " OR ", write_unit),
        Expression::All(parts) => {
            for (at, Part { negated, of }) in parts.iter().enumerate() {
                match (at, negated) {
                    (0, _) => {}
                    (_, false) => out.push_str(" AND "),
                    (_, true) => out.push_str(" AND NOT "),
                }
                write_unit(out, of);
            }
        }
    }
}

/// An expression beside another, in parentheses unless it is one word.
fn write_unit(out: &mut String, unit: &Expression) {
    match unit {
        Expression::Words(words) if words.len() == 1 => write_expression(out, unit),
        _ => {
            out.push('(');
            write_expression(out, unit);
            out.push(')');
        }
    }
}

fn write_word(out: &mut String, word: &Word) {
    // A word that reads as an operator stands in quotes.
    let operator = word.text().is_some_and(|text| {
        ["AND", "OR", "NOT"]
            .iter()
            .any(|operator| text.eq_ignore_ascii_case(operator))
    });
    let quoted = word.quoted || operator;
    if quoted {
        out.push('"');
    }
    for piece in &word.pieces {
        match piece {
            Piece::AnyRun => out.push('*'),
            Piece::AnyOne => out.push('?'),
            Piece::Text(text) => {
                for c in text.expose().chars() {
                    if RESERVED.contains(&c) {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
        }
    }
    if quoted {
        out.push('"');
    }
}

fn write_returning(out: &mut String, returning: &Returning) {
    let query = &returning.query;
    for source in query.from.iter().flat_map(|source| source.path.last()) {
        write_name(out, source);
    }
    if query.select.is_empty() {
        return;
    }
    out.push('(');
    write_list(out, &query.select, write_select_item);
    if let Some(view) = &returning.list_view {
        out.push_str(" USING ListView = ");
        write_name(out, view);
    }
    if let Some(condition) = &query.condition {
        out.push_str(" WHERE ");
        write_condition(out, condition);
    }
    if !query.order_by.is_empty() {
        out.push_str(" ORDER BY ");
        write_list(out, &query.order_by, write_order_item);
    }
    write_count(out, " LIMIT ", query.limit.map(|limit| limit.rows));
    write_count(out, " OFFSET ", query.offset.map(|offset| offset.rows));
    out.push(')');
}

fn write_count(out: &mut String, clause: &str, rows: Option<u32>) {
    if let Some(rows) = rows {
        out.push_str(clause);
        out.push_str(&rows.to_string());
    }
}

fn write_with(out: &mut String, with: &With) {
    let named = |out: &mut String, name: &str, literal: &Literal| {
        out.push_str(name);
        out.push_str(" = ");
        write_literal(out, literal);
    };
    match with {
        With::Division(literal) => named(out, "DIVISION", literal),
        With::PricebookId(literal) => named(out, "PricebookId", literal),
        With::DataCategory(categories) => {
            out.push_str("DATA CATEGORY ");
            write_joined(out, categories, " AND ", write_category);
        }
        With::Snippet(None) => out.push_str("SNIPPET"),
        With::Snippet(Some(length)) => {
            out.push_str("SNIPPET (");
            named(out, "target_length", length);
            out.push(')');
        }
        With::Network(ids) => match ids.as_slice() {
            [only] => named(out, "NETWORK", only),
            ids => {
                out.push_str("NETWORK IN (");
                write_list(out, ids, write_literal);
                out.push(')');
            }
        },
        With::Metadata => out.push_str("METADATA = 'LABELS'"),
        With::SpellCorrection(on) => {
            out.push_str("SPELL_CORRECTION = ");
            out.push_str(if *on { "true" } else { "false" });
        }
        With::Highlight => out.push_str("HIGHLIGHT"),
    }
}
