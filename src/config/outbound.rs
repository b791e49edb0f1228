//! Endpoints of outbound messages.

use std::path::PathBuf;

use data_encoding::HEXLOWER_PERMISSIVE;
use http::Uri;
use serde::Deserialize;

use super::{Checker, Error};
use crate::dialect::salesforce::id::Id;
use crate::{gate, upstream};

/// `[[outbound]]`: messages of the CRM's for one program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// In the endpoint's path: `/.sluis/outbound/NAME/SECRET`.
    pub name: String,
    /// The organization whose messages it takes: `00D…`, 15 or 18 characters.
    pub organization_id: String,
    /// SHA-256 of the secret in the path, in hexadecimal.
    pub secret_sha256: String,
    /// SHA-256 of the certificates that the CRM may show (of their DER), in hexadecimal.
    pub certificates_sha256: Vec<String>,
    /// By whose sight the messages are revealed.
    pub roles: Vec<String>,
    /// The program: `https://orders.example.eu/outbound`.
    pub deliver: String,
    /// The address to connect to instead of what the name resolves to.
    pub address: Option<String>,
    /// PEM certificates to trust instead of the system's.
    pub ca: Option<PathBuf>,
}

/// How many certificates one endpoint may know.
const CERTIFICATES: usize = 4;

/// What an endpoint is to the gate, and where it leads.
pub(super) type Endpoints = (Vec<gate::Sender>, Vec<upstream::Receiving>);

