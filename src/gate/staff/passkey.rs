//! Signing in and stepping up with a passkey.

use rusqlite::{OptionalExtension, params};
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential};

use crate::gate::staff::ceremony::{Challenge, as_json, from_browser};
use crate::gate::staff::person::Person;
use crate::gate::staff::session::{self, New, Open};
use crate::gate::staff::sign_in::{how, still_the_same};
use crate::gate::staff::{SignInError, Step, Visitor};
use crate::gate::{Error, Factor, Gate};

/// What a passkey shows: the device that holds it, and whoever unlocked it.
pub(super) const FACTORS: [Factor; 2] = [Factor::Passkey, Factor::UserVerification];

impl Gate {
    /// A challenge to sign in, to whoever has a passkey of ours.
    ///
    /// # Errors
    /// When there were too many, or this host cannot have passkeys.
    pub fn passkey_challenge(&self, visitor: &Visitor<'_>) -> Result<Challenge, SignInError> {
        self.limits
            .sign_in(visitor.source)
            .map_err(SignInError::too_often)?;
        let (options, state) = self
            .webauthn(visitor)?
            .start_discoverable_authentication()
            .map_err(|_| SignInError::Wrong)?;
        let mut options = as_json(&options)?;
        // It would wait in the form's autofill; ours is asked for by a button.
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        self.keep(None, &state, options)
    }

    /// The answer: it signs in, or steps up the session that the visitor has.
    ///
    /// # Errors
    /// When the answer proves nothing, whatever the reason.
    pub fn show_passkey(
        &self,
        id: &str,
        answer: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Step, SignInError> {
        let now = self.now();
        self.limits
            .sign_in(visitor.source)
            .map_err(SignInError::too_often)?;
        let state: DiscoverableAuthentication = self.take(id, None)?;
        let answer: PublicKeyCredential = from_browser(answer)?;
        let webauthn = self.webauthn(visitor)?;
        let refused = |reason: &'static str, whose: Option<&Person>| {
            self.refused("sign-in", reason, whose);
            tracing::warn!(reason, source = %visitor.source, "a passkey was refused");
            SignInError::Wrong
        };
        let (handle, credential) = webauthn
            .identify_discoverable_authentication(&answer)
            .map_err(|_| refused("no-user-handle", None))?;
        let (row, mut key, person) = self
            .registered(credential)?
            .ok_or_else(|| refused("passkey-unknown", None))?;
        if person.handle != *handle.as_bytes() || !person.enabled {
            return Err(refused("passkey-of-another", Some(&person)));
        }
        let result = webauthn
            .finish_discoverable_authentication_v2(&answer, state, &key)
            .map_err(|_| refused("passkey-not-verified", Some(&person)))?;
        if !result.user_verified() {
            return Err(refused("holder-not-verified", Some(&person)));
        }
        key.update_credential(&result);
        self.write(|tx| {
            still_the_same(tx, &person)?;
            let stays = tx.execute(
                "UPDATE passkey SET key = ?2, used = ?3 WHERE id = ?1",
                params![row, as_json(&key)?.to_string(), now.0],
            )?;
            if stays == 0 {
                return Ok(Err(SignInError::Wrong));
            }
            // Stepping up does not make a session longer.
            let since = Open::find(tx, visitor, now)?
                .filter(|open| open.second.is_some() && open.person.row == person.row)
                .map(|open| open.since);
            let act = match since {
                Some(_) => "step-up",
                None => "sign-in",
            };
            self.did(tx, act, &person, &how(FACTORS[0], FACTORS[1]))?;
            session::end_cookie(tx, visitor.cookie)?;
            let new = New {
                person: person.row,
                first: FACTORS[0],
                second: Some((FACTORS[1], now)),
                since,
                surface: visitor.surface,
            };
            tracing::info!(person = person.row, source = %visitor.source, "signed in");
            Ok(Ok(new.open(tx, &*self.entropy, now)?))
        })
    }

    fn registered(&self, credential: &[u8]) -> Result<Option<(i64, Passkey, Person)>, SignInError> {
        let connection = self.database();
        let found: Option<(i64, String, i64)> = connection
            .query_row(
                "SELECT id, key, person FROM passkey WHERE credential = ?1",
                [credential],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let Some((row, key, person)) = found else {
            return Ok(None);
        };
        let key = serde_json::from_str(&key).map_err(|_| Error::RowUnreadable("passkey.key"))?;
        Ok(Some((row, key, Person::of_row(&connection, person)?)))
    }
}
