//! SQLite: how a database is opened, written by one thread, read by many, and locked to one server.
//!
//! Generic: no word of vault, gate or ledger stands here. It never retries a write, never answers a
//! submitter before its transaction is on disk, and never opens a file that others may read.
//!
//! Read first: [`open`] (what every database is held to), [`Writer`] (group commit), [`Readers`].

mod files;
mod folder;
mod lock;
mod open;
mod readers;
mod replies;
mod writer;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

pub use folder::make_folder;
pub use lock::{Lock, lock};
pub use open::{Log, Schema, open, scrub};
pub use readers::Readers;
pub use replies::keep_desk;
pub use writer::{State, Writer};

/// Why a database cannot be used. `Clone`, because one failed commit fails all of its submitters.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("the database failed: {0}")]
    Database(#[source] Arc<rusqlite::Error>),
    #[error("cannot use {path}: {source}")]
    File {
        path: PathBuf,
        #[source]
        source: Arc<io::Error>,
    },
    #[error("{0} may be read by others than its owner; run `chmod 600` on it")]
    Exposed(PathBuf),
    #[error("{0} is the database of something else")]
    Foreign(PathBuf),
    #[error("{path} has schema {found}, this program knows {known}: it was written by a newer one")]
    Newer {
        path: PathBuf,
        found: usize,
        known: usize,
    },
    #[error("{0} is damaged (quick_check); restore it from a backup")]
    Damaged(PathBuf),
    #[error("the data folder is in use by another server{}", .0.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Locked(Option<u32>),
    #[error(
        "{0} was replaced or taken away under the running server; stop it and put the file back"
    )]
    Replaced(PathBuf),
    #[error("a reader holds the write-ahead log; what was deleted may still stand in it")]
    Unscrubbed,
    #[error("the transaction was rolled back for the failure of another write; is the disk full?")]
    Undone,
    #[error("somebody else has written to the database; nothing was added to it")]
    Overtaken,
    #[error("a database task ended without an answer")]
    Stopped,
}

impl From<rusqlite::Error> for Error {
    fn from(source: rusqlite::Error) -> Self {
        Self::Database(Arc::new(source))
    }
}

impl Error {
    fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File {
            path: path.into(),
            source: Arc::new(source),
        }
    }
}
