//! Who got in, who did not, and who changed how people get in: from the gate to the ledger.

use std::sync::Arc;

use super::{Failure, Proxy, Shared};
use crate::gate::{Event, Gate};
use crate::ledger::{Entry, Kind, Touched};

/// Puts the gate's events into the ledger. Clones share it.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

impl Proxy {
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        Recorder::new(&self.shared)
    }
}

impl Recorder {
    #[must_use]
    pub fn new(shared: &Arc<Shared>) -> Self {
        Self(Arc::clone(shared))
    }

    /// Records all that waits. One at a time: an event that two had taken would stand there twice.
    ///
    /// # Errors
    /// When gate or ledger fail; what was not recorded goes on waiting.
    pub async fn record(&self, gate: &Arc<Gate>) -> Result<(), Failure> {
        let _turn = self.0.recording.lock().await;
        loop {
            let waiting = Arc::clone(gate);
            let events = tokio::task::spawn_blocking(move || waiting.events());
            let events = events.await.map_err(|_| Failure::Gate)?;
            let events = events.map_err(|error| failed(&error))?;
            if events.is_empty() {
                return Ok(());
            }
            for event in &events {
                self.0.ledger.append(&self.entry(event)).await?;
            }
            let gate = Arc::clone(gate);
            let forgotten = tokio::task::spawn_blocking(move || gate.recorded(&events));
            let forgotten = forgotten.await.map_err(|_| Failure::Gate)?;
            forgotten.map_err(|error| failed(&error))?;
        }
    }

    /// Records that a request was not admitted, once a minute for each reason.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn denied(&self, reason: &str, exchange: u128) -> Result<(), Failure> {
        let now = self.0.clock.now();
        let Some(times) = self.0.seldom.due(&format!("admit {reason}"), now) else {
            return Ok(());
        };
        let mut entry = self.blank(exchange);
        entry.kind = Kind::Denied;
        entry.operation = "admit".into();
        entry.outcome = reason.into();
        entry.fields = vec![Touched::class("", "deny", times)];
        self.0.ledger.append(&entry).await?;
        Ok(())
    }

    fn entry<'e>(&self, event: &'e Event) -> Entry<'e> {
        let mut entry = self.blank(u128::from_be_bytes(event.name));
        entry.time = event.time;
        entry.operation = (&*event.act).into();
        entry.roles = event.roles.as_slice().into();
        entry.client = (&*event.who).into();
        entry.kind = match (event.refused, &event.by) {
            (Some(_), _) => Kind::Denied,
            (None, Some(_)) => Kind::Admin,
            (None, None) => Kind::Access,
        };
        if let Some(reason) = event.refused {
            entry.outcome = reason.into();
            entry.fields = vec![Touched::class("", "deny", event.times)];
        }
        if !event.how.is_empty() {
            entry.fields = vec![Touched::class(&event.how, "show", 1)];
        }
        if let Some(by) = &event.by {
            // The operator acts; whom it concerns stands where the field's class does.
            entry.client = by.into();
            entry.fields = vec![Touched::class(&event.who, "change", 1)];
        }
        entry
    }

    fn blank(&self, exchange: u128) -> Entry<'static> {
        Entry {
            time: self.0.clock.now(),
            exchange,
            kind: Kind::Access,
            client: "".into(),
            roles: [].as_slice().into(),
            operation: "".into(),
            fields: vec![],
            records: 0,
            subjects: [].as_slice().into(),
            policy: self.0.rules.load().plan.version_hash(),
            outcome: "ok".into(),
        }
    }
}

fn failed(error: &crate::gate::Error) -> Failure {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "the gate's events cannot be had"
    );
    Failure::Gate
}
