//! People: who there is, what they may do, and how they get in. Nobody changes themselves here.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::people_view::{
    NewLink, People, Person, PersonRow, SessionRow, Sessions, Typed,
};
use crate::console::proposals;
use crate::console::view::{self, Choice, Frame, Said};
use crate::console::words::Words;
use crate::gate::staff::{
    ConsoleRole, ConsoleRoles, Given, Link, ListedPerson, NewPerson, Proposed, State, Surface,
    Wanted,
};
use crate::gate::{Error, Form, Gate};
use crate::signin::{reply, step_up_at};

/// How long a link holds.
pub(super) const LINK: Duration = Duration::from_hours(24);

impl Console {
    pub(super) fn people(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_people(ask, None, None, Typed::default())
    }

    pub(super) fn show_people(
        &self,
        ask: &Ask<'_>,
        said: Option<Said>,
        link: Option<NewLink>,
        typed: Typed,
    ) -> Response<Bytes> {
        let words = ask.words;
        let (Ok(people), Ok(proposals)) = (self.gate.people(), self.gate.proposals()) else {
            return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, words.failed);
        };
        let plan = self.house.plan();
        let page = People {
            frame: Frame::of(ask, vec![]),
            help: words.help_people,
            people: people.iter().map(|person| row(person, words)).collect(),
            proposals: proposals::rows(&proposals, ask),
            fresh: ask.seated.fresh,
            step_up: step_up_at("/people"),
            purposes: purposes(&plan),
            policy_roles: policy_roles(&plan, &[]),
            console_roles: console_roles(ConsoleRoles::none(), words),
            said,
            link,
            typed,
        };
        reply::page(Said::status(page.said.as_ref()), &page)
    }

    pub(super) fn invite(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let field = |name| form.field(name).unwrap_or_default().trim().to_owned();
        let new = NewPerson {
            login: field("login"),
            display: field("display"),
            purpose: field("purpose"),
            roles: self.roles_of(&form),
            console: console_of(&form),
        };
        if new.roles.is_empty() && new.console.is_empty() {
            let typed = Typed {
                login: new.login,
                display: new.display,
            };
            let said = Said::bad(ask.words.no_role_chosen);
            return self.show_people(ask, Some(said), None, typed);
        }
        let wanted = Wanted::Add(new.clone());
        match self.by(ask).propose(&new.login, &wanted, LINK) {
            Ok(Proposed::Done(given)) => {
                let link = match given {
                    Given::Link(link) => self.link(ask, &link, new.roles.is_empty()),
                    Given::Nothing | Given::Secret(_) => None,
                };
                self.show_people(ask, None, link, Typed::default())
            }
            Ok(Proposed::Waits) => {
                let said = Said::good(ask.words.waits_for_second);
                self.show_people(ask, Some(said), None, Typed::default())
            }
            Err(error) => {
                let typed = Typed {
                    login: new.login,
                    display: new.display,
                };
                let said = Said::bad(said(&error, ask.words));
                self.show_people(ask, Some(said), None, typed)
            }
        }
    }

    pub(super) fn person(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_person(ask, None, None)
    }

    fn show_person(
        &self,
        ask: &Ask<'_>,
        said: Option<Said>,
        link: Option<NewLink>,
    ) -> Response<Bytes> {
        let words = ask.words;
        let Ok(people) = self.gate.people() else {
            return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, words.failed);
        };
        let login = ask.parameter();
        let Some(person) = people.iter().find(|person| person.login == login) else {
            return view::told(ask, StatusCode::NOT_FOUND, words.no_person);
        };
        let plan = self.house.plan();
        let shown = row(person, words);
        let page = Person {
            frame: Frame::of(ask, vec![]),
            own: person.login == ask.login(),
            invited: person.state == State::Invited,
            disabled: person.state == State::Disabled,
            fresh: ask.seated.fresh,
            step_up: step_up_at(&shown.at),
            policy_roles: policy_roles(&plan, &person.roles),
            console_roles: console_roles(person.console, words),
            person: shown,
            said,
            link,
        };
        reply::page(Said::status(page.said.as_ref()), &page)
    }

    pub(super) fn person_roles(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let (roles, console) = (self.roles_of(&form), console_of(&form));
        self.propose(ask, &Wanted::Roles(roles, console))
    }

    pub(super) fn person_link(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.propose(ask, &Wanted::Link)
    }

    pub(super) fn person_disable(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.change(ask, |gate, login| {
            gate.disable_person(login)?;
            Ok(Proposed::Done(Given::Nothing))
        })
    }

    pub(super) fn person_enable(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.propose(ask, &Wanted::Enable)
    }

    pub(super) fn person_reset(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.propose(ask, &Wanted::Reset)
    }

    fn propose(&self, ask: &Ask<'_>, wanted: &Wanted) -> Response<Bytes> {
        self.change(ask, |gate, login| gate.propose(login, wanted, LINK))
    }

    /// One change of somebody else.
    fn change(
        &self,
        ask: &Ask<'_>,
        what: impl FnOnce(&Gate, &str) -> Result<Proposed, Error>,
    ) -> Response<Bytes> {
        let login = ask.parameter();
        // Login names are compared without case.
        if login.trim().eq_ignore_ascii_case(ask.login()) {
            return view::told(ask, StatusCode::FORBIDDEN, ask.words.not_oneself);
        }
        match what(&self.by(ask), login) {
            Ok(Proposed::Waits) => {
                let said = Said::good(ask.words.waits_for_second);
                self.show_person(ask, Some(said), None)
            }
            Ok(Proposed::Done(Given::Nothing | Given::Secret(_))) => {
                self.show_person(ask, Some(Said::good(ask.words.done)), None)
            }
            Ok(Proposed::Done(Given::Link(link))) => {
                let people = self.gate.people().unwrap_or_default();
                let person = people.iter().find(|person| person.login == link.login);
                let console = person.is_some_and(|person| person.roles.is_empty());
                let link = self.link(ask, &link, console);
                self.show_person(ask, None, link)
            }
            Err(error) => self.show_person(ask, Some(Said::bad(said(&error, ask.words))), None),
        }
    }

    pub(super) fn sessions(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_sessions(ask, None)
    }

    fn show_sessions(&self, ask: &Ask<'_>, said: Option<Said>) -> Response<Bytes> {
        let words = ask.words;
        let Ok(sessions) = self.gate.sessions() else {
            return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, words.failed);
        };
        let rows = sessions.into_iter().map(|session| SessionRow {
            id: session.sign_in,
            login: session.login,
            surface: match session.surface {
                Surface::Border => words.border,
                Surface::Console => words.console,
            },
            factors: session.factors,
            since: moment(session.created.0),
            seen: moment(session.seen.0),
            ends: moment(session.expires.0),
        });
        let page = Sessions {
            frame: Frame::of(ask, vec![]),
            help: words.help_sessions,
            sessions: rows.collect(),
            fresh: ask.seated.fresh,
            step_up: step_up_at("/sessions"),
            said,
        };
        reply::page(Said::status(page.said.as_ref()), &page)
    }

    pub(super) fn session_end(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let session = form.field("session").unwrap_or_default();
        let said = match self.by(ask).end_sign_in(session) {
            Ok(()) => Said::good(ask.words.done),
            Err(error) => Said::bad(said(&error, ask.words)),
        };
        self.show_sessions(ask, Some(said))
    }

    /// The gate in the hands of whoever asks: what they do is recorded as theirs.
    pub(super) fn by(&self, ask: &Ask<'_>) -> Gate {
        Gate::clone(&self.gate).operated_by(&ask.seated.recorded_as)
    }

    /// A link where the person will go: the console's where they have nothing but that.
    pub(super) fn link(&self, ask: &Ask<'_>, link: &Link, console: bool) -> Option<NewLink> {
        let token = std::str::from_utf8(link.token.expose()).ok()?;
        let host = match console {
            true => ask.visit.host.clone(),
            false => self.house.border_host(),
        };
        Some(NewLink {
            login: link.login.clone(),
            address: format!("https://{host}/.sluis/enrol?link={token}"),
        })
    }

    /// The roles of the policy that are ticked.
    fn roles_of(&self, form: &Form) -> Vec<String> {
        let plan = self.house.plan();
        let ticked = |name: &&String| form.field(&format!("role-{name}")).is_some();
        plan.role_names().iter().filter(ticked).cloned().collect()
    }
}

