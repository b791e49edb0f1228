//! What was done to drafts and versions, for the ledgers of the nodes: names and numbers.

use aws_lc_rs::hmac;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::review::open::{is_right, tag};
use crate::review::{Error, Review};

/// Something that somebody did.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Rising; not stored in the body.
    #[serde(skip)]
    pub id: i64,
    pub act: Act,
    pub by: String,
    /// The draft, or the version where the act is [`Act::Review`].
    pub about: i64,
    /// Milliseconds since 1970.
    pub time: i64,
}

/// What can be done beside making a version, which the chain itself tells.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    Submit,
    Refuse,
    Drop,
    /// Looked at an emergency of somebody else's.
    Review,
}

impl Act {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Refuse => "refuse",
            Self::Drop => "drop",
            Self::Review => "review",
        }
    }
}

impl Review {
    /// What was done after the event of that number, in order; 0 for all.
    ///
    /// # Errors
    /// When one of them was not written by us.
    pub fn events(&self, after: i64) -> Result<Vec<Event>, Error> {
        self.read(|connection| {
            let sql = "SELECT id, body, mac FROM event WHERE id > ?1 ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([after])?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                let (id, body, mac): (i64, Vec<u8>, Vec<u8>) = row.try_into()?;
                if !is_right(&self.key, b"event", id.cast_unsigned(), &body, &mac) {
                    return Err(Error::Broken(0));
                }
                let event: Event = serde_json::from_slice(&body)?;
                events.push(Event { id, ..event });
            }
            Ok(events)
        })
    }
}

pub(super) fn note(
    connection: &Connection,
    key: &hmac::Key,
    (act, by, about): (Act, &str, i64),
    now: Timestamp,
) -> Result<(), Error> {
    let body = serde_json::to_vec(&Event {
        id: 0,
        act,
        by: by.to_owned(),
        about,
        time: now.0,
    })?;
    connection.execute("INSERT INTO event (body, mac) VALUES (?1, x'')", [&body])?;
    let id = connection.last_insert_rowid();
    let mac = tag(key, b"event", id.cast_unsigned(), &body);
    connection.execute("UPDATE event SET mac = ?2 WHERE id = ?1", (id, mac))?;
    Ok(())
}
