//! The way out: which value of a request is which field, what becomes of it, and the request that
//! may leave.
//!
//! [`survey`] reads the whole request against the plan and refuses what has no rule; it yields the
//! [`Needs`] that the vault answers. [`Survey::protect`] then makes [`Cleared`], which nothing else
//! can construct, and the [`Rows`] that must be durable before it is sent.

mod analytics;
mod aura;
mod bulk;
mod chatter;
mod coach;
mod convert;
mod events;
pub mod file;
mod graphql;
mod needs;
mod pages;
mod query;
mod record;
mod resolve;
mod rewrite;
mod scan;
mod soap;
mod subject;
mod survey;
mod texts;
mod ui;
mod value;
mod values;
mod weave;
mod web_form;

pub use bulk::{
    Batch, LIST, Listed, Portion, Sheet, batch_request, broken, head, ids, job, list, look_at,
    mark, protect_batch, question, records, written_state,
};
pub use events::protect_events;
pub use graphql::GraphKey;
pub use needs::{
    Found, Known, KnownValue, Needs, NewHeld, NewQuarantined, NewToken, Owner, RecordRef, Reused,
    Rows, Standing, StandingValue, SubjectOf, Term,
};
pub use pages::{PageSurvey, survey_page};
pub use query::{Alias, explain};
pub use rewrite::{Failure, Protected, describe, look, versions};
pub use scan::placeholder;
pub use survey::{Survey, survey};
pub use values::{By, IDENTIFIER, Noticed, Written};
pub use weave::known_classes;
pub use web_form::read_form;

#[cfg(test)]
mod tests;
