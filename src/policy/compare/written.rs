//! What the files say in different words, whether or not anybody has a sentence for it.
//!
//! An emergency, and an approval without a fresh second factor, are allowed where nothing gets
//! weaker. A key that the comparison of the plans does not know must not be such a way, so that a
//! difference is weaker unless it stands on the closed list below.

use toml::{Table, Value};

use crate::policy::Sentence;
use crate::policy::compare::Told;
use crate::policy::compare::differ::{Differs, differences};
use crate::policy::compare::told::{class, field, object, route};
use crate::policy::plan::Plan;

/// What is to be said of a difference beside what the comparison of the plans has said.
enum Verdict {
    /// Nothing: it can only be stricter, by itself.
    Stricter,
    /// Nothing where the plans were compared in this and something was said: the key has no other
    /// meaning than what was compared there.
    Compared(bool),
    /// That it is weaker, where nothing of this was said to be so.
    Weaker(bool),
}

/// Adds a sentence for each difference that nobody has judged.
pub(super) fn changes(before: &Plan, after: &Plan, told: &mut Told) {
    let look = Look {
        before,
        after,
        told,
    };
    let (old, new) = (spelt_out(&before.written), spelt_out(&after.written));
    let unsaid: Vec<Sentence> = differences(&old, &new)
        .into_iter()
        .filter(|differs| match look.judge(differs) {
            Verdict::Stricter | Verdict::Compared(true) | Verdict::Weaker(true) => false,
            Verdict::Compared(false) | Verdict::Weaker(false) => true,
        })
        .map(|differs| differs.words())
        .collect();
    for text in unsaid {
        told.about("");
        told.add(true, text);
    }
}

/// With a table for each field and type: `Email = "email"` is short for `Email = { class = "email" }`.
fn spelt_out(file: &Table) -> Table {
    let mut file = file.clone();
    let objects = file.get_mut("objects").and_then(Value::as_table_mut);
    let objects = objects.into_iter().flat_map(|objects| objects.iter_mut());
    for (_, object) in objects {
        for (part, key) in [("fields", "class"), ("types", "type")] {
            let part = object.get_mut(part).and_then(Value::as_table_mut);
            let entries = part.into_iter().flat_map(|part| part.iter_mut());
            for (_, entry) in entries.filter(|(_, entry)| entry.is_str()) {
                let word = entry.clone();
                *entry = Value::Table(Table::from_iter([(key.to_owned(), word)]));
            }
        }
    }
    file
}

struct Look<'p> {
    before: &'p Plan,
    after: &'p Plan,
    told: &'p Told,
}

