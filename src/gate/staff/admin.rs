//! Administration of people, for the command line. Every change acts with the next request, in
//! every process that has the database open.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::gate::admin::{check_name, check_purpose, checked_roles};
use crate::gate::staff::enrol::{self, Link};
use crate::gate::staff::person::{ListedPerson, Person, State, folded};
use crate::gate::staff::{ConsoleRoles, session};
use crate::gate::{Error, Gate};

/// The longest that a link may hold.
const LONGEST_LINK: Duration = Duration::from_hours(24 * 7);

/// A person to be. They have no factors: those they choose themselves, with the link.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// As a client's name: up to 80 of `a-z 0-9 . _ @ -`; no client has it.
    pub login: String,
    /// What the pages call the person: one line of up to 200 bytes.
    pub display: String,
    /// What the person uses personal data for; it is recorded with every exchange.
    pub purpose: String,
    pub roles: Vec<String>,
    /// What they may do at the console.
    pub console: ConsoleRoles,
}

impl Gate {
    /// Writes a person down and issues the link that they enrol with.
    ///
    /// # Errors
    /// When the name is taken or something is out of bounds.
    pub fn add_person(&self, new: &NewPerson, ttl: Duration) -> Result<Link, Error> {
        let login = folded(&new.login);
        check_ttl(ttl)?;
        let roles = checked_roles(&new.roles)?;
        let now = self.now();
        let mut handle = [0; 16];
        self.entropy.fill(&mut handle)?;
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        check_new(&tx, new)?;
        tx.execute(
            "INSERT INTO person \
             (handle, login, display, purpose, roles, console, enabled, created, changed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7)",
            params![
                handle,
                login,
                new.display,
                new.purpose,
                roles,
                new.console.to_json(),
                now.0
            ],
        )?;
        let person = Person::named(&tx, &login)?;
        self.operated(&tx, "user.add", &person)?;
        let link = self.issue_link(&person, ttl)?(&tx)?;
        tx.commit()?;
        Ok(link)
    }

    /// Issues another link to a person who has no factors; the one before ends.
    ///
    /// # Errors
    /// When there is no such person, or they have factors: only [`Gate::reset_person`] takes those.
    pub fn invite(&self, login: &str, ttl: Duration) -> Result<Link, Error> {
        check_ttl(ttl)?;
        self.change_person((login, "user.enrol"), |tx, person| match person.state() {
            State::Invited => self.issue_link(person, ttl)?(tx),
            State::Disabled => Err(Error::Unfit("the person is disabled; enable them first")),
            State::Active => Err(Error::Unfit(
                "the person has factors; `reset` takes them away and gives a new link",
            )),
        })
    }

    /// Takes all factors and sessions away and issues a link, as when a phone is lost or an account was
    /// taken over. Who the person is at the identity provider goes too: that is a way in as well.
    ///
    /// # Errors
    /// When there is no such person, or they are disabled.
    pub fn reset_person(&self, login: &str, ttl: Duration) -> Result<Link, Error> {
        check_ttl(ttl)?;
        self.change_person((login, "user.reset"), |tx, person| {
            if !person.enabled {
                return Err(Error::Unfit("the person is disabled; enable them first"));
            }
            session::end_all(tx, person.row)?;
            tx.execute("DELETE FROM passkey WHERE person = ?1", [person.row])?;
            tx.execute("DELETE FROM recovery_code WHERE person = ?1", [person.row])?;
            tx.execute("DELETE FROM ceremony WHERE person = ?1", [person.row])?;
            tx.execute("DELETE FROM new_codes WHERE person = ?1", [person.row])?;
            tx.execute("DELETE FROM identity WHERE person = ?1", [person.row])?;
            tx.execute(
                "UPDATE person SET password = NULL, totp_sealed = NULL, totp_step = -1, \
                 totp_failures = 0, totp_locked_until = 0 WHERE id = ?1",
                [person.row],
            )?;
            self.issue_link(person, ttl)?(tx)
        })
    }

