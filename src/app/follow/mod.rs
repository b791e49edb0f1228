//! Following the store of policy versions: a new version comes into force on this node within a
//! moment of its approval, once the node's ledger has it.
//!
//! The node remembers in its vault which version it took last. A store that was put back to an older
//! copy, or broken, changes nothing here: the version in force stays.

mod file;
mod place;
mod record;
mod thread;

use std::sync::{Arc, PoisonError};

use anyhow::{Context, anyhow, ensure};

use super::parts::{Current, rules};
use super::{World, bench, open_review};
use crate::config::Settings;
use crate::keys::Ring;
use crate::ledger::Ledger;
use crate::policy::{Snapshot, sentence};
use crate::proxy::{Rules, Shared};
use crate::review::{Bench, Error, Finding, Head, Review, Standing, Text, Version};
use crate::vault::Vault;

use record::Taken;

pub(super) use file::{PolicyFile, read_linked};
pub(super) use record::entry_by_file;
pub(super) use thread::{Following, tell};

/// Looks after which a version that could not be taken is tried again.
const PATIENCE: u32 = 50;

/// A node's view of the store.
pub(super) struct Follower {
    pub review: Arc<Review>,
    vault: Vault,
    ledger: Ledger,
    file: PolicyFile,
    taken: Taken,
    live: Version,
    /// What the file has, where that is not the version in force.
    foreign: Option<(Finding, Option<Text>)>,
    /// What went wrong at the last look.
    trouble: Vec<Finding>,
    /// What the store was at the last look.
    stamp: Option<(i64, u64)>,
    /// A version that could not be taken, and for how many looks it is left alone.
    refused: Option<(Head, u32)>,
}

impl Follower {
    /// Opens the store, adopts the file where it is new, and finds the version that is to be in
    /// force.
    ///
    /// # Errors
    /// When the store is broken or was put back, or a first file does not compile: nothing may be
    /// served.
    pub(super) async fn open(
        settings: &Settings,
        (ring, world): (&Ring, &World),
        (vault, ledger): (&Vault, &Ledger),
        accepted: Option<&Snapshot>,
    ) -> anyhow::Result<Self> {
        let review = open_review(settings, ring, world)?;
        let taken: Option<Taken> = vault.taken_policy().await?;
        let file = PolicyFile::new(&settings.policy);
        let bench = bench(settings, accepted)?;
        if review.newest()?.is_none() && taken.is_none() {
            adopt(&review, &file, &bench)?;
        }
        let taken = taken.unwrap_or_default();
        let checked = review.verify(taken.head())?;
        ensure!(
            checked.first_broken.is_none(),
            "the store of policies {} is broken or was put back to an older copy: see \
             `sluis policy versions --verify`",
            settings.policy_store.display()
        );
        let live = review
            .live()?
            .context("the store of policies has no version")?;
        Ok(Self {
            review: Arc::new(review),
            vault: vault.clone(),
            ledger: ledger.clone(),
            file,
            taken,
            live,
            foreign: None,
            trouble: Vec::new(),
            stamp: None,
            refused: None,
        })
    }

    /// The policy to compile.
    pub(super) fn live(&self) -> &Version {
        &self.live
    }

    /// Puts what was not yet recorded into the ledger, and the version into the file where this
    /// node was ended between the two. The version compiles: it is about to be in force.
    pub(super) async fn settle(&mut self) -> anyhow::Result<()> {
        let versions = self.review.since(self.taken.head())?;
        self.events().await?;
        self.record(&versions).await?;
        self.write_file();
        self.keep().await?;
        self.look_at_file();
        Ok(())
    }

    /// How it stands.
    pub(super) fn standing(&self) -> Standing {
        let mut findings = self.trouble.clone();
        findings.extend(self.foreign.iter().map(|(finding, _)| finding.clone()));
        Standing {
            version: self.live.number,
            findings,
            found: self.foreign.as_ref().and_then(|(_, text)| text.clone()),
        }
    }

    /// One look. What goes wrong changes nothing of what is in force.
    async fn look(&mut self, shared: &Shared, current: &Current) {
        let stamp = self.review.stamp().ok();
        let settled = self
            .trouble
            .iter()
            .all(|finding| finding.code == "review-emergency");
        if stamp.is_none() || stamp != self.stamp || !settled {
            self.look_at_store(shared, current).await;
            self.stamp = stamp;
        }
        if self.file.changed() {
            self.look_at_file();
        }
    }

