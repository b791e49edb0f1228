//! `sluis client`: the programs that may come through, and their two proofs.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{ConfigFile, Ended, say};
use crate::app::{self, World};
use crate::config;
use crate::gate::{
    Binding, CertificateHash, Enrolment, Factor, Gate, NewClient, NewToken, Pair, PublicKey,
};
use crate::model::Secret;

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a client; its secrets are shown this once.
    Add {
        name: String,
        /// What it uses personal data for; recorded with every exchange.
        #[arg(long)]
        purpose: String,
        /// A role of the policy; repeat it for more.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The two proofs that it must show together.
        #[arg(
            long,
            value_enum,
            value_delimiter = ',',
            num_args = 2,
            default_value = "secret,totp"
        )]
        proofs: Vec<Proof>,
        /// Its certificate (PEM), for the proof `certificate`.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// Its public key (PEM), for the proof `assertion`.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// List the clients.
    List,
    /// Shut a client out; its tokens end with its next request.
    Disable { name: String },
    /// Let a client sign in again.
    Enable { name: String },
    /// Forget a client.
    Remove { name: String },
    /// End all tokens of a client.
    Revoke { name: String },
    /// Give a client other roles.
    Roles { name: String, roles: Vec<String> },
    /// Make a new secret; the old one and all tokens end.
    RotateSecret { name: String },
    /// Make a new secret of one-time codes; the old one and all tokens end.
    RotateCodes { name: String },
    /// Make a static token, for clients that can only be given a session id.
    Token {
        name: String,
        /// The client certificate (PEM) that it is bound to.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// A network that it is bound to; then a one-time code is due every few hours.
        #[arg(long = "network", value_name = "CIDR")]
        networks: Vec<ipnet::IpNet>,
        #[arg(long, default_value_t = 90)]
        days: u32,
        /// A one-time code now, for a token that is bound to networks.
        #[arg(long)]
        code: Option<String>,
    },
    /// Renew the static tokens of a client with a one-time code.
    Renew { name: String, code: String },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Proof {
    Secret,
    Totp,
    Certificate,
    Assertion,
}

impl From<Proof> for Factor {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::Secret => Self::Secret,
            Proof::Totp => Self::Totp,
            Proof::Certificate => Self::Certificate,
            Proof::Assertion => Self::Assertion,
        }
    }
}

pub(super) fn run(options: Options) -> anyhow::Result<Ended> {
    let settings = config::load(&options.file.config)?;
    let world = World::default();
    fs::create_dir_all(&settings.data)?;
    let ring = app::open_ring(&settings, &world)?;
    let gate = app::open_gate(&settings, &ring, &world)?;
    match options.command {
        Command::List => list(&gate)?,
        Command::Disable { name } => gate.disable(&name)?,
        Command::Enable { name } => gate.enable(&name)?,
        Command::Remove { name } => gate.remove(&name)?,
        Command::Revoke { name } => gate.revoke_tokens(&name)?,
        Command::Roles { name, roles } => gate.set_roles(&name, &roles)?,
        Command::RotateSecret { name } => show("client_secret", &gate.rotate_secret(&name)?)?,
        Command::RotateCodes { name } => enrol(&gate.rotate_codes(&name)?)?,
        Command::Renew { name, code } => {
            gate.renew_client(&name, &code)?;
        }
        Command::Token {
            name,
            certificate,
            networks,
            days,
            code,
        } => {
            let certificate = certificate.as_ref().map(fingerprint).transpose()?;
            let token = gate.static_token(&NewToken {
                client: &name,
                binding: Binding {
                    certificate,
                    networks,
                },
                lifetime: Duration::from_hours(24 * u64::from(days)),
                code: code.as_deref(),
            })?;
            show("access_token", &token)?;
        }
        Command::Add {
            name,
            purpose,
            roles,
            proofs,
            certificate,
            key,
        } => {
            let [first, second] = proofs.as_slice() else {
                bail!("--proofs takes two: secret,totp or secret,certificate or secret,assertion");
            };
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            let pair = Pair::new((*first).into(), (*second).into())?;
            let mut new = NewClient::new(&name, &purpose, &roles, pair);
            new.certificate = certificate.as_ref().map(fingerprint).transpose()?;
            new.key = key.as_ref().map(public_key).transpose()?;
            let shown = gate.add(&new)?;
            say(&format!("client_id      {}", shown.client_id))?;
            if let Some(secret) = &shown.secret {
                show("client_secret", secret)?;
            }
            if let Some(codes) = &shown.codes {
                enrol(codes)?;
            }
            say("These are shown this once.")?;
        }
    }
    Ok(Ended::Well)
}

fn list(gate: &Gate) -> anyhow::Result<()> {
    for client in gate.list()? {
        let [first, second] = client.pair.factors();
        say(&format!(
            "{}  {}  {}+{}  roles {}  purpose {}{}",
            client.name,
            client.client_id,
            first.name(),
            second.name(),
            client.roles.join(","),
            client.purpose,
            if client.enabled { "" } else { "  DISABLED" }
        ))?;
    }
    Ok(())
}

fn show(name: &str, secret: &Secret) -> anyhow::Result<()> {
    say(&format!(
        "{name:<14} {}",
        std::str::from_utf8(secret.expose())?
    ))?;
    Ok(())
}

fn enrol(codes: &Enrolment) -> anyhow::Result<()> {
    show("totp", &codes.url()?)
}

fn fingerprint(path: &PathBuf) -> anyhow::Result<CertificateHash> {
    let certificate =
        CertificateDer::from_pem_file(path).with_context(|| format!("{}", path.display()))?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate);
    Ok(digest.as_ref().try_into()?)
}

fn public_key(path: &PathBuf) -> anyhow::Result<PublicKey> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    Ok(PublicKey::from_pem(&text)?)
}
