//! The operator's desk: a socket in the data folder, through which a command line on the same
//! machine has the running border decide about texts in quarantine.
//!
//! Only one process may write vault and ledger, and only the border has a way to the CRM. Whoever
//! can open the socket can read the key file beside it too: it is for its owner only.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Stream;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::accept::{Accept, Looked, found, looked};
use super::parts::{Current, parts};
use super::{World, bench, compile_settings, live_text, open_gate, open_ring, open_vault};
use crate::config::Settings;
use crate::gate::Gate;
use crate::policy::{Plan, Snapshot};
use crate::proxy::{Decision, Failure, Kept, Listed, Proxy, Said, Shared};
use crate::replay::Replay;
use crate::review::Bench;
use crate::vault::Vault;

/// The socket's name in the data folder.
const SOCKET: &str = "desk.sock";
/// Bytes of a command: ids, names and a reason, or a policy as JSON has it.
const LONGEST: u64 = 1 << 20;
/// How long a visitor may take to ask, and to hear the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is waited for after a visitor could not be let in.
const PAUSE: Duration = Duration::from_millis(100);

/// What an operator asks.
#[derive(Debug, Deserialize, Serialize)]
pub enum Ask {
    /// That the ledger gets what the gate did.
    Record,
    /// That it looks at what the CRM describes, and takes it where a person has looked.
    Look {
        accept: Option<Accept>,
    },
    /// What a person has accepted: the policy is compiled against it.
    Accepted,
    /// How it stands.
    Status,
    /// What a policy would have done to the exchanges that were kept; its name is for messages.
    WhatIf {
        name: String,
        policy: String,
    },
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
    Looked(Looked),
    Accepted(Option<Snapshot>),
    Standing(Standing),
    Tried(Replay),
    /// Why not.
    Refused(String),
}

