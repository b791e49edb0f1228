//! Versions: what was in force, who wrote and who approved it, each bound to all before it.
//!
//! `hash(n)` is as in the ledger: SHA-256 over `hash(n-1)`, n, the length of the body and the body,
//! which has the hashes of the texts. The version's MAC is over n and `hash(n)`.

use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::ledger::{Head, Purpose, read_head, write_head};
use crate::model::Timestamp;
use crate::review::open::{BOOK, is_right, tag};
use crate::review::{Error, Review, Text, sha256};

/// A policy that is or was in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version {
    /// From 1, without gaps; the highest is in force.
    pub number: u64,
    /// Its place in the chain.
    pub head: Head,
    pub text: Text,
    pub title: String,
    /// Everybody who wrote, edited or submitted it; nobody where it is the file of the first start.
    pub authors: Vec<String>,
    /// The same people, by what every node knows them by.
    pub(super) hands: Vec<String>,
    /// Empty where it is the file of the first start.
    pub approver: String,
    pub reason: String,
    /// How many changes let more out or show more.
    pub weaker: u32,
    /// Approved by one person alone, who may have written it.
    pub emergency: bool,
    /// Who has looked at it since, where it was an emergency.
    pub reviewed: Option<Signed>,
    /// Never before the version before it, whatever the clock says.
    pub time: Timestamp,
}

/// Who put their name to something, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signed {
    pub by: String,
    pub time: Timestamp,
}

/// The form on disk.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Body {
    v: u8,
    policy: String,
    cases: String,
    title: String,
    authors: Vec<String>,
    hands: Vec<String>,
    approver: String,
    reason: String,
    weaker: u32,
    emergency: bool,
    time: i64,
}

/// Body, hash and MAC.
type Row = (Vec<u8>, [u8; 32], Vec<u8>);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct SignedBody {
    by: String,
    time: i64,
}

/// A version about to be added.
pub(super) struct New<'n> {
    pub text: &'n Text,
    pub title: &'n str,
    pub authors: &'n [String],
    pub hands: &'n [String],
    pub approver: &'n str,
    pub reason: &'n str,
    pub weaker: u32,
    pub emergency: bool,
}

impl Version {
    /// Whether it was approved by one person and nobody else has looked at it since.
    #[must_use]
    pub fn is_flagged(&self) -> bool {
        self.emergency && self.reviewed.is_none()
    }
}

impl Review {
    /// Where the chain ends: none before the first version. Cheap, so that nodes may ask often.
    ///
    /// # Errors
    /// When the end was changed or cut.
    pub fn newest(&self) -> Result<Option<Head>, Error> {
        self.read(|connection| newest(connection, &self.key))
    }

    /// The version of that number.
    ///
    /// # Errors
    /// [`Error::NoVersion`], or that it was changed.
    pub fn version(&self, number: u64) -> Result<Version, Error> {
        self.read(|connection| version(connection, &self.key, number))
    }

    /// The version in force, where there is one.
    ///
    /// # Errors
    /// When the chain was changed or cut.
    pub fn live(&self) -> Result<Option<Version>, Error> {
        self.read(|connection| {
            let newest = newest(connection, &self.key)?;
            newest
                .map(|head| version(connection, &self.key, head.seq))
                .transpose()
        })
    }

    /// Versions, the newest first, below `before` where that is given, and at most `limit`.
    ///
    /// # Errors
    /// When one of them was changed.
    pub fn versions(&self, before: Option<u64>, limit: usize) -> Result<Vec<Version>, Error> {
        self.read(|connection| {
            let last = newest(connection, &self.key)?.map_or(0, |head| head.seq);
            let top = before.map_or(last, |before| before.saturating_sub(1).min(last));
            let numbers = (1..=top).rev().take(limit);
            numbers
                .map(|number| version(connection, &self.key, number))
                .collect()
        })
    }

