//! The one HTTP client towards the CRM.
//!
//! It goes to the configured origins and nowhere else, follows no redirect, verifies TLS with no
//! way to switch that off, and takes no body but a cleared one. It sends a request once: only what
//! never left may be sent again.
//!
//! Read first: [`Client`], [`Settings`], [`Sessions`].

mod answer;
mod aura;
mod blob;
mod body;
mod client;
mod cometd;
mod deliver;
mod export;
mod form;
mod pool;
mod resolve;
mod session;
mod settings;
mod soap;
mod socket;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Opened};
pub use body::Sink;
pub use client::{Carried, Client, Credentials};
pub use deliver::{Receiver, Receiving};
pub use form::Submitted;
pub use session::{Credential, Sessions};
pub use settings::{Forms, Host, Settings};
pub use socket::Socket;

/// Why the CRM did not answer. None of these tells what was sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the certificates to trust for the CRM could not be read: {0}")]
    Trust(String),
    #[error("the CRM's address is not an https origin: {0}")]
    Origin(&'static str),
    #[error("the request could not be written")]
    Request(#[source] http::Error),
    #[error("the CRM could not be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the CRM did not answer in time")]
    Late,
    #[error("the CRM's answer broke off")]
    Broken(#[source] hyper::Error),
    #[error("the CRM's answer is larger than the limit")]
    TooLarge,
    #[error("the CRM's answer is coded in a way that cannot be read")]
    Coding(#[from] crate::wire::coding::Error),
    #[error("the CRM answered in a form that is not expected: {0}")]
    Unexpected(&'static str),
    #[error("the CRM did not accept the proxy's own credential")]
    Session,
}
