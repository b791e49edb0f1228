//! No weakening is unseen: whatever somebody changes in a policy is weaker, unless it stands on a
//! list that is written here without a look at the code that judges.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::detect::Special;
use crate::policy::tests::mutants::{Mutant, mutants};
use crate::policy::tests::{compile, site};
use crate::policy::{FieldTable, Plan, Source, compare, compile as compiled, schema};

pub const STARTER: &str = include_str!("../../../policies/salesforce.toml");
pub const PAGES: &str = include_str!("../../../policies/creme.toml");

/// The keys that the starter policies do without.
const MORE: &str = r#"
[classes.text]
category = "pd:Communication"
action = "encrypt"
roles = ["support", "sales"]
scan = ["special", "identifiers"]
on_special = "encrypt"
about = "health"
threshold = 0.4
decision = { exception = "A9-2-a", ground = "a law", second_person = "B. Bos, DPO", date = "2026-01-31" }
known = "street"
step_up = true
reason = "asked for"

[classes.health]
category = "pd:Health"
action = "hold"
special = true
exception = "A9-2-h"
roles = ["support"]

[classes.note]
category = "pd:Communication"
action = "tokenize"
roles = ["support"]
threshold = 0.3
on_special = "strip"

[objects.Contact.fields.Description]
class = "text"
threshold = 0.3
retention = "P5Y"

[objects.Contact.fields.Department]
class = "note"

[objects.Contact.fields.Title]
class = "note"
action = "pass"
scan = ["special", "identifiers"]
about = "health"
reason = "on every door"

[objects.Contact.fields.Salutation]
class = "health"

[objects.ContentVersion]
subject = { follow = "FirstPublishLocationId", object = "Account" }
pass = ["Id", "FirstPublishLocationId"]
left_out = ["Description"]

[objects.ContentVersion.fields]
Title = "note"
VersionData = { class = "text", scan = [], max_file = 9000, plain_files = "pass", decision = { ground = "a law", second_person = "B. Bos, DPO", date = "2026-01-31" } }

[detection]
threshold = 0.5
identifier_threshold = 0.6
identifiers = { email = "email", phone = "note", iban = "note", national_id = "note", date_of_birth = "birth_date", plate = "note", card = "note", ip = "note", document_number = "note", street_address = "note", postcode_city = "note", person_name = "note" }

[detection.categories.health]
on_special = "strip"
threshold = 0.4
alternatives = { en = "moved", nl = "verzet" }

[detection.categories.genetic]
off = true
decision = { exception = "A9-2-a", ground = "a law", second_person = "B. Bos, DPO", date = "2026-01-31" }

[search]
unanswerable = "leave-out"

[scan]
records = ["special"]
query = ["special"]

[[actions]]
descriptor = "apex://Search/ACTION$find"
carries = ["place"]
reason = "a place's number"

[[actions]]
descriptor = "apex://Search/ACTION$count"
reason = "numbers"
"#;

/// The same for a CRM that is described by routes.
const MORE_PAGES: &str = r#"
[[static]]
paths = ["/files/**", "/favicon.ico"]
host = "files.example.com"
query = { pass = { v = "number" } }

[[routes]]
name = "contact.add"
method = ["GET", "POST"]
path = "/contact/add"
object = "Contact"
creates = { location = "/contact/edit/{id}" }
body = ["form", "multipart"]
form = { fields = { last_name = "last_name", room = "room" }, pass = { "next" = "path" }, drop = ["_"], files = { doc = { action = "encrypt", field = "last_name", max_file = 9, extensions = ["pdf"] } } }
answer = ["html", "json"]
html_in_json = true
step_up = true
scan = ["special"]

[[routes]]
name = "contact.api"
method = "POST"
path = "/api/contact"
object = "Contact"
creates = { json = "data.id" }
body = "json"
form = { fields = { last_name = "last_name" } }
answer = ["json", "none"]

[[routes]]
name = "product.edit"
method = ["GET", "POST"]
path = "/product/edit/{id}"
object = "Product"
record = "id"
body = "form"
form = "contact"
answer = "html"

[[routes]]
name = "export"
path = "/export/{kind:csv|list}"
query = { search = { q = ["Contact.last_name"] }, pass = { sort = ["a", "b"] } }
answer = ["csv", "file"]
plain_files = "pass"
csv_guard = false

[[routes]]
name = "events"
path = "/events"
host = "files.example.com"
websocket = "opaque"
reason = "pings"

[[routes]]
name = "login"
method = "POST"
path = "/login"
login = true
body = "form"
form = { pass = { user = "secret" } }
answer = "html"

[objects.Product]
pass = ["sector", "last_name"]
reason = "what is sold"
types = { sector = "id", last_name = "string" }
"#;

