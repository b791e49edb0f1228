//! A sample of the last day's exchanges, kept sealed on this node, so that people see what a policy
//! would have done to them before it comes into force.
//!
//! It is a sample: of each kind of request of each client a few a minute, none above a size. Each
//! hour has a key of its own, wrapped by the key ring, and is gone with it after a day. It never
//! holds up an exchange: what the thread that writes cannot take at once is left out. Nothing that
//! was kept is shown to anybody; what comes out of it are names and counts ([`Replay`]).
//!
//! Read first: [`Tape`] (keeps and plays), [`Exchange`] (what is kept), [`Effect`] (what comes of it).

mod exchange;
mod pace;
mod tape;
#[cfg(test)]
mod tests;
mod told;

pub use exchange::{Answered, Exchange};
pub use tape::Tape;
pub use told::{Count, Effect, Replay, What};

use crate::keys;
use crate::model::NoEntropy;
use crate::store;

/// Why exchanges cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Keys(#[from] keys::Error),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error("an exchange cannot be written or read as JSON")]
    Encoding(#[from] serde_json::Error),
    #[error("what was kept cannot be taken away")]
    Remove(#[source] std::io::Error),
    #[error("somebody tries a policy on them just now; try again when that is over")]
    Busy,
    #[error("the thread that keeps exchanges ended")]
    Stopped,
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        Self::Store(source.into())
    }
}
