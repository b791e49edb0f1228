//! What the server is told: addresses, names, certificate files, limits.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// One server. `config` makes it; a reload swaps it whole.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients connect, always by TLS. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Where health and metrics are served, in plain HTTP: a loopback address.
    pub ops_listen: Option<SocketAddr>,
    /// The names we answer to, exactly as clients send them: lower case, `:port` where it is sent.
    pub hosts: Vec<String>,
    pub tls: TlsFiles,
    pub limits: Limits,
    /// Threads, each with its own runtime, listener and handler.
    pub workers: usize,
}

/// PEM files.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsFiles {
    /// The chain, our own certificate first.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Authorities of client certificates. Without it a client's certificate is taken as a proof of
    /// possession only, to be matched by its SHA-256.
    pub client_ca: Option<PathBuf>,
}

/// What one client, one request and one connection may use up.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections over all workers.
    pub connections: usize,
    /// Open connections of one source: an IPv4 address, or a /64 of IPv6.
    pub connections_per_source: usize,
    /// Header fields together, in bytes.
    pub header_bytes: usize,
    /// Header fields, in number.
    pub headers: usize,
    /// The request target, in bytes.
    pub target_bytes: usize,
    /// A request's body, in bytes. A handler may ask for less.
    pub body_bytes: usize,
    /// All bodies that are held at one time, in bytes; beyond it, 503.
    pub bodies_bytes: usize,
    /// Concurrent exchanges on one HTTP/2 connection.
    pub streams: u32,
    /// From accept to the end of the TLS handshake.
    pub handshake: Duration,
    /// From the first byte of a head (on a new connection: from the handshake) to its last.
    pub header: Duration,
    /// The longest pause within a body, and the grace before the floor holds.
    pub body_stall: Duration,
    /// The least rate at which a body may come, in bytes a second, over its whole time.
    pub body_floor: u32,
    /// The longest time in which nothing of an answer can be written.
    pub write_stall: Duration,
    /// The longest pause between two exchanges.
    pub idle: Duration,
    /// From the request to stop to the end of what is still running.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_source: 1_000,
            header_bytes: 16 * 1024,
            headers: 100,
            target_bytes: 16 * 1024,
            body_bytes: 12 * 1024 * 1024,
            bodies_bytes: 512 * 1024 * 1024,
            streams: 100,
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            body_stall: Duration::from_secs(15),
            body_floor: 1024,
            write_stall: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            drain: Duration::from_secs(30),
        }
    }
}
