//! What can go wrong before the first request: sockets, files and certificates.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the server does not start, or why a reload keeps what was in force.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("cannot start a worker")]
    Worker(#[source] io::Error),
    #[error("cannot read {path}")]
    File {
        path: PathBuf,
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    #[error("{path} holds no certificate")]
    NoCertificate { path: PathBuf },
    #[error("the certificate in {path} cannot be read as X.509")]
    CertificateMalformed { path: PathBuf },
    #[error("the certificate in {path} is not valid before {not_before} (seconds since 1970)")]
    NotYetValid { path: PathBuf, not_before: i64 },
    #[error("the certificate in {path} has expired at {not_after} (seconds since 1970)")]
    Expired { path: PathBuf, not_after: i64 },
    #[error("certificate and key do not make a TLS server")]
    Tls(#[from] rustls::Error),
    #[error("the client certificate authorities do not make a verifier")]
    ClientAuthorities(#[source] rustls::server::VerifierBuilderError),
    #[error("no host name is configured")]
    NoHost,
    #[error("the number of workers must be at least 1")]
    NoWorker,
    #[error("a worker has ended by a panic")]
    WorkerPanicked,
    #[error("this setting changes only with a restart: {0}")]
    NeedsRestart(&'static str),
}
