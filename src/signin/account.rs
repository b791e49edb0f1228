//! A person's own account: which factors they have, and changes to them after a step-up.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::gate::staff::SignInError;
use crate::model::Timestamp;
use crate::signin::enrolment::codes_page;
use crate::signin::reply::{self, Said};
use crate::signin::steps::{form, malformed, seated};
use crate::signin::view::{Account, Key};
use crate::signin::words::Words;
use crate::signin::{Pages, Visit, token};

pub(super) const TO_SIGN_IN: &str = "/.sluis/sign-in?next=%2F.sluis%2Faccount";
const TO_STEP_UP: &str = "/.sluis/step-up?next=%2F.sluis%2Faccount";

impl Pages {
    pub(super) fn account_page(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        self.show_account(visit, words, None)
    }

    fn show_account(
        &self,
        visit: &Visit,
        words: &'static Words,
        said: Option<&Said>,
    ) -> Response<Bytes> {
        let visitor = visit.visitor();
        let seated = match seated(self, visit, words) {
            Ok(Some(seated)) if seated.full => seated,
            Ok(_) => return reply::see_other(TO_SIGN_IN),
            Err(said) => return said.alone(words),
        };
        let Ok(keys) = self.gate.passkeys(&visitor) else {
            return reply::see_other(TO_SIGN_IN);
        };
        let keys: Vec<Key> = keys
            .into_iter()
            .map(|key| Key {
                id: key.id,
                label: key.label,
                created: day(key.created),
                used: key.used.map(day),
            })
            .collect();
        let page = Account {
            words,
            token: &token::of(visit),
            error: said.map(|said| said.text),
            display: &seated.person.display,
            login: &seated.person.login,
            roles: &seated.person.roles,
            password: seated.person.password,
            recovery_codes: seated.person.recovery_codes,
            keys: &keys,
            fresh: seated.fresh,
            passkeys: self.gate.has_passkeys(&visitor),
        };
        reply::page(said.map_or(StatusCode::OK, |said| said.status), &page)
    }

    pub(super) fn recovery_codes(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match self.gate.new_recovery_codes(&visit.visitor()) {
            Ok(codes) => codes_page(words, &codes),
            Err(error) => self.not_changed(visit, words, &error),
        }
    }

    pub(super) fn remove_passkey(&self, visit: &Visit, words: &'static Words) -> Response<Bytes> {
        match seated(self, visit, words) {
            Ok(Some(seated)) if seated.full => {}
            Ok(_) => return reply::see_other(TO_SIGN_IN),
            Err(said) => return said.alone(words),
        }
        let Some(form) = form(visit) else {
            return malformed(words);
        };
        let Some(id) = form.field("id").and_then(|text| text.parse().ok()) else {
            return malformed(words);
        };
        match self.gate.remove_passkey(id, &visit.visitor()) {
            Ok(()) => reply::see_other("/.sluis/account"),
            Err(error) => self.not_changed(visit, words, &error),
        }
    }

    fn not_changed(
        &self,
        visit: &Visit,
        words: &'static Words,
        error: &SignInError,
    ) -> Response<Bytes> {
        match error {
            SignInError::SessionEnded => reply::see_other(TO_SIGN_IN),
            SignInError::StepUp => reply::see_other(TO_STEP_UP),
            _ => self.show_account(visit, words, Some(&Said::of(error, words, words.malformed))),
        }
    }
}

fn day(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}
