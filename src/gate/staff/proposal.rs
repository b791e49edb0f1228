//! What takes two administrators of the console: whoever could give roles, or a way in under
//! somebody's name, alone, could be editor and approver at once, or see values. So it is with
//! programs: whoever could alone have one see more, or hold one of its two proofs, would be nearer to
//! values than they were.
//!
//! The command line asks for no second person: whoever has the machine has the keys.

use std::time::Duration;

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use crate::gate::client::{Client, Reference};
use crate::gate::events::Who;
use crate::gate::staff::admin::check_new;
use crate::gate::staff::person::{Person, folded};
use crate::gate::staff::{ConsoleRole, ConsoleRoles, Link, NewPerson};
use crate::gate::{Error, Factor, Gate};
use crate::model::{FieldList, Secret, Timestamp};

/// How long a proposal waits.
const WAITS: i64 = 24 * 60 * 60;
/// Proposals that wait at most.
const MOST: i64 = 200;

/// Roles at the console that let somebody take part in a decision.
const DECIDING: ConsoleRoles = ConsoleRoles::none()
    .with(ConsoleRole::Editor)
    .with(ConsoleRole::Approver)
    .with(ConsoleRole::Admin);

/// A change of who gets in, and what for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Somebody new, with a link.
    Add(NewPerson),
    /// Other roles, of the policy and of the console.
    Roles(Vec<String>, ConsoleRoles),
    /// Another link for somebody without factors.
    Link,
    /// All factors away, and a link.
    Reset,
    /// Somebody who was shut out may come back.
    Enable,
    /// What a program keeps to; none: all that policy has rules for.
    Fields(Option<FieldList>),
    /// Another secret for a program.
    Secret,
}

/// What came of it.
#[derive(Debug)]
pub enum Proposed {
    /// It is done.
    Done(Given),
    /// Another administrator has to confirm it.
    Waits,
}

/// What is shown once, to whoever had it done.
#[derive(Debug)]
pub enum Given {
    Nothing,
    /// A link to enrol with.
    Link(Link),
    /// The new secret of a program.
    Secret(Secret),
}

/// What waits for another administrator.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub id: i64,
    /// Of the person whom it is about, or the name of the program: nobody has both.
    pub login: String,
    pub wanted: Wanted,
    /// What the ledger calls whoever wants it.
    pub by: String,
    pub created: Timestamp,
    pub expires: Timestamp,
}

/// The form on disk.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Row {
    act: String,
    login: String,
    #[serde(default)]
    display: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    console: Vec<String>,
    #[serde(default)]
    fields: Option<Vec<String>>,
}

impl Wanted {
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "add",
            Self::Roles(..) => "roles",
            Self::Link => "link",
            Self::Reset => "reset",
            Self::Enable => "enable",
            Self::Fields(_) => "fields",
            Self::Secret => "secret",
        }
    }
}

impl Gate {
    /// Does what an administrator of the console wants, where one may do it alone, or keeps it for
    /// another one to confirm: whatever gives somebody a role by which values are seen or decisions
    /// made, every new way in under the name of somebody who has one or had factors, and whatever lets
    /// a program use more than it may.
    ///
    /// # Errors
    /// When there is no such person, or what is wanted is out of bounds.
    pub fn propose(&self, login: &str, wanted: &Wanted, ttl: Duration) -> Result<Proposed, Error> {
        if !self.takes_two(login, wanted)? {
            // One alone may only narrow, whatever another one does meanwhile.
            return Ok(Proposed::Done(match wanted {
                Wanted::Fields(Some(list)) => {
                    self.narrow_fields(login, list)?;
                    Given::Nothing
                }
                _ => self.carry_out(login, wanted, ttl)?,
            }));
        }
        let now = self.now();
        let row = serde_json::to_string(&Row::of(login, wanted));
        let row = row.map_err(|_| Error::RowUnreadable("proposal.wanted"))?;
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("DELETE FROM proposal WHERE expires <= ?1", [now.0])?;
        let waiting: i64 = tx.query_row("SELECT count(*) FROM proposal", [], |row| row.get(0))?;
        if waiting >= MOST {
            return Err(Error::Unfit(
                "too much waits for a second administrator already",
            ));
        }
        tx.execute(
            "INSERT INTO proposal (wanted, by, created, expires) VALUES (?1, ?2, ?3, ?4)",
            params![row, self.operator, now.0, now.plus_seconds(WAITS).0],
        )?;
        self.proposed(&tx, &format!("propose.{}", wanted.name()), login)?;
        tx.commit()?;
        Ok(Proposed::Waits)
    }

