//! A client as the database has it.

use std::num::NonZeroU32;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::gate::assertion::Algorithm;
use crate::gate::credential::{self, Hash};
use crate::gate::{CertificateHash, Error, Pace, Pair, PublicKey, factor};
use crate::model::{FieldList, Timestamp};

/// What reads one client, whatever it is looked up by.
const SELECT: &str = "SELECT id, version, client_id, name, purpose, roles, enabled, pair, \
     secret_hash, certificate, key_algorithm, key_pem, totp_sealed, requests_per_second, burst, created, changed, fields \
     FROM client";

pub(in crate::gate) struct Client {
    pub row: i64,
    pub version: i64,
    pub client_id: String,
    pub name: String,
    pub purpose: String,
    pub roles: Vec<String>,
    pub enabled: bool,
    pub pair: Pair,
    pub secret_hash: Option<Hash>,
    pub certificate: Option<CertificateHash>,
    pub key: Option<PublicKey>,
    pub totp_sealed: Option<Vec<u8>>,
    pub pace: Pace,
    pub created: Timestamp,
    pub changed: Timestamp,
    /// What it keeps to; none: all that policy has rules for.
    pub fields: Option<FieldList>,
}

/// By which of its two names a client is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::gate) enum Reference {
    ClientId(String),
    Name(String),
}

impl Client {
    pub fn find(connection: &Connection, by: &Reference) -> Result<Option<Self>, Error> {
        let (column, value) = match by {
            Reference::ClientId(client_id) => ("client_id", client_id),
            Reference::Name(name) => ("name", name),
        };
        connection
            .prepare_cached(&format!("{SELECT} WHERE {column} = ?1"))?
            .query_row([value], |row| Ok(Self::read(row)))
            .optional()?
            .transpose()
    }

    pub fn named(connection: &Connection, name: &str) -> Result<Self, Error> {
        Self::find(connection, &Reference::Name(name.to_owned()))?.ok_or(Error::ClientUnknown)
    }

    pub fn of_row(connection: &Connection, row: i64) -> Result<Self, Error> {
        connection
            .prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
            .query_row([row], |row| Ok(Self::read(row)))
            .optional()?
            .ok_or(Error::ClientUnknown)?
    }

    /// Reads some client, for nothing but the time that it takes: the answer for a client that
    /// does not exist must not come sooner than for one that does.
    pub fn decoy(connection: &Connection) -> Result<(), Error> {
        connection
            .prepare_cached(&format!("{SELECT} LIMIT 1"))?
            .query_row([], |row| Ok(Self::read(row)))
            .optional()?
            .transpose()?;
        Ok(())
    }

    pub fn all(connection: &Connection) -> Result<Vec<Self>, Error> {
        let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY name"))?;
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(Self::read(row)?);
        }
        Ok(all)
    }

    /// Whether a list is no more than what the client may use now. None: all that policy has rules
    /// for.
    pub fn may_use(&self, fields: Option<&FieldList>) -> bool {
        match (&self.fields, fields) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(now), Some(then)) => now.covers(then),
        }
    }

    /// The id that Salesforce's clients take for the user's.
    pub fn user_id(&self) -> String {
        credential::salesforce_id("005", u64::try_from(self.row).unwrap_or(0))
    }

    /// The context that the code's secret is sealed in: it opens for this client only.
    pub fn totp_context(client_id: &str) -> String {
        format!("gate/totp/{client_id}")
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        let pair: String = row.get("pair")?;
        let [first, second] = factor::split(&pair).ok_or(Error::RowUnreadable("client.pair"))?;
        let roles: String = row.get("roles")?;
        let key = match row.get::<_, Option<String>>("key_algorithm")? {
            None => None,
            Some(name) => Some(PublicKey::registered(
                Algorithm::from_name(&name).ok_or(Error::RowUnreadable("client.key_algorithm"))?,
                row.get("key_pem")?,
            )),
        };
        Ok(Self {
            row: row.get("id")?,
            version: row.get("version")?,
            client_id: row.get("client_id")?,
            name: row.get("name")?,
            purpose: row.get("purpose")?,
            roles: serde_json::from_str(&roles)
                .map_err(|_| Error::RowUnreadable("client.roles"))?,
            enabled: row.get("enabled")?,
            pair: Pair::new(first, second)?,
            secret_hash: row.get("secret_hash")?,
            certificate: row.get("certificate")?,
            key,
            totp_sealed: row.get("totp_sealed")?,
            pace: Pace {
                per_second: positive(row, "requests_per_second")?,
                burst: positive(row, "burst")?,
            },
            created: Timestamp(row.get("created")?),
            changed: Timestamp(row.get("changed")?),
            fields: fields(row)?,
        })
    }
}

/// A list that cannot be read is an error: taken for none, it would open everything.
fn fields(row: &Row<'_>) -> Result<Option<FieldList>, Error> {
    const UNREADABLE: Error = Error::RowUnreadable("client.fields");
    let Some(json) = row.get::<_, Option<String>>("fields")? else {
        return Ok(None);
    };
    let names: Vec<String> = serde_json::from_str(&json).map_err(|_| UNREADABLE)?;
    FieldList::new(names).map(Some).map_err(|_| UNREADABLE)
}

fn positive(row: &Row<'_>, column: &str) -> Result<NonZeroU32, Error> {
    NonZeroU32::new(row.get(column)?).ok_or(Error::RowUnreadable("client.requests_per_second"))
}

/// A client as administrators see it: nothing secret.
#[derive(Clone, Debug)]
pub struct Listed {
    pub name: String,
    pub client_id: String,
    pub purpose: String,
    pub roles: Vec<String>,
    pub enabled: bool,
    pub pair: Pair,
    pub certificate: Option<CertificateHash>,
    pub key_algorithm: Option<Algorithm>,
    pub pace: Pace,
    pub created: Timestamp,
    pub changed: Timestamp,
    /// What it keeps to; none: all that policy has rules for.
    pub fields: Option<FieldList>,
}

impl From<Client> for Listed {
    fn from(client: Client) -> Self {
        Self {
            name: client.name,
            client_id: client.client_id,
            purpose: client.purpose,
            roles: client.roles,
            enabled: client.enabled,
            pair: client.pair,
            certificate: client.certificate,
            key_algorithm: client.key.as_ref().map(PublicKey::algorithm),
            pace: client.pace,
            created: client.created,
            changed: client.changed,
            fields: client.fields,
        }
    }
}
