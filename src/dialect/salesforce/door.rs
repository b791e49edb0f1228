//! The doors of the REST API: which resource a method and a path mean.
//!
//! Source: Salesforce REST API Developer Guide, "Reference", and requests of real clients.

use std::fmt::Write as _;

use super::id::Id;
use super::target::Target;
use crate::model::{Code, Refusal};
use crate::wire::percent;

/// One resource with one verb. Names are the client's spelling until policy has given its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Door {
    /// `GET /services/data`
    Versions,
    /// `GET D`
    Resources,
    /// `GET D/sobjects`
    Objects,
    /// `GET D/sobjects/T`
    Object { object: String },
    /// `GET D/sobjects/T/describe`
    Describe { object: String },
    /// `POST D/sobjects/T`
    Create { object: String },
    /// `GET|PATCH|DELETE D/sobjects/T/ID` and `D/sobjects/T/FIELD/VALUE`
    Record {
        verb: Verb,
        object: String,
        key: Key,
        fields: Option<Vec<String>>,
    },
    /// `GET D/query?q=` and `D/queryAll?q=`
    Query { text: String, all: bool },
    /// `GET D/query/LOCATOR`
    More { locator: String, all: bool },
    /// `GET D/recent`
    Recent { limit: Option<u32> },
    /// `GET D/limits`
    Limits,
    /// `GET D/limits/recordCount?sObjects=`
    RecordCount { objects: Vec<String> },
    /// `POST D/composite`
    Composite,
    /// `POST D/composite/batch`
    Batch,
    /// `POST D/composite/graph`
    Graph,
    /// `POST D/composite/tree/T`
    Tree { object: String },
    /// `POST|PATCH D/composite/sobjects`
    Collection { verb: Verb },
    /// `PATCH D/composite/sobjects/T/FIELD`
    CollectionUpsert { object: String, field: String },
    /// `DELETE D/composite/sobjects?ids=`
    CollectionDelete {
        ids: Vec<Id>,
        all_or_none: Option<bool>,
    },
    /// `POST D/composite/sobjects/T` with ids and fields in the body; `GET` with both in the URL
    CollectionRead {
        object: String,
        ids: Vec<Id>,
        fields: Vec<String>,
        in_body: bool,
    },
}

/// What happens to a record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verb {
    Read,
    Create,
    Update,
    Delete,
}

/// Which record is meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Key {
    /// The record is made by this call.
    New,
    Id(Id),
    External {
        field: String,
        value: String,
    },
    /// `@{name.id}`: the record that an earlier sub-request of the same call makes or finds.
    Reference {
        name: String,
        path: String,
    },
}

/// A door with the API version it is asked in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    /// The major number: 60 for `v60.0`.
    pub version: u16,
    pub door: Door,
}

/// Finds the door of a method and a target, or refuses.
///
/// # Errors
/// [`Code::EndpointUnknown`], [`Code::MethodUnknown`], [`Code::ParameterUnknown`] or
/// [`Code::VersionOutside`] (when the version is not of the form `vNN.0`).
pub fn resolve(method: &str, target: &Target) -> Result<Route, Refusal> {
    let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
    let ["services", "data", rest @ ..] = segments.as_slice() else {
        return Err(unknown());
    };
    let Some((version, rest)) = rest.split_first() else {
        only(target, &[])?;
        return get(
            method,
            Route {
                version: 0,
                door: Door::Versions,
            },
        );
    };
    let version = self::version(version)?;
    let door = match rest {
        [] => get(method, Door::Resources),
        ["sobjects", rest @ ..] => objects(method, rest, target),
        ["query" | "queryAll" | "queryall", rest @ ..] => {
            query(method, segments[3] != "query", rest, target)
        }
        ["recent"] => get(
            method,
            Door::Recent {
                limit: number(target, "limit")?,
            },
        ),
        ["limits"] => get(method, Door::Limits),
        ["limits", "recordCount"] => get(
            method,
            Door::RecordCount {
                objects: list(target, "sObjects")?,
            },
        ),
        ["composite", rest @ ..] => composite(method, rest, target),
        _ => Err(unknown()),
    }?;
    only(target, parameters(&door))?;
    Ok(Route { version, door })
}