    /// What waits, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn proposals(&self) -> Result<Vec<Proposal>, Error> {
        let connection = self.database();
        let mut statement = connection.prepare_cached(
            "SELECT id, wanted, by, created, expires FROM proposal WHERE expires > ?1 ORDER BY id",
        )?;
        let rows = statement.query_map([self.now().0], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })?;
        rows.map(|row| read(row?)).collect()
    }

    /// Does what another administrator wanted. Nobody confirms what they want themselves, nor what
    /// is about them (`login` is who confirms).
    ///
    /// # Errors
    /// When it does not wait any more, or is theirs.
    pub fn confirm(&self, id: i64, login: &str, ttl: Duration) -> Result<(Proposal, Given), Error> {
        let proposal = self.take_proposal(id, |proposal| {
            if proposal.by.eq_ignore_ascii_case(&self.operator) {
                return Err(Error::Unfit("another administrator confirms what you want"));
            }
            if folded(&proposal.login) == folded(login) {
                return Err(Error::Unfit("nobody confirms what is about themselves"));
            }
            Ok("confirm")
        })?;
        let given = self.carry_out(&proposal.login, &proposal.wanted, ttl)?;
        Ok((proposal, given))
    }

    /// Drops what somebody wanted.
    ///
    /// # Errors
    /// When it does not wait any more.
    pub fn drop_proposal(&self, id: i64) -> Result<(), Error> {
        self.take_proposal(id, |_| Ok("refuse")).map(drop)
    }

    /// Takes a proposal away, in the transaction that says so: of two who decide one does.
    fn take_proposal(
        &self,
        id: i64,
        check: impl FnOnce(&Proposal) -> Result<&'static str, Error>,
    ) -> Result<Proposal, Error> {
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let row = tx
            .query_row(
                "SELECT id, wanted, by, created, expires FROM proposal \
                 WHERE id = ?1 AND expires > ?2",
                params![id, self.now().0],
                |row| {
                    Ok((
                        row.get(0)?,
                        row.get(1)?,
                        row.get(2)?,
                        row.get(3)?,
                        row.get(4)?,
                    ))
                },
            )
            .optional()?;
        let proposal = read(row.ok_or(Error::Unfit("this waits for nobody any more"))?)?;
        let decision = check(&proposal)?;
        tx.execute("DELETE FROM proposal WHERE id = ?1", [id])?;
        let act = format!("propose.{decision}-{}", proposal.wanted.name());
        self.proposed(&tx, &act, &proposal.login)?;
        tx.commit()?;
        Ok(proposal)
    }

    fn proposed(&self, tx: &Transaction<'_>, act: &str, login: &str) -> Result<(), Error> {
        let by = Reference::Name(login.to_owned());
        match (Person::find(tx, &folded(login))?, Client::find(tx, &by)?) {
            (Some(person), _) => self.operated(tx, act, &person),
            (None, Some(client)) => self.operated(tx, act, &client),
            (None, None) => self.operated(tx, act, Who::called(login)),
        }
    }

    fn takes_two(&self, login: &str, wanted: &Wanted) -> Result<bool, Error> {
        if let Wanted::Add(new) = wanted {
            check_new(&self.database(), new)?;
            return Ok(decides(&new.roles, new.console));
        }
        let connection = self.database();
        match wanted {
            Wanted::Fields(list) => {
                return Ok(!Client::named(&connection, login)?.may_use(list.as_ref()));
            }
            Wanted::Secret => {
                let client = Client::named(&connection, login)?;
                if !client.pair.needs(Factor::Secret) {
                    return Err(Error::Unfit("the client's pair has no secret"));
                }
                return Ok(true);
            }
            _ => {}
        }
        let person = Person::named(&connection, login)?;
        Ok(match wanted {
            Wanted::Roles(roles, console) => {
                let seen = roles.iter().any(|role| !person.roles.contains(role));
                let decided = console
                    .iter()
                    .any(|role| DECIDING.has(role) && !person.console.has(role));
                seen || decided
            }
            // A name that somebody signed in by is theirs, whatever roles are left of it.
            Wanted::Reset => true,
            Wanted::Link | Wanted::Enable => decides(&person.roles, person.console),
            Wanted::Add(_) | Wanted::Fields(_) | Wanted::Secret => true,
        })
    }

    fn carry_out(&self, login: &str, wanted: &Wanted, ttl: Duration) -> Result<Given, Error> {
        match wanted {
            Wanted::Add(new) => self.add_person(new, ttl).map(Given::Link),
            Wanted::Roles(roles, console) => {
                self.set_person_roles(login, roles)?;
                self.set_console_roles(login, *console)?;
                Ok(Given::Nothing)
            }
            Wanted::Link => self.invite(login, ttl).map(Given::Link),
            Wanted::Reset => self.reset_person(login, ttl).map(Given::Link),
            Wanted::Enable => self.enable_person(login).map(|()| Given::Nothing),
            Wanted::Fields(list) => {
                self.set_fields(login, list.as_ref())?;
                Ok(Given::Nothing)
            }
            Wanted::Secret => self.rotate_secret(login).map(Given::Secret),
        }
    }
}

