//! Starting, reloading and stopping the border.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::thread;

use anyhow::{Context, anyhow, ensure};

use super::desk::{Desk, Held};
use super::follow::{Following, entry_by_file};
use super::house;
use super::parts::{Current, Parts, parts, rules};
use super::watch::Watch;
use super::{World, open_gate};
use crate::config::Settings;
use crate::console::Console;
use crate::gate::Gate;
use crate::oidc::Provider;
use crate::policy::Plan;
use crate::proxy::{Proxy, Recorder, Shared};
use crate::review::{Review, Standing};
use crate::server;
use crate::server::{Border, Check, Control, Environment, Running};
use crate::store::{self, Lock};
use crate::telemetry::Metrics;
use crate::upstream;

/// A running border.
pub struct App {
    running: Running,
    console: Option<Running>,
    pub gate: Arc<Gate>,
    shared: Arc<Shared>,
    pub metrics: Arc<Metrics>,
    /// What it was started with.
    fixed: Settings,
    current: Arc<Current>,
    // They speak to the CRM and write, so they end before the folder is free.
    _watch: Option<Watch>,
    _following: Option<Following>,
    /// The store of policy versions, where it is the source of the policy.
    pub review: Option<Arc<Review>>,
    _desk: Desk,
    _lock: Lock,
}

/// Opens everything, and serves.
///
/// # Errors
/// The first part that cannot be had; nothing is left running then.
pub fn start(settings: Settings, world: &World) -> anyhow::Result<App> {
    let mut parts = parts(&settings, world)?;
    let (shared, sessions) = (Arc::clone(&parts.shared), Arc::clone(&parts.sessions));
    let gate = Arc::new(open_gate(&settings, &parts.ring, world)?);
    // Each worker makes a client of its own; a fault of it shows here and not in a thread.
    let held = Held {
        proxy: parts.proxy(settings.clone())?,
        gate: Arc::clone(&gate),
        shared: Arc::clone(&shared),
        current: Arc::clone(&parts.current),
        deciding: tokio::sync::Mutex::default(),
    };
    let desk = Desk::open(&settings.data, held)?;
    record(&shared, &gate)?;
    // Only Salesforce describes itself.
    let describes = shared.rules.load().plan.site().is_none();
    let watch = match settings.describe_every.filter(|_| describes) {
        Some(every) => Some(Watch::start(parts.proxy(settings.clone())?, every)?),
        None => None,
    };
    let review = parts
        .follower
        .as_ref()
        .map(|follower| Arc::clone(&follower.review));
    let following = parts.follower.take().map(|follower| {
        Following::start(follower, Arc::clone(&shared), Arc::clone(&parts.current))
    });
    let following = following.transpose()?;
    let metrics = Arc::clone(&shared.metrics);
    let fixed = settings.clone();
    let environment = Environment {
        clock: Arc::clone(&world.clock),
        entropy: Arc::clone(&world.entropy),
        metrics: Arc::clone(&metrics),
        checks: checks(&shared),
    };
    let provider = provider(&settings, world)?;
    let console = match &settings.console {
        Some(listener) => {
            let guest = (&gate, review.as_ref());
            Some(console(listener, &parts, guest, provider.as_ref(), world)?)
        }
        None => None,
    };
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
    });
    let mut running = match (running, &console) {
        (Ok(running), _) => running,
        (Err(error), Some(console)) => {
            console.control.stop();
            return Err(error.into());
        }
        (Err(error), None) => return Err(error.into()),
    };
    if let Some(console) = &console {
        running.control = running.control.with(console.control.clone());
    }
    Ok(App {
        running,
        console,
        gate,
        shared,
        metrics,
        fixed,
        current: parts.current,
        _watch: watch,
        _following: following,
        review,
        _desk: desk,
        _lock: parts.lock,
    })
}

fn provider(settings: &Settings, world: &World) -> anyhow::Result<Option<Arc<Provider>>> {
    let provider = settings.oidc.clone().map(|oidc| {
        let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
        Provider::new(oidc, clock, entropy).map(Arc::new)
    });
    provider.transpose().context("[oidc]")
}

