//! The border in operation: broken ledgers, kills, reloads, drains and a CRM that misbehaves.
//!
//! Most cases run the real binary, `sluis serve`, against a CRM of the test's own; where a time
//! limit must be short the border runs in this process. No case looks into the border: it asks
//! what a client, the CRM, the operator's pages, the log and the files show.
//!
//! Read first: [`house::House`], [`crm::FakeCrm`], [`process::Process`].
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; what they cannot have fails the test"
)]

mod bulk;
mod certificates;
mod credentials;
mod crm;
mod drain;
mod drift;
mod durability;
mod events;
mod exports;
mod faults;
mod files;
mod hosts;
pub mod house;
mod ledger;
mod memory;
mod outbound;
mod process;
mod quarantine;
mod readiness;
mod reload;
mod trust;
mod upstream;
mod versions;
mod web_forms;
