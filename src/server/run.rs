//! Starts the workers and holds them: addresses, reload, stop, join.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use arc_swap::ArcSwap;
use socket2::{Domain, Protocol as IpProtocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;

use crate::model::{Clock, Entropy};
use crate::server::date::Dates;
use crate::server::error::Error;
use crate::server::exchange::{ExchangeIds, Handler};
use crate::server::ops::{Check, Operations};
use crate::server::settings::Settings;
use crate::server::shared::{Context, Phase, Shared};
use crate::server::tls;
use crate::server::worker::{self, Transport};
use crate::telemetry::{self, Metrics};

/// What the server needs from outside.
pub struct Environment {
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub metrics: Arc<Metrics>,
    /// What `/readyz` asks, beside whether we are serving.
    pub checks: Vec<Check>,
}

/// A running server. Dropping it lets the workers run on; `stop` and `join` end them.
pub struct Running {
    /// Where clients connect.
    pub address: SocketAddr,
    pub ops_address: Option<SocketAddr>,
    /// To be cloned to whoever hears the signals.
    pub control: Control,
    workers: Vec<JoinHandle<()>>,
    ops: Option<JoinHandle<()>>,
}

/// Stops and reloads a running server, from any thread.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
    /// Another server that stops with this one.
    beside: Option<Box<Self>>,
}

/// Binds, starts `settings.workers` threads and serves. `make_handler` is called once on each
/// worker's thread, within its runtime, so that a handler may hold what is bound to that thread.
///
/// # Errors
/// When a certificate, an address or a thread cannot be had; nothing is left running then.
pub fn run<H: Handler>(
    settings: Settings,
    environment: Environment,
    make_handler: impl Fn(usize) -> H + Send + Sync + 'static,
) -> Result<Running, Error> {
    check(&settings)?;
    let tls = tls::load(&settings.tls, &*environment.clock)?;
    announce(&tls, &environment.metrics, &*environment.clock);
    let first = listen(settings.listen)?;
    let address = local_address(&first, settings.listen)?;
    let mut listeners = vec![first];
    for _ in 1..settings.workers {
        listeners.push(listen(address)?);
    }
    let ops = match settings.ops_listen {
        Some(wanted) => Some((listen(wanted)?, wanted)),
        None => None,
    };
    let ops_address = match &ops {
        Some((listener, wanted)) => Some(local_address(listener, *wanted)?),
        None => None,
    };
    let shared = Arc::new(Shared {
        settings: ArcSwap::from_pointee(settings),
        tls: ArcSwap::from_pointee(tls.config),
        admission: Arc::default(),
        budget: Arc::default(),
        metrics: environment.metrics,
        clock: environment.clock,
        phase: watch::Sender::new(Phase::Running),
    });
    let mut running = Running {
        address,
        ops_address,
        control: Control {
            shared: shared.clone(),
            beside: None,
        },
        workers: Vec::new(),
        ops: None,
    };
    let started = start(
        &mut running,
        listeners,
        &environment.entropy,
        &Arc::new(make_handler),
    );
    if let Err(error) = started {
        running.control.stop();
        drop(running.join());
        return Err(error);
    }
    if let Some((listener, _)) = ops {
        let started = start_ops(listener, &shared, &environment.entropy, environment.checks);
        match started {
            Ok(thread) => running.ops = Some(thread),
            Err(error) => {
                running.control.stop();
                drop(running.join());
                return Err(error);
            }
        }
    }
    shared.metrics.reloaded(true, shared.clock.now());
    Ok(running)
}

impl Running {
    /// Waits until every worker has ended. Blocks: call it outside of a runtime.
    ///
    /// # Errors
    /// When a worker ended by a panic instead of by the drain.
    pub fn join(self) -> Result<(), Error> {
        let mut whole = true;
        for worker in self.workers {
            whole &= worker.join().is_ok();
        }
        self.control.advance(Phase::Drained);
        if let Some(ops) = self.ops {
            whole &= ops.join().is_ok();
        }
        if whole {
            Ok(())
        } else {
            Err(Error::WorkerPanicked)
        }
    }
}

impl Control {
    /// Has another server stop when this one is told to.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.beside = Some(Box::new(other));
        self
    }

    /// Stops accepting, lets what runs end, and ends the workers after `limits.drain` at the latest.
    /// `/readyz` says so at once.
    pub fn stop(&self) {
        if let Some(other) = &self.beside {
            other.stop();
        }
        self.advance(Phase::Draining);
    }

    /// Puts new settings and freshly read certificates in force, for the next connection or request.
    ///
    /// # Errors
    /// What is wrong with them; what was in force stays in force.
    pub fn reload(&self, settings: Settings) -> Result<(), Error> {
        let loaded = self.load(&settings);
        let now = self.shared.clock.now();
        self.shared.metrics.reloaded(loaded.is_ok(), now);
        let loaded = loaded?;
        announce(&loaded, &self.shared.metrics, &*self.shared.clock);
        self.shared.tls.store(Arc::new(loaded.config));
        self.shared.settings.store(Arc::new(settings));
        Ok(())
    }

    /// Reads the certificate files again; nothing else changes.
    ///
    /// # Errors
    /// As [`Control::reload`].
    pub fn reload_certificates(&self) -> Result<(), Error> {
        let settings = self.shared.settings.load_full();
        self.reload(Settings::clone(&settings))
    }

    fn load(&self, settings: &Settings) -> Result<tls::Loaded, Error> {
        check(settings)?;
        let current = self.shared.settings.load();
        if settings.listen != current.listen {
            return Err(Error::NeedsRestart("listen"));
        }
        if settings.ops_listen != current.ops_listen {
            return Err(Error::NeedsRestart("ops_listen"));
        }
        if settings.workers != current.workers {
            return Err(Error::NeedsRestart("workers"));
        }
        tls::load(&settings.tls, &*self.shared.clock)
    }

    fn advance(&self, to: Phase) {
        self.shared.phase.send_if_modified(|phase| {
            let forward = to > *phase;
            *phase = to.max(*phase);
            forward
        });
    }
}

