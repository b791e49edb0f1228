//! Sessions as they are kept: made, found, renewed at each elevation, ended.

use std::net::IpAddr;

use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::gate::credential::{self, Hash};
use crate::gate::staff::person::Person;
use crate::gate::staff::{ABSOLUTE, FRESH, HALF, IDLE, SignInError, Step, Surface, TOUCH};
use crate::gate::{Error, Factor, Gate};
use crate::model::{Entropy, Timestamp};

/// What a browser shows of who sends a form.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// The session's cookie, as the browser sent it.
    pub cookie: Option<&'a str>,
    /// The peer's address, or the one that a trusted proxy vouches for.
    pub source: IpAddr,
    /// The name that was asked for, with its port: what a passkey's answer must be for.
    pub host: &'a str,
    /// What a session of theirs is to open; a cookie of the other surface is none here.
    pub surface: Surface,
}

/// A session that is open, with the person as they are now.
pub(super) struct Open {
    pub hash: Hash,
    pub person: Person,
    pub first: Factor,
    pub second: Option<Factor>,
    pub since: Since,
    pub proven: Option<Timestamp>,
    pub surface: Surface,
    seen: Timestamp,
}

/// What an elevation leaves as it is: which sign-in it is, when it began, when it ends.
#[derive(Clone, Copy)]
pub(super) struct Since {
    sign_in: [u8; 16],
    created: Timestamp,
    expires: Timestamp,
}

impl Open {
    /// The session that the visitor has on their surface.
    pub fn find(
        connection: &Connection,
        visitor: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let open = Self::of_cookie(connection, visitor.cookie, now)?;
        Ok(open.filter(|open| open.surface == visitor.surface))
    }

    /// The session of a cookie, whatever it opens.
    fn of_cookie(
        connection: &Connection,
        cookie: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let Some(cookie) = cookie.filter(|cookie| credential::is_session(cookie)) else {
            return Ok(None);
        };
        let hash = credential::hash(cookie.as_bytes());
        let row = connection
            .prepare_cached(
                "SELECT person, first, second, sign_in, created, expires, proven, console, seen \
                 FROM session \
                 WHERE hash = ?1 AND expires > ?2 AND seen > ?3",
            )?
            .query_row(params![hash, now.0, now.plus_seconds(-IDLE).0], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<String>>(2)?,
                    Since {
                        sign_in: row.get(3)?,
                        created: Timestamp(row.get(4)?),
                        expires: Timestamp(row.get(5)?),
                    },
                    row.get::<_, Option<i64>>(6)?,
                    match row.get(7)? {
                        true => Surface::Console,
                        false => Surface::Border,
                    },
                    Timestamp(row.get(8)?),
                ))
            })
            .optional()?;
        let Some((person, first, second, since, proven, surface, seen)) = row else {
            return Ok(None);
        };
        let person = Person::of_row(connection, person)?;
        if !person.enabled {
            return Ok(None);
        }
        let factor =
            |name: &str| Factor::from_name(name).ok_or(Error::RowUnreadable("session.first"));
        Ok(Some(Self {
            hash,
            person,
            first: factor(&first)?,
            second: second.as_deref().map(factor).transpose()?,
            since,
            proven: proven.map(Timestamp),
            surface,
            seen,
        }))
    }

    /// A session of both factors.
    pub fn full(
        connection: &Connection,
        visitor: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<Self, SignInError> {
        Self::find(connection, visitor, now)?
            .filter(|open| open.second.is_some())
            .ok_or(SignInError::SessionEnded)
    }

    /// A session of both factors, the second of which was shown lately.
    pub fn fresh(
        connection: &Connection,
        visitor: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<Self, SignInError> {
        let open = Self::full(connection, visitor, now)?;
        if open.is_fresh(now) {
            Ok(open)
        } else {
            Err(SignInError::StepUp)
        }
    }

    /// Whether its last use was written down so long ago that this one should be too.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.seen.plus_seconds(TOUCH)
    }

    /// Not before it was shown either: a clock that was set back makes nothing fresh.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.proven
            .is_some_and(|proven| (proven..proven.plus_seconds(FRESH)).contains(&now))
    }
}

/// A session to be.
pub(super) struct New {
    pub person: i64,
    pub first: Factor,
    /// The second factor, and when it was shown: what makes a session fresh is never the writing of
    /// its row.
    pub second: Option<(Factor, Timestamp)>,
    /// Of the session that is stepped up; none where a sign-in begins.
    pub since: Option<Since>,
    pub surface: Surface,
}

impl New {
    /// Writes the session down under a new random name.
    pub fn open(
        &self,
        tx: &Transaction<'_>,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Step, Error> {
        sweep(tx, now)?;
        let cookie = credential::session(entropy)?;
        let full = self.second.is_some();
        let whole = now.plus_seconds(if full { ABSOLUTE } else { HALF });
        let since = match self.since {
            Some(since) => since,
            None => {
                let mut sign_in = [0; 16];
                entropy.fill(&mut sign_in)?;
                Since {
                    sign_in,
                    created: now,
                    expires: whole,
                }
            }
        };
        tx.execute(
            "INSERT INTO session \
             (hash, person, sign_in, first, second, created, seen, expires, proven, console) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                credential::hash(cookie.expose()),
                self.person,
                since.sign_in,
                self.first.name(),
                self.second.map(|(factor, _)| factor.name()),
                since.created.0,
                now.0,
                since.expires.0,
                self.second.map(|(_, proven)| proven.0),
                self.surface.is_console(),
            ],
        )?;
        Ok(Step { cookie, full })
    }
}

