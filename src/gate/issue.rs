//! The transaction of a sign-in: what can be used once is used up, then tokens are issued.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::gate::assertion::Valid;
use crate::gate::client::Client;
use crate::gate::code::Holder;
use crate::gate::credential::{self, Hash};
use crate::gate::offer::{GrantType, Offer};
use crate::gate::token::{Failure, Proven};
use crate::gate::{CertificateHash, Error, Factor, Gate, code, factor};
use crate::model::{Secret, Timestamp};

/// How long ended tokens are kept, so that they are refused as expired and not as unknown.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

impl Gate {
    /// Uses up what can be used once, then issues. What is written before a refusal is what the
    /// refusal must leave behind.
    pub(in crate::gate) fn spend(
        &self,
        tx: &Transaction<'_>,
        client: &Client,
        offer: &Offer<'_>,
        proven: &Proven,
    ) -> Result<Issued, Failure> {
        let now = proven.at;
        sweep(tx, now)?;
        still_the_same(tx, client)?;
        let family = match &offer.refresh {
            Some(refresh) => family_of(tx, client, refresh, proven)?,
            None => self.new_family(now)?,
        };
        if let Some(valid) = &proven.assertion {
            use_assertion(tx, client, valid)?;
        }
        if let (Some(secret), Some(code)) = (&proven.code, offer.code) {
            code::take(tx, Holder::Client(client.row), secret, code, now)?
                .map_err(Failure::Refused)?;
        }
        if let Some(refresh) = &offer.refresh {
            tx.execute(
                "UPDATE token SET revoked = ?2 WHERE hash = ?1",
                params![refresh, now.0],
            )?;
        }
        self.issue(tx, client, offer.grant, proven, &family)
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

    fn issue(
        &self,
        tx: &Transaction<'_>,
        client: &Client,
        grant: GrantType,
        proven: &Proven,
        family: &Family,
    ) -> Result<Issued, Failure> {
        let now = proven.at;
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

/// One sign-in and all that is refreshed from it.
struct Family {
    id: [u8; 16],
    /// Absolute: refreshing does not move it.
    ends: Timestamp,
}

pub(in crate::gate) struct Issued {
    pub access: Secret,
    pub refresh: Option<Secret>,
    pub scope: &'static str,
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
) -> Result<Family, Failure> {
    let now = proven.at;
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

/// Forgets what no longer decides anything.
fn sweep(tx: &Transaction<'_>, now: Timestamp) -> Result<(), Error> {
    tx.execute("DELETE FROM assertion WHERE until < ?1", [now.0])?;
    tx.execute(
        "DELETE FROM token WHERE expires < ?1",
        [now.plus_seconds(-KEPT_SECONDS).0],
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::tests::World;

    #[test]
    fn a_client_that_changed_since_its_proofs_were_checked_gets_no_token() {
        let world = World::new();
        world.add("erp", Factor::Secret, Factor::Totp);
        let read = || Client::named(&world.gate.database(), "erp").unwrap();
        let same = |client: &Client| {
            let connection = world.gate.database();
            let tx = connection.unchecked_transaction().unwrap();
            still_the_same(&tx, client).is_ok()
        };
        let before = read();
        assert!(same(&before));
        world.gate.rotate_secret("erp").unwrap();
        assert!(!same(&before));
        assert!(same(&read()));
        world.gate.disable("erp").unwrap();
        assert!(!same(&read()));
    }
}
