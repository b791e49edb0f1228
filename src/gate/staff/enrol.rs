//! Enrolment: with a link that a second person issued, once, a person chooses two factors.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::gate::credential::{self, Hash};
use crate::gate::staff::person::{ListedPerson, Person};
use crate::gate::staff::session::{self, New};
use crate::gate::staff::sign_in::how;
use crate::gate::staff::{SignInError, State, Step, Visitor, password, recovery};
use crate::gate::totp::{self, Checked};
use crate::gate::{Enrolment, Error, Factor, Gate};
use crate::model::{Secret, Timestamp};

/// A link as it was issued: what goes into its address, and until when it holds.
#[derive(Clone, Debug)]
pub struct Link {
    pub token: Secret,
    pub login: String,
    pub expires: Timestamp,
}

/// What stands behind a link that holds.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub person: ListedPerson,
    /// The secret of the one-time codes that the person may take.
    pub codes: Enrolment,
}

/// A person who has two factors since now, and is signed in by them.
#[derive(Clone, Debug)]
pub struct Enrolled {
    pub step: Step,
    /// Shown once. None for passkeys: a recovery code stands in for a one-time code only.
    pub recovery_codes: Vec<Secret>,
}

impl Gate {
    /// What a link is for. Looking does not use it up: scanners of mail look at links.
    ///
    /// # Errors
    /// When the link does not hold.
    pub fn invitation(&self, link: &str, visitor: &Visitor<'_>) -> Result<Invitation, SignInError> {
        self.limits
            .sign_in(visitor.source)
            .map_err(SignInError::too_often)?;
        let (person, sealed) = self.behind(link)?;
        let secret = self
            .sealer
            .open(&Person::totp_context(&person.handle), &sealed)?;
        Ok(Invitation {
            codes: Enrolment::new(secret, &person.login),
            person: person.into(),
        })
    }

    /// Uses a link up: the person has this password and the link's one-time codes from now on.
    ///
    /// # Errors
    /// When the link does not hold, the password is weak, or the code is wrong; the link then
    /// still holds.
    pub fn enrol_password(
        &self,
        link: &str,
        password: &str,
        code: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Enrolled, SignInError> {
        let now = self.now();
        self.limits
            .sign_in(visitor.source)
            .map_err(SignInError::too_often)?;
        let (person, sealed) = self.behind(link)?;
        password::check(password, &person.login).map_err(SignInError::WeakPassword)?;
        let context = Person::totp_context(&person.handle);
        let secret = self.sealer.open(&context, &sealed)?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let Checked::Fresh(step) = totp::check(&secret, &code, now, -1)? else {
            self.refused("enrol", "code-wrong", Some(&person));
            return Err(SignInError::Wrong);
        };
        let hash = self.passwords.hash(password, &*self.entropy)?;
        self.write(|tx| {
            if let Err(error) = use_up(tx, link, &person, now) {
                return Ok(Err(error));
            }
            tx.execute(
                "UPDATE person SET password = ?2, totp_sealed = ?3, totp_step = ?4, \
                 totp_failures = 0, totp_locked_until = 0 WHERE id = ?1",
                params![person.row, hash, sealed, step],
            )?;
            let recovery_codes = recovery::renew(tx, person.row, &*self.entropy)?;
            let step =
                self.enrolled(tx, &person, [Factor::Password, Factor::Totp], visitor, now)?;
            Ok(Ok(Enrolled {
                step,
                recovery_codes,
            }))
        })
    }

    /// Ends what was there, counts the change, and signs the person in.
    pub(super) fn enrolled(
        &self,
        tx: &Transaction<'_>,
        person: &Person,
        factors: [Factor; 2],
        visitor: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<Step, Error> {
        session::end_all(tx, person.row)?;
        changed(tx, person.row, now)?;
        self.did(tx, "enrol", person, &how(factors[0], factors[1]))?;
        tracing::info!(person = person.row, "a person has enrolled");
        let new = New {
            person: person.row,
            first: factors[0],
            second: Some((factors[1], now)),
            since: None,
            surface: visitor.surface,
        };
        new.open(tx, &*self.entropy, now)
    }

    /// The person behind a link that holds, and their sealed secret of codes to be.
    pub(super) fn behind(&self, link: &str) -> Result<(Person, Vec<u8>), SignInError> {
        let now = self.now();
        let connection = self.database();
        let (row, sealed): (i64, Vec<u8>) = connection
            .prepare_cached(
                "SELECT person, totp_sealed FROM enrolment WHERE hash = ?1 AND expires > ?2",
            )?
            .query_row(params![hash_of(link)?, now.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?
            .ok_or_else(|| {
                self.refused("enrol", "link", None::<&Person>);
                SignInError::LinkEnded
            })?;
        let person = Person::of_row(&connection, row)?;
        if person.state() == State::Invited {
            return Ok((person, sealed));
        }
        self.refused("enrol", "link", Some(&person));
        Err(SignInError::LinkEnded)
    }

    /// Makes a link for a person without factors; an older one ends.
    pub(super) fn issue_link(
        &self,
        person: &Person,
        ttl: Duration,
    ) -> Result<impl FnOnce(&Connection) -> Result<Link, Error> + use<>, Error> {
        let expires = self
            .now()
            .plus_seconds(i64::try_from(ttl.as_secs()).unwrap_or(0));
        let secret = totp::generate(&*self.entropy)?;
        let context = Person::totp_context(&person.handle);
        let sealed = self.sealer.seal(&context, secret.expose())?;
        let token = credential::session(&*self.entropy)?;
        let (row, login) = (person.row, person.login.clone());
        Ok(move |tx: &Connection| {
            tx.execute("DELETE FROM enrolment WHERE person = ?1", [row])?;
            tx.execute(
                "INSERT INTO enrolment (hash, person, totp_sealed, expires) \
                 VALUES (?1, ?2, ?3, ?4)",
                params![credential::hash(token.expose()), row, sealed, expires.0],
            )?;
            Ok(Link {
                token,
                login,
                expires,
            })
        })
    }
}

/// Takes a link: its row is gone, so that of two that come with it one gets on.
pub(super) fn use_up(
    tx: &Transaction<'_>,
    link: &str,
    person: &Person,
    now: Timestamp,
) -> Result<(), SignInError> {
    let taken = tx.execute(
        "DELETE FROM enrolment WHERE hash = ?1 AND person = ?2 AND expires > ?3 \
         AND EXISTS (SELECT 1 FROM person WHERE id = ?2 AND version = ?4 AND enabled = 1)",
        params![hash_of(link)?, person.row, now.0, person.version],
    )?;
    if taken == 1 {
        Ok(())
    } else {
        Err(SignInError::LinkEnded)
    }
}

/// Counts a change, so that a sign-in under way that rests on what was before is refused.
pub(super) fn changed(tx: &Connection, person: i64, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE person SET version = version + 1, changed = ?2 WHERE id = ?1",
        params![person, now.0],
    )?;
    Ok(())
}

fn hash_of(link: &str) -> Result<Hash, SignInError> {
    if credential::is_session(link) {
        Ok(credential::hash(link.as_bytes()))
    } else {
        Err(SignInError::LinkEnded)
    }
}