    /// Versions by one person alone that nobody else has looked at yet, the oldest first and without
    /// their texts: nodes ask for them often.
    ///
    /// # Errors
    /// When one of them was changed.
    pub fn flagged(&self) -> Result<Vec<Version>, Error> {
        self.read(|connection| {
            // Within a title or a reason the quotes have backslashes before them.
            let sql = "SELECT number FROM version
                WHERE instr(CAST(body AS TEXT), '\"emergency\":true') > 0 ORDER BY number";
            let mut statement = connection.prepare_cached(sql)?;
            let numbers = statement.query_map([], |row| row.get(0))?;
            let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
            let found = numbers.into_iter().map(|number| {
                let bare = bare(connection, &self.key, number.cast_unsigned())?;
                Ok(bare.version)
            });
            let mut found: Vec<Version> = found.collect::<Result<_, Error>>()?;
            found.retain(Version::is_flagged);
            Ok(found)
        })
    }

    /// The newest version that has this text, if one has. It looks at their digests alone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn number_of(&self, text: &Text) -> Result<Option<u64>, Error> {
        let wanted = (digest(&text.policy), digest(&text.cases));
        self.read(|connection| {
            let sql = "SELECT number, body FROM version ORDER BY number DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (number, bytes): (i64, Vec<u8>) = row.try_into()?;
                let body: Option<Body> = serde_json::from_slice(&bytes).ok();
                if body.is_some_and(|body| (body.policy, body.cases) == wanted) {
                    return Ok(Some(number.cast_unsigned()));
                }
            }
            Ok(None)
        })
    }

    /// What came after what a node took last, in order.
    ///
    /// # Errors
    /// [`Error::PutBack`] when the store does not have what was taken any more, or has another in
    /// its place: then the node stays with what it has.
    pub fn since(&self, taken: Option<Head>) -> Result<Vec<Version>, Error> {
        self.read(|connection| {
            let newest = newest(connection, &self.key)?;
            let found = newest.map_or(0, |head| head.seq);
            if let Some(taken) = taken {
                let there =
                    taken.seq <= found && hash_of(connection, taken.seq)? == Some(taken.hash);
                if !there {
                    return Err(Error::PutBack {
                        taken: taken.seq,
                        found,
                    });
                }
            }
            let from = taken.map_or(0, |head| head.seq) + 1;
            (from..=found)
                .map(|number| version(connection, &self.key, number))
                .collect()
        })
    }
}

pub(super) fn last(connection: &Connection) -> Result<u64, Error> {
    let sql = "SELECT coalesce(max(number), 0) FROM version";
    let last: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(last.cast_unsigned())
}

pub(super) fn newest(connection: &Connection, key: &hmac::Key) -> Result<Option<Head>, Error> {
    let stored = read_head(connection)?.ok_or(Error::Broken(0))?;
    let head = stored.head;
    let stands = match head.seq {
        0 => BOOK.first(connection)?.map(|first| first.hash),
        number => hash_of(connection, number)?,
    };
    let count: i64 = connection.query_row("SELECT count(*) FROM version", [], |row| row.get(0))?;
    let whole = last(connection)? == head.seq && count.cast_unsigned() == head.seq;
    if !stored.is_right(key) || !whole || stands != Some(head.hash) {
        return Err(Error::Broken(head.seq));
    }
    Ok((head.seq > 0).then_some(head))
}

/// The hash that a version's row has.
fn hash_of(connection: &Connection, number: u64) -> Result<Option<[u8; 32]>, Error> {
    let sql = "SELECT hash FROM version WHERE number = ?1";
    let found = connection.query_row(sql, [number.cast_signed()], |row| row.get(0));
    Ok(found.optional()?)
}

/// Reads one version and holds it to its MAC, its texts, and the one before it.
pub(super) fn version(
    connection: &Connection,
    key: &hmac::Key,
    number: u64,
) -> Result<Version, Error> {
    let bare = bare(connection, key, number)?;
    let (policy, cases) = connection
        .prepare_cached("SELECT policy, cases FROM version WHERE number = ?1")?
        .query_row([number.cast_signed()], |row| row.try_into())?;
    let text = Text { policy, cases };
    if (bare.policy, bare.cases) != (digest(&text.policy), digest(&text.cases)) {
        return Err(Error::Broken(number));
    }
    Ok(Version {
        text,
        ..bare.version
    })
}

/// A version without its texts, and what they hash to.
struct Bare {
    version: Version,
    policy: String,
    cases: String,
}

