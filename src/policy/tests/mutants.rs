//! Every key of a policy, changed one at a time: taken out, another value, an entry more or less, a
//! key more.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// A policy with one change.
#[derive(Clone)]
pub struct Mutant {
    /// Where, as a file has it.
    pub path: String,
    /// Where, with `*` for names that somebody chose and `[]` for places in lists.
    pub pattern: String,
    pub old: Option<Value>,
    /// None where it was taken out.
    pub new: Option<Value>,
    pub text: String,
}

#[derive(Clone)]
enum Step {
    Key(String),
    At(usize),
}

/// What is tried at tables that do not have it: pattern of the table, key, value.
const MORE: &[(&str, &str, &str)] = &[
    ("", "step_up_minutes", "60"),
    ("", "streams", "[\"/u/Mutant\"]"),
    ("", "scan", "{ records = [\"special\"] }"),
    ("", "search", "{ unanswerable = \"leave-out\" }"),
    (
        "",
        "actions",
        "[{ descriptor = \"apex://M/ACTION$m\", carries = [\"m\"], reason = \"m\" }]",
    ),
    ("", "detection", "{ threshold = 0.9 }"),
    ("", "defaults", "{ retention = \"P9Y\" }"),
    ("scan", "composite", "[\"identifiers\"]"),
    ("roles", "mutants", "\"They mutate.\""),
    ("purposes", "mutation", "\"To mutate.\""),
    ("detection", "threshold", "0.9"),
    ("detection", "identifier_threshold", "0.9"),
    ("detection.categories", "health", "{ threshold = 0.9 }"),
    (
        "detection.categories",
        "genetic",
        "{ off = true, decision = { exception = \"A9-2-a\", ground = \"a law\", second_person = \"M.\", date = \"2026-11-22\" } }",
    ),
    (
        "detection.categories",
        "criminal",
        "{ on_special = \"strip\" }",
    ),
    (
        "detection.categories",
        "biometric",
        "{ alternatives = { en = \"m\" } }",
    ),
    ("detection.categories.*", "threshold", "0.9"),
    ("detection.categories.*", "on_special", "\"quarantine\""),
    (
        "detection.categories.*",
        "decision",
        "{ exception = \"A9-2-a\", second_person = \"M.\", date = \"2026-11-22\" }",
    ),
    ("detection.categories.*.alternatives", "en", "\"m\""),
    ("detection.categories.*.alternatives", "fr", "\"m\""),
    ("classes.*", "step_up", "true"),
    ("classes.*", "stable", "true"),
    ("classes.*", "search", "\"exact\""),
    ("classes.*", "canonical", "\"phone\""),
    ("classes.*", "special", "true"),
    ("classes.*", "exception", "\"A9-2-h\""),
    ("classes.*", "scan", "[\"special\"]"),
    ("classes.*", "on_special", "\"strip\""),
    ("classes.*", "threshold", "0.9"),
    ("classes.*", "about", "\"health\""),
    (
        "classes.*",
        "decision",
        "{ exception = \"A9-2-a\", second_person = \"M.\", date = \"2026-11-22\" }",
    ),
    ("classes.*", "known", "\"street\""),
    ("classes.*", "purpose", "\"mutation\""),
    ("classes.*", "lawful_basis", "\"vital-interests\""),
    ("classes.*", "retention", "\"P30Y\""),
    ("classes.*", "reason", "\"m\""),
    ("classes.*", "roles", "[]"),
    ("objects.*", "lawful_basis", "\"vital-interests\""),
    ("objects.*", "retention", "\"P30Y\""),
    ("objects.*", "reason", "\"m\""),
    ("objects.*.fields.*", "action", "\"block\""),
    ("objects.*.fields.*", "action", "\"strip\""),
    ("objects.*.fields.*", "action", "\"tokenize\""),
    ("objects.*.fields.*", "stable", "true"),
    ("objects.*.fields.*", "scan", "[]"),
    ("objects.*.fields.*", "scan", "[\"special\"]"),
    ("objects.*.fields.*", "on_special", "\"strip\""),
    ("objects.*.fields.*", "threshold", "0.9"),
    ("objects.*.fields.*", "about", "\"health\""),
    (
        "objects.*.fields.*",
        "decision",
        "{ ground = \"a law\", second_person = \"M.\", date = \"2026-11-22\" }",
    ),
    ("objects.*.fields.*", "max_file", "5000000000"),
    ("objects.*.fields.*", "plain_files", "\"pass\""),
    ("objects.*.fields.*", "lawful_basis", "\"vital-interests\""),
    ("objects.*.fields.*", "retention", "\"P30Y\""),
    ("objects.*.fields.*", "reason", "\"m\""),
    ("objects.*.types.*", "length", "9"),
    ("objects.*.fields.*.to", "round", "10"),
    ("objects.*.fields.*.to", "band", "10"),
    ("objects.*.fields.*.to", "map", "{ a = \"b\" }"),
    ("objects.*.fields.*.to", "otherwise", "\"m\""),
    ("site.pass", "mutant", "\"word\""),
    ("site.headers", "x-mutant", "\"token\""),
    ("site.cookies", "mutant", "\"sealed\""),
    ("site.csp", "img-src", "[\"https://mutant.example.eu\"]"),
    ("forms.*", "drop", "[\"mutant\"]"),
    ("forms.*", "pass", "{ mutant = \"word\" }"),
    ("forms.*", "files", "[\"mutant\"]"),
    ("forms.*.pass", "mutant", "\"word\""),
    ("routes[]", "method", "[\"GET\", \"POST\"]"),
    ("routes[]", "host", "\"mutant.example.eu\""),
    ("routes[]", "html_in_json", "true"),
    ("routes[]", "plain_files", "\"pass\""),
    ("routes[]", "csv_guard", "false"),
    ("routes[]", "step_up", "true"),
    ("routes[]", "scan", "[\"special\"]"),
    ("routes[]", "login", "true"),
    ("routes[]", "query", "{ pass = { mutant = \"word\" } }"),
    ("routes[].query", "drop", "[\"mutant\"]"),
    ("routes[].query", "pass", "{ mutant = \"word\" }"),
    ("static[]", "host", "\"mutant.example.eu\""),
    ("static[]", "query", "{ pass = { mutant = \"word\" } }"),
];

