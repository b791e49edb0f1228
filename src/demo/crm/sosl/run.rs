//! Runs a search over the rows.

use serde_json::{Value, json};

use crate::demo::crm::fault::Outcome;
use crate::demo::crm::records::{Org, text as field_text};
use crate::demo::crm::render;
use crate::demo::crm::schema::{Field, Kind, Object};
use crate::demo::crm::soql;
use crate::demo::crm::sosl::expression::parse as parse_expression;
use crate::demo::crm::sosl::words::{Pattern, stands};
use crate::demo::crm::sosl::written::{Returning, Search, parse};
use crate::demo::crm::store::{Row, Scan};

/// The most records that a search finds.
const MOST: usize = 2_000;

/// # Errors
/// When the search is malformed or names what does not exist.
pub fn answer(org: &Org<'_>, text: &str) -> Outcome<Vec<Value>> {
    let search = parse(text)?;
    let mut found = Vec::new();
    if search.returning.is_empty() {
        for object in org.schema.objects() {
            let rows = rows(org, &search, object)?;
            found.extend(rows.iter().map(|row| bare(org, object, row)));
        }
    }
    for returning in &search.returning {
        found.extend(returned(org, &search, returning)?);
    }
    found.truncate(search.limit.unwrap_or(MOST).min(MOST));
    Ok(found)
}

/// The records of one object that words are found in.
///
/// # Errors
/// When they are no words of a search.
pub fn find(org: &Org<'_>, words: &str, group: &str, object: &Object) -> Outcome<Vec<Row>> {
    let search = Search {
        find: parse_expression(words)?,
        group: group.to_owned(),
        returning: Vec::new(),
        limit: None,
    };
    rows(org, &search, object)
}

fn returned(org: &Org<'_>, search: &Search, returning: &Returning) -> Outcome<Vec<Value>> {
    // An unknown object is refused in the words of a query.
    let query = format!("SELECT Id FROM {} LIMIT 1", returning.object);
    soql::answer(org, &query, false)?;
    let object = org.object(&returning.object)?;
    let rows = rows(org, search, object)?;
    if returning.fields.is_empty() {
        return Ok(rows.iter().map(|row| bare(org, object, row)).collect());
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().take(MOST);
    let ids: Vec<String> = ids
        .map(|row| format!("'{}'", field_text(object, row, "Id")))
        .collect();
    let mut query = format!(
        "SELECT {} FROM {} WHERE Id IN ({})",
        returning.fields,
        object.name,
        ids.join(",")
    );
    if let Some(condition) = &returning.condition {
        query.push_str(&format!(" AND ({condition})"));
    }
    query.push(' ');
    query.push_str(&returning.tail);
    Ok(soql::answer(org, &query, false)?.records)
}

/// The records of an object that the words are found in.
fn rows(org: &Org<'_>, search: &Search, object: &Object) -> Outcome<Vec<Row>> {
    let fields: Vec<&Field> = object
        .fields
        .iter()
        .filter(|field| searched(field, &search.group))
        .collect();
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    let scan = Scan {
        fields: (0..object.fields.len()).collect(),
        ..Scan::default()
    };
    let mut rows = org.store.scan(object, &scan)?;
    rows.retain(|row| {
        let in_any = |words: &[Pattern]| {
            let mut fields = fields.iter();
            fields.any(|field| stands(words, field_text(object, row, &field.name)))
        };
        search.find.holds(&in_any)
    });
    Ok(rows)
}

/// Whether a search in that group of fields looks into the field.
fn searched(field: &Field, group: &str) -> bool {
    match group {
        "EMAIL" => field.kind == Kind::Email,
        "PHONE" => field.kind == Kind::Phone,
        "NAME" => {
            let names = [
                "Subject",
                "Title",
                "CaseNumber",
                "Company",
                "Website",
                "Site",
            ];
            field.kind.is_text()
                && (field.name.ends_with("Name") || names.contains(&field.name.as_str()))
        }
        _ => field.kind.is_text() && field.kind != Kind::Picklist,
    }
}

fn bare(org: &Org<'_>, object: &Object, row: &Row) -> Value {
    let attributes = render::attributes(org, object, row);
    json!({"attributes": attributes, "Id": field_text(object, row, "Id")})
}
