//! The token endpoint: proofs in, access token out.

use std::net::IpAddr;

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::gate::assertion::{self, Expected, Valid};
use crate::gate::client::Client;
use crate::gate::credential::{self, Hash};
use crate::gate::offer::{GrantType, Offer};
use crate::gate::{CertificateHash, Error, Factor, Form, Gate, OAuthError, Permit, code, factor};
use crate::model::{Secret, Timestamp};

/// How long ended tokens are kept, so that they are refused as expired and not as unknown.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

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
enum Failure {
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
struct Proven {
    certificate: Option<CertificateHash>,
    assertion: Option<Valid>,
    code: Option<Secret>,
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
        self.limits
            .sign_in(request.source)
            .map_err(OAuthError::too_often)?;
        if !is_host(request.host) {
            return Err(OAuthError::request("the host is malformed"));
        }
        let offer = Offer::read(request)?;
        let claimed = offer.claimed();
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
        let outcome = self.spend(&tx, &client, offer, &proven, now);
        // A refusal is committed too: what was used up stays so, and failures are counted.
        if !matches!(outcome, Err(Failure::Ours(_))) {
            tx.commit()?;
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
            certificate: client
                .certificate
                .filter(|_| client.pair.needs(Factor::Certificate)),
            assertion: valid,
            code,
        })
    }

    /// Uses up what can be used once, then issues. What is written before a refusal is what the
    /// refusal must leave behind.
    fn spend(
        &self,
        tx: &Transaction<'_>,
        client: &Client,
        offer: &Offer<'_>,
        proven: &Proven,
        now: Timestamp,
    ) -> Result<Issued, Failure> {
        sweep(tx, now)?;
        still_the_same(tx, client)?;
        let family = match &offer.refresh {
            Some(refresh) => family_of(tx, client, refresh, proven, now)?,
            None => self.new_family(now)?,
        };
        if let Some(valid) = &proven.assertion {
            use_assertion(tx, client, valid)?;
        }
        if let (Some(secret), Some(code)) = (&proven.code, offer.code) {
            code::take(tx, client.row, secret, code, now)?.map_err(Failure::Refused)?;
        }
        if let Some(refresh) = &offer.refresh {
            tx.execute(
                "UPDATE token SET revoked = ?2 WHERE hash = ?1",
                params![refresh, now.0],
            )?;
        }
        self.issue(tx, client, &family, proven, offer.grant, now)
    }

    fn new_family(&self, now: Timestamp) -> Result<Family, Error> {
        let mut id = [0; 16];
        self.entropy.fill(&mut id)?;
        let ttl = i64::try_from(self.settings.refresh_ttl.as_secs()).unwrap_or(0);
        Ok(Family {
            id,
            ends: now.plus_seconds(ttl),
        })
    }
}

/// One sign-in and all that is refreshed from it.
struct Family {
    id: [u8; 16],
    /// Absolute: refreshing does not move it.
    ends: Timestamp,
}

struct Issued {
    access: Secret,
    refresh: Option<Secret>,
    scope: &'static str,
}

/// The client was read and its proofs were checked outside of the transaction; an administrator
/// may have changed it since.
fn still_the_same(tx: &Transaction<'_>, client: &Client) -> Result<(), Failure> {
    let version: Option<i64> = tx
        .query_row(
            "SELECT version FROM client WHERE id = ?1 AND enabled = 1",
            [client.row],
            |row| row.get(0),
        )
        .optional()?;
    if version != Some(client.version) {
        return Err(Failure::Refused("client-changed-meanwhile"));
    }
    Ok(())
}

/// Finds the sign-in that a refresh token continues.
fn family_of(
    tx: &Transaction<'_>,
    client: &Client,
    refresh: &Hash,
    proven: &Proven,
    now: Timestamp,
) -> Result<Family, Failure> {
    let found = tx
        .query_row(
            "SELECT family, expires, certificate, revoked FROM token \
             WHERE hash = ?1 AND kind = 'refresh' AND client = ?2",
            params![refresh, client.row],
            |row| {
                Ok((
                    row.get::<_, [u8; 16]>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, Option<CertificateHash>>(2)?,
                    row.get::<_, Option<i64>>(3)?,
                ))
            },
        )
        .optional()?;
    let (id, ends, certificate, revoked) = found.ok_or(Failure::Refused("refresh-unknown"))?;
    if revoked.is_some() {
        // Used before: one of the two users is a thief, and we cannot tell which.
        tx.execute(
            "UPDATE token SET revoked = ?2 WHERE family = ?1 AND revoked IS NULL",
            params![id, now.0],
        )?;
        return Err(Failure::Refused("refresh-used-or-revoked"));
    }
    if now.0 >= ends {
        return Err(Failure::Refused("refresh-expired"));
    }
    if certificate.is_some() && certificate != proven.certificate {
        return Err(Failure::Refused("refresh-bound-to-another-certificate"));
    }
    Ok(Family {
        id,
        ends: Timestamp(ends),
    })
}

fn use_assertion(tx: &Transaction<'_>, client: &Client, valid: &Valid) -> Result<(), Failure> {
    let fresh = tx.execute(
        "INSERT INTO assertion (client, used, until) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![client.row, valid.used, valid.until.0],
    )?;
    if fresh == 0 {
        return Err(Failure::Refused("assertion-used"));
    }
    Ok(())
}

impl Gate {
    fn issue(
        &self,
        tx: &Transaction<'_>,
        client: &Client,
        family: &Family,
        proven: &Proven,
        grant: GrantType,
        now: Timestamp,
    ) -> Result<Issued, Failure> {
        let organization = self.settings.organization_id.get(..15).unwrap_or_default();
        let ttl = i64::try_from(self.settings.token_ttl.as_secs()).unwrap_or(0);
        let mut insert = tx.prepare_cached(
            "INSERT INTO token (hash, client, kind, family, factors, certificate, issued, expires) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        let factors = factor::join(client.pair.factors());
        let mut keep = |kind, token: &Secret, expires: Timestamp| {
            insert.execute(params![
                credential::hash(token.expose()),
                client.row,
                kind,
                family.id,
                factors,
                proven.certificate,
                now.0,
                expires.0,
            ])
        };
        let access = credential::access(organization, &*self.entropy)?;
        keep("access", &access, now.plus_seconds(ttl))?;
        // RFC 6749, section 4.4.3: none for client credentials; nor does Salesforce give one for
        // an assertion.
        let may_refresh = matches!(grant, GrantType::Password | GrantType::Refresh)
            && !client.pair.needs(Factor::Totp);
        let refresh = if may_refresh {
            let refresh = credential::refresh(&*self.entropy)?;
            keep("refresh", &refresh, family.ends)?;
            Some(refresh)
        } else {
            None
        };
        let scope = if may_refresh {
            "api refresh_token"
        } else {
            "api"
        };
        Ok(Issued {
            access,
            refresh,
            scope,
        })
    }
}

/// Forgets what no longer decides anything.
fn sweep(tx: &Transaction<'_>, now: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM assertion WHERE until < ?1", [now.0])?;
    tx.execute(
        "DELETE FROM token WHERE expires < ?1",
        [now.plus_seconds(-KEPT_SECONDS).0],
    )?;
    Ok(())
}

/// Host names and addresses with a port: what may stand in an address that we hand out.
fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
}