fn console_of(form: &Form) -> ConsoleRoles {
    let ticked = |role: &ConsoleRole| form.field(&format!("console-{}", role.name())).is_some();
    let roles = ConsoleRole::ALL.into_iter().filter(ticked);
    roles.fold(ConsoleRoles::none(), ConsoleRoles::with)
}

fn purposes(plan: &crate::policy::Plan) -> Vec<String> {
    let mut found: Vec<String> = plan
        .objects()
        .flat_map(|object| &object.fields)
        .filter_map(|field| field.purpose.clone())
        .collect();
    // Whoever works at the console alone uses no data of the CRM's.
    found.push("administration".to_owned());
    found.sort();
    found.dedup();
    found
}

fn policy_roles(plan: &crate::policy::Plan, held: &[String]) -> Vec<Choice> {
    let roles = plan.role_names().iter();
    roles
        .map(|role| Choice::new(role, role, held.contains(role)))
        .collect()
}

fn console_roles(held: ConsoleRoles, words: &Words) -> Vec<Choice> {
    let roles = ConsoleRole::ALL.into_iter();
    roles
        .map(|role| Choice::new(role.name(), words.role_of(role), held.has(role)))
        .collect()
}

fn row(person: &ListedPerson, words: &Words) -> PersonRow {
    let mut factors = Vec::new();
    if person.password {
        factors.push(words.password_codes.to_owned());
    }
    if person.passkeys > 0 {
        factors.push(format!("{} × passkey", person.passkeys));
    }
    if let Some(until) = person.invited_until {
        factors.push(format!("{} {}", words.link_until, moment(until.0)));
    }
    let or_none = |text: String| match text.is_empty() {
        true => words.none.to_owned(),
        false => text,
    };
    PersonRow {
        // Login names have nothing that a path must escape.
        at: format!("/people/{}", person.login),
        login: person.login.clone(),
        display: person.display.clone(),
        state: match person.state {
            State::Invited => words.invited,
            State::Active => words.active,
            State::Disabled => words.disabled,
        }
        .to_owned(),
        factors: or_none(factors.join(", ")),
        purpose: person.purpose.clone(),
        roles: or_none(person.roles.join(", ")),
        console: or_none(person.console.to_string().replace(',', ", ")),
    }
}

/// What a person is told of an error: what is theirs to mend, and nothing of ours.
pub(super) fn said(error: &Error, words: &Words) -> String {
    match error {
        Error::NameTaken => words.name_taken.to_owned(),
        Error::PersonUnknown => words.no_person.to_owned(),
        Error::ClientUnknown => words.no_client.to_owned(),
        Error::Unfit(why) => format!("{} {why}", words.not_done),
        error => {
            tracing::error!(error = error as &dyn std::error::Error, "an act failed");
            words.failed.to_owned()
        }
    }
}