fn objects(method: &str, rest: &[&str], target: &Target) -> Result<Door, Refusal> {
    match *rest {
        [] => get(method, Door::Objects),
        [object] => match method {
            "GET" => Ok(Door::Object {
                object: name(object)?,
            }),
            "POST" => Ok(Door::Create {
                object: name(object)?,
            }),
            _ => Err(wrong_method()),
        },
        [object, "describe"] => get(
            method,
            Door::Describe {
                object: name(object)?,
            },
        ),
        [object, id] => record(method, object, id_or_reference(id)?, target),
        [object, field, value] if Id::parse(field).is_none() => {
            let key = Key::External {
                field: name(field)?,
                value: value.to_owned(),
            };
            record(method, object, key, target)
        }
        _ => Err(unknown()),
    }
}

fn record(method: &str, object: &str, key: Key, target: &Target) -> Result<Door, Refusal> {
    let verb = match method {
        "GET" => Verb::Read,
        "PATCH" => Verb::Update,
        "DELETE" => Verb::Delete,
        _ => return Err(wrong_method()),
    };
    let fields = match target.parameter("fields") {
        Some(_) if verb == Verb::Read => Some(list(target, "fields")?),
        Some(_) => return Err(wrong_parameter()),
        None => None,
    };
    Ok(Door::Record {
        verb,
        object: name(object)?,
        key,
        fields,
    })
}

fn query(method: &str, all: bool, rest: &[&str], target: &Target) -> Result<Door, Refusal> {
    match *rest {
        [] => {
            let text = target
                .parameter("q")
                .ok_or_else(wrong_parameter)?
                .to_owned();
            get(method, Door::Query { text, all })
        }
        [locator] => get(
            method,
            Door::More {
                locator: self::locator(locator)?,
                all,
            },
        ),
        _ => Err(unknown()),
    }
}

fn composite(method: &str, rest: &[&str], target: &Target) -> Result<Door, Refusal> {
    match *rest {
        [] => post(method, Door::Composite),
        ["batch"] => post(method, Door::Batch),
        ["graph"] => post(method, Door::Graph),
        ["tree", object] => post(
            method,
            Door::Tree {
                object: name(object)?,
            },
        ),
        ["sobjects"] => match method {
            "POST" => Ok(Door::Collection { verb: Verb::Create }),
            "PATCH" => Ok(Door::Collection { verb: Verb::Update }),
            "DELETE" => Ok(Door::CollectionDelete {
                ids: ids(target)?,
                all_or_none: flag(target, "allOrNone")?,
            }),
            _ => Err(wrong_method()),
        },
        ["sobjects", object] => match method {
            "GET" => Ok(Door::CollectionRead {
                object: name(object)?,
                ids: ids(target)?,
                fields: list(target, "fields")?,
                in_body: false,
            }),
            "POST" => Ok(Door::CollectionRead {
                object: name(object)?,
                ids: vec![],
                fields: vec![],
                in_body: true,
            }),
            _ => Err(wrong_method()),
        },
        ["sobjects", object, field] if method == "PATCH" => Ok(Door::CollectionUpsert {
            object: name(object)?,
            field: name(field)?,
        }),
        _ => Err(unknown()),
    }
}

/// The URL parameters that a door has; every other is refused.
fn parameters(door: &Door) -> &'static [&'static str] {
    match door {
        Door::Record {
            verb: Verb::Read, ..
        } => &["fields"],
        Door::Query { .. } => &["q"],
        Door::Recent { .. } => &["limit"],
        Door::RecordCount { .. } => &["sObjects"],
        Door::CollectionDelete { .. } => &["ids", "allOrNone"],
        Door::CollectionRead { in_body: false, .. } => &["ids", "fields"],
        Door::Versions
        | Door::Resources
        | Door::Objects
        | Door::Object { .. }
        | Door::Describe { .. }
        | Door::Create { .. }
        | Door::Record { .. }
        | Door::More { .. }
        | Door::Limits
        | Door::Composite
        | Door::Batch
        | Door::Graph
        | Door::Tree { .. }
        | Door::Collection { .. }
        | Door::CollectionUpsert { .. }
        | Door::CollectionRead { .. } => &[],
    }
}