impl Look<'_> {
    /// The closed list. What does not stand here is weaker.
    fn judge(&self, differs: &Differs<'_>) -> Verdict {
        let path: Vec<&str> = differs.path.iter().map(String::as_str).collect();
        let said = |what: &str| Verdict::Compared(self.told.has(what));
        let (first, rest) = path.split_first().unwrap_or((&"", &[]));
        match (*first, rest) {
            // Nobody has a role that no class names.
            ("roles", [_]) if differs.is_gone() => Verdict::Stricter,
            ("token_domain" | "step_up_minutes" | "streams", []) => said(first),
            ("api", [_]) | ("search", ["unanswerable"]) | ("scan", [_]) => said(first),
            ("defaults", ["roles"]) => Verdict::Compared(self.told.has_within("classes")),
            ("defaults", ["purpose" | "lawful_basis" | "retention"]) => {
                Verdict::Compared(self.told.has_within("objects"))
            }
            ("detection", ["threshold" | "identifier_threshold" | "identifiers", ..]) => {
                said(&path[..2].join("."))
            }
            (
                "detection",
                [
                    "categories",
                    category,
                    "off" | "on_special" | "threshold" | "decision",
                ],
            ) => said(&format!("detection.categories.{category}")),
            ("actions", [name]) | ("actions", [name, "carries"]) => {
                said(&format!("actions.{name}"))
            }
            ("classes", [name, rest @ ..]) => self.class(differs, name, rest),
            ("objects", [name, rest @ ..]) => self.object(differs, name, rest),
            ("site", rest) => self.site(rest),
            ("forms", [name, rest @ ..]) => self.form(differs, name, rest),
            ("routes", [name, rest @ ..]) => self.route(differs, name, rest),
            ("static", []) => said("static"),
            _ => self.weaker(""),
        }
    }

    fn weaker(&self, what: &str) -> Verdict {
        Verdict::Weaker(!what.is_empty() && self.told.has_weaker(what))
    }

    fn class(&self, differs: &Differs<'_>, name: &str, rest: &[&str]) -> Verdict {
        let about = class(name);
        let of_fields = || Verdict::Compared(self.told.has(&about) || self.of_class(name));
        match rest {
            [] if differs.is_gone() => Verdict::Compared(self.told.has(&about)),
            [] => self.weaker(&about),
            [
                "category" | "roles" | "step_up" | "search" | "canonical" | "special" | "exception"
                | "known",
            ] => Verdict::Compared(self.told.has(&about)),
            [
                "action" | "to" | "stable" | "purpose" | "lawful_basis" | "retention" | "scan"
                | "on_special" | "threshold" | "about" | "decision",
            ] => of_fields(),
            // Why a rule was an exception goes with the rule.
            ["reason"] if differs.is_gone() => of_fields(),
            _ => self.weaker(""),
        }
    }

    /// Whether something was said of a field of that class.
    fn of_class(&self, name: &str) -> bool {
        [self.before, self.after].into_iter().any(|plan| {
            let id = plan.class_named(name);
            let mut fields = plan.objects().flat_map(|object| &object.fields);
            fields.any(|known| {
                known.class == id && id.is_some() && self.told.has(&field(&known.label))
            })
        })
    }

    fn object(&self, differs: &Differs<'_>, name: &str, rest: &[&str]) -> Verdict {
        let about = object(name);
        let said = |what: &str| Verdict::Compared(self.told.has(what));
        let of = |field: &str| format!("{about}.{field}");
        match rest {
            [] if differs.is_gone() => said(&about),
            [] => self.weaker(&about),
            ["purpose" | "lawful_basis" | "retention"] => {
                Verdict::Compared(self.told.has_within(&about))
            }
            ["subject"] => said(&about),
            ["relations" | "children", _] if differs.is_gone() => Verdict::Stricter,
            ["relations" | "children", _] => said(&about),
            ["external_ids"] => match differs.entries() {
                Some((added, _)) if added.is_empty() => Verdict::Stricter,
                _ => said(&about),
            },
            ["left_out"] => match differs.entries() {
                Some((_, gone)) if gone.is_empty() => Verdict::Stricter,
                Some((_, gone)) => Verdict::Weaker(self.all_weaker(&gone, &of)),
                None => self.weaker(""),
            },
            ["pass" | "derived"] => {
                let entries = differs.entries();
                let said = entries.is_some_and(|(added, gone)| {
                    let mut all = added.iter().chain(&gone);
                    all.all(|name| self.told.has(&of(name)))
                });
                Verdict::Compared(said)
            }
            ["fields", field] => said(&of(field)),
            [
                "fields",
                field,
                "class" | "action" | "to" | "stable" | "scan" | "on_special" | "threshold"
                | "about" | "decision" | "max_file" | "plain_files" | "purpose" | "lawful_basis"
                | "retention",
            ] => said(&of(field)),
            ["fields", field, "reason"] if differs.is_gone() => said(&of(field)),
            ["fields", field, "reason"] => self.weaker(&of(field)),
            ["types", field] => said(&of(field)),
            _ => self.weaker(""),
        }
    }

    fn all_weaker(&self, names: &[&str], of: &dyn Fn(&str) -> String) -> bool {
        names.iter().all(|name| self.told.has_weaker(&of(name)))
    }

    fn site(&self, rest: &[&str]) -> Verdict {
        match rest {
            ["ids"] => Verdict::Compared(self.told.has("site.ids")),
            ["csp", ..] => Verdict::Compared(self.told.has("site.csp")),
            ["pass" | "headers" | "cookies", _] => {
                Verdict::Compared(self.told.has(&format!("site.{}", rest.join("."))))
            }
            _ => self.weaker(""),
        }
    }

    /// A form means what the routes make of it that use it.
    fn form(&self, differs: &Differs<'_>, name: &str, rest: &[&str]) -> Verdict {
        match rest {
            [] | ["fields" | "search" | "pass", _] | ["drop" | "files"] => {
                let unused = differs.is_gone() && rest.is_empty();
                Verdict::Compared(unused || self.of_form(name))
            }
            _ => self.weaker(""),
        }
    }

    /// Whether something was said of a route that uses the form.
    fn of_form(&self, form: &str) -> bool {
        [self.before, self.after].into_iter().any(|plan| {
            let routes = plan.written.get("routes").and_then(Value::as_array);
            let fixed = plan.written.get("static").and_then(Value::as_array);
            let text = |table: &Value, key: &str| {
                let text = table.get(key).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            };
            let uses = |table: &Value| ["query", "form"].iter().any(|key| text(table, key) == form);
            let mut routes = routes.into_iter().flatten().filter(|route| uses(route));
            routes.any(|of| self.told.has(&route(&text(of, "name"))))
                || fixed.into_iter().flatten().any(uses) && self.told.has("static")
        })
    }

    fn route(&self, differs: &Differs<'_>, name: &str, rest: &[&str]) -> Verdict {
        let about = route(name);
        match rest {
            [] if differs.is_gone() => Verdict::Compared(self.told.has(&about)),
            [] => self.weaker(&about),
            [
                "host" | "method" | "path" | "object" | "record" | "creates" | "query" | "body"
                | "form" | "answer" | "html_in_json" | "plain_files" | "csv_guard" | "step_up"
                | "scan" | "login" | "websocket",
            ] => Verdict::Compared(self.told.has(&about)),
            _ => self.weaker(""),
        }
    }
}