/// Says when the certificate ends; loudly when that is near (faults.csv, D20).
fn announce(loaded: &tls::Loaded, metrics: &Metrics, clock: &dyn Clock) {
    const NEAR_DAYS: i64 = 30;
    metrics.certificate_expires(loaded.expires);
    let days = (loaded.expires.seconds() - clock.now().seconds()) / 86_400;
    if days <= NEAR_DAYS {
        tracing::warn!(days, "our certificate ends soon");
    } else {
        tracing::info!(days, "our certificate is in force");
    }
}

fn check(settings: &Settings) -> Result<(), Error> {
    if settings.hosts.is_empty() {
        return Err(Error::NoHost);
    }
    if settings.workers == 0 {
        return Err(Error::NoWorker);
    }
    Ok(())
}

fn start<H: Handler>(
    running: &mut Running,
    listeners: Vec<StdListener>,
    entropy: &Arc<dyn Entropy>,
    make_handler: &Arc<impl Fn(usize) -> H + Send + Sync + 'static>,
) -> Result<(), Error> {
    for (index, listener) in listeners.into_iter().enumerate() {
        let (shared, entropy) = (running.control.shared.clone(), entropy.clone());
        let make_handler = make_handler.clone();
        let name = format!("sluis-{index}");
        let worker = thread(name, async move || {
            let context = context(make_handler(index), &shared, entropy);
            serve(listener, Transport::Tls, context, Phase::Draining).await;
        })?;
        running.workers.push(worker);
    }
    Ok(())
}

/// Health has a thread of its own, so that it answers while the workers are busy, and until the
/// last of them has drained.
fn start_ops(
    listener: StdListener,
    shared: &Arc<Shared>,
    entropy: &Arc<dyn Entropy>,
    checks: Vec<Check>,
) -> Result<JoinHandle<()>, Error> {
    let operations = Operations {
        checks: Arc::new(checks),
        metrics: shared.metrics.clone(),
        phase: shared.phase.subscribe(),
    };
    let (shared, entropy) = (shared.clone(), entropy.clone());
    thread("sluis-ops".to_owned(), async move || {
        let mut context = context(operations, &shared, entropy);
        context.operations = true;
        serve(listener, Transport::Plain, context, Phase::Drained).await;
    })
}

/// A thread with a runtime whose tasks stay with it: to wake one there takes no call to the kernel.
fn thread(
    name: String,
    body: impl AsyncFnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    // It cannot be made here and moved there.
    let (begun, begins) = mpsc::sync_channel(1);
    let work = move || {
        let _lines = telemetry::gather();
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_park(telemetry::flush)
            .build_local(LocalOptions::default());
        let (runtime, outcome) = match runtime {
            Ok(runtime) => (Some(runtime), Ok(())),
            Err(error) => (None, Err(error)),
        };
        // Whoever started this waits for it.
        let _heard = begun.send(outcome);
        if let Some(runtime) = runtime {
            runtime.block_on(body());
        }
    };
    let handle = thread::Builder::new().name(name).spawn(work);
    let handle = handle.map_err(Error::Worker)?;
    let outcome = begins
        .recv()
        .unwrap_or_else(|ended| Err(io::Error::other(ended)));
    outcome.map_err(Error::Worker)?;
    Ok(handle)
}

fn context<H>(handler: H, shared: &Arc<Shared>, entropy: Arc<dyn Entropy>) -> Context<H> {
    Context {
        handler: Rc::new(handler),
        shared: shared.clone(),
        ids: ExchangeIds::new(shared.clock.clone(), entropy),
        dates: Dates::default(),
        operations: false,
    }
}

async fn serve<H: Handler>(
    listener: StdListener,
    transport: Transport,
    context: Context<H>,
    until: Phase,
) {
    match TcpListener::from_std(listener) {
        Ok(listener) => worker::run(listener, transport, Rc::new(context), until).await,
        Err(error) => tracing::error!(kind = %error.kind(), "a listener cannot be served"),
    }
}

/// A listener that shares its port with those of the other workers; the kernel spreads connections.
fn listen(address: SocketAddr) -> Result<StdListener, Error> {
    const BACKLOG: i32 = 1024;
    let bind = || {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(IpProtocol::TCP),
        )?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    bind().map_err(|source| Error::Listen { address, source })
}

fn local_address(listener: &StdListener, wanted: SocketAddr) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|source| Error::Listen {
        address: wanted,
        source,
    })
}
