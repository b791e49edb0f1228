//! Drift: what the CRM describes now, beside what stood when a person last looked.
//!
//! [`Proxy::look`] reads every object of the policy. It runs in the background and by the operator's
//! command; what it finds becomes a metric, log lines and a report. Reads go on whatever it finds:
//! what has no rule is masked. Writes are held to the describes that it reads (`describe`).
//!
//! A describe that cannot be had changes nothing of what is known, and is a finding itself.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::record::Scribe;
use super::{Failure, Proxy};
use crate::ledger::{Kind, Touched};
use crate::policy::{Described, Plan, Report, Severity, Snapshot, TESTED};
use crate::protect::outward::versions;
use crate::upstream;

/// What was told last, and that one look is under way.
#[derive(Default)]
pub struct Watched {
    looking: tokio::sync::Mutex<()>,
    told: Mutex<Vec<(&'static str, String)>>,
}

/// What the store has of the CRM's describes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Kept {
    /// Objects of which a person has taken `before`. What stands there of others was seen first, and
    /// says only what is new since.
    #[serde(default)]
    pub looked: BTreeSet<String>,
    pub before: Snapshot,
    /// What the CRM said last.
    pub now: Snapshot,
    /// Objects of which it last said nothing.
    pub unread: Vec<String>,
}

/// What the ledger calls it.
const ACCEPT: &str = "crm.accept";
/// Who does so: whoever has the desk, which is for the data folder's owner alone.
const OPERATOR: &str = "operator";

/// Log lines of one look. The report has all.
const LINES: usize = 5;

impl Kept {
    /// What the policy is compiled against: nothing that no person has looked at.
    #[must_use]
    pub fn taken(&self) -> Option<Snapshot> {
        let objects = self.before.0.iter();
        let taken = objects.filter(|(name, _)| self.looked.contains(*name));
        let taken = taken.map(|(name, fields)| (name.clone(), fields.clone()));
        let taken = Snapshot(taken.collect());
        (!taken.0.is_empty()).then_some(taken)
    }

    /// What it means to a policy.
    #[must_use]
    pub fn report(&self, plan: &Plan) -> Report {
        let described = Described {
            before: &self.before,
            looked: &self.looked,
            now: &self.now,
            unread: &self.unread,
        };
        plan.drift(described).report
    }

    /// As it is once a person has taken what the CRM says now of the policy's objects.
    #[must_use]
    pub fn accept(&self, plan: &Plan) -> Self {
        Self {
            looked: plan.objects().map(|object| object.name.clone()).collect(),
            before: self.now.clone(),
            ..self.clone()
        }
    }

    /// What the CRM says now, in the place of what it said last.
    fn seen(self, now: Snapshot, unread: Vec<String>) -> Self {
        let mut kept = Self {
            now,
            unread,
            ..self
        };
        // An object that was not there before is seen for the first time, whoever has looked at the
        // others, or at its absence.
        for (object, fields) in &kept.now.0 {
            if !kept.before.0.contains_key(object) {
                kept.before.0.insert(object.clone(), fields.clone());
                kept.looked.remove(object);
            }
        }
        kept
    }
}

/// One look: nobody else looks, or takes what was seen, until it is dropped.
pub struct Look<'p> {
    proxy: &'p Proxy,
    _one: tokio::sync::MutexGuard<'p, ()>,
}

impl Look<'_> {
    /// # Errors
    /// As [`Proxy::look`].
    pub async fn read(&self) -> Result<Kept, Failure> {
        let proxy = self.proxy;
        let rules = proxy.shared.rules.load_full();
        if rules.plan.site().is_some() {
            return Ok(Kept::default());
        }
        let kept = proxy.described().await?;
        let (now, unread) = proxy.read_all(&rules.plan, kept.as_ref()).await;
        let kept = match kept {
            // What could not be read would look as if it had never been there.
            None if !unread.is_empty() => {
                let kept = Kept {
                    now,
                    unread,
                    ..Kept::default()
                };
                proxy.raise(&kept.report(&rules.plan));
                return Ok(kept);
            }
            kept => kept.unwrap_or_default().seen(now, unread),
        };
        proxy.keep_described(&kept).await?;
        proxy.raise(&kept.report(&rules.plan));
        Ok(kept)
    }

    /// Keeps what a person has accepted: recorded first, then durable, and only then to be in force.
    ///
    /// # Errors
    /// When ledger or store fail: then nothing is accepted.
    pub async fn take(&self, kept: &Kept, changed: Vec<String>) -> Result<(), Failure> {
        let shared = &self.proxy.shared;
        let rules = shared.rules.load_full();
        let scribe = Scribe {
            shared,
            rules: &rules,
            client: OPERATOR,
            roles: &[],
            person: false,
            fields: None,
            fresh: false,
            exchange: 0,
            route: ACCEPT,
            late: false,
        };
        let mut entry = scribe.entry(Kind::Admin, "ok");
        let touched = changed.into_iter().map(|field| Touched {
            field: field.into(),
            class: "".into(),
            action: "accept".into(),
            count: 1,
        });
        entry.fields = touched.collect();
        shared.ledger.append(&entry).await?;
        self.proxy.keep_described(kept).await
    }
}

