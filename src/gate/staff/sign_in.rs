//! Signing in with a password and a one-time code, or a recovery code in its place; stepping up.

use std::num::NonZeroU32;

use data_encoding::HEXLOWER;
use rusqlite::{Transaction, TransactionBehavior};

use crate::gate::code::{self, Holder};
use crate::gate::credential::{self, Hash};
use crate::gate::events::recorded_as;
use crate::gate::staff::person::{self, ListedPerson, Person};
use crate::gate::staff::session::{self, New, Open};
use crate::gate::staff::{SignInError, Step, Visitor, recovery};
use crate::gate::{Error, Factor, Gate, Pace};
use crate::model::{Secret, Timestamp};

/// Who a session is of, and how far it got.
#[derive(Clone, Debug)]
pub struct Seated {
    pub person: ListedPerson,
    /// Whether both factors were shown; if not, the session opens the next step and nothing else.
    pub full: bool,
    /// Whether the second factor was shown lately: what a change of factors needs.
    pub fresh: bool,
    /// Whether it began at the identity provider.
    pub vouched: bool,
    /// What the ledger calls the person.
    pub recorded_as: String,
    /// Whether this use of it should be written down: see [`Gate::touch_session`].
    pub touch: bool,
    /// Whether the person has not asked too often.
    pub paced: bool,
}

/// What one person may ask of pages that are worked out for them, in all browsers together.
const PACE: Pace = Pace {
    per_second: NonZeroU32::MIN.saturating_add(9),
    burst: NonZeroU32::MIN.saturating_add(299),
};

/// A number that neither a client nor a person at the border has among the limiters.
fn console_row(person: i64) -> i64 {
    i64::MIN.saturating_add(person)
}

