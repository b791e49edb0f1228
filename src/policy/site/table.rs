//! The fields of a CRM without a describe, as its policy file states them.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::raw::TypeEntry;
use crate::policy::at::At;
use crate::policy::raw::{File, Object};
use crate::policy::{FieldTable, FieldType, Report, TableField, TableObject, suggest};

/// How much a text field holds of which the file does not say it.
const TEXT: u32 = 255;
const LONG_TEXT: u32 = 100_000;

/// The table of all fields that the file names, each of the type that it states.
pub fn table(file: &File, report: &mut Report) -> FieldTable {
    let objects = file.objects.iter().map(|(name, object)| {
        let fields = fields(&object.value, report);
        TableObject::of(name.value.clone(), fields)
    });
    FieldTable::of(objects.collect())
}

fn fields(object: &Object, report: &mut Report) -> Vec<TableField> {
    let lists = [&object.pass, &object.derived, &object.left_out];
    let listed = lists.into_iter().flatten().chain(object.fields.keys());
    let mut fields: Vec<TableField> = Vec::new();
    let mut names = BTreeSet::new();
    for name in listed {
        // A name that stands twice is reported where the object is resolved.
        if names.insert(name.value.to_ascii_lowercase()) {
            fields.push(field(&name.value, object, report));
        }
    }
    let exact: BTreeSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    for name in object.types.keys() {
        if !exact.contains(name.value.as_str()) {
            let known = fields.iter().map(|field| field.name.as_str());
            report.error(
                "policy-unknown-field",
                &name.span,
                format!("`{}` has a type and stands in no list", name.value),
                match suggest::nearest(&name.value, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "give it a rule under `fields`, or list it".to_owned(),
                },
            );
        }
    }
    fields
}

fn field(name: &str, object: &Object, report: &mut Report) -> TableField {
    let typed = object.types.iter().find(|(typed, _)| typed.value == name);
    let (word, length, to) = match typed.map(|(_, entry)| (&entry.value, &entry.span)) {
        None => (None, None, vec![]),
        Some((TypeEntry::Word(word), span)) => {
            let word = At {
                value: word.clone(),
                span: span.clone(),
            };
            (Some(word), None, vec![])
        }
        Some((TypeEntry::Detail(of), _)) => (
            Some(of.kind.clone()),
            of.length.as_ref().map(|length| length.value),
            of.to.iter().map(|object| object.value.clone()).collect(),
        ),
    };
    let kind = word.map_or(FieldType::String, |word| kind(&word, report));
    let room = match kind {
        FieldType::Textarea => Some(LONG_TEXT),
        kind if kind.holds_text() => Some(TEXT),
        _ => None,
    };
    TableField {
        name: name.to_owned(),
        kind,
        length: length.or(room),
        writable: !object.derived.iter().any(|derived| derived.value == name),
        demanded: false, // Nobody describes that.
        calculated: false,
        compound: None,
        reference_to: to,
        relationship: None,
        external_id: false,
    }
}

fn kind(word: &At<String>, report: &mut Report) -> FieldType {
    let text: StrDeserializer<'_, Error> = word.value.as_str().into_deserializer();
    FieldType::deserialize(text).unwrap_or_else(|_| {
        report.error(
            "policy-unknown-value",
            &word.span,
            format!("`{}` is no type of a field", word.value),
            "write string, textarea, email, phone, url, date, datetime, time, int, double, currency, percent, boolean, picklist, multipicklist, id or reference",
        );
        FieldType::String
    })
}
