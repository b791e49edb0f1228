//! The proxy's own session with the CRM. Clients never see it.

use std::fmt::{self, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwapOption;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::answer::{Answer, Expected, Opened};
use super::body::Outbound;
use super::client::bearer;
use super::{Client, Error};
use crate::model::{Clock, Secret, Timestamp};

/// How the proxy signs in to the CRM. Kept sealed in the vault as JSON.
pub enum Credential {
    /// A session id that somebody else keeps valid.
    Token(Secret),
    /// OAuth 2.0 client credentials (RFC 6749, section 4.4).
    Client { id: String, secret: Secret },
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Stored {
    Token { token: String },
    ClientCredentials { id: String, secret: String },
}

impl Credential {
    /// Reads what [`Self::to_secret`] wrote.
    #[must_use]
    pub fn from_secret(secret: &Secret) -> Option<Self> {
        match serde_json::from_slice(secret.expose()).ok()? {
            Stored::Token { token } => Some(Self::Token(token.as_str().into())),
            Stored::ClientCredentials { id, secret } => Some(Self::Client {
                id,
                secret: secret.as_str().into(),
            }),
        }
    }

    /// The form in which the vault keeps it.
    #[must_use]
    pub fn to_secret(&self) -> Option<Secret> {
        let text = |secret: &Secret| String::from_utf8(secret.expose().to_vec()).ok();
        let stored = match self {
            Self::Token(token) => Stored::Token {
                token: text(token)?,
            },
            Self::Client { id, secret } => Stored::ClientCredentials {
                id: id.clone(),
                secret: text(secret)?,
            },
        };
        serde_json::to_vec(&stored).ok().map(Secret::new)
    }
}

/// The session in force, shared by all workers.
pub struct Sessions {
    pub(super) credential: Credential,
    pub(super) clock: Arc<dyn Clock>,
    current: ArcSwapOption<Session>,
    /// One sign-in at a time.
    pub(super) signing_in: tokio::sync::Mutex<()>,
    /// When a session was last forgotten, and when one was last tried because it was in doubt.
    forgotten: Rarely,
    doubted: Rarely,
}

/// A session id and when it was made.
pub(super) struct Session {
    pub token: Secret,
    pub made: Timestamp,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// A session is renewed after this many seconds, well before the CRM's own shortest setting (15
/// minutes) ends it.
const RENEW_AFTER: i64 = 12 * 60;

/// Seconds between two sessions that are given up early: whatever clients provoke, the CRM, which
/// counts sign-ins by the hour and shuts out who has too many, is not asked for more.
const PAUSE: i64 = 60;

/// What every session may ask and nobody without one: the list of what a version has.
const PROBE: &str = "/services/data/v62.0/";

/// Something that is done once in a [`PAUSE`].
struct Rarely(AtomicI64);

impl Rarely {
    fn new() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }

    /// Whether it may be done at this second; then it counts as done.
    fn begin(&self, now: i64) -> bool {
        let last = self.0.load(Ordering::Acquire);
        let recent = (0..PAUSE).contains(&now.saturating_sub(last));
        let swap = |last| {
            self.0
                .compare_exchange(last, now, Ordering::AcqRel, Ordering::Acquire)
        };
        !recent && swap(last).is_ok()
    }
}

impl Sessions {
    #[must_use]
    pub fn new(credential: Credential, clock: Arc<dyn Clock>) -> Self {
        Self {
            credential,
            clock,
            current: ArcSwapOption::empty(),
            signing_in: tokio::sync::Mutex::new(()),
            forgotten: Rarely::new(),
            doubted: Rarely::new(),
        }
    }

    /// The session, if it is fresh enough.
    pub(super) fn fresh(&self) -> Option<Arc<Session>> {
        let session = self.current.load_full()?;
        let age = self.clock.now().seconds() - session.made.seconds();
        ((0..RENEW_AFTER).contains(&age)).then_some(session)
    }

    pub(super) fn put(&self, token: Secret) -> Arc<Session> {
        let session = Arc::new(Session {
            token,
            made: self.clock.now(),
        });
        self.current.store(Some(Arc::clone(&session)));
        session
    }

    /// Forgets a session that the CRM has refused. One that others have renewed meanwhile stays,
    /// and so does every one for a while after another was forgotten.
    pub(super) fn forget(&self, session: &Arc<Session>) {
        let current = self.current.load();
        let is_current = current
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, session));
        if is_current && self.forgotten.begin(self.clock.now().seconds()) {
            self.current.compare_and_swap(&current, None);
        }
    }

    /// Whether a session in doubt is worth a question to the CRM now.
    pub(super) fn doubt(&self) -> bool {
        self.doubted.begin(self.clock.now().seconds())
    }
}

