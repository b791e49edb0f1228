//! Counters, gauges and histograms, in the OpenMetrics text format. Labels are closed sets of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::model::Timestamp;
use crate::telemetry::access::{Account, Outcome, route};

/// All metrics of the process. Shared by all threads; every method is lock-free or nearly so.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    exchanges: Family<Exchange, Counter>,
    refusals: Family<Refusal, Counter>,
    values: Family<Value, Counter>,
    latency: Family<Route, Histogram, fn() -> Histogram>,
    connections: Gauge,
    shed: Family<Reason, Counter>,
    reload: Gauge,
    reload_time: Gauge,
    certificate: Gauge,
    findings: Family<Finding, Gauge>,
    policy_version: Gauge,
    policy_findings: Family<Finding, Gauge>,
    /// Codes of findings that there were.
    seen: Mutex<Seen>,
}

/// Codes that were found once: each is told as 0 from then on.
#[derive(Debug, Default)]
struct Seen {
    crm: BTreeSet<&'static str>,
    policy: BTreeSet<&'static str>,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Finding {
    code: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Exchange {
    outcome: &'static str,
    route: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Refusal {
    code: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Value {
    treatment: Treatment,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Route {
    route: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Reason {
    reason: Shed,
}

/// What became of a value.
#[derive(Clone, Copy, Debug, EncodeLabelValue, Eq, Hash, PartialEq)]
pub enum Treatment {
    Protected,
    Revealed,
    Masked,
    Withheld,
}

/// Why a connection was not served.
#[derive(Clone, Copy, Debug, EncodeLabelValue, Eq, Hash, PartialEq)]
pub enum Shed {
    /// Too many connections, of all or of one source.
    Full,
    /// The TLS handshake failed or took too long.
    Handshake,
    /// No file descriptor was left.
    Accept,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("sluis"),
            exchanges: Family::default(),
            refusals: Family::default(),
            values: Family::default(),
            latency: Family::new_with_constructor(seconds),
            connections: Gauge::default(),
            shed: Family::default(),
            reload: Gauge::default(),
            reload_time: Gauge::default(),
            certificate: Gauge::default(),
            findings: Family::default(),
            policy_version: Gauge::default(),
            policy_findings: Family::default(),
            seen: Mutex::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let all = &mut self.registry;
        let exchanges = self.exchanges.clone();
        all.register("exchanges", "Exchanges by outcome and route", exchanges);
        let refusals = self.refusals.clone();
        all.register("refusals", "Refused exchanges by rule", refusals);
        all.register("values", "Values by treatment", self.values.clone());
        all.register_with_unit(
            "exchange_duration",
            "From the end of the head to the answer",
            Unit::Seconds,
            self.latency.clone(),
        );
        let open = self.connections.clone();
        all.register("connections", "Open connections of clients", open);
        all.register(
            "connections_shed",
            "Connections that were not served",
            self.shed.clone(),
        );
        all.register(
            "config_last_reload_successful",
            "1 when the last reload took effect, 0 when it was refused",
            self.reload.clone(),
        );
        all.register_with_unit(
            "config_last_reload_success_timestamp",
            "When settings last took effect, since 1970",
            Unit::Seconds,
            self.reload_time.clone(),
        );
        all.register_with_unit(
            "certificate_expiry_timestamp",
            "When our certificate ends, since 1970",
            Unit::Seconds,
            self.certificate.clone(),
        );
        all.register(
            "findings",
            "What is not in the CRM as the policy relies on, by rule",
            self.findings.clone(),
        );
        all.register(
            "policy_version",
            "The version of the policy in force, where the store of versions is its source",
            self.policy_version.clone(),
        );
        all.register(
            "policy_findings",
            "What is not as it should be with store and file of the policy, by code",
            self.policy_findings.clone(),
        );
    }

    /// The version of the policy in force, and what was found about its store and its file.
    pub fn policy(&self, version: u64, codes: impl Iterator<Item = &'static str>) {
        self.policy_version.set(version.cast_signed());
        let mut counts: BTreeMap<&'static str, i64> = BTreeMap::new();
        for code in codes {
            *counts.entry(code).or_default() += 1;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.policy.extend(counts.keys().copied());
        for code in seen.policy.iter().copied() {
            let count = counts.get(code).copied().unwrap_or_default();
            self.policy_findings
                .get_or_create(&Finding { code })
                .set(count);
        }
    }

    /// Findings as they are now, each by its code: those that are no more are 0.
    pub fn findings(&self, codes: impl Iterator<Item = &'static str>) {
        let mut counts: BTreeMap<&'static str, i64> = BTreeMap::new();
        for code in codes {
            *counts.entry(code).or_default() += 1;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.crm.extend(counts.keys().copied());
        for code in seen.crm.iter().copied() {
            let count = counts.get(code).copied().unwrap_or_default();
            self.findings.get_or_create(&Finding { code }).set(count);
        }
    }

    /// Counts one ended exchange; `access` calls it.
    pub(super) fn exchange(&self, outcome: Outcome, elapsed: Duration, account: &Account) {
        let route = route(account);
        let outcome = outcome.name();
        self.exchanges
            .get_or_create(&Exchange { outcome, route })
            .inc();
        self.latency
            .get_or_create(&Route { route })
            .observe(elapsed.as_secs_f64());
        if let Some(code) = account.refusal {
            let code = code.name();
            self.refusals.get_or_create(&Refusal { code }).inc();
        }
        self.values(Treatment::Protected, account.protected);
        self.values(Treatment::Revealed, account.revealed);
        self.values(Treatment::Masked, account.masked);
        self.values(Treatment::Withheld, account.withheld);
    }

    fn values(&self, treatment: Treatment, count: u32) {
        if count > 0 {
            self.values
                .get_or_create(&Value { treatment })
                .inc_by(u64::from(count));
        }
    }

    pub fn connection_opened(&self) {
        self.connections.inc();
    }

    pub fn connection_closed(&self) {
        self.connections.dec();
    }

    pub fn connection_shed(&self, reason: Shed) {
        self.shed.get_or_create(&Reason { reason }).inc();
    }

    /// Says how a reload, or the first load, went.
    pub fn reloaded(&self, success: bool, now: Timestamp) {
        self.reload.set(i64::from(success));
        if success {
            self.reload_time.set(now.seconds());
        }
    }

    pub fn certificate_expires(&self, at: Timestamp) {
        self.certificate.set(at.seconds());
    }

    /// When our certificate ends.
    #[must_use]
    pub fn certificate_end(&self) -> Timestamp {
        Timestamp(self.certificate.get().saturating_mul(1000))
    }

    /// Whether the last reload took effect.
    #[must_use]
    pub fn is_reloaded(&self) -> bool {
        self.reload.get() == 1
    }

    /// The OpenMetrics text format.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail; a half page would still be no valid exposition.
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text
    }
}

/// From what a cached record takes to what a person waits for.
fn seconds() -> Histogram {
    Histogram::new([
        0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Code;

    #[test]
    fn an_exchange_counts_under_its_route_rule_and_treatments() {
        let metrics = Metrics::new();
        let account = Account {
            route: "salesforce.record",
            refusal: Some(Code::PolicyBlocked),
            protected: 2,
            ..Account::default()
        };
        metrics.exchange(Outcome::Refused, Duration::from_millis(3), &account);
        let text = metrics.encode();
        for line in [
            "sluis_exchanges_total{outcome=\"refused\",route=\"salesforce.record\"} 1",
            "sluis_refusals_total{code=\"policy-blocked\"} 1",
            "sluis_values_total{treatment=\"Protected\"} 2",
            "sluis_exchange_duration_seconds_count{route=\"salesforce.record\"} 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(!text.contains("Revealed"), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn a_refused_reload_shows_and_keeps_the_time_of_the_last_good_one() {
        let metrics = Metrics::new();
        metrics.reloaded(true, Timestamp(5_000));
        metrics.reloaded(false, Timestamp(9_000));
        let text = metrics.encode();
        assert!(
            text.contains("sluis_config_last_reload_successful 0"),
            "{text}"
        );
        assert!(text.contains("success_timestamp_seconds 5"), "{text}");
    }
}