impl Route {
    /// The method that this door is asked with.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match &self.door {
            Door::Create { .. }
            | Door::Composite
            | Door::Batch
            | Door::Graph
            | Door::Tree { .. } => "POST",
            Door::Record { verb, .. } | Door::Collection { verb } => match verb {
                Verb::Read => "GET",
                Verb::Create => "POST",
                Verb::Update => "PATCH",
                Verb::Delete => "DELETE",
            },
            Door::CollectionUpsert { .. } => "PATCH",
            Door::CollectionDelete { .. } => "DELETE",
            Door::CollectionRead { in_body, .. } => {
                if *in_body {
                    "POST"
                } else {
                    "GET"
                }
            }
            Door::Versions
            | Door::Resources
            | Door::Objects
            | Door::Object { .. }
            | Door::Describe { .. }
            | Door::Query { .. }
            | Door::More { .. }
            | Door::Recent { .. }
            | Door::Limits
            | Door::RecordCount { .. } => "GET",
        }
    }

    /// Whether the door takes a JSON body.
    #[must_use]
    pub fn has_body(&self) -> bool {
        matches!(self.method(), "POST" | "PATCH")
    }

    /// A short name for logs and metrics; never part of a target.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.door {
            Door::Versions => "versions",
            Door::Resources => "resources",
            Door::Objects => "sobjects",
            Door::Object { .. } => "sobject",
            Door::Describe { .. } => "describe",
            Door::Create { .. } => "create",
            Door::Record {
                verb: Verb::Read, ..
            } => "read",
            Door::Record {
                verb: Verb::Delete, ..
            } => "delete",
            Door::Record { .. } => "update",
            Door::Query { .. } => "query",
            Door::More { .. } => "query-more",
            Door::Recent { .. } => "recent",
            Door::Limits | Door::RecordCount { .. } => "limits",
            Door::Composite => "composite",
            Door::Batch => "composite-batch",
            Door::Graph => "composite-graph",
            Door::Tree { .. } => "composite-tree",
            Door::Collection { .. }
            | Door::CollectionUpsert { .. }
            | Door::CollectionDelete { .. }
            | Door::CollectionRead { .. } => "composite-sobjects",
        }
    }

    /// The target, written from the parsed form: nothing of the client's bytes is copied.
    #[must_use]
    pub fn target(&self) -> String {
        let mut out = String::from("/services/data");
        if self.door == Door::Versions {
            return out;
        }
        // Writing to a `String` cannot fail.
        let _ = write!(out, "/v{}.0", self.version);
        match &self.door {
            Door::Versions | Door::Resources => {}
            Door::Objects => out.push_str("/sobjects"),
            Door::Object { object } | Door::Create { object } => {
                push(&mut out, &["sobjects", object]);
            }
            Door::Describe { object } => push(&mut out, &["sobjects", object, "describe"]),
            Door::Record {
                object,
                key,
                fields,
                ..
            } => {
                push(&mut out, &["sobjects", object]);
                push_key(&mut out, key);
                if let Some(fields) = fields {
                    push_parameter(&mut out, '?', "fields", &fields.join(","));
                }
            }
            Door::Query { text, all } => {
                out.push_str(if *all { "/queryAll" } else { "/query" });
                push_parameter(&mut out, '?', "q", text);
            }
            Door::More { locator, all } => push(
                &mut out,
                &[if *all { "queryAll" } else { "query" }, locator],
            ),
            Door::Recent { limit } => {
                out.push_str("/recent");
                if let Some(limit) = limit {
                    let _ = write!(out, "?limit={limit}");
                }
            }
            Door::Limits => out.push_str("/limits"),
            Door::RecordCount { objects } => {
                out.push_str("/limits/recordCount");
                push_parameter(&mut out, '?', "sObjects", &objects.join(","));
            }
            Door::Composite => out.push_str("/composite"),
            Door::Batch => out.push_str("/composite/batch"),
            Door::Graph => out.push_str("/composite/graph"),
            Door::Tree { object } => push(&mut out, &["composite", "tree", object]),
            Door::Collection { .. } => out.push_str("/composite/sobjects"),
            Door::CollectionUpsert { object, field } => {
                push(&mut out, &["composite", "sobjects", object, field]);
            }
            Door::CollectionDelete { ids, all_or_none } => {
                out.push_str("/composite/sobjects");
                push_parameter(&mut out, '?', "ids", &join(ids));
                if let Some(flag) = all_or_none {
                    let _ = write!(out, "&allOrNone={flag}");
                }
            }
            Door::CollectionRead {
                object,
                ids,
                fields,
                in_body,
            } => {
                push(&mut out, &["composite", "sobjects", object]);
                if !in_body {
                    push_parameter(&mut out, '?', "ids", &join(ids));
                    push_parameter(&mut out, '&', "fields", &fields.join(","));
                }
            }
        }
        out
    }
}

