//! Who is asking: API clients with two independent proofs and the tokens that they get for them;
//! people with two factors and their sessions.
//!
//! Every request passes [`Gate::admit`], which makes the only [`Permit`]s there are. A client gets
//! its token from [`Gate::token`], with the pair of proofs that it is registered for; one proof is
//! never enough, whatever the grant. The gate never sees what a request is about and cannot reach
//! customer data: it uses neither policy nor protection nor the CRM. People come by
//! [`Gate::admit_session`], with the cookie of a session that rests on two factors ([`staff`]).
//!
//! Read first: [`Gate`], [`Permit`], [`Pair`], [`staff`].

mod admin;
mod admit;
mod assertion;
mod client;
mod code;
mod credential;
mod database;
mod error;
mod events;
mod factor;
mod form;
mod issue;
mod limits;
mod offer;
mod permit;
mod seal;
mod sender;
pub mod staff;
mod standing;
mod token;
mod totp;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::model::{Clock, Entropy, Timestamp};

pub use admin::{Holding, NewClient, Shown};
pub use admit::{Credentials, Session};
pub use assertion::{Algorithm, PublicKey};
pub use client::Listed;
pub use error::{Denied, Error, OAuthError, SealFailed};
pub use events::Event;
pub use factor::{Factor, Pair};
pub use form::Form;
pub use limits::{Pace, SignIns};
pub use permit::{Permit, SignIn};
pub use seal::Sealer;
pub use sender::Sender;
pub use standing::{Binding, NewToken};
pub use token::{Grant, TokenRequest, UserInfo};
pub use totp::Enrolment;

/// SHA-256 of a certificate's DER.
pub type CertificateHash = [u8; 32];

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// The organization that our tokens name: `00D` and 15 more, the 18-character form.
    pub organization_id: String,
    /// How long an access token holds: up to a day.
    pub token_ttl: Duration,
    /// How long a sign-in can be refreshed, counted from the sign-in itself: up to 90 days.
    pub refresh_ttl: Duration,
    /// How long a static token holds after its client's last one-time code: up to a day.
    pub renewal_ttl: Duration,
    /// Our own origins, `https://host`, without a slash at the end: what assertions may be for.
    pub assertion_audiences: Vec<String>,
    pub sign_ins: SignIns,
    /// One for each thread that admits requests.
    pub shards: usize,
    /// What passkeys are bound to (WebAuthn's RP ID): a domain that all hosts are under. None: each
    /// host's own name.
    pub passkey_domain: Option<String>,
    /// Where the CRM sends outbound messages to.
    pub senders: Vec<Sender>,
}

impl Settings {
    fn check(&self) -> Result<(), Error> {
        let organization = &self.organization_id;
        if organization.len() != 18
            || !organization.starts_with("00D")
            || !organization.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return Err(Error::Unfit(
                "organization_id must be `00D` and 15 letters or digits",
            ));
        }
        let day = Duration::from_hours(24);
        for (ttl, longest, text) in [
            (
                self.token_ttl,
                day,
                "token_ttl must be 1 minute to 24 hours",
            ),
            (
                self.renewal_ttl,
                day,
                "renewal_ttl must be 1 minute to 24 hours",
            ),
            (
                self.refresh_ttl,
                day * 90,
                "refresh_ttl must be 1 minute to 90 days",
            ),
        ] {
            if ttl < Duration::from_mins(1) || ttl > longest {
                return Err(Error::Unfit(text));
            }
        }
        if !self.assertion_audiences.iter().all(|audience| {
            audience
                .strip_prefix("https://")
                .is_some_and(|host| !host.is_empty() && !host.contains('/'))
        }) {
            return Err(Error::Unfit(
                "assertion_audiences must be `https://host` each",
            ));
        }
        Ok(())
    }
}

/// The gate over one database file. Several processes may have it open at a time. Clones share all
/// but the operator whom they act for.
#[derive(Clone)]
pub struct Gate {
    admission: Arc<admit::Admission>,
    limits: Arc<limits::Limits>,
    /// For everything but admission. SQLite has one writer at a time anyway.
    connection: Arc<Mutex<Connection>>,
    sealer: Arc<dyn Sealer>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    passwords: Arc<staff::Passwords>,
    refusals: Arc<events::Refusals>,
    /// Whom acts of administration are recorded of.
    operator: String,
    settings: Settings,
}

impl Gate {
    /// Opens the database, creating it if need be.
    ///
    /// # Errors
    /// When a setting is out of bounds, or the file cannot be opened or is a newer program's.
    pub fn open(
        path: &Path,
        sealer: Arc<dyn Sealer>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
    ) -> Result<Self, Error> {
        settings.check()?;
        Ok(Self {
            connection: Arc::new(Mutex::new(database::open(path)?)),
            admission: Arc::new(admit::Admission::open(path, settings.shards)?),
            limits: Arc::new(limits::Limits::new(Arc::clone(&clock), &settings.sign_ins)),
            sealer,
            clock,
            entropy,
            passwords: Arc::default(),
            refusals: Arc::default(),
            operator: "operator".to_owned(),
            settings,
        })
    }

    /// Whether a request may go on, and as whom. Blocks for microseconds; call it on any thread.
    ///
    /// # Errors
    /// The reason to refuse. When the database cannot be asked, nobody is admitted.
    pub fn admit(&self, credentials: &Credentials<'_>) -> Result<Permit, Denied> {
        self.admission
            .admit(credentials, &self.limits, self.clock.now())
    }

    /// As [`Self::admit`], for a person by the cookie of their session: both factors were shown,
    /// and neither the session nor the person has ended since.
    ///
    /// # Errors
    /// As there.
    pub fn admit_session(&self, cookie: &str, arrived: Instant) -> Result<Session, Denied> {
        self.admission
            .admit_session(cookie, arrived, &self.limits, self.clock.now())
    }

    /// As [`Self::admit_session`], for what a person does not do: whether their session still holds.
    /// It counts as no request, and no session lasts longer for it.
    ///
    /// # Errors
    /// As there.
    pub fn look_at_session(&self, cookie: &str, arrived: Instant) -> Result<Permit, Denied> {
        self.admission
            .look_at_session(cookie, arrived, &self.limits, self.clock.now())
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic left open was rolled back when it was dropped.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
