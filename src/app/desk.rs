//! The operator's desk: a socket in the data folder, through which a command line on the same
//! machine has the running border decide about texts in quarantine.
//!
//! Only one process may write vault and ledger, and only the border has a way to the CRM. Whoever
//! can open the socket can read the key file beside it too: it is for its owner only.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Stream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::{fs, io};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

use super::start::parts;
use super::{World, open_gate};
use crate::config::Settings;
use crate::gate::Gate;
use crate::proxy::{Decision, Failure, Listed, Proxy, Said};

/// The socket's name in the data folder.
const SOCKET: &str = "desk.sock";
/// Bytes of a command: ids, names and a reason.
const LONGEST: u64 = 64 << 10;

/// What an operator asks.
#[derive(Debug, Deserialize, Serialize)]
pub enum Ask {
    /// That the ledger gets what the gate did.
    Record,
    List {
        all: bool,
    },
    Show {
        id: String,
        decision: Decision,
    },
    Release {
        id: String,
        decision: Decision,
        record: Option<String>,
    },
    Drop {
        id: String,
        decision: Decision,
    },
}

/// What is answered.
#[derive(Deserialize, Serialize)]
pub enum Answer {
    Listed(Vec<Listed>),
    Shown(Box<Opened>),
    Done,
    /// Why not.
    Refused(String),
}

/// A text that is shown.
#[derive(Deserialize, Serialize)]
pub struct Opened {
    pub listed: Listed,
    /// None once it was decided.
    pub text: Option<String>,
    pub views: Vec<Said>,
    pub decided: Option<Said>,
}

/// The desk of a running border; closed when dropped.
pub(super) struct Desk {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Desk {
    /// Opens the desk. The caller holds the folder's lock, so a socket that stands there is left
    /// over.
    pub(super) fn open(folder: &Path, held: (Proxy, Arc<Gate>)) -> anyhow::Result<Self> {
        let path = folder.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = {
            let _entered = runtime.enter();
            UnixListener::bind(&path).with_context(|| path.display().to_string())?
        };
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let (stop, mut stopped) = watch::channel(false);
        let thread = thread::Builder::new().name("desk".to_owned());
        let thread = thread.spawn(move || {
            runtime.block_on(async {
                loop {
                    let visitor = tokio::select! {
                        _ = stopped.wait_for(|stop| *stop) => return,
                        visitor = listener.accept() => visitor,
                    };
                    let Ok((stream, _)) = visitor else { continue };
                    if let Err(error) = serve(&held, stream).await {
                        tracing::warn!(%error, "a visitor of the desk left");
                    }
                }
            });
        })?;
        Ok(Self {
            stop,
            thread: Some(thread),
            path,
        })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
        let _left = fs::remove_file(&self.path);
    }
}

async fn serve(held: &(Proxy, Arc<Gate>), mut stream: UnixStream) -> anyhow::Result<()> {
    let mut asked = Vec::new();
    (&mut stream).take(LONGEST).read_to_end(&mut asked).await?;
    let said = match serde_json::from_slice(&asked) {
        Ok(ask) => answer(held, ask).await,
        Err(_) => {
            Answer::Refused("the command and the border are of different versions".to_owned())
        }
    };
    let body = zeroize::Zeroizing::new(serde_json::to_vec(&said)?);
    stream.write_all(&body).await?;
    Ok(stream.shutdown().await?)
}

/// Carries out one command.
async fn answer((proxy, gate): &(Proxy, Arc<Gate>), ask: Ask) -> Answer {
    let done = match ask {
        Ask::Record => {
            let recorded = proxy.recorder().record(gate).await;
            recorded.map(|()| Answer::Done)
        }
        Ask::List { all } => proxy.quarantined(all).await.map(Answer::Listed),
        Ask::Show { id, decision } => {
            let shown = proxy.show_quarantined(&id, &decision).await;
            shown.map(|shown| {
                Answer::Shown(Box::new(Opened {
                    listed: shown.listed,
                    text: shown.text.map(|text| text.expose().to_owned()),
                    views: shown.views,
                    decided: shown.decided,
                }))
            })
        }
        Ask::Release {
            id,
            decision,
            record,
        } => {
            let released = proxy.release_quarantined(&id, &decision, record.as_deref());
            released.await.map(|()| Answer::Done)
        }
        Ask::Drop { id, decision } => {
            let dropped = proxy.drop_quarantined(&id, &decision).await;
            dropped.map(|()| Answer::Done)
        }
    };
    done.unwrap_or_else(|failure| {
        if !matches!(failure, Failure::Refused(_)) {
            tracing::error!(
                error = failure_text(&failure),
                "a command of the desk failed"
            );
        }
        Answer::Refused(failure_text(&failure))
    })
}

/// The failure with its causes, none of which holds a value.
fn failure_text(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut cause = std::error::Error::source(failure);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Has the running border carry out a command; where none runs, does it here.
///
/// # Errors
/// When neither is possible.
pub fn ask(settings: Settings, world: &World, ask: Ask) -> anyhow::Result<Answer> {
    if let Some(answer) = ask_running(&settings, &ask)? {
        return Ok(answer);
    }
    let parts = parts(&settings, world)?;
    let gate = Arc::new(open_gate(&settings, &parts.ring, world)?);
    let held = (parts.proxy(settings)?, gate);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let said = runtime.block_on(answer(&held, ask));
    drop(held);
    Ok(said)
}

/// Has the running border record what a command line did at the gate. Where none runs, the next
/// start does.
///
/// # Errors
/// When the border could not.
pub fn record(settings: &Settings) -> anyhow::Result<()> {
    match ask_running(settings, &Ask::Record)? {
        Some(Answer::Refused(why)) => anyhow::bail!(why),
        _ => Ok(()),
    }
}

/// None where no border runs.
fn ask_running(settings: &Settings, ask: &Ask) -> anyhow::Result<Option<Answer>> {
    let Ok(mut stream) = Stream::connect(settings.data.join(SOCKET)) else {
        return Ok(None);
    };
    stream.write_all(&serde_json::to_vec(ask)?)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut said = zeroize::Zeroizing::new(Vec::new());
    stream.read_to_end(&mut said)?;
    let said = serde_json::from_slice(&said).context("the border ended before it answered")?;
    Ok(Some(said))
}
