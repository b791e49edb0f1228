//! What could stand at a place of a policy that somebody is writing: keys and words of the schema, names
//! of this very text, objects and fields of the CRM.
//!
//! It offers and decides nothing: what is taken is a part of the text like any other, and lint reads it.
//!
//! Read first: [`complete`], `place` for how a text is read that is not finished.

mod place;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::policy::{FieldTable, FieldType, TableField, TableObject, schema, vocabulary};
use place::{ENTRY, Kind, Known, Path, Place};

/// The most that is offered at once: nobody reads more, and another letter makes it less.
const MOST: usize = 40;

/// What could take the place of a word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Completion {
    /// The word's bytes in the text, without its quotes.
    pub from: usize,
    pub until: usize,
    /// The likeliest first. Empty where nothing is known, or where the word is finished.
    pub offers: Vec<Offer>,
}

/// One word that could stand there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    pub label: String,
    /// What to write, with the quotes and signs that are not there yet.
    pub insert: String,
    pub about: About,
}

/// What is known of a word that is offered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum About {
    Nothing,
    /// The schema's description, in English.
    Described(String),
    /// A class of this text, with its category.
    Class(String),
    /// A field of the CRM.
    Field {
        kind: FieldType,
        length: Option<u32>,
        /// Whether the text says what becomes of it.
        decided: bool,
    },
}

/// What could stand at a byte of a text. None where nothing can: in a comment, behind a value.
#[must_use]
pub fn complete(text: &str, at: usize, fields: &FieldTable) -> Option<Completion> {
    let (before, rest) = text.split_at_checked(at)?;
    let (_, place) = place::read(before);
    let place = place?;
    let (known, _) = place::read(text);
    let typed = before.get(place.from..)?;
    let until = at + rest.find(|c| !is_within(c, &place)).unwrap_or(rest.len());
    let scene = Scene { known, fields };
    let offers = match place.kind {
        Kind::Header | Kind::ListHeader => scene.headers(&place),
        Kind::Key => scene.keys(&place.path),
        Kind::Value => scene.values(&place),
    };
    let mut offers = fitting(offers, typed);
    if matches!(offers.as_slice(), [only] if only.label == typed && at == until) {
        offers.clear();
    }
    let behind = text.get(until..).unwrap_or_default();
    for offer in &mut offers {
        offer.insert = written(offer, &place, behind);
    }
    Some(Completion {
        from: place.from,
        until,
        offers,
    })
}

/// Whether a character is of the word that the cursor stands in.
fn is_within(c: char, place: &Place) -> bool {
    place::is_bare(c) || place.kind == Kind::Value && place.quote.is_some() && c == ':'
}

/// Those that begin with what is typed, then those that have it within.
fn fitting(offers: Vec<Offer>, typed: &str) -> Vec<Offer> {
    let typed = typed.to_lowercase();
    let begins = |offer: &Offer| offer.label.to_lowercase().starts_with(&typed);
    let has = |offer: &Offer| offer.label.to_lowercase().contains(&typed);
    let mut seen = BTreeSet::new();
    let mut fitting: Vec<Offer> = offers
        .into_iter()
        .filter(|offer| has(offer) && seen.insert(offer.label.clone()))
        .collect();
    fitting.sort_by_key(|offer| !begins(offer)); // Keeps the order otherwise.
    fitting.truncate(MOST);
    fitting
}

/// A word as it has to stand in the file, where `behind` follows.
fn written(offer: &Offer, place: &Place, behind: &str) -> String {
    let line = behind.lines().next().unwrap_or_default();
    let word = &offer.label;
    let quoted = match place.quote {
        Some(quote) if line.starts_with(quote) => word.clone(),
        Some(quote) => format!("{word}{quote}"),
        None if place.kind == Kind::Value && !matches!(word.as_str(), "true" | "false") => {
            format!("\"{word}\"")
        }
        None if place.kind == Kind::Value || word.chars().all(place::is_bare) => word.clone(),
        None => format!("\"{word}\""),
    };
    let is_key = place.kind == Kind::Key && !line.trim_start().starts_with(['=', '.', '"', '\'']);
    if is_key { quoted + " = " } else { quoted }
}

struct Scene<'f> {
    known: Known,
    fields: &'f FieldTable,
}

