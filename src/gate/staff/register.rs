//! Making passkeys: with an enrolment link, or as a further one; and taking them away.

use rusqlite::{Transaction, params};
use serde_json::json;
use webauthn_rs::prelude::{
    CredentialID, Passkey, PasskeyRegistration, RegisterPublicKeyCredential, Uuid,
};

use crate::gate::staff::ceremony::{Challenge, as_json, from_browser};
use crate::gate::staff::enrol::{self, Enrolled};
use crate::gate::staff::passkey::FACTORS;
use crate::gate::staff::person::Person;
use crate::gate::staff::session::{self, Open};
use crate::gate::staff::{SignInError, Visitor};
use crate::gate::{Error, Gate};
use crate::model::Timestamp;

/// Passkeys of one person.
const MOST: u32 = 20;

/// A passkey as its owner sees it.
#[derive(Clone, Debug)]
pub struct Registered {
    pub id: i64,
    pub label: String,
    pub created: Timestamp,
    pub used: Option<Timestamp>,
}

impl Gate {
    /// A challenge to make a passkey, to whoever holds an enrolment link.
    ///
    /// # Errors
    /// When the link does not hold, or this host cannot have passkeys.
    pub fn enrol_challenge(
        &self,
        link: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Challenge, SignInError> {
        self.limits
            .sign_in(visitor.source)
            .map_err(SignInError::too_often)?;
        let (person, _) = self.behind(link)?;
        self.registration(&person, visitor)
    }

    /// Uses a link up: the person has this passkey from now on.
    ///
    /// # Errors
    /// When the link does not hold or the answer proves nothing.
    pub fn enrol_passkey(
        &self,
        link: &str,
        id: &str,
        answer: &str,
        label: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Enrolled, SignInError> {
        let now = self.now();
        let (person, _) = self.behind(link)?;
        let key = self.made(&person, id, answer, visitor)?;
        self.write(|tx| {
            if let Err(error) = enrol::use_up(tx, link, &person, now) {
                return Ok(Err(error));
            }
            if let Err(error) = insert(tx, &person, &key, label, now)? {
                return Ok(Err(error));
            }
            Ok(Ok(Enrolled {
                step: self.enrolled(tx, &person, FACTORS, visitor, now)?,
                recovery_codes: Vec::new(),
            }))
        })
    }

    /// A challenge to make a further passkey.
    ///
    /// # Errors
    /// When the second factor was not shown lately, or this host cannot have passkeys.
    pub fn add_passkey_challenge(&self, visitor: &Visitor<'_>) -> Result<Challenge, SignInError> {
        let open = Open::fresh(&self.database(), visitor, self.now())?;
        self.registration(&open.person, visitor)
    }

    /// # Errors
    /// When the second factor was not shown lately, or the answer proves nothing.
    pub fn add_passkey(
        &self,
        id: &str,
        answer: &str,
        label: &str,
        visitor: &Visitor<'_>,
    ) -> Result<(), SignInError> {
        let now = self.now();
        let open = Open::fresh(&self.database(), visitor, now)?;
        let key = self.made(&open.person, id, answer, visitor)?;
        self.write(|tx| {
            let open = Open::fresh(tx, visitor, now)?;
            let inserted = insert(tx, &open.person, &key, label, now)?;
            if inserted.is_ok() {
                session::end_others(tx, &open)?;
                self.did(tx, "account.passkey-add", &open.person, "")?;
            }
            Ok(inserted)
        })
    }

    /// The passkeys of the visitor.
    ///
    /// # Errors
    /// When the session has ended.
    pub fn passkeys(&self, visitor: &Visitor<'_>) -> Result<Vec<Registered>, SignInError> {
        let connection = self.database();
        let open = Open::full(&connection, visitor, self.now())?;
        let mut statement = connection.prepare_cached(
            "SELECT id, label, created, used FROM passkey WHERE person = ?1 ORDER BY id",
        )?;
        let rows = statement.query_map([open.person.row], |row| {
            Ok(Registered {
                id: row.get(0)?,
                label: row.get(1)?,
                created: Timestamp(row.get(2)?),
                used: row.get::<_, Option<i64>>(3)?.map(Timestamp),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes a passkey away and ends the person's other sessions: it may be with a thief.
    ///
    /// # Errors
    /// When the second factor was not shown lately, or nothing would be left to sign in with.
    pub fn remove_passkey(&self, id: i64, visitor: &Visitor<'_>) -> Result<(), SignInError> {
        let now = self.now();
        self.write(|tx| {
            let open = Open::fresh(tx, visitor, now)?;
            if open.person.password.is_none() && open.person.passkeys <= 1 {
                return Ok(Err(SignInError::LastFactor));
            }
            self.did(tx, "account.passkey-remove", &open.person, "")?;
            tx.execute(
                "DELETE FROM passkey WHERE id = ?1 AND person = ?2",
                params![id, open.person.row],
            )?;
            session::end_others(tx, &open)?;
            enrol::changed(tx, open.person.row, now)?;
            Ok(Ok(()))
        })
    }

    fn registration(
        &self,
        person: &Person,
        visitor: &Visitor<'_>,
    ) -> Result<Challenge, SignInError> {
        let known = self.credentials(person)?;
        let (options, state) = self
            .webauthn(visitor)?
            .start_passkey_registration(
                Uuid::from_bytes(person.handle),
                &person.login,
                &person.display,
                Some(known),
            )
            .map_err(|_| SignInError::Wrong)?;
        let mut options = as_json(&options)?;
        // Discoverable: the person is found by the passkey, without typing a name.
        if let Some(wanted) = options.pointer_mut("/publicKey/authenticatorSelection") {
            wanted["residentKey"] = json!("required");
            wanted["requireResidentKey"] = json!(true);
        }
        self.keep(Some(person.row), &state, options)
    }

    /// The passkey that a browser made for a challenge of this person's.
    fn made(
        &self,
        person: &Person,
        id: &str,
        answer: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Passkey, SignInError> {
        let state: PasskeyRegistration = self.take(id, Some(person.row))?;
        let answer: RegisterPublicKeyCredential = from_browser(answer)?;
        self.webauthn(visitor)?
            .finish_passkey_registration(&answer, &state)
            .map_err(|_| SignInError::Wrong)
    }

    fn credentials(&self, person: &Person) -> Result<Vec<CredentialID>, SignInError> {
        let connection = self.database();
        let mut statement =
            connection.prepare_cached("SELECT credential FROM passkey WHERE person = ?1")?;
        let rows = statement.query_map([person.row], |row| row.get::<_, Vec<u8>>(0))?;
        let known = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(known)
    }
}

fn insert(
    tx: &Transaction<'_>,
    person: &Person,
    key: &Passkey,
    label: &str,
    now: Timestamp,
) -> Result<Result<(), SignInError>, Error> {
    let label: String = label
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    if person.passkeys >= MOST {
        return Ok(Err(SignInError::Wrong));
    }
    let credential: &[u8] = key.cred_id().as_ref();
    let inserted = tx.execute(
        "INSERT INTO passkey (person, credential, key, label, created) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        params![
            person.row,
            credential,
            as_json(key)?.to_string(),
            label,
            now.0
        ],
    )?;
    Ok(if inserted == 1 {
        Ok(())
    } else {
        Err(SignInError::Wrong)
    })
}
