//! The table of routes: method, path, who, and what answers.

use bytes::Bytes;
use http::{Method, Response};

use crate::console::Console;
use crate::console::ask::Ask;
use crate::gate::staff::{ConsoleRole, ConsoleRoles};
use crate::signin::reply;

pub(super) type Handler = fn(&Console, &Ask<'_>) -> Response<Bytes>;

/// How a route is answered.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Page(Handler),
    /// Asked for by our script, and shown by nobody.
    Script(Handler),
    /// The same for everybody.
    Asset(fn() -> Response<Bytes>),
}

pub(super) struct Route {
    pub method: Method,
    /// `{}` is one segment.
    pub path: &'static str,
    /// One of them opens it.
    pub roles: ConsoleRoles,
    /// Whether the second factor must have been shown just now.
    pub fresh: bool,
    pub kind: Kind,
}

const NOBODY: ConsoleRoles = ConsoleRoles::none();
pub(super) const EVERYBODY: ConsoleRoles = NOBODY
    .with(ConsoleRole::Viewer)
    .with(ConsoleRole::Editor)
    .with(ConsoleRole::Approver)
    .with(ConsoleRole::Auditor)
    .with(ConsoleRole::Admin);
/// Who reads policies.
pub(super) const READERS: ConsoleRoles = NOBODY
    .with(ConsoleRole::Viewer)
    .with(ConsoleRole::Editor)
    .with(ConsoleRole::Approver);
/// Who sees what crosses the border, as counts.
pub(super) const WATCHERS: ConsoleRoles = READERS.with(ConsoleRole::Auditor);
const EDITORS: ConsoleRoles = NOBODY.with(ConsoleRole::Editor);
const APPROVERS: ConsoleRoles = NOBODY.with(ConsoleRole::Approver);
pub(super) const AUDITORS: ConsoleRoles = NOBODY.with(ConsoleRole::Auditor);
pub(super) const ADMINS: ConsoleRoles = NOBODY.with(ConsoleRole::Admin);

const fn look(path: &'static str, roles: ConsoleRoles, handler: Handler) -> Route {
    Route {
        method: Method::GET,
        path,
        roles,
        fresh: false,
        kind: Kind::Page(handler),
    }
}

const fn act(path: &'static str, roles: ConsoleRoles, handler: Handler) -> Route {
    Route {
        method: Method::POST,
        path,
        roles,
        fresh: false,
        kind: Kind::Page(handler),
    }
}

/// As [`act`], after the second factor.
const fn act_fresh(path: &'static str, roles: ConsoleRoles, handler: Handler) -> Route {
    Route {
        method: Method::POST,
        path,
        roles,
        fresh: true,
        kind: Kind::Page(handler),
    }
}

const fn script(path: &'static str, roles: ConsoleRoles, handler: Handler) -> Route {
    Route {
        method: Method::POST,
        path,
        roles,
        fresh: false,
        kind: Kind::Script(handler),
    }
}

const fn asset(path: &'static str, asset: fn() -> Response<Bytes>) -> Route {
    Route {
        method: Method::GET,
        path,
        roles: NOBODY,
        fresh: false,
        kind: Kind::Asset(asset),
    }
}