impl Scene<'_> {
    /// Tables that a header may name, `[[…` those of arrays.
    fn headers(&self, place: &Place) -> Vec<Offer> {
        let wanted = |node: &'static Value| {
            let is = |node: &Value, kind| schema::type_of(node) == kind;
            let all = alternatives(node);
            match place.kind {
                Kind::ListHeader => all.iter().any(|node| {
                    let mut items = node.get("items").into_iter().flat_map(alternatives);
                    is(node, "array") && items.any(|item| is(item, "object"))
                }),
                Kind::Header | Kind::Key | Kind::Value => all.iter().any(|node| is(node, "object")),
            }
        };
        let nodes = under(&place.path);
        let named = nodes.iter().any(|node| {
            let rest = node.get("additionalProperties");
            rest.is_some_and(wanted)
        });
        let mut offers = properties(&nodes, wanted);
        if named {
            offers.extend(self.names(&place.path));
        }
        self.without_known(offers, &place.path)
    }

    fn keys(&self, path: &Path) -> Vec<Offer> {
        let mut offers = properties(&under(path), |_| true);
        offers.extend(self.names(path));
        self.without_known(offers, path)
    }

    /// A key stands once in its table.
    fn without_known(&self, mut offers: Vec<Offer>, path: &Path) -> Vec<Offer> {
        offers.retain(|offer| {
            let mut path = path.clone();
            path.push(offer.label.clone());
            !self.known.keys.contains(&path)
        });
        offers
    }

    /// Names that somebody gives, where the schema takes any: those that the CRM has.
    fn names(&self, path: &Path) -> Vec<Offer> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["objects"] => self.fields.objects().map(of_object).collect(),
            ["objects", object, "fields" | "types"] => self.of_fields(object, |_| true),
            ["objects", object, "relations"] => {
                let fields = self.fields.object(object).map(|object| &object.fields);
                let relations = fields.into_iter().flatten();
                let relations = relations.filter_map(|field| field.relationship.as_deref());
                relations.map(plain).collect()
            }
            _ => Vec::new(),
        }
    }

    fn values(&self, place: &Place) -> Vec<Offer> {
        let nodes = under(&place.path);
        let mut offers: Vec<Offer> = nodes.iter().flat_map(|node| words(node)).collect();
        let flag = nodes.iter().any(|node| schema::type_of(node) == "boolean");
        if flag && place.quote.is_none() {
            offers.extend(["true", "false"].map(plain));
        }
        offers.extend(self.named_values(&place.path));
        offers
    }

    /// Names that stand elsewhere in this text, or in the CRM.
    fn named_values(&self, path: &Path) -> Vec<Offer> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            [.., "purpose"] => self.defined("purposes"),
            ["defaults", "roles", ENTRY] | ["classes", _, "roles", ENTRY] => self.defined("roles"),
            ["classes", _, "category"] => vocabulary::terms().map(|term| plain(&term)).collect(),
            ["objects", _, "fields", _]
            | ["objects", _, "fields", _, "class"]
            | ["detection", "identifiers", _] => self.classes(),
            [
                "objects",
                object,
                "pass" | "derived" | "left_out" | "external_ids",
                ENTRY,
            ]
            | ["objects", object, "subject", "identify", ENTRY] => self.of_fields(object, |_| true),
            ["objects", object, "subject", "follow"] => {
                self.of_fields(object, |field| field.kind == FieldType::Reference)
            }
            ["objects", object, "relations", relation]
            | ["objects", object, "relations", relation, ENTRY] => self.targets(object, relation),
            ["objects", _, "subject", "object"]
            | ["objects", _, "subject", "object", ENTRY]
            | ["objects", _, "children", _]
            | ["routes", _, "object"] => self.defined("objects"),
            ["routes" | "static", _, "form" | "query"] => self.defined("forms"),
            _ => Vec::new(),
        }
    }

    /// The names that this text has under a key.
    fn defined(&self, key: &str) -> Vec<Offer> {
        self.below(&[key]).into_iter().map(plain).collect()
    }

    /// The next parts of all paths that begin so.
    fn below(&self, path: &[&str]) -> BTreeSet<&str> {
        let begins = |known: &&Path| {
            let mut parts = known.iter().map(String::as_str);
            path.iter().all(|part| parts.next() == Some(part))
        };
        let known = self.known.keys.iter().filter(begins);
        known
            .filter_map(|known| known.get(path.len()).map(String::as_str))
            .collect()
    }

    fn classes(&self) -> Vec<Offer> {
        let category = |class: &str| {
            let mut texts = self.known.texts.iter();
            let found = texts.find(|(path, _)| *path == ["classes", class, "category"]);
            found.map_or(About::Nothing, |(_, text)| About::Class(text.clone()))
        };
        let classes = self.below(&["classes"]).into_iter();
        classes
            .map(|class| Offer {
                about: category(class),
                ..plain(class)
            })
            .collect()
    }

    /// Where a relationship leads, by the CRM's describe.
    fn targets(&self, object: &str, relation: &str) -> Vec<Offer> {
        let object = self.fields.object(object);
        let mut fields = object.into_iter().flat_map(|object| &object.fields);
        let field = fields.find(|field| field.relationship.as_deref() == Some(relation));
        let targets = field.into_iter().flat_map(|field| &field.reference_to);
        targets.map(|target| plain(target)).collect()
    }

    /// Fields of an object, first those that nobody has decided about. A CRM that the file describes
    /// has the fields that it says.
    fn of_fields(&self, object: &str, is: impl Fn(&TableField) -> bool) -> Vec<Offer> {
        let Some(described) = self.fields.object(object) else {
            let types = self.below(&["objects", object, "types"]).into_iter();
            return types.map(plain).collect();
        };
        let decided = self.decided(object);
        let fields = described.fields.iter().filter(|field| is(field));
        let mut offers: Vec<Offer> = fields
            .map(|field| Offer {
                about: About::Field {
                    kind: field.kind,
                    length: field.length,
                    decided: decided.contains(&field.name.to_ascii_lowercase()),
                },
                ..plain(&field.name)
            })
            .collect();
        offers.sort_by_key(|offer| matches!(offer.about, About::Field { decided: true, .. }));
        offers
    }

    /// Fields of an object that the text names, in lower case: the CRM does not tell the two apart.
    fn decided(&self, object: &str) -> BTreeSet<String> {
        let listed = self.known.texts.iter().filter(|(path, _)| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            matches!(
                path.as_slice(),
                ["objects", name, "pass" | "derived" | "left_out", ENTRY] if *name == object
            )
        });
        let ruled = self.below(&["objects", object, "fields"]).into_iter();
        let listed = listed.map(|(_, text)| text.as_str());
        listed.chain(ruled).map(str::to_ascii_lowercase).collect()
    }
}

