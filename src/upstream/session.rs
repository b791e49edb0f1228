//! The proxy's own session with the CRM. Clients never see it.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Error;
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
}

/// A session id and when it was made.
pub(super) struct Session {
    pub token: Secret,
    pub made: Timestamp,
}

/// A session is renewed after this many seconds, well before the CRM's own shortest setting (15
/// minutes) ends it.
const RENEW_AFTER: i64 = 12 * 60;

impl Sessions {
    #[must_use]
    pub fn new(credential: Credential, clock: Arc<dyn Clock>) -> Self {
        Self {
            credential,
            clock,
            current: ArcSwapOption::empty(),
            signing_in: tokio::sync::Mutex::new(()),
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

    /// Forgets a session that the CRM has refused.
    pub fn forget(&self) {
        self.current.store(None);
    }
}

/// The body of a sign-in, and the token of its answer.
pub(super) fn form(id: &str, secret: &Secret) -> Zeroizing<String> {
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

pub(super) fn granted(body: &[u8]) -> Result<Secret, Error> {
    let granted: Granted = serde_json::from_slice(body).map_err(|_| Error::Session)?;
    Ok(granted.access_token.as_str().into())
}
