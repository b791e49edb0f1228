//! What serving and the operator's desk are made of: the stores, the policy in force, the way to the
//! CRM.

use std::sync::{Arc, Mutex};

use anyhow::{Context, anyhow};
use arc_swap::{ArcSwap, ArcSwapOption};

use super::follow::{Follower, entry_by_file, tell};
use super::{World, compile_settings, open_ledger, open_ring, open_vault};
use crate::config::{PolicySource, Settings};
use crate::detect::Detector;
use crate::keys::Ring;
use crate::ledger::{Ledger, Seldom};
use crate::policy::{Plan, Snapshot};
use crate::protect::CookieKey;
use crate::proxy::{CrmName, Descriptions, Kept, Polls, Proxy, Readers, Rules, Shared, Spools};
use crate::replay::Tape;
use crate::review::{Standing, Text, unknown_host};
use crate::store::{self, Lock};
use crate::telemetry::Metrics;
use crate::upstream::{self, Credential, Sessions};
use crate::vault::Vault;

/// The name under which the vault keeps the CRM's credential.
pub const CRM_CREDENTIAL: &str = "crm";

/// What the policy in force was made of.
pub(super) struct Current {
    pub settings: ArcSwap<Settings>,
    /// What a person has accepted of the CRM's describe.
    pub accepted: ArcSwapOption<Snapshot>,
    /// The version in force, where the store is the source; none: the file is.
    pub policy: ArcSwapOption<Text>,
    /// How the node stands towards the store.
    pub standing: ArcSwap<Standing>,
    /// Held from compiling rules until they are in force, so that none overtakes another.
    pub turn: Mutex<()>,
}

/// What serving and deciding about quarantine have in common.
pub(super) struct Parts {
    pub shared: Arc<Shared>,
    pub sessions: Arc<Sessions>,
    pub ring: Arc<Ring>,
    pub current: Arc<Current>,
    pub follower: Option<Follower>,
    pub lock: Lock,
}

impl Parts {
    /// A proxy with a client of its own.
    pub(super) fn proxy(&self, settings: Settings) -> anyhow::Result<Proxy> {
        let client = upstream::Client::new(settings.upstream, Arc::clone(&self.sessions))?;
        Ok(Proxy::new(Arc::clone(&self.shared), client))
    }
}

/// Opens the stores, compiles the policy and the lexicons, and signs in to nothing yet.
pub(super) fn parts(settings: &Settings, world: &World) -> anyhow::Result<Parts> {
    let ring = open_ring(settings, world)?;
    store::make_folder(&settings.data).context("the data folder")?;
    let lock = store::lock(&settings.data)?;
    let vault = open_vault(settings, &ring, world)?;
    let ledger = open_ledger(settings, &ring, world)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let kept: Option<Kept> = runtime.block_on(vault.described())?;
    let accepted = kept.as_ref().and_then(Kept::taken);
    let detector = Arc::new(Detector::new().context("the lexicons")?);
    let mut follower = match settings.policy_source {
        PolicySource::Files => None,
        PolicySource::Console => Some(runtime.block_on(Follower::open(
            settings,
            (&ring, world),
            (&vault, &ledger),
            accepted.as_ref(),
        ))?),
    };
    let version = follower
        .as_ref()
        .map(|follower| follower.live().text.clone());
    let rules = rules(
        settings,
        version.as_ref(),
        &vault,
        accepted.as_ref(),
        detector,
    )?;
    match &mut follower {
        Some(follower) => runtime.block_on(follower.settle())?,
        None => runtime.block_on(left_the_store(&rules.plan, (&vault, &ledger), world))?,
    }
    // Browsers bring their own session to a CRM of pages.
    let credential = match rules.plan.site() {
        Some(_) => Credential::Token(crate::model::Secret::new(vec![])),
        None => crm_credential(&vault)?,
    };
    let shared = Arc::new(Shared {
        rules: ArcSwap::from_pointee(rules),
        cookies: CookieKey::new(&vault.cookie_key())?,
        seldom: Seldom::default(),
        recording: tokio::sync::Mutex::default(),
        vault,
        ledger,
        clock: Arc::clone(&world.clock),
        entropy: Arc::clone(&world.entropy),
        descriptions: kept.map_or_else(Descriptions::default, |kept| {
            Descriptions::recalled(&kept.now)
        }),
        metrics: Arc::new(Metrics::new()),
        polls: Polls::default(),
        spools: Spools::new(settings.data.clone()),
        readers: Readers::default(),
        tape: tape(settings, &ring, world),
        forms: settings.forms.clone(),
        crm_name: CrmName::new(settings.upstream.authority()?),
    });
    let sessions = Arc::new(Sessions::new(credential, Arc::clone(&world.clock)));
    let current = Arc::new(Current {
        settings: ArcSwap::from_pointee(settings.clone()),
        accepted: ArcSwapOption::new(accepted.map(Arc::new)),
        policy: ArcSwapOption::new(version.map(Arc::new)),
        standing: ArcSwap::default(),
        turn: Mutex::default(),
    });
    if let Some(follower) = &follower {
        tell(&follower.standing(), &shared, &current);
    }
    Ok(Parts {
        shared,
        sessions,
        ring,
        current,
        follower,
        lock,
    })
}

