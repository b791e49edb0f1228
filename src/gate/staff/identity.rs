//! People whom an OpenID provider knows: the way there and back, and which person it is.
//!
//! What the provider says is checked before it comes here (`crate::oidc`). It is one factor, like a
//! password; two where the configuration says that the provider has asked for a second one.

use rusqlite::{OptionalExtension, params};
use subtle::ConstantTimeEq;

use crate::gate::credential;
use crate::gate::staff::person::Person;
use crate::gate::staff::session::{self, New, Open};
use crate::gate::staff::sign_in::how;
use crate::gate::staff::{SignInError, Step, Visitor};
use crate::gate::{Error, Factor, Gate};
use crate::model::{Secret, Timestamp};

/// How long one may take at the provider, in seconds.
const JOURNEY: i64 = 10 * 60;

/// What has to come back from the provider, and where it leads then.
#[derive(Clone, Debug)]
pub struct Journey {
    pub state: Secret,
    pub nonce: Secret,
    pub verifier: Secret,
    /// A path of ours.
    pub next: String,
}

/// Whom the provider has signed in.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub issuer: String,
    pub subject: String,
    /// Whether it has asked for a second factor.
    pub second: bool,
    /// When it asked for its factors, if it says so.
    pub asked: Option<Timestamp>,
}

/// When a second factor was shown of which nobody says when: never just now.
const LONG_AGO: Timestamp = Timestamp(0);

impl Gate {
    /// Whether a browser may go to the provider: counted before the provider is asked anything.
    ///
    /// # Errors
    /// When there were too many.
    pub fn may_depart(&self, visitor: &Visitor<'_>) -> Result<(), SignInError> {
        let counted = self.limits.sign_in(visitor.source);
        counted.map_err(SignInError::too_often)
    }

