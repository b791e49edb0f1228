//! What an exchange did, counted: for the ledger, the access line and the metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Failure, Rules, Shared};
use crate::gate::Permit;
use crate::ledger::{Entry, Kind, Touched};
use crate::model::{Code, FieldList, Refusal};
use crate::policy::{FieldPlan, Rule};
use crate::protect::inward::Revealed;
use crate::protect::outward::{IDENTIFIER, Noticed};

/// Counts of one exchange; never a value.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// The route's name; empty where none was found.
    pub route: &'static str,
    pub protected: usize,
    /// Values that were stripped, generalized or kept here.
    pub withheld: usize,
    pub revealed: usize,
    /// Tokens that stayed tokens.
    pub masked: usize,
    /// Why a part of the request was refused, where the rest was carried out.
    pub refusal: Option<Code>,
    /// Whether a special category was found in a text and dealt with, or a field of one written.
    pub special: bool,
}

/// What one exchange records by.
pub(super) struct Scribe<'s> {
    pub shared: &'s Arc<Shared>,
    pub rules: &'s Rules,
    /// The API client or the person that acts.
    pub client: &'s str,
    pub roles: &'s [String],
    /// Whether it is a person and no program.
    pub person: bool,
    /// What a program keeps to.
    pub fields: Option<&'s Arc<FieldList>>,
    /// Whether their second factor was shown just now.
    pub fresh: bool,
    pub exchange: u128,
    pub route: &'s str,
    /// Whether the answer to what is written comes in a later exchange.
    pub late: bool,
}

impl<'s> Scribe<'s> {
    /// For what a client or a person asks, at a route that is yet to be found.
    pub(super) fn new(
        shared: &'s Arc<Shared>,
        rules: &'s Rules,
        permit: &'s Permit,
        exchange: u128,
    ) -> Self {
        Self {
            shared,
            rules,
            client: permit.recorded_as(),
            roles: permit.roles(),
            person: permit.sign_in().is_some(),
            fields: permit.fields(),
            fresh: rules.is_fresh(permit, shared.clock.now()),
            exchange,
            route: "unknown",
            late: false,
        }
    }

    /// For what goes on when the exchange has ended.
    pub(super) fn owned(&self) -> Arc<Shared> {
        Arc::clone(self.shared)
    }