/// Starts the console on a listener of its own. What it serves is counted apart: the border's metrics
/// are of the border.
fn console(
    listener: &server::Settings,
    parts: &Parts,
    (gate, review): (&Arc<Gate>, Option<&Arc<Review>>),
    provider: Option<&Arc<Provider>>,
    world: &World,
) -> anyhow::Result<Running> {
    let metrics = Arc::new(Metrics::new());
    let shared = &parts.shared;
    let house = house::Border {
        shared: Arc::clone(shared),
        current: Arc::clone(&parts.current),
        ring: Arc::clone(&parts.ring),
        review: review.cloned(),
        checks: checks(shared),
        metrics: Arc::clone(&metrics),
    };
    let console = Arc::new(Console::new(
        Arc::clone(gate),
        provider.cloned(),
        shared.ledger.clone(),
        Arc::clone(&world.clock),
        Box::new(house),
    ));
    let environment = Environment {
        clock: Arc::clone(&world.clock),
        entropy: Arc::clone(&world.entropy),
        metrics,
        checks: vec![],
    };
    let (gate, shared) = (Arc::clone(gate), Arc::clone(shared));
    let running = server::run(listener.clone(), environment, move |_| {
        server::Desk::new(
            Arc::clone(&console),
            Arc::clone(&gate),
            Recorder::new(&shared),
        )
    });
    running.context("[console]")
}

/// Puts into the ledger what the gate did while nobody served: a command line has it open too.
fn record(shared: &Arc<Shared>, gate: &Arc<Gate>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime
        .block_on(Recorder::new(shared).record(gate))
        .context("what the gate did could not be recorded")
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

    /// Where the console listens, if there is one.
    #[must_use]
    pub fn console_address(&self) -> Option<SocketAddr> {
        self.console.as_ref().map(|console| console.address)
    }

    #[must_use]
    pub fn control(&self) -> Control {
        self.running.control.clone()
    }

    /// How the policy in force stands towards the store of versions.
    #[must_use]
    pub fn standing(&self) -> Arc<Standing> {
        self.current.standing.load_full()
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
        let _turn = self
            .current
            .turn
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Its lexicons do not change with a policy.
        let detector = Arc::clone(&self.shared.rules.load().protection.detector);
        let accepted = self.current.accepted.load_full();
        let version = self.current.policy.load_full();
        let (vault, version) = (&self.shared.vault, version.as_deref());
        let rules = rules(&settings, version, vault, accepted.as_deref(), detector)?;
        if version.is_none() {
            self.record_file(&rules.plan)?;
        }
        self.running.control.reload(settings.server.clone())?;
        if let (Some(console), Some(settings)) = (&self.console, &settings.console) {
            console
                .control
                .reload(settings.clone())
                .context("[console]")?;
        }
        self.current.settings.store(Arc::new(settings));
        let rules = Arc::new(rules);
        self.shared.rules.store(Arc::clone(&rules));
        let version = data_encoding::HEXLOWER.encode(&rules.plan.version_hash());
        tracing::info!(policy = version, "reloaded");
        Ok(())
    }

    /// The ledger has another policy before it is in force by its file alone.
    fn record_file(&self, plan: &Plan) -> anyhow::Result<()> {
        let before = self.shared.rules.load_full();
        if before.plan.version_hash() == plan.version_hash() {
            return Ok(());
        }
        let mut name = [0; 16];
        self.shared.entropy.fill(&mut name)?;
        let name = (u128::from_be_bytes(name), self.shared.clock.now());
        let entry = entry_by_file("policy.reload", (Some(&before.plan), plan), name);
        let ledger = &self.shared.ledger;
        let appended = thread::scope(|scope| {
            // Whoever reloads may run within a runtime.
            let append = scope.spawn(|| -> anyhow::Result<()> {
                let runtime = tokio::runtime::Builder::new_current_thread().build()?;
                runtime.block_on(ledger.append(&entry))?;
                Ok(())
            });
            append.join()
        });
        appended
            .map_err(|_| anyhow!("the ledger ended by a panic"))?
            .context("the reload could not be recorded")
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
            ("web_forms", settings.forms == fixed.forms),
            (
                "console",
                settings.console.is_some() == fixed.console.is_some(),
            ),
            (
                "policy_source",
                settings.policy_source == fixed.policy_source,
            ),
            ("policy_store", settings.policy_store == fixed.policy_store),
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
        self.running.join()?;
        match self.console {
            Some(console) => Ok(console.join()?),
            None => Ok(()),
        }
    }
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
