//! What is sent: a body that is here, or one whose sealed files are read back while it goes.

use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use tokio::sync::mpsc;

use crate::protect::file::{self, Opener};
use crate::protect::{Cleared, Insert};

/// A request's body.
pub(super) enum Outbound {
    Whole(Full<Bytes>),
    Spooled {
        parts: mpsc::Receiver<io::Result<Bytes>>,
        /// Bytes that are still to come.
        left: u64,
    },
    /// Cleared pieces whose number nobody knows; an empty one is the last.
    Pieces {
        pieces: mpsc::Receiver<Bytes>,
        ended: bool,
    },
}

/// Where the pieces of a body go. Dropped before [`Sink::end`], the request breaks off and does not
/// look whole.
#[derive(Debug)]
pub struct Sink(mpsc::Sender<Bytes>);

impl Sink {
    /// Waits until there is room for a piece, and puts it there. `false`: the CRM takes no more.
    pub async fn put(&self, piece: Cleared<Vec<u8>>) -> bool {
        let piece = Bytes::from(piece.into_inner());
        piece.is_empty() || self.0.send(piece).await.is_ok()
    }

    /// Says that the body is whole. `false`: the CRM takes no more.
    pub async fn end(self) -> bool {
        self.0.send(Bytes::new()).await.is_ok()
    }
}

/// A body that comes in pieces.
pub(super) fn pieces() -> (Sink, Outbound) {
    let (sender, pieces) = mpsc::channel(1);
    let ended = false;
    (Sink(sender), Outbound::Pieces { pieces, ended })
}

impl From<Vec<u8>> for Outbound {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(Full::new(Bytes::from(bytes)))
    }
}

impl Outbound {
    pub(super) fn length(&self) -> u64 {
        self.size_hint().exact().unwrap_or(0)
    }
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.get_mut() {
            Self::Whole(body) => Pin::new(body)
                .poll_frame(context)
                .map_err(|never| match never {}),
            Self::Spooled { parts, left } => parts.poll_recv(context).map(|part| match part {
                Some(part) => Some(part.map(|bytes| {
                    *left = left.saturating_sub(bytes.len() as u64);
                    Frame::data(bytes)
                })),
                // Its reader ended before its last byte: the request must not look whole.
                None if *left > 0 => Some(Err(io::ErrorKind::UnexpectedEof.into())),
                None => None,
            }),
            Self::Pieces { ended: true, .. } => Poll::Ready(None),
            Self::Pieces { pieces, ended } => pieces.poll_recv(context).map(|piece| match piece {
                Some(piece) if piece.is_empty() => {
                    *ended = true;
                    None
                }
                Some(piece) => Some(Ok(Frame::data(piece))),
                // As above: half a table is a table to the CRM.
                None => Some(Err(io::ErrorKind::UnexpectedEof.into())),
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Spooled { left, .. } => *left == 0,
            Self::Pieces { ended, .. } => *ended,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Spooled { left, .. } => SizeHint::with_exact(*left),
            Self::Pieces { .. } => SizeHint::default(),
        }
    }
}

/// How many parts wait to be sent.
const WAITING: usize = 4;

/// The body of a cleared request; the chunks of its files lie in `spool`.
pub(super) fn of(body: Vec<u8>, files: Vec<Insert>, spool: Option<File>) -> Outbound {
    if files.is_empty() {
        return Outbound::from(body);
    }
    let sealed: u64 = files.iter().map(|insert| insert.file.length()).sum();
    let left = sealed + body.len() as u64;
    let (sender, parts) = mpsc::channel(WAITING);
    // Reading a disk waits; a thread that may wait does it.
    tokio::task::spawn_blocking(move || {
        let sent = send(&Bytes::from(body), files, spool, &sender);
        if let Err(error) = sent {
            // Whoever reads may have gone.
            let _ = sender.blocking_send(Err(error));
        }
    });
    Outbound::Spooled { parts, left }
}

fn send(
    body: &Bytes,
    files: Vec<Insert>,
    spool: Option<File>,
    sender: &mpsc::Sender<io::Result<Bytes>>,
) -> io::Result<()> {
    let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
    let mut spool = spool.ok_or(io::ErrorKind::NotFound)?;
    let mut done = 0;
    for Insert { at, file } in files {
        let part = body.slice(done..at.clamp(done, body.len()));
        sender.blocking_send(Ok(part)).map_err(|_| gone())?;
        done = at;
        chunks(&mut spool, file, |chunk| {
            sender.blocking_send(Ok(chunk)).map_err(|_| gone())
        })?;
    }
    let rest = body.slice(done.min(body.len())..);
    sender.blocking_send(Ok(rest)).map_err(|_| gone())
}

/// Reads a file's chunks back. Each proves that it is this file's before it goes on.
fn chunks(
    spool: &mut File,
    file: Arc<file::Sealed>,
    mut each: impl FnMut(Bytes) -> io::Result<()>,
) -> io::Result<()> {
    let mut left = file.length();
    let mut check = file.check();
    while left > 0 {
        let length = left.min(Opener::SEALED as u64);
        let mut chunk = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        spool.read_exact(&mut chunk)?;
        left -= length;
        check.chunk(&chunk, left == 0).map_err(io::Error::other)?;
        each(Bytes::from(chunk))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use http_body_util::BodyExt;

    use super::*;
    use crate::model::{Personal, Secret};
    use crate::protect::file::Sealer;

    fn sealed(plain: &[u8]) -> (Arc<file::Sealed>, Vec<u8>) {
        let mut sealer = Sealer::new(Secret::new(vec![1; 32])).unwrap();
        let mut chunks = Vec::new();
        sealer.push(plain, &mut chunks).unwrap();
        let file = sealer
            .finish(Personal::from("a"), "b", &mut chunks)
            .unwrap();
        (Arc::new(file), chunks)
    }

    /// A body of `head`, a file and `tail`, whose chunks lie in `spool`.
    async fn sent(file: &Arc<file::Sealed>, spool: &[u8]) -> Option<Bytes> {
        let mut on_disk = tempfile::tempfile().unwrap();
        on_disk.write_all(spool).unwrap();
        on_disk.rewind().unwrap();
        let insert = Insert {
            at: 4,
            file: Arc::clone(file),
        };
        let body = of(b"headtail".to_vec(), vec![insert], Some(on_disk));
        assert_eq!(body.length(), 8 + file.length());
        body.collect()
            .await
            .ok()
            .map(http_body_util::Collected::to_bytes)
    }

    #[tokio::test]
    async fn a_file_goes_in_its_place_and_only_if_it_is_what_was_sealed() {
        let (file, chunks) = sealed(&[7; 200_000]);
        let whole = sent(&file, &chunks).await;
        assert_eq!(whole.unwrap(), [b"head", &chunks[..], b"tail"].concat());
        let mut changed = chunks.clone();
        changed[100_000] ^= 1;
        let (_, other) = sealed(&[8; 200_000]);
        let plain = vec![7; chunks.len()];
        for wrong in [&changed[..], &chunks[..100_000], &plain, b""] {
            assert!(sent(&file, wrong).await.is_none());
        }
        // A first chunk in the place of the second, under the same key.
        let mixed = [&chunks[..Opener::SEALED], &other[..Opener::SEALED]].concat();
        assert!(sent(&file, &mixed).await.is_none());
    }
}