pub(super) static ROUTES: &[Route] = &[
    asset("/console.css", || {
        reply::asset("text/css; charset=utf-8", include_str!("style.css"))
    }),
    asset("/console.js", || {
        reply::asset("text/javascript; charset=utf-8", include_str!("lint.js"))
    }),
    asset("/complete.js", || {
        reply::asset(
            "text/javascript; charset=utf-8",
            include_str!("complete.js"),
        )
    }),
    asset("/console.svg", icon),
    // Browsers ask for it by themselves.
    asset("/favicon.ico", icon),
    look("/", EVERYBODY, Console::first),
    look("/overview", WATCHERS, Console::overview),
    look("/policy", READERS, Console::policy),
    look("/policy/text", READERS, Console::policy_text),
    look("/policy/file", READERS, Console::policy_file),
    look("/drafts", READERS, Console::drafts),
    act("/drafts", EDITORS, Console::draft_begin),
    script("/drafts/lint", EDITORS, Console::lint),
    script("/drafts/complete", EDITORS, Console::complete),
    look("/drafts/field", EDITORS, Console::field),
    act("/drafts/field", EDITORS, Console::field_save),
    look("/drafts/{}", READERS, Console::draft),
    look("/drafts/{}/file", READERS, Console::draft_file),
    look("/drafts/{}/what-if", READERS, Console::what_if),
    look("/drafts/{}/text", EDITORS, Console::draft_text),
    act("/drafts/{}/text", EDITORS, Console::draft_save),
    act("/drafts/{}/merge", EDITORS, Console::draft_merge),
    act("/drafts/{}/submit", EDITORS, Console::draft_submit),
    act("/drafts/{}/drop", EDITORS, Console::draft_drop),
    // What gets weaker needs a fresh factor; `review` knows whether it does.
    act("/drafts/{}/approve", APPROVERS, Console::draft_approve),
    act("/drafts/{}/refuse", APPROVERS, Console::draft_refuse),
    act_fresh("/drafts/{}/emergency", APPROVERS, Console::draft_emergency),
    look("/versions", READERS, Console::versions),
    look("/versions/{}", READERS, Console::version),
    look("/versions/{}/file", READERS, Console::version_file),
    act("/versions/{}/rollback", APPROVERS, Console::roll_back),
    act_fresh("/versions/{}/reviewed", APPROVERS, Console::looked_at),
    look("/ledger", AUDITORS, Console::ledger),
    look("/ledger/export", AUDITORS, Console::ledger_export),
    act("/ledger/verify", AUDITORS, Console::ledger_verify),
    look("/people", ADMINS, Console::people),
    act_fresh("/people", ADMINS, Console::invite),
    look("/people/{}", ADMINS, Console::person),
    act_fresh("/people/{}/roles", ADMINS, Console::person_roles),
    act_fresh("/people/{}/link", ADMINS, Console::person_link),
    act_fresh("/people/{}/disable", ADMINS, Console::person_disable),
    act_fresh("/people/{}/enable", ADMINS, Console::person_enable),
    act_fresh("/people/{}/reset", ADMINS, Console::person_reset),
    act_fresh("/proposals/{}/confirm", ADMINS, Console::proposal_confirm),
    act("/proposals/{}/refuse", ADMINS, Console::proposal_refuse),
    look("/sessions", ADMINS, Console::sessions),
    act_fresh("/sessions/end", ADMINS, Console::session_end),
    look("/clients", ADMINS, Console::clients),
    look("/clients/{}", ADMINS, Console::client),
    // What lets a program use more, and a new secret, another administrator confirms.
    act_fresh("/clients/{}/fields", ADMINS, Console::client_fields),
    act_fresh("/clients/{}/all-fields", ADMINS, Console::client_all_fields),
    act_fresh("/clients/{}/secret", ADMINS, Console::client_secret),
    act_fresh("/clients/{}/revoke", ADMINS, Console::client_revoke),
    act_fresh("/clients/{}/disable", ADMINS, Console::client_disable),
    act_fresh("/clients/{}/enable", ADMINS, Console::client_enable),
];

fn icon() -> Response<Bytes> {
    reply::asset("image/svg+xml", include_str!("icon.svg"))
}

/// What stands in the open places of a path, if the path is of this form.
pub(super) fn matched(form: &str, path: &str) -> Option<Vec<String>> {
    let (mut known, mut asked) = (form.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        match (known.next(), asked.next()) {
            (None, None) => return Some(found),
            (Some("{}"), Some(segment)) if !segment.is_empty() => {
                let text = percent_encoding::percent_decode_str(segment).decode_utf8();
                found.push(text.ok()?.into_owned());
            }
            (Some(form), Some(segment)) if form == segment => {}
            _ => return None,
        }
    }
}