    /// Shuts a person out and ends their sessions and their link. Their factors stay.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn disable_person(&self, login: &str) -> Result<(), Error> {
        self.change_person((login, "user.disable"), |tx, person| {
            session::end_all(tx, person.row)?;
            tx.execute("DELETE FROM enrolment WHERE person = ?1", [person.row])?;
            tx.execute("UPDATE person SET enabled = 0 WHERE id = ?1", [person.row])?;
            Ok(())
        })
    }

    /// Lets a person sign in again, and forgets their wrong codes.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn enable_person(&self, login: &str) -> Result<(), Error> {
        self.change_person((login, "user.enable"), |tx, person| {
            tx.execute(
                "UPDATE person SET enabled = 1, totp_failures = 0, totp_locked_until = 0 \
                 WHERE id = ?1",
                [person.row],
            )?;
            Ok(())
        })
    }

    /// Gives a person other roles and ends their sessions: what a page shows rests on the roles
    /// that it was made with.
    ///
    /// # Errors
    /// When there is no such person, or a role is no role's name.
    pub fn set_person_roles(&self, login: &str, roles: &[String]) -> Result<(), Error> {
        let roles = checked_roles(roles)?;
        self.change_person((login, "user.role"), |tx, person| {
            session::end_all(tx, person.row)?;
            tx.execute(
                "UPDATE person SET roles = ?2 WHERE id = ?1",
                params![person.row, roles],
            )?;
            Ok(())
        })
    }

    /// Says what a person may do at the console and ends their sessions.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn set_console_roles(&self, login: &str, roles: ConsoleRoles) -> Result<(), Error> {
        self.change_person((login, "user.console"), |tx, person| {
            session::end_all(tx, person.row)?;
            tx.execute(
                "UPDATE person SET console = ?2 WHERE id = ?1",
                params![person.row, roles.to_json()],
            )?;
            Ok(())
        })
    }

    /// All people, by login name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn people(&self) -> Result<Vec<ListedPerson>, Error> {
        let all = Person::all(&self.database())?;
        Ok(all.into_iter().map(ListedPerson::from).collect())
    }

    /// Seals the secrets of people's one-time codes anew: those in use and those behind links.
    pub(in crate::gate) fn reseal_people(&self, tx: &Transaction<'_>) -> Result<usize, Error> {
        // What somebody is about to scan is offered anew.
        tx.execute("DELETE FROM new_codes", [])?;
        let mut resealed = 0;
        for person in Person::all(tx)? {
            let context = Person::totp_context(&person.handle);
            let invited: Option<Vec<u8>> = tx
                .query_row(
                    "SELECT totp_sealed FROM enrolment WHERE person = ?1",
                    [person.row],
                    |row| row.get(0),
                )
                .optional()?;
            for (old, update) in [
                (
                    person.totp_sealed,
                    "UPDATE person SET totp_sealed = ?2 WHERE id = ?1",
                ),
                (
                    invited,
                    "UPDATE enrolment SET totp_sealed = ?2 WHERE person = ?1",
                ),
            ] {
                let Some(old) = old else { continue };
                let secret = self.sealer.open(&context, &old)?;
                let sealed = self.sealer.seal(&context, secret.expose())?;
                resealed += tx.execute(update, params![person.row, sealed])?;
            }
        }
        Ok(resealed)
    }

    pub(super) fn change_person<T>(
        &self,
        (login, act): (&str, &str),
        what: impl FnOnce(&Transaction<'_>, &Person) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let now = self.now();
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let person = Person::named(&tx, login)?;
        let result = what(&tx, &person)?;
        self.operated(&tx, act, &person)?;
        enrol::changed(&tx, person.row, now)?;
        tx.commit()?;
        Ok(result)
    }
}

/// Whether a client or a person has a name, whatever its case: in the ledger both are names.
pub(in crate::gate) fn is_taken(connection: &Connection, name: &str) -> Result<bool, Error> {
    let taken = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM person WHERE login = lower(?1)) \
         OR EXISTS (SELECT 1 FROM client WHERE lower(name) = lower(?1))",
        [name],
        |row| row.get(0),
    )?;
    Ok(taken)
}

/// That somebody could be added so.
pub(super) fn check_new(connection: &Connection, new: &NewPerson) -> Result<(), Error> {
    let login = folded(&new.login);
    check_name(&login)?;
    check_purpose(&new.purpose)?;
    check_display(&new.display)?;
    checked_roles(&new.roles)?;
    match is_taken(connection, &login)? {
        true => Err(Error::NameTaken),
        false => Ok(()),
    }
}

fn check_display(display: &str) -> Result<(), Error> {
    if display.trim().is_empty() || display.len() > 200 || display.chars().any(char::is_control) {
        return Err(Error::Unfit(
            "a person's name is one line of up to 200 bytes",
        ));
    }
    Ok(())
}

fn check_ttl(ttl: Duration) -> Result<(), Error> {
    if ttl < Duration::from_mins(1) || ttl > LONGEST_LINK {
        return Err(Error::Unfit("a link holds for 1 minute to 7 days"));
    }
    Ok(())
}
