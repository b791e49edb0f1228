//! Starting, reloading and stopping the border.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use arc_swap::ArcSwap;

use super::desk::Desk;
use super::{World, compile_policy, open_gate, open_ledger, open_ring, open_vault};
use crate::config::Settings;
use crate::detect::Detector;
use crate::gate::Gate;
use crate::keys::Ring;
use crate::ledger::Seldom;
use crate::oidc::Provider;
use crate::policy::Plan;
use crate::protect::CookieKey;
use crate::proxy::{Descriptions, Proxy, Recorder, Rules, Shared, Spools};
use crate::server;
use crate::server::{Border, Check, Control, Environment, Running};
use crate::store::{self, Lock};
use crate::telemetry::Metrics;
use crate::upstream::{self, Credential, Sessions};

/// The name under which the vault keeps the CRM's credential.
pub const CRM_CREDENTIAL: &str = "crm";

/// A running border.
pub struct App {
    running: Running,
    pub gate: Arc<Gate>,
    shared: Arc<Shared>,
    pub metrics: Arc<Metrics>,
    /// What it was started with.
    fixed: Settings,
    _desk: Desk,
    _lock: Lock,
}

/// Opens everything, and serves.
///
/// # Errors
/// The first part that cannot be had; nothing is left running then.
pub fn start(settings: Settings, world: &World) -> anyhow::Result<App> {
    let parts = parts(&settings, world)?;
    let (shared, sessions) = (Arc::clone(&parts.shared), Arc::clone(&parts.sessions));
    let gate = Arc::new(open_gate(&settings, &parts.ring, world)?);
    // Each worker makes a client of its own; a fault of it shows here and not in a thread.
    let desk = Desk::open(
        &settings.data,
        (parts.proxy(settings.clone())?, Arc::clone(&gate)),
    )?;
    record(&shared, &gate)?;
    let metrics = Arc::new(Metrics::new());
    let fixed = settings.clone();
    let environment = Environment {
        clock: Arc::clone(&world.clock),
        entropy: Arc::clone(&world.entropy),
        metrics: Arc::clone(&metrics),
        checks: checks(&shared),
    };
    let provider = settings.oidc.clone().map(|oidc| {
        let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
        Provider::new(oidc, clock, entropy).map(Arc::new)
    });
    let provider = provider.transpose().context("[oidc]")?;
    let (upstream, worker_gate, worker_shared) = (
        settings.upstream.clone(),
        Arc::clone(&gate),
        Arc::clone(&shared),
    );
    let running = server::run(settings.server, environment, move |_| {
        tokio::task::spawn_local(store::keep_desk());
        let client = upstream::Client::new(upstream.clone(), Arc::clone(&sessions)).ok();
        Border::new(
            Arc::clone(&worker_gate),
            provider.clone(),
            client.map(|client| Proxy::new(Arc::clone(&worker_shared), client)),
        )
    })?;
    Ok(App {
        running,
        gate,
        shared,
        metrics,
        fixed,
        _desk: desk,
        _lock: parts.lock,
    })
}

/// Puts into the ledger what the gate did while nobody served: a command line has it open too.
fn record(shared: &Arc<Shared>, gate: &Arc<Gate>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime
        .block_on(Recorder::new(shared).record(gate))
        .context("what the gate did could not be recorded")
}

/// What serving and deciding about quarantine have in common.
pub(super) struct Parts {
    pub shared: Arc<Shared>,
    sessions: Arc<Sessions>,
    pub ring: Arc<Ring>,
    lock: Lock,
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
    let plan = compile_policy(&settings.policy, settings.fields.as_deref())?;
    known_hosts(&plan, settings)?;
    let rules = Rules::new(
        plan,
        &vault.token_key(),
        &vault.index_key(),
        &settings.tenant,
        Arc::new(Detector::new().context("the lexicons")?),
    )?;
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
        descriptions: Descriptions::default(),
        spools: Spools::new(settings.data.clone()),
        crm_authority: settings.upstream.authority()?,
    });
    let sessions = Arc::new(Sessions::new(credential, Arc::clone(&world.clock)));
    Ok(Parts {
        shared,
        sessions,
        ring,
        lock,
    })
}

