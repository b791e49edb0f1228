//! The thread that looks again and again.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use super::Follower;
use crate::app::parts::Current;
use crate::proxy::Shared;
use crate::review::Standing;

/// How often the store and the file are looked at: a pragma and two `stat`s.
const EVERY: Duration = Duration::from_millis(200);

/// Looks that go on until this is dropped.
pub(in crate::app) struct Following {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Following {
    pub(in crate::app) fn start(
        mut follower: Follower,
        shared: Arc<Shared>,
        current: Arc<Current>,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, mut stopped) = watch::channel(false);
        let thread = thread::Builder::new().name("policy".to_owned());
        let thread = thread.spawn(move || {
            runtime.block_on(async {
                let looks = async {
                    loop {
                        follower.look(&shared, &current).await;
                        tell(&follower.standing(), &shared, &current);
                        tokio::time::sleep(EVERY).await;
                    }
                };
                tokio::select! {
                    _ = stopped.wait_for(|stop| *stop) => {}
                    () = looks => {}
                }
            });
        })?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// Keeps how it stands where status, metrics and console look.
pub(in crate::app) fn tell(standing: &Standing, shared: &Shared, current: &Current) {
    let codes = standing.findings.iter().map(|finding| finding.code);
    shared.metrics.policy(standing.version, codes);
    if **current.standing.load() != *standing {
        current.standing.store(Arc::new(standing.clone()));
    }
}
