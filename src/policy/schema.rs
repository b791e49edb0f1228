//! The JSON Schema of a policy file, made from the types that read it.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::policy::raw::File;

/// The schema as editors take it (`#:schema ./policy.schema.json`), ending in a newline.
#[must_use]
pub fn schema() -> String {
    format!("{:#}\n", *VALUE)
}

/// The schema as a tree; built once, because each compilation walks it.
pub(in crate::policy) static VALUE: LazyLock<Value> = LazyLock::new(build);

/// Follows a reference, which draft 7 wraps in `allOf` where a description stands beside it.
pub(in crate::policy) fn resolve<'v>(root: &'v Value, schema: &'v Value) -> &'v Value {
    let schema = schema.pointer("/allOf/0").unwrap_or(schema);
    let target = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| root.pointer(pointer));
    target.unwrap_or(schema)
}

/// The words that a schema allows, where it is a list of words.
pub(in crate::policy) fn words(schema: &Value) -> Vec<&str> {
    let plain = schema.get("enum").and_then(Value::as_array);
    let described = schema.get("oneOf").and_then(Value::as_array);
    let plain = plain.into_iter().flatten().filter_map(Value::as_str);
    let described = described.into_iter().flatten().flat_map(|one| {
        let many = one.get("enum").and_then(Value::as_array);
        let single = one.get("const").and_then(Value::as_str);
        many.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .chain(single)
    });
    plain.chain(described).collect()
}

/// What the values of a schema are: `object`, `array`, `string`, …
pub(in crate::policy) fn type_of(schema: &Value) -> &str {
    let stated = schema.get("type").and_then(Value::as_str);
    stated.unwrap_or("string") // A list of words has no type of its own.
}

fn build() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    without_null(&mut schema);
    schema
}

/// TOML has no null: an optional key is left out. Takes null out of the alternatives that serde's
/// `Option` brings.
fn without_null(schema: &mut Value) {
    if let Value::Array(items) = schema {
        items.iter_mut().for_each(without_null);
        return;
    }
    let Value::Object(object) = schema else {
        return;
    };
    object.retain(|key, value| key != "default" || value.is_boolean());
    for key in ["type", "anyOf"] {
        let Some(Value::Array(items)) = object.get_mut(key) else {
            continue;
        };
        items.retain(|item| item != "null" && item.get("type").is_none_or(|kind| kind != "null"));
        if items.len() > 1 {
            continue;
        }
        match items.pop() {
            Some(only) if only.get("$ref").is_some() => {
                // Draft 7 ignores what stands beside `$ref`, descriptions too.
                object.shift_remove(key);
                object.insert("allOf".to_owned(), Value::Array(vec![only]));
            }
            Some(Value::Object(only)) => {
                object.shift_remove(key);
                object.extend(only);
            }
            Some(only) => {
                object.insert(key.to_owned(), only);
            }
            None => {}
        }
    }
    object.values_mut().for_each(without_null);
}
