//! The configuration file: raw TOML to checked settings. Unknown keys are errors.
//!
//! Read first: [`Config`], which is the file's own shape and the reference for its keys, and
//! [`load`]. Paths in the file are relative to the folder that it stands in.

mod outbound;
mod raw;
mod web_forms;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::dialect::salesforce::web_form::Setup;
use crate::model::Secret;
use crate::{gate, oidc, server, upstream};

pub use raw::{Config, PolicySource};

/// Settings of every part, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    pub server: server::Settings,
    pub gate: gate::Settings,
    /// The console's own listener, if there is a console.
    pub console: Option<server::Settings>,
    /// Whether exchanges are kept for trying drafts on.
    pub what_if: bool,
    pub upstream: upstream::Settings,
    /// Visitors' forms, if they are taken.
    pub forms: Option<Setup>,
    /// The organization's identity provider, if people sign in by one.
    pub oidc: Option<oidc::Settings>,
    pub policy: PathBuf,
    pub policy_source: PolicySource,
    /// The database of policy versions and drafts.
    pub policy_store: PathBuf,
    /// Objects and fields of the organization's own, beside those that we know.
    pub fields: Option<PathBuf>,
    pub key_file: PathBuf,
    pub passphrase: Option<Secret>,
    pub data: PathBuf,
    /// How often the CRM is asked what it describes; none: never.
    pub describe_every: Option<Duration>,
    /// Separates the tokens and ciphertexts of one organization from those of another. It must
    /// never change for a data folder.
    pub tenant: String,
}

/// Why the configuration cannot be used. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: cannot be read", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The parser's text has line, column and a caret.
    #[error("{path}: {text}", path = path.display())]
    Syntax { path: PathBuf, text: String },
    #[error("{place}: {remedy}")]
    Value {
        /// File, line and key.
        place: String,
        remedy: String,
    },
}

/// Reads and checks a configuration file.
///
/// # Errors
/// When the file cannot be read, is not TOML of this shape, or has a value that cannot be used.
pub fn load(path: &Path) -> Result<Settings, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    parse(path, &text)
}

/// As [`load`], for a text that stands at `path` or is about to.
///
/// # Errors
/// As [`load`].
pub fn parse(path: &Path, text: &str) -> Result<Settings, Error> {
    let raw: Config = toml::from_str(text).map_err(|error| Error::Syntax {
        path: path.to_owned(),
        text: error.to_string(),
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    Checker { path, folder }.settings(raw)
}

/// Where a key stands: "sluis.toml:12: `crm.url`", without the line where it is not written out.
#[must_use]
pub fn place(path: &Path, key: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    match line(&text, key) {
        Some(line) => format!("{}:{line}: `{key}`", path.display()),
        None => format!("{}: `{key}`", path.display()),
    }
}

/// The line of `table.key` or `key`, from 1. A hint for people: keys in inline tables are not found.
fn line(text: &str, key: &str) -> Option<usize> {
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let mut current = "";
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            current = header.split(']').next().unwrap_or_default().trim();
        } else if current == table
            && line
                .split_once('=')
                .is_some_and(|(left, _)| left.trim() == name)
        {
            return Some(number + 1);
        }
    }
    None
}

struct Checker<'p> {
    path: &'p Path,
    folder: &'p Path,
}

