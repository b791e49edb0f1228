//! From a method and a target to the door; everything that is not one is refused.

use super::form::{id_or_reference, locator, name, version};
use super::{Door, Key, Route, Verb, closed};
use crate::dialect::salesforce::analytics;
use crate::dialect::salesforce::aura::{Message, Place};
use crate::dialect::salesforce::chatter::{self, Root};
use crate::dialect::salesforce::file::{self, Download};
use crate::dialect::salesforce::id::Id;
use crate::dialect::salesforce::sosl::Parameters;
use crate::dialect::salesforce::target::Target;
use crate::dialect::salesforce::ui;
use crate::model::{Code, Refusal};
use crate::wire::ascii;

/// Finds the door of a method and a target, or refuses.
///
/// # Errors
/// [`Code::EndpointUnknown`], [`Code::MethodUnknown`], [`Code::ParameterUnknown`] or
/// [`Code::VersionOutside`] (when the version is not of the form `vNN.0`).
pub fn resolve(method: &str, target: &Target) -> Result<Route, Refusal> {
    if let Some(door) = servlet(method, target)? {
        return Ok(Route { version: 0, door });
    }
    let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
    let rest = match segments.as_slice() {
        ["services", "data", rest @ ..] => rest,
        ["aura"] => return aura(method, Place::Lightning, target),
        ["s", "sfsites", "aura"] => return aura(method, Place::Site, target),
        ["cometd", rest @ ..] => return events(method, rest, target),
        other => return Err(closed(&format!("/{}", other.join("/")))),
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
        // Each of its resources has parameters of its own.
        ["ui-api", rest @ ..] => {
            let door = Door::Ui(ui::resolve(method, rest, target)?);
            return Ok(Route { version, door });
        }
        ["analytics", rest @ ..] => {
            let door = Door::Analytics(analytics::resolve(method, rest, target)?);
            return Ok(Route { version, door });
        }
        ["chatter", rest @ ..] => {
            let door = chatter::resolve((Root::Chatter, method), rest, target)?;
            let door = Door::Chatter(door);
            return Ok(Route { version, door });
        }
        ["connect", rest @ ..] => {
            let door = chatter::resolve((Root::Connect, method), rest, target)?;
            let door = Door::Chatter(door);
            return Ok(Route { version, door });
        }
        ["search", rest @ ..] => search(method, rest, target),
        // The parameters depend on the objects; they are all held to their names there.
        ["parameterizedSearch"] if method == "GET" => {
            let text = Parameters::of(target)?.sosl()?;
            let door = Door::Search { text };
            return Ok(Route { version, door });
        }
        ["parameterizedSearch"] => post(method, Door::ParameterizedSearch),
        ["graphql"] => post(method, Door::GraphQl),
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

/// What pages ask of the CRM for people to save.
fn servlet(method: &str, target: &Target) -> Result<Option<Door>, Refusal> {
    if let Some(download) = file::resolve(method, target)? {
        return Ok(Some(Door::Download(download)));
    }
    Ok(analytics::export(method, target)?.map(Door::Export))
}

/// `/cometd/NN.0`, which some clients write with the kind of their message behind it.
fn events(method: &str, rest: &[&str], target: &Target) -> Result<Route, Refusal> {
    const KINDS: [&str; 5] = [
        "handshake",
        "connect",
        "subscribe",
        "unsubscribe",
        "disconnect",
    ];
    only(target, &[])?;
    let version = match *rest {
        [version] => version,
        [version, kind] if KINDS.contains(&kind) => version,
        _ => return Err(unknown()),
    };
    let version = self::version(&format!("v{version}"))?;
    let door = Door::Events;
    post(method, Route { version, door })
}

/// The actions in a message say by themselves which version they are of.
fn aura(method: &str, place: Place, target: &Target) -> Result<Route, Refusal> {
    let message = Message::of(place, target)?;
    let door = post(method, Door::Aura(message))?;
    Ok(Route { version: 0, door })
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
        // Whether it is a file or a relation, the survey knows.
        [object, id, field] if method == "GET" => {
            let id = Id::parse(id).ok_or_else(unknown)?;
            let (object, field) = (name(object)?, name(field)?);
            Ok(Door::Download(Download::Field { object, id, field }))
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

fn search(method: &str, rest: &[&str], target: &Target) -> Result<Door, Refusal> {
    match *rest {
        [] => {
            let text = target.parameter("q").ok_or_else(wrong_parameter)?;
            let text = text.to_owned();
            get(method, Door::Search { text })
        }
        ["layout"] => get(
            method,
            Door::SearchLayout {
                objects: list(target, "q")?,
            },
        ),
        ["scopeOrder"] => get(method, Door::SearchScope),
        ["suggestions" | "suggestSearchQueries" | "suggestTitleMatches"] => Err(Refusal::new(
            Code::EndpointUnknown,
            "suggestions look for the beginnings of values, and only whole values can be looked up",
        )),
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
        Door::Query { .. } | Door::Search { .. } | Door::SearchLayout { .. } => &["q"],
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
        | Door::Download(_)
        | Door::Export(_)
        | Door::More { .. }
        | Door::Ui(_)
        | Door::Analytics(_)
        | Door::Chatter(_)
        | Door::Events
        | Door::ParameterizedSearch
        | Door::SearchScope
        | Door::GraphQl
        | Door::Aura(_)
        | Door::Controller { .. }
        | Door::Limits
        | Door::Composite
        | Door::Batch
        | Door::Graph
        | Door::Tree { .. }
        | Door::Collection { .. }
        | Door::CollectionUpsert { .. }
        | Door::CollectionRead { .. }
        | Door::Convert(_) => &[],
    }
}

/// The parts of a parameter that is a list.
fn parts<'t>(
    target: &'t Target,
    parameter: &str,
) -> Result<impl Iterator<Item = &'t str>, Refusal> {
    let text = target.parameter(parameter).ok_or_else(wrong_parameter)?;
    Ok(ascii::split(text, b',').map(str::trim))
}

fn list(target: &Target, parameter: &str) -> Result<Vec<String>, Refusal> {
    let mut list = Vec::with_capacity(16);
    list.extend(parts(target, parameter)?.map(str::to_owned));
    Ok(list)
}

fn ids(target: &Target) -> Result<Vec<Id>, Refusal> {
    let malformed = || Refusal::new(Code::ValueUnfit, "a record id is malformed");
    parts(target, "ids")?
        .map(|id| Id::parse(id).ok_or_else(malformed))
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
