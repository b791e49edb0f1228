//! Programs: which there are, by which proofs, for what, what they keep to, and when they last came.
//! Nothing secret, but for a new secret, which is shown once to whoever had it made.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::people::{LINK, said};
use crate::console::people_view::{Client, ClientRow, Clients};
use crate::console::view::{self, Frame, Said};
use crate::console::words::Words;
use crate::gate::staff::{Given, Proposed, Wanted};
use crate::gate::{Error, Factor, Gate, Holding, Listed};
use crate::model::{FieldList, Secret, Timestamp};
use crate::policy::Unlisted;
use crate::signin::{reply, step_up_at};

/// What stands on a program's page beside the program.
#[derive(Default)]
pub(super) struct Beside<'b> {
    said: Option<Said>,
    /// Made for it just now, and shown to nobody again.
    secret: Option<&'b Secret>,
    /// A list that was typed and did not hold.
    typed: Option<&'b str>,
}

impl<'b> Beside<'b> {
    fn said(said: Said) -> Self {
        Self {
            said: Some(said),
            ..Self::default()
        }
    }

    pub fn secret(secret: &'b Secret) -> Self {
        Self {
            secret: Some(secret),
            ..Self::default()
        }
    }
}

impl Console {
    pub(super) fn clients(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_clients(ask, None)
    }

    fn show_clients(&self, ask: &Ask<'_>, said: Option<Said>) -> Response<Bytes> {
        let words = ask.words;
        let (Ok(clients), Ok(used)) = (self.gate.list(), self.traffic.last_use(&self.ledger))
        else {
            return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, words.failed);
        };
        let rows = clients.into_iter().map(|client| row(client, &used, words));
        let page = Clients {
            frame: Frame::of(ask, vec![]),
            help: words.help_clients,
            clients: rows.collect(),
            fresh: ask.seated.fresh,
            step_up: step_up_at("/clients"),
            said,
        };
        reply::page(Said::status(page.said.as_ref()), &page)
    }

    pub(super) fn client(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.show_client(ask, ask.parameter(), Beside::default())
    }

    /// One program.
    pub(super) fn show_client(
        &self,
        ask: &Ask<'_>,
        name: &str,
        beside: Beside<'_>,
    ) -> Response<Bytes> {
        let words = ask.words;
        let (Ok(found), Ok(used)) = (self.gate.client(name), self.traffic.last_use(&self.ledger))
        else {
            return view::told(ask, StatusCode::SERVICE_UNAVAILABLE, words.failed);
        };
        let Some((client, held)) = found else {
            return view::told(ask, StatusCode::NOT_FOUND, words.no_client);
        };
        let fields = client.fields.as_ref();
        let names: Vec<&str> = fields.into_iter().flat_map(FieldList::names).collect();
        let secret = beside.secret;
        let secret = secret.and_then(|secret| std::str::from_utf8(secret.expose()).ok());
        let typed = beside.typed.map(str::to_owned);
        let page = Client {
            frame: Frame::of(ask, vec![]),
            fresh: ask.seated.fresh,
            step_up: step_up_at(&format!("/clients/{}", client.name)),
            client_id: client.client_id.clone(),
            has_secret: client.pair.needs(Factor::Secret),
            pace: client.pace.per_second.get(),
            burst: client.pace.burst.get(),
            since: moment(client.created.0),
            changed: moment(client.changed.0),
            tokens: held.iter().map(|held| tokens(held, words)).collect(),
            listed: fields.is_some(),
            typed: typed.unwrap_or_else(|| names.join("\n")),
            fields: names.join(", "),
            // Of a CRM that is described by its pages, nobody says which value is which field.
            takes_list: self.house.plan().site().is_none(),
            row: row(client, &used, words),
            secret: secret.map(str::to_owned),
            said: beside.said,
        };
        reply::page(Said::status(page.said.as_ref()), &page)
    }

    pub(super) fn client_fields(&self, ask: &Ask<'_>) -> Response<Bytes> {
        let form = match ask.form() {
            Ok(form) => form,
            Err(said) => return *said,
        };
        let typed = form.field("fields").unwrap_or_default();
        let names: Vec<String> = typed
            .split(|sign: char| sign.is_whitespace() || sign == ',')
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        let wanted = match self.house.plan().field_list(&names) {
            Ok(list) => Wanted::Fields(Some(list)),
            Err(error) => {
                let beside = Beside {
                    typed: Some(typed),
                    ..Beside::said(Said::bad(unlisted(&error, ask.words)))
                };
                return self.show_client(ask, ask.parameter(), beside);
            }
        };
        self.propose_client(ask, &wanted)
    }

    pub(super) fn client_all_fields(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.propose_client(ask, &Wanted::Fields(None))
    }

    pub(super) fn client_secret(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.propose_client(ask, &Wanted::Secret)
    }

    fn propose_client(&self, ask: &Ask<'_>, wanted: &Wanted) -> Response<Bytes> {
        let (name, words) = (ask.parameter(), ask.words);
        let said = match self.by(ask).propose(name, wanted, LINK) {
            Ok(Proposed::Waits) => Said::good(words.waits_for_second),
            Ok(Proposed::Done(Given::Secret(secret))) => {
                return self.show_client(ask, name, Beside::secret(&secret));
            }
            Ok(Proposed::Done(Given::Nothing | Given::Link(_))) => Said::good(words.done),
            Err(error) => Said::bad(said(&error, words)),
        };
        self.show_client(ask, name, Beside::said(said))
    }

    pub(super) fn client_revoke(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.change_client(ask, Gate::revoke_tokens)
    }

    pub(super) fn client_disable(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.change_client(ask, Gate::disable)
    }

    pub(super) fn client_enable(&self, ask: &Ask<'_>) -> Response<Bytes> {
        self.change_client(ask, Gate::enable)
    }

    fn change_client(
        &self,
        ask: &Ask<'_>,
        what: impl FnOnce(&Gate, &str) -> Result<(), Error>,
    ) -> Response<Bytes> {
        let said = match what(&self.by(ask), ask.parameter()) {
            Ok(()) => Said::good(ask.words.done),
            Err(Error::ClientUnknown) => Said::bad(ask.words.no_client),
            Err(error) => Said::bad(said(&error, ask.words)),
        };
        self.show_clients(ask, Some(said))
    }
}

