//! The tables as they are written.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::policy::at::At;
use crate::policy::scan::Look;

/// What holds for all routes of a CRM that this file describes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The form of record ids: "number", "uuid" or "hex".
    pub ids: Option<At<String>>,
    /// Names that every body may have, such as those against forgery, each with the form of its
    /// values.
    #[serde(default)]
    pub pass: BTreeMap<At<String>, At<Form>>,
    /// Further header fields that go to the CRM, each with the form of its values.
    #[serde(default)]
    pub headers: BTreeMap<At<String>, At<Form>>,
    /// The CRM's own cookies, each with the form of its values, or "sealed". Others are dropped,
    /// both ways.
    #[serde(default)]
    pub cookies: BTreeMap<At<String>, At<CookieEntry>>,
    /// Sources that pages may load from beside our own host, by directive of the
    /// Content-Security-Policy.
    #[serde(default)]
    pub csp: BTreeMap<At<String>, At<Vec<At<String>>>>,
}

/// The form of a value that passes: a word for it, or a list of the exact values.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Form {
    Word(String),
    OneOf(Vec<String>),
}

/// A cookie of the CRM's: a word for its form, the exact values, or a table.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum CookieEntry {
    /// "sealed": whatever the CRM sets, hidden from scripts. Any other word is the form of its
    /// values; those that the CRM does not hide from scripts stay readable.
    Word(String),
    OneOf(Vec<String>),
    Detail(Box<CookieOf>),
}

/// A cookie that departs from the usual.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CookieOf {
    /// The form of its values.
    pub form: At<Form>,
    /// The CRM's scripts write it, so that it cannot be bound to the person who got it.
    #[serde(default)]
    pub scripts: Option<At<bool>>,
}

impl<'de> Deserialize<'de> for CookieEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;

        impl<'de> Visitor<'de> for Entry {
            type Value = CookieEntry;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a word, a list of values, or a table")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CookieEntry, E> {
                Ok(CookieEntry::Word(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<CookieEntry, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(CookieEntry::OneOf)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CookieEntry, A::Error> {
                let of = CookieOf::deserialize(MapAccessDeserializer::new(map))?;
                Ok(CookieEntry::Detail(Box::new(of)))
            }
        }

        deserializer.deserialize_any(Entry)
    }
}

/// What the names of a query or a body are. A name stands in one of the lists.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// Name to field of the route's object.
    #[serde(default)]
    pub fields: BTreeMap<At<String>, At<String>>,
    /// Name to the field, or the fields, whose whole value it asks for: "Contact.email".
    #[serde(default)]
    pub search: BTreeMap<At<String>, At<Searched>>,
    /// Name to the form of its values, which pass as they are.
    #[serde(default)]
    pub pass: BTreeMap<At<String>, At<Form>>,
    /// Names that are taken out.
    #[serde(default)]
    pub drop: Vec<At<String>>,
    /// Names of file parts: a list, of which only empty ones may leave, or a table with what becomes
    /// of each.
    #[serde(default)]
    pub files: Files,
}

/// Names of file parts.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Files {
    /// Only empty ones may leave.
    Blocked(Vec<At<String>>),
    /// What becomes of each.
    Each(BTreeMap<At<String>, At<FileEntry>>),
}

impl Default for Files {
    fn default() -> Self {
        Self::Blocked(vec![])
    }
}

/// What becomes of a file: "block" (only an empty one may leave) or "encrypt", or a table.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum FileEntry {
    Word(String),
    Detail(Box<FileRule>),
}

/// What becomes of a file part.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRule {
    /// "block" or "encrypt".
    pub action: At<String>,
    /// The field of the route's object that holds the file's name, and so the class that name and
    /// content have; the part's own name where nothing is said.
    pub field: Option<At<String>>,
    /// The most bytes of one file; 100 MB where nothing is said.
    pub max_file: Option<At<u64>>,
    /// Ends of file names that the CRM may see, such as "pdf". All others become "bin".
    #[serde(default)]
    pub extensions: Vec<At<String>>,
}

/// One field, or several.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Searched {
    One(String),
    Several(Vec<String>),
}

impl Searched {
    pub fn labels(&self) -> &[String] {
        match self {
            Self::One(label) => std::slice::from_ref(label),
            Self::Several(labels) => labels,
        }
    }
}

/// Names by the name of a form under `forms`, or in place.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Uses {
    Named(String),
    Here(Box<Names>),
}

/// One word, or several.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum Words {
    One(String),
    Several(Vec<String>),
}

impl Words {
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Several(words) => words,
        }
    }
}

