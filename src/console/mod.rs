//! The console: where people look after the border. They see what crosses it and how it is protected,
//! read and change the policy, read the ledger, and look after people and programs.
//!
//! It has a listener, an origin and sessions of its own. Nothing here reaches a value: it sees the
//! ledger (which has names and counts), the policy and the gate. Each route says which roles open it,
//! and whoever has none of them learns which those are and nothing else.
//!
//! Synchronous, like the pages of sign-in, which stand here too (`signin`): the server calls
//! [`Console::answer`] where blocking is allowed.
//!
//! Read first: [`Console::answer`], `routes.rs` for the table, [`House`] for what it is given.

mod ask;
mod changes;
mod chart;
mod clients;
mod complete;
mod drafts;
mod drafts_view;
mod field;
mod house;
mod ledger;
mod overview;
mod people;
mod people_view;
mod policy;
mod proposals;
mod routes;
#[cfg(test)]
mod tests;
mod told;
mod traffic;
mod verdict;
mod versions;
mod view;
mod what_if;
mod words;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Response, StatusCode};

use crate::console::ask::Ask;
use crate::console::routes::{Kind, ROUTES, Route};
use crate::console::traffic::Traffic;
use crate::console::words::Words;
use crate::gate::Gate;
use crate::gate::staff::{ConsoleRoles, Seated};
use crate::ledger::Ledger;
use crate::model::Clock;
use crate::oidc::Provider;
use crate::signin::{self, Pages, Visit, reply, token};

pub use house::{Health, House, NotTried};

/// The longest body of a form: a policy as text.
pub const LONGEST_BODY: usize = 1024 * 1024;

/// The console over one border.
pub struct Console {
    gate: Arc<Gate>,
    pages: Pages,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    house: Box<dyn House>,
    traffic: Traffic,
}

impl Console {
    #[must_use]
    pub fn new(
        gate: Arc<Gate>,
        provider: Option<Arc<Provider>>,
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        house: Box<dyn House>,
    ) -> Self {
        let pages = Pages::new(Arc::clone(&gate), provider);
        Self {
            gate,
            pages,
            ledger,
            clock,
            house,
            traffic: Traffic::default(),
        }
    }

    /// Answers a request. Blocks.
    #[must_use]
    pub fn answer(&self, visit: &Visit) -> Response<Bytes> {
        if signin::is_ours(&visit.path) {
            return self.pages.answer(visit);
        }
        let words = words::of(&visit.headers);
        let changes = !matches!(visit.method, Method::GET | Method::HEAD);
        if changes && !signin::is_same_origin(&visit.headers, &visit.host) {
            return view::message(words, StatusCode::FORBIDDEN, words.other_site);
        }
        let method = match visit.method {
            Method::HEAD => &Method::GET,
            ref method => method,
        };
        let mut routes = ROUTES.iter();
        let found = routes.find_map(|route| {
            let known = route.method == *method;
            let parameters = known.then(|| routes::matched(route.path, &visit.path));
            parameters.flatten().map(|parameters| (route, parameters))
        });
        let Some((route, parameters)) = found else {
            // Nothing is told of what is here to whoever is not signed in.
            return match self.seat(visit, words) {
                Ok(_) => view::message(words, StatusCode::NOT_FOUND, words.no_page),
                Err(elsewhere) => *elsewhere,
            };
        };
        if let Kind::Asset(asset) = route.kind {
            return asset();
        }
        let fits = match route.kind {
            Kind::Script(_) => signin::is_fetch(&visit.headers),
            Kind::Page(_) | Kind::Asset(_) => signin::is_navigation_to(&visit.headers),
        };
        if !fits {
            return view::message(words, StatusCode::FORBIDDEN, words.not_shown);
        }
        let seated = match self.seat(visit, words) {
            Ok(seated) => seated,
            Err(elsewhere) => return *elsewhere,
        };
        if changes && !token::is_shown(visit) {
            return view::message(words, StatusCode::FORBIDDEN, words.stale_form);
        }
        if let Err(refused) = admits(route, &seated, visit, words) {
            return *refused;
        }
        let ask = Ask::new(visit, words, seated, parameters);
        match route.kind {
            Kind::Page(handler) | Kind::Script(handler) => handler(self, &ask),
            Kind::Asset(asset) => asset(),
        }
    }

    /// Who is signed in here with both factors; whoever is not is led to where they sign in.
    fn seat(&self, visit: &Visit, words: &'static Words) -> Result<Seated, Box<Response<Bytes>>> {
        let seated = match self.gate.seated(&visit.visitor()) {
            Ok(seated) => seated.filter(|seated| seated.full),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a session failed");
                let status = StatusCode::SERVICE_UNAVAILABLE;
                return Err(view::message(words, status, words.failed).into());
            }
        };
        let Some(seated) = seated else {
            // A form is not sent again by itself, so it leads back to the page of all.
            let target = match (&visit.method, &visit.query) {
                (&Method::GET, Some(query)) => format!("{}?{query}", visit.path),
                (&Method::GET, None) => visit.path.clone(),
                _ => "/".to_owned(),
            };
            return Err(reply::see_other(&signin::sign_in_at(&target)).into());
        };
        if !seated.paced {
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(view::message(words, status, words.too_fast).into());
        }
        if let (true, Some(cookie)) = (seated.touch, visit.visitor().cookie) {
            self.gate.touch_session(cookie);
        }
        Ok(seated)
    }
}

/// Whether the person's roles open the route, and, where it needs that, whether their second factor
/// was shown just now.
fn admits(
    route: &Route,
    seated: &Seated,
    visit: &Visit,
    words: &'static Words,
) -> Result<(), Box<Response<Bytes>>> {
    let needed = route.roles;
    if !needed.meets(seated.person.console) {
        tracing::warn!(
            path = route.path,
            "a role at the console does not open this"
        );
        let text = words
            .wrong_role
            .replace("{roles}", &roles_in(needed, words));
        return Err(view::forbidden(words, visit, seated, &text).into());
    }
    if route.fresh && !seated.fresh {
        // A form is not sent again by itself: the page that it stands on is.
        let back = visit
            .headers
            .get(http::header::REFERER)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.strip_prefix("https://"))
            .and_then(|text| text.strip_prefix(visit.host.as_str()))
            .unwrap_or("/");
        return Err(reply::see_other(&signin::step_up_at(back)).into());
    }
    Ok(())
}

/// The names of roles, as a sentence has them.
fn roles_in(roles: ConsoleRoles, words: &Words) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    names.join(&format!(" {} ", words.or))
}

/// Every route by method and path, with the roles that open it, for tests that are to try all. None
/// where it is the same for everybody.
pub fn routes() -> impl Iterator<Item = (Method, &'static str, Option<ConsoleRoles>, Asked)> {
    ROUTES.iter().map(|route| {
        let open = matches!(route.kind, Kind::Asset(_));
        (
            route.method.clone(),
            route.path,
            (!open).then_some(route.roles),
            match route.kind {
                Kind::Script(_) => Asked::ByScript,
                Kind::Page(_) | Kind::Asset(_) if route.fresh => Asked::Fresh,
                Kind::Page(_) | Kind::Asset(_) => Asked::Plainly,
            },
        )
    })
}

/// How a route is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asked {
    /// As a page or by a form.
    Plainly,
    /// By a form, after a second factor that was shown just now.
    Fresh,
    /// By our script.
    ByScript,
}