impl Client {
    /// Signs in where there is no session, so that a request which may be given up does not give up
    /// the sign-in with it.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn sign_in(&self) -> Result<(), Error> {
        self.session().await.map(drop)
    }

    /// The session in force, or a new one.
    pub(super) async fn session(&self) -> Result<Arc<Session>, Error> {
        if let Some(session) = self.sessions().fresh() {
            return Ok(session);
        }
        let (id, secret) = match &self.sessions().credential {
            Credential::Token(token) => return Ok(self.sessions().put(token.clone())),
            Credential::Client { id, secret } => (id, secret),
        };
        let _alone = self.sessions().signing_in.lock().await;
        if let Some(session) = self.sessions().fresh() {
            return Ok(session); // Another exchange was first.
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let body = form(id, secret).as_bytes().to_vec();
        let line = ("POST", "/services/oauth2/token");
        let answer = self.exchange(line, headers, body, Expected::Json).await?;
        if answer.status != StatusCode::OK {
            return Err(Error::Session);
        }
        Ok(self.sessions().put(granted(&answer.body)?))
    }

    /// An answer to our session: one that it does not hold for is nobody's.
    pub(super) fn signed_in(&self, opened: Opened, session: Arc<Session>) -> Result<Opened, Error> {
        match opened.status() {
            StatusCode::UNAUTHORIZED => Err(self.refused(&session)),
            _ => Ok(opened.with(session)),
        }
    }

    /// The session is over. One of the next exchanges signs in anew; this one was not carried out,
    /// and whether to ask again is the client's to say.
    pub(super) fn refused(&self, session: &Arc<Session>) -> Error {
        self.sessions().forget(session);
        Error::Session
    }

    /// What an answer is that says by what stands in it that the session has ended which it was
    /// asked with.
    pub fn ended(&self, answer: &Answer) -> Error {
        match &answer.session {
            Some(session) => self.refused(session),
            None => Error::Session,
        }
    }

    /// Whether a session in doubt is worth a question to the CRM, which is then asked; one that it
    /// refuses is given up.
    pub(super) async fn doubt(&self, session: &Arc<Session>) -> Result<(), Error> {
        if !self.sessions().doubt() {
            return Ok(());
        }
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer(session)?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let body = (Outbound::from(vec![]), self.coding());
        let opened = self
            .open(self.main(), ("GET", PROBE), headers, body)
            .await?;
        let opened = self.signed_in(opened, Arc::clone(session))?;
        opened.read(Expected::Json).await.map(|_| ())
    }
}

/// The body of a sign-in, and the token of its answer.
fn form(id: &str, secret: &Secret) -> Zeroizing<String> {
    let secret = String::from_utf8_lossy(secret.expose());
    Zeroizing::new(
        form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", id)
            .append_pair("client_secret", &secret)
            .finish(),
    )
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

fn granted(body: &[u8]) -> Result<Secret, Error> {
    let granted: Granted = serde_json::from_slice(body).map_err(|_| Error::Session)?;
    Ok(granted.access_token.as_str().into())
}
