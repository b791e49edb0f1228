//! Programs: which there are, by which proofs, for what, and when they last came. Nothing secret.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::console::Console;
use crate::console::ask::{Ask, moment};
use crate::console::people::said;
use crate::console::people_view::{ClientRow, Clients};
use crate::console::view::{self, Frame, Said};
use crate::gate::{Error, Gate};
use crate::signin::{reply, step_up_at};

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
        let rows = clients.into_iter().map(|client| {
            let [first, second] = client.pair.factors();
            let last = used
                .get(&client.name)
                .or_else(|| used.get(&client.client_id));
            ClientRow {
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
        });
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