impl Proxy {
    /// Begins a look, once no other one is under way.
    pub async fn begin_look(&self) -> Look<'_> {
        Look {
            proxy: self,
            _one: self.shared.descriptions.watch.looking.lock().await,
        }
    }

    /// Reads what the CRM says of every object of the policy, and tells what it finds.
    ///
    /// # Errors
    /// When the store fails. A CRM that does not answer is a finding.
    pub async fn look(&self) -> Result<Kept, Failure> {
        self.begin_look().await.read().await
    }

    /// What the store has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn described(&self) -> Result<Option<Kept>, Failure> {
        Ok(self.shared.vault.described().await?)
    }

    async fn keep_described(&self, kept: &Kept) -> Result<(), Failure> {
        Ok(self.shared.vault.keep_described(kept).await?)
    }

    /// What the CRM says of each object, and of which it says nothing now.
    async fn read_all(&self, plan: &Plan, kept: Option<&Kept>) -> (Snapshot, Vec<String>) {
        let (mut now, mut unread) = (Snapshot::default(), Vec::new());
        let version = match self.version(plan).await {
            Ok(version) => Some(version),
            Err(failure) => {
                tracing::warn!(%failure, "the CRM does not say which versions it has");
                None
            }
        };
        for object in plan.objects() {
            let name = &object.name;
            let read = match version {
                Some(version) => self.describe(version, name).await.map(Some),
                None => Ok(None),
            };
            match read {
                Ok(Some(description)) => {
                    if let Some(fields) = &description.fields {
                        now.0.insert(name.clone(), fields.clone());
                    }
                    continue;
                }
                Ok(None) => {}
                Err(failure) => {
                    tracing::warn!(object = name, %failure, "an object is not described");
                }
            }
            unread.push(name.clone());
            let last = self.shared.descriptions.last(name);
            let last = last.as_ref().and_then(|last| last.fields.as_ref());
            let last = last.or_else(|| kept?.now.0.get(name));
            if let Some(fields) = last {
                now.0.insert(name.clone(), fields.clone());
            }
        }
        (now, unread)
    }

    /// The newest version that policy allows, that was tried and that the CRM has.
    async fn version(&self, plan: &Plan) -> Result<u16, Failure> {
        #[derive(Deserialize)]
        struct Version {
            version: String,
        }
        let answer = self.upstream.send(versions(), HeaderMap::new()).await?;
        let listed: Option<Vec<Version>> = match answer.status {
            StatusCode::OK => serde_json::from_slice(&answer.body).ok(),
            _ => None,
        };
        let number = |listed: Version| listed.version.strip_suffix(".0")?.parse::<u16>().ok();
        let api = plan.api();
        let ours = (api.oldest.max(*TESTED.start()))..=(api.newest.min(*TESTED.end()));
        let listed = listed.into_iter().flatten().filter_map(number);
        let newest = listed.filter(|version| ours.contains(version)).max();
        let newest = newest.ok_or(upstream::Error::Unexpected("no version that policy allows"))?;
        self.shared.descriptions.lists(newest);
        Ok(newest)
    }

    /// The metric, and what is new in the log.
    pub fn raise(&self, report: &Report) {
        let watch = &self.shared.descriptions.watch;
        let found = report.findings();
        self.shared
            .metrics
            .findings(found.iter().map(|finding| finding.code));
        let said: Vec<(&'static str, String)> = found
            .iter()
            .map(|finding| (finding.code, finding.message.clone()))
            .collect();
        let mut told = watch.told.lock().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<_> = found
            .iter()
            .zip(&said)
            .filter(|(_, said)| !told.contains(said))
            .collect();
        for (finding, _) in new.iter().take(LINES) {
            let refuses = finding.severity == Severity::Error;
            tracing::warn!(rule = finding.code, refuses, "drift: {}", finding.message);
        }
        if new.len() > LINES {
            let more = new.len() - LINES;
            tracing::warn!(more, "drift: `sluis check --live` shows all");
        }
        drop(new);
        *told = said;
    }
}
