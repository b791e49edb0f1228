//! A Salesforce-shaped stand-in over SQLite in memory, for the demo and the tests.
//!
//! It stores what it is sent, filters and sorts it by its own SOQL, and refuses in Salesforce's
//! words. It never knows what a value means to whoever stands before it: no tokens, no policy, no
//! proxy, and nothing of this crate is used here. It is no product: one organisation, one user.
//!
//! Read first: [`Crm`], [`Request`], [`Response`]; then `rest` for the routes, and `soap`.

mod alter;
mod aura;
mod bulk;
mod check;
mod cometd;
mod derive;
mod fault;
mod files;
mod graphql;
mod id;
mod moment;
mod people;
mod records;
mod relate;
mod render;
#[cfg(test)]
mod replay;
mod rest;
mod schema;
mod serve;
mod soap;
mod soql;
mod sosl;
mod store;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use people::{Person, people, seed_requests};

use schema::Schema;
use store::Store;

/// The stand-in. Clones share one database.
#[derive(Clone)]
pub struct Crm {
    inner: Arc<Inner>,
}

/// What an organisation starts with.
pub struct Seed {
    /// Whether the invented people are there from the start, in clear. The demo sends them through
    /// the proxy instead, see [`seed_requests`].
    pub people: bool,
    pub credential: Credential,
    /// Milliseconds since the epoch.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
}

/// What a client must know to be let in.
#[derive(Clone)]
pub struct Credential {
    pub client_id: String,
    pub client_secret: String,
    /// The access token, shaped `00D…!…`: what the token endpoint gives for the secret.
    pub token: String,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the stand-in's database failed")]
    Database(#[from] rusqlite::Error),
    #[error("the stand-in's table of fields does not parse")]
    Schema(#[from] serde_json::Error),
    #[error("the stand-in refused its own first records: {0}")]
    Seed(String),
}

struct Inner {
    schema: Schema,
    store: Mutex<Store>,
    credential: Credential,
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    org: String,
    user: String,
    /// What an administrator has changed of what describe says.
    altered: Mutex<alter::Altered>,
    recording: AtomicBool,
    /// How many requests were answered, as the limits show it.
    calls: AtomicU32,
    arrived: Mutex<VecDeque<Request>>,
    bell: cometd::Bell,
}

/// How many requests the log keeps; older ones fall out.
const KEPT_REQUESTS: usize = 10_000;

impl Crm {
    /// # Errors
    /// When the database or the first rows cannot be made.
    pub fn new(seed: Seed) -> Result<Self, Error> {
        let schema = Schema::load()?;
        let store = Store::new(&schema)?;
        let start = rest::start::rows(&schema, &store, (seed.now)())
            .map_err(|fault| Error::Seed(fault.message))?;
        let crm = Self {
            inner: Arc::new(Inner {
                schema,
                store: Mutex::new(store),
                credential: seed.credential,
                now: seed.now,
                org: start.org,
                user: start.user,
                altered: Mutex::default(),
                recording: AtomicBool::new(false),
                calls: AtomicU32::new(0),
                arrived: Mutex::default(),
                bell: cometd::Bell::default(),
            }),
        };
        if seed.people {
            crm.insert_people()?;
        }
        crm.record_requests(true);
        Ok(crm)
    }

    /// Answers one request.
    #[must_use]
    pub fn handle(&self, request: Request) -> Response {
        self.log(&request);
        self.inner.calls.fetch_add(1, Ordering::Relaxed);
        rest::answer(&self.inner, request)
    }

    /// The bytes of the whole database, to look for values in.
    ///
    /// # Errors
    /// When SQLite cannot serialize it.
    pub fn memory_dump(&self) -> Result<Vec<u8>, Error> {
        Ok(self.inner.store().image()?)
    }

    /// Everything that arrived since recording began, in order, the last 10,000 at most.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.inner.arrived().iter().cloned().collect()
    }

    /// Switches the log of requests on or off; it is on at first. Off, it is also emptied.
    pub fn record_requests(&self, on: bool) {
        self.inner.recording.store(on, Ordering::Relaxed);
        if !on {
            self.inner.arrived().clear();
        }
    }

    fn log(&self, request: &Request) {
        if !self.inner.recording.load(Ordering::Relaxed) {
            return;
        }
        let mut arrived = self.inner.arrived();
        if arrived.len() >= KEPT_REQUESTS {
            arrived.pop_front();
        }
        arrived.push_back(request.clone());
    }

    fn insert_people(&self) -> Result<(), Error> {
        let token = format!("Bearer {}", self.inner.credential.token);
        for (method, target, body) in seed_requests() {
            let response = self.handle(Request {
                method,
                target,
                headers: vec![("authorization".to_owned(), token.clone())],
                body: body.to_string().into_bytes(),
            });
            let text = String::from_utf8_lossy(&response.body);
            if response.status >= 300 || text.contains("\"success\":false") {
                return Err(Error::Seed(text.into_owned()));
            }
        }
        Ok(())
    }
}

impl Inner {
    /// The rows; what a panic left half done is undone first.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(|poisoned| {
            let store = poisoned.into_inner();
            store.recover();
            self.store.clear_poison();
            store
        })
    }

    fn arrived(&self) -> MutexGuard<'_, VecDeque<Request>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
