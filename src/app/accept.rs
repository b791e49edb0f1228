//! What a person accepts of the CRM's describe, and the policy compiled against it.

use std::sync::{Arc, PoisonError};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use super::desk::{Answer, Ask, Held, ask_running};
use super::parts::rules;
use super::{World, compile_settings, live_text, open_ring, open_vault};
use crate::config::Settings;
use crate::policy::{Plan, Snapshot};
use crate::proxy::{Kept, Rules};

/// What a person says that they have looked at.
#[derive(Debug, Deserialize, Serialize)]
pub struct Accept {
    /// The mark that a look has told.
    pub mark: String,
}

/// What a look at the CRM's describes found.
#[derive(Deserialize, Serialize)]
pub struct Looked {
    pub findings: usize,
    /// All of them, with line, column and remedy.
    pub text: String,
    /// What was looked at, for whoever accepts it; empty where nothing was.
    pub mark: String,
    /// The fields that were accepted and are not as they were.
    pub taken: Vec<String>,
}

/// Looks at what the CRM describes. What a person accepts, the policy is compiled against from then
/// on; where it does not fit that, nothing is accepted.
pub(super) async fn looked(held: &Held, accept: Option<&Accept>) -> anyhow::Result<Answer> {
    let (proxy, shared) = (&held.proxy, &held.shared);
    let look = proxy.begin_look().await;
    let seen = look.read().await?;
    let Some(accept) = accept else {
        return Ok(Answer::Looked(found(
            &shared.rules.load().plan,
            Some(&seen),
        )?));
    };
    let in_force = shared.rules.load_full();
    let plan = &in_force.plan;
    ensure!(
        plan.site().is_none(),
        "the policy describes its CRM itself, so there is nothing to accept"
    );
    if let Some(object) = seen.unread.first() {
        anyhow::bail!("the CRM's describe of {object} could not be read, so nothing was accepted");
    }
    let mark = seen.now.mark()?;
    ensure!(
        accept.mark == mark,
        "nothing was accepted: what the CRM has now is {mark}, which is not what you have looked at; run `sluis check --live` again"
    );
    let kept = seen.accept(plan);
    let accepted = kept.taken();
    let rules = compile_with(held, accepted.as_ref())
        .context("nothing was accepted, because the policy does not fit what the CRM has")?;
    ensure!(
        rules.plan.version_hash() == plan.version_hash(),
        "nothing was accepted: the policy's file is another one than is in force; reload it first, or put it back"
    );
    let changed = seen.before.differs(&seen.now);
    look.take(&kept, changed.clone()).await?;
    put_in_force(held, accepted, &in_force, rules)
        .context("it was accepted, and another policy has come into force since, which does not fit it and stays")?;
    let plan = &shared.rules.load().plan;
    proxy.raise(&kept.report(plan));
    tracing::info!(
        mark,
        changed = changed.len(),
        "what the CRM describes was accepted"
    );
    let taken = Looked {
        taken: changed,
        ..found(plan, Some(&kept))?
    };
    Ok(Answer::Looked(taken))
}

/// The policy in force, compiled against other fields.
fn compile_with(held: &Held, accepted: Option<&Snapshot>) -> anyhow::Result<Rules> {
    let (current, shared) = (&held.current, &held.shared);
    let detector = Arc::clone(&shared.rules.load().protection.detector);
    let (settings, version) = (current.settings.load_full(), current.policy.load_full());
    let version = version.as_deref();
    rules(&settings, version, &shared.vault, accepted, detector)
}

/// Has the rules hold from now on; where others than `before` have come into force since, those are
/// compiled anew.
fn put_in_force(
    held: &Held,
    accepted: Option<Snapshot>,
    before: &Arc<Rules>,
    mut rules: Rules,
) -> anyhow::Result<()> {
    let (current, shared) = (&held.current, &held.shared);
    let turn = current.turn.lock();
    let _turn = turn.unwrap_or_else(PoisonError::into_inner);
    if !Arc::ptr_eq(before, &shared.rules.load_full()) {
        rules = compile_with(held, accepted.as_ref())?;
    }
    current.accepted.store(accepted.map(Arc::new));
    shared.rules.store(Arc::new(rules));
    Ok(())
}

/// What a look means to a policy.
pub(super) fn found(plan: &Plan, kept: Option<&Kept>) -> anyhow::Result<Looked> {
    let report = kept.map(|kept| kept.report(plan));
    let looked = kept.filter(|kept| !kept.now.0.is_empty());
    let mark = looked.map(|kept| kept.now.mark()).transpose()?;
    Ok(Looked {
        findings: report.as_ref().map_or(0, |report| report.findings().len()),
        text: report.map(|report| report.to_string()).unwrap_or_default(),
        mark: mark.unwrap_or_default(),
        taken: vec![],
    })
}

/// The policy of the settings as a start or a reload would compile it: against what a person has
/// accepted. A data folder in which nothing was kept yet has nothing of that.
///
/// # Errors
/// When the policy has errors, or the vault cannot be opened.
pub fn compile_in_force(settings: &Settings, world: &World) -> anyhow::Result<Plan> {
    let accepted = accepted_now(settings, world)?;
    let version = match settings.policy_store.exists() {
        true => live_text(settings, &*open_ring(settings, world)?, world)?,
        false => None,
    };
    compile_settings(settings, version.as_ref(), accepted.as_ref())
}

/// What a person has accepted of the CRM's describe: the border that runs says it, or the data folder.
///
/// # Errors
/// When neither can be asked.
pub fn accepted_now(settings: &Settings, world: &World) -> anyhow::Result<Option<Snapshot>> {
    match ask_running(settings, &Ask::Accepted)? {
        Some(Answer::Accepted(accepted)) => Ok(accepted),
        Some(Answer::Refused(why)) => anyhow::bail!(why),
        Some(_) => anyhow::bail!("the command and the border are of different versions"),
        None => accepted(settings, world),
    }
}

/// What the data folder has, where no border runs.
fn accepted(settings: &Settings, world: &World) -> anyhow::Result<Option<Snapshot>> {
    if !settings.data.join("vault.db").exists() {
        return Ok(None);
    }
    let ring = open_ring(settings, world)?;
    let _lock = crate::store::lock(&settings.data)?;
    let vault = open_vault(settings, &ring, world)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let kept: Option<Kept> = runtime.block_on(vault.described())?;
    Ok(kept.as_ref().and_then(Kept::taken))
}
