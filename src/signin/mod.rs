//! The pages on which people sign in, enrol, and look after their factors: everything under
//! `/.sluis/` on the border's own hosts.
//!
//! Rendered here, without script but for passkeys. A page decides nothing: each form becomes one
//! call of the gate, and what the gate says becomes the next page. It never sees what the CRM
//! holds, never takes a form from another site, and never sends a browser to another host.
//!
//! Everything here is synchronous and may take tens of milliseconds (a password's hash): the server
//! calls it where blocking is allowed.
//!
//! Read first: [`Pages::answer`], which is the table of routes, and `guard.rs` for what a request
//! must show.

mod account;
mod cookie;
mod enrolment;
mod guard;
mod language;
mod passkeys;
mod reply;
mod steps;
mod view;
mod words;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};

use crate::gate::Gate;
use crate::gate::staff::Visitor;
use crate::signin::words::Words;

pub use cookie::{session, strip};
pub use guard::{is_navigation, is_same_origin, sign_in_at};

/// Where our pages are. Nothing under it ever goes to a CRM.
pub const ROOT: &str = "/.sluis";

/// The longest body of a form or of a passkey's answer.
pub const LONGEST_BODY: usize = 64 * 1024;

/// A request for one of our pages.
#[derive(Debug)]
pub struct Visit {
    pub method: Method,
    /// Canonical, without the query.
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The peer's address, or the one that a trusted proxy vouches for.
    pub source: IpAddr,
    /// The configured name that was asked for, with its port.
    pub host: String,
}

impl Visit {
    fn visitor(&self) -> Visitor<'_> {
        Visitor {
            cookie: session(&self.headers),
            source: self.source,
            host: &self.host,
        }
    }

    /// A parameter of the query; the first where it comes twice.
    fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref()?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// Whether a path is one of ours.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    path.strip_prefix(ROOT)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The pages over one gate.
#[derive(Clone)]
pub struct Pages {
    gate: Arc<Gate>,
}

impl Pages {
    #[must_use]
    pub fn new(gate: Arc<Gate>) -> Self {
        Self { gate }
    }

    /// Answers a request for a path of ours. Blocks.
    #[must_use]
    pub fn answer(&self, visit: &Visit) -> Response<Bytes> {
        let words = language::words(&visit.headers);
        let changes = !matches!(visit.method, Method::GET | Method::HEAD);
        if changes && !is_same_origin(&visit.headers, &visit.host) {
            return reply::message(words, StatusCode::FORBIDDEN, words.other_site);
        }
        let path = visit.path.strip_prefix(ROOT).unwrap_or_default();
        match visit.method {
            Method::GET | Method::HEAD => self.get(path, visit, words),
            Method::POST => self.post(path, visit, words),
            _ => reply::message(words, StatusCode::NOT_FOUND, words.no_page),
        }
    }

    fn get(&self, path: &str, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match path {
            "" | "/" => reply::see_other("/.sluis/account"),
            "/sign-in" => self.sign_in_page(visit, words),
            "/sign-in/code" => self.code_page(visit, words),
            "/sign-in/recovery" => self.recovery_page(visit, words),
            "/step-up" => self.step_up_page(visit, words),
            "/enrol" => self.enrol_page(visit, words),
            "/account" => self.account_page(visit, words),
            "/style.css" => reply::asset("text/css; charset=utf-8", STYLE),
            "/passkey.js" => reply::asset("text/javascript; charset=utf-8", SCRIPT),
            _ => reply::message(words, StatusCode::NOT_FOUND, words.no_page),
        }
    }

    fn post(&self, path: &str, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match path {
            "/sign-in" => self.password(visit, words),
            "/sign-in/code" => self.code(visit, words),
            "/sign-in/recovery" => self.recovery(visit, words),
            "/sign-out" => self.sign_out(visit, words),
            "/step-up" => self.step_up(visit, words),
            "/enrol" => self.enrol(visit, words),
            "/account/recovery-codes" => self.recovery_codes(visit, words),
            "/account/passkey/remove" => self.remove_passkey(visit, words),
            "/passkey/sign-in/start" => self.passkey_start(visit, words),
            "/passkey/sign-in/finish" => self.passkey_finish(visit, words),
            "/passkey/enrol/start" => self.enrol_start(visit, words),
            "/passkey/enrol/finish" => self.enrol_finish(visit, words),
            "/passkey/add/start" => self.add_start(visit, words),
            "/passkey/add/finish" => self.add_finish(visit, words),
            _ => reply::message(words, StatusCode::NOT_FOUND, words.no_page),
        }
    }
}

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("passkey.js");
