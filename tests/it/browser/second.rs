//! A second node beside a demo: its own data, people and programs, under the same key file and the
//! same store of policies; and who watches, over HTTP, from when on a node refuses a field.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use rusqlite::Connection;
use serde_json::Value;
use sluis::app::{self, App, World};
use sluis::config;
use sluis::model::Timestamp;
use sluis::review::Version;
use sluis::upstream::Credential;

use crate::ops::house::{admit, keep_credential};
use crate::support::demo::Demo;
use crate::support::port::free_port;

/// A border that runs in this process until it is stopped.
pub struct Node {
    app: App,
    pub url: String,
    pub token: String,
    folder: tempfile::TempDir,
}

impl Node {
    pub fn beside(demo: &Demo) -> Result<Self> {
        let first = demo.folder().join("demo");
        let folder = tempfile::tempdir()?;
        for name in [
            "sluis.key",
            "border.pem",
            "border.key",
            "ca.pem",
            "salesforce.toml",
        ] {
            fs::copy(first.join(name), folder.path().join(name)).context(name)?;
        }
        let (port, status) = (free_port()?, free_port()?);
        let own = fs::read_to_string(first.join("sluis.toml"))?;
        let (own, _console) = own.split_once("\n[console]").context("no console")?;
        let text: Vec<String> = own
            .lines()
            .map(|line| match line.split(" = ").next() {
                Some("listen") => format!("listen = \"127.0.0.1:{port}\""),
                Some("hosts") => format!("hosts = [\"localhost:{port}\"]"),
                Some("ops_listen") => format!("ops_listen = \"127.0.0.1:{status}\""),
                _ => line.to_owned(),
            })
            .collect();
        let store = first.join("data");
        let store = format!("\n[policy_store]\nfolder = {:?}\n", store.to_string_lossy());
        let path = folder.path().join("sluis.toml");
        fs::write(&path, format!("{}\n{store}", text.join("\n")))?;
        let (settings, world) = (config::load(&path)?, World::default());
        // Nothing is asked of the CRM here but by the first node.
        let credential = Credential::Client {
            id: "second".to_owned(),
            secret: "unknown to the CRM".into(),
        };
        keep_credential(&settings, &world, &credential);
        let token = admit(&settings, &world);
        Ok(Self {
            app: app::start(settings, &world)?,
            url: format!("https://localhost:{port}"),
            token,
            folder,
        })
    }

    /// Stops it, and gives what its ledger says of the policy: operation and who.
    pub fn stop(self) -> Result<Vec<(String, String)>> {
        self.app.control().stop();
        self.app.join()?;
        let ledger = Connection::open(self.folder.path().join("data/ledger.db"))?;
        let mut statement = ledger.prepare("SELECT entry FROM entry ORDER BY seq")?;
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        let mut told = Vec::new();
        for row in rows {
            let entry: Value = serde_json::from_slice(&row?)?;
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            if text("operation").starts_with("policy.") {
                told.push((text("operation"), text("client")));
            }
        }
        Ok(told)
    }
}

/// Asks a node again and again whether it refuses a field, until it is told to stop.
pub struct Watcher {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<(bool, Timestamp)>>>,
}

impl Watcher {
    /// `url` is a query with the field in it, and `sign` what only its refusal says.
    pub fn start(client: reqwest::Client, url: String, token: String, sign: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let clock = World::default().clock;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut turns: Vec<(bool, Timestamp)> = Vec::new();
                while !told.load(Ordering::Relaxed) {
                    let answer = client.get(&url).bearer_auth(&token).send().await?;
                    let refuses = answer.text().await?.contains(sign);
                    if turns.last().is_none_or(|(last, _)| *last != refuses) {
                        turns.push((refuses, clock.now()));
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Ok(turns)
            })
        });
        Self { stop, thread }
    }

    /// When it began to refuse, and when it stopped to.
    pub fn turns(self) -> Result<Vec<(bool, Timestamp)>> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .map_err(|_| anyhow!("the watcher ended by a panic"))?
    }
}

/// The versions of the demo's store, the newest first.
pub fn versions(demo: &Demo) -> Result<Vec<Version>> {
    let settings = config::load(&demo.folder().join("demo/sluis.toml"))?;
    let world = World::default();
    let ring = app::open_ring(&settings, &world)?;
    let review = app::open_review(&settings, &ring, &world)?;
    Ok(review.versions(None, 10)?)
}