fn push(out: &mut String, segments: &[&str]) {
    for segment in segments {
        out.push('/');
        out.push_str(&percent::encode_segment(segment));
    }
}

fn push_key(out: &mut String, key: &Key) {
    match key {
        Key::New => {}
        Key::Id(id) => push(out, &[id.as_str()]),
        Key::External { field, value } => push(out, &[field, value]),
        // The reference must stand as it is for the CRM to read it.
        Key::Reference { name, path } => {
            let _ = write!(out, "/@{{{name}.{path}}}");
        }
    }
}

fn push_parameter(out: &mut String, before: char, name: &str, value: &str) {
    let _ = write!(out, "{before}{name}=");
    // A reference must stand as it is for the CRM to read it: `@{name0.records[0].Id}`. Its parts
    // are those that `reference` allows, so that nothing else leaves without its escapes.
    let mut rest = value;
    while let Some((before, found)) = rest.split_once("@{") {
        let whole = found
            .split_once('}')
            .filter(|(inner, _)| reference(&format!("@{{{inner}}}")).is_some());
        let Some((inner, after)) = whole else {
            break;
        };
        percent::push_query(out, before);
        let _ = write!(out, "@{{{inner}}}");
        rest = after;
    }
    percent::push_query(out, rest);
}

fn join(ids: &[Id]) -> String {
    ids.iter().map(Id::as_str).collect::<Vec<_>>().join(",")
}

/// `v60.0` as 60.
fn version(text: &str) -> Result<u16, Refusal> {
    let number = text.strip_prefix('v').and_then(|t| t.strip_suffix(".0"));
    number
        .filter(|n| {
            !n.is_empty()
                && n.len() <= 3
                && !n.starts_with('0')
                && n.bytes().all(|b| b.is_ascii_digit())
        })
        .and_then(|n| n.parse().ok())
        .ok_or_else(|| Refusal::new(Code::VersionOutside, "the API version must read vNN.0"))
}

/// An API name of an object or a field. What it may be, policy decides; here only its form.
pub(super) fn name(text: &str) -> Result<String, Refusal> {
    if is_name(text) {
        return Ok(text.to_owned());
    }
    Err(unknown())
}

/// Whether a text has the form of an API name: a letter, then letters, digits and underscores.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= 80
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn id_or_reference(text: &str) -> Result<Key, Refusal> {
    if let Some(id) = Id::parse(text) {
        return Ok(Key::Id(id));
    }
    let found = reference(text).map(|(name, path)| Key::Reference {
        name: name.to_owned(),
        path: path.to_owned(),
    });
    found.ok_or_else(unknown)
}

/// What stands inside `@{name.id}`: a reference to the id of an earlier sub-request's record, as
/// name and path. No other reference is allowed, since any other moves a value that nobody checks.
#[must_use]
pub fn reference(text: &str) -> Option<(&str, &str)> {
    let (name, path) = text
        .strip_prefix("@{")?
        .strip_suffix('}')?
        .split_once('.')?;
    let row = path
        .strip_prefix("records[")
        .and_then(|rest| rest.split_once("].Id"));
    let of_query = row.is_some_and(|(row, rest)| {
        rest.is_empty() && (1..=4).contains(&row.len()) && row.bytes().all(|b| b.is_ascii_digit())
    });
    (is_name(name) && (of_query || path.eq_ignore_ascii_case("id"))).then_some((name, path))
}

/// A query locator, `01gD0000002HU6KIAW-2000`, or `0r8` in newer organizations. Its length is held
/// to that of an id, so that a text has no room in it.
fn locator(text: &str) -> Result<String, Refusal> {
    let (id, offset) = text.split_once('-').ok_or_else(unknown)?;
    let offset_fits =
        !offset.is_empty() && offset.len() <= 9 && offset.bytes().all(|b| b.is_ascii_digit());
    if Id::parse(id).is_none()
        && !(id.starts_with("0r8")
            && id.len() == 18
            && id.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        return Err(unknown());
    }
    if offset_fits {
        Ok(text.to_owned())
    } else {
        Err(unknown())
    }
}

fn list(target: &Target, parameter: &str) -> Result<Vec<String>, Refusal> {
    let text = target.parameter(parameter).ok_or_else(wrong_parameter)?;
    text.split(',')
        .map(|part| Ok(part.trim().to_owned()))
        .collect()
}

