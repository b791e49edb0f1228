//! Drafts: a text on its way, who had a hand in it, and how far it is.

use aws_lc_rs::hmac;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::review::chain::{digest, newest};
use crate::review::open::{is_right, tag};
use crate::review::{Error, Review, Text, sha256};

/// A change that somebody proposes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Draft {
    pub id: i64,
    /// The version that it was made from. Only a draft of the version in force can be submitted.
    pub base: u64,
    /// Rises with each text that is saved.
    pub revision: u64,
    pub text: Text,
    pub title: String,
    /// Everybody who wrote, edited, merged or submitted it: none of them approves it.
    pub authors: Vec<String>,
    /// The same people, by what every node knows them by.
    pub(super) hands: Vec<String>,
    pub state: State,
    /// What was said when it was submitted.
    pub reason: String,
    pub submitter: Option<String>,
    /// Who decided, and what they said, where it was refused.
    pub refusal: Option<(String, String)>,
    /// The version that it became.
    pub version: Option<u64>,
    pub changed: Timestamp,
}

/// How far a draft is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is being edited.
    Open,
    /// It waits for an approver. Who edits it takes it back.
    Submitted,
    /// An approver said no. Who edits it opens it again.
    Refused,
    /// It is or was in force.
    Live,
    /// Nobody goes on with it.
    Dropped,
}

impl State {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Refused => "refused",
            Self::Live => "live",
            Self::Dropped => "dropped",
        }
    }

    /// Whether something can become of it yet.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::Submitted | Self::Refused)
    }
}

/// A draft in a list: without its text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    pub id: i64,
    pub base: u64,
    pub title: String,
    pub authors: Vec<String>,
    pub state: State,
    pub changed: Timestamp,
}

/// Drafts on a page.
const MOST: usize = 500;

/// The form on disk; the texts stand beside it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Body {
    base: u64,
    revision: u64,
    policy: String,
    cases: String,
    title: String,
    authors: Vec<String>,
    hands: Vec<String>,
    state: State,
    reason: String,
    submitter: Option<String>,
    refusal: Option<(String, String)>,
    version: Option<u64>,
    changed: i64,
}

impl Draft {
    /// What a decision is about: this text of this draft, on this version. A form carries it, so
    /// that what is approved is what was seen.
    #[must_use]
    pub fn digest(&self) -> String {
        let hash = sha256(&[
            b"sluis-draft-1",
            &self.id.to_be_bytes(),
            &self.revision.to_be_bytes(),
            &self.base.to_be_bytes(),
            self.text.policy.as_bytes(),
            self.text.cases.as_bytes(),
            self.reason.as_bytes(),
        ]);
        data_encoding::HEXLOWER.encode(&hash)
    }
}

impl Review {
    /// The draft of that number.
    ///
    /// # Errors
    /// [`Error::NoDraft`], or that it was changed outside.
    pub fn draft(&self, id: i64) -> Result<Draft, Error> {
        self.read(|connection| load(connection, &self.key, id))
    }

    /// Drafts, the newest first; without `all` those that something can become of yet. Beside them
    /// the numbers of those that were changed outside and cannot be used.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drafts(&self, all: bool) -> Result<(Vec<Listed>, Vec<i64>), Error> {
        let (mut drafts, broken) = self.read(|connection| list(connection, &self.key))?;
        drafts.retain(|draft| all || draft.state.is_pending());
        drafts.truncate(MOST);
        Ok((drafts, broken))
    }

    /// Whether the draft was made from the version in force.
    ///
    /// # Errors
    /// When the chain was changed or cut.
    pub fn is_current(&self, draft: &Draft) -> Result<bool, Error> {
        Ok(draft.base == self.newest()?.map_or(0, |head| head.seq))
    }
}

/// All drafts without their texts, the newest first, and those that were changed outside.
pub(super) fn list(
    connection: &Connection,
    key: &hmac::Key,
) -> Result<(Vec<Listed>, Vec<i64>), Error> {
    let mut statement =
        connection.prepare_cached("SELECT id, body, mac FROM draft ORDER BY id DESC")?;
    let mut rows = statement.query([])?;
    let (mut drafts, mut broken) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let (id, bytes, mac): (i64, Vec<u8>, Vec<u8>) = row.try_into()?;
        let right = is_right(key, b"draft", id.cast_unsigned(), &bytes, &mac);
        let body: Option<Body> = serde_json::from_slice(&bytes).ok().filter(|_| right);
        match body {
            Some(body) => drafts.push(Listed {
                id,
                base: body.base,
                title: body.title,
                authors: body.authors,
                state: body.state,
                changed: Timestamp(body.changed),
            }),
            None => broken.push(id),
        }
    }
    Ok((drafts, broken))
}

