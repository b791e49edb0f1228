//! What the pages of people, sessions and programs are made of.

use askama::Template;

use crate::console::view::{Choice, Frame, Said};

/// A link to enrol with, shown this once.
pub(super) struct NewLink {
    pub login: String,
    pub address: String,
}

#[derive(Template)]
#[template(path = "console/people.html")]
pub(super) struct People<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub link: Option<NewLink>,
    pub people: Vec<PersonRow>,
    pub proposals: Vec<ProposalRow>,
    pub fresh: bool,
    pub step_up: String,
    pub typed: Typed,
    pub purposes: Vec<String>,
    pub policy_roles: Vec<Choice>,
    pub console_roles: Vec<Choice>,
}

/// What was typed and did not hold.
#[derive(Default)]
pub(super) struct Typed {
    pub login: String,
    pub display: String,
}

/// What waits for a second administrator.
pub(super) struct ProposalRow {
    pub id: i64,
    pub login: String,
    pub what: String,
    pub by: String,
    pub until: String,
    /// Whether whoever looks may confirm it: it is not theirs, nor about them.
    pub may_confirm: bool,
}

pub(super) struct PersonRow {
    pub at: String,
    pub login: String,
    pub display: String,
    pub state: String,
    pub factors: String,
    pub purpose: String,
    pub roles: String,
    pub console: String,
}

#[derive(Template)]
#[template(path = "console/person.html")]
pub(super) struct Person {
    pub frame: Frame,
    pub said: Option<Said>,
    pub link: Option<NewLink>,
    pub person: PersonRow,
    /// Whether it is they themselves who look.
    pub own: bool,
    pub invited: bool,
    pub disabled: bool,
    pub fresh: bool,
    pub step_up: String,
    pub policy_roles: Vec<Choice>,
    pub console_roles: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "console/sessions.html")]
pub(super) struct Sessions<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub sessions: Vec<SessionRow>,
    pub fresh: bool,
    pub step_up: String,
}

pub(super) struct SessionRow {
    pub id: String,
    pub login: String,
    pub surface: &'static str,
    pub factors: String,
    pub since: String,
    pub seen: String,
    pub ends: String,
}

#[derive(Template)]
#[template(path = "console/clients.html")]
pub(super) struct Clients<'a> {
    pub frame: Frame,
    pub help: &'a str,
    pub said: Option<Said>,
    pub clients: Vec<ClientRow>,
    pub fresh: bool,
    pub step_up: String,
}

#[derive(Template)]
#[template(path = "console/client.html")]
pub(super) struct Client {
    pub frame: Frame,
    pub said: Option<Said>,
    pub row: ClientRow,
    pub client_id: String,
    pub has_secret: bool,
    /// Requests a second, and how many at once.
    pub pace: u32,
    pub burst: u32,
    pub since: String,
    pub changed: String,
    /// What it holds, by kind.
    pub tokens: Vec<String>,
    /// Whether it keeps to a list, and the names on it.
    pub listed: bool,
    pub fields: String,
    /// The list as it is edited: one name a line, or what was typed and did not hold.
    pub typed: String,
    pub takes_list: bool,
    /// Made just now.
    pub secret: Option<String>,
    pub fresh: bool,
    pub step_up: String,
}

pub(super) struct ClientRow {
    pub at: String,
    pub name: String,
    pub enabled: bool,
    pub state: &'static str,
    pub proofs: String,
    pub purpose: String,
    pub roles: String,
    pub used: String,
}
