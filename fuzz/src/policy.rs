//! The policies by which the targets work: the starter policy with an object that has each rule, and
//! the policy of a CRM of pages.
//!
//! Of the first, text that would pass in the clear is left out, so that the canary has no field in
//! which it may leave. What remains to pass has a form: ids, dates, numbers, flags.

use sluis::policy::{FieldTable, FieldType, Plan, Source, compile};
use toml::{Table, Value};

const STARTER: &str = concat!(
    include_str!("../../policies/salesforce.toml"),
    include_str!("../../src/protect/trial/policy.toml")
);

/// The plan of the API's targets.
pub fn salesforce() -> Plan {
    let own = FieldTable::parse(include_str!("../../src/protect/trial/fields.json"));
    let table = FieldTable::salesforce()
        .expect("the table")
        .overlaid(own.expect("the trial's fields"));
    let mut policy: Table = toml::from_str(STARTER).expect("the starter policy");
    let clear: Vec<String> = policy["classes"]
        .as_table()
        .into_iter()
        .flatten()
        .filter(|(_, class)| word(class, "action") == Some("pass"))
        .map(|(name, _)| name.to_owned())
        .collect();
    let objects = policy.get_mut("objects").and_then(Value::as_table_mut);
    for (name, object) in objects.expect("objects") {
        let object = object.as_table_mut().expect("an object");
        let known = table.object(name).expect("an object of the table");
        let is_text = |field: &str| {
            known
                .field(field)
                .is_none_or(|field| takes_text(field.kind))
        };
        let mut out = take(object, "left_out");
        let passes = take(object, "pass").into_iter();
        let (text, pass): (Vec<String>, Vec<String>) = passes.partition(|field| is_text(field));
        out.extend(text);
        object.insert("pass".into(), list(pass));
        if let Some(fields) = object.get_mut("fields").and_then(Value::as_table_mut) {
            fields.retain(|field, rule| {
                let class = rule.as_str().or_else(|| word(rule, "class"));
                let passes = match word(rule, "action") {
                    Some(action) => action == "pass",
                    None => class.is_some_and(|class| clear.iter().any(|known| known == class)),
                };
                if passes && is_text(field) {
                    out.push(field.to_owned());
                }
                !passes || !is_text(field)
            });
        }
        object.insert("left_out".into(), list(out));
    }
    let text = toml::to_string(&policy).expect("a policy");
    plan("fuzz.toml", text, &table)
}

/// The plan of the targets that read forms.
pub fn pages() -> Plan {
    let text = include_str!("../../policies/creme.toml").to_owned();
    plan(
        "creme.toml",
        text,
        &FieldTable::salesforce().expect("the table"),
    )
}

fn plan(name: &str, text: String, table: &FieldTable) -> Plan {
    let source = Source {
        name: name.to_owned(),
        text,
    };
    compile(&source, table).unwrap_or_else(|report| panic!("{report}"))
}

fn word<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn takes_text(kind: FieldType) -> bool {
    kind.holds_text() || matches!(kind, FieldType::Picklist | FieldType::Multipicklist)
}

fn take(object: &mut Table, key: &str) -> Vec<String> {
    let found = object.remove(key);
    let found = found.and_then(|list| list.try_into().ok());
    found.unwrap_or_default()
}

fn list(names: Vec<String>) -> Value {
    Value::Array(names.into_iter().map(Value::String).collect())
}
