//! The nouns that every part shares. Values only: no input or output, no behaviour beyond parsing.
//!
//! Read first: [`Secret`] and [`Personal`] (what must never be printed), [`Clock`] and [`Entropy`]
//! (time and randomness are parameters), [`Refusal`] (why something may not pass).

mod field_list;
mod record;
mod refusal;
mod secret;
mod time;

pub use field_list::{FieldList, NoFieldList};
pub use record::RecordId;
pub use refusal::{Code, Refusal};
pub use secret::{Personal, Secret};
pub use time::{Clock, Entropy, NoEntropy, Timestamp};
