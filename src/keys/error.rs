//! What can be wrong with a key. No message holds a key, a passphrase or a wrapped value.

use std::io;
use std::path::PathBuf;

use crate::model::NoEntropy;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the key file {} cannot be read or written", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the key file {} exists already; it is never written over", .0.display())]
    Exists(PathBuf),
    #[error("the key file {} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    #[error("the key file {} is a link that leads out of its folder", .0.display())]
    Link(PathBuf),
    #[error("others can read or write the key file {}; run: chmod 600 {}", .0.display(), .0.display())]
    Mode(PathBuf),
    #[error("the key file is not of the format sluis-key-1: {0}")]
    Format(&'static str),
    #[error("a key has 32 bytes, this one has not")]
    Length,
    #[error("the key is not random: {0}; make one with `sluis init` in an empty folder")]
    Weak(&'static str),
    #[error("the key file is wrapped by a passphrase and none was given")]
    PassphraseMissing,
    #[error("a passphrase was given, but the key file is not wrapped by one")]
    PassphraseUnused,
    #[error("the passphrase is weak: {0}")]
    PassphraseWeak(&'static str),
    #[error("the passphrase is wrong or the key file is damaged")]
    PassphraseWrong,
    #[error("what was wrapped is damaged or stands where it does not belong")]
    Unopened,
    #[error("what was wrapped is of no known version")]
    Version,
    #[error("what was wrapped needs another key-encryption key than this ring holds")]
    ForeignKey,
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    #[error("the cryptographic library failed: {0}")]
    Library(&'static str),
}
