//! `sluis client`: the programs that may come through, and their two proofs.

use std::fs;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::{ConfigFile, Ended, complain, say};
use crate::app::{self, World};
use crate::config;
use crate::gate::{
    Binding, CertificateHash, Enrolment, Factor, Gate, NewClient, NewToken, Pace, Pair, PublicKey,
};
use crate::model::{FieldList, Secret};

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
    Add(Add),
    /// Let a client send more or fewer requests a second.
    Pace { name: String, pace: NonZeroU32 },
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
    /// Let a client read and write these objects and fields and nothing else, from its next request
    /// on.
    Only {
        name: String,
        /// An object (`Lead`) or one field of it (`Contact.Email`); they take the place of the list
        /// that it had.
        #[arg(
            value_name = "FIELD",
            required_unless_present = "all",
            conflicts_with = "all"
        )]
        fields: Vec<String>,
        /// All that the policy has rules for.
        #[arg(long)]
        all: bool,
    },
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

/// A new client.
#[derive(Args, Debug)]
struct Add {
    /// A name of your own for it: letters, digits, `-` and `_`.
    name: String,
    /// What it uses personal data for: a purpose of the policy.
    #[arg(long)]
    purpose: String,
    /// A role of the policy: what it may see. Repeat it for more.
    #[arg(long = "role", required = true, value_name = "ROLE")]
    roles: Vec<String>,
    /// An object (`Lead`) or one field of it (`Contact.Email`) that it may read and write, and then
    /// nothing else. Repeat it for more; without it, all that the policy has rules for.
    #[arg(long, value_name = "FIELD")]
    only: Vec<String>,
    /// The two proofs that it must show together, with a comma between.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "secret,totp",
        value_name = "PROOF,PROOF"
    )]
    proofs: Vec<Proof>,
    /// Its certificate (PEM), for the proof `certificate`.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Its public key (PEM), for the proof `assertion`.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// How many requests a second it may send; bursts of four times as many pass.
    #[arg(long, default_value = "50", value_name = "REQUESTS")]
    pace: NonZeroU32,
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
    crate::store::make_folder(&settings.data)?;
    let ring = app::open_ring(&settings, &world)?;
    let gate = app::open_gate(&settings, &ring, &world)?;
    match options.command {
        Command::List => list(&gate)?,
        Command::Disable { name } => gate.disable(&name)?,
        Command::Enable { name } => gate.enable(&name)?,
        Command::Remove { name } => gate.remove(&name)?,
        Command::Revoke { name } => gate.revoke_tokens(&name)?,
        Command::Roles { name, roles } => {
            gate.set_roles(&name, &roles)?;
            warn_of_unknown_roles(&settings, &roles);
        }
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
        Command::Only { name, fields, .. } => {
            gate.set_fields(&name, listed(&settings, &world, &fields)?.as_ref())?;
        }
        Command::Pace { name, pace } => gate.set_pace(&name, paced(pace))?,
        Command::Add(new) => add(&gate, (&settings, &world), &new)?,
    }
    Ok(Ended::Well)
}

/// A proof that the client brings itself must be made known here, and only then.
fn accompanied(
    proofs: &[Proof],
    certificate: &Option<PathBuf>,
    key: &Option<PathBuf>,
) -> anyhow::Result<()> {
    let among = |wanted| proofs.iter().any(|proof| Factor::from(*proof) == wanted);
    for (factor, option, given) in [
        (Factor::Certificate, "--certificate", certificate.is_some()),
        (Factor::Assertion, "--key", key.is_some()),
    ] {
        if among(factor) && !given {
            bail!("the proof `{}` needs {option} FILE", factor.name());
        }
        if given && !among(factor) {
            bail!("{option} is for `{}` among --proofs", factor.name());
        }
    }
    Ok(())
}

fn add(
    gate: &Gate,
    (settings, world): (&config::Settings, &World),
    asked: &Add,
) -> anyhow::Result<()> {
    let [first, second] = asked.proofs.as_slice() else {
        bail!("--proofs takes two, such as secret,totp or secret,certificate");
    };
    accompanied(&asked.proofs, &asked.certificate, &asked.key)?;
    warn_of_unknown_roles(settings, &asked.roles);
    let roles: Vec<&str> = asked.roles.iter().map(String::as_str).collect();
    let pair = Pair::new((*first).into(), (*second).into())?;
    let mut new = NewClient::new(&asked.name, &asked.purpose, &roles, pair);
    new.certificate = asked.certificate.as_ref().map(fingerprint).transpose()?;
    new.key = asked.key.as_ref().map(public_key).transpose()?;
    new.pace = paced(asked.pace);
    new.fields = listed(settings, world, &asked.only)?;
    let shown = gate.add(&new)?;
    say(&format!("client_id      {}", shown.client_id))?;
    if let Some(secret) = &shown.secret {
        show("client_secret", secret)?;
    }
    if let Some(codes) = &shown.codes {
        enrol(codes)?;
    }
    say("These are shown this once.")?;
    Ok(())
}

/// A list of fields, each of which the policy in force has rules for; none where nothing is named.
fn listed(
    settings: &config::Settings,
    world: &World,
    names: &[String],
) -> anyhow::Result<Option<FieldList>> {
    if names.is_empty() {
        return Ok(None);
    }
    let plan = app::compile_in_force(settings, world)?;
    Ok(Some(plan.field_list(names)?))
}

/// Bursts of four seconds' worth pass: clients read page after page and then pause.
fn paced(per_second: NonZeroU32) -> Pace {
    Pace {
        per_second,
        burst: per_second.saturating_mul(NonZeroU32::MIN.saturating_add(3)),
    }
}

/// A role that policy does not name sees no protected value: allowed, and seldom meant.
pub(super) fn warn_of_unknown_roles(settings: &config::Settings, roles: &[String]) {
    let Ok(plan) = app::compile_policy(&settings.policy, settings.fields.as_deref()) else {
        return; // `sluis check` says what is wrong with it.
    };
    let known = plan.role_names();
    for role in roles.iter().filter(|role| !known.contains(*role)) {
        complain(&format!(
            "warning: the policy has no role `{role}`, so it sees no protected value; its roles are {}",
            known.join(", ")
        ));
    }
}

fn list(gate: &Gate) -> anyhow::Result<()> {
    for client in gate.list()? {
        let [first, second] = client.pair.factors();
        say(&format!(
            "{}  {}  {}+{}  roles {}  purpose {}  {}{}",
            client.name,
            client.client_id,
            first.name(),
            second.name(),
            client.roles.join(","),
            client.purpose,
            match &client.fields {
                Some(fields) => format!("only {fields}"),
                None => "all fields".to_owned(),
            },
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
