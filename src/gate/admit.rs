//! The hot path: whether a request may come in, decided anew for every request.
//!
//! A decision is taken from a cache that is dropped as soon as anything in the database changed,
//! by whichever process: what an administrator revokes on the command line ends with the very
//! next request.

use std::cell::Cell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ipnet::IpNet;
use rusqlite::{Connection, OptionalExtension};
use subtle::ConstantTimeEq;

use crate::gate::client::Client;
use crate::gate::credential::{self, Hash};
use crate::gate::events::recorded_as;
use crate::gate::limits::{Limiter, Limits};
use crate::gate::permit::{Permit, Principal};
use crate::gate::staff::Live;
use crate::gate::{CertificateHash, Denied, Error, database, factor};
use crate::model::Timestamp;

/// Tokens that one shard remembers.
const REMEMBERED: usize = 10_000;

/// What a request shows of who sends it.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// The one `Authorization` header. A request with several is malformed before it comes here.
    pub authorization: Option<&'a str>,
    /// Of the certificate that the client proved in the TLS handshake; never from a header.
    pub certificate: Option<CertificateHash>,
    /// The peer's address, or the one that a trusted proxy vouches for.
    pub source: IpAddr,
    /// When the request came, or later.
    pub arrived: Instant,
}

/// A person's session that holds.
#[derive(Clone, Debug)]
pub struct Session {
    pub permit: Permit,
    /// Whether its time of last use should be written down: see [`super::Gate::touch_session`].
    pub touch: bool,
}

/// A token's row with its client's, as far as admission needs them.
struct Admitted {
    principal: Arc<Principal>,
    certificate: Option<CertificateHash>,
    networks: Vec<IpNet>,
    expires: Timestamp,
    renewed_until: Option<Timestamp>,
    revoked: bool,
    limiter: Arc<Limiter>,
}

/// Caches with a connection each, so that the threads of a server do not wait for each other.
pub(in crate::gate) struct Admission {
    shards: Vec<Mutex<Shard>>,
}

struct Shard {
    connection: Connection,
    /// SQLite's `data_version` when `known` was empty: as long as it stays, `known` is true.
    version: i64,
    /// When the version was last looked at, or before: for requests that had come by then, it
    /// need not be looked at again. What was revoked before they came, that look has seen.
    looked: Option<Instant>,
    known: HashMap<Hash, Arc<Admitted>>,
    sessions: HashMap<Hash, Arc<Live>>,
}

