//! Changing one rule in a policy's text: comments, order and every other line stay as they are.
//!
//! It does not ask whether the result is a policy: [`crate::policy::compile`] does, as of any text.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Key, RawString, Table, TableLike, Value};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Gives a field a rule in the table of fields, and takes it from the lists beside it. What is
    /// not named in `set` stays as it is.
    Field {
        object: String,
        field: String,
        set: Vec<Set>,
    },
    /// Puts a field on one of the object's lists, and takes its rule away.
    List {
        object: String,
        field: String,
        list: List,
    },
    /// Leaves no word of a field: it is refused then, in both directions.
    Remove { object: String, field: String },
    /// Adds an object, or changes keys of one: `purpose`, `lawful_basis`, `pass`, …
    Object { object: String, set: Vec<Set> },
    /// Adds a class, or changes keys of one: `category`, `action`, `roles`, `search`, …
    Class { class: String, set: Vec<Set> },
}

/// A key and its new value; none takes the key away.
pub type Set = (String, Option<Setting>);

/// A value of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    Text(String),
    Flag(bool),
    Number(i64),
    Texts(Vec<String>),
}

/// Lists of an object in which fields stand that have no class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum List {
    Pass,
    Derived,
    LeftOut,
}

impl List {
    const ALL: [Self; 3] = [Self::Pass, Self::Derived, Self::LeftOut];

    /// Its key in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Derived => "derived",
            Self::LeftOut => "left_out",
        }
    }
}

/// Why a text cannot be changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EditError {
    /// The parser's text has line and column.
    #[error("the policy is no TOML: {0}")]
    Syntax(String),
    #[error("`{0}` is not of the form that a policy has there")]
    Form(String),
    #[error("the policy has no object {0}")]
    NoObject(String),
    #[error("the policy says nothing of {0}")]
    NoField(String),
}

/// The text with the changes made, in their order.
///
/// # Errors
/// When the text is no TOML, or something else stands where the change belongs.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    // The writer ends its lines by itself; a file of Windows keeps its own.
    let windows = text.contains("\r\n");
    let plain = if windows {
        text.replace("\r\n", "\n")
    } else {
        text.to_owned()
    };
    let document: Result<DocumentMut, _> = plain.parse();
    let mut document = document.map_err(|error| EditError::Syntax(error.to_string()))?;
    for edit in edits {
        apply(document.as_table_mut(), edit)?;
    }
    let text = document.to_string();
    Ok(if windows {
        text.replace('\n', "\r\n")
    } else {
        text
    })
}

fn apply(file: &mut Table, edit: &Edit) -> Result<(), EditError> {
    match edit {
        Edit::Field { object, field, set } => {
            let rules = object_of(file, object)?;
            for list in List::ALL {
                unlist(rules, list, field)?;
            }
            set_rule(rules, (object, field), set)
        }
        Edit::List {
            object,
            field,
            list,
        } => {
            let rules = object_of(file, object)?;
            for other in List::ALL.into_iter().filter(|other| other != list) {
                unlist(rules, other, field)?;
            }
            unrule(rules, object, field)?;
            enlist(rules, *list, field)
        }
        Edit::Remove { object, field } => {
            let rules = object_of(file, object)?;
            let mut found = unrule(rules, object, field)?;
            for list in List::ALL {
                found |= unlist(rules, list, field)?;
            }
            found
                .then_some(())
                .ok_or_else(|| EditError::NoField(format!("{object}.{field}")))
        }
        Edit::Object { object, set } => set_all(section(file, "objects", object)?, set),
        Edit::Class { class, set } => set_all(section(file, "classes", class)?, set),
    }
}

/// The table of an object that is there.
fn object_of<'f>(file: &'f mut Table, object: &str) -> Result<&'f mut dyn TableLike, EditError> {
    let objects = file.get_mut("objects").and_then(Item::as_table_like_mut);
    let found = objects.and_then(|objects| objects.get_mut(object));
    let found = found.ok_or_else(|| EditError::NoObject(object.to_owned()))?;
    found
        .as_table_like_mut()
        .ok_or_else(|| EditError::Form(format!("objects.{object}")))
}

/// The table of that name in a part of the file; a new one stands at the part's end.
fn section<'f>(
    file: &'f mut Table,
    part: &str,
    name: &str,
) -> Result<&'f mut dyn TableLike, EditError> {
    let form = || EditError::Form(format!("{part}.{name}"));
    let mut implicit = Table::new();
    implicit.set_implicit(true);
    let tables = file.entry(part).or_insert(Item::Table(implicit));
    let tables = tables.as_table_like_mut().ok_or_else(form)?;
    if !tables.contains_key(name) {
        let mut new = Table::new();
        new.decor_mut().set_prefix("\n");
        tables.insert(name, Item::Table(new));
    }
    let found = tables.get_mut(name).and_then(Item::as_table_like_mut);
    found.ok_or_else(form)
}

fn set_all(table: &mut dyn TableLike, set: &[Set]) -> Result<(), EditError> {
    for (key, setting) in set {
        match setting {
            None => {
                table.remove(key);
            }
            Some(setting) => match table.get_mut(key) {
                Some(Item::Value(old)) => replace(old, setting),
                Some(_) => return Err(EditError::Form(key.clone())),
                None => {
                    table.insert(key, Item::Value(value(setting)));
                }
            },
        }
    }
    Ok(())
}

