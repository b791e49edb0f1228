//! What the console is given of the house that it looks after.

use std::sync::Arc;

use crate::ledger::Report;
use crate::model::Timestamp;
use crate::policy::{Finding, Plan, TableField};
use crate::replay::Replay;
use crate::review::{Bench, Review, Standing};

/// The running border, as far as the console may see it: states, names and counts, and no value. The
/// application has one, and tests have one.
pub trait House: Send + Sync {
    /// The policy in force.
    fn plan(&self) -> Arc<Plan>;

    /// The text of the policy in force.
    ///
    /// # Errors
    /// When it cannot be had, because the file has another by now; the text says why.
    fn text(&self) -> Result<String, String>;

    /// The store of drafts and versions, where policies come from it.
    fn review(&self) -> Option<&Review>;

    /// What drafts are tried against; none where the fields cannot be read.
    fn bench(&self) -> Option<Bench>;

    /// How the policy in force stands towards the store.
    fn standing(&self) -> Arc<Standing>;

    /// Fields of an object that the CRM has, as we know them.
    fn fields(&self, object: &str) -> Vec<TableField>;

    /// How it stands with its parts.
    fn health(&self) -> Health;

    /// What a policy would have done to the exchanges of the last day.
    ///
    /// # Errors
    /// When it cannot be tried on them.
    fn try_on_kept(&self, draft: Plan) -> Result<Replay, NotTried>;

    /// Walks the whole ledger and holds it to its MACs.
    ///
    /// # Errors
    /// When it cannot be walked; the text says why.
    fn verify(&self) -> Result<Report, String>;

    /// Where people enrol who are to come through the border: `crm.example.eu:8443`.
    fn border_host(&self) -> String;
}

/// Why a policy cannot be tried on exchanges.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotTried {
    /// None are kept.
    Off,
    /// Somebody else tries one just now.
    Busy,
    /// It has paths or lists of words that the policy in force has not.
    Words,
    /// The log has its cause.
    Failed,
}

/// How it stands with the parts of the house.
#[derive(Clone, Debug)]
pub struct Health {
    /// What `/readyz` asks, by name.
    pub checks: Vec<(&'static str, bool)>,
    /// When the certificates of border and console end.
    pub certificates: [Timestamp; 2],
    /// The id of the key-encryption key: of its file, never the key.
    pub key: String,
    /// Whether the last reload took effect.
    pub reloaded: bool,
    pub subjects: u64,
    pub tokens: u64,
    /// Texts in quarantine that wait for people.
    pub pending: u64,
    /// What the last look at the CRM has found.
    pub found: Vec<Finding>,
}
