//! The tree back to text: keywords in upper case, single spaces, one way to write each thing.
//!
//! Names and literals without quotes stand as the client wrote them, texts are escaped anew.
//! Parsing the outcome gives a tree equal to the one that was written, if parsing could have made
//! that one: a list that an edit left empty gives a text that neither we nor the CRM read.

use crate::dialect::salesforce::soql::ast::{
    Argument, Call, Category, Compare, Condition, Direction, For, GroupBy, Grouping, Literal, Name,
    Nulls, Operand, OrderItem, Path, Piece, Query, Right, SelectItem, Selector, Source, TypeOf,
    Update, Value, With,
};

/// Writes the query.
#[must_use]
pub fn canonical(query: &Query) -> String {
    let mut out = String::new();
    write_query(&mut out, query);
    out
}

/// A text as a literal of SOQL, with quotes and escapes. Not for `LIKE`, where `%` and `_` would
/// be wildcards: give [`Value::Pattern`] there.
#[must_use]
pub fn literal(text: &str) -> String {
    let mut out = String::from("'");
    write_escaped(&mut out, text);
    out.push('\'');
    out
}

fn write_query(out: &mut String, query: &Query) {
    out.push_str("SELECT ");
    write_list(out, &query.select, write_select_item);
    out.push_str(" FROM ");
    write_list(out, &query.from, write_source);
    if let Some(scope) = &query.scope {
        out.push_str(" USING SCOPE ");
        write_name(out, scope);
    }
    if let Some(condition) = &query.condition {
        out.push_str(" WHERE ");
        write_condition(out, condition);
    }
    for with in &query.with {
        out.push_str(" WITH ");
        write_with(out, with);
    }
    if let Some(group_by) = &query.group_by {
        out.push_str(" GROUP BY ");
        write_group_by(out, group_by);
    }
    if let Some(having) = &query.having {
        out.push_str(" HAVING ");
        write_condition(out, having);
    }
    if !query.order_by.is_empty() {
        out.push_str(" ORDER BY ");
        write_list(out, &query.order_by, write_order_item);
    }
    if let Some(limit) = query.limit {
        out.push_str(" LIMIT ");
        out.push_str(&limit.rows.to_string());
    }
    if let Some(offset) = query.offset {
        out.push_str(" OFFSET ");
        out.push_str(&offset.rows.to_string());
    }
    write_tail(out, query);
}

/// `FOR UPDATE` stands behind `UPDATE TRACKING`, the other `FOR`s before it.
fn write_tail(out: &mut String, query: &Query) {
    for clause in &query.for_clauses {
        match clause {
            For::View => out.push_str(" FOR VIEW"),
            For::Reference => out.push_str(" FOR REFERENCE"),
            For::Update => (),
        }
    }
    if !query.update.is_empty() {
        out.push_str(" UPDATE ");
        write_list(out, &query.update, |out, update| match update {
            Update::Tracking => out.push_str("TRACKING"),
            Update::ViewStat => out.push_str("VIEWSTAT"),
        });
    }
    if query.for_clauses.contains(&For::Update) {
        out.push_str(" FOR UPDATE");
    }
    if query.all_rows {
        out.push_str(" ALL ROWS");
    }
}

pub(in crate::dialect::salesforce) fn write_select_item(out: &mut String, item: &SelectItem) {
    match item {
        SelectItem::Field { path, .. } => write_path(out, path),
        SelectItem::Function { call, .. } => write_call(out, call),
        SelectItem::Subquery { query, .. } => {
            out.push('(');
            write_query(out, query);
            out.push(')');
        }
        SelectItem::TypeOf(of) => write_type_of(out, of),
    }
    write_alias(out, item.alias());
}

fn write_type_of(out: &mut String, of: &TypeOf) {
    out.push_str("TYPEOF ");
    write_path(out, &of.path);
    for when in &of.whens {
        out.push_str(" WHEN ");
        write_name(out, &when.object);
        out.push_str(" THEN ");
        write_list(out, &when.fields, write_path);
    }
    if !of.otherwise.is_empty() {
        out.push_str(" ELSE ");
        write_list(out, &of.otherwise, write_path);
    }
    out.push_str(" END");
}

fn write_source(out: &mut String, source: &Source) {
    write_path(out, &source.path);
    write_alias(out, source.alias.as_ref());
}

fn write_alias(out: &mut String, alias: Option<&Name>) {
    if let Some(alias) = alias {
        out.push(' ');
        write_name(out, alias);
    }
}

fn write_with(out: &mut String, with: &With) {
    match with {
        With::SecurityEnforced => out.push_str("SECURITY_ENFORCED"),
        With::UserMode => out.push_str("USER_MODE"),
        With::SystemMode => out.push_str("SYSTEM_MODE"),
        With::DataCategory(categories) => {
            out.push_str("DATA CATEGORY ");
            write_joined(out, categories, " AND ", write_category);
        }
        With::RecordVisibilityContext(settings) => {
            out.push_str("RecordVisibilityContext (");
            write_list(out, settings, |out, setting| {
                write_name(out, &setting.name);
                out.push_str(" = ");
                write_literal(out, &setting.value);
            });
            out.push(')');
        }
    }
}