pub fn rich() -> String {
    let cased = compile::SMALL.replacen(
        "token_domain",
        "step_up_minutes = 5\nstreams = [\"/u/Orders\", \"/topic/Orders\"]\ntoken_domain",
        1,
    );
    format!("{cased}{MORE}")
}

pub fn rich_pages() -> String {
    let base = site::BASE
        .replacen(
            "pass = [\"sector\"]",
            "pass = [\"sector\", \"room\"]\nsubject = { identify = [\"last_name\"] }",
            1,
        )
        .replacen(
            "sector = \"id\" }",
            "sector = \"id\", room = \"int\", last_name = { type = \"string\", length = 80 } }",
            1,
        )
        .replacen(
            "pass = { csrf = \"token\" }",
            "ids = \"number\"\npass = { csrf = \"token\", sector = \"word\" }\nheaders = { x-csrf = \"token\" }\ncookies = { sid = \"sealed\", lang = [\"nl\", \"en\"], seen = { form = \"flag\", scripts = true } }\ncsp = { img-src = [\"data:\", \"https://maps.example.eu\"] }",
            1,
        );
    format!("{base}{MORE_PAGES}")
}

#[test]
fn each_change_of_the_starter_policy_is_weaker_or_on_the_list() {
    let seen = all_are_seen(STARTER, 2);
    assert!(seen >= 200, "{seen}");
}

#[test]
fn each_change_of_the_policy_for_pages_is_weaker_or_on_the_list() {
    let seen = all_are_seen(PAGES, 6);
    assert!(seen >= 200, "{seen}");
}

#[test]
fn each_change_of_a_policy_with_all_keys_is_weaker_or_on_the_list() {
    let seen = all_are_seen(&rich(), 12);
    assert!(seen >= 150, "{seen}");
}

#[test]
fn each_change_of_routes_with_all_keys_is_weaker_or_on_the_list() {
    let seen = all_are_seen(&rich_pages(), 6);
    assert!(seen >= 200, "{seen}");
}

/// A key that is added to the language has to be changed here too.
#[test]
fn each_key_that_a_policy_may_have_is_changed() {
    let policies = [STARTER.to_owned(), PAGES.to_owned(), rich(), rich_pages()];
    let mutants = policies.iter().flat_map(|policy| mutants(policy, 1).1);
    let paths: Vec<String> = mutants.map(|mutant| mutant.path).collect();
    let changed: BTreeSet<&str> = paths.iter().flat_map(|path| path.split('.')).collect();
    let schema: serde_json::Value = serde_json::from_str(&schema()).expect("JSON");
    let types = schema["definitions"].as_object().expect("definitions");
    let tables = types.values().chain([&schema]);
    let keys = tables.filter_map(|table| table.get("properties")?.as_object());
    let missing: Vec<&String> = keys
        .flat_map(serde_json::Map::keys)
        // One category stands for all.
        .filter(|key| Special::named(key).is_none() && !changed.contains(key.as_str()))
        .collect();
    assert_eq!(missing, Vec::<&String>::new());
}

