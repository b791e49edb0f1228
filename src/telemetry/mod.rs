//! Logs and metrics: what happened, how often and how long it took; never a value.
//!
//! What it is for: one access line an exchange, typed metrics, and a panic hook that keeps values
//! out. What it never does: see a body, a target, a header or a token; route names, client names
//! and counts are all that its types can carry.
//!
//! Read first: [`Account`] (what a handler says about its exchange), [`Metrics`], [`init`].

mod access;
mod json_line;
mod lines;
mod logs;
mod metrics;

pub use access::{Access, Account, Outcome, access};
pub use lines::{Gathering, flush, gather};
pub use logs::{Error, Format, init, install_panic_hook, subscriber};
pub use metrics::{Metrics, Shed, Treatment};