/// Holds a version to its MAC and the one before it, and leaves its texts where they are.
fn bare(connection: &Connection, key: &hmac::Key, number: u64) -> Result<Bare, Error> {
    let broken = || Error::Broken(number);
    let before = match number {
        0 => return Err(Error::NoVersion(0)),
        1 => BOOK.first(connection)?.ok_or_else(broken)?,
        _ => Head {
            seq: number - 1,
            hash: hash_of(connection, number - 1)?.ok_or(Error::NoVersion(number))?,
        },
    };
    let row: Option<Row> = connection
        .prepare_cached("SELECT body, hash, mac FROM version WHERE number = ?1")?
        .query_row([number.cast_signed()], |row| row.try_into())
        .optional()?;
    let (bytes, hash, mac) = row.ok_or(Error::NoVersion(number))?;
    let head = before.after(&bytes);
    let signed = hmac::verify(key, &head.signed(Purpose::Checkpoint), &mac).is_ok();
    let body: Body = serde_json::from_slice(&bytes).map_err(|_| broken())?;
    if head.hash != hash || !signed {
        return Err(broken());
    }
    let version = Version {
        number,
        head,
        text: Text::default(),
        title: body.title,
        authors: body.authors,
        hands: body.hands,
        approver: body.approver,
        reason: body.reason,
        weaker: body.weaker,
        emergency: body.emergency,
        reviewed: signature(connection, key, number)?,
        time: Timestamp(body.time),
    };
    Ok(Bare {
        version,
        policy: body.policy,
        cases: body.cases,
    })
}

/// Adds a version. Whoever calls has decided that it may be.
pub(super) fn add(
    connection: &Connection,
    key: &hmac::Key,
    new: &New<'_>,
    now: Timestamp,
) -> Result<Version, Error> {
    let (before, since) = match newest(connection, key)? {
        Some(head) => (head, version(connection, key, head.seq)?.time),
        None => (
            BOOK.first(connection)?.ok_or(Error::Broken(0))?,
            Timestamp(i64::MIN),
        ),
    };
    let body = Body {
        v: 1,
        policy: digest(&new.text.policy),
        cases: digest(&new.text.cases),
        title: new.title.to_owned(),
        authors: new.authors.to_vec(),
        hands: new.hands.to_vec(),
        approver: new.approver.to_owned(),
        reason: new.reason.to_owned(),
        weaker: new.weaker,
        emergency: new.emergency,
        time: now.max(since).0,
    };
    let bytes = serde_json::to_vec(&body)?;
    let head = before.after(&bytes);
    let mac = hmac::sign(key, &head.signed(Purpose::Checkpoint));
    connection.execute(
        "INSERT INTO version (number, body, policy, cases, hash, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        (
            head.seq.cast_signed(),
            &bytes,
            &new.text.policy,
            &new.text.cases,
            head.hash,
            mac.as_ref(),
        ),
    )?;
    write_head(connection, key, head)?;
    version(connection, key, head.seq)
}

/// Puts somebody's name to an emergency.
pub(super) fn sign(
    connection: &Connection,
    key: &hmac::Key,
    number: u64,
    signed: &Signed,
) -> Result<(), Error> {
    let body = serde_json::to_vec(&SignedBody {
        by: signed.by.clone(),
        time: signed.time.0,
    })?;
    let mac = tag(key, b"sign.", number, &body);
    let sql = "INSERT INTO signature (version, body, mac) VALUES (?1, ?2, ?3)";
    connection.execute(sql, (number.cast_signed(), body, mac))?;
    Ok(())
}

fn signature(
    connection: &Connection,
    key: &hmac::Key,
    number: u64,
) -> Result<Option<Signed>, Error> {
    let row: Option<(Vec<u8>, Vec<u8>)> = connection
        .prepare_cached("SELECT body, mac FROM signature WHERE version = ?1")?
        .query_row([number.cast_signed()], |row| row.try_into())
        .optional()?;
    let Some((bytes, mac)) = row else {
        return Ok(None);
    };
    if !is_right(key, b"sign.", number, &bytes, &mac) {
        return Err(Error::Broken(number));
    }
    let body: SignedBody = serde_json::from_slice(&bytes)?;
    Ok(Some(Signed {
        by: body.by,
        time: Timestamp(body.time),
    }))
}

pub(super) fn digest(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&sha256(&[text.as_bytes()]))
}