    pub(super) fn entry(&self, kind: Kind, outcome: &'static str) -> Entry<'s> {
        Entry {
            time: self.shared.clock.now(),
            exchange: self.exchange,
            kind,
            client: self.client.into(),
            roles: self.roles.into(),
            operation: self.route.into(),
            fields: vec![],
            records: 0,
            subjects: [].as_slice().into(),
            policy: self.rules.plan.version_hash(),
            outcome: outcome.into(),
        }
    }

    /// Records a write or a look-up of protected values before it is sent.
    pub(super) async fn sent(
        &self,
        touched: Vec<Touched<'_>>,
        records: usize,
        subjects: Vec<u64>,
    ) -> Result<(), Failure> {
        let mut entry = self.entry(Kind::Sent, "ok");
        entry.fields = touched;
        entry.records = records as u64;
        entry.subjects = subjects.into();
        self.shared.ledger.append(&entry).await?;
        Ok(())
    }

    /// Records what an answer reveals, before it is given.
    pub(super) async fn revealed(
        &self,
        revealed: &Revealed<'_>,
        records: usize,
    ) -> Result<(), Failure> {
        let entry = revealing(self.entry(Kind::Revealed, "ok"), revealed, records);
        self.shared.ledger.append(&entry).await?;
        Ok(())
    }

    /// Records that a file which the border has not sealed is given out, before it is: nobody knows
    /// whose data is in it. A route of pages has neither field nor class.
    pub(super) async fn given_plain(&self, field: &str, class: &str) -> Result<(), Failure> {
        let mut entry = self.entry(Kind::Revealed, "ok");
        entry.fields = vec![Touched {
            field: field.into(),
            class: class.into(),
            action: "pass-plain".into(),
            count: 1,
        }];
        entry.records = 1;
        self.shared.ledger.append(&entry).await?;
        Ok(())
    }

    /// Records what a person does with a text in quarantine, before it is done.
    pub(super) async fn decided(
        &self,
        kind: Kind,
        touched: Touched<'_>,
        subject: u64,
    ) -> Result<(), Failure> {
        let mut entry = self.entry(kind, "ok");
        entry.fields = vec![touched];
        entry.records = 1;
        entry.subjects = vec![subject].into();
        self.shared.ledger.append(&entry).await?;
        Ok(())
    }

    /// Records that a browser brought cookies of the CRM's that are not this person's, once in a
    /// while: browsers send them with each image of a page.
    pub(super) async fn foreign_cookies(&self, names: &[&str]) -> Result<(), Failure> {
        let key = format!("cookie {}", self.client);
        let Some(times) = self.shared.seldom.due(&key, self.shared.clock.now()) else {
            return Ok(());
        };
        let mut entry = self.entry(Kind::Denied, "cookie-foreign");
        let touched = names
            .iter()
            .map(|name| Touched::class(cookie_label(name), "drop", times));
        entry.fields = touched.collect();
        self.shared.ledger.append(&entry).await?;
        Ok(())
    }

    /// Records how an exchange ended, where it was refused. What cannot be recorded is refused all
    /// the same; the answer then tells of the ledger.
    pub(super) async fn conclude<T>(&self, outcome: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(Failure::Refused(refusal)) = &outcome {
            self.refused(refusal).await?;
        }
        outcome
    }

    /// Records what was refused.
    pub(super) async fn refused(&self, refusal: &Refusal) -> Result<(), Failure> {
        let mut entry = self.entry(Kind::Refused, refusal.code.name());
        let touched = |found| Touched {
            field: refusal.field.as_deref().unwrap_or_default().into(),
            ..Touched::class(found, "refuse", 1)
        };
        entry.fields = match &refusal.field {
            Some(_) if refusal.found.is_empty() => vec![touched("")],
            Some(_) => refusal.found.iter().copied().map(touched).collect(),
            None => vec![],
        };
        self.shared.ledger.append(&entry).await?;
        Ok(())
    }
}

/// An entry with what was revealed.
pub(super) fn revealing<'e>(
    mut entry: Entry<'e>,
    revealed: &'e Revealed<'_>,
    records: usize,
) -> Entry<'e> {
    let classes = revealed.classes.iter();
    entry.fields = classes
        .map(|(class, count)| Touched::class(*class, "reveal", *count as u64))
        .collect();
    entry.records = records as u64;
    entry.subjects = revealed.subjects.as_slice().into();
    entry
}

/// A cookie's name as the ledger takes it: names of cookies may have signs that its words do not.
fn cookie_label(name: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_ascii_alphanumeric() || "_-.".contains(c) => c,
        _ => '_',
    };
    format!("cookie.{}", name.chars().map(plain).collect::<String>())
}

/// Which fields a request touches, by what is done to them.
pub(super) fn touched<'p>(
    rules: &'p Rules,
    (written, noticed): (impl Iterator<Item = &'p FieldPlan>, &[Noticed<'p>]),
    tally: &mut Tally,
) -> Vec<Touched<'p>> {
    let mut counts: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    for field in written {
        match field.rule {
            Rule::Tokenize { .. } | Rule::Encrypt => tally.protected += 1,
            Rule::Strip | Rule::Generalize(_) | Rule::Hold => tally.withheld += 1,
            Rule::Pass | Rule::Derived | Rule::Block => {}
        }
        let class = field.class.map(|class| rules.plan.class(class));
        tally.special |= class.is_some_and(|class| class.special);
        let class = class.map_or("", |class| class.name.as_str());
        *counts
            .entry((field.label.as_str(), class, field.rule.name()))
            .or_default() += 1;
    }
    for noticed in noticed {
        let key = (noticed.field.label.as_str(), noticed.what, noticed.action);
        *counts.entry(key).or_default() += noticed.count as u64;
        tally.special |= noticed.what != IDENTIFIER;
    }
    let touched = counts
        .into_iter()
        .map(|((field, class, action), count)| Touched {
            field: field.into(),
            class: class.into(),
            action: action.into(),
            count,
        });
    touched.collect()
}