/// Words that are tried beside those that the policy has in such a place, by the last key.
const WORDS: &[(&str, &[&str])] = &[
    (
        "action",
        &[
            "pass",
            "block",
            "strip",
            "hold",
            "encrypt",
            "tokenize",
            "generalize",
        ],
    ),
    ("on_special", &["encrypt", "strip", "quarantine", "block"]),
    ("search", &["none", "exact"]),
    ("canonical", &["text", "email", "phone"]),
    ("known", &["given_name", "street"]),
    ("lawful_basis", &["consent", "vital-interests"]),
    ("unanswerable", &["refuse", "leave-out"]),
    ("retention", &["P1Y", "P40Y"]),
    ("category", &["pd:Name", "pd:Age"]),
    ("about", &["criminal"]),
    ("to", &["month", "year"]),
    ("type", &["string", "textarea", "int", "date"]),
    ("ids", &["hex", "uuid"]),
    ("answer", &["html", "json", "text"]),
    ("body", &["form", "multipart", "json"]),
    ("method", &["POST", "DELETE"]),
    ("plain_files", &["pass", "refuse"]),
    ("scan", &["special", "identifiers"]),
];

/// Other words for entries of these lists and tables, by the end of the pattern.
const ENTRIES: &[(&str, &str)] = &[
    (".pass.*", "token"),
    (".headers.*", "word"),
    (".cookies.*", "sealed"),
    (".method[]", "DELETE"),
    (".answer[]", "json"),
    (".body[]", "json"),
    (".scan[]", "identifiers"),
    (".csp.*[]", "https://mutant.example.eu"),
];

