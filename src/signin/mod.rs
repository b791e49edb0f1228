//! The pages on which people sign in, enrol, and look after their factors: everything under
//! `/.sluis/` on the border's own hosts, and on the console's.
//!
//! Rendered here, without script but for passkeys. A page decides nothing: each form becomes one
//! call of the gate, and what the gate says becomes the next page. It never sees what the CRM
//! holds, never takes a form from another site or from a script of the CRM's, never shows a page to
//! such a script, and never sends a browser to another host, but for the identity provider that is
//! configured.
//!
//! Everything here is synchronous and may take tens of milliseconds (a password's hash): the server
//! calls it where blocking is allowed.
//!
//! Read first: [`Pages::answer`], which is the table of routes, and `guard.rs` for what a request
//! must show.

mod account;
mod changes;
mod cookie;
mod enrolment;
mod guard;
pub mod language;
mod passkeys;
mod provider;
pub mod reply;
mod steps;
pub mod token;
mod view;
mod words;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};

use crate::gate::Gate;
use crate::gate::staff::{Surface, Visitor};
use crate::oidc::Provider;
use crate::signin::words::Words;

pub use cookie::{session, strip};
pub use guard::{
    is_fetch, is_navigation, is_navigation_to, is_same_origin, is_service_worker, sign_in_at,
    step_up_at,
};
pub use steps::form;

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
    /// What a session that begins here is to open.
    pub surface: Surface,
}

impl Visit {
    /// Who sends it, for the gate.
    #[must_use]
    pub fn visitor(&self) -> Visitor<'_> {
        Visitor {
            cookie: session(&self.headers),
            source: self.source,
            host: &self.host,
            surface: self.surface,
        }
    }

    /// A parameter of the query; the first where it comes twice.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
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
    /// The organization's identity provider, if it has one.
    provider: Option<Arc<Provider>>,
}

impl Pages {
    #[must_use]
    pub fn new(gate: Arc<Gate>, provider: Option<Arc<Provider>>) -> Self {
        Self { gate, provider }
    }

    /// Answers a request for a path of ours. Blocks.
    #[must_use]
    pub fn answer(&self, visit: &Visit) -> Response<Bytes> {
        let words = language::words(&visit.headers, visit.surface);
        let changes = !matches!(visit.method, Method::GET | Method::HEAD);
        if changes && !is_same_origin(&visit.headers, &visit.host) {
            return reply::message(words, StatusCode::FORBIDDEN, words.other_site);
        }
        let path = visit.path.strip_prefix(ROOT).unwrap_or_default();
        let method = match visit.method {
            Method::HEAD => &Method::GET,
            ref method => method,
        };
        let mut routes = ROUTES.iter();
        let Some((_, _, kind, handler)) =
            routes.find(|(known, at, _, _)| known == method && *at == path)
        else {
            return reply::message(words, StatusCode::NOT_FOUND, words.no_page);
        };
        if matches!(kind, Kind::Page) && !is_navigation_to(&visit.headers) {
            tracing::warn!(source = %visit.source, "a page of ours was asked for by a script");
            return reply::message(words, StatusCode::FORBIDDEN, words.not_shown);
        }
        if changes && !token::is_shown(visit) {
            tracing::warn!(source = %visit.source, "a form without its token was refused");
            return match kind {
                Kind::Call => passkeys::stale(words),
                Kind::Page | Kind::Asset => {
                    reply::message(words, StatusCode::FORBIDDEN, words.stale_form)
                }
            };
        }
        handler(self, visit, words)
    }
}

/// How the browser comes to a route.
#[derive(Clone, Copy)]
enum Kind {
    /// It shows the answer as a page of its own, whether it was asked for or is what a form gave.
    Page,
    /// A page of ours loads it; it is the same for everybody.
    Asset,
    /// Our script on a page of ours sends it.
    Call,
}

type Handler = fn(&Pages, &Visit, &'static Words) -> Response<Bytes>;

/// All pages, by method and what stands behind [`ROOT`].
const ROUTES: [(Method, &str, Kind, Handler); 30] = [
    (Method::GET, "", Kind::Page, |_, _, _| {
        reply::see_other("/.sluis/account")
    }),
    (Method::GET, "/", Kind::Page, |_, _, _| {
        reply::see_other("/.sluis/account")
    }),
    (Method::GET, "/sign-in", Kind::Page, Pages::sign_in_page),
    (Method::GET, "/sign-in/code", Kind::Page, Pages::code_page),
    (
        Method::GET,
        "/sign-in/recovery",
        Kind::Page,
        Pages::recovery_page,
    ),
    (Method::GET, "/step-up", Kind::Page, Pages::step_up_page),
    (
        Method::GET,
        "/oidc/start",
        Kind::Page,
        Pages::provider_start,
    ),
    (
        Method::GET,
        "/oidc/callback",
        Kind::Page,
        Pages::provider_callback,
    ),
    (Method::GET, "/enrol", Kind::Page, Pages::enrol_page),
    (Method::GET, "/account", Kind::Page, Pages::account_page),
    (
        Method::GET,
        "/account/password",
        Kind::Page,
        Pages::password_page,
    ),
    (
        Method::GET,
        "/account/codes",
        Kind::Page,
        Pages::new_codes_page,
    ),
    (Method::GET, "/style.css", Kind::Asset, |_, _, _| {
        reply::asset("text/css; charset=utf-8", STYLE)
    }),
    (Method::GET, "/passkey.js", Kind::Asset, |_, _, _| {
        reply::asset("text/javascript; charset=utf-8", SCRIPT)
    }),
    (Method::POST, "/sign-in", Kind::Page, Pages::password),
    (Method::POST, "/sign-in/code", Kind::Page, Pages::code),
    (
        Method::POST,
        "/sign-in/recovery",
        Kind::Page,
        Pages::recovery,
    ),
    (Method::POST, "/sign-out", Kind::Page, Pages::sign_out),
    (Method::POST, "/step-up", Kind::Page, Pages::step_up),
    (Method::POST, "/enrol", Kind::Page, Pages::enrol),
    (
        Method::POST,
        "/account/password",
        Kind::Page,
        Pages::change_password,
    ),
    (
        Method::POST,
        "/account/codes",
        Kind::Page,
        Pages::change_codes,
    ),
    (
        Method::POST,
        "/account/recovery-codes",
        Kind::Page,
        Pages::recovery_codes,
    ),
    (
        Method::POST,
        "/account/passkey/remove",
        Kind::Page,
        Pages::remove_passkey,
    ),
    (
        Method::POST,
        "/passkey/sign-in/start",
        Kind::Call,
        Pages::passkey_start,
    ),
    (
        Method::POST,
        "/passkey/sign-in/finish",
        Kind::Call,
        Pages::passkey_finish,
    ),
    (
        Method::POST,
        "/passkey/enrol/start",
        Kind::Call,
        Pages::enrol_start,
    ),
    (
        Method::POST,
        "/passkey/enrol/finish",
        Kind::Call,
        Pages::enrol_finish,
    ),
    (
        Method::POST,
        "/passkey/add/start",
        Kind::Call,
        Pages::add_start,
    ),
    (
        Method::POST,
        "/passkey/add/finish",
        Kind::Call,
        Pages::add_finish,
    ),
];

/// Every page by method and path behind [`ROOT`], for tests that are to try all.
pub fn routes() -> impl Iterator<Item = (Method, &'static str)> {
    ROUTES
        .iter()
        .map(|(method, path, _, _)| (method.clone(), *path))
}

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("passkey.js");
