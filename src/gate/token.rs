//! The token endpoint: proofs in, access token out.

use std::net::IpAddr;

use rusqlite::{TransactionBehavior, params};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::gate::assertion::{self, Expected, Valid};
use crate::gate::client::Client;
use crate::gate::offer::Offer;
use crate::gate::{CertificateHash, Error, Factor, Form, Gate, OAuthError, Permit, credential};
use crate::model::{Secret, Timestamp};

/// A post to the token endpoint.
#[derive(Clone, Debug)]
pub struct TokenRequest<'a> {
    pub form: &'a Form,
    /// Client id and secret of the `Authorization: Basic` header, if there is one.
    pub basic: Option<(String, Secret)>,
    /// As in [`crate::gate::Credentials`].
    pub certificate: Option<CertificateHash>,
    /// As in [`crate::gate::Credentials`].
    pub source: IpAddr,
    /// The host of ours, with its port where it has one, that the client sent this to.
    pub host: &'a str,
}

/// What a client gets for its proofs.
#[derive(Clone, Debug)]
pub struct Grant {
    pub access_token: Secret,
    /// For clients whose pair a machine can show again without a person; see [`Gate::token`].
    pub refresh_token: Option<Secret>,
    pub issued_at: Timestamp,
    /// `/id/00D.../005...`
    pub id_path: String,
    /// Where the client is to go on: `https://host`, without a slash at the end.
    pub instance_url: String,
    pub scope: &'static str,
}

impl Grant {
    /// The answer in the shape of Salesforce's token endpoint. Without `signature`, which only
    /// Salesforce could make and its clients do not check.
    #[must_use]
    pub fn body(&self) -> Secret {
        let text = |secret: &Secret| String::from_utf8_lossy(secret.expose()).into_owned();
        let mut body = json!({
            "access_token": text(&self.access_token),
            "instance_url": self.instance_url,
            "id": format!("{}{}", self.instance_url, self.id_path),
            "token_type": "Bearer",
            "issued_at": self.issued_at.0.to_string(),
            "scope": self.scope,
            "api_instance_url": self.instance_url,
        });
        if let (Some(refresh), Some(fields)) = (&self.refresh_token, body.as_object_mut()) {
            fields.insert("refresh_token".to_owned(), json!(text(refresh)));
        }
        Secret::new(body.to_string().into_bytes())
    }
}

/// Who a permit stands for, as `/services/oauth2/userinfo` tells it. Made of what we know; the
/// CRM is not asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UserInfo {
    pub user_id: String,
    /// 18 characters.
    pub organization_id: String,
    pub username: String,
    pub id_path: String,
}