    /// Writes down that a browser goes to the provider, after [`Self::may_depart`]; returns the cookie
    /// by which it is known when it comes back.
    ///
    /// # Errors
    /// When the database fails.
    pub fn depart(&self, journey: &Journey, visitor: &Visitor<'_>) -> Result<Secret, SignInError> {
        let now = self.now();
        let cookie = credential::session(&*self.entropy)?;
        let connection = self.database();
        connection.execute("DELETE FROM journey WHERE expires <= ?1", [now.0])?;
        connection.execute(
            "INSERT INTO journey (hash, state, nonce, verifier, host, next, expires) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                credential::hash(cookie.expose()),
                text(&journey.state)?,
                text(&journey.nonce)?,
                text(&journey.verifier)?,
                visitor.host,
                journey.next,
                now.plus_seconds(JOURNEY).0,
            ],
        )?;
        Ok(cookie)
    }

    /// Takes the journey of a browser that comes back with this state. It is used up, whatever
    /// becomes of it: an answer works once, and in the browser that asked.
    ///
    /// # Errors
    /// When there is none, or its state is another: somebody else's answer was slipped in.
    pub fn arrive(
        &self,
        cookie: Option<&str>,
        state: &str,
        visitor: &Visitor<'_>,
    ) -> Result<Journey, SignInError> {
        let refused = |reason| {
            self.refused("sign-in", reason, None::<&Person>);
            tracing::warn!(reason, source = %visitor.source, "an answer of the provider was refused");
            SignInError::Wrong
        };
        let cookie = cookie.ok_or_else(|| refused("provider-no-journey"))?;
        let found = self
            .database()
            .query_row(
                "DELETE FROM journey WHERE hash = ?1 AND host = ?2 AND expires > ?3 \
                 RETURNING state, nonce, verifier, next",
                params![
                    credential::hash(cookie.as_bytes()),
                    visitor.host,
                    self.now().0
                ],
                |row| {
                    let secret = |at| {
                        row.get::<_, String>(at)
                            .map(|text| Secret::from(text.as_str()))
                    };
                    Ok(Journey {
                        state: secret(0)?,
                        nonce: secret(1)?,
                        verifier: secret(2)?,
                        next: row.get(3)?,
                    })
                },
            )
            .optional()?;
        let journey = found.ok_or_else(|| refused("provider-no-journey"))?;
        if !bool::from(journey.state.expose().ct_eq(state.as_bytes())) {
            return Err(refused("provider-state"));
        }
        Ok(journey)
    }

    /// Keeps that an answer of the provider's was refused; who it was about is not known then.
    pub fn distrust(&self, reason: &'static str, visitor: &Visitor<'_>) -> SignInError {
        self.refused("sign-in", reason, None::<&Person>);
        tracing::warn!(reason, source = %visitor.source, "an answer of the provider was refused");
        SignInError::Wrong
    }

    /// The first step, or both: the person whom the provider has signed in, if an operator has
    /// linked them. Where it has asked for both factors, it steps up the session that the visitor has.
    /// How fresh the second one is, the provider says: its own session may be days old.
    ///
    /// # Errors
    /// The same whether nobody is linked or the person was disabled.
    pub fn show_vouched(
        &self,
        vouched: &Vouched,
        visitor: &Visitor<'_>,
    ) -> Result<Step, SignInError> {
        let now = self.now();
        self.write(|tx| {
            let row: Option<i64> = tx
                .query_row(
                    "SELECT person FROM identity WHERE issuer = ?1 AND subject = ?2",
                    params![vouched.issuer, vouched.subject],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(row) = row else {
                self.refused("sign-in", "provider-unlinked", None::<&Person>);
                return Ok(Err(SignInError::Wrong));
            };
            let person = Person::of_row(tx, row)?;
            // Who has no second factor here could get no further.
            if !person.enabled || !vouched.second && !person.has_factors() {
                self.refused("sign-in", "provider-not-enabled", Some(&person));
                return Ok(Err(SignInError::Wrong));
            }
            let asked = vouched.asked.unwrap_or(LONG_AGO);
            let second = vouched.second.then_some((Factor::ProviderSecond, asked));
            // Stepping up does not make a session longer.
            let since = Open::find(tx, visitor, now)?
                .filter(|open| open.second.is_some() && open.person.row == row)
                .filter(|_| second.is_some())
                .map(|open| open.since);
            session::end_cookie(tx, visitor.cookie)?;
            if let Some((second, _)) = second {
                let act = match since {
                    Some(_) => "step-up",
                    None => "sign-in",
                };
                self.did(tx, act, &person, &how(Factor::Provider, second))?;
            }
            let new = New {
                person: row,
                first: Factor::Provider,
                second,
                since,
                surface: visitor.surface,
            };
            Ok(Ok(new.open(tx, &*self.entropy, now)?))
        })
    }

    /// Says who a person is at a provider.
    ///
    /// # Errors
    /// When there is no such person, the identity is another's, or a text is no identity.
    pub fn link_person(&self, login: &str, issuer: &str, subject: &str) -> Result<(), Error> {
        let plain = |text: &str| {
            (1..=255).contains(&text.len()) && text.bytes().all(|b| matches!(b, 0x21..=0x7e))
        };
        if !issuer.starts_with("https://") || !plain(issuer) || !plain(subject) {
            return Err(Error::Unfit(
                "an identity is an issuer that begins with https:// and the provider's `sub`, of up to 255 characters each",
            ));
        }
        self.change_person((login, "user.link"), |tx, person| {
            let linked = tx.execute(
                "INSERT INTO identity (issuer, subject, person) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO NOTHING",
                params![issuer, subject, person.row],
            )?;
            match linked {
                1 => Ok(()),
                _ => Err(Error::Unfit("that identity is linked already")),
            }
        })
    }

    /// Forgets who a person is at providers, and ends their sessions.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn unlink_person(&self, login: &str) -> Result<(), Error> {
        self.change_person((login, "user.unlink"), |tx, person| {
            session::end_all(tx, person.row)?;
            tx.execute("DELETE FROM identity WHERE person = ?1", [person.row])?;
            Ok(())
        })
    }
}

fn text(secret: &Secret) -> Result<&str, Error> {
    std::str::from_utf8(secret.expose()).map_err(|_| Error::RowUnreadable("journey"))
}
