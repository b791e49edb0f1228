//! What the ledger is to have of the gate: who signed in, who was refused, who changed what.
//!
//! The gate does not hold the ledger: a command line has the gate open too, and the ledger has one
//! writer. So what was done stands in the gate's own database, written in the transaction that did
//! it, until the border has put it into the ledger. What was refused is kept in memory: writing it
//! down before the answer would take longer for names that exist than for those that do not.

use std::sync::{Mutex, PoisonError};

use data_encoding::HEXLOWER;
use rusqlite::{Connection, params};

use crate::gate::client::Client;
use crate::gate::staff::Person;
use crate::gate::{Error, Gate};
use crate::ledger::Seldom;
use crate::model::Timestamp;

/// Refusals that wait for the ledger at most; more are in the log alone.
const WAITING: usize = 1000;
/// Events that are taken at a time.
const BATCH: u32 = 500;

/// What somebody did, or was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Its row; none for a refusal.
    id: Option<i64>,
    /// Random: an event that is recorded twice is known by it.
    pub name: [u8; 16],
    pub time: Timestamp,
    /// `sign-in`, `user.reset`
    pub act: String,
    /// The person or client, by the name that the ledger has for them; empty where a name was typed
    /// that nobody has.
    pub who: String,
    pub roles: Vec<String>,
    /// `password/totp`; empty where no factor was shown.
    pub how: String,
    /// The operator, where it was not they themselves.
    pub by: Option<String>,
    /// Why it was refused.
    pub refused: Option<&'static str>,
    /// How often, since the one before.
    pub times: u64,
}

/// Refusals on their way to the ledger.
#[derive(Default)]
pub(in crate::gate) struct Refusals {
    waiting: Mutex<Vec<Event>>,
    seldom: Seldom,
}

/// Whom an event is about.
pub(in crate::gate) struct Who<'w> {
    name: String,
    roles: &'w [String],
}

impl Who<'_> {
    /// Somebody who may not be known yet.
    pub fn called(login: &str) -> Self {
        Self {
            name: recorded_as(login, String::new),
            roles: &[],
        }
    }
}

impl<'w> From<&'w Person> for Who<'w> {
    fn from(person: &'w Person) -> Self {
        Self {
            name: recorded_as(&person.login, || HEXLOWER.encode(&person.handle)),
            roles: &person.roles,
        }
    }
}

impl<'w> From<&'w Client> for Who<'w> {
    fn from(client: &'w Client) -> Self {
        Self {
            name: recorded_as(&client.name, || client.client_id.clone()),
            roles: &client.roles,
        }
    }
}

/// What the ledger calls somebody: it takes no `@`, because addresses are personal data, so whoever
/// has one in their name goes by what we call them for good.
pub(in crate::gate) fn recorded_as(name: &str, id: impl FnOnce() -> String) -> String {
    match name.contains('@') {
        true => id(),
        false => name.to_owned(),
    }
}

impl Gate {
    /// The gate in the hands of an operator, whom its events name.
    #[must_use]
    pub fn operated_by(mut self, operator: &str) -> Self {
        let plain = |c: char| match c {
            c if c.is_ascii_alphanumeric() || "_-.:/".contains(c) => c,
            _ => '_',
        };
        self.operator = operator.chars().take(80).map(plain).collect();
        self
    }

    /// Writes down what somebody did, in the transaction that does it.
    pub(in crate::gate) fn did<'w>(
        &self,
        tx: &Connection,
        act: &str,
        who: impl Into<Who<'w>>,
        how: &str,
    ) -> Result<(), Error> {
        self.insert(tx, act, &who.into(), how, None)
    }

    /// As [`Self::did`], for what an operator does to somebody.
    pub(in crate::gate) fn operated<'w>(
        &self,
        tx: &Connection,
        act: &str,
        who: impl Into<Who<'w>>,
    ) -> Result<(), Error> {
        self.insert(tx, act, &who.into(), "", Some(&self.operator))
    }

    fn insert(
        &self,
        tx: &Connection,
        act: &str,
        who: &Who<'_>,
        how: &str,
        by: Option<&str>,
    ) -> Result<(), Error> {
        let mut name = [0; 16];
        self.entropy.fill(&mut name)?;
        let roles =
            serde_json::to_string(who.roles).map_err(|_| Error::RowUnreadable("event.roles"))?;
        tx.prepare_cached(
            "INSERT INTO event (name, time, act, who, roles, how, by) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![name, self.now().0, act, who.name, roles, how, by])?;
        Ok(())
    }

    /// Keeps that somebody was refused, once a minute for each of those that exist and once for all
    /// others: nobody can fill the ledger by guessing.
    pub(in crate::gate) fn refused<'w>(
        &self,
        act: &'static str,
        reason: &'static str,
        who: Option<impl Into<Who<'w>>>,
    ) {
        let who = who.map(Into::into);
        let who = who.map_or_else(String::new, |who: Who<'_>| who.name);
        let now = self.now();
        let thing = format!("{act} {reason} {who}");
        let Some(times) = self.refusals.seldom.due(&thing, now) else {
            return;
        };
        let mut name = [0; 16];
        if self.entropy.fill(&mut name).is_err() {
            return; // Logged where it was refused.
        }
        let mut waiting = self.waiting();
        if waiting.len() < WAITING {
            waiting.push(Event {
                id: None,
                name,
                time: now,
                act: act.to_owned(),
                who,
                roles: vec![],
                how: String::new(),
                by: None,
                refused: Some(reason),
                times,
            });
        }
    }

    /// What the ledger does not have yet, oldest first. Whoever has recorded them calls
    /// [`Self::recorded`] with them; two at a time would record them twice.
    ///
    /// # Errors
    /// When the database fails.
    pub fn events(&self) -> Result<Vec<Event>, Error> {
        let mut events = {
            let connection = self.database();
            let mut statement = connection.prepare_cached(
                "SELECT id, name, time, act, who, roles, how, by FROM event ORDER BY id LIMIT ?1",
            )?;
            let rows = statement.query_map([BATCH], |row| {
                let roles: String = row.get(5)?;
                Ok(Event {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    time: Timestamp(row.get(2)?),
                    act: row.get(3)?,
                    who: row.get(4)?,
                    roles: serde_json::from_str(&roles).unwrap_or_default(),
                    how: row.get(6)?,
                    by: row.get(7)?,
                    refused: None,
                    times: 1,
                })
            })?;
            rows.collect::<Result<Vec<_>, _>>()?
        };
        events.extend(self.waiting().iter().cloned());
        Ok(events)
    }

    /// Forgets what the ledger has.
    ///
    /// # Errors
    /// When the database fails: they would be recorded again, under the same names.
    pub fn recorded(&self, events: &[Event]) -> Result<(), Error> {
        let refusals = events.iter().filter(|event| event.id.is_none()).count();
        {
            let mut waiting = self.waiting();
            let refusals = refusals.min(waiting.len());
            waiting.drain(..refusals);
        }
        if let Some(last) = events.iter().filter_map(|event| event.id).max() {
            self.database()
                .execute("DELETE FROM event WHERE id <= ?1", [last])?;
        }
        Ok(())
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Event>> {
        let waiting = self.refusals.waiting.lock();
        waiting.unwrap_or_else(PoisonError::into_inner)
    }
}
