//! One exchange, from permit to answer.
//!
//! [`Proxy::exchange`] reads top to bottom: resolve, read, plan, load, protect, make durable,
//! record, forward, reveal, record. Anything that fails before "forward" ends the exchange without
//! a byte to the CRM. Nothing here decides by itself: policy says what happens to a field, the
//! gate who is asking, the dialect what a request means.
//!
//! Read first: [`Proxy`], [`Rules`], [`Failure`].

mod body;
mod describe;
mod exchange;
mod inwards;
mod outwards;
mod page;
mod people;
mod quarantine;
mod record;
mod rows;
mod rules;
mod settle;
pub mod soap;

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::ledger::Ledger;
use crate::model::{Clock, Entropy, Refusal};
use crate::protect::outward;
use crate::vault::Vault;
use crate::{ledger, upstream, vault, wire};

pub use describe::Descriptions;
pub use exchange::{Incoming, Reply};
pub use page::Visit;
pub use quarantine::{Decision, Listed, Said, Shown};
pub use record::Tally;
pub use rules::Rules;

/// What all workers share.
pub struct Shared {
    /// The policy in force. An exchange works with the one it began with.
    pub rules: ArcSwap<Rules>,
    pub vault: Vault,
    pub ledger: Ledger,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub descriptions: Descriptions,
    /// The CRM's authority and ours: the first never reaches a client.
    pub crm_authority: String,
}

/// The proxy of one worker.
pub struct Proxy {
    shared: Arc<Shared>,
    upstream: upstream::Client,
}

impl Proxy {
    #[must_use]
    pub fn new(shared: Arc<Shared>, upstream: upstream::Client) -> Self {
        Self { shared, upstream }
    }
}

/// Why an exchange has no answer of the CRM's.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the vault failed")]
    Vault(#[from] vault::Error),
    #[error("the ledger failed")]
    Ledger(#[from] ledger::Error),
    #[error("the CRM failed")]
    Upstream(#[from] upstream::Error),
    #[error("the CRM's answer is not strictly of its format")]
    Answer(#[source] wire::Error),
    #[error("protection failed")]
    Protection(#[source] outward::Failure),
    #[error("too many exchanges at once for one value")]
    Contended,
}

/// Who could not do their part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Party {
    /// Our own stores: try again later.
    Stores,
    Crm,
    /// The CRM, by not answering in time.
    LateCrm,
    /// Us, by a mistake.
    Border,
}

impl Failure {
    /// Who could not do their part, for the answer's status.
    #[must_use]
    pub fn party(&self) -> Party {
        match self {
            Self::Upstream(upstream::Error::Late) => Party::LateCrm,
            Self::Upstream(_) | Self::Answer(_) => Party::Crm,
            Self::Vault(_) | Self::Ledger(_) | Self::Contended => Party::Stores,
            Self::Refused(_) | Self::Protection(_) => Party::Border,
        }
    }
}

impl From<outward::Failure> for Failure {
    fn from(failure: outward::Failure) -> Self {
        match failure {
            outward::Failure::Refused(refusal) => Self::Refused(refusal),
            outward::Failure::Failed(_) | outward::Failure::Incomplete => Self::Protection(failure),
        }
    }
}