impl Gate {
    /// The first step: a name and a password give a session that opens the second step only.
    ///
    /// Blocks for tens of milliseconds: from async code call it in `spawn_blocking`.
    ///
    /// # Errors
    /// The same, after the same work, whether the person is unknown, was disabled, has no password
    /// or mistyped it.
    pub fn show_password(
        &self,
        login: &str,
        password: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Step, SignInError> {
        let now = self.now();
        let login = person::folded(login);
        let claimed = credential::hash(format!("staff/{login}").as_bytes());
        let known = Person::find(&self.database(), &login)?;
        if let Err(error) = self.pace(claimed, visitor, now) {
            self.refused("sign-in", "too-often", known.as_ref());
            return Err(error);
        }
        let person = known.as_ref().filter(|person| person.enabled);
        let stored = person.and_then(|person| person.password.clone());
        let stored = stored.as_ref().map(Secret::expose);
        let stored = stored.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let right = self.passwords.verify(password, stored)?;
        let Some(person) = person.filter(|_| right) else {
            self.refused("sign-in", "password", known.as_ref());
            tracing::warn!(reason = "password", source = %visitor.source, "a sign-in was refused");
            return Err(SignInError::Wrong);
        };
        let step = self.write(|tx| {
            still_the_same(tx, person)?;
            session::end_cookie(tx, visitor.cookie)?;
            let new = New {
                person: person.row,
                first: Factor::Password,
                second: None,
                since: None,
                surface: visitor.surface,
            };
            Ok(Ok(new.open(tx, &*self.entropy, now)?))
        })?;
        self.limits.succeeded(claimed, visitor.source);
        Ok(step)
    }

    /// The second step, and stepping up: a one-time code gives the session a new name and both
    /// factors. The code is used up in the transaction that accepts it.
    ///
    /// # Errors
    /// When there is no session, or the code is wrong, used or locked.
    pub fn show_code(&self, code: &str, visitor: &Visitor<'_>) -> Result<Step, SignInError> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let open = self.opened(visitor)?;
        let claimed = credential::hash(format!("code/{}", open.person.row).as_bytes());
        self.limits
            .sign_in_as(claimed, visitor.source)
            .map_err(|wait| {
                self.refused("sign-in", "too-often", Some(&open.person));
                SignInError::too_often(wait)
            })?;
        let secret = self.open_totp(&open.person)?;
        self.elevate(visitor, Factor::Totp, |tx, open, now| {
            if !credential::is_code(&code) {
                return Ok(Err("code-malformed"));
            }
            code::take(tx, Holder::Person(open.person.row), &secret, &code, now)
        })
    }

    /// As [`Self::show_code`], with a recovery code, which goes with its use.
    ///
    /// # Errors
    /// As there.
    pub fn show_recovery_code(
        &self,
        code: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Step, SignInError> {
        let open = self.opened(visitor)?;
        let claimed = credential::hash(format!("recovery/{}", open.person.row).as_bytes());
        self.pace(claimed, visitor, self.now())?;
        let step = self.elevate(visitor, Factor::RecoveryCode, |tx, open, _| {
            recovery::take(tx, open.person.row, code)
        })?;
        self.limits.succeeded(claimed, visitor.source);
        Ok(step)
    }

    /// Who the visitor's session is of. None where it has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub fn seated(&self, visitor: &Visitor<'_>) -> Result<Option<Seated>, Error> {
        let now = self.now();
        let open = Open::find(&self.database(), visitor, now)?;
        Ok(open.map(|open| Seated {
            paced: self
                .limits
                .check(&self.limits.of_client(console_row(open.person.row), PACE))
                .is_ok(),
            full: open.second.is_some(),
            fresh: open.is_fresh(now),
            vouched: open.first == Factor::Provider,
            touch: open.is_due(now),
            recorded_as: recorded_as(&open.person.login, || HEXLOWER.encode(&open.person.handle)),
            person: open.person.into(),
        }))
    }

    /// Counts a try before it is made: tries in parallel do not slip past the count.
    pub(super) fn pace(
        &self,
        claimed: Hash,
        visitor: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        self.limits
            .sign_in_as(claimed, visitor.source)
            .and_then(|()| self.limits.begin(claimed, visitor.source, now))
            .map_err(SignInError::too_often)
    }

    fn opened(&self, visitor: &Visitor<'_>) -> Result<Open, SignInError> {
        Open::find(&self.database(), visitor, self.now())?
            .filter(|open| matches!(open.first, Factor::Password | Factor::Provider))
            .ok_or(SignInError::SessionEnded)
    }

    /// The secret of a person's codes. Asks the key ring, so it is done before a transaction.
    fn open_totp(&self, person: &Person) -> Result<Secret, SignInError> {
        let sealed = person.totp_sealed.as_ref().ok_or(SignInError::Wrong)?;
        let context = Person::totp_context(&person.handle);
        Ok(self.sealer.open(&context, sealed)?)
    }

    /// Takes the second factor and gives the session a new name, in one transaction. What is
    /// written before a refusal stays: failures are counted.
    fn elevate(
        &self,
        visitor: &Visitor<'_>,
        second: Factor,
        take: impl FnOnce(&Transaction<'_>, &Open, Timestamp) -> Result<Result<(), &'static str>, Error>,
    ) -> Result<Step, SignInError> {
        let now = self.now();
        self.write(|tx| {
            // Read again: what was read before the transaction may have ended since.
            let Some(open) = Open::find(tx, visitor, now)? else {
                return Ok(Err(SignInError::SessionEnded));
            };
            let act = match open.second {
                Some(_) => "step-up",
                None => "sign-in",
            };
            if let Err(reason) = take(tx, &open, now)? {
                self.refused(act, reason, Some(&open.person));
                tracing::warn!(reason, source = %visitor.source, "a second factor was refused");
                return Ok(Err(SignInError::Wrong));
            }
            session::end(tx, &open.hash)?;
            let new = New {
                person: open.person.row,
                first: open.first,
                second: Some((second, now)),
                since: open.second.map(|_| open.since),
                surface: open.surface,
            };
            let step = new.open(tx, &*self.entropy, now)?;
            self.did(tx, act, &open.person, &how(open.first, second))?;
            tracing::info!(person = open.person.row, source = %visitor.source, "signed in");
            Ok(Ok(step))
        })
    }

    /// One write transaction. A refusal is committed too: what was used up stays so.
    pub(super) fn write<T>(
        &self,
        what: impl FnOnce(&Transaction<'_>) -> Result<Result<T, SignInError>, SignInError>,
    ) -> Result<T, SignInError> {
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = what(&tx)?;
        tx.commit()?;
        outcome
    }
}

/// Two factors, as the ledger has them.
pub(super) fn how(first: Factor, second: Factor) -> String {
    format!("{}/{}", first.name(), second.name())
}

/// The person was read and their proof was checked outside of the transaction; an administrator
/// may have changed them since.
pub(super) fn still_the_same(tx: &Transaction<'_>, person: &Person) -> Result<(), SignInError> {
    let same = Person::of_row(tx, person.row)
        .is_ok_and(|found| found.version == person.version && found.enabled);
    if same {
        Ok(())
    } else {
        Err(SignInError::Wrong)
    }
}
