//! What one administrator wants done to somebody's access, or a program's, and another one confirms.

use bytes::Bytes;
use http::Response;

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::clients::Beside;
use crate::console::people::{LINK, said};
use crate::console::people_view::{ProposalRow, Typed};
use crate::console::view::Said;
use crate::console::words::Words;
use crate::gate::staff::{Given, Proposal, Wanted};

impl Console {
    pub(super) fn proposal_confirm(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let id = ask.parameter().parse().unwrap_or_default();
        match self.by(ask).confirm(id, ask.login(), LINK) {
            Ok((_, Given::Nothing)) => self.show_people(
                ask,
                Some(Said::good(ask.words.done)),
                None,
                Typed::default(),
            ),
            Ok((proposal, Given::Secret(secret))) => {
                self.show_client(ask, &proposal.login, Beside::secret(&secret))
            }
            Ok((_, Given::Link(link))) => {
                let people = self.gate.people().unwrap_or_default();
                let person = people.iter().find(|person| person.login == link.login);
                let console = person.is_some_and(|person| person.roles.is_empty());
                let link = self.link(ask, &link, console);
                self.show_people(ask, None, link, Typed::default())
            }
            Err(error) => {
                let said = Said::bad(said(&error, ask.words));
                self.show_people(ask, Some(said), None, Typed::default())
            }
        }
    }

    pub(super) fn proposal_refuse(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let id = ask.parameter().parse().unwrap_or_default();
        let said = match self.by(ask).drop_proposal(id) {
            Ok(()) => Said::good(ask.words.done),
            Err(error) => Said::bad(said(&error, ask.words)),
        };
        self.show_people(ask, Some(said), None, Typed::default())
    }
}

/// What waits, as whoever looks sees it.
pub(super) fn rows(proposals: &[Proposal], ask: &Ask<'_>) -> Vec<ProposalRow> {
    let rows = proposals.iter().map(|proposal| {
        let own = proposal.by.eq_ignore_ascii_case(&ask.seated.recorded_as);
        let about = proposal.login.eq_ignore_ascii_case(ask.login());
        ProposalRow {
            id: proposal.id,
            login: proposal.login.clone(),
            what: told(&proposal.wanted, ask.words),
            by: proposal.by.clone(),
            until: moment(proposal.expires.0),
            may_confirm: !own && !about,
        }
    });
    rows.collect()
}

fn told(wanted: &Wanted, words: &Words) -> String {
    let with = |what: &str, roles: &[String], console: String| {
        let mut all = roles.to_vec();
        all.extend(
            console
                .split(',')
                .filter(|name| !name.is_empty())
                .map(|name| format!("{} {name}", words.console)),
        );
        let all = match all.is_empty() {
            true => words.none.to_owned(),
            false => all.join(", "),
        };
        format!("{what}: {all}")
    };
    match wanted {
        Wanted::Add(new) => with(words.invite, &new.roles, new.console.to_string()),
        Wanted::Roles(roles, console) => with(words.change_roles, roles, console.to_string()),
        Wanted::Link => words.new_link.to_owned(),
        Wanted::Reset => words.reset.to_owned(),
        Wanted::Enable => words.enable.to_owned(),
        Wanted::Fields(None) => format!("{}: {}", words.fields_of, words.all_fields),
        Wanted::Fields(Some(list)) => format!("{}: {list}", words.fields_of),
        Wanted::Secret => words.new_secret.to_owned(),
    }
}