impl Checker<'_> {
    pub(super) fn outbound(&self, raw: &[Outbound]) -> Result<Endpoints, Error> {
        let (mut senders, mut receivers): Endpoints = (vec![], vec![]);
        for endpoint in raw {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            let name = &endpoint.name;
            if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
                let remedy = "write up to 40 lower-case letters, digits and hyphens";
                return Err(self.value("outbound.name", remedy));
            }
            if senders.iter().any(|sender| sender.name == *name) {
                return Err(self.value("outbound.name", "two endpoints have this name"));
            }
            senders.push(self.sender(endpoint)?);
            receivers.push(self.receiving(endpoint)?);
        }
        Ok((senders, receivers))
    }

    fn sender(&self, endpoint: &Outbound) -> Result<gate::Sender, Error> {
        let certificates = endpoint.certificates_sha256.iter();
        let certificates = certificates.map(|text| {
            digest(text).ok_or_else(|| {
                let remedy = "write each SHA-256 as 64 hexadecimal digits";
                self.value("outbound.certificates_sha256", remedy)
            })
        });
        let certificates: Vec<[u8; 32]> = certificates.collect::<Result<_, _>>()?;
        if certificates.is_empty() || certificates.len() > CERTIFICATES {
            let remedy = "name one certificate of the CRM's, or up to four";
            return Err(self.value("outbound.certificates_sha256", remedy));
        }
        if endpoint.roles.is_empty() {
            return Err(self.value("outbound.roles", "name the roles whose sight counts"));
        }
        let secret = digest(&endpoint.secret_sha256);
        Ok(gate::Sender {
            name: endpoint.name.clone(),
            secret: secret.ok_or_else(|| {
                let remedy = "write the SHA-256 as 64 hexadecimal digits";
                self.value("outbound.secret_sha256", remedy)
            })?,
            certificates,
            roles: endpoint.roles.clone(),
        })
    }

    fn receiving(&self, endpoint: &Outbound) -> Result<upstream::Receiving, Error> {
        let id = &endpoint.organization_id;
        if !id.starts_with("00D") || Id::parse(id).is_none() {
            let remedy = "write the organization's id: `00D` and 12 or 15 more";
            return Err(self.value("outbound.organization_id", remedy));
        }
        let key = "outbound.deliver";
        let url: Uri = endpoint.deliver.parse().map_err(|_| {
            self.value(
                key,
                "write the program's URL: https://orders.example.eu/outbound",
            )
        })?;
        let authority = url.authority().map(ToString::to_string);
        let host = upstream::Host {
            ours: String::new(),
            origin: match (url.scheme_str(), authority) {
                (Some("https"), Some(authority)) => format!("https://{authority}"),
                _ => return Err(self.value(key, "it must begin with https://")),
            },
            address: endpoint
                .address
                .as_deref()
                .map(|text| self.address("outbound.address", text))
                .transpose()?,
        };
        let authority = host.authority();
        authority.map_err(|error| self.value(key, &error.to_string()))?;
        let target = url.path_and_query();
        Ok(upstream::Receiving {
            name: endpoint.name.clone(),
            organization: id.clone(),
            host,
            target: target
                .map_or("/", http::uri::PathAndQuery::as_str)
                .to_owned(),
            trust: endpoint
                .ca
                .as_deref()
                .map(|path| self.certificates("outbound.ca", path))
                .transpose()?,
        })
    }

    /// What is revealed for a program does not go to the CRM by a slip of the pen, nor back to us.
    pub(super) fn programs(
        &self,
        upstream: &upstream::Settings,
        ours: &[String],
    ) -> Result<(), Error> {
        const CRM: [&str; 2] = [".salesforce.com", ".force.com"];
        let theirs = upstream.hosts.iter().map(upstream::Host::authority);
        let theirs = theirs
            .chain([upstream.authority()])
            .collect::<Result<Vec<_>, _>>();
        let theirs = theirs.map_err(|error| self.value("crm.url", &error.to_string()))?;
        for receiver in &upstream.receivers {
            let authority = receiver.host.authority();
            let authority =
                authority.map_err(|error| self.value("outbound.deliver", &error.to_string()))?;
            let name = authority
                .split(':')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            let same = |known: &String| known.eq_ignore_ascii_case(&authority);
            if theirs.iter().any(same) || CRM.iter().any(|end| name.ends_with(end)) {
                let remedy = "it must be a program of your own; values do not go to the CRM";
                return Err(self.value("outbound.deliver", remedy));
            }
            if ours.iter().any(same) {
                return Err(self.value("outbound.deliver", "it is this border itself"));
            }
        }
        Ok(())
    }
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let bare: String = text.chars().filter(|c| *c != ':').collect();
    let bytes = HEXLOWER_PERMISSIVE.decode(bare.as_bytes()).ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Error, Settings, parse};

    const REST: &str = "listen = \"127.0.0.1:8443\"\npolicy = \"policy.toml\"\n\
        key_file = \"sluis.key\"\ndata = \"data\"\n\n[tls]\ncertificate = \"a.pem\"\nkey = \"a.key\"\n\n\
        [crm]\nurl = \"https://crm.example.nl\"\n\n";

    fn endpoint() -> String {
        let digest = "9f".repeat(32);
        format!(
            "[[outbound]]\nname = \"orders\"\norganization_id = \"00D000000000000EAA\"\n\
             secret_sha256 = \"{digest}\"\ncertificates_sha256 = [\"{digest}\"]\n\
             roles = [\"integration\"]\ndeliver = \"https://orders.example.eu/in?x=1\"\n"
        )
    }

    fn read(endpoints: &str) -> Result<Settings, Error> {
        parse(Path::new("sluis.toml"), &format!("{REST}{endpoints}"))
    }

    #[test]
    fn an_endpoint_has_two_proofs_and_one_program() {
        let settings = read(&endpoint()).unwrap();
        let sender = &settings.gate.senders[0];
        assert_eq!(
            (sender.name.as_str(), sender.secret),
            ("orders", [0x9f; 32])
        );
        assert_eq!(sender.certificates, [[0x9f; 32]]);
        let receiving = &settings.upstream.receivers[0];
        assert_eq!(receiving.host.origin, "https://orders.example.eu");
        assert_eq!(receiving.target, "/in?x=1");
    }

    #[test]
    fn what_lacks_a_proof_or_leads_nowhere_is_refused_by_its_key() {
        let whole = endpoint();
        let digest = format!("\"{}\"", "9f".repeat(32));
        for (from, to, key) in [
            ("\"orders\"", "\"Orders/x\"", "outbound.name"),
            ("00D000000000000EAA", "00D", "outbound.organization_id"),
            (
                "00D000000000000EAA",
                "003000000000000AAA",
                "outbound.organization_id",
            ),
            (digest.as_str(), "\"9f\"", "outbound.secret_sha256"),
            (&format!("[{digest}]"), "[]", "outbound.certificates_sha256"),
            (
                &format!("[{digest}]"),
                "[\"x\"]",
                "outbound.certificates_sha256",
            ),
            ("[\"integration\"]", "[]", "outbound.roles"),
            ("https://", "http://", "outbound.deliver"),
            ("https://", "http://localhost/", "outbound.deliver"),
            ("https://", "https://user@", "outbound.deliver"),
            ("orders.example.eu", "CRM.example.nl", "outbound.deliver"),
            (
                "orders.example.eu",
                "x.my.salesforce.com",
                "outbound.deliver",
            ),
        ] {
            let other = whole.replacen(from, to, 1);
            assert_ne!(other, whole);
            let error = read(&other).unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}`")), "{to}: {error}");
        }
        assert!(read(&format!("{whole}{whole}")).is_err());
        assert!(read(&format!("{whole}secret = \"x\"\n")).is_err());
    }
}