/// All mutants, at most `most` of each kind at each pattern: others stand for nothing new.
pub fn mutants(policy: &str, most: usize) -> (String, Vec<Mutant>) {
    let base = spelt_out(toml::from_str(policy).expect("a policy"));
    let root = Value::Table(base);
    let mut nodes = Vec::new();
    collect(&root, &mut Vec::new(), &mut nodes);
    let mut pools: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (path, value) in &nodes {
        let pool = pools.entry(pattern(path)).or_default();
        if !pool.contains(value) {
            pool.push(value.clone());
        }
    }
    let mut kinds: BTreeMap<(String, String), Vec<Change>> = BTreeMap::new();
    for (path, value) in &nodes {
        for (kind, change) in changes(path, value, &pools) {
            kinds
                .entry((pattern(&change.0), kind))
                .or_default()
                .push(change);
        }
    }
    let mut found = Vec::new();
    let mut texts = BTreeSet::new();
    for ((pattern, _), changes) in kinds {
        let step = changes.len().div_ceil(most).max(1);
        for (path, new) in changes.into_iter().step_by(step) {
            let old = get(&root, &path).cloned();
            let mut mutant = root.clone();
            put(&mut mutant, &path, new.clone());
            let text = toml::to_string(&mutant).expect("TOML");
            if old != new && texts.insert(text.clone()) {
                let path = shown(&path);
                found.push(Mutant {
                    path,
                    pattern: pattern.clone(),
                    old,
                    new,
                    text,
                });
            }
        }
    }
    (toml::to_string(&root).expect("TOML"), found)
}

type Change = (Vec<Step>, Option<Value>);

/// Fields and types as tables, so that keys can be added to them.
fn spelt_out(mut file: Table) -> Table {
    let objects = file.get_mut("objects").and_then(Value::as_table_mut);
    for (_, object) in objects.into_iter().flatten() {
        for (part, key) in [("fields", "class"), ("types", "type")] {
            let part = object.get_mut(part).and_then(Value::as_table_mut);
            for (_, entry) in part.into_iter().flatten() {
                if entry.is_str() {
                    let word = entry.clone();
                    *entry = Value::Table(Table::from_iter([(key.to_owned(), word)]));
                }
            }
        }
    }
    file
}

fn collect(value: &Value, path: &mut Vec<Step>, nodes: &mut Vec<(Vec<Step>, Value)>) {
    nodes.push((path.clone(), value.clone()));
    let mut inner = |step: Step, value: &Value| {
        path.push(step);
        collect(value, path, nodes);
        path.pop();
    };
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                inner(Step::Key(key.clone()), value);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                inner(Step::At(at), value);
            }
        }
        _ => {}
    }
}

