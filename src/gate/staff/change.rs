//! What a person changes themselves, after a step-up: the password, and the secret of the one-time
//! codes. Either ends all sessions but the one that it is done in, which gets a new name.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::gate::staff::enrol::{self, Enrolled};
use crate::gate::staff::person::Person;
use crate::gate::staff::session::{self, New, Open};
use crate::gate::staff::{SignInError, Step, Visitor, password, recovery};
use crate::gate::totp::{self, Checked};
use crate::gate::{Enrolment, Error, Gate};
use crate::model::Timestamp;

/// How long one may take to scan a new secret, in seconds.
const SCANNING: i64 = 15 * 60;

impl Gate {
    /// Gives the visitor another password.
    ///
    /// # Errors
    /// When the second factor was not shown lately, the person has none yet (it needs one-time codes
    /// beside it: [`Self::change_codes`]), or the new one is weak.
    pub fn change_password(
        &self,
        password: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Step, SignInError> {
        let now = self.now();
        let open = Open::fresh(&self.database(), visitor, now)?;
        if open.person.password.is_none() {
            return Err(SignInError::Wrong);
        }
        let hash = self.new_password(password, &open.person, visitor)?;
        self.write(|tx| {
            let open = Open::fresh(tx, visitor, now)?;
            tx.execute(
                "UPDATE person SET password = ?2 WHERE id = ?1 AND password IS NOT NULL",
                params![open.person.row, hash],
            )?;
            Ok(Ok(self.changed("account.password", tx, &open, now)?))
        })
    }

    /// The secret of one-time codes that the visitor may take; the same until they have, or a
    /// quarter of an hour is over.
    ///
    /// # Errors
    /// When the second factor was not shown lately.
    pub fn offered_codes(&self, visitor: &Visitor<'_>) -> Result<Enrolment, SignInError> {
        let now = self.now();
        let open = Open::fresh(&self.database(), visitor, now)?;
        let context = Person::totp_context(&open.person.handle);
        let (secret, sealed) = match offered(&self.database(), open.person.row, now)? {
            Some(sealed) => (self.sealer.open(&context, &sealed)?, None),
            None => {
                let secret = totp::generate(&*self.entropy)?;
                let sealed = self.sealer.seal(&context, secret.expose())?;
                (secret, Some(sealed))
            }
        };
        if let Some(sealed) = sealed {
            self.database().execute(
                "INSERT OR REPLACE INTO new_codes (person, totp_sealed, expires) VALUES (?1, ?2, ?3)",
                params![open.person.row, sealed, now.plus_seconds(SCANNING).0],
            )?;
        }
        Ok(Enrolment::new(secret, &open.person.login))
    }

    /// Takes the offered secret, of which the visitor shows a code; with a password for who has had
    /// passkeys alone. Those then get recovery codes, too.
    ///
    /// # Errors
    /// When the second factor was not shown lately, nothing is offered, the code is wrong, or the
    /// password is weak.
    pub fn change_codes(
        &self,
        code: &str,
        password: Option<&str>,
        visitor: &Visitor<'_>,
    ) -> Result<Enrolled, SignInError> {
        let now = self.now();
        let open = Open::fresh(&self.database(), visitor, now)?;
        self.limits
            .sign_in(visitor.source)
            .map_err(SignInError::too_often)?;
        let sealed = offered(&self.database(), open.person.row, now)?.ok_or(SignInError::Wrong)?;
        let context = Person::totp_context(&open.person.handle);
        let secret = self.sealer.open(&context, &sealed)?;
        let hash = match (&open.person.password, password) {
            (Some(_), _) => None,
            (None, Some(password)) => Some(self.new_password(password, &open.person, visitor)?),
            (None, None) => return Err(SignInError::Wrong),
        };
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let Checked::Fresh(step) = totp::check(&secret, &code, now, -1)? else {
            self.refused("account.codes", "code-wrong", Some(&open.person));
            return Err(SignInError::Wrong);
        };
        self.write(|tx| {
            let open = Open::fresh(tx, visitor, now)?;
            if !take_offer(tx, open.person.row, &sealed)? {
                return Ok(Err(SignInError::Wrong));
            }
            tx.execute(
                "UPDATE person SET totp_sealed = ?2, totp_step = ?3, totp_failures = 0, \
                 totp_locked_until = 0, password = coalesce(?4, password) WHERE id = ?1",
                params![open.person.row, sealed, step, hash],
            )?;
            let recovery_codes = match hash {
                Some(_) => recovery::renew(tx, open.person.row, &*self.entropy)?,
                None => Vec::new(),
            };
            Ok(Ok(Enrolled {
                step: self.changed("account.codes", tx, &open, now)?,
                recovery_codes,
            }))
        })
    }

    fn new_password(
        &self,
        password: &str,
        person: &Person,
        visitor: &Visitor<'_>,
    ) -> Result<String, SignInError> {
        self.limits
            .sign_in(visitor.source)
            .map_err(SignInError::too_often)?;
        password::check(password, &person.login).map_err(SignInError::WeakPassword)?;
        self.passwords.hash(password, &*self.entropy)
    }

    /// Ends all sessions of the person and gives this one a new name; its time runs on. So does the
    /// time since the second factor was shown: nothing here has shown one again.
    fn changed(
        &self,
        act: &str,
        tx: &Transaction<'_>,
        open: &Open,
        now: Timestamp,
    ) -> Result<Step, Error> {
        self.did(tx, act, &open.person, "")?;
        enrol::changed(tx, open.person.row, now)?;
        session::end_all(tx, open.person.row)?;
        let new = New {
            person: open.person.row,
            first: open.first,
            second: open.second.zip(open.proven),
            since: Some(open.since),
            surface: open.surface,
        };
        new.open(tx, &*self.entropy, now)
    }
}

fn offered(
    connection: &rusqlite::Connection,
    person: i64,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Error> {
    let found = connection
        .query_row(
            "SELECT totp_sealed FROM new_codes WHERE person = ?1 AND expires > ?2",
            params![person, now.0],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found)
}

/// Whether this very offer still stood; it is gone then.
fn take_offer(tx: &Transaction<'_>, person: i64, sealed: &[u8]) -> Result<bool, Error> {
    let taken = tx.execute(
        "DELETE FROM new_codes WHERE person = ?1 AND totp_sealed = ?2",
        params![person, sealed],
    )?;
    Ok(taken == 1)
}
