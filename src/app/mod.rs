//! The composition root: settings in, running system out. The only place that knows every type.
//!
//! Read first: [`start`] and [`App`]. What a command of the operator's needs one part of, it opens
//! by the functions below.

mod accept;
mod desk;
mod follow;
mod house;
mod parts;
mod start;
mod watch;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};

use crate::config::{PolicySource, Settings};
use crate::gate::Gate;
use crate::keys::{FileProvider, Ring, SystemClock, SystemEntropy};
use crate::ledger::Ledger;
use crate::model::{Clock, Entropy};
use crate::policy::{self, FieldTable, Plan, Snapshot, Source};
use crate::review::{Bench, Review, Text};
use crate::upstream;
use crate::vault::Vault;

pub use accept::{Accept, Looked, accepted_now, compile_in_force};
pub use desk::{Answer, Ask, Standing, ask, record, status};
pub use parts::{CRM_CREDENTIAL, crm_credential, known_hosts};
pub use start::{App, start};

/// Time and randomness of the system.
#[derive(Clone)]
pub struct World {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy::default()),
        }
    }
}

/// Opens the key-encryption key.
///
/// # Errors
/// When the key file is missing, exposed, weak, or its passphrase is wrong.
pub fn open_ring(settings: &Settings, world: &World) -> anyhow::Result<Arc<Ring>> {
    let provider = FileProvider::new(&settings.key_file, settings.passphrase.clone());
    let ring = Ring::open(&provider, Arc::clone(&world.entropy));
    Ok(Arc::new(ring.with_context(|| {
        format!("the key file {}", settings.key_file.display())
    })?))
}

/// Opens the vault in the data folder.
///
/// # Errors
/// When its files are damaged, exposed or of another key.
pub fn open_vault(settings: &Settings, ring: &Arc<Ring>, world: &World) -> anyhow::Result<Vault> {
    let vault = Vault::open(
        &settings.data,
        Arc::clone(ring),
        &settings.tenant,
        Arc::clone(&world.clock),
        Arc::clone(&world.entropy),
    );
    vault.with_context(|| format!("the vault in {}", settings.data.display()))
}

/// Opens the ledger in the data folder.
///
/// # Errors
/// When it is damaged or its end was cut.
pub fn open_ledger(settings: &Settings, ring: &Ring, world: &World) -> anyhow::Result<Ledger> {
    let path = settings.data.join("ledger.db");
    Ledger::open(&path, ring, &*world.entropy)
        .with_context(|| format!("the ledger {}", path.display()))
}

/// Opens the gate in the data folder.
///
/// # Errors
/// When its file cannot be opened or a setting is out of bounds.
pub fn open_gate(settings: &Settings, ring: &Arc<Ring>, world: &World) -> anyhow::Result<Gate> {
    let path = settings.data.join("gate.db");
    let gate = Gate::open(
        &path,
        Arc::<Ring>::clone(ring),
        Arc::clone(&world.clock),
        Arc::clone(&world.entropy),
        settings.gate.clone(),
    );
    gate.with_context(|| format!("the gate {}", path.display()))
}

/// Opens the store of policy versions and drafts.
///
/// # Errors
/// When it is damaged, or was changed without the key.
pub fn open_review(settings: &Settings, ring: &Ring, world: &World) -> anyhow::Result<Review> {
    let path = &settings.policy_store;
    if let Some(folder) = path.parent() {
        crate::store::make_folder(folder).context("the folder of the policy store")?;
    }
    let review = Review::open(path, ring, Arc::clone(&world.clock), &*world.entropy);
    review.with_context(|| format!("the store of policies {}", path.display()))
}

/// The version in force, where the store of versions is the policy's source and has one.
pub(super) fn live_text(
    settings: &Settings,
    ring: &Ring,
    world: &World,
) -> anyhow::Result<Option<Text>> {
    match settings.policy_source {
        PolicySource::Console => {
            let live = open_review(settings, ring, world)?.live()?;
            Ok(live.map(|version| version.text))
        }
        PolicySource::Files => Ok(None),
    }
}

/// What drafts are tried against: the fields that hold, and the hosts that the configuration names.
///
/// # Errors
/// When the file of fields cannot be read.
pub fn bench(settings: &Settings, accepted: Option<&Snapshot>) -> anyhow::Result<Bench> {
    let hosts = settings
        .upstream
        .hosts
        .iter()
        .map(upstream::Host::authority);
    Ok(Bench {
        fields: table(settings.fields.as_deref(), accepted)?,
        hosts: hosts.collect::<Result<_, _>>()?,
        name: settings.policy.display().to_string(),
    })
}

/// Reads a policy and the cases beside it.
///
/// # Errors
/// When a file cannot be read, or there are several files of cases.
pub fn read_text(policy: &Path) -> anyhow::Result<Text> {
    let file = follow::PolicyFile::new(policy);
    file.check_single()?;
    file.read()
}

/// Reads and compiles a policy file against the fields of Salesforce that we know, and those of a
/// file that `sluis crm describe` has written.
///
/// # Errors
/// When it cannot be read, or has errors: the text shows each with file, line, column and a caret.
pub fn compile_policy(path: &Path, fields: Option<&Path>) -> anyhow::Result<Plan> {
    compile_text(&read_policy(path)?, fields, None)
}

/// The policy that the settings name, compiled against what a person has accepted of the CRM's own
/// describe: the version in force where there is one, or else the file.
pub(super) fn compile_settings(
    settings: &Settings,
    version: Option<&Text>,
    accepted: Option<&Snapshot>,
) -> anyhow::Result<Plan> {
    let source = match version {
        Some(text) => Source {
            name: settings.policy.display().to_string(),
            text: text.policy.clone(),
        },
        None => read_policy(&settings.policy)?,
    };
    compile_text(&source, settings.fields.as_deref(), accepted)
}

fn read_policy(path: &Path) -> anyhow::Result<Source> {
    let text =
        fs::read_to_string(path).with_context(|| format!("the policy {}", path.display()))?;
    Ok(Source {
        name: path.display().to_string(),
        text,
    })
}

fn compile_text(
    source: &Source,
    fields: Option<&Path>,
    accepted: Option<&Snapshot>,
) -> anyhow::Result<Plan> {
    let table = table(fields, accepted)?;
    policy::compile(source, &table).map_err(|report| anyhow!("{report}"))
}

/// The fields that hold.
///
/// # Errors
/// When the file of fields cannot be read.
pub fn table(fields: Option<&Path>, accepted: Option<&Snapshot>) -> anyhow::Result<FieldTable> {
    let mut table = FieldTable::salesforce()?;
    if let Some(path) = fields {
        let text =
            fs::read_to_string(path).with_context(|| format!("the fields {}", path.display()))?;
        let own =
            FieldTable::parse(&text).with_context(|| format!("the fields {}", path.display()))?;
        table = table.overlaid(own);
    }
    Ok(match accepted {
        Some(accepted) => table.with_accepted(accepted),
        None => table,
    })
}
