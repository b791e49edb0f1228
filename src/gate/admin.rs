//! Administration of clients, for the command line. Every change is stamped and acts at once, in
//! every process that has the database open.

use std::num::NonZeroU32;

use rusqlite::{Transaction, TransactionBehavior, params};

use crate::gate::client::{Client, Listed, Reference};
use crate::gate::{
    CertificateHash, Enrolment, Error, Factor, Gate, Pace, Pair, PublicKey, credential, factor,
    staff, totp,
};
use crate::model::{FieldList, Secret, Timestamp};

/// A client to be. What its pair of proofs needs must be there, and nothing else.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Up to 80 of `A-Z a-z 0-9 . _ @ -`: user name in Salesforce's terms.
    pub name: String,
    /// What the client uses personal data for; it is recorded with every exchange.
    pub purpose: String,
    pub roles: Vec<String>,
    pub pair: Pair,
    pub certificate: Option<CertificateHash>,
    pub key: Option<PublicKey>,
    pub pace: Pace,
    /// What it keeps to; none: all that policy has rules for.
    pub fields: Option<FieldList>,
}

impl NewClient {
    /// A client of default pace: 50 requests a second, bursts of 200.
    #[must_use]
    pub fn new(name: &str, purpose: &str, roles: &[&str], pair: Pair) -> Self {
        Self {
            name: name.to_owned(),
            purpose: purpose.to_owned(),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            pair,
            certificate: None,
            key: None,
            pace: Pace {
                per_second: NonZeroU32::MIN.saturating_add(49),
                burst: NonZeroU32::MIN.saturating_add(199),
            },
            fields: None,
        }
    }
}

/// Tokens of one kind that hold, as administrators see them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Holding {
    /// `access`, `refresh` or `static`.
    pub kind: String,
    pub count: u64,
    /// When the last of them ends.
    pub until: Timestamp,
}

/// What is shown once, when it was made.
#[derive(Clone, Debug)]
pub struct Shown {
    pub client_id: String,
    pub secret: Option<Secret>,
    pub codes: Option<Enrolment>,
}

impl Gate {
    /// # Errors
    /// When the name is taken, something is out of bounds, or the pair's proofs cannot be had.
    pub fn add(&self, new: &NewClient) -> Result<Shown, Error> {
        check_name(&new.name)?;
        check_purpose(&new.purpose)?;
        let roles = checked_roles(&new.roles)?;
        if new.certificate.is_some() != new.pair.needs(Factor::Certificate) {
            return Err(Error::Unfit(
                "a certificate belongs to a pair with one, and only there",
            ));
        }
        if new.key.is_some() != new.pair.needs(Factor::Assertion) {
            return Err(Error::Unfit(
                "a key belongs to a pair with assertion, and only there",
            ));
        }
        let now = self.now();
        let client_id = credential::client_id(&*self.entropy)?;
        let secret = match new.pair.needs(Factor::Secret) {
            true => Some(credential::client_secret(&*self.entropy)?),
            false => None,
        };
        let (codes, sealed) = match new.pair.needs(Factor::Totp) {
            true => Some(self.new_codes(&new.name, &client_id)?).unzip(),
            false => (None, None),
        };
        let connection = self.database();
        // Names of people are in the same records as those of clients.
        if staff::is_taken(&connection, &new.name)? {
            return Err(Error::NameTaken);
        }
        let inserted = connection.execute(
            "INSERT INTO client (client_id, name, purpose, roles, enabled, pair, secret_hash, \
             certificate, key_algorithm, key_pem, totp_sealed, requests_per_second, burst, \
             created, changed, fields) \
             VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14)",
            params![
                client_id,
                new.name,
                new.purpose,
                roles,
                factor::join(new.pair.factors()),
                secret.as_ref().map(|s| credential::hash(s.expose())),
                new.certificate,
                new.key.as_ref().map(|key| key.algorithm().name()),
                new.key.as_ref().map(PublicKey::pem),
                sealed,
                new.pace.per_second.get(),
                new.pace.burst.get(),
                now.0,
                new.fields.as_ref().map(names_of).transpose()?,
            ],
        );
        match inserted {
            Ok(_) => Ok(Shown {
                client_id,
                secret,
                codes,
            }),
            Err(rusqlite::Error::SqliteFailure(failure, _))
                if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE =>
            {
                Err(Error::NameTaken)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// All clients, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list(&self) -> Result<Vec<Listed>, Error> {
        let all = Client::all(&self.database())?;
        Ok(all.into_iter().map(Listed::from).collect())
    }

    /// Shuts a client out and ends all its tokens, for good: enabling it again revives none.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn disable(&self, name: &str) -> Result<(), Error> {
        self.change((name, "client.disable"), |tx, client, now| {
            tx.execute("UPDATE client SET enabled = 0 WHERE id = ?1", [client.row])?;
            revoke_all(tx, client, now)?;
            Ok(())
        })
    }

    /// Lets a client sign in again, and forgets its wrong codes.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn enable(&self, name: &str) -> Result<(), Error> {
        self.change((name, "client.enable"), |tx, client, _| {
            tx.execute(
                "UPDATE client SET enabled = 1, totp_failures = 0, totp_locked_until = 0 \
                 WHERE id = ?1",
                [client.row],
            )?;
            Ok(())
        })
    }

