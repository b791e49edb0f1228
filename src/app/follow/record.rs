//! What the node's vault and ledger have of the versions.

use serde::{Deserialize, Serialize};

use super::Follower;
use crate::ledger::{Entry, Kind, Touched};
use crate::model::Timestamp;
use crate::policy::{self, Plan};
use crate::review::{Event, Head, Version};

/// What this node has taken, as its vault keeps it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Taken {
    pub number: u64,
    /// Of the version's place in the chain, hexadecimal.
    pub hash: String,
    /// The last event that is in the ledger.
    pub event: i64,
    /// The version that was written into the file.
    pub written: u64,
}

impl Taken {
    pub(super) fn head(&self) -> Option<Head> {
        let hash = data_encoding::HEXLOWER.decode(self.hash.as_bytes()).ok()?;
        Some(Head {
            seq: self.number,
            hash: hash.try_into().ok()?,
        })
    }
}

impl Follower {
    /// The ledger has a version before it is in force.
    pub(super) async fn record(&mut self, versions: &[Version]) -> anyhow::Result<()> {
        for version in versions {
            self.ledger.append(&entry_of(version)).await?;
            self.taken.number = version.number;
            self.taken.hash = data_encoding::HEXLOWER.encode(&version.head.hash);
            self.keep().await?;
        }
        Ok(())
    }

    pub(super) async fn events(&mut self) -> anyhow::Result<()> {
        let events = self.review.events(self.taken.event)?;
        for event in &events {
            self.ledger
                .append(&entry_for(event, self.live.text.hash()))
                .await?;
            self.taken.event = event.id;
            self.keep().await?;
        }
        Ok(())
    }

    pub(super) async fn keep(&self) -> anyhow::Result<()> {
        Ok(self.vault.keep_taken_policy(&self.taken).await?)
    }
}

/// Names and numbers of a version, no word of its text.
fn entry_of(version: &Version) -> Entry<'_> {
    let operation = match (version.emergency, version.approver.is_empty()) {
        (true, _) => "policy.emergency",
        (false, true) => "policy.adopt",
        (false, false) => "policy.approve",
    };
    let mut fields = vec![Touched::class("", "version", version.number)];
    fields.extend(
        version
            .authors
            .iter()
            .map(|author| Touched::class(author, "write", 1)),
    );
    if version.weaker > 0 {
        fields.push(Touched::class("", "weaker", version.weaker.into()));
    }
    let name = version
        .head
        .hash
        .first_chunk::<16>()
        .copied()
        .unwrap_or_default();
    Entry {
        time: version.time,
        exchange: u128::from_be_bytes(name),
        kind: Kind::Admin,
        client: (&*version.approver).into(),
        roles: [].as_slice().into(),
        operation: operation.into(),
        fields,
        records: 0,
        subjects: [].as_slice().into(),
        policy: version.text.hash(),
        outcome: "ok".into(),
    }
}

/// That a policy came into force by its file: no second person is known to have seen it. Beside it
/// how many changes let more out or show more than what was in force before.
pub(in crate::app) fn entry_by_file(
    operation: &'static str,
    (before, after): (Option<&Plan>, &Plan),
    (name, time): (u128, Timestamp),
) -> Entry<'static> {
    let changes = before.map_or_else(Vec::new, |before| policy::compare(before, after));
    let weaker = changes.iter().filter(|change| change.weaker).count();
    let touched = Touched::class("", "weaker", weaker.try_into().unwrap_or(u64::MAX));
    Entry {
        time,
        exchange: name,
        kind: Kind::Admin,
        client: "operator".into(),
        roles: [].as_slice().into(),
        operation: operation.into(),
        fields: Vec::from_iter((weaker > 0).then_some(touched)),
        records: 0,
        subjects: [].as_slice().into(),
        policy: after.version_hash(),
        outcome: "ok".into(),
    }
}

fn entry_for(event: &Event, policy: [u8; 32]) -> Entry<'_> {
    Entry {
        time: Timestamp(event.time),
        exchange: u128::from(event.id.unsigned_abs()),
        kind: Kind::Admin,
        client: (&*event.by).into(),
        roles: [].as_slice().into(),
        operation: format!("policy.{}", event.act.name()).into(),
        fields: vec![Touched::class("", "about", event.about.unsigned_abs())],
        records: 0,
        subjects: [].as_slice().into(),
        policy,
        outcome: "ok".into(),
    }
}
