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