pub(super) fn load(connection: &Connection, key: &hmac::Key, id: i64) -> Result<Draft, Error> {
    let row: Option<(Vec<u8>, Vec<u8>)> = connection
        .prepare_cached("SELECT body, mac FROM draft WHERE id = ?1")?
        .query_row([id], |row| row.try_into())
        .optional()?;
    let (bytes, mac) = row.ok_or(Error::NoDraft(id))?;
    let broken = || Error::DraftBroken(id);
    if !is_right(key, b"draft", id.cast_unsigned(), &bytes, &mac) {
        return Err(broken());
    }
    let body: Body = serde_json::from_slice(&bytes).map_err(|_| broken())?;
    let text = text(connection, key, id, body.revision)?;
    if (digest(&text.policy), digest(&text.cases)) != (body.policy, body.cases) {
        return Err(broken());
    }
    Ok(Draft {
        id,
        base: body.base,
        revision: body.revision,
        text,
        title: body.title,
        authors: body.authors,
        hands: body.hands,
        state: body.state,
        reason: body.reason,
        submitter: body.submitter,
        refusal: body.refusal,
        version: body.version,
        changed: Timestamp(body.changed),
    })
}

/// A text that the draft has or had.
pub(super) fn text(
    connection: &Connection,
    key: &hmac::Key,
    id: i64,
    revision: u64,
) -> Result<Text, Error> {
    let row: Option<(String, String, Vec<u8>)> = connection
        .prepare_cached(
            "SELECT policy, cases, mac FROM revision WHERE draft = ?1 AND revision = ?2",
        )?
        .query_row((id, revision.cast_signed()), |row| row.try_into())
        .optional()?;
    let (policy, cases, mac) = row.ok_or(Error::DraftBroken(id))?;
    let text = Text { policy, cases };
    if is_right(
        key,
        b"text.",
        id.cast_unsigned(),
        &signed(revision, &text),
        &mac,
    ) {
        Ok(text)
    } else {
        Err(Error::DraftBroken(id))
    }
}

/// Makes a draft of the version in force; its number is in the result.
pub(super) fn insert(connection: &Connection, key: &hmac::Key, new: Draft) -> Result<Draft, Error> {
    connection.execute("INSERT INTO draft (body, mac) VALUES (x'', x'')", [])?;
    let draft = Draft {
        id: connection.last_insert_rowid(),
        base: newest(connection, key)?.map_or(0, |head| head.seq),
        ..new
    };
    keep_text(connection, key, &draft)?;
    keep(connection, key, &draft)?;
    Ok(draft)
}

/// Writes how a draft stands; its text was kept before.
pub(super) fn keep(connection: &Connection, key: &hmac::Key, draft: &Draft) -> Result<(), Error> {
    let body = serde_json::to_vec(&Body {
        base: draft.base,
        revision: draft.revision,
        policy: digest(&draft.text.policy),
        cases: digest(&draft.text.cases),
        title: draft.title.clone(),
        authors: draft.authors.clone(),
        hands: draft.hands.clone(),
        state: draft.state,
        reason: draft.reason.clone(),
        submitter: draft.submitter.clone(),
        refusal: draft.refusal.clone(),
        version: draft.version,
        changed: draft.changed.0,
    })?;
    let mac = tag(key, b"draft", draft.id.cast_unsigned(), &body);
    let sql = "UPDATE draft SET body = ?2, mac = ?3 WHERE id = ?1";
    connection.execute(sql, (draft.id, body, mac))?;
    Ok(())
}

pub(super) fn keep_text(
    connection: &Connection,
    key: &hmac::Key,
    draft: &Draft,
) -> Result<(), Error> {
    let Draft {
        id, revision, text, ..
    } = draft;
    let mac = tag(key, b"text.", id.cast_unsigned(), &signed(*revision, text));
    connection.execute(
        "INSERT INTO revision (draft, revision, policy, cases, mac) VALUES (?1, ?2, ?3, ?4, ?5)",
        (id, revision.cast_signed(), &text.policy, &text.cases, mac),
    )?;
    Ok(())
}

fn signed(revision: u64, text: &Text) -> Vec<u8> {
    let (policy, cases) = (text.policy.as_bytes(), text.cases.as_bytes());
    sha256(&[&revision.to_be_bytes(), policy, cases]).to_vec()
}
