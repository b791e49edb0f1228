//! The file's own shape.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::outbound::Outbound;
use super::web_forms::WebForms;

/// `sluis.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where clients connect, by TLS: `0.0.0.0:8443`.
    pub listen: String,
    /// The names that clients use, with `:port` where they send one.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Where health and metrics are served, in plain HTTP: a loopback address.
    pub ops_listen: Option<String>,
    pub tls: Tls,
    pub crm: Crm,
    /// The policy file.
    pub policy: PathBuf,
    /// Where the policy in force comes from.
    #[serde(default)]
    pub policy_source: PolicySource,
    #[serde(default)]
    pub policy_store: PolicyStore,
    /// A file of `sluis crm describe`, with the organization's own objects and fields.
    pub fields: Option<PathBuf>,
    /// The file with the key-encryption key.
    pub key_file: PathBuf,
    /// A file with the passphrase of the key file, if it has one.
    pub passphrase_file: Option<PathBuf>,
    /// The folder of the vault, the keys, the ledger and the gate.
    pub data: PathBuf,
    #[serde(default = "tenant")]
    pub tenant: String,
    #[serde(default)]
    pub gate: Gate,
    /// An identity provider of the organization's.
    pub oidc: Option<Oidc>,
    /// The console, where people look after the border; there is none unless it is named.
    pub console: Option<Console>,
    /// Endpoints of outbound messages.
    #[serde(default)]
    pub outbound: Vec<Outbound>,
    /// Visitors' forms that a web server passes on; none are taken unless it stands here.
    pub web_forms: Option<WebForms>,
    #[serde(default)]
    pub limits: Limits,
    /// Threads; as many as there are cores unless said.
    pub workers: Option<u16>,
}

/// Where the policy in force comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum PolicySource {
    /// From the file, whenever the border starts or is told to reload.
    #[default]
    Files,
    /// From the store of versions, each approved by a second person; the file follows.
    Console,
}

/// The store of policy versions and drafts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyStore {
    /// Its folder: several borders on one machine may share it, with one key file. The data folder
    /// where nothing is said.
    pub folder: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM, our own certificate first.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Authorities of client certificates, if clients must have one of theirs.
    pub client_ca: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crm {
    /// `https://example.my.salesforce.com`
    pub url: String,
    /// The address to connect to instead of what the name resolves to.
    pub address: Option<String>,
    /// Further hosts of the CRM: our name, one of `hosts`, to the CRM's origin.
    #[serde(default)]
    pub hosts: BTreeMap<String, Host>,
    /// A domain above our names of the CRM's hosts. Cookies that the CRM sets for several of its hosts
    /// are set for it; without it each is for one host.
    pub cookie_domain: Option<String>,
    /// PEM certificates to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// How often the CRM is asked what it describes, in minutes, to see what changed.
    #[serde(default = "hourly")]
    pub describe_minutes: u32,
    /// Whether to ask the CRM for gzip.
    #[serde(default = "yes")]
    pub compressed: bool,
}

/// A further host of the CRM: its origin, or that and where it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Host {
    Url(String),
    At(HostAt),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostAt {
    pub url: String,
    /// The address to connect to instead of what the name resolves to.
    pub address: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// The organization id that our access tokens carry: the CRM's own, 18 characters.
    pub organization_id: String,
    pub token_minutes: u32,
    pub refresh_days: u32,
    /// How long a static token holds after its last one-time code.
    pub renewal_hours: u32,
    /// Steps of signing in as one account from one source address (IPv6: one /64).
    pub sign_ins_per_minute: u32,
    /// From one source address, all accounts together.
    pub source_sign_ins_per_minute: u32,
    /// From everywhere.
    pub all_sign_ins_per_minute: u32,
    /// The domain that the passkeys of staff are for, if people use several hosts under it; each
    /// host has passkeys of its own otherwise.
    pub passkey_domain: Option<String>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            organization_id: "00D000000000000EAA".to_owned(),
            token_minutes: 120,
            refresh_days: 30,
            renewal_hours: 12,
            sign_ins_per_minute: 30,
            source_sign_ins_per_minute: 300,
            all_sign_ins_per_minute: 1200,
            passkey_domain: None,
        }
    }
}

/// People may show the word of an OpenID provider in the place of a password.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// `https://login.example.eu`, exactly as the provider's tokens say it.
    pub issuer: String,
    /// What the provider calls the border.
    pub client_id: String,
    /// A file with the secret that it gave the border; without one the border is a public client.
    pub client_secret_file: Option<PathBuf>,
    /// Further hosts of the provider's that may be asked, with `:port` where they have one: those of
    /// its token endpoint and its keys, if they are not the issuer's.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// PEM certificates to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// Values of `amr`, such as "mfa", each of which proves a second factor: then none is asked for
    /// here.
    #[serde(default)]
    pub second_factor_amr: Vec<String>,
    /// The same of `acr`; the provider is asked for them.
    #[serde(default)]
    pub second_factor_acr: Vec<String>,
}

/// The console's own listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    /// Where browsers connect, by TLS: `0.0.0.0:8444`.
    pub listen: String,
    /// The names that people type, with `:port`; none of them a name of the border's, because cookies
    /// know no ports.
    pub hosts: Vec<String>,
    /// PEM; the border's unless said.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// Whether a sample of the last day's exchanges is kept, sealed, for trying drafts on.
    #[serde(default = "yes")]
    pub what_if: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub connections: Option<usize>,
    pub connections_per_source: Option<usize>,
    pub body_bytes: Option<usize>,
    pub target_bytes: Option<usize>,
    pub drain_seconds: Option<u64>,
    pub idle_seconds: Option<u64>,
}

fn tenant() -> String {
    "default".to_owned()
}

fn hourly() -> u32 {
    60
}

fn yes() -> bool {
    true
}
