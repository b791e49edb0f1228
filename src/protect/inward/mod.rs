//! The way in: tokens of an answer become values for those who may see them, and what has no rule
//! is masked.
//!
//! [`read`], or [`read_soap`], walks the answer once and notes [`Reading`] what stands where: tokens, held values,
//! fields without a rule, record ids. The vault is asked in one batch. [`Reading::reveal`] then
//! copies the answer range by range and puts values in their places, encoded for JSON or XML.
//!
//! Whether a token is revealed is a decision about who asks and the class of its value, never
//! about where the token stands now. A value that may not be seen stays a token: that is its mask.

mod analytics;
mod aura;
mod chatter;
mod clear;
mod events;
mod frame;
mod graph;
mod outbound;
mod pages;
mod read;
mod reveal;
mod soap;
mod table;
mod tree;
mod ui;
mod view;

pub use analytics::Labels;
pub use outbound::read_notifications;
pub use pages::{Form, Page};
pub use read::{Answer, Part, Reading, Saved, Shape, read};
pub use reveal::{HeldValue, Revealed, StoredValue};
pub use soap::{Outcome, read_batch, read_soap};
pub use table::{Rows, Table};
pub use view::Viewer;

#[cfg(test)]
mod analytics_tests;
#[cfg(test)]
mod aura_tests;
#[cfg(test)]
mod chatter_tests;
#[cfg(test)]
mod events_tests;
#[cfg(test)]
mod soap_tests;
#[cfg(test)]
mod tests;
