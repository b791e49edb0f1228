//! The composition root: settings in, running system out. The only place that knows every type.
//!
//! Read first: [`start`] and [`App`]. What a command of the operator's needs one part of, it opens
//! by the functions below.

mod desk;
mod start;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};

use crate::config::Settings;
use crate::gate::Gate;
use crate::keys::{FileProvider, Ring, SystemClock, SystemEntropy};
use crate::ledger::Ledger;
use crate::model::{Clock, Entropy};
use crate::policy::{self, FieldTable, Plan, Source};
use crate::vault::Vault;

pub use desk::{Answer, Ask, ask, record};
pub use start::{App, CRM_CREDENTIAL, crm_credential, known_hosts, start};

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

/// Reads and compiles a policy file against the fields of Salesforce that we know, and those of a
/// file that `sluis crm describe` has written.
///
/// # Errors
/// When it cannot be read, or has errors: the text shows each with file, line, column and a caret.
pub fn compile_policy(path: &Path, fields: Option<&Path>) -> anyhow::Result<Plan> {
    let text =
        fs::read_to_string(path).with_context(|| format!("the policy {}", path.display()))?;
    let source = Source {
        name: path.display().to_string(),
        text,
    };
    let mut table = FieldTable::salesforce()?;
    if let Some(path) = fields {
        let text =
            fs::read_to_string(path).with_context(|| format!("the fields {}", path.display()))?;
        let own =
            FieldTable::parse(&text).with_context(|| format!("the fields {}", path.display()))?;
        table = table.overlaid(own);
    }
    policy::compile(&source, &table).map_err(|report| anyhow!("{report}"))
}