/// Whether these roles show values, or let somebody take part in a decision.
fn decides(roles: &[String], console: ConsoleRoles) -> bool {
    !roles.is_empty() || console.meets(DECIDING)
}

impl Row {
    fn of(login: &str, wanted: &Wanted) -> Self {
        let names = |roles: ConsoleRoles| roles.iter().map(|role| role.name().to_owned()).collect();
        let mut row = Self {
            act: wanted.name().to_owned(),
            login: login.to_owned(),
            display: String::new(),
            purpose: String::new(),
            roles: vec![],
            console: vec![],
            fields: None,
        };
        match wanted {
            Wanted::Add(new) => {
                row.login.clone_from(&new.login);
                row.display.clone_from(&new.display);
                row.purpose.clone_from(&new.purpose);
                row.roles.clone_from(&new.roles);
                row.console = names(new.console);
            }
            Wanted::Roles(roles, console) => {
                row.roles.clone_from(roles);
                row.console = names(*console);
            }
            Wanted::Fields(list) => {
                let names = |list: &FieldList| list.names().map(str::to_owned).collect();
                row.fields = list.as_ref().map(names);
            }
            Wanted::Link | Wanted::Reset | Wanted::Enable | Wanted::Secret => {}
        }
        row
    }
}

fn read(
    (id, wanted, by, created, expires): (i64, String, String, i64, i64),
) -> Result<Proposal, Error> {
    const UNREADABLE: Error = Error::RowUnreadable("proposal.wanted");
    let row: Row = serde_json::from_str(&wanted).map_err(|_| UNREADABLE)?;
    let console = ConsoleRoles::named(row.console.iter().map(String::as_str));
    let console = console.map_err(|_| UNREADABLE)?;
    let wanted = match row.act.as_str() {
        "add" => Wanted::Add(NewPerson {
            login: row.login.clone(),
            display: row.display,
            purpose: row.purpose,
            roles: row.roles,
            console,
        }),
        "roles" => Wanted::Roles(row.roles, console),
        "link" => Wanted::Link,
        "reset" => Wanted::Reset,
        "enable" => Wanted::Enable,
        "fields" => {
            let list = row.fields.map(FieldList::new).transpose();
            Wanted::Fields(list.map_err(|_| UNREADABLE)?)
        }
        "secret" => Wanted::Secret,
        _ => return Err(UNREADABLE),
    };
    Ok(Proposal {
        id,
        login: row.login,
        wanted,
        by,
        created: Timestamp(created),
        expires: Timestamp(expires),
    })
}
