//! The routes of the REST interface.

mod analytics;
mod chatter;
mod collections;
mod composite;
mod describe;
mod files;
mod graph;
mod inspect;
mod meta;
mod oauth;
mod query;
mod refer;
mod reply;
mod search;
mod sobjects;
pub mod start;
#[cfg(test)]
mod tests;
mod tree;
mod ui;
mod web;

use std::io::Read as _;
use std::sync::atomic::Ordering;

use flate2::read::GzDecoder;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::demo::crm::bulk;
use crate::demo::crm::cometd;
use crate::demo::crm::fault::{Fault, Outcome};
use crate::demo::crm::graphql;
use crate::demo::crm::records::Org;
use crate::demo::crm::store::Store;
use crate::demo::crm::{Inner, Request, Response, alter, aura, soap};

pub use reply::Reply;

/// How many requests an organisation has a day; the stand-in counts them but refuses none.
pub const DAILY_CALLS: u32 = 15_000;

/// The lowest and the highest version of the interface.
pub const VERSIONS: std::ops::RangeInclusive<u32> = 20..=66;

/// A request taken apart.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    /// The decoded parts of the path without empty ones at the end.
    pub segments: Vec<String>,
    pub parameters: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn new(method: &str, target: &str, body: Vec<u8>) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let mut segments: Vec<String> = path.split('/').skip(1).map(decoded).collect();
        while segments.last().is_some_and(String::is_empty) {
            segments.pop();
        }
        let parameters = form_urlencoded::parse(query.as_bytes()).into_owned();
        Self {
            method: method.to_uppercase(),
            segments,
            parameters: parameters.collect(),
            headers: Vec::new(),
            body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(found, _): &&(String, String)| found.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(named)
            .map(|(_, value)| value.as_str())
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        let named = |(found, _): &&(String, String)| found == name;
        self.parameters
            .iter()
            .find(named)
            .map(|(_, value)| value.as_str())
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// JSON_PARSER_ERROR when it is none.
    pub fn json(&self) -> Outcome<Map<String, Value>> {
        if let Some(form) = files::form(self)? {
            return Ok(form);
        }
        let parsed = serde_json::from_slice(&self.body).map_err(|error| {
            let message = if self.body.is_empty() {
                "No content to map to Object due to end of input".to_owned()
            } else {
                format!(
                    "Unexpected character or end of input at [line:{}, column:{}]",
                    error.line(),
                    error.column()
                )
            };
            Fault::bad("JSON_PARSER_ERROR", message)
        })?;
        match parsed {
            Value::Object(map) => Ok(map),
            _ => Err(Fault::bad(
                "JSON_PARSER_ERROR",
                "Can not deserialize SObject out of a value that is no object at [line:1, column:1]",
            )),
        }
    }
}

pub fn answer(inner: &Inner, request: Request) -> Response {
    let mut call = Call::new(&request.method, &request.target, request.body);
    call.headers = request.headers;
    if call.method == "POST"
        && let Some(method) = call.parameter("_HttpMethod")
    {
        call.method = method.to_uppercase();
    }
    if let ["services", "Soap", "u" | "c", ..] = parts(&call).as_slice() {
        return soap::answer(inner, &mut call);
    }
    let reply = route(inner, &mut call).unwrap_or_else(|fault| Reply::of(&fault));
    reply.response(&call, inner.calls.load(Ordering::Relaxed))
}

fn parts(call: &Call) -> Vec<&str> {
    call.segments.iter().map(String::as_str).collect()
}

fn route(inner: &Inner, call: &mut Call) -> Outcome<Reply> {
    let segments = parts(call);
    match segments.as_slice() {
        ["_dump"] => return inspect::dump(inner),
        ["_describe", object] if call.method == "PUT" => {
            return alter::change(inner, call, object, "");
        }
        ["_describe", object, field] if call.method == "PUT" => {
            return alter::change(inner, call, object, field);
        }
        ["_requests"] => return Ok(inspect::requests(inner)),
        ["services", "oauth2", "token"] => return Ok(oauth::token(inner, call)),
        ["services", "oauth2", "revoke"] => return Ok(Reply::empty(200)),
        ["aura"] | ["s", "sfsites", "aura"] => return aura::answer(inner, call),
        ["servlet", servlet] if call.method == "POST" && web::is_servlet(servlet) => {
            let reply = web::answer(inner, call, servlet);
            inner.bell.ring();
            return Ok(reply);
        }
        _ => {}
    }
    if analytics::export::is_page(&segments) {
        if !oauth::has_cookie(inner, call) {
            return Ok(analytics::export::sign_in());
        }
        let store = inner.store();
        let id = segments.first().copied().unwrap_or_default();
        return analytics::export::table(&org(inner, &store, "60.0"), call, id);
    }
    let servlet = files::is_servlet(&segments);
    if !(oauth::allowed(inner, call) || servlet && oauth::has_cookie(inner, call)) {
        let fault = Fault::new(401, "INVALID_SESSION_ID", "Session expired or invalid");
        return Ok(Reply::of(&fault).with("WWW-Authenticate", "Token"));
    }
    unzip(call)?;
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["services", "oauth2", "userinfo"] | ["id", _, _] => Ok(oauth::userinfo(inner, call)),
        ["services", "data"] => Ok(meta::versions()),
        _ if servlet => files::servlet(inner, call),
        ["services", "data" | "async", ..] => {
            let store = inner.store();
            let org = org(inner, &store, version(call)?);
            let reply = match segments.as_slice() {
                [_, "async", _, rest @ ..] => Ok(bulk::one(&org, call, rest)),
                _ => data(&org, call),
            };
            drop(store);
            inner.bell.ring();
            let reply = reply?;
            match (segments.as_slice(), reply.body) {
                (["services", "data", _, "sobjects", object, "describe"], Some(body)) => {
                    let body = alter::described(inner, object, body)?;
                    Ok(Reply {
                        body: Some(body),
                        ..reply
                    })
                }
                (_, body) => Ok(Reply { body, ..reply }),
            }
        }
        ["cometd", _] => cometd::answer(inner, call),
        _ => Err(Fault::not_found()),
    }
}

