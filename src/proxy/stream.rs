//! What the server and the proxy have between them where an answer takes long: a file on its way to a
//! client, part by part, and why a wait for events is over.

use bytes::Bytes;
use tokio::sync::mpsc;

/// A file that is opened while it is sent.
pub struct Stream {
    /// Its bytes, where the CRM says how many it sends.
    pub length: Option<u64>,
    /// When they end without [`Part::End`], the file broke off.
    pub parts: mpsc::Receiver<Part>,
}

/// A part of a file.
pub enum Part {
    Bytes(Bytes),
    /// All of it was there.
    End,
}

/// Why a wait is over before the CRM has said anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Over {
    /// Nobody listens any more.
    Gone,
    /// The border stops.
    Stopping,
}