fn ids(target: &Target) -> Result<Vec<Id>, Refusal> {
    let ids = list(target, "ids")?;
    ids.iter()
        .map(|id| {
            Id::parse(id).ok_or_else(|| Refusal::new(Code::ValueUnfit, "a record id is malformed"))
        })
        .collect()
}

fn flag(target: &Target, parameter: &str) -> Result<Option<bool>, Refusal> {
    match target.parameter(parameter) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(wrong_parameter()),
    }
}

fn number(target: &Target, parameter: &str) -> Result<Option<u32>, Refusal> {
    match target.parameter(parameter) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| wrong_parameter()),
    }
}

fn only(target: &Target, allowed: &[&str]) -> Result<(), Refusal> {
    if target
        .parameters
        .iter()
        .all(|(name, _)| allowed.contains(&name.as_str()))
    {
        return Ok(());
    }
    Err(wrong_parameter())
}

fn get<T>(method: &str, found: T) -> Result<T, Refusal> {
    if method == "GET" {
        Ok(found)
    } else {
        Err(wrong_method())
    }
}

fn post<T>(method: &str, found: T) -> Result<T, Refusal> {
    if method == "POST" {
        Ok(found)
    } else {
        Err(wrong_method())
    }
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(
        Code::EndpointUnknown,
        "this resource is not among those that the border knows",
    )
}

fn wrong_method() -> Refusal {
    Refusal::new(
        Code::MethodUnknown,
        "this resource does not take that method",
    )
}

fn wrong_parameter() -> Refusal {
    Refusal::new(
        Code::ParameterUnknown,
        "a URL parameter is missing, unknown or malformed for this resource",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(method: &str, target: &str) -> Result<Route, Refusal> {
        resolve(method, &Target::parse(target)?)
    }

    #[test]
    fn a_known_door_is_written_again_as_it_was_asked() {
        for (method, target) in [
            ("GET", "/services/data"),
            ("GET", "/services/data/v60.0"),
            ("GET", "/services/data/v60.0/sobjects/Contact/describe"),
            ("POST", "/services/data/v60.0/sobjects/Contact"),
            (
                "GET",
                "/services/data/v60.0/sobjects/Contact/003000000000001AAA?fields=Id%2CName",
            ),
            (
                "PATCH",
                "/services/data/v60.0/sobjects/Contact/Ext_Id__c/a%2Fb",
            ),
            (
                "GET",
                "/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Contact",
            ),
            ("GET", "/services/data/v60.0/query/01g000000000001AAA-2000"),
            (
                "DELETE",
                "/services/data/v60.0/composite/sobjects?ids=003000000000001AAA&allOrNone=true",
            ),
        ] {
            let route = door(method, target).unwrap_or_else(|e| panic!("{target}: {e}"));
            assert_eq!((route.method(), route.target().as_str()), (method, target));
        }
    }

    #[test]
    fn what_is_no_door_is_refused() {
        for (method, target, code) in [
            ("GET", "/", Code::TargetNotCanonical),
            ("GET", "/services/apexrest/x", Code::EndpointUnknown),
            ("GET", "/services/data/v60/sobjects", Code::VersionOutside),
            (
                "GET",
                "/services/data/v60.0/tooling/query?q=x",
                Code::EndpointUnknown,
            ),
            (
                "PUT",
                "/services/data/v60.0/sobjects/Contact",
                Code::MethodUnknown,
            ),
            (
                "POST",
                "/services/data/v60.0/sobjects/Contact?_HttpMethod=PATCH",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "/services/data/v60.0/query?q=a&q=b",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "/services/data/v60.0/query?q=a&explain=b",
                Code::ParameterUnknown,
            ),
            (
                "GET",
                "/services/data//v60.0/sobjects",
                Code::TargetNotCanonical,
            ),
            (
                "GET",
                "/services/data/v60.0/sobjects/../sobjects",
                Code::TargetNotCanonical,
            ),
            (
                "GET",
                "/services/data/v60.0/sobjects%2FContact/x",
                Code::TargetNotCanonical,
            ),
            (
                "GET",
                "/services/data/v60.0/sobjects/Attachment/00P000000000001AAA/Body",
                Code::EndpointUnknown,
            ),
        ] {
            assert_eq!(
                door(method, target).map_err(|e| e.code),
                Err(code),
                "{method} {target}"
            );
        }
    }
}
