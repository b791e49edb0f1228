//! Free text through the border: what is refused, replaced, kept or let through, and that nothing
//! of it reaches the CRM, a log or a file.
//!
//! Read first: [`house::House`].

mod block;
mod command;
mod doors;
mod house;
mod identifiers;
mod quarantine;
mod replaced;