/// What the vault holds, and what was found at the last look.
#[derive(Deserialize, Serialize)]
pub struct Standing {
    pub subjects: u64,
    pub tokens: u64,
    pub held: u64,
    pub pending: u64,
    pub found: Looked,
    /// The version of the policy in force, and what was found about it; none where the file is the
    /// source, or no border runs.
    pub policy: Option<(u64, Vec<String>)>,
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

/// What the desk works with.
pub(super) struct Held {
    pub proxy: Proxy,
    pub gate: Arc<Gate>,
    pub shared: Arc<Shared>,
    pub current: Arc<Current>,
    /// Held by whoever decides about a text: it is either sent or dropped.
    pub deciding: tokio::sync::Mutex<()>,
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
    pub(super) fn open(folder: &Path, held: Held) -> anyhow::Result<Self> {
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
        let (stop, stopped) = watch::channel(false);
        let thread = thread::Builder::new().name("desk".to_owned());
        let thread = thread.spawn(move || {
            let local = LocalSet::new();
            local.block_on(&runtime, receive(Rc::new(held), listener, stopped));
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

/// Serves each visitor beside the others, until the border ends: what they still ask ends with it.
async fn receive(held: Rc<Held>, listener: UnixListener, mut stopped: watch::Receiver<bool>) {
    loop {
        let visitor = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            visitor = listener.accept() => visitor,
        };
        let Ok((stream, _)) = visitor else {
            // Mostly too many open files, which the next moment may change.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let held = Rc::clone(&held);
        tokio::task::spawn_local(async move {
            if let Err(error) = serve(&held, stream).await {
                tracing::warn!(%error, "a visitor of the desk left");
            }
        });
    }
}

async fn serve(held: &Held, mut stream: UnixStream) -> anyhow::Result<()> {
    let mut asked = Vec::new();
    let mut reader = (&mut stream).take(LONGEST);
    timeout(PATIENCE, reader.read_to_end(&mut asked)).await??;
    let said = match serde_json::from_slice(&asked) {
        Ok(ask) => answer(held, ask).await,
        Err(_) => {
            Answer::Refused("the command and the border are of different versions".to_owned())
        }
    };
    let body = zeroize::Zeroizing::new(serde_json::to_vec(&said)?);
    timeout(PATIENCE, stream.write_all(&body)).await??;
    Ok(stream.shutdown().await?)
}

/// Carries out one command.
async fn answer(held: &Held, ask: Ask) -> Answer {
    let Held { proxy, gate, .. } = held;
    let done = match ask {
        Ask::Record => {
            let recorded = proxy.recorder().record(gate).await;
            recorded.map(|()| Answer::Done)
        }
        Ask::Look { accept } => {
            let looked = looked(held, accept.as_ref()).await;
            return looked.unwrap_or_else(|error| failed(&error));
        }
        Ask::Accepted => {
            let accepted = held.current.accepted.load();
            Ok(Answer::Accepted(accepted.as_deref().cloned()))
        }
        Ask::Status => return standing(held).await.unwrap_or_else(|error| failed(&error)),
        Ask::WhatIf { name, policy } => {
            let tried = what_if(held, name, &policy).await;
            return tried.unwrap_or_else(|error| failed(&error));
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
            let _alone = held.deciding.lock().await;
            let released = proxy.release_quarantined(&id, &decision, record.as_deref());
            released.await.map(|()| Answer::Done)
        }
        Ask::Drop { id, decision } => {
            let _alone = held.deciding.lock().await;
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

fn failed(error: &anyhow::Error) -> Answer {
    Answer::Refused(format!("{error:#}"))
}

async fn standing(held: &Held) -> anyhow::Result<Answer> {
    let mut stands = stands(&held.shared.vault, &held.shared.rules.load().plan).await?;
    let review = held.current.standing.load();
    if review.version > 0 {
        let findings = review.findings.iter();
        let findings = findings.map(|finding| format!("{}: {}", finding.code, finding.text));
        stands.policy = Some((review.version, findings.collect()));
    }
    Ok(Answer::Standing(stands))
}

async fn what_if(held: &Held, name: String, policy: &str) -> anyhow::Result<Answer> {
    let settings = held.current.settings.load();
    let accepted = held.current.accepted.load();
    let bench = Bench {
        name,
        ..bench(&settings, accepted.as_deref())?
    };
    let draft = bench.compile(policy);
    let draft = draft.map_err(|report| anyhow::anyhow!("{report}"))?;
    let shared = Arc::clone(&held.shared);
    // It blocks, for seconds where much was kept.
    let tried = tokio::task::spawn_blocking(move || shared.try_on_kept(draft)).await?;
    Ok(Answer::Tried(tried?))
}

async fn stands(vault: &Vault, plan: &Plan) -> anyhow::Result<Standing> {
    let stats = vault.stats().await?;
    let kept: Option<Kept> = vault.described().await?;
    Ok(Standing {
        subjects: stats.subjects,
        tokens: stats.tokens,
        held: stats.held,
        pending: stats.pending,
        found: found(plan, kept.as_ref())?,
        policy: None,
    })
}

/// How it stands with the running border; where none runs, with its data folder.
///
/// # Errors
/// When vault or policy cannot be opened.
pub fn status(settings: &Settings, world: &World) -> anyhow::Result<Standing> {
    match ask_running(settings, &Ask::Status)? {
        Some(Answer::Standing(stands)) => return Ok(stands),
        Some(Answer::Refused(why)) => anyhow::bail!(why),
        Some(_) => anyhow::bail!("the command and the border are of different versions"),
        None => {}
    }
    let ring = open_ring(settings, world)?;
    let _lock = crate::store::lock(&settings.data)?;
    let vault = open_vault(settings, &ring, world)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let kept: Option<Kept> = runtime.block_on(vault.described())?;
    let accepted = kept.as_ref().and_then(Kept::taken);
    let version = live_text(settings, &ring, world)?;
    let plan = compile_settings(settings, version.as_ref(), accepted.as_ref())?;
    runtime.block_on(stands(&vault, &plan))
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
    let held = Held {
        proxy: parts.proxy(settings)?,
        gate,
        shared: Arc::clone(&parts.shared),
        current: Arc::clone(&parts.current),
        deciding: tokio::sync::Mutex::default(),
    };
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
pub(super) fn ask_running(settings: &Settings, ask: &Ask) -> anyhow::Result<Option<Answer>> {
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