    async fn look_at_store(&mut self, shared: &Shared, current: &Current) {
        let mut trouble = Vec::new();
        if let Err(finding) = self.follow(shared, current).await {
            trouble.push(finding);
        }
        match self.review.flagged() {
            Ok(flagged) => trouble.extend(flagged.iter().map(|version| {
                let text = sentence!(
                    "version {number} waits for a second person's look",
                    "versie {number} wacht op de blik van een tweede persoon",
                    number = version.number,
                );
                Finding::new("review-emergency", text)
            })),
            Err(error) => trouble.push(of_store(&error.into())),
        }
        for finding in trouble
            .iter()
            .filter(|finding| !self.trouble.contains(finding))
        {
            tracing::error!(code = finding.code, "{}", finding.text);
        }
        self.trouble = trouble;
    }

    /// Takes what is new in the store.
    async fn follow(&mut self, shared: &Shared, current: &Current) -> Result<(), Finding> {
        let store = |error: anyhow::Error| of_store(&error);
        let newest = self.review.newest().map_err(|error| store(error.into()))?;
        // What led to a version stands before it in the ledger. One that cannot be read holds no
        // version up: that may be what stops a leak.
        let events = self.events().await.map_err(store);
        if newest != Some(self.live.head) {
            if let (Some((head, looks)), Some(newest)) = (&mut self.refused, newest)
                && *head == newest
                && *looks > 0
            {
                *looks -= 1;
                let same = |finding: &&Finding| finding.code == "review-version-refused";
                return self.trouble.iter().find(same).cloned().map_or(Ok(()), Err);
            }
            // Held to what was taken last: a store that was put back is not followed.
            let versions = self.review.since(self.taken.head());
            let versions = versions.map_err(|error| store(error.into()))?;
            let last = match versions.last() {
                Some(last) => last.clone(),
                // Recorded already, and not in force yet.
                None => {
                    let last = self.review.version(self.taken.number);
                    last.map_err(|error| store(error.into()))?
                }
            };
            self.take(last, &versions, shared, current).await?;
        }
        events
    }

    /// Puts the last of these in force: compiled, recorded, then compiled rules for the next
    /// exchange, then the file.
    async fn take(
        &mut self,
        last: Version,
        versions: &[Version],
        shared: &Shared,
        current: &Current,
    ) -> Result<(), Finding> {
        let number = last.number;
        let refused = |error: anyhow::Error| {
            // Everybody sees it on every page: what it is, not the whole report.
            let why = format!("{error:#}");
            let why = why.lines().next().unwrap_or_default();
            let text = sentence!(
                "version {number} cannot come into force: {why}",
                "versie {number} kan niet van kracht worden: {why}"
            );
            Finding::new("review-version-refused", text)
        };
        self.refused = Some((last.head, PATIENCE));
        compile(&last, shared, current).map_err(refused)?;
        self.record(versions).await.map_err(refused)?;
        {
            let _turn = current.turn.lock().unwrap_or_else(PoisonError::into_inner);
            // A reload may have changed what it is compiled against since.
            let rules = compile(&last, shared, current).map_err(refused)?;
            shared.rules.store(Arc::new(rules));
            current.policy.store(Some(Arc::new(last.text.clone())));
        }
        self.live = last;
        self.refused = None;
        tracing::info!(
            version = self.live.number,
            policy = data_encoding::HEXLOWER.encode(&self.live.text.hash()),
            "a version of the policy is in force"
        );
        self.write_file();
        let kept = self.keep().await;
        kept.map_err(|error| of_store(&error))?;
        self.look_at_file();
        Ok(())
    }
}

/// What everybody is told of a store that does not work.
fn of_store(error: &anyhow::Error) -> Finding {
    let text = sentence!("{error:#}", "de opslag van beleid werkt niet: {error:#}");
    Finding::new("review-store", text)
}

fn compile(version: &Version, shared: &Shared, current: &Current) -> anyhow::Result<Rules> {
    let detector = Arc::clone(&shared.rules.load().protection.detector);
    let (accepted, settings) = (current.accepted.load_full(), current.settings.load_full());
    let text = Some(&version.text);
    rules(
        &settings,
        text,
        &shared.vault,
        accepted.as_deref(),
        detector,
    )
}

/// The first start: the file is version 1, where it is a policy.
fn adopt(review: &Review, file: &PolicyFile, bench: &Bench) -> anyhow::Result<()> {
    file.check_single()?;
    let text = file.read()?;
    let trial = bench.try_out(None, &text);
    ensure!(trial.plan.is_some(), "{}", trial.lint);
    if let Some(cases) = trial.cases.filter(|cases| !cases.passed()) {
        return Err(anyhow!("{cases}"));
    }
    match review.adopt(&text) {
        // Another node was first.
        Ok(_) | Err(Error::Begun) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