fn row(client: Listed, used: &BTreeMap<String, Timestamp>, words: &Words) -> ClientRow {
    let [first, second] = client.pair.factors();
    let last = used
        .get(&client.name)
        .or_else(|| used.get(&client.client_id));
    ClientRow {
        // Names of programs have nothing that a path must escape.
        at: format!("/clients/{}", client.name),
        enabled: client.enabled,
        state: match client.enabled {
            true => words.active,
            false => words.disabled,
        },
        proofs: format!("{} + {}", first.name(), second.name()),
        purpose: client.purpose,
        roles: client.roles.join(", "),
        used: last.map_or_else(|| words.not_seen.to_owned(), |at| moment(at.0)),
        name: client.name,
    }
}

/// `3 × access, until 2026-11-22 15:04`
fn tokens(held: &Holding, words: &Words) -> String {
    let kind = match held.kind.as_str() {
        "access" => words.token_access,
        "refresh" => words.token_refresh,
        _ => words.token_static,
    };
    let (count, until) = (held.count, moment(held.until.0));
    format!("{count} × {kind}, {} {until}", words.until_time)
}

/// What is wrong with a list, with what was meant where that is plain.
fn unlisted(error: &Unlisted, words: &Words) -> String {
    let (text, near) = match error {
        Unlisted::Malformed(_) => return words.no_list.to_owned(),
        Unlisted::Pages => return words.no_list_of_pages.to_owned(),
        Unlisted::NoObject { name, near } => (words.no_such_object.replace("{name}", name), near),
        Unlisted::NoField { object, name, near } => {
            let name = format!("{object}.{name}");
            (words.no_such_field.replace("{name}", &name), near)
        }
    };
    match near {
        Some(near) => format!("{text} {}", words.did_you_mean.replace("{name}", near)),
        None => text,
    }
}