/// The field's line: its class alone, or a table where more is said.
fn set_rule(
    rules: &mut dyn TableLike,
    (object, field): (&str, &str),
    set: &[Set],
) -> Result<(), EditError> {
    let form = || EditError::Form(format!("objects.{object}.fields"));
    if !rules.contains_key("fields") {
        let mut new = Table::new();
        new.decor_mut().set_prefix("\n");
        rules.insert("fields", Item::Table(new));
    }
    let fields = rules.get_mut("fields").and_then(Item::as_table_like_mut);
    let fields = fields.ok_or_else(form)?;
    if let Some(own) = fields.get_mut(field).and_then(Item::as_table_mut) {
        return set_all(own, set); // `[objects.Contact.fields.Email]`
    }
    let key = spelled(fields, field);
    let mut rule = match fields.get(&key) {
        None => InlineTable::new(),
        Some(Item::Value(Value::InlineTable(rule))) => rule.clone(),
        Some(Item::Value(Value::String(class))) => {
            let mut rule = InlineTable::new();
            rule.insert("class", Value::from(class.value().as_str()));
            rule
        }
        Some(_) => return Err(form()),
    };
    set_all(&mut rule, set)?;
    rule.fmt();
    let class = rule.get("class").and_then(Value::as_str).map(str::to_owned);
    let new = match class {
        Some(class) if rule.len() == 1 => Value::from(class),
        _ => Value::InlineTable(rule),
    };
    match fields.get_mut(&key) {
        Some(Item::Value(old)) => put(old, new),
        _ => {
            fields.insert(&key, Item::Value(new));
        }
    }
    Ok(())
}

/// The field's name as the file spells it: Salesforce's names are the same in any case.
fn spelled(table: &dyn TableLike, field: &str) -> String {
    let mut keys = table.iter().map(|(key, _)| key);
    let found = keys.find(|key| key.eq_ignore_ascii_case(field));
    found.unwrap_or(field).to_owned()
}

/// Takes a field's rule away. A comment before it stays: it may be about the lines that follow too.
fn unrule(rules: &mut dyn TableLike, object: &str, field: &str) -> Result<bool, EditError> {
    let Some(fields) = rules.get_mut("fields") else {
        return Ok(false);
    };
    let form = || EditError::Form(format!("objects.{object}.fields"));
    let fields = fields.as_table_like_mut().ok_or_else(form)?;
    let key = spelled(fields, field);
    let comment = |key: Option<&Key>| {
        let prefix = key
            .and_then(|key| key.leaf_decor().prefix())
            .and_then(RawString::as_str);
        prefix.unwrap_or_default().to_owned()
    };
    let before = comment(fields.key(&key));
    let mut after = fields
        .iter()
        .map(|(name, _)| name.to_owned())
        .skip_while(|name| *name != key);
    let next = after.nth(1);
    drop(after);
    if let Some(next) = next
        && before.contains('#')
    {
        let both = before + &comment(fields.key(&next));
        if let Some(mut next) = fields.key_mut(&next) {
            next.leaf_decor_mut().set_prefix(both);
        }
    }
    Ok(fields.remove(&key).is_some())
}

fn list(rules: &mut dyn TableLike, list: List) -> Result<Option<&mut Array>, EditError> {
    match rules.get_mut(list.name()) {
        None => Ok(None),
        Some(item) => {
            let array = item.as_array_mut();
            array
                .map(Some)
                .ok_or_else(|| EditError::Form(list.name().to_owned()))
        }
    }
}

/// Takes a field from a list. The line break or comment before it goes to what stands next.
fn unlist(rules: &mut dyn TableLike, from: List, field: &str) -> Result<bool, EditError> {
    let Some(array) = list(rules, from)? else {
        return Ok(false);
    };
    let is_it = |value: &Value| {
        value
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case(field))
    };
    let Some(place) = array.iter().position(is_it) else {
        return Ok(false);
    };
    let gone = array.remove(place);
    let around = |raw: Option<&RawString>| {
        raw.and_then(RawString::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let (prefix, suffix) = (around(gone.decor().prefix()), around(gone.decor().suffix()));
    let (last, ends) = (array.len(), !array.trailing_comma());
    if let Some(next) = array.get_mut(place) {
        let own = around(next.decor().prefix());
        if !own.contains('\n') && (prefix.contains('\n') || place == 0) {
            next.decor_mut().set_prefix(prefix);
        }
    } else if ends && let Some(end) = last.checked_sub(1).and_then(|last| array.get_mut(last)) {
        end.decor_mut().set_suffix(suffix);
    }
    Ok(true)
}

fn enlist(rules: &mut dyn TableLike, to: List, field: &str) -> Result<(), EditError> {
    if list(rules, to)?.is_none() {
        rules.insert(to.name(), Item::Value(Value::Array(Array::new())));
    }
    let Some(array) = list(rules, to)? else {
        return Ok(());
    };
    let is_it = |value: &Value| {
        value
            .as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case(field))
    };
    if array.iter().any(is_it) {
        return Ok(());
    }
    let mut new = Value::from(field);
    new.decor_mut()
        .set_prefix(if array.is_empty() { "" } else { " " });
    let last = array.len().checked_sub(1);
    if let Some(last) = last.and_then(|last| array.get_mut(last)) {
        let suffix = last.decor().suffix().and_then(|suffix| suffix.as_str());
        let suffix = suffix.unwrap_or_default().to_owned();
        last.decor_mut().set_suffix("");
        new.decor_mut().set_suffix(suffix);
    }
    array.push_formatted(new);
    Ok(())
}

/// Puts a value in the place of another, with the comment behind it.
fn replace(old: &mut Value, setting: &Setting) {
    put(old, value(setting));
}

fn put(old: &mut Value, mut new: Value) {
    *new.decor_mut() = old.decor().clone();
    *old = new;
}

fn value(setting: &Setting) -> Value {
    match setting {
        Setting::Text(text) => Value::from(text.as_str()),
        Setting::Flag(flag) => Value::from(*flag),
        Setting::Number(number) => Value::from(*number),
        Setting::Texts(texts) => texts.iter().map(String::as_str).collect(),
    }
}
