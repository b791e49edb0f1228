//! Static tokens, for clients that can only be given a session id.
//!
//! Such a token is one proof. The second is the client's certificate, shown with every request;
//! or, from known networks only, a one-time code that has to be renewed every few hours.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use crate::gate::admit::parse_networks;
use crate::gate::client::Client;
use crate::gate::code::Holder;
use crate::gate::{CertificateHash, Error, Factor, Gate, code, credential, factor};
use crate::model::{Secret, Timestamp};

const LONGEST: Duration = Duration::from_hours(366 * 24);
const MOST_NETWORKS: usize = 16;

/// What a static token is bound to. At least one of both.
#[derive(Clone, Debug, Default)]
pub struct Binding {
    pub certificate: Option<CertificateHash>,
    /// Where it is valid from. Without a certificate, the client needs one-time codes besides.
    pub networks: Vec<IpNet>,
}

#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// The client's name.
    pub client: &'a str,
    pub binding: Binding,
    /// Up to 366 days.
    pub lifetime: Duration,
    /// A code now, so that a token without certificate can be used at once.
    pub code: Option<&'a str>,
}

impl Gate {
    /// Makes a static token and shows it this once.
    ///
    /// # Errors
    /// When it would stand alone: bound to nothing, to the whole Internet, or without certificate
    /// for a client without one-time codes.
    pub fn static_token(&self, new: &NewToken<'_>) -> Result<Secret, Error> {
        let now = self.now();
        check(&new.binding, new.lifetime)?;
        let client = Client::named(&self.database(), new.client)?;
        if !client.enabled {
            return Err(Error::Unfit("the client is disabled"));
        }
        let by_code = new.binding.certificate.is_none();
        if by_code && client.totp_sealed.is_none() {
            return Err(Error::Unfit(
                "a static token without certificate needs a client with one-time codes",
            ));
        }
        let renewed_until = match (by_code, new.code) {
            (false, _) => None,
            (true, None) => Some(now),
            (true, Some(code)) => {
                self.take_code(&client, code, now)?;
                Some(self.renewed_until(now))
            }
        };
        let second = if by_code {
            Factor::Totp
        } else {
            Factor::Certificate
        };
        let organization = self.settings.organization_id.get(..15).unwrap_or_default();
        let token = credential::access(organization, &*self.entropy)?;
        let mut family = [0_u8; 16];
        self.entropy.fill(&mut family)?;
        let networks: Vec<String> = new.binding.networks.iter().map(IpNet::to_string).collect();
        let lifetime = i64::try_from(new.lifetime.as_secs()).unwrap_or(0);
        // An administrator may have changed the client since it was read.
        let made = self.database().execute(
            "INSERT INTO token (hash, client, kind, family, factors, certificate, networks, \
             issued, expires, renewed_until) \
             SELECT ?1, id, 'static', ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM client \
             WHERE id = ?2 AND version = ?10 AND enabled = 1",
            params![
                credential::hash(token.expose()),
                client.row,
                family,
                factor::join([Factor::Token, second]),
                new.binding.certificate,
                networks.join(" "),
                now.0,
                now.plus_seconds(lifetime).0,
                renewed_until.map(|until| until.0),
                client.version,
            ],
        )?;
        if made == 0 {
            return Err(Error::Unfit("the client was changed meanwhile; try again"));
        }
        Ok(token)
    }

    /// Renews the second proof of one static token, for the endpoint that its holder calls from a
    /// network that it is bound to. Returns until when it holds. Blocks as [`Gate::token`] does.
    ///
    /// # Errors
    /// When the token is none to renew, or the code is refused.
    pub fn renew(&self, token: &str, code: &str, source: IpAddr) -> Result<Timestamp, Error> {
        let now = self.now();
        self.limits
            .sign_in(source)
            .map_err(|retry_after| Error::TooOften { retry_after })?;
        let hash = credential::hash(token.as_bytes());
        let found = self
            .database()
            .query_row(
                "SELECT client, networks, expires FROM token WHERE hash = ?1 AND kind = 'static' \
                 AND certificate IS NULL AND revoked IS NULL",
                [hash],
                |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, i64>(2)?,
                    ))
                },
            )
            .optional()?;
        let (client, networks, expires) = found.ok_or(Error::TokenUnknown)?;
        let source = source.to_canonical();
        let near = parse_networks(&networks)?
            .iter()
            .any(|net| net.contains(&source));
        if !near || now.0 >= expires {
            return Err(Error::TokenUnknown);
        }
        let client = Client::of_row(&self.database(), client)?;
        self.take_code(&client, code, now)?;
        let until = self.renewed_until(now);
        let renewed = self.database().execute(
            "UPDATE token SET renewed_until = ?2 WHERE hash = ?1 AND revoked IS NULL",
            params![hash, until.0],
        )?;
        if renewed == 0 {
            return Err(Error::TokenUnknown);
        }
        Ok(until)
    }

    /// Renews all static tokens of a client that need it, for `sluis client renew`. Returns until
    /// when they hold.
    ///
    /// # Errors
    /// When there is no such client or the code is refused.
    pub fn renew_client(&self, name: &str, code: &str) -> Result<Timestamp, Error> {
        let now = self.now();
        let client = Client::named(&self.database(), name)?;
        self.take_code(&client, code, now)?;
        let until = self.renewed_until(now);
        self.database().execute(
            "UPDATE token SET renewed_until = ?2 WHERE client = ?1 AND kind = 'static' \
             AND certificate IS NULL AND revoked IS NULL AND expires > ?3",
            params![client.row, until.0, now.0],
        )?;
        Ok(until)
    }

    fn renewed_until(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(i64::try_from(self.settings.renewal_ttl.as_secs()).unwrap_or(0))
    }

    fn take_code(&self, client: &Client, code: &str, now: Timestamp) -> Result<(), Error> {
        if !client.enabled || !credential::is_code(code) {
            return Err(Error::CodeRefused);
        }
        let secret = self.open_codes(client)?.ok_or(Error::CodeRefused)?;
        let mut connection = self.database();
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = code::take(&tx, Holder::Client(client.row), &secret, code, now)?;
        tx.commit()?;
        taken.map_err(|reason| {
            tracing::warn!(reason, client = %client.client_id, "a code was refused");
            Error::CodeRefused
        })
    }
}

fn check(binding: &Binding, lifetime: Duration) -> Result<(), Error> {
    if binding.certificate.is_none() && binding.networks.is_empty() {
        return Err(Error::Unfit(
            "a static token must be bound to a certificate or to networks",
        ));
    }
    if binding.networks.len() > MOST_NETWORKS {
        return Err(Error::Unfit("a static token has at most 16 networks"));
    }
    if binding.networks.iter().any(|net| net.prefix_len() == 0) {
        return Err(Error::Unfit("the whole Internet is no network to bind to"));
    }
    if lifetime < Duration::from_mins(1) || lifetime > LONGEST {
        return Err(Error::Unfit(
            "a static token lives from one minute to 366 days",
        ));
    }
    Ok(())
}