/// One door of the CRM.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// What ledger, logs and findings call it: letters, digits, `.`, `-` and `_`.
    pub name: At<String>,
    /// The CRM's host where it stands, if it is not the first: "files.example.com".
    pub host: Option<At<String>>,
    /// "GET" where nothing is said.
    pub method: Option<At<Words>>,
    /// "/persons/contact/{id}".
    pub path: At<String>,
    /// The object whose fields the form's are.
    pub object: Option<At<String>>,
    /// The variable of the path that is the record's id.
    pub record: Option<At<String>>,
    /// Where the id of a record stands that the request makes.
    pub creates: Option<At<Creates>>,
    /// What the parameters of the URL are. Without it there are none.
    pub query: Option<At<Uses>>,
    /// How the body is written: "form", "multipart", "json", or several of them. Without it there is
    /// no body.
    pub body: Option<At<Words>>,
    /// What the names in the body are.
    pub form: Option<At<Uses>>,
    /// What the CRM answers: "html", "json", "csv", "text", "file", "none", or several of them.
    pub answer: Option<At<Words>>,
    /// Strings of a JSON answer that have tags in them are HTML.
    pub html_in_json: Option<At<bool>>,
    /// What becomes of files that did not come through the border, where the answer is a file: "pass"
    /// or "refuse", which holds where nothing is said.
    pub plain_files: Option<At<String>>,
    /// Whether cells of a CSV answer that a spreadsheet would compute get an apostrophe; true where
    /// nothing is said.
    pub csv_guard: Option<At<bool>>,
    /// Served only to people who showed their second factor just now.
    pub step_up: Option<At<bool>>,
    /// What is looked for in every text that this route writes, in addition to what its fields and
    /// their classes say.
    pub scan: Option<At<Vec<At<Look>>>>,
    /// People sign in to the CRM here.
    pub login: Option<At<bool>>,
    /// "opaque": a WebSocket is opened here, and nobody looks at what it carries, either way.
    pub websocket: Option<At<String>>,
    /// Why what a WebSocket carries has no personal data. Shown to reviewers.
    pub reason: Option<At<String>>,
}

/// Where the id of a new record stands: one of the two.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Creates {
    /// The path that the answer leads to, with the variable `{id}`.
    pub location: Option<At<String>>,
    /// The names that lead to it in a JSON answer: "data.id".
    pub json: Option<At<String>>,
}

/// Paths of style sheets, scripts, images and fonts: passed as they are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Static {
    /// "/static/**", "/favicon.ico".
    pub paths: At<Vec<At<String>>>,
    /// The CRM's host where they stand, if it is not the first.
    pub host: Option<At<String>>,
    /// What the parameters of the URL are.
    pub query: Option<At<Uses>>,
}

/// The type of a field: a word, or a table.
#[derive(Clone, Debug, JsonSchema)]
#[serde(untagged)]
pub enum TypeEntry {
    Word(String),
    Detail(Box<TypeOf>),
}

/// A field as the CRM has it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeOf {
    /// A word of Salesforce's describe in lower case: "string", "email", "date".
    #[serde(rename = "type")]
    pub kind: At<String>,
    /// The most characters that it takes.
    pub length: Option<At<u32>>,
    /// For a reference: the objects that it leads to.
    #[serde(default)]
    pub to: Vec<At<String>>,
}

/// Reads a text, a list or a table by hand, because serde's untagged enums lose the places of what
/// stands inside them.
struct Either<T> {
    expecting: &'static str,
    text: fn(String) -> T,
    list: Option<fn(Vec<String>) -> T>,
}

impl<'de, T> Visitor<'de> for Either<T> {
    type Value = T;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.text)(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        let Some(of) = self.list else {
            return Err(serde::de::Error::invalid_type(
                serde::de::Unexpected::Seq,
                &self.expecting,
            ));
        };
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(of)
    }
}

macro_rules! text_or_list {
    ($name:ident, $one:ident, $several:ident, $expecting:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Either {
                    expecting: $expecting,
                    text: Self::$one,
                    list: Some(Self::$several),
                })
            }
        }
    };
}

text_or_list!(Form, Word, OneOf, "a word, or a list of values");
text_or_list!(Searched, One, Several, "a field, or a list of fields");
text_or_list!(Words, One, Several, "a word, or a list of words");

macro_rules! text_or_table {
    ($name:ident, $text:ident, $table:ident, $of:ty, $expecting:literal) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Entry;

                impl<'de> Visitor<'de> for Entry {
                    type Value = $name;

                    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        let text: StrDeserializer<'_, E> = text.into_deserializer();
                        String::deserialize(text).map($name::$text)
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        let of = <$of>::deserialize(MapAccessDeserializer::new(map))?;
                        Ok($name::$table(Box::new(of)))
                    }
                }

                deserializer.deserialize_any(Entry)
            }
        }
    };
}

text_or_table!(Uses, Named, Here, Names, "the name of a form, or a table");
text_or_table!(TypeEntry, Word, Detail, TypeOf, "a type, or a table");
text_or_table!(
    FileEntry,
    Word,
    Detail,
    FileRule,
    "\"block\", \"encrypt\", or a table"
);

/// By hand, as [`Either`] says.
impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = Files;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names, or a table")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Files, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Files::Blocked)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Files, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(map)).map(Files::Each)
            }
        }

        deserializer.deserialize_any(Names)
    }
}
