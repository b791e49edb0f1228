//! `sluis serve`, and the signals that a running border hears.

use std::path::Path;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::Ended;
use crate::app::{self, World};
use crate::config;
use crate::server::Control;

pub(super) fn run(path: &Path) -> anyhow::Result<Ended> {
    let app = app::start(config::load(path)?, &World::default())?;
    tracing::info!(address = %app.address(), "the border is open");
    until_stopped(&app.control(), &|| {
        app.reload(config::load(path).map_err(Into::into))
    })?;
    app.join()?;
    tracing::info!("the border is closed");
    Ok(Ended::Well)
}

/// Waits for SIGTERM or SIGINT and then begins the drain; reloads on SIGHUP, where a mistake leaves
/// the old in force.
pub(super) fn until_stopped(
    control: &Control,
    reload: &dyn Fn() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT")?;
        let mut hang_up = signal(SignalKind::hangup()).context("SIGHUP")?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => {
                    if let Err(error) = reload() {
                        tracing::error!("the reload failed, the old stays in force: {error:#}");
                    }
                }
            }
        }
        control.stop();
        Ok(())
    })
}
