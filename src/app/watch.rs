//! The background look at what the CRM describes: at the start, and then again and again.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch;

use crate::proxy::Proxy;

/// A look that goes on until this is dropped.
pub(super) struct Watch {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(super) fn start(proxy: Proxy, every: Duration) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, mut stopped) = watch::channel(false);
        let thread = thread::Builder::new().name("drift".to_owned());
        let thread = thread.spawn(move || {
            runtime.block_on(async {
                let look = async {
                    loop {
                        if let Err(error) = proxy.look().await {
                            tracing::error!(%error, "what the CRM describes could not be kept");
                        }
                        tokio::time::sleep(every).await;
                    }
                };
                tokio::select! {
                    _ = stopped.wait_for(|stop| *stop) => {}
                    () = look => {}
                }
            });
        })?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}
