//! The access line: one an exchange, and nothing in it that came with the request.

use std::borrow::Cow;
use std::time::Duration;

use crate::model::Code;
use crate::telemetry::metrics::Metrics;

/// What a handler knows about its exchange. It goes into the extensions of the answer.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Account {
    /// The client or the person, once known, as the ledger calls them: never a name with an `@`.
    pub client: Option<String>,
    /// The name of the route, `salesforce.query`; empty where none was found. A name of ours, so
    /// that neither a log nor a label can hold a target.
    pub route: &'static str,
    /// The rule that refused the exchange.
    pub refusal: Option<Code>,
    pub protected: u32,
    pub revealed: u32,
    pub masked: u32,
    /// Values taken out, generalized or held back on the way out.
    pub withheld: u32,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    Answered,
    /// A rule refused it: an account with a refusal, or any other answer of 4xx.
    Refused,
    /// It is not a request that can be read in one way; no handler saw it.
    Unreadable,
    /// An answer of 5xx: ours or the CRM's fault.
    Failed,
    Panicked,
}

impl Outcome {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
        }
    }
}

/// One ended exchange.
#[derive(Debug)]
pub struct Access<'a> {
    pub exchange: &'a str,
    /// One of the methods that framing knows, or `-`.
    pub method: &'a str,
    pub status: u16,
    pub outcome: Outcome,
    pub elapsed: Duration,
    pub account: &'a Account,
}

/// Writes the access line and counts the exchange.
pub fn access(line: &Access<'_>, metrics: &Metrics) {
    metrics.exchange(line.outcome, line.elapsed, line.account);
    let account = line.account;
    let client = account.client.as_deref().map_or(Cow::Borrowed("-"), escape);
    tracing::info!(
        target: "sluis::access",
        method = line.method,
        exchange.id = line.exchange,
        client = &*client,
        route = route(account),
        status = line.status,
        outcome = line.outcome.name(),
        refusal = account.refusal.map_or("-", Code::name),
        protected = account.protected,
        revealed = account.revealed,
        masked = account.masked,
        withheld = account.withheld,
        micros = u64::try_from(line.elapsed.as_micros()).unwrap_or(u64::MAX),
        "exchange"
    );
}

pub(super) fn route(account: &Account) -> &'static str {
    match account.route {
        "" => "none",
        route => route,
    }
}

/// A name as one word on one line: a control character could forge a line or drive a terminal.
fn escape(name: &str) -> Cow<'_, str> {
    if name.chars().any(char::is_control) {
        Cow::Owned(name.escape_debug().to_string())
    } else {
        Cow::Borrowed(name)
    }
}
