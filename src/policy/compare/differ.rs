//! Two policy files as they are written, key by key.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::policy::{Sentence, sentence};

/// A key that the files do not have in common, with what stands there.
pub(super) struct Differs<'v> {
    pub path: Vec<String>,
    pub old: Option<&'v Value>,
    pub new: Option<&'v Value>,
}

impl Differs<'_> {
    /// The keys as in a file, fit for a sentence: long ones are cut, odd ones escaped.
    fn key(&self) -> String {
        const MOST: usize = 40;
        let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        let parts = self.path.iter().map(|part| {
            let short: String = part.chars().take(MOST).collect();
            let cut = if short.len() < part.len() { "..." } else { "" };
            match !part.is_empty() && part.bytes().all(bare) {
                true => short + cut,
                false => format!("\"{}{cut}\"", short.escape_debug()),
            }
        });
        parts.collect::<Vec<_>>().join(".")
    }

    /// What happened to it.
    pub fn words(&self) -> Sentence {
        let key = self.key();
        match (self.old, self.new) {
            (None, _) => sentence!("`{key}` is new", "`{key}` is nieuw"),
            (_, None) => sentence!("`{key}` is taken out", "`{key}` is weggehaald"),
            (Some(_), Some(_)) => sentence!("`{key}` changes", "`{key}` verandert"),
        }
    }

    /// Whether it was taken out.
    pub fn is_gone(&self) -> bool {
        self.new.is_none()
    }

    /// Of a list of texts, what stands on one side only: added, taken out. None where one of the
    /// sides is no such list.
    pub fn entries(&self) -> Option<(Vec<&str>, Vec<&str>)> {
        let (old, new) = (texts(self.old)?, texts(self.new)?);
        let added = new.difference(&old).copied().collect();
        let gone = old.difference(&new).copied().collect();
        Some((added, gone))
    }
}

/// The texts of a list; of a list that is not there none.
fn texts(value: Option<&Value>) -> Option<BTreeSet<&str>> {
    let Some(value) = value else {
        return Some(BTreeSet::new());
    };
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// All keys that differ. The order of keys, and of entries where none is before another, is no
/// difference.
pub(super) fn differences<'v>(old: &'v Table, new: &'v Table) -> Vec<Differs<'v>> {
    let mut walk = Walk {
        path: vec![],
        found: vec![],
    };
    walk.tables(Some(old), Some(new));
    walk.found
}

struct Walk<'v> {
    path: Vec<String>,
    found: Vec<Differs<'v>>,
}

impl<'v> Walk<'v> {
    fn tables(&mut self, old: Option<&'v Table>, new: Option<&'v Table>) {
        let keys = old.into_iter().chain(new).flat_map(Table::keys);
        for key in keys.collect::<BTreeSet<_>>() {
            let get = |table: Option<&'v Table>| table.and_then(|table| table.get(key));
            self.path.push(key.clone());
            self.values(get(old), get(new));
            self.path.pop();
        }
    }

    fn values(&mut self, old: Option<&'v Value>, new: Option<&'v Value>) {
        if old == new {
            return;
        }
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        if let Some(named) = by_name(&path) {
            if let (Some(old), Some(new)) = (named_tables(old, named), named_tables(new, named)) {
                return self.entries(&old, &new);
            }
        } else if is_opened(&path, old.is_some() && new.is_some()) {
            let table = |value: Option<&'v Value>| match value {
                Some(value) => value.as_table().map(Some),
                None => Some(None),
            };
            if let (Some(old), Some(new)) = (table(old), table(new)) {
                return self.tables(old, new);
            }
        }
        let differs = Differs {
            path: self.path.clone(),
            old,
            new,
        };
        let same = has_no_order(&path)
            && differs
                .entries()
                .is_some_and(|(added, gone)| added.is_empty() && gone.is_empty())
            && old.is_some() == new.is_some();
        if !same {
            self.found.push(differs);
        }
    }

    /// Tables of an array, each by what names it.
    fn entries(&mut self, old: &BTreeMap<String, &'v Value>, new: &BTreeMap<String, &'v Value>) {
        for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            self.path.push(name.clone());
            let (old, new) = (old.get(name).copied(), new.get(name).copied());
            match (old.and_then(Value::as_table), new.and_then(Value::as_table)) {
                (Some(old), Some(new)) => self.tables(Some(old), Some(new)),
                _ => self.found.push(Differs {
                    path: self.path.clone(),
                    old,
                    new,
                }),
            }
            self.path.pop();
        }
    }
}

/// The key that names the tables of an array.
fn by_name(path: &[&str]) -> Option<&'static str> {
    match path {
        ["routes"] => Some("name"),
        ["actions"] => Some("descriptor"),
        _ => None,
    }
}

/// The tables of an array by that key; none where one has none, or two have the same.
fn named_tables<'v>(value: Option<&'v Value>, key: &str) -> Option<BTreeMap<String, &'v Value>> {
    let mut found = BTreeMap::new();
    let Some(value) = value else {
        return Some(found);
    };
    for table in value.as_array()? {
        let name = table.get(key)?.as_str()?;
        if found.insert(name.to_owned(), table).is_some() {
            return None;
        }
    }
    Some(found)
}

/// Whether a table is looked into. One that stands on one side only is one difference where it is an
/// entry of its own, such as a class; elsewhere it is as good as an empty one.
fn is_opened(path: &[&str], on_both: bool) -> bool {
    match path {
        // A type, a cookie, what a file part becomes, who decided what: one thing each.
        ["objects", _, "types" | "relations", _]
        | ["objects", _, "subject"]
        | ["site", "cookies", _]
        | ["routes", _, "query" | "form" | "creates"]
        | ["forms", _, "files"]
        | [.., "decision" | "to"] => false,
        ["classes" | "objects" | "forms" | "roles" | "purposes", _]
        | ["objects", _, "fields", _] => on_both,
        _ => true,
    }
}

/// Whether a list says the same in any order.
fn has_no_order(path: &[&str]) -> bool {
    matches!(
        path,
        ["streams"]
            | ["defaults" | "scan", _]
            | ["classes", _, "roles" | "scan"]
            | [
                "objects",
                _,
                "pass" | "derived" | "left_out" | "external_ids"
            ]
            | ["objects", _, "fields", _, "scan"]
            | ["actions", _, "carries"]
            | ["routes", _, "method" | "body" | "scan"]
            | ["forms", _, "drop" | "files"]
            | ["site", "csp", _]
    )
}
