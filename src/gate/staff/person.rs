//! A person as the database has them.

use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::gate::staff::ConsoleRoles;
use crate::gate::{Error, credential};
use crate::model::{Secret, Timestamp};

/// What reads one person, whatever they are looked up by.
const SELECT: &str = "SELECT id, version, handle, login, display, purpose, roles, console, enabled, \
     password, totp_sealed, created, changed, \
     (SELECT count(*) FROM passkey WHERE person = person.id) AS passkeys, \
     (SELECT count(*) FROM recovery_code WHERE person = person.id) AS recovery_codes, \
     (SELECT expires FROM enrolment WHERE person = person.id) AS invited_until \
     FROM person";

/// WebAuthn's name for a person: random, so that it says nothing of them.
pub(super) type Handle = [u8; 16];

pub(in crate::gate) struct Person {
    pub row: i64,
    pub version: i64,
    pub handle: Handle,
    pub login: String,
    pub display: String,
    pub purpose: String,
    pub roles: Vec<String>,
    pub console: ConsoleRoles,
    pub enabled: bool,
    pub password: Option<Secret>,
    pub totp_sealed: Option<Vec<u8>>,
    pub passkeys: u32,
    pub recovery_codes: u32,
    pub invited_until: Option<Timestamp>,
    pub created: Timestamp,
    pub changed: Timestamp,
}

/// Whether a person can sign in. Nobody can with one factor: the database refuses to keep a
/// password without one-time codes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Has no factors yet.
    Invited,
    Active,
    Disabled,
}

impl State {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

impl Person {
    pub fn find(connection: &Connection, login: &str) -> Result<Option<Self>, Error> {
        connection
            .prepare_cached(&format!("{SELECT} WHERE login = ?1"))?
            .query_row([login], |row| Ok(Self::read(row)))
            .optional()?
            .transpose()
    }

    pub fn named(connection: &Connection, login: &str) -> Result<Self, Error> {
        Self::find(connection, &folded(login))?.ok_or(Error::PersonUnknown)
    }

    pub fn of_row(connection: &Connection, row: i64) -> Result<Self, Error> {
        connection
            .prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
            .query_row([row], |row| Ok(Self::read(row)))
            .optional()?
            .ok_or(Error::PersonUnknown)?
    }

    pub fn all(connection: &Connection) -> Result<Vec<Self>, Error> {
        let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY login"))?;
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(Self::read(row)?);
        }
        Ok(all)
    }

    pub fn state(&self) -> State {
        if !self.enabled {
            State::Disabled
        } else if self.has_factors() {
            State::Active
        } else {
            State::Invited
        }
    }

    pub fn has_factors(&self) -> bool {
        self.password.is_some() || self.passkeys > 0
    }

    /// The context that the secret of the codes is sealed in: it opens for this person only.
    pub fn totp_context(handle: &Handle) -> String {
        format!("gate/staff/totp/{}", HEXLOWER.encode(handle))
    }

    fn read(row: &Row<'_>) -> Result<Self, Error> {
        let roles: String = row.get("roles")?;
        let console: String = row.get("console")?;
        let password: Option<String> = row.get("password")?;
        Ok(Self {
            row: row.get("id")?,
            version: row.get("version")?,
            handle: row.get("handle")?,
            login: row.get("login")?,
            display: row.get("display")?,
            purpose: row.get("purpose")?,
            roles: serde_json::from_str(&roles)
                .map_err(|_| Error::RowUnreadable("person.roles"))?,
            console: ConsoleRoles::from_json(&console)?,
            enabled: row.get("enabled")?,
            password: password.map(|text| Secret::new(text.into_bytes())),
            totp_sealed: row.get("totp_sealed")?,
            passkeys: row.get("passkeys")?,
            recovery_codes: row.get("recovery_codes")?,
            invited_until: row.get::<_, Option<i64>>("invited_until")?.map(Timestamp),
            created: Timestamp(row.get("created")?),
            changed: Timestamp(row.get("changed")?),
        })
    }
}

/// The user id that Salesforce's clients would see: of another range than those of API clients.
pub(super) fn user_id(row: i64) -> String {
    const PEOPLE: u64 = 1 << 40;
    credential::salesforce_id(
        "005",
        PEOPLE.saturating_add(u64::try_from(row).unwrap_or(0)),
    )
}

/// Login names are compared without case.
pub(super) fn folded(login: &str) -> String {
    login.trim().to_ascii_lowercase()
}

/// A person as administrators and they themselves see them: nothing secret.
#[derive(Clone, Debug)]
pub struct ListedPerson {
    pub login: String,
    pub display: String,
    pub purpose: String,
    pub roles: Vec<String>,
    /// What they may do at the console.
    pub console: ConsoleRoles,
    pub state: State,
    /// Whether they have a password with one-time codes.
    pub password: bool,
    pub passkeys: u32,
    /// How many are left.
    pub recovery_codes: u32,
    /// Until when their link holds, if they have one.
    pub invited_until: Option<Timestamp>,
    pub created: Timestamp,
    pub changed: Timestamp,
}

impl From<Person> for ListedPerson {
    fn from(person: Person) -> Self {
        Self {
            state: person.state(),
            login: person.login,
            display: person.display,
            purpose: person.purpose,
            roles: person.roles,
            console: person.console,
            password: person.password.is_some(),
            passkeys: person.passkeys,
            recovery_codes: person.recovery_codes,
            invited_until: person.invited_until,
            created: person.created,
            changed: person.changed,
        }
    }
}
