//! The running border as the console sees it: states, names and counts.

use std::sync::Arc;

use super::parts::Current;
use super::{bench, table};
use crate::console::{self, Health, House};
use crate::keys::Ring;
use crate::ledger::{self, Report};
use crate::policy::{self, Finding, Plan, TableField};
use crate::proxy::{Kept, NotTried, Shared};
use crate::replay::{self, Replay};
use crate::review::{Bench, Review, Standing};
use crate::server::Check;
use crate::telemetry::Metrics;

pub(super) struct Border {
    pub shared: Arc<Shared>,
    pub current: Arc<Current>,
    pub ring: Arc<Ring>,
    /// Where policies come from it.
    pub review: Option<Arc<Review>>,
    pub checks: Vec<Check>,
    /// Of the console's own listener.
    pub metrics: Arc<Metrics>,
}

impl House for Border {
    fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.shared.rules.load().plan)
    }

    fn text(&self) -> Result<String, String> {
        if let Some(version) = self.current.policy.load().as_deref() {
            return Ok(version.policy.clone());
        }
        let settings = self.current.settings.load();
        let shown = settings.policy.display();
        let read = super::follow::read_linked(&settings.policy);
        let text = read.map_err(|error| format!("{shown}: {error}"))?;
        // Whatever else stands there by now is nobody's to read here.
        match is_of(&text, &self.plan()) {
            true => Ok(text),
            false => Err(format!("{shown} has another text than the policy in force")),
        }
    }

    fn review(&self) -> Option<&Review> {
        self.review.as_deref()
    }

    fn bench(&self) -> Option<Bench> {
        let settings = self.current.settings.load();
        let accepted = self.current.accepted.load();
        let bench = bench(&settings, accepted.as_deref());
        bench
            .inspect_err(|error| tracing::error!("drafts cannot be tried: {error:#}"))
            .ok()
    }

    fn standing(&self) -> Arc<Standing> {
        self.current.standing.load_full()
    }

    fn fields(&self, object: &str) -> Vec<TableField> {
        let settings = self.current.settings.load();
        let accepted = self.current.accepted.load();
        let table = table(settings.fields.as_deref(), accepted.as_deref());
        let fields = table
            .ok()
            .and_then(|table| table.object(object).map(|object| object.fields.clone()));
        fields.unwrap_or_default()
    }

    fn health(&self) -> Health {
        let checks = self.checks.iter();
        let (stats, found) = self.stored().unwrap_or_default();
        Health {
            checks: checks.map(|check| (check.name, (check.passes)())).collect(),
            certificates: [&self.shared.metrics, &self.metrics]
                .map(|metrics| metrics.certificate_end()),
            key: self.ring.id().to_owned(),
            reloaded: self.shared.metrics.is_reloaded(),
            subjects: stats[0],
            tokens: stats[1],
            pending: stats[2],
            found,
        }
    }

    fn try_on_kept(&self, draft: Plan) -> Result<Replay, console::NotTried> {
        self.shared.try_on_kept(draft).map_err(|error| match error {
            NotTried::Off => console::NotTried::Off,
            NotTried::Words => console::NotTried::Words,
            NotTried::Replay(replay::Error::Busy) => console::NotTried::Busy,
            error => {
                let told = format!("{:#}", anyhow::Error::new(error));
                tracing::error!(error = told, "a draft could not be tried on what was kept");
                console::NotTried::Failed
            }
        })
    }

    fn verify(&self) -> Result<Report, String> {
        let path = self.current.settings.load().data.join("ledger.db");
        ledger::verify(&path, Some(&self.ring), None).map_err(|error| error.to_string())
    }

    fn border_host(&self) -> String {
        let settings = self.current.settings.load();
        settings.server.hosts.first().cloned().unwrap_or_default()
    }
}

/// Whether a text is the one that a plan was made of.
fn is_of(text: &str, plan: &Plan) -> bool {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.as_ref() == plan.version_hash()
}

impl Border {
    /// What the vault has: counts, and what the last look at the CRM found. None where it fails,
    /// which its own check shows.
    fn stored(&self) -> Option<([u64; 3], Vec<Finding>)> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
        let stats = runtime.block_on(self.shared.vault.stats()).ok()?;
        let kept: Option<Kept> = runtime.block_on(self.shared.vault.described()).ok()?;
        let report = kept.map(|kept| kept.report(&self.plan()));
        let findings = report.iter().flat_map(policy::Report::findings);
        Some((
            [stats.subjects, stats.tokens, stats.pending],
            findings.cloned().collect(),
        ))
    }
}