fn changes(
    path: &[Step],
    value: &Value,
    pools: &BTreeMap<String, Vec<Value>>,
) -> Vec<(String, Change)> {
    let mut found: Vec<(String, Change)> = Vec::new();
    let mut add = |kind: &str, path: Vec<Step>, new: Option<Value>| {
        found.push((kind.to_owned(), (path, new)));
    };
    let here = pattern(path);
    if !path.is_empty() {
        add("gone", path.to_vec(), None);
    }
    let last = match path.last() {
        Some(Step::Key(key)) => key.as_str(),
        _ => "",
    };
    match value {
        Value::String(text) => {
            let pool = pools.get(&here).map_or(&[][..], Vec::as_slice);
            let others = pool.iter().filter(|other| *other != value);
            for other in others.take(3) {
                add("another of them", path.to_vec(), Some(other.clone()));
            }
            let words = WORDS.iter().find(|(key, _)| *key == last);
            let words = words.map_or(&[][..], |(_, words)| words);
            let entry = ENTRIES.iter().filter(|(end, _)| here.ends_with(end));
            let words = words.iter().chain(entry.map(|(_, word)| word));
            for word in words {
                add(word, path.to_vec(), Some((*word).into()));
            }
            add(
                "another text",
                path.to_vec(),
                Some(format!("{text}x").into()),
            );
        }
        Value::Integer(number) => {
            add("more", path.to_vec(), Some((number + 1).into()));
            add("less", path.to_vec(), Some((number - 1).into()));
        }
        Value::Float(number) => {
            add("more", path.to_vec(), Some((number + 0.1).into()));
            add("less", path.to_vec(), Some((number - 0.1).into()));
        }
        Value::Boolean(flag) => add("toggled", path.to_vec(), Some((!flag).into())),
        Value::Array(items) => {
            let pool = pools.get(&format!("{here}[]"));
            let others = pool
                .into_iter()
                .flatten()
                .filter(|other| !items.contains(other));
            let own = ENTRIES
                .iter()
                .filter(|(end, _)| format!("{here}[]").ends_with(end));
            let own: Vec<Value> = own.map(|(_, word)| (*word).into()).collect();
            for other in others.take(2).chain(&own) {
                let more: Vec<Value> = items.iter().chain([other]).cloned().collect();
                add("an entry more", path.to_vec(), Some(Value::Array(more)));
            }
        }
        Value::Table(table) => {
            let of = |key: &str| [path, &[Step::Key(key.to_owned())][..]].concat();
            let more = MORE
                .iter()
                .filter(|(at, key, _)| *at == here && !table.contains_key(*key));
            for (_, key, value) in more {
                let value: Table = toml::from_str(&format!("v = {value}")).expect("TOML");
                add("a key more", of(key), value.get("v").cloned());
            }
            let siblings = pools
                .get(&here)
                .into_iter()
                .flatten()
                .filter_map(Value::as_table);
            let keys = siblings
                .flatten()
                .filter(|(key, _)| !table.contains_key(*key));
            for (key, value) in keys.take(6) {
                add("a key of another", of(key), Some(value.clone()));
            }
        }
        Value::Datetime(_) => {}
    }
    found
}

/// Tables whose keys somebody chose.
fn is_named(table: &str) -> bool {
    const NAMED: &[&str] = &[
        "roles",
        "purposes",
        "classes",
        "objects",
        "objects.*.fields",
        "objects.*.types",
        "objects.*.relations",
        "objects.*.children",
        "site.pass",
        "site.headers",
        "site.cookies",
        "site.csp",
        "forms",
        "detection.categories",
    ];
    let names = ["fields", "search", "pass", "files"];
    let of_form = |form: &str| {
        table
            .strip_prefix(form)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|rest| names.contains(&rest))
    };
    NAMED.contains(&table)
        || [
            "forms.*",
            "routes[].query",
            "routes[].form",
            "static[].query",
        ]
        .into_iter()
        .any(of_form)
}

fn pattern(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) => {
                let key = if is_named(&text) { "*" } else { key };
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::At(_) => text.push_str("[]"),
        }
    }
    text
}

fn shown(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::At(at) => at.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

fn get<'v>(value: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::At(at) => value.get(*at),
    })
}

fn put(root: &mut Value, path: &[Step], new: Option<Value>) {
    let Some((last, before)) = path.split_last() else {
        return;
    };
    let mut value = root;
    for step in before {
        value = match step {
            Step::Key(key) => &mut value[key],
            Step::At(at) => &mut value[*at],
        };
    }
    match (value, last, new) {
        (Value::Table(table), Step::Key(key), Some(new)) => {
            table.insert(key.clone(), new);
        }
        (Value::Table(table), Step::Key(key), None) => {
            table.remove(key);
        }
        (Value::Array(items), Step::At(at), Some(new)) => items[*at] = new,
        (Value::Array(items), Step::At(at), None) => {
            items.remove(*at);
        }
        _ => panic!("no such place"),
    }
}
