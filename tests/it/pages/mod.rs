//! A generic CRM behind the border, described by a policy file alone.
#![expect(clippy::unwrap_used, reason = "a test's own servers and set-up")]

mod acts;
mod attacks;
mod cookies;
mod crm;
mod doors;
mod files;
mod hosts;
mod house;
mod learn;
mod logs;
mod people;
mod provider;
mod sockets;
mod special;
mod step_up;
