//! What a form writes: an object, by the words of its paths, with the fields that people type.

use std::collections::BTreeMap;

use super::controls::{Control, Kind};
use super::guess::Class;
use super::path::{Segment, Shaped};
use super::shape::Shape;

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub class: Class,
    /// A word of policy's types.
    pub kind: &'static str,
    pub length: Option<usize>,
    pub rule: Rule,
    /// How many values it had.
    pub seen: usize,
}

/// How a field departs from its class.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rule {
    OfClass,
    /// The field has no room for a token.
    NoRoom,
    /// A birth date that is no ISO date.
    Token,
}

/// An object that the proposal names.
#[derive(Clone, Debug, Default)]
pub struct Object {
    pub fields: BTreeMap<String, Field>,
}

/// Characters of a token, and of one before the proposal's token domain.
const TOKEN: usize = 18;
const ADDRESS: usize = 18 + 1 + super::write::TOKEN_DOMAIN.len();

impl Field {
    pub fn of(class: Class, shape: &Shape, control: Option<Control>) -> Self {
        let date = shape.is("date") || control.is_some_and(|control| control.kind == Kind::Date);
        let area = shape.lines || control.is_some_and(|control| control.kind == Kind::Area);
        let kind = match class {
            Class::Email if !area => "email",
            Class::Phone if !area => "phone",
            Class::BirthDate if date => "date",
            _ if area => "textarea",
            _ => "string",
        };
        let length = control.and_then(|control| control.room);
        let needed = if kind == "email" { ADDRESS } else { TOKEN };
        let rule = match (class, kind) {
            (Class::Website | Class::Special, _) | (Class::BirthDate, "date") => Rule::OfClass,
            _ if length.is_some_and(|length| length < needed) => Rule::NoRoom,
            (Class::BirthDate, _) => Rule::Token,
            _ => Rule::OfClass,
        };
        Self {
            class,
            kind,
            length: length.filter(|_| kind != "date"),
            rule,
            seen: shape.seen - shape.empty,
        }
    }

    /// Whether the border can find a record by its values.
    pub fn is_searched(&self) -> bool {
        self.class.is_searched() && self.rule == Rule::OfClass
    }
}

/// Words of paths that say what is done, not to what.
const VERBS: [&str; 42] = [
    "add",
    "new",
    "create",
    "edit",
    "update",
    "save",
    "delete",
    "remove",
    "inner",
    "form",
    "submit",
    "store",
    "insert",
    "modify",
    "change",
    "set",
    "post",
    "put",
    "view",
    "show",
    "detail",
    "details",
    "open",
    "quick",
    "api",
    "rest",
    "ajax",
    "json",
    "bulk",
    "toevoegen",
    "nieuw",
    "bewerken",
    "opslaan",
    "verwijderen",
    "neu",
    "bearbeiten",
    "speichern",
    "ajouter",
    "nouveau",
    "modifier",
    "enregistrer",
    "index",
];

/// The name of the object that a path is about: the word before the id that it leads to, or the last
/// word that is no verb.
pub fn named(path: &Shaped, leads: Option<&Shaped>) -> String {
    let before_id = leads.and_then(|leads| {
        let at = leads.0.iter().rposition(|segment| {
            matches!(segment, Segment::Number | Segment::Uuid | Segment::Hex)
        })?;
        leads.0.get(..at)?.iter().rev().find_map(noun)
    });
    let own = || path.0.iter().rev().find_map(noun);
    let word = before_id.or_else(own).unwrap_or("Record");
    let words = word.split(['-', '_', '.']).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    words.map(capital).collect()
}

fn noun(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Word(word) => Some(word.as_str()).filter(|word| {
            let lower = word.to_ascii_lowercase();
            word.bytes().any(|byte| byte.is_ascii_alphabetic()) && !VERBS.contains(&lower.as_str())
        }),
        _ => None,
    }
}

/// The name of a field in the proposal: that of the form, with signs that no word of a label has
/// replaced.
pub fn field_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let text: String = name.chars().map(plain).collect();
    text.trim_matches('_').to_owned()
}
