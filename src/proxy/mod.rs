//! One exchange, from permit to answer.
//!
//! [`Proxy::exchange`] reads top to bottom: resolve, read, plan, load, protect, make durable,
//! record, forward, reveal, record. Anything that fails before "forward" ends the exchange without
//! a byte to the CRM. Nothing here decides by itself: policy says what happens to a field, the
//! gate who is asking, the dialect what a request means.
//!
//! Read first: [`Proxy`], [`Rules`], [`Failure`].

mod aura;
mod blob;
mod body;
mod bulk;
mod cometd;
mod convert;
mod cookies;
mod crm_name;
mod describe;
mod download;
mod drift;
mod exchange;
mod export;
mod giving;
mod inwards;
pub mod outbound;
mod outwards;
mod page;
mod people;
mod quarantine;
mod record;
mod replay;
mod rows;
mod rules;
mod sealing;
mod settle;
mod sign_ins;
pub mod soap;
mod socket;
mod spool;
mod standing;
mod stream;
mod upload;
pub mod web_form;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;

use crate::dialect::salesforce::web_form::Setup;
use crate::ledger::{Ledger, Seldom};
use crate::model::{Clock, Entropy, NoEntropy, Refusal};
use crate::protect::{CookieKey, outward};
use crate::replay::Tape;
use crate::telemetry::Metrics;
use crate::vault::Vault;
use crate::wire::hosts::Hosts;
use crate::{ledger, upstream, vault, wire};

pub use blob::{Beginning, Upload as BlobUpload};
pub use bulk::Gone;
pub use cometd::{Poll, Polled, Polls};
pub use crm_name::CrmName;
pub use describe::Descriptions;
pub use drift::{Kept, Look};
pub use exchange::{Content, Incoming, Reply};
pub use giving::Readers;
pub use page::{Payload, Visit};
pub use quarantine::{Decision, Listed, Said, Shown};
pub use record::Tally;
pub use replay::NotTried;
pub use rules::Rules;
pub use sign_ins::Recorder;
pub use socket::Opened;
pub use spool::Spools;
pub use standing::Standing;
pub use stream::{Over, Part, Stream};
pub use upload::Upload;

/// What all workers share.
pub struct Shared {
    /// The policy in force. An exchange works with the one it began with.
    pub rules: ArcSwap<Rules>,
    pub vault: Vault,
    pub ledger: Ledger,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub descriptions: Descriptions,
    pub metrics: Arc<Metrics>,
    /// Binds the CRM's cookies to whoever got them.
    pub cookies: CookieKey,
    /// Taken by whoever puts the gate's events into the ledger.
    pub recording: tokio::sync::Mutex<()>,
    /// What was recorded lately and is not to fill the ledger.
    pub seldom: Seldom,
    /// Where files wait until their form is whole.
    pub spools: Spools,
    /// Places for those who read files.
    pub readers: Readers,
    /// How many wait for events.
    pub polls: Polls,
    /// Keeps a sample of exchanges, where drafts are to be tried on them.
    pub tape: Option<Tape>,
    /// Visitors' forms, where the configuration takes them.
    pub forms: Option<Setup>,
    /// It never reaches a client.
    pub crm_name: CrmName,
}

/// The proxy of one worker.
pub struct Proxy {
    shared: Arc<Shared>,
    upstream: upstream::Client,
    /// For each name of ours by which a browser asks, what becomes of the CRM's names.
    hosts: Mutex<HashMap<String, Arc<Hosts>>>,
}

impl Proxy {
    #[must_use]
    pub fn new(shared: Arc<Shared>, upstream: upstream::Client) -> Self {
        Self {
            shared,
            upstream,
            hosts: Mutex::default(),
        }
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
    #[error("the program that an outbound message is for failed")]
    Delivery(#[source] upstream::Error),
    #[error("the CRM's answer is not strictly of its format")]
    Answer(#[source] wire::Error),
    #[error("protection failed")]
    Protection(#[source] outward::Failure),
    #[error("a file could not be put aside")]
    Spool(#[source] std::io::Error),
    #[error("too many exchanges at once for one value")]
    Contended,
    #[error("too many files are being read at once")]
    Crowded,
    #[error("another policy came into force while a form was read")]
    PolicyChanged,
    /// The log has its cause.
    #[error("the gate failed")]
    Gate,
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
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
            Self::Upstream(upstream::Error::Late) | Self::Delivery(upstream::Error::Late) => {
                Party::LateCrm
            }
            Self::Upstream(_) | Self::Delivery(_) | Self::Answer(_) => Party::Crm,
            Self::Vault(_)
            | Self::Ledger(_)
            | Self::Spool(_)
            | Self::Contended
            | Self::Crowded
            | Self::PolicyChanged
            | Self::Gate => Party::Stores,
            Self::Refused(_) | Self::Protection(_) | Self::NoEntropy(_) => Party::Border,
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
