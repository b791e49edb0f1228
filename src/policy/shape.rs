//! The form of the file: TOML syntax, then keys, types and words against the schema, then serde.
//!
//! serde stops at its first complaint. Walking the same types' JSON Schema over the parsed tree
//! finds all of them at once, each at its place and with the nearest known word.

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::policy::raw::File;
use crate::policy::{Report, Sentence, Source, schema, sentence, suggest};

/// The file as raw types and as plain TOML, or none when its form is wrong; the report says where.
pub fn read(source: &Source, report: &mut Report) -> Option<(File, toml::Table)> {
    let table = match DeTable::parse(&source.text) {
        Ok(table) => table,
        Err(error) => {
            syntax(&error, source, report);
            return None;
        }
    };
    let schema: &Value = &schema::VALUE;
    let walk = Walk { root: schema };
    let root = Spanned::new(0..0, DeValue::Table(table.into_inner()));
    walk.value(schema, &root, "", report);
    if report.has_errors() {
        return None;
    }
    let written: Result<toml::Table, _> = toml::from_str(&source.text);
    match toml::from_str(&source.text).and_then(|file| Ok((file, written?))) {
        Ok(both) => Some(both),
        Err(error) => {
            syntax(&error, source, report);
            None
        }
    }
}

fn syntax(error: &toml::de::Error, source: &Source, report: &mut Report) {
    let end = source.text.len();
    report.error(
        "policy-syntax",
        &error.span().unwrap_or(end..end),
        error.message(),
        sentence!(
            "correct the line; https://toml.io has the grammar",
            "verbeter de regel; https://toml.io heeft de grammatica"
        ),
    );
}

struct Walk<'s> {
    root: &'s Value,
}

impl Walk<'_> {
    fn value(&self, schema: &Value, value: &Spanned<DeValue<'_>>, path: &str, report: &mut Report) {
        let Some(schema) = self.alternative(schema, value.get_ref()) else {
            let expected = self.expected(schema);
            report.error(
                "policy-wrong-type",
                &value.span(),
                sentence!(
                    "`{path}` is {is}, where {expected} belongs",
                    "`{path}` is {is}, waar {expected} hoort",
                    is: article(value.get_ref().type_str()),
                    expected: expected,
                ),
                sentence!("write {expected}", "schrijf {expected}", expected: expected),
            );
            return;
        };
        match value.get_ref() {
            DeValue::Table(table) => self.table(schema, table, (&value.span(), path), report),
            DeValue::Array(items) => {
                let Some(item) = schema.get("items") else {
                    return;
                };
                for value in items {
                    self.value(item, value, path, report);
                }
            }
            DeValue::String(text) => {
                let words = schema::words(schema);
                if words.is_empty() || words.contains(&text.as_ref()) {
                    return;
                }
                report.error(
                    "policy-unknown-value",
                    &value.span(),
                    sentence!(
                        "`{path}` cannot be `{text}`",
                        "`{path}` kan niet `{text}` zijn"
                    ),
                    did_you_mean(text, &words),
                );
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    fn table(
        &self,
        schema: &Value,
        table: &DeTable<'_>,
        (span, path): (&std::ops::Range<usize>, &str),
        report: &mut Report,
    ) {
        let none = Map::new();
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        let rest = schema
            .get("additionalProperties")
            .filter(|rest| rest.is_object());
        for (key, value) in table {
            let name: &str = key.get_ref();
            // Values of a generalization are no names.
            if name.len() > suggest::LONGEST && !path.ends_with(".map") {
                report.error(
                    "policy-name-long",
                    &key.span(),
                    sentence!(
                        "a name in {place} has more than 128 bytes",
                        "een naam in {place} heeft meer dan 128 bytes",
                        place: place(path),
                    ),
                    sentence!(
                        "give it a shorter one; the rest belongs into a comment",
                        "kies een kortere; de rest hoort in een opmerking"
                    ),
                );
                continue;
            }
            let inner = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            };
            if let Some(schema) = properties.get(name).or(rest) {
                self.value(schema, value, &inner, report);
                continue;
            }
            let known: Vec<&str> = properties.keys().map(String::as_str).collect();
            report.error(
                "policy-unknown-key",
                &key.span(),
                sentence!(
                    "`{name}` is not a key of {place}",
                    "`{name}` is geen sleutel van {place}",
                    place: place(path),
                ),
                did_you_mean(name, &known),
            );
        }
        let required = schema.get("required").and_then(Value::as_array);
        for key in required.into_iter().flatten().filter_map(Value::as_str) {
            if !table.keys().any(|known| known.get_ref() == key) {
                report.error(
                    "policy-missing-key",
                    span,
                    sentence!(
                        "{place} has no `{key}`",
                        "{place} heeft geen `{key}`",
                        place: place(path),
                    ),
                    sentence!(
                        "add `{key} = …`: {what}",
                        "voeg `{key} = …` toe",
                        what = description(properties.get(key)),
                    ),
                );
            }
        }
    }

    /// The schema itself or that of its alternatives that takes a value of this type.
    fn alternative<'v>(&'v self, schema: &'v Value, value: &DeValue<'_>) -> Option<&'v Value> {
        let schema = schema::resolve(self.root, schema);
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
            return any.iter().find_map(|one| self.alternative(one, value));
        }
        (schema::type_of(schema) == json_type(value)).then_some(schema)
    }

    fn expected(&self, schema: &Value) -> Sentence {
        let schema = schema::resolve(self.root, schema);
        if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
            let kinds = any.iter().map(|one| self.expected(one));
            let either = |one: Sentence, other: Sentence| sentence!("{one} or {other}", "{one} of {other}", one: one, other: other);
            return kinds.reduce(either).unwrap_or_else(|| article("string"));
        }
        article(match schema::type_of(schema) {
            "object" => "table",
            other => other,
        })
    }
}

fn json_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "datetime",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

fn did_you_mean(word: &str, known: &[&str]) -> Sentence {
    match suggest::nearest(word, known.iter().copied()) {
        Some(near) => sentence!("did you mean `{near}`?", "bedoelde u `{near}`?"),
        None => {
            let known = known.join(", ");
            sentence!("known are: {known}", "bekend zijn: {known}")
        }
    }
}

fn description(schema: Option<&Value>) -> &str {
    schema
        .and_then(|schema| schema.get("description"))
        .and_then(Value::as_str)
        .unwrap_or("it is required")
}

fn place(path: &str) -> Sentence {
    match path {
        "" => sentence!("the file", "het bestand"),
        path => sentence!("`{path}`", "`{path}`"),
    }
}

fn article(word: &str) -> Sentence {
    let dutch = match word {
        "string" => "tekst",
        "integer" => "een geheel getal",
        "number" | "float" => "een getal",
        "boolean" => "true of false",
        "array" => "een lijst",
        "table" => "een tabel",
        "datetime" => "een datum",
        other => other,
    };
    let article = match word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => "an",
        false => "a",
    };
    sentence!("{article} {word}", "{dutch}")
}