impl Checker<'_> {
    fn settings(&self, raw: Config) -> Result<Settings, Error> {
        let listen = self.address("listen", &raw.listen)?;
        let ops_listen = raw
            .ops_listen
            .as_deref()
            .map(|text| self.address("ops_listen", text))
            .transpose()?;
        if ops_listen.is_some_and(|address| !address.ip().is_loopback()) {
            return Err(self.value(
                "ops_listen",
                "name a loopback address: metrics are not for the network",
            ));
        }
        let hosts = self.hosts(&raw, listen)?;
        let server = server::Settings {
            listen,
            ops_listen,
            hosts: hosts.clone(),
            tls: server::TlsFiles {
                certificate: self.folder.join(&raw.tls.certificate),
                key: self.folder.join(&raw.tls.key),
                client_ca: raw
                    .tls
                    .client_ca
                    .as_ref()
                    .map(|path| self.folder.join(path)),
            },
            limits: limits(&raw),
            workers: raw.workers.map_or_else(cores, usize::from).max(1),
        };
        let console = raw.console.as_ref();
        let console = console.map(|console| self.console(console, &server));
        let console = console.transpose()?;
        let (senders, receivers) = self.outbound(&raw.outbound)?;
        let gate = gate::Settings {
            senders,
            organization_id: raw.gate.organization_id.clone(),
            token_ttl: minutes(raw.gate.token_minutes),
            refresh_ttl: Duration::from_hours(24 * u64::from(raw.gate.refresh_days)),
            renewal_ttl: Duration::from_hours(u64::from(raw.gate.renewal_hours)),
            assertion_audiences: hosts.iter().map(|host| format!("https://{host}")).collect(),
            sign_ins: self.sign_ins(&raw.gate)?,
            // The console asks in its own way.
            shards: server.workers,
            passkey_domain: raw.gate.passkey_domain.clone(),
        };
        let mut upstream = self.upstream(&raw, &hosts)?;
        upstream.receivers = receivers;
        let forms = raw.web_forms.as_ref();
        let forms = forms
            .map(|forms| self.web_forms(forms, &hosts))
            .transpose()?;
        let (forms, host) = forms.unzip();
        upstream.forms = host;
        self.programs(&upstream, &hosts)?;
        Ok(Settings {
            upstream,
            forms,
            oidc: raw.oidc.as_ref().map(|oidc| self.oidc(oidc)).transpose()?,
            server,
            console,
            what_if: raw.console.as_ref().is_some_and(|console| console.what_if),
            gate,
            policy: self.folder.join(&raw.policy),
            policy_source: raw.policy_source,
            policy_store: self
                .folder
                .join(raw.policy_store.folder.as_ref().unwrap_or(&raw.data))
                .join("review.db"),
            fields: raw.fields.as_ref().map(|path| self.folder.join(path)),
            key_file: self.folder.join(&raw.key_file),
            passphrase: raw
                .passphrase_file
                .as_deref()
                .map(|path| self.secret("passphrase_file", path))
                .transpose()?,
            data: self.folder.join(&raw.data),
            describe_every: Some(self.describe_every(&raw.crm)?),
            tenant: raw.tenant,
        })
    }

    fn describe_every(&self, raw: &raw::Crm) -> Result<Duration, Error> {
        match raw.describe_minutes {
            minutes @ 1..=1440 => Ok(Duration::from_secs(60 * u64::from(minutes))),
            _ => Err(self.value("crm.describe_minutes", "write a number of 1 to 1440")),
        }
    }

    fn sign_ins(&self, raw: &raw::Gate) -> Result<gate::SignIns, Error> {
        let number = |key, number| {
            NonZeroU32::new(number).ok_or_else(|| self.value(key, "must be at least 1"))
        };
        Ok(gate::SignIns {
            account: number("gate.sign_ins_per_minute", raw.sign_ins_per_minute)?,
            source: number(
                "gate.source_sign_ins_per_minute",
                raw.source_sign_ins_per_minute,
            )?,
            all: number("gate.all_sign_ins_per_minute", raw.all_sign_ins_per_minute)?,
        })
    }

    fn oidc(&self, raw: &raw::Oidc) -> Result<oidc::Settings, Error> {
        let plain = |host: &str| {
            let sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:".contains(&b);
            !host.is_empty() && host.bytes().all(sign)
        };
        let rest = raw.issuer.strip_prefix("https://").unwrap_or_default();
        let own = rest.split('/').next().unwrap_or_default();
        if !plain(own) || raw.issuer.contains(['?', '#']) {
            return Err(self.value(
                "oidc.issuer",
                "write the issuer as the provider's tokens say it: https://login.example.eu",
            ));
        }
        if !raw.hosts.iter().all(|host| plain(host)) {
            return Err(self.value("oidc.hosts", "name hosts in lower case, with `:port`"));
        }
        let mut hosts = raw.hosts.clone();
        hosts.push(own.to_owned());
        let secret = raw.client_secret_file.as_deref();
        let secret = secret.map(|path| self.secret("oidc.client_secret_file", path));
        let trust = raw.ca.as_deref();
        let trust = trust.map(|path| self.certificates("oidc.ca", path));
        Ok(oidc::Settings {
            issuer: raw.issuer.clone(),
            client_id: raw.client_id.clone(),
            client_secret: secret.transpose()?,
            hosts,
            trust: trust.transpose()?,
            second_amr: raw.second_factor_amr.clone(),
            second_acr: raw.second_factor_acr.clone(),
        })
    }

    fn upstream(&self, raw: &Config, hosts: &[String]) -> Result<upstream::Settings, Error> {
        let mut settings = upstream::Settings::new(&raw.crm.url);
        let first = settings.authority();
        let first = first.map_err(|error| self.value("crm.url", &error.to_string()))?;
        let own = |host: &&String| !raw.crm.hosts.contains_key(*host);
        settings.ours =
            hosts.iter().find(own).cloned().ok_or_else(|| {
                self.value("crm.hosts", "one of `hosts` must be left for `crm.url`")
            })?;
        settings.hosts = self.others(raw, hosts, first)?;
        settings.cookie_domain = self.cookie_domain(raw, &settings)?;
        settings.address = raw
            .crm
            .address
            .as_deref()
            .map(|text| self.address("crm.address", text))
            .transpose()?;
        settings.trust = raw
            .crm
            .ca
            .as_deref()
            .map(|path| self.certificates("crm.ca", path))
            .transpose()?;
        settings.compressed = raw.crm.compressed;
        Ok(settings)
    }

    /// The CRM's hosts beside the first, each under a name of ours.
    fn others(
        &self,
        raw: &Config,
        hosts: &[String],
        first: String,
    ) -> Result<Vec<upstream::Host>, Error> {
        let mut seen = vec![first];
        let mut found = Vec::new();
        for (ours, host) in &raw.crm.hosts {
            let (url, address) = match host {
                raw::Host::Url(url) => (url, None),
                raw::Host::At(at) => (&at.url, at.address.as_deref()),
            };
            if !hosts.contains(ours) {
                return Err(self.value("crm.hosts", "each name must be one of `hosts` too"));
            }
            let host = upstream::Host {
                ours: ours.clone(),
                origin: url.trim_end_matches('/').to_owned(),
                address: address
                    .map(|text| self.address("crm.hosts", text))
                    .transpose()?,
            };
            let authority = host.authority();
            let authority =
                authority.map_err(|error| self.value("crm.hosts", &error.to_string()))?;
            if seen.contains(&authority) {
                return Err(self.value("crm.hosts", "each host of the CRM has one name here"));
            }
            seen.push(authority);
            found.push(host);
        }
        Ok(found)
    }

    /// The domain must be above each of our names for the CRM's hosts, and not above all others.
    fn cookie_domain(
        &self,
        raw: &Config,
        settings: &upstream::Settings,
    ) -> Result<Option<String>, Error> {
        let Some(domain) = &raw.crm.cookie_domain else {
            return Ok(None);
        };
        let ours = settings.hosts.iter().map(|host| &host.ours);
        let mut ours = ours.chain([&settings.ours]);
        let above = ours.all(|host| {
            let name = host.split(':').next().unwrap_or_default();
            name == domain || name.ends_with(&format!(".{domain}"))
        });
        match above && domain.contains('.') {
            true => Ok(Some(domain.clone())),
            false => Err(self.value(
                "crm.cookie_domain",
                "name a domain of your own that all names of the CRM's hosts are under",
            )),
        }
    }

    /// One thread is enough for it, and it takes no client certificates: people sign in.
    fn console(
        &self,
        raw: &raw::Console,
        border: &server::Settings,
    ) -> Result<server::Settings, Error> {
        let listen = self.address("console.listen", &raw.listen)?;
        let name = |host: &str| host.split(':').next().unwrap_or_default().to_owned();
        let plain = |host: &String| {
            let sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:".contains(&b);
            !host.is_empty() && host.bytes().all(sign)
        };
        if raw.hosts.is_empty() || !raw.hosts.iter().all(plain) {
            return Err(self.value(
                "console.hosts",
                "name the hosts that people type, in lower case, with `:port`",
            ));
        }
        let own = |host: &String| !border.hosts.iter().any(|taken| name(taken) == name(host));
        if !raw.hosts.iter().all(own) {
            return Err(self.value(
                "console.hosts",
                "choose a name that is none of the border's `hosts`: cookies know no ports",
            ));
        }
        let file = |own: &Option<PathBuf>, border: &Path| match own {
            Some(path) => self.folder.join(path),
            None => border.to_owned(),
        };
        if raw.certificate.is_some() != raw.key.is_some() {
            return Err(self.value(
                "console.certificate",
                "name `certificate` and `key`, or none",
            ));
        }
        Ok(server::Settings {
            listen,
            ops_listen: None,
            hosts: raw.hosts.clone(),
            tls: server::TlsFiles {
                certificate: file(&raw.certificate, &border.tls.certificate),
                key: file(&raw.key, &border.tls.key),
                client_ca: None,
            },
            limits: border.limits.clone(),
            workers: 1,
        })
    }

    /// The names that clients may ask for. Without a list: the listening address, which is right for
    /// a machine of one's own and nothing else.
    fn hosts(&self, raw: &Config, listen: SocketAddr) -> Result<Vec<String>, Error> {
        if raw.hosts.is_empty() {
            return Ok(vec![
                listen.to_string(),
                format!("localhost:{}", listen.port()),
            ]);
        }
        for host in &raw.hosts {
            let plain = !host.is_empty()
                && host
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b));
            if !plain {
                return Err(self.value(
                    "hosts",
                    "name hosts in lower case, with `:port` where clients send one",
                ));
            }
            if host.contains("-api") {
                return Err(self.value(
                    "hosts",
                    "simple-salesforce removes `-api` from a host; choose another name",
                ));
            }
        }
        Ok(raw.hosts.clone())
    }

    fn address(&self, key: &'static str, text: &str) -> Result<SocketAddr, Error> {
        text.parse()
            .map_err(|_| self.value(key, "write an address and a port, such as 0.0.0.0:8443"))
    }

    fn certificates(
        &self,
        key: &'static str,
        path: &Path,
    ) -> Result<Vec<CertificateDer<'static>>, Error> {
        let path = self.folder.join(path);
        let read =
            CertificateDer::pem_file_iter(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates =
            read.map_err(|error| self.value(key, &format!("no PEM certificates in it: {error}")))?;
        if certificates.is_empty() {
            return Err(self.value(key, "no PEM certificates in it"));
        }
        Ok(certificates)
    }

    fn secret(&self, key: &'static str, path: &Path) -> Result<Secret, Error> {
        let path = self.folder.join(path);
        let text = fs::read_to_string(&path).map_err(|source| Error::Read { path, source })?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(self.value(key, "the file is empty")),
            text => Ok(text.into()),
        }
    }

    fn value(&self, key: &'static str, remedy: &str) -> Error {
        Error::Value {
            place: place(self.path, key),
            remedy: remedy.to_owned(),
        }
    }
}

fn limits(raw: &Config) -> server::Limits {
    let mut limits = server::Limits::default();
    let given = &raw.limits;
    limits.connections = given.connections.unwrap_or(limits.connections);
    limits.connections_per_source = given
        .connections_per_source
        .unwrap_or(limits.connections_per_source);
    limits.body_bytes = given.body_bytes.unwrap_or(limits.body_bytes);
    limits.target_bytes = given.target_bytes.unwrap_or(limits.target_bytes);
    limits.drain = given
        .drain_seconds
        .map_or(limits.drain, Duration::from_secs);
    limits.idle = given.idle_seconds.map_or(limits.idle, Duration::from_secs);
    limits
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_mins(u64::from(minutes))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