fn plain(word: &str) -> Offer {
    Offer {
        label: word.to_owned(),
        insert: String::new(),
        about: About::Nothing,
    }
}

fn of_object(object: &TableObject) -> Offer {
    plain(&object.name)
}

/// The schemas that hold at a path.
fn under(path: &Path) -> Vec<&'static Value> {
    let root: &'static Value = &schema::VALUE;
    let mut nodes = vec![root];
    for part in path {
        let step = |node: &'static Value| {
            let named = node.pointer("/properties").and_then(|all| all.get(part));
            let rest = node
                .get("additionalProperties")
                .filter(|rest| rest.is_object());
            named.or(rest).or_else(|| node.get("items"))
        };
        nodes = nodes
            .into_iter()
            .filter_map(step)
            .flat_map(alternatives)
            .collect();
    }
    nodes
}

/// A schema, or each of those that it leaves the choice between.
fn alternatives(schema: &'static Value) -> Vec<&'static Value> {
    let schema = schema::resolve(&schema::VALUE, schema);
    match schema.get("anyOf").and_then(Value::as_array) {
        Some(any) => any.iter().flat_map(alternatives).collect(),
        None => vec![schema],
    }
}

/// The keys that schemas have.
fn properties(nodes: &[&'static Value], is: impl Fn(&'static Value) -> bool) -> Vec<Offer> {
    let tables = nodes
        .iter()
        .filter_map(|node| node.get("properties")?.as_object());
    let keys = tables.flatten().filter(|(_, schema)| is(schema));
    keys.map(|(key, schema)| Offer {
        about: described(schema),
        ..plain(key)
    })
    .collect()
}

/// The words that a schema allows, each with what it means.
fn words(node: &'static Value) -> Vec<Offer> {
    let one_of = node
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let means = |word: &str| {
        let mut all = one_of.clone();
        all.find(|one| one.get("const").and_then(Value::as_str) == Some(word))
            .map_or(About::Nothing, described)
    };
    schema::words(node)
        .into_iter()
        .map(|word| Offer {
            about: means(word),
            ..plain(word)
        })
        .collect()
}

/// A description's first sentence.
fn described(schema: &Value) -> About {
    let Some(text) = schema.get("description").and_then(Value::as_str) else {
        return About::Nothing;
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // `GDPR Art. 9` ends nothing.
    let mut dots = text.match_indices(". ").map(|(dot, _)| dot + 1);
    let ends = |end: &usize| {
        let rest = text.get(*end..).unwrap_or_default();
        rest.trim_start().starts_with(char::is_uppercase)
    };
    let end = dots.find(ends).unwrap_or(text.len());
    About::Described(text.get(..end).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests;