    /// Makes a new secret; the old one and all tokens end.
    ///
    /// # Errors
    /// When there is no such client, or its pair has no secret.
    pub fn rotate_secret(&self, name: &str) -> Result<Secret, Error> {
        let secret = credential::client_secret(&*self.entropy)?;
        self.change((name, "client.secret"), |tx, client, now| {
            if !client.pair.needs(Factor::Secret) {
                return Err(Error::Unfit("the client's pair has no secret"));
            }
            tx.execute(
                "UPDATE client SET secret_hash = ?2 WHERE id = ?1",
                params![client.row, credential::hash(secret.expose())],
            )?;
            revoke_all(tx, client, now)
        })?;
        Ok(secret)
    }

    /// Makes a new secret for one-time codes; the old one and all tokens end.
    ///
    /// # Errors
    /// When there is no such client, or its pair has no codes.
    pub fn rotate_codes(&self, name: &str) -> Result<Enrolment, Error> {
        let client = Client::named(&self.database(), name)?;
        if !client.pair.needs(Factor::Totp) {
            return Err(Error::Unfit("the client's pair has no one-time codes"));
        }
        let (codes, sealed) = self.new_codes(&client.name, &client.client_id)?;
        self.change((name, "client.codes"), |tx, client, now| {
            tx.execute(
                "UPDATE client SET totp_sealed = ?2, totp_step = -1, totp_failures = 0, \
                 totp_locked_until = 0 WHERE id = ?1",
                params![client.row, sealed],
            )?;
            revoke_all(tx, client, now)
        })?;
        Ok(codes)
    }

    /// Pins another certificate, as when the old one expires; tokens bound to the old one end.
    ///
    /// # Errors
    /// When there is no such client, or its pair has no certificate.
    pub fn set_certificate(&self, name: &str, certificate: CertificateHash) -> Result<(), Error> {
        self.change((name, "client.certificate"), |tx, client, now| {
            if !client.pair.needs(Factor::Certificate) {
                return Err(Error::Unfit("the client's pair has no certificate"));
            }
            tx.execute(
                "UPDATE client SET certificate = ?2 WHERE id = ?1",
                params![client.row, certificate],
            )?;
            revoke_all(tx, client, now)
        })
    }

    /// Registers another key; all tokens end.
    ///
    /// # Errors
    /// When there is no such client, or its pair has no assertion.
    pub fn set_key(&self, name: &str, key: &PublicKey) -> Result<(), Error> {
        self.change((name, "client.key"), |tx, client, now| {
            if !client.pair.needs(Factor::Assertion) {
                return Err(Error::Unfit("the client's pair has no assertion"));
            }
            tx.execute(
                "UPDATE client SET key_algorithm = ?2, key_pem = ?3 WHERE id = ?1",
                params![client.row, key.algorithm().name(), key.pem()],
            )?;
            revoke_all(tx, client, now)
        })
    }