pub(super) fn end(tx: &Connection, hash: &Hash) -> Result<(), Error> {
    tx.execute("DELETE FROM session WHERE hash = ?1", [hash])?;
    Ok(())
}

/// Ends whatever a browser brought along: its name must not live on under another level.
pub(super) fn end_cookie(tx: &Connection, cookie: Option<&str>) -> Result<(), Error> {
    match cookie {
        Some(cookie) => end(tx, &credential::hash(cookie.as_bytes())),
        None => Ok(()),
    }
}

/// Ends the sessions of a person but for this one.
pub(super) fn end_others(tx: &Connection, open: &Open) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM session WHERE person = ?1 AND hash <> ?2",
        params![open.person.row, open.hash],
    )?;
    Ok(())
}

/// Ends all sessions of a person.
pub(super) fn end_all(tx: &Connection, person: i64) -> Result<(), Error> {
    tx.execute("DELETE FROM session WHERE person = ?1", [person])?;
    Ok(())
}

/// Forgets what no longer opens anything.
fn sweep(tx: &Transaction<'_>, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM session WHERE expires <= ?1 OR seen <= ?2",
        params![now.0, now.plus_seconds(-IDLE).0],
    )?;
    tx.execute("DELETE FROM ceremony WHERE expires <= ?1", [now.0])?;
    tx.execute("DELETE FROM enrolment WHERE expires <= ?1", [now.0])?;
    tx.execute("DELETE FROM new_codes WHERE expires <= ?1", [now.0])?;
    tx.execute("DELETE FROM journey WHERE expires <= ?1", [now.0])?;
    Ok(())
}

/// A session as administrators see it.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The sign-in that it is of: what [`Gate::end_sign_in`] takes. It opens nothing.
    pub sign_in: String,
    pub login: String,
    pub surface: Surface,
    /// The two proofs; one alone is on its way to the second.
    pub factors: String,
    pub created: Timestamp,
    pub seen: Timestamp,
    pub expires: Timestamp,
}

impl Gate {
    /// Writes down that a session was used, so that it does not end for idleness. Blocks for the
    /// disk: from async code call it in `spawn_blocking`. A failure is logged; the session then
    /// ends early.
    pub fn touch_session(&self, cookie: &str) {
        let now = self.now();
        let touched = self.database().execute(
            "UPDATE session SET seen = ?2 WHERE hash = ?1 AND seen < ?2",
            params![credential::hash(cookie.as_bytes()), now.0],
        );
        if let Err(error) = touched {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the use of a session could not be written down"
            );
        }
    }

    /// Signs out. To hold the cookie is enough to end it.
    ///
    /// # Errors
    /// When the database fails: the session may still hold.
    pub fn sign_out(&self, cookie: &str) -> Result<(), Error> {
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(open) = Open::of_cookie(&tx, Some(cookie), self.now())? {
            self.did(&tx, "sign-out", &open.person, "")?;
        }
        end_cookie(&tx, Some(cookie))?;
        Ok(tx.commit()?)
    }

    /// Ends a sign-in of somebody's, by the name that [`Self::sessions`] gives it.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn end_sign_in(&self, sign_in: &str) -> Result<(), Error> {
        const NONE: Error = Error::Unfit("there is no such session");
        let name = HEXLOWER.decode(sign_in.as_bytes()).map_err(|_| NONE)?;
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let person = tx
            .query_row(
                "SELECT person FROM session WHERE sign_in = ?1",
                [&name],
                |row| row.get(0),
            )
            .optional()?
            .ok_or(NONE)?;
        self.operated(&tx, "user.end-session", &Person::of_row(&tx, person)?)?;
        tx.execute("DELETE FROM session WHERE sign_in = ?1", [&name])?;
        Ok(tx.commit()?)
    }

    /// The sessions that hold, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sessions(&self) -> Result<Vec<ListedSession>, Error> {
        let now = self.now();
        let connection = self.database();
        let mut statement = connection.prepare_cached(
            "SELECT login, first, second, session.created, seen, expires, sign_in, session.console \
             FROM session \
             JOIN person ON person.id = session.person \
             WHERE expires > ?1 AND seen > ?2 ORDER BY session.created",
        )?;
        let rows = statement.query_map(params![now.0, now.plus_seconds(-IDLE).0], |row| {
            let (first, second): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            let sign_in: [u8; 16] = row.get(6)?;
            Ok(ListedSession {
                sign_in: HEXLOWER.encode(&sign_in),
                login: row.get(0)?,
                surface: match row.get(7)? {
                    true => Surface::Console,
                    false => Surface::Border,
                },
                factors: second.map_or(first.clone(), |second| format!("{first}+{second}")),
                created: Timestamp(row.get(3)?),
                seen: Timestamp(row.get(4)?),
                expires: Timestamp(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