impl App {
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    #[must_use]
    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.running.ops_address
    }

    #[must_use]
    pub fn control(&self) -> Control {
        self.running.control.clone()
    }

    /// Takes new settings: policy, certificates, names and limits. All or nothing: a mistake in any
    /// leaves all of the old in force, and the metric says so. `settings` may be the error of
    /// reading them.
    ///
    /// # Errors
    /// What is wrong with the new settings.
    pub fn reload(&self, settings: anyhow::Result<Settings>) -> anyhow::Result<()> {
        let taken = settings.and_then(|settings| self.take(settings));
        if taken.is_err() {
            self.metrics.reloaded(false, self.shared.clock.now());
        }
        taken
    }

    fn take(&self, settings: Settings) -> anyhow::Result<()> {
        self.check_fixed(&settings)?;
        let plan = compile_policy(&settings.policy, settings.fields.as_deref())?;
        known_hosts(&plan, &settings)?;
        let vault = &self.shared.vault;
        let rules = Rules::new(
            plan,
            &vault.token_key(),
            &vault.index_key(),
            &settings.tenant,
            // Its lexicons do not change with a policy.
            Arc::clone(&self.shared.rules.load().protection.detector),
        )?;
        self.running.control.reload(settings.server)?;
        let rules = Arc::new(rules);
        self.shared.rules.store(Arc::clone(&rules));
        let version = data_encoding::HEXLOWER.encode(&rules.plan.version_hash());
        tracing::info!(policy = version, "reloaded");
        Ok(())
    }

    /// What only a new start can change. Taken by halves, another tenant for one would seal new
    /// values so that they never open again.
    fn check_fixed(&self, settings: &Settings) -> anyhow::Result<()> {
        let fixed = &self.fixed;
        let mut gate = settings.gate.clone();
        // They follow `hosts`, which may change.
        gate.assertion_audiences
            .clone_from(&fixed.gate.assertion_audiences);
        for (name, same) in [
            ("tenant", settings.tenant == fixed.tenant),
            ("data", settings.data == fixed.data),
            ("key_file", settings.key_file == fixed.key_file),
            ("crm", settings.upstream == fixed.upstream),
            ("gate", gate == fixed.gate),
            ("oidc", settings.oidc == fixed.oidc),
        ] {
            ensure!(same, "`{name}` was changed, which needs a new start");
        }
        Ok(())
    }

    /// Waits until the workers have ended.
    ///
    /// # Errors
    /// When a worker ended by a panic.
    pub fn join(self) -> anyhow::Result<()> {
        Ok(self.running.join()?)
    }
}

/// A policy's routes stand at hosts that the configuration has a name for.
///
/// # Errors
/// The host of the CRM's that it does not name.
pub fn known_hosts(plan: &Plan, settings: &Settings) -> anyhow::Result<()> {
    for host in plan.site().into_iter().flat_map(|site| site.hosts.keys()) {
        let mut hosts = settings.upstream.hosts.iter();
        let known = hosts.any(|known| known.authority().is_ok_and(|known| known == *host));
        ensure!(
            known,
            "the policy has routes at {host}, which `[crm.hosts]` does not name"
        );
    }
    Ok(())
}

/// What `/readyz` asks. Each looks at a state that is kept elsewhere.
fn checks(shared: &Arc<Shared>) -> Vec<Check> {
    let (policy, ledger, vault) = (shared.clone(), shared.clone(), shared.clone());
    vec![
        Check {
            name: "policy",
            passes: Box::new(move || policy.rules.load().plan.objects().next().is_some()),
        },
        Check {
            name: "ledger",
            passes: Box::new(move || ledger.ledger.is_writable()),
        },
        Check {
            name: "vault",
            passes: Box::new(move || vault.vault.is_writable()),
        },
    ]
}

/// The credential that `sluis crm` has put into the vault.
///
/// # Errors
/// When there is none yet; the text says how to give one.
pub fn crm_credential(vault: &crate::vault::Vault) -> anyhow::Result<Credential> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let sealed = runtime.block_on(vault.credential(CRM_CREDENTIAL))?;
    let sealed = sealed.ok_or_else(|| {
        anyhow!("the vault has no credential for the CRM; give it one with `sluis crm set-client` or `sluis crm set-token`")
    })?;
    Credential::from_secret(&sealed)
        .ok_or_else(|| anyhow!("the CRM's credential in the vault does not parse"))
}
