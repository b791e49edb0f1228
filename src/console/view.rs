//! What each page is made of. The templates stand in `templates/console/` and escape by default; the
//! one thing that is not escaped is a chart, which is made of numbers and words of ours.

use askama::Template;
use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::ask::Ask;
use crate::console::changes::Finding;
use crate::console::routes::{ADMINS, AUDITORS, READERS, WATCHERS};
use crate::console::words::Words;
use crate::gate::staff::Seated;
use crate::signin::{Visit, reply, token};

/// What stands around every page.
pub(super) struct Frame {
    pub words: &'static Words,
    pub token: String,
    pub display: String,
    pub nav: Vec<Item>,
    pub flags: Vec<Flag>,
}

/// A page to go to.
pub(super) struct Item {
    pub at: &'static str,
    pub label: &'static str,
    pub here: bool,
}

/// Something that everybody is to see.
pub(super) struct Flag {
    pub text: String,
    pub at: String,
    pub label: &'static str,
}

/// What became of an act.
pub(super) struct Said {
    pub good: bool,
    pub text: String,
}

impl Said {
    pub fn good(text: impl Into<String>) -> Self {
        Self {
            good: true,
            text: text.into(),
        }
    }

    pub fn bad(text: impl Into<String>) -> Self {
        Self {
            good: false,
            text: text.into(),
        }
    }

    pub fn status(said: Option<&Self>) -> StatusCode {
        match said {
            Some(said) if !said.good => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::OK,
        }
    }
}

impl Frame {
    pub fn of(ask: &Ask<'_>, flags: Vec<Flag>) -> Self {
        Self::around(ask.words, ask.visit, Some(&ask.seated), flags)
    }

    fn around(
        words: &'static Words,
        visit: &Visit,
        seated: Option<&Seated>,
        flags: Vec<Flag>,
    ) -> Self {
        let pages = [
            ("/overview", words.overview, WATCHERS),
            ("/policy", words.policy, READERS),
            ("/drafts", words.drafts, READERS),
            ("/versions", words.versions, READERS),
            ("/ledger", words.ledger, AUDITORS),
            ("/people", words.people, ADMINS),
            ("/sessions", words.sessions, ADMINS),
            ("/clients", words.clients, ADMINS),
        ];
        let held = seated.map(|seated| seated.person.console);
        let open = pages
            .into_iter()
            .filter(|(_, _, roles)| held.is_some_and(|held| roles.meets(held)));
        let nav = open.map(|(at, label, _)| Item {
            at,
            label,
            here: visit.path == at || visit.path.starts_with(&format!("{at}/")),
        });
        Self {
            words,
            token: token::of(visit),
            display: seated.map_or_else(String::new, |seated| seated.person.display.clone()),
            nav: nav.collect(),
            flags,
        }
    }
}

/// Where somebody with these roles begins.
pub(super) fn first_page(ask: &Ask<'_>) -> &'static str {
    let frame = Frame::of(ask, vec![]);
    frame.nav.first().map_or("/.sluis/account", |item| item.at)
}

#[derive(Template)]
#[template(path = "console/message.html")]
struct Message<'a> {
    frame: Frame,
    title: &'a str,
    text: &'a str,
}

/// A page with one sentence, for whoever is not known to be anybody.
pub(super) fn message(words: &'static Words, status: StatusCode, text: &str) -> Response<Bytes> {
    let frame = Frame {
        words,
        token: String::new(),
        display: String::new(),
        nav: vec![],
        flags: vec![],
    };
    let title = words.product;
    reply::page(status, &Message { frame, title, text })
}

/// A page with one sentence, for whoever has another role.
pub(super) fn forbidden(
    words: &'static Words,
    visit: &Visit,
    seated: &Seated,
    text: &str,
) -> Response<Bytes> {
    let frame = Frame::around(words, visit, Some(seated), vec![]);
    let title = words.not_yours;
    reply::page(StatusCode::FORBIDDEN, &Message { frame, title, text })
}

/// As [`message`], for somebody who is signed in.
pub(super) fn told(ask: &Ask<'_>, status: StatusCode, text: &str) -> Response<Bytes> {
    let title = ask.words.product;
    let frame = Frame::of(ask, vec![]);
    reply::page(status, &Message { frame, title, text })
}

/// One of several to choose from.
pub(super) struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

impl Choice {
    pub fn new(value: &str, label: &str, chosen: bool) -> Self {
        Self {
            value: value.to_owned(),
            label: label.to_owned(),
            chosen,
        }
    }
}

/// A name and its numbers.
pub(super) struct Row {
    pub label: String,
    pub counts: Vec<u64>,
}

/// A number that is to be seen at a glance.
pub(super) struct Tile {
    pub kind: &'static str,
    pub number: String,
    pub label: &'static str,
}

/// What a color of a chart means.
pub(super) struct Series {
    pub kind: &'static str,
    pub label: &'static str,
}

/// One part of the house and how it stands.
pub(super) struct Check {
    pub good: bool,
    pub label: String,
    pub text: String,
}

#[derive(Template)]
#[template(path = "console/overview.html")]
pub(super) struct Overview<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub spans: Vec<Choice>,
    pub tiles: Vec<Tile>,
    /// Whether older entries were left out.
    pub partial: bool,
    pub empty: bool,
    /// An SVG element of ours.
    pub chart: String,
    pub series: Vec<Series>,
    pub rows: Vec<Row>,
    pub fields: Vec<Row>,
    pub classes: Vec<Row>,
    pub refused: Vec<Row>,
    pub findings: Vec<Finding>,
    pub checks: Vec<Check>,
}

#[derive(Template)]
#[template(path = "console/policy.html")]
pub(super) struct Policy<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub hash: String,
    pub objects: Vec<Choice>,
    pub object: String,
    pub may_edit: bool,
    /// Fields that the CRM has and no rule names.
    pub unknown: Vec<Unknown>,
    pub fields: Vec<FieldRow>,
}

pub(super) struct Unknown {
    pub name: String,
    pub kind: String,
    pub demanded: bool,
}

pub(super) struct FieldRow {
    pub name: String,
    pub kind: String,
    /// Whether the CRM takes no record without it.
    pub demanded: bool,
    /// How often it was written in the last seven days.
    pub written: String,
    pub class: String,
    pub category: String,
    pub special: bool,
    pub action: String,
    pub search: bool,
    pub roles: String,
    pub purpose: String,
    pub basis: String,
    pub retention: String,
    pub verdict: VerdictView,
}

pub(super) struct VerdictView {
    pub kind: &'static str,
    pub text: String,
}

#[derive(Template)]
#[template(path = "console/policy_text.html")]
pub(super) struct PolicyText {
    pub frame: Frame,
    pub said: Option<Said>,
    pub text: String,
}

#[derive(Template)]
#[template(path = "console/ledger.html")]
pub(super) struct LedgerPage<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub filter: Filter,
    pub objects: Vec<String>,
    pub kinds: Vec<Choice>,
    /// The filter, to be put behind an address that has a parameter.
    pub query: String,
    pub entries: Vec<EntryRow>,
    /// Where older entries are; empty where there are none.
    pub older: String,
}

/// What was typed into the filter.
#[derive(Default)]
pub(super) struct Filter {
    pub who: String,
    pub object: String,
    pub field: String,
    pub kind: String,
    pub from: String,
    pub until: String,
}

pub(super) struct EntryRow {
    pub number: u64,
    pub time: String,
    pub kind: &'static str,
    pub who: String,
    pub roles: String,
    pub operation: String,
    pub touched: Vec<String>,
    pub outcome: String,
}
