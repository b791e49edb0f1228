//! A generic CRM behind the border, described by a policy file alone.
#![expect(clippy::unwrap_used, reason = "a test's own servers and set-up")]

mod acts;
mod attacks;
mod crm;
mod hosts;
mod house;
mod learn;
mod sockets;
mod special;