    /// Ends all tokens of a client, static ones too.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn revoke_tokens(&self, name: &str) -> Result<(), Error> {
        self.change((name, "client.revoke"), revoke_all)
    }

    /// Acts on tokens that are out, from the next request on.
    ///
    /// # Errors
    /// When there is no such client, or a role is no role's name.
    pub fn set_roles(&self, name: &str, roles: &[String]) -> Result<(), Error> {
        let roles = checked_roles(roles)?;
        self.change((name, "client.role"), |tx, client, _| {
            tx.execute(
                "UPDATE client SET roles = ?2 WHERE id = ?1",
                params![client.row, roles],
            )?;
            Ok(())
        })
    }

    /// What a client keeps to from its next request on; none: all that policy has rules for.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn set_fields(&self, name: &str, fields: Option<&FieldList>) -> Result<(), Error> {
        let act = match fields {
            Some(_) => "client.fields",
            None => "client.all-fields",
        };
        let names = fields.map(names_of).transpose()?;
        self.change((name, act), |tx, client, _| {
            tx.execute(
                "UPDATE client SET fields = ?2 WHERE id = ?1",
                params![client.row, names],
            )?;
            Ok(())
        })
    }

    /// As [`Self::set_fields`], where the list is no more than the client may use by then.
    ///
    /// # Errors
    /// When there is no such client, or the list says more.
    pub(in crate::gate) fn narrow_fields(
        &self,
        name: &str,
        fields: &FieldList,
    ) -> Result<(), Error> {
        let names = names_of(fields)?;
        self.change((name, "client.fields"), |tx, client, _| {
            if !client.may_use(Some(fields)) {
                return Err(Error::Unfit("the program was changed meanwhile; try again"));
            }
            tx.execute(
                "UPDATE client SET fields = ?2 WHERE id = ?1",
                params![client.row, names],
            )?;
            Ok(())
        })
    }

    /// A client as it is, with its tokens that hold; none where there is no such client.
    ///
    /// # Errors
    /// When the database fails.
    pub fn client(&self, name: &str) -> Result<Option<(Listed, Vec<Holding>)>, Error> {
        let connection = self.database();
        let by = Reference::Name(name.to_owned());
        let Some(client) = Client::find(&connection, &by)? else {
            return Ok(None);
        };
        let mut statement = connection.prepare_cached(
            "SELECT kind, count(*), max(expires) FROM token \
             WHERE client = ?1 AND revoked IS NULL AND expires > ?2 GROUP BY kind ORDER BY kind",
        )?;
        let rows = statement.query_map(params![client.row, self.now().0], |row| {
            Ok(Holding {
                kind: row.get(0)?,
                count: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
                until: Timestamp(row.get(2)?),
            })
        })?;
        let held = rows.collect::<Result<_, _>>()?;
        Ok(Some((Listed::from(client), held)))
    }

    /// # Errors
    /// When there is no such client.
    pub fn set_pace(&self, name: &str, pace: Pace) -> Result<(), Error> {
        self.change((name, "client.pace"), |tx, client, _| {
            tx.execute(
                "UPDATE client SET requests_per_second = ?2, burst = ?3 WHERE id = ?1",
                params![client.row, pace.per_second.get(), pace.burst.get()],
            )?;
            Ok(())
        })
    }

    /// Seals the secrets of all one-time codes anew, for the rotation of the key-encryption key.
    /// Returns how many.
    ///
    /// # Errors
    /// When one cannot be opened or sealed: then all stay as they were.
    pub fn reseal(&self) -> Result<usize, Error> {
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut resealed = 0;
        for client in Client::all(&tx)? {
            let Some(secret) = self.open_codes(&client)? else {
                continue;
            };
            let context = Client::totp_context(&client.client_id);
            let sealed = self.sealer.seal(&context, secret.expose())?;
            resealed += tx.execute(
                "UPDATE client SET totp_sealed = ?2 WHERE id = ?1",
                params![client.row, sealed],
            )?;
        }
        resealed += self.reseal_people(&tx)?;
        tx.commit()?;
        Ok(resealed)
    }

    /// Removes a client with all its tokens.
    ///
    /// # Errors
    /// When there is no such client.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        self.change((name, "client.remove"), |tx, client, _| {
            tx.execute("DELETE FROM client WHERE id = ?1", [client.row])?;
            Ok(())
        })
    }

    fn change(
        &self,
        (name, act): (&str, &str),
        what: impl FnOnce(&Transaction<'_>, &Client, Timestamp) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let now = self.now();
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let client = Client::named(&tx, name)?;
        self.operated(&tx, act, &client)?;
        what(&tx, &client, now)?;
        tx.execute(
            "UPDATE client SET version = version + 1, changed = ?2 WHERE id = ?1",
            params![client.row, now.0],
        )?;
        tx.commit()?;
        Ok(())
    }

    fn new_codes(&self, name: &str, client_id: &str) -> Result<(Enrolment, Vec<u8>), Error> {
        let secret = totp::generate(&*self.entropy)?;
        let context = Client::totp_context(client_id);
        let sealed = self.sealer.seal(&context, secret.expose())?;
        Ok((Enrolment::new(secret, name), sealed))
    }
}

fn revoke_all(tx: &Transaction<'_>, client: &Client, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE token SET revoked = ?2 WHERE client = ?1 AND revoked IS NULL",
        params![client.row, now.0],
    )?;
    Ok(())
}

/// As JSON, which is how the database keeps them.
fn names_of(fields: &FieldList) -> Result<String, Error> {
    let names: Vec<&str> = fields.names().collect();
    serde_json::to_string(&names).map_err(|_| Error::Unfit("the list of fields cannot be kept"))
}

pub(in crate::gate) fn check_name(name: &str) -> Result<(), Error> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b'-');
    if name.is_empty() || name.len() > 80 || !name.bytes().all(fits) {
        return Err(Error::Unfit(
            "a name has 1 to 80 letters, digits, `.`, `_`, `@` or `-`",
        ));
    }
    Ok(())
}

pub(in crate::gate) fn check_purpose(purpose: &str) -> Result<(), Error> {
    if purpose.trim().is_empty() || purpose.len() > 200 || purpose.chars().any(char::is_control) {
        return Err(Error::Unfit("a purpose is one line of up to 200 bytes"));
    }
    Ok(())
}

/// As JSON, which is how the database keeps them.
pub(in crate::gate) fn checked_roles(roles: &[String]) -> Result<String, Error> {
    const UNFIT: Error =
        Error::Unfit("there are up to 32 roles of 1 to 64 small letters, digits, `-` or `_` each");
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    let named = |role: &String| (1..=64).contains(&role.len()) && role.bytes().all(fits);
    if roles.len() > 32 || !roles.iter().all(named) {
        return Err(UNFIT);
    }
    serde_json::to_string(roles).map_err(|_| UNFIT)
}