pub(in crate::dialect::salesforce) fn write_category(out: &mut String, category: &Category) {
    write_name(out, &category.group);
    out.push_str(match category.selector {
        Selector::At => " AT (",
        Selector::Above => " ABOVE (",
        Selector::Below => " BELOW (",
        Selector::AboveOrBelow => " ABOVE_OR_BELOW (",
    });
    write_list(out, &category.categories, write_name);
    out.push(')');
}

fn write_group_by(out: &mut String, group_by: &GroupBy) {
    let (open, close) = match group_by.kind {
        Grouping::Plain => ("", ""),
        Grouping::Rollup => ("ROLLUP(", ")"),
        Grouping::Cube => ("CUBE(", ")"),
    };
    out.push_str(open);
    write_list(out, &group_by.items, write_operand);
    out.push_str(close);
}

pub(in crate::dialect::salesforce) fn write_order_item(out: &mut String, item: &OrderItem) {
    write_operand(out, &item.by);
    match item.direction {
        None => (),
        Some(Direction::Ascending) => out.push_str(" ASC"),
        Some(Direction::Descending) => out.push_str(" DESC"),
    }
    match item.nulls {
        None => (),
        Some(Nulls::First) => out.push_str(" NULLS FIRST"),
        Some(Nulls::Last) => out.push_str(" NULLS LAST"),
    }
}

pub(in crate::dialect::salesforce) fn write_condition(out: &mut String, condition: &Condition) {
    match condition {
        Condition::And(parts) => write_joined(out, parts, " AND ", write_part),
        Condition::Or(parts) => write_joined(out, parts, " OR ", write_part),
        Condition::Not(part) => {
            out.push_str("NOT ");
            write_part(out, part);
        }
        Condition::Compare(compare) => write_compare(out, compare),
    }
}

/// A condition that stands beside another, in parentheses unless it is a comparison.
fn write_part(out: &mut String, part: &Condition) {
    if let Condition::Compare(compare) = part {
        return write_compare(out, compare);
    }
    out.push('(');
    write_condition(out, part);
    out.push(')');
}

fn write_compare(out: &mut String, compare: &Compare) {
    write_operand(out, &compare.left);
    out.push(' ');
    out.push_str(compare.operator.text());
    out.push(' ');
    match &compare.right {
        Right::Literal(literal) => write_literal(out, literal),
        Right::List(literals) => {
            out.push('(');
            write_list(out, literals, write_literal);
            out.push(')');
        }
        Right::SemiJoin(query) => {
            out.push('(');
            write_query(out, query);
            out.push(')');
        }
    }
}

fn write_operand(out: &mut String, operand: &Operand) {
    match operand {
        Operand::Path(path) => write_path(out, path),
        Operand::Call(call) => write_call(out, call),
    }
}

fn write_call(out: &mut String, call: &Call) {
    write_name(out, &call.name);
    out.push('(');
    write_list(out, &call.arguments, |out, argument| match argument {
        Argument::Path(path) => write_path(out, path),
        Argument::Call(call) => write_call(out, call),
        Argument::Literal(literal) => write_literal(out, literal),
    });
    out.push(')');
}

fn write_path(out: &mut String, path: &Path) {
    write_joined(out, &path.names, ".", write_name);
}

pub(in crate::dialect::salesforce) fn write_name(out: &mut String, name: &Name) {
    out.push_str(name.text());
}

pub(in crate::dialect::salesforce) fn write_literal(out: &mut String, literal: &Literal) {
    match &literal.value {
        Value::Text(text) => {
            out.push('\'');
            write_escaped(out, text.expose());
            out.push('\'');
        }
        Value::Pattern(pieces) => write_pattern(out, pieces),
        Value::Number(text)
        | Value::Currency(text)
        | Value::Date(text)
        | Value::DateTime(text)
        | Value::Time(text) => out.push_str(text.expose()),
        Value::DateName { name, count } => {
            out.push_str(name);
            if let Some(count) = count {
                out.push(':');
                out.push_str(&count.to_string());
            }
        }
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Null => out.push_str("null"),
    }
}

fn write_pattern(out: &mut String, pieces: &[Piece]) {
    out.push('\'');
    for piece in pieces {
        match piece {
            Piece::AnyRun => out.push('%'),
            Piece::AnyOne => out.push('_'),
            Piece::Text(text) => {
                for part in text.expose().split_inclusive(['%', '_']) {
                    let plain = part.trim_end_matches(['%', '_']);
                    write_escaped(out, plain);
                    if let Some(wildcard) = part.get(plain.len()..).filter(|w| !w.is_empty()) {
                        out.push('\\');
                        out.push_str(wildcard);
                    }
                }
            }
        }
    }
    out.push('\'');
}

/// The text within quotes: the quote, the backslash and control characters are escaped.
fn write_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Control characters are all below U+00A0, so four digits hold them.
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
}

pub(in crate::dialect::salesforce) fn write_list<T>(
    out: &mut String,
    items: &[T],
    write: impl Fn(&mut String, &T),
) {
    write_joined(out, items, ", ", write);
}

pub(in crate::dialect::salesforce) fn write_joined<T>(
    out: &mut String,
    items: &[T],
    separator: &str,
    write: impl Fn(&mut String, &T),
) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        write(out, item);
    }
}
