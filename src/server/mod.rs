//! Sockets and framing: TLS, HTTP/1.1 and HTTP/2 towards the clients, limits, drain, operations.
//!
//! What it is for: to hand every request to a [`Handler`] only after its framing, its host, its
//! target and its header fields were found to be in the one form that cannot be read in two ways.
//! What it never does: repair a request, know a person or a policy, talk to the CRM, keep a body.
//!
//! Every worker is a thread with its own single-threaded runtime and its own listener on the same
//! port (`SO_REUSEPORT`), so a handler and its futures need not be `Send`. HTTP/1.1 is read by our
//! own strict reader ([`h1`]): hyper drops `Content-Length` when `Transfer-Encoding` is there too
//! (`hyper/src/proto/h1/role.rs`, `Server::parse`), and what has been dropped cannot be refused.
//! HTTP/2 is hyper's, with the same checks behind it.
//!
//! Read first: [`Settings`], [`Handler`] with [`Accepted`], [`run`] with [`Running`], and
//! [`framing::check`], which decides what is a request.

mod admission;
mod answer;
mod body;
#[cfg(not(fuzzing))]
mod border;
mod budget;
#[cfg(not(fuzzing))]
mod bulk;
#[cfg(not(fuzzing))]
mod cometd;
#[cfg(not(fuzzing))]
mod console;
mod date;
mod error;
mod exchange;
#[cfg(not(fuzzing))]
mod export;
pub mod framing;
mod h1;
mod h2;
pub mod headers;
#[cfg(not(fuzzing))]
mod oauth;
mod ops;
#[cfg(not(fuzzing))]
mod outbound;
pub mod respond;
mod run;
mod settings;
mod shared;
#[cfg(not(fuzzing))]
mod soap;
mod tls;
mod tunnel;
#[cfg(not(fuzzing))]
mod web_form;
#[cfg(not(fuzzing))]
mod who;
mod worker;

#[cfg(test)]
mod tests;

pub use body::{BodyError, BodyReader};
#[cfg(not(fuzzing))]
pub use border::Border;
#[cfg(not(fuzzing))]
pub use console::Desk;
pub use error::Error;
pub use exchange::{Accepted, Body, ExchangeId, Handler, Peer, Protocol};
pub use framing::Target;
pub use h1::read_one;
pub use ops::Check;
pub use run::{Control, Environment, Running, run};
pub use settings::{Limits, Settings, TlsFiles};
pub use tls::check_certificate;
pub use tunnel::{Ends, Tunnel};