/// Why a sign-in fails: it is refused, for a reason that only our log gets; or we cannot.
pub(in crate::gate) enum Failure {
    Refused(&'static str),
    Ours(Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

/// Proofs that hold, but for what a transaction must make sure of: that the code and the assertion
/// are used for the first time.
pub(in crate::gate) struct Proven {
    pub at: Timestamp,
    /// What the tokens are bound to.
    pub certificate: Option<CertificateHash>,
    pub assertion: Option<Valid>,
    /// What to check the code with.
    pub code: Option<Secret>,
}

impl Gate {
    /// Answers a post to the token endpoint. Every proof that is sent must be right, and together
    /// they must hold the pair that the client is registered for.
    ///
    /// A refresh token replaces no proof: refreshing takes the same pair again, and the refresh
    /// token on top, which is used once; a second use ends all that came of the sign-in (RFC 9700,
    /// section 4.14). So refreshing is no way around the second factor. Clients whose pair has a
    /// one-time code get none, because they would need a new code and can as well sign in.
    ///
    /// Blocks for milliseconds (a signature to check, a disk to sync): from async code call it in
    /// `spawn_blocking`.
    ///
    /// # Errors
    /// As RFC 6749, section 5.2; whatever proof failed, the answer is the same.
    pub fn token(&self, request: &TokenRequest<'_>) -> Result<Grant, OAuthError> {
        let now = self.now();
        if !is_host(request.host) {
            return Err(OAuthError::request("the host is malformed"));
        }
        let offer = Offer::read(request)?;
        let claimed = offer.claimed();
        self.limits
            .sign_in_as(claimed, request.source)
            .map_err(OAuthError::too_often)?;
        self.limits
            .try_as(claimed, request.source, now)
            .map_err(OAuthError::too_often)?;
        match self.sign_in(&offer, request, now) {
            Ok(grant) => {
                self.limits.succeeded(claimed, request.source);
                Ok(grant)
            }
            Err(Failure::Refused(reason)) => {
                tracing::warn!(reason, source = %request.source, "a sign-in was refused");
                self.limits.failed(claimed, request.source, now);
                let known = Client::find(&self.database(), &offer.client).ok().flatten();
                self.refused("token", reason, known.as_ref());
                Err(offer.refusal())
            }
            Err(Failure::Ours(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a sign-in failed");
                Err(OAuthError::unavailable())
            }
        }
    }

    /// Ends a token (RFC 7009); a refresh token with all that came of its sign-in. A token that is
    /// not ours is no error. To hold the token is enough to end it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke(&self, token: &str) -> Result<(), Error> {
        let hash = credential::hash(token.as_bytes());
        self.database().execute(
            "UPDATE token SET revoked = ?2 WHERE revoked IS NULL AND (hash = ?1 OR family = \
             (SELECT family FROM token WHERE hash = ?1 AND kind = 'refresh'))",
            params![hash, self.now().0],
        )?;
        Ok(())
    }

    /// How many seconds an access token holds.
    #[must_use]
    pub fn token_seconds(&self) -> u64 {
        self.settings.token_ttl.as_secs()
    }

    #[must_use]
    pub fn userinfo(&self, permit: &Permit) -> UserInfo {
        UserInfo {
            user_id: permit.user_id().to_owned(),
            organization_id: self.settings.organization_id.clone(),
            username: permit.client().to_owned(),
            id_path: format!("/id/{}/{}", self.settings.organization_id, permit.user_id()),
        }
    }

    fn sign_in(
        &self,
        offer: &Offer<'_>,
        request: &TokenRequest<'_>,
        now: Timestamp,
    ) -> Result<Grant, Failure> {
        let found = {
            let connection = self.database();
            let found = Client::find(&connection, &offer.client)?;
            if found.is_none() {
                Client::decoy(&connection)?;
            }
            found
        };
        let client = found.ok_or(Failure::Refused("client-unknown"))?;
        let proven = self.prove(&client, offer, request, now)?;

        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = self.spend(&tx, &client, offer, &proven);
        if outcome.is_ok() {
            let [first, second] = client.pair.factors();
            self.did(
                &tx,
                "token",
                &client,
                &format!("{}/{}", first.name(), second.name()),
            )?;
        }
        // A refusal is committed too: what was used up stays so, and failures are counted.
        if !matches!(outcome, Err(Failure::Ours(_))) {
            tx.commit()?;
        }
        if outcome.is_ok() {
            tracing::info!(client = %client.client_id, source = %request.source, "signed in");
        }
        outcome.map(|issued| Grant {
            access_token: issued.access,
            refresh_token: issued.refresh,
            issued_at: now,
            id_path: format!("/id/{}/{}", self.settings.organization_id, client.user_id()),
            instance_url: format!("https://{}", request.host),
            scope: issued.scope,
        })
    }

    /// Checks every proof but the code, which [`Gate::spend`] takes.
    fn prove(
        &self,
        client: &Client,
        offer: &Offer<'_>,
        request: &TokenRequest<'_>,
        now: Timestamp,
    ) -> Result<Proven, Failure> {
        let mut factors = Vec::new();
        if !client.enabled {
            return Err(Failure::Refused("client-disabled"));
        }
        if let Some(name) = offer.named
            && name != client.name
            && name != client.client_id
        {
            return Err(Failure::Refused("name-of-another"));
        }
        if !offer.secrets.is_empty() {
            let stored = client
                .secret_hash
                .ok_or(Failure::Refused("no-secret-registered"))?;
            if !offer
                .secrets
                .iter()
                .all(|secret| secret.ct_eq(&stored).into())
            {
                return Err(Failure::Refused("secret-wrong"));
            }
            factors.push(Factor::Secret);
        }
        if let (Some(pinned), Some(shown)) = (&client.certificate, &request.certificate) {
            if !bool::from(pinned.ct_eq(shown)) {
                return Err(Failure::Refused("certificate-of-another"));
            }
            factors.push(Factor::Certificate);
        }
        let mut valid = None;
        if let Some(text) = offer.assertion {
            let key = client
                .key
                .as_ref()
                .ok_or(Failure::Refused("no-key-registered"))?;
            let expected = Expected {
                key,
                client_id: &client.client_id,
                name: &client.name,
                audiences: &self.settings.assertion_audiences,
                now,
            };
            valid = Some(assertion::verify(text, &expected).map_err(Failure::Refused)?);
            factors.push(Factor::Assertion);
        }
        if offer.code.is_some() {
            factors.push(Factor::Totp);
        }
        if !client
            .pair
            .factors()
            .iter()
            .all(|needed| factors.contains(needed))
        {
            return Err(Failure::Refused("second-proof-missing"));
        }
        let code = match offer.code {
            None => None,
            Some(_) => Some(
                self.open_codes(client)?
                    .ok_or(Failure::Refused("no-code-registered"))?,
            ),
        };
        Ok(Proven {
            at: now,
            certificate: client
                .certificate
                .filter(|_| client.pair.needs(Factor::Certificate)),
            assertion: valid,
            code,
        })
    }
}

/// Host names and addresses with a port: what may stand in an address that we hand out.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
}