/// How many changes were found to be weaker. Those that do not compile come into force by nobody.
fn all_are_seen(policy: &str, most: usize) -> usize {
    let table = FieldTable::salesforce().expect("the built-in table");
    let plan = |text: &str| {
        let source = Source {
            name: "policy.toml".to_owned(),
            text: text.to_owned(),
        };
        compiled(&source, &table)
    };
    let (base, mutants) = mutants(policy, most);
    let before = plan(&base).unwrap_or_else(|report| panic!("{report}"));
    let same = plan(policy).unwrap_or_else(|report| panic!("{report}"));
    assert!(
        compare(&before, &same).iter().all(|change| !change.weaker),
        "the order of keys and comments is nothing: {:?}",
        compare(&before, &same)
    );
    let meaning = bare(&before);
    let (mut seen, mut unseen) = (0, Vec::new());
    for mutant in mutants {
        let Ok(after) = plan(&mutant.text) else {
            continue;
        };
        if bare(&after) == meaning {
            continue;
        }
        let changes = compare(&before, &after);
        if changes.iter().any(|change| change.weaker) {
            seen += 1;
        } else if !is_stricter(&mutant, &before) {
            unseen.push(format!(
                "{}: {:?} -> {:?}: {changes:?}",
                mutant.path, mutant.old, mutant.new
            ));
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
    seen
}

/// What a plan does, without where it stands in the file.
fn bare(plan: &Plan) -> String {
    let mut plan = plan.clone();
    plan.hash = [0; 32];
    plan.written = std::sync::Arc::default();
    let text = format!("{plan:?}");
    let text = text.split(", warnings: Report").next().unwrap_or_default();
    // Ranges of bytes: 12..34.
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("..") {
        let before = rest[..at].trim_end_matches(|c: char| c.is_ascii_digit());
        bare.push_str(before);
        rest = rest[at + 2..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    bare + rest
}

/// What may be taken out without anything being shown or let pass by that: names, doors, and what
/// passes at them.
const TAKEN_OUT: &[&str] = &[
    "roles.*",
    "objects.*",
    "objects.*.fields.*",
    "objects.*.pass[]",
    "objects.*.pass",
    "objects.*.derived",
    "objects.*.derived[]",
    "objects.*.relations.*",
    "objects.*.relations",
    "objects.*.children.*",
    "objects.*.children",
    "objects.*.external_ids[]",
    "objects.*.external_ids",
    "streams[]",
    "streams",
    "actions[]",
    "actions",
    "actions[].carries[]",
    "actions[].carries",
    "routes[]",
    "routes[].method[]",
    "routes[].body[]",
    "routes[].query",
    "routes[].form",
    "routes[].form.files",
    "routes[].form.files.*",
    "forms.*.files",
    "static[]",
    "static[].paths[]",
    "static",
    "static[].query",
    "static[].query.pass",
    "static[].query.pass.*",
    "site.pass",
    "site.headers",
    "site.cookies",
    "site.csp",
    "site.pass.*",
    "site.headers.*",
    "site.cookies.*",
    "site.csp.*",
    "site.csp.*[]",
];

/// The closed list: differences that expose less by themselves.
fn is_stricter(mutant: &Mutant, before: &Plan) -> bool {
    let Mutant {
        pattern, old, new, ..
    } = mutant;
    let (old, new) = (old.as_ref(), new.as_ref());
    let gone = new.is_none() || repeats(mutant, before);
    let is = text(new);
    match pattern.as_str() {
        "defaults.roles" | "defaults.roles[]" | "classes.*.roles" | "classes.*.roles[]" => {
            shows_no_more(before, &mutant.text)
        }
        // With the last class that is `known`, less is looked for.
        "classes.*" => gone && old.is_some_and(|class| class.get("known").is_none()),
        taken if gone && (TAKEN_OUT.contains(&taken) || is_name(taken)) => true,
        "routes[].query" | "routes[].form" => is_empty(new),
        "site.cookies.*" => old.is_some() && is == "sealed",
        // What is dropped was refused, or is not sent any more.
        "forms.*.drop[]"
        | "forms.*.drop"
        | "routes[].query.drop"
        | "routes[].query.drop[]"
        | "routes[].form.drop"
        | "routes[].form.drop[]" => true,
        "routes[].form.files.*" | "routes[].form.files.*.action" => is == "block",
        "objects.*.fields.*.action" | "classes.*.action" => is_less(mutant, before),
        pattern if pattern.ends_with(".retention") => years(is) < years(text(old)),
        _ => is_guarded(mutant, gone),
    }
}

/// Guards that are put up, and numbers from which something counts.
fn is_guarded(mutant: &Mutant, gone: bool) -> bool {
    let (old, new) = (mutant.old.as_ref(), mutant.new.as_ref());
    let (was, is) = (text(old), text(new));
    match mutant.pattern.as_str() {
        "routes[].csv_guard" => gone || flag(new),
        "classes.*.step_up" | "routes[].step_up" | "classes.*.special" => flag(new),
        "classes.*.stable" | "objects.*.fields.*.stable" => !flag(new),
        "classes.*.search" => gone || is == "none",
        "search.unanswerable" | "search" => gone || is == "refuse",
        "classes.*.known" => old.is_none(),
        "scan" | "scan.records" | "scan.query" | "scan.composite" | "routes[].scan" => {
            old.is_none() || entries(new) > entries(old)
        }
        "classes.*.scan" | "objects.*.fields.*.scan" => entries(new) > entries(old),
        "classes.*.about" | "objects.*.fields.*.about" => old.is_none(),
        "classes.*.decision" | "objects.*.fields.*.decision" => gone,
        "routes[].plain_files" | "objects.*.fields.*.plain_files" => gone || is == "refuse",
        "objects.*.fields.*.max_file" => number(new) < number(old) && !gone,
        "detection.categories.*.off" => !flag(new),
        "detection.threshold"
        | "detection.identifier_threshold"
        | "classes.*.threshold"
        | "objects.*.fields.*.threshold"
        | "detection.categories.*.threshold" => {
            number(new).unwrap_or(0.5) < number(old).unwrap_or(0.5)
        }
        "classes.*.on_special"
        | "objects.*.fields.*.on_special"
        | "detection.categories.*.on_special" => {
            // The class of `Description` says `encrypt`.
            let of_class = mutant.path.contains("Description") && is == "strip";
            harshness(is) > harshness(was) || of_class
        }
        "detection.categories.*" => match new {
            Some(new) => is_harsher(new),
            None => old.is_some_and(|old| flag(old.get("off"))),
        },
        "api.oldest" => number(new) > number(old),
        "api.newest" | "step_up_minutes" => {
            gone && number(old) > Some(10.0) || number(new) < number(old) && !gone
        }
        _ => false,
    }
}

/// An entry of a list became another one of it: there is one less.
fn repeats(mutant: &Mutant, before: &Plan) -> bool {
    let steps: Vec<&str> = mutant.path.split('.').collect();
    let (Some((_, list)), Some(new)) = (steps.split_last(), &mutant.new) else {
        return false;
    };
    let root = Value::Table((*before.written).clone());
    let list = list.iter().try_fold(&root, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    });
    let list = list.and_then(Value::as_array);
    list.is_some_and(|items| items.contains(new))
}

/// Every class is shown to nobody to whom it was not shown.
fn shows_no_more(before: &Plan, after: &str) -> bool {
    let after: Table = toml::from_str(after).expect("a policy");
    let roles = |file: &Table, class: &str| -> BTreeSet<String> {
        let own = file["classes"]
            .get(class)
            .and_then(|class| class.get("roles"));
        let usual = file.get("defaults").and_then(|all| all.get("roles"));
        let roles = own.or(usual).and_then(Value::as_array);
        let roles = roles.into_iter().flatten().filter_map(Value::as_str);
        roles.map(str::to_owned).collect()
    };
    let classes = after["classes"].as_table().expect("classes");
    let mut names = classes.keys();
    names.all(|name| roles(&after, name).is_subset(&roles(&before.written, name)))
}

/// A name of a query or a body.
fn is_name(pattern: &str) -> bool {
    let lists = ["fields", "search", "pass"];
    let names = ["forms.*", "routes[].query", "routes[].form"];
    names.iter().any(|of| {
        lists
            .iter()
            .any(|list| pattern == format!("{of}.{list}.*") || pattern == format!("{of}.{list}"))
    })
}

/// An action that exposes less than the one before, be it the class's.
fn is_less(mutant: &Mutant, before: &Plan) -> bool {
    let steps: Vec<&str> = mutant.path.split('.').collect();
    let of_class = |class: &str| {
        let classes = before.written.get("classes").and_then(|all| all.get(class));
        text(classes.and_then(|class| class.get("action"))).to_owned()
    };
    let inherited = match steps.as_slice() {
        ["objects", object, "fields", field, "action"] => {
            let objects = before.written.get("objects");
            let field = objects.and_then(|all| all.get(object)?.get("fields")?.get(field));
            let class = field.and_then(|field| field.as_str().or_else(|| text_of(field, "class")));
            of_class(class.unwrap_or_default())
        }
        _ => String::new(),
    };
    let or = |word: &str| match word {
        "" => inherited.clone(),
        word => word.to_owned(),
    };
    let (was, is) = (or(text(mutant.old.as_ref())), or(text(mutant.new.as_ref())));
    let order = [
        "block",
        "strip",
        "hold",
        "encrypt",
        "tokenize",
        "generalize",
        "pass",
    ];
    let place = |word: &str| order.iter().position(|known| *known == word);
    let kept = ["hold", "encrypt", "tokenize"].contains(&is.as_str());
    place(&is) < place(&was) && !(was == "generalize" && kept)
}

fn is_harsher(new: &Value) -> bool {
    let table = new.as_table();
    let only = |key: &str| table.is_some_and(|table| table.len() == 1 && table.contains_key(key));
    only("threshold") && number(new.get("threshold")) < Some(0.5)
        || only("on_special") && text(new.get("on_special")) == "block"
}

/// The years of `P7Y`; where nothing is said, those of the most that a policy here has.
fn years(text: &str) -> u32 {
    let years = text
        .strip_prefix('P')
        .and_then(|text| text.strip_suffix('Y'));
    years.and_then(|years| years.parse().ok()).unwrap_or(7)
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn text_of<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn is_empty(value: Option<&Value>) -> bool {
    value.and_then(Value::as_table).is_some_and(Table::is_empty)
}

fn flag(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool).unwrap_or(false)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers of a test")]
fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    value
        .as_float()
        .or(value.as_integer().map(|number| number as f64))
}

fn entries(value: Option<&Value>) -> usize {
    value.and_then(Value::as_array).map_or(0, Vec::len)
}

fn harshness(word: &str) -> usize {
    let order = ["encrypt", "strip", "quarantine", "block", ""];
    order.iter().position(|known| *known == word).unwrap_or(0)
}
