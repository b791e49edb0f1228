//! Challenges to passkeys, and what has to hold of every answer.
//!
//! `webauthn-rs` does the checks of WebAuthn (challenge, origin, RP ID, user verification,
//! signature, counter). What is ours: a challenge is written down, answered once within five
//! minutes, and used up before its answer is looked at.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

use crate::gate::credential;
use crate::gate::staff::{SignInError, Visitor};
use crate::gate::{Error, Gate};
use crate::model::Secret;

/// How long a challenge waits for its answer, in seconds.
const CEREMONY: i64 = 5 * 60;

/// What the browser is asked to answer with a passkey.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// To be sent back with the answer.
    pub id: Secret,
    /// What `navigator.credentials` takes, as WebAuthn's JSON form.
    pub options: Value,
}

impl Gate {
    /// WebAuthn for the very origin that was asked for: an answer that another origin's page got,
    /// or one at another port, does not fit.
    pub(super) fn webauthn(&self, visitor: &Visitor<'_>) -> Result<Webauthn, SignInError> {
        let origin = Url::parse(&format!("https://{}", visitor.host))
            .map_err(|_| SignInError::NoPasskeys)?;
        let name = origin.domain().ok_or(SignInError::NoPasskeys)?;
        let domain = self.settings.passkey_domain.as_deref().unwrap_or(name);
        WebauthnBuilder::new(domain, &origin)
            .and_then(|builder| builder.rp_name("sluis").build())
            .map_err(|_| SignInError::NoPasskeys)
    }

    /// Whether passkeys can be had at the visitor's host.
    #[must_use]
    pub fn has_passkeys(&self, visitor: &Visitor<'_>) -> bool {
        self.webauthn(visitor).is_ok()
    }

    pub(super) fn keep(
        &self,
        person: Option<i64>,
        state: &impl Serialize,
        options: Value,
    ) -> Result<Challenge, SignInError> {
        let now = self.now();
        let id = credential::session(&*self.entropy)?;
        let state = as_json(state)?.to_string();
        let connection = self.database();
        connection.execute("DELETE FROM ceremony WHERE expires <= ?1", [now.0])?;
        connection.execute(
            "INSERT INTO ceremony (hash, kind, person, state, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                credential::hash(id.expose()),
                kind(person),
                person,
                state,
                now.plus_seconds(CEREMONY).0
            ],
        )?;
        Ok(Challenge { id, options })
    }

    /// Uses a challenge up, whatever becomes of its answer.
    pub(super) fn take<T: DeserializeOwned>(
        &self,
        id: &str,
        person: Option<i64>,
    ) -> Result<T, SignInError> {
        let state: Option<String> = self
            .database()
            .query_row(
                "DELETE FROM ceremony WHERE hash = ?1 AND kind = ?2 AND person IS ?3 \
                 AND expires > ?4 RETURNING state",
                params![
                    credential::hash(id.as_bytes()),
                    kind(person),
                    person,
                    self.now().0
                ],
                |row| row.get(0),
            )
            .optional()?;
        let state = state.ok_or(SignInError::Wrong)?;
        serde_json::from_str(&state)
            .map_err(|_| SignInError::Ours(Error::RowUnreadable("ceremony.state")))
    }
}

fn kind(person: Option<i64>) -> &'static str {
    match person {
        Some(_) => "register",
        None => "sign-in",
    }
}

pub(super) fn as_json(value: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(|_| Error::RowUnreadable("ceremony.state"))
}

pub(super) fn from_browser<T: DeserializeOwned>(text: &str) -> Result<T, SignInError> {
    serde_json::from_str(text).map_err(|_| SignInError::Wrong)
}