/// The organisation as a request in this version sees it.
fn org<'a>(inner: &'a Inner, store: &'a Store, version: &'a str) -> Org<'a> {
    Org {
        schema: &inner.schema,
        store,
        now: (inner.now)(),
        version,
        id: &inner.org,
        user: &inner.user,
        calls: inner.calls.load(Ordering::Relaxed),
    }
}

/// The resources of one version. Parts of a composite request come here too.
pub fn data(org: &Org<'_>, call: &Call) -> Outcome<Reply> {
    let rest = call.segments.get(3..).unwrap_or_default();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match rest.as_slice() {
        [] => Ok(meta::resources(org)),
        ["sobjects"] => Ok(describe::all(org)),
        ["sobjects", object] => sobjects::of(org, call, object),
        ["sobjects", object, "describe"] => describe::one(org, call, object),
        ["sobjects", object, id] => sobjects::record(org, call, object, id),
        ["sobjects", object, id, field] if files::is_file(org, object, field) => {
            files::blob(org, call, object, id)
        }
        ["sobjects", object, field, value @ ..] => {
            sobjects::external(org, call, object, field, &value.join("/"))
        }
        ["query"] => query::run(org, call, false),
        ["queryAll"] => query::run(org, call, true),
        ["query" | "queryAll", locator] => query::more(org, locator),
        ["composite", rest @ ..] => composite::route(org, call, rest),
        ["ui-api", rest @ ..] => Ok(ui::route(org, call, rest)),
        ["analytics", rest @ ..] => analytics::route(org, call, rest),
        ["chatter" | "connect", rest @ ..] => chatter::route(org, call, rest),
        ["search"] => search::run(org, call),
        ["search", "layout"] => search::layout(org, call),
        ["search", "scopeOrder"] => Ok(search::scope(org)),
        ["parameterizedSearch"] => search::parameterized(org, call),
        ["graphql"] if call.method == "POST" => graphql::route(org, call),
        ["jobs", rest @ ..] => bulk::two(org, call, rest),
        ["recent"] => meta::recent(org, call),
        ["limits"] => Ok(meta::limits(org)),
        ["limits", "recordCount"] => meta::record_count(org, call),
        _ => Err(Fault::not_found()),
    }
}

pub fn version(call: &Call) -> Outcome<&str> {
    let segment = call.segments.get(2).map_or("", String::as_str);
    let old = call.segments.get(1).is_some_and(|name| name == "async");
    let version = match old {
        true => segment,
        false => segment.strip_prefix('v').unwrap_or_default(),
    };
    match version_number(version) {
        Some(_) => Ok(version),
        None => Err(Fault::not_found()),
    }
}

/// `60.0` as 60, if the interface has that version.
pub fn version_number(version: &str) -> Option<u32> {
    let number = version.strip_suffix(".0")?.parse().ok()?;
    VERSIONS.contains(&number).then_some(number)
}

/// The most that a zipped body may come to.
const MOST_BYTES: u64 = 50 * 1024 * 1024;

/// # Errors
/// When the body says that it is zipped, and is not.
pub fn unzip(call: &mut Call) -> Outcome<()> {
    let zipped = call.header("content-encoding");
    if !zipped.is_some_and(|coding| coding.eq_ignore_ascii_case("gzip")) {
        return Ok(());
    }
    let mut body = Vec::new();
    let mut reader = GzDecoder::new(call.body.as_slice()).take(MOST_BYTES);
    let read = reader.read_to_end(&mut body);
    read.map_err(|_| Fault::bad("JSON_PARSER_ERROR", "The body is no gzip stream"))?;
    call.body = body;
    Ok(())
}