/// What keeps exchanges for trying drafts on. Where it was switched off, what was kept goes. Nothing
/// is lost with a sample, so a file that cannot be opened is begun anew, and none keeps no border
/// from starting.
fn tape(settings: &Settings, ring: &Arc<Ring>, world: &World) -> Option<Tape> {
    let path = settings.data.join("replay.db");
    let open = || {
        let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
        Tape::open(&path, Arc::clone(ring), clock, entropy)
    };
    let tape = match settings.what_if {
        true => open()
            .or_else(|_| Tape::remove(&path).and_then(|()| open()))
            .map(Some),
        false => Tape::remove(&path).map(|()| None),
    };
    tape.unwrap_or_else(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "no exchanges are kept for trying drafts on"
        );
        None
    })
}

/// Whoever goes from versions by two people back to a file is seen to do so: the ledger has it at
/// each start.
async fn left_the_store(
    plan: &Plan,
    (vault, ledger): (&Vault, &Ledger),
    world: &World,
) -> anyhow::Result<()> {
    let taken: Option<serde_json::Value> = vault.taken_policy().await?;
    if taken.is_none() {
        return Ok(());
    }
    tracing::warn!(
        "the policy came from versions by two people before, and comes from its file now"
    );
    let mut name = [0; 16];
    world.entropy.fill(&mut name)?;
    let name = (u128::from_be_bytes(name), world.clock.now());
    ledger
        .append(&entry_by_file("policy.files", (None, plan), name))
        .await?;
    Ok(())
}

/// The policy of the settings, compiled against the fields that hold: the version in force where
/// there is one, or else the file.
pub(super) fn rules(
    settings: &Settings,
    version: Option<&Text>,
    vault: &Vault,
    accepted: Option<&Snapshot>,
    detector: Arc<Detector>,
) -> anyhow::Result<Rules> {
    let plan = compile_settings(settings, version, accepted)?;
    known_hosts(&plan, settings)?;
    let (tokens, index) = (vault.token_key(), vault.index_key());
    Ok(Rules::new(
        plan,
        &tokens,
        &index,
        &settings.tenant,
        detector,
    )?)
}

/// A policy's routes stand at hosts that the configuration has a name for.
///
/// # Errors
/// The host of the CRM's that it does not name.
pub fn known_hosts(plan: &Plan, settings: &Settings) -> anyhow::Result<()> {
    let stated = settings
        .upstream
        .hosts
        .iter()
        .map(upstream::Host::authority);
    let stated: Vec<String> = stated.collect::<Result<_, _>>()?;
    match unknown_host(plan, &stated) {
        Some(host) => Err(anyhow!(
            "the policy has routes at {host}, which `[crm.hosts]` does not name"
        )),
        None => Ok(()),
    }
}

/// The credential that `sluis crm` has put into the vault.
///
/// # Errors
/// When there is none yet; the text says how to give one.
pub fn crm_credential(vault: &Vault) -> anyhow::Result<Credential> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let sealed = runtime.block_on(vault.credential(CRM_CREDENTIAL))?;
    let sealed = sealed.ok_or_else(|| {
        anyhow!("the vault has no credential for the CRM; give it one with `sluis crm set-client` or `sluis crm set-token`")
    })?;
    Credential::from_secret(&sealed)
        .ok_or_else(|| anyhow!("the CRM's credential in the vault does not parse"))
}