impl Admission {
    pub fn open(path: &Path, shards: usize) -> Result<Self, Error> {
        let shards = (0..shards.max(1))
            .map(|_| {
                let connection = database::open(path)?;
                connection.pragma_update(None, "query_only", "ON")?;
                let version = data_version(&connection)?;
                Ok(Mutex::new(Shard {
                    connection,
                    version,
                    looked: None,
                    known: HashMap::new(),
                    sessions: HashMap::new(),
                }))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { shards })
    }

    pub fn admit(
        &self,
        credentials: &Credentials<'_>,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Permit, Denied> {
        let token = credentials
            .authorization
            .and_then(token_of)
            .ok_or(Denied::NoCredential)?;
        if !credential::is_access(token) {
            return Err(Denied::Unknown);
        }
        let hash = credential::hash(token.as_bytes());
        let admitted = self
            .shard()
            .ok_or(Denied::Unavailable)?
            .find(&hash, credentials.arrived, limits)
            .map_err(|error| shut(&error))?
            .ok_or(Denied::Unknown)?;
        admitted.check(credentials, now)?;
        limits
            .check(&admitted.limiter)
            .map_err(|retry_after| Denied::RateLimited { retry_after })?;
        Ok(Permit::new(&admitted.principal))
    }

    /// As [`Self::admit`], for a person by the cookie of their session.
    pub fn admit_session(
        &self,
        cookie: &str,
        arrived: Instant,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Session, Denied> {
        let live = self.live(cookie, arrived, limits, now)?;
        limits
            .check(&live.limiter)
            .map_err(|retry_after| Denied::RateLimited { retry_after })?;
        Ok(Session {
            permit: Permit::new(&live.principal),
            touch: live.used(now),
        })
    }

    /// As [`Self::admit_session`], without a use of the session: it is not counted, and the session
    /// lasts no longer for it.
    pub fn look_at_session(
        &self,
        cookie: &str,
        arrived: Instant,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Permit, Denied> {
        let live = self.live(cookie, arrived, limits, now)?;
        Ok(Permit::new(&live.principal))
    }

    /// A session that holds.
    fn live(
        &self,
        cookie: &str,
        arrived: Instant,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Arc<Live>, Denied> {
        if !credential::is_session(cookie) {
            return Err(Denied::Unknown);
        }
        let hash = credential::hash(cookie.as_bytes());
        let live = self
            .shard()
            .ok_or(Denied::Unavailable)?
            .find_session(&hash, arrived, limits)
            .map_err(|error| shut(&error))?
            .ok_or(Denied::Unknown)?;
        live.check(now)?;
        Ok(live)
    }

    /// The shard of the calling thread. Threads take turns, so that each of the few threads of a
    /// server has its own; more threads than shards share, which is slower and as right.
    fn shard(&self) -> Option<MutexGuard<'_, Shard>> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed)));
        let mine = MINE.with(Cell::get).checked_rem(self.shards.len())?;
        let shard = self.shards.get(mine)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    fn find(
        &mut self,
        hash: &Hash,
        arrived: Instant,
        limits: &Limits,
    ) -> Result<Option<Arc<Admitted>>, Error> {
        self.refresh(arrived)?;
        if let Some(admitted) = self.known.get(hash) {
            return Ok(Some(Arc::clone(admitted)));
        }
        let found = Admitted::read(&self.connection, hash, limits)?.map(Arc::new);
        if let Some(admitted) = &found {
            self.known.insert(*hash, Arc::clone(admitted));
        }
        Ok(found)
    }

    fn find_session(
        &mut self,
        hash: &Hash,
        arrived: Instant,
        limits: &Limits,
    ) -> Result<Option<Arc<Live>>, Error> {
        self.refresh(arrived)?;
        if let Some(live) = self.sessions.get(hash) {
            return Ok(Some(Arc::clone(live)));
        }
        let found = Live::read(&self.connection, hash, limits)?.map(Arc::new);
        if let Some(live) = &found {
            self.sessions.insert(*hash, Arc::clone(live));
        }
        Ok(found)
    }

    /// Drops what is remembered if the database has changed since, or if it is too much.
    fn refresh(&mut self, arrived: Instant) -> Result<(), Error> {
        // The version is read before anything else: what is read after it is at least as new.
        if self.looked.is_none_or(|looked| looked < arrived) {
            let now = Instant::now();
            let version = data_version(&self.connection)?;
            if version != self.version {
                self.known.clear();
                self.sessions.clear();
                self.version = version;
            }
            self.looked = Some(now);
        }
        if self.known.len() + self.sessions.len() >= REMEMBERED {
            self.known.clear();
            self.sessions.clear();
        }
        Ok(())
    }
}

impl Admitted {
    fn read(connection: &Connection, hash: &Hash, limits: &Limits) -> Result<Option<Self>, Error> {
        // One transaction, so that token and client are of one moment.
        let tx = connection.unchecked_transaction()?;
        let row = tx
            .prepare_cached(
                "SELECT client, factors, certificate, networks, expires, renewed_until, revoked \
                 FROM token WHERE hash = ?1 AND kind IN ('access', 'static')",
            )?
            .query_row([hash], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<CertificateHash>>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, i64>(4)?,
                    row.get::<_, Option<i64>>(5)?,
                    row.get::<_, Option<i64>>(6)?,
                ))
            })
            .optional()?;
        let Some((client, factors, certificate, networks, expires, renewed, revoked)) = row else {
            return Ok(None);
        };
        let client = Client::of_row(&tx, client)?;
        Ok(Some(Self {
            certificate,
            networks: parse_networks(&networks)?,
            expires: Timestamp(expires),
            renewed_until: renewed.map(Timestamp),
            revoked: revoked.is_some() || !client.enabled,
            limiter: limits.of_client(client.row, client.pace),
            principal: Arc::new(Principal {
                user_id: client.user_id(),
                factors: factor::split(&factors).ok_or(Error::RowUnreadable("token.factors"))?,
                recorded_as: recorded_as(&client.name, || client.client_id.clone()),
                name: client.name,
                client_id: client.client_id,
                roles: client.roles,
                purpose: client.purpose,
                sign_in: None,
                fields: client.fields.map(Arc::new),
            }),
        }))
    }

    fn check(&self, credentials: &Credentials<'_>, now: Timestamp) -> Result<(), Denied> {
        if self.revoked {
            return Err(Denied::Revoked);
        }
        if now >= self.expires {
            return Err(Denied::Expired);
        }
        if let Some(bound) = &self.certificate {
            let shown = credentials.certificate.ok_or(Denied::WrongCertificate)?;
            if !bool::from(bound.ct_eq(&shown)) {
                return Err(Denied::WrongCertificate);
            }
        }
        let source = credentials.source.to_canonical();
        if !self.networks.is_empty() && !self.networks.iter().any(|net| net.contains(&source)) {
            return Err(Denied::WrongNetwork);
        }
        if self.renewed_until.is_some_and(|until| now >= until) {
            return Err(Denied::SecondFactorMissing);
        }
        Ok(())
    }
}

fn shut(error: &Error) -> Denied {
    tracing::error!(error = error as &dyn std::error::Error, "the gate is shut");
    Denied::Unavailable
}

pub(in crate::gate) fn parse_networks(text: &str) -> Result<Vec<IpNet>, Error> {
    text.split_whitespace()
        .map(|net| {
            net.parse()
                .map_err(|_| Error::RowUnreadable("token.networks"))
        })
        .collect()
}

/// SQLite's counter of commits by other connections, of this process or another.
fn data_version(connection: &Connection) -> Result<i64, Error> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// The token of `Bearer TOKEN` (RFC 6750) or of Salesforce's older `OAuth TOKEN`.
fn token_of(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    (known && !token.is_empty()).then_some(token)
}
