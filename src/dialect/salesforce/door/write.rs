//! From a door back to a target, for the CRM.

use std::fmt::Write as _;

use super::form::reference;
use super::{Door, Key, Route};
use crate::dialect::salesforce::analytics;
use crate::dialect::salesforce::file::Download;
use crate::wire::percent;

impl Route {
    /// The target, written from the parsed form: nothing of the client's bytes is copied.
    #[must_use]
    pub fn target(&self) -> String {
        if let Some(target) = self.elsewhere() {
            return target;
        }
        let mut out = String::with_capacity(512); // Room for most.
        // Writing to a `String` cannot fail.
        let _ = write!(out, "/services/data/v{}.0", self.version);
        match &self.door {
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
                    push_list(&mut out, '?', "fields", fields);
                }
            }
            Door::Download(Download::Field { object, id, field }) => {
                push(&mut out, &["sobjects", object, id.as_str(), field]);
            }
            // What stands elsewhere is written before this, a servlet is not asked (see `proxy::blob`),
            // and actions and conversions of leads stand within their message.
            Door::Download(_)
            | Door::Convert(_)
            | Door::Versions
            | Door::Resources
            | Door::Events
            | Door::Export(_)
            | Door::Aura(_)
            | Door::Controller { .. } => {}
            Door::Query { text, all } => {
                out.push_str(if *all { "/queryAll" } else { "/query" });
                push_parameter(&mut out, '?', "q", text);
            }
            Door::More { locator, all } => push(
                &mut out,
                &[if *all { "queryAll" } else { "query" }, locator],
            ),
            Door::Ui(ui) => out.extend(["/ui-api", &ui.target()]),
            Door::Chatter(chatter) => out.push_str(&chatter.target()),
            Door::Analytics(analytics) => out.extend(["/analytics", &analytics.target()]),
            Door::Search { text } => {
                out.push_str("/search");
                push_parameter(&mut out, '?', "q", text);
            }
            Door::ParameterizedSearch => out.push_str("/parameterizedSearch"),
            Door::SearchLayout { objects } => {
                out.push_str("/search/layout");
                push_list(&mut out, '?', "q", objects);
            }
            Door::SearchScope => out.push_str("/search/scopeOrder"),
            Door::GraphQl => out.push_str("/graphql"),
            Door::Recent { limit } => {
                out.push_str("/recent");
                if let Some(limit) = limit {
                    let _ = write!(out, "?limit={limit}");
                }
            }
            Door::Limits => out.push_str("/limits"),
            Door::RecordCount { objects } => {
                out.push_str("/limits/recordCount");
                push_list(&mut out, '?', "sObjects", objects);
            }
            Door::Composite
            | Door::Batch
            | Door::Graph
            | Door::Tree { .. }
            | Door::Collection { .. }
            | Door::CollectionUpsert { .. }
            | Door::CollectionDelete { .. }
            | Door::CollectionRead { .. } => push_composite(&mut out, &self.door),
        }
        out
    }

    /// The target of a door that is not below a version of the REST API.
    fn elsewhere(&self) -> Option<String> {
        match &self.door {
            Door::Versions => Some("/services/data".to_owned()),
            Door::Aura(message) => Some(message.target()),
            Door::Export(report) => Some(analytics::export_target(*report)),
            Door::Events => Some(format!("/cometd/{}.0", self.version)),
            _ => None,
        }
    }
}

/// The resources below `composite`.
fn push_composite(out: &mut String, door: &Door) {
    match door {
        Door::Batch => out.push_str("/composite/batch"),
        Door::Graph => out.push_str("/composite/graph"),
        Door::Tree { object } => push(out, &["composite", "tree", object]),
        Door::Collection { .. } => out.push_str("/composite/sobjects"),
        Door::CollectionUpsert { object, field } => {
            push(out, &["composite", "sobjects", object, field]);
        }
        Door::CollectionDelete { ids, all_or_none } => {
            out.push_str("/composite/sobjects");
            push_list(out, '?', "ids", ids);
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
            push(out, &["composite", "sobjects", object]);
            if !in_body {
                push_list(out, '?', "ids", ids);
                push_list(out, '&', "fields", fields);
            }
        }
        _ => out.push_str("/composite"),
    }
}

fn push(out: &mut String, segments: &[&str]) {
    for segment in segments {
        out.push('/');
        percent::push(out, segment);
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
    out.push(before);
    out.push_str(name);
    out.push('=');
    // A reference must stand as it is for the CRM to read it: `@{name0.records[0].Id}`. Its parts
    // are those that `reference` allows, so that nothing else leaves without its escapes.
    let mut rest = value;
    while memchr::memchr(b'@', rest.as_bytes()).is_some()
        && let Some((before, found)) = rest.split_once("@{")
    {
        let whole = found
            .split_once('}')
            .filter(|(inner, _)| reference(&format!("@{{{inner}}}")).is_some());
        let Some((inner, after)) = whole else {
            break;
        };
        percent::push(out, before);
        let _ = write!(out, "@{{{inner}}}");
        rest = after;
    }
    percent::push(out, rest);
}

fn push_list<T: AsRef<str>>(out: &mut String, before: char, name: &str, parts: &[T]) {
    push_parameter(out, before, name, "");
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str("%2C");
        }
        percent::push(out, part.as_ref());
    }
}
