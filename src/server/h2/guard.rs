//! Looks at the frames of an HTTP/2 connection before h2 reads them, for the one thing that h2
//! hides: a fragment in `:path`. A connection that sends one, or what is no sequence of frames, ends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::h1::Stream;
use crate::server::h2::hpack::Reader;

/// A stream whose input has been looked at.
pub(super) struct Guarded<S> {
    stream: S,
    frames: Frames,
}

impl<S: Stream> Guarded<S> {
    pub(super) fn new(stream: S, longest_block: usize) -> Self {
        Self {
            stream,
            frames: Frames::new(longest_block),
        }
    }
}

impl<S: Stream> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let fresh = buffer.filled().get(before..).unwrap_or_default();
        if let Err(rule) = self.frames.feed(fresh) {
            tracing::debug!(rule, "an HTTP/2 connection is cut off");
            buffer.set_filled(before);
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Walks frames (RFC 9113, section 4.1) however their bytes are cut.
#[derive(Debug)]
struct Frames {
    state: State,
    /// The header of the frame, as far as it has come.
    head: Vec<u8>,
    /// The fragments of the header block that is open.
    block: Vec<u8>,
    longest_block: usize,
    reader: Reader,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Within the client's preface, which h2 compares; so many bytes of it are to come.
    Preface(usize),
    Head,
    /// Within a frame whose content does not matter here.
    Skip(usize),
    /// Within a frame that carries a part of a header block.
    Block {
        left: usize,
        flags: u8,
        start: usize,
    },
}

const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 0x04;
const PADDED: u8 = 0x08;
const PRIORITY: u8 = 0x20;

impl Frames {
    fn new(longest_block: usize) -> Self {
        Self {
            state: State::Preface(24),
            head: Vec::with_capacity(9),
            block: Vec::new(),
            longest_block,
            reader: Reader::new(),
        }
    }

    fn feed(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            let used = match self.state {
                State::Preface(left) => {
                    let used = left.min(bytes.len());
                    self.state = match left - used {
                        0 => State::Head,
                        left => State::Preface(left),
                    };
                    used
                }
                State::Skip(left) => {
                    let used = left.min(bytes.len());
                    self.state = match left - used {
                        0 => State::Head,
                        left => State::Skip(left),
                    };
                    used
                }
                State::Head => self.head(bytes)?,
                State::Block { left, flags, start } => {
                    let used = left.min(bytes.len());
                    let part = bytes.get(..used).unwrap_or_default();
                    self.block.extend_from_slice(part);
                    let left = left - used;
                    self.state = State::Block { left, flags, start };
                    if left == 0 {
                        self.part_ends(flags, start)?;
                    }
                    used
                }
            };
            bytes = bytes.get(used..).unwrap_or_default();
        }
        Ok(())
    }

    /// Collects a frame's header and sees what follows it.
    fn head(&mut self, bytes: &[u8]) -> Result<usize, &'static str> {
        let used = (9 - self.head.len()).min(bytes.len());
        self.head
            .extend_from_slice(bytes.get(..used).unwrap_or_default());
        let [a, b, c, kind, flags, ..] = self.head[..] else {
            return Ok(used);
        };
        if self.head.len() < 9 {
            return Ok(used);
        }
        self.head.clear();
        let length = (usize::from(a) << 16) | (usize::from(b) << 8) | usize::from(c);
        if !matches!(kind, HEADERS | CONTINUATION) {
            self.state = match length {
                0 => State::Head,
                length => State::Skip(length),
            };
            return Ok(used);
        }
        if self.block.len() + length > self.longest_block {
            return Err("a header block that is too long");
        }
        // Padding and priority stand in the first frame only (RFC 9113, section 6.2).
        let flags = match kind {
            HEADERS => flags,
            _ => flags & END_HEADERS,
        };
        let start = self.block.len();
        self.state = State::Block {
            left: length,
            flags,
            start,
        };
        if length == 0 {
            self.part_ends(flags, start)?;
        }
        Ok(used)
    }

    /// Takes padding and priority off the part that begins at `start`; reads a whole block.
    fn part_ends(&mut self, flags: u8, start: usize) -> Result<(), &'static str> {
        const MALFORMED: &str = "a malformed frame of header fields";
        self.state = State::Head;
        let part = self.block.split_off(start);
        let mut content = part.as_slice();
        if flags & PADDED != 0 {
            let (padding, rest) = content.split_first().ok_or(MALFORMED)?;
            let kept = rest.len().checked_sub(usize::from(*padding));
            content = kept.and_then(|kept| rest.get(..kept)).ok_or(MALFORMED)?;
        }
        if flags & PRIORITY != 0 {
            content = content.get(5..).ok_or(MALFORMED)?;
        }
        self.block.extend_from_slice(content);
        if flags & END_HEADERS == 0 {
            return Ok(());
        }
        let block = std::mem::take(&mut self.block);
        self.reader.block(&block)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    /// A connection with one HEADERS frame, as bytes.
    fn connection(flags: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
        bytes.extend([0, 0, u8::try_from(payload.len()).unwrap(), HEADERS, flags]);
        bytes.extend([0, 0, 0, 1]);
        bytes.extend(payload);
        bytes
    }

    fn fed(bytes: &[u8], step: usize) -> Result<(), &'static str> {
        let mut frames = Frames::new(1000);
        bytes.chunks(step).try_for_each(|part| frames.feed(part))
    }

    #[test]
    fn a_fragment_is_seen_behind_padding_and_priority_and_any_cut() {
        let (path, fragment) = (b"\x04\x03/ab", b"\x04\x03/a#");
        for step in [1, 2, 5, 1000] {
            for (flags, before, after) in [
                (END_HEADERS, &[][..], &[][..]),
                (END_HEADERS | PADDED, &[2], &[0, 0]),
                (END_HEADERS | PRIORITY, &[0, 0, 0, 0, 16], &[]),
                (END_HEADERS | PADDED | PRIORITY, &[1, 0, 0, 0, 0, 16], &[0]),
            ] {
                let with = |path: &[u8]| connection(flags, &[before, path, after].concat());
                assert_eq!(fed(&with(path), step), Ok(()), "{flags} by {step}");
                assert_eq!(fed(&with(fragment), step), Err("the target has a fragment"));
            }
        }
    }

    #[test]
    fn a_fragment_is_seen_across_continuations() {
        let mut bytes = connection(0, b"\x04\x03/");
        bytes.extend([0, 0, 2, CONTINUATION, END_HEADERS, 0, 0, 0, 1]);
        let whole = |rest: &[u8]| fed(&[&bytes[..], rest].concat(), 7);
        assert_eq!(whole(b"ab"), Ok(()));
        assert_eq!(whole(b"a#"), Err("the target has a fragment"));
    }

    #[test]
    fn a_block_has_an_end() {
        let mut bytes = connection(0, &[0x82; 100]);
        for _ in 0..10 {
            bytes.extend([0, 0, 100, CONTINUATION, 0, 0, 0, 0, 1]);
            bytes.extend([0x82; 100]);
        }
        assert_eq!(fed(&bytes, 50), Err("a header block that is too long"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, flags: u8, step in 1_usize..9) {
            let short = &bytes[..bytes.len().min(255)];
            let _ = fed(&connection(flags, short), step);
            let _ = fed(&bytes, step);
        }
    }
}
