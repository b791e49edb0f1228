//! After the answer: which of the written records the CRM accepted.

use http::StatusCode;

use super::Shared;
use super::rows::{Written, number, record};
use crate::dialect::salesforce::call::{Request, our_name};
use crate::dialect::salesforce::door::{Door, Route};
use crate::dialect::salesforce::id::Id;
use crate::protect::inward::{Reading, Saved};
use crate::vault::{self, Bound};

/// What the answer says of one written record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Accepted(Id),
    Refused,
    /// Accepted without its id being told, or not known: its tokens stay, since the CRM may hold
    /// them.
    Open,
}

impl Shared {
    /// Binds what was accepted to its records, and lets go of what was refused.
    ///
    /// The CRM has decided by now, so a failure of ours changes nothing for the client: it is
    /// logged, and the rows stay as they are, with tokens that open.
    pub(super) async fn settle(
        &self,
        exchange: u128,
        request: &Request,
        written: &[Written],
        status: StatusCode,
        reading: Option<&Reading<'_>>,
    ) {
        if let Err(error) = self
            .try_settle(exchange, request, written, status, reading)
            .await
        {
            tracing::error!("the answer could not be bound to its records: {error}");
        }
    }

    async fn try_settle(
        &self,
        exchange: u128,
        request: &Request,
        written: &[Written],
        status: StatusCode,
        reading: Option<&Reading<'_>>,
    ) -> Result<(), vault::Error> {
        if written.is_empty() {
            return Ok(());
        }
        let verdicts: Vec<Verdict> = written
            .iter()
            .map(|unit| verdict(request, unit, status, reading))
            .collect();
        let accepted = written.iter().zip(&verdicts).zip(0..);
        let bound: Vec<Bound> = accepted
            .filter_map(|((unit, verdict), index)| match verdict {
                Verdict::Accepted(id) => Some(Bound {
                    unit: number(index),
                    record: record(&unit.object, *id),
                }),
                Verdict::Refused | Verdict::Open => None,
            })
            .collect();
        if !bound.is_empty() {
            self.vault.bind(exchange, bound).await?;
        }
        if verdicts.contains(&Verdict::Refused) && !verdicts.contains(&Verdict::Open) {
            self.vault.forget_pending(exchange).await?;
        }
        Ok(())
    }
}

fn verdict(
    request: &Request,
    unit: &Written,
    status: StatusCode,
    reading: Option<&Reading<'_>>,
) -> Verdict {
    if status.is_client_error() {
        return Verdict::Refused;
    }
    if !status.is_success() {
        return Verdict::Open;
    }
    let Some(call) = request.calls.get(unit.call) else {
        return Verdict::Open;
    };
    let known = || unit.record.map_or(Verdict::Open, Verdict::Accepted);
    let Some(reading) = reading else {
        return known(); // 204: accepted, and nothing is told.
    };
    let inner = call.url.is_some();
    let name = call.name.filter(|_| inner).map(our_name);
    let position = unit.call.saturating_sub(1); // The first call is the composite one itself.
    let part = reading.parts.iter().find(|part| match &name {
        Some(name) => part.name.as_ref() == Some(name),
        None => inner && part.position == position,
    });
    if let Some(part) = part
        && !(200..300).contains(&part.status)
    {
        return if (400..500).contains(&part.status) {
            Verdict::Refused
        } else {
            Verdict::Open
        };
    }
    let saved = reading
        .saved
        .iter()
        .find(|saved| match (&unit.name, &name) {
            (Some(own), _) => saved.name.as_ref().is_some_and(|(name, _)| name == own),
            (None, Some(name)) => saved
                .name
                .as_ref()
                .is_some_and(|(found, depth)| found == name && at(saved, *depth) == unit.position),
            (None, None) if inner => {
                saved.trail.first() == Some(&position) && at(saved, 1) == unit.position
            }
            (None, None) => at(saved, 0) == unit.position,
        });
    match saved {
        Some(saved) => Verdict::Accepted(saved.id),
        // In a list each accepted record is told; elsewhere silence is an update by id.
        None if lists(&call.route) => Verdict::Refused,
        None => known(),
    }
}

/// The position below `depth` arrays; 0 where there is no array.
fn at(saved: &Saved, depth: usize) -> usize {
    saved.trail.get(depth).copied().unwrap_or(0)
}

fn lists(route: &Route) -> bool {
    matches!(
        route.door,
        Door::Collection { .. } | Door::CollectionUpsert { .. }
    )
}
