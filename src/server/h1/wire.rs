//! One HTTP/1.1 connection as bytes: heads and bodies in, answers out, each within its time.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{Response, response};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::watch;
use tokio::time::{Duration, Instant, timeout, timeout_at};

use crate::server::body::{BodyError, Pace};
use crate::server::budget::Lease;
use crate::server::exchange::Body;
use crate::server::framing::{Head, Length, Violation};
use crate::server::h1::chunked::Chunked;
use crate::server::h1::head::{self, Scanner};
use crate::server::settings::Limits;
use crate::server::shared::Phase;
use crate::server::tunnel::Ends;

/// TLS over TCP, plain TCP for operations, a pipe in tests.
pub(in crate::server) trait Stream:
    AsyncRead + AsyncWrite + Unpin + 'static
{
}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Stream for S {}

/// A connection between two heads, or with the body of the last one still to come.
pub(in crate::server) struct Wire {
    stream: Box<dyn Stream>,
    buffer: BytesMut,
    length: Length,
    chunked: Chunked,
    expects_continue: bool,
    write_stall: Duration,
}

/// Why no head came.
#[derive(Debug)]
pub(super) enum NoHead {
    /// Closed, broken or silent between two requests: nothing to answer.
    Closed,
    /// It stopped within a head.
    Slow,
    Violation(Violation),
}

/// Bytes that one read may take.
const READ: usize = 16 * 1024;

/// The first read takes as many: nearly all heads are there whole with it.
const USUAL_HEAD: usize = 4 * 1024;

impl Wire {
    pub(super) fn new(stream: impl Stream, limits: &Limits) -> Self {
        Self {
            stream: Box::new(stream),
            buffer: BytesMut::new(),
            length: Length::None,
            chunked: Chunked::Size,
            expects_continue: false,
            write_stall: limits.write_stall,
        }
    }

    /// Waits until a request begins; `false` where the connection ends instead. It waits without a
    /// buffer: thousands of idle connections would hold thousands of them, or what a large body has
    /// left behind. The room for the first bytes is on the stack, and only while they are read.
    pub(super) async fn begins(&mut self) -> bool {
        if !self.buffer.is_empty() {
            return true;
        }
        self.buffer = BytesMut::new();
        poll_fn(|context| {
            let mut room = [MaybeUninit::uninit(); USUAL_HEAD];
            let mut part = ReadBuf::uninit(&mut room);
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, &mut part));
            self.buffer.extend_from_slice(part.filled());
            Poll::Ready(read.is_ok() && !part.filled().is_empty())
        })
        .await
    }

    /// The next head, whose first byte has come.
    pub(super) async fn head(
        &mut self,
        deadline: Instant,
        limits: &Limits,
    ) -> Result<Head, NoHead> {
        let mut scanner = Scanner::default();
        loop {
            let end = scanner.end(&self.buffer, limits);
            if let Some(end) = end.map_err(NoHead::Violation)? {
                let head = self.buffer.get(..end).unwrap_or_default();
                let head = head::parse(head, limits).map_err(NoHead::Violation);
                self.buffer.advance(end);
                return head;
            }
            match timeout_at(deadline, self.fill(READ)).await {
                Ok(true) => {}
                Ok(false) => return Err(NoHead::Closed),
                Err(_) => return Err(NoHead::Slow),
            }
        }
    }

    /// Says where the body ends that follows the last head.
    pub(super) fn expect(&mut self, length: Length, expects_continue: bool) {
        self.length = length;
        self.chunked = Chunked::Size;
        self.expects_continue = expects_continue;
    }

    /// Whether the last request was read to its end.
    pub(super) fn at_end(&self) -> bool {
        matches!(self.length, Length::None | Length::Known(0))
    }

    /// The body of the last request, whole.
    pub(in crate::server) async fn body(
        &mut self,
        limit: usize,
        pace: &Pace,
        lease: &Lease,
    ) -> Result<Bytes, BodyError> {
        let known = match self.length {
            Length::None => return Ok(Bytes::new()),
            Length::Known(bytes) => Some(usize::try_from(bytes).unwrap_or(usize::MAX)),
            Length::Open => None,
        };
        if known.is_some_and(|bytes| bytes > limit) {
            return Err(BodyError::TooLarge);
        }
        lease.reach(known.unwrap_or(0))?;
        if self.expects_continue {
            let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
            self.write(interim).await.map_err(|Cut| BodyError::Gone)?;
            self.expects_continue = false;
        }
        let body = match known {
            Some(bytes) => self.counted(bytes, pace).await?,
            None => self.decoded(limit, pace, lease).await?,
        };
        self.length = Length::None;
        // Whoever sends on before the answer hopes that we find another end than someone else.
        if self.has_more().await {
            return Err(BodyError::Malformed("bytes follow the body"));
        }
        Ok(body)
    }

    /// The next bytes of the last request's body, at most what one read takes; `None` at its end.
    pub(in crate::server) async fn next(
        &mut self,
        until: Instant,
    ) -> Result<Option<Bytes>, BodyError> {
        if self.at_end() {
            return Ok(None);
        }
        if self.expects_continue {
            let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
            self.write(interim).await.map_err(|Cut| BodyError::Gone)?;
            self.expects_continue = false;
        }
        let mut part = BytesMut::new();
        loop {
            let ended = match &mut self.length {
                Length::Known(left) => {
                    let ready = usize::try_from(*left).unwrap_or(usize::MAX);
                    part = self.buffer.split_to(ready.min(self.buffer.len()));
                    *left -= part.len() as u64;
                    *left == 0
                }
                Length::Open => {
                    let done = self.chunked.decode(&mut self.buffer, &mut part);
                    done.map_err(BodyError::Malformed)?
                }
                Length::None => true,
            };
            if ended {
                self.length = Length::None;
                // As for a body that is read whole.
                if self.has_more().await {
                    return Err(BodyError::Malformed("bytes follow the body"));
                }
            }
            if ended || !part.is_empty() {
                return Ok(Some(part.freeze()));
            }
            self.more(4 * READ, until).await?;
        }
    }

    async fn counted(&mut self, bytes: usize, pace: &Pace) -> Result<Bytes, BodyError> {
        while self.buffer.len() < bytes {
            let missing = bytes - self.buffer.len();
            let until = pace.deadline(self.buffer.len());
            self.more(missing.clamp(READ, 4 * READ), until).await?;
        }
        Ok(self.buffer.split_to(bytes).freeze())
    }

    async fn decoded(
        &mut self,
        limit: usize,
        pace: &Pace,
        lease: &Lease,
    ) -> Result<Bytes, BodyError> {
        let mut body = BytesMut::new();
        loop {
            let done = self.chunked.decode(&mut self.buffer, &mut body);
            let done = done.map_err(BodyError::Malformed)?;
            if body.len() > limit {
                return Err(BodyError::TooLarge);
            }
            lease.reach(body.len())?;
            if done {
                return Ok(body.freeze());
            }
            self.more(READ, pace.deadline(body.len())).await?;
        }
    }

    async fn more(&mut self, room: usize, until: Instant) -> Result<(), BodyError> {
        match timeout_at(until, self.fill(room)).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(BodyError::Gone),
            Err(_) => Err(BodyError::Slow),
        }
    }

    /// Reads once. Whether anything came; an error is an end.
    async fn fill(&mut self, room: usize) -> bool {
        self.buffer.reserve(room);
        let mut part = (&mut self.buffer).limit(room);
        matches!(self.stream.read_buf(&mut part).await, Ok(1..))
    }

    /// Whether bytes are here that belong to no request yet. Looks without waiting.
    pub(super) async fn has_more(&mut self) -> bool {
        self.look().await;
        !self.buffer.is_empty()
    }

    /// Whether nothing will come any more. Looks without waiting, and never suspends.
    pub(super) async fn has_ended(&mut self) -> bool {
        self.look().await && self.buffer.is_empty()
    }

    /// Takes a byte if one is here and none was; whether the input has ended.
    async fn look(&mut self) -> bool {
        if !self.buffer.is_empty() {
            return false;
        }
        let mut byte = [0; 1];
        let mut part = ReadBuf::new(&mut byte);
        let stream = Pin::new(&mut self.stream);
        let mut stream = Some(stream);
        let looked = poll_fn(|context| {
            let looked = stream.take().map(|stream| {
                // Pending leaves a waker behind, which the next read replaces.
                stream.poll_read(context, &mut part).is_ready()
            });
            Poll::Ready(looked)
        });
        let ready = looked.await.unwrap_or_default();
        self.buffer.extend_from_slice(part.filled());
        ready && part.filled().is_empty()
    }

    /// Writes an answer, whole.
    pub(super) async fn answer(
        &mut self,
        response: Response<Body>,
        date: &str,
        style: Style,
    ) -> Result<(), Cut> {
        let (parts, body) = response.into_parts();
        let body = match body {
            Body::Whole(body) => {
                let Ok(body) = body
                    .collect()
                    .await
                    .map(http_body_util::Collected::to_bytes);
                body
            }
            file @ Body::File(_) => return self.file(&parts, file, date, style).await,
        };
        let together = Some(body.len()).filter(|length| *length <= READ);
        let mut head = begin(&parts, together.unwrap_or(0));
        // RFC 9110, section 8.6: neither has content, so neither has a length.
        let bodiless = matches!(parts.status.as_u16(), 204 | 304);
        if !bodiless {
            line(
                &mut head,
                "content-length",
                body.len().to_string().as_bytes(),
            );
        }
        end(&mut head, date, style);
        if style.head_only || bodiless {
            return self.write(&head).await;
        }
        if together.is_some() {
            head.put_slice(&body);
            return self.write(&head).await;
        }
        self.write_part(&head).await?;
        self.write(&body).await
    }

    /// Writes a file as it comes. Where it breaks off the connection ends before the answer does:
    /// its length is not reached, or its last chunk is missing (RFC 9112, section 8).
    async fn file(
        &mut self,
        parts: &response::Parts,
        mut body: Body,
        date: &str,
        style: Style,
    ) -> Result<(), Cut> {
        let mut head = begin(parts, 0);
        let length = body.size_hint().exact();
        match length {
            Some(length) => line(&mut head, "content-length", length.to_string().as_bytes()),
            None => line(&mut head, "transfer-encoding", b"chunked"),
        }
        end(&mut head, date, style);
        self.write(&head).await?;
        if style.head_only {
            return Ok(());
        }
        while let Some(frame) = body.frame().await {
            let Ok(bytes) = frame.map_err(|_| Cut)?.into_data() else {
                return Err(Cut);
            };
            if length.is_some() {
                self.write_part(&bytes).await?;
            } else if !bytes.is_empty() {
                let size = format!("{:x}\r\n", bytes.len());
                self.write_part(size.as_bytes()).await?;
                self.write_part(&bytes).await?;
                self.write_part(b"\r\n").await?;
            }
        }
        let last: &[u8] = match length {
            Some(_) => b"",
            None => b"0\r\n\r\n",
        };
        self.write(last).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Cut> {
        self.write_part(bytes).await?;
        match timeout(self.write_stall, self.stream.flush()).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Cut),
        }
    }

    /// Every part must go out within the stall; a client that does not read is not waited for.
    async fn write_part(&mut self, bytes: &[u8]) -> Result<(), Cut> {
        for part in bytes.chunks(4 * READ) {
            match timeout(self.write_stall, self.stream.write_all(part)).await {
                Ok(Ok(())) => {}
                _ => return Err(Cut),
            }
        }
        Ok(())
    }

    /// Answers that the protocol changes, and carries bytes until one end, the session or the server
    /// is done.
    pub(super) async fn open(
        mut self,
        response: Response<Body>,
        ends: Ends,
        phase: watch::Receiver<Phase>,
    ) {
        let mut head = BytesMut::with_capacity(512);
        head.put_slice(b"HTTP/1.1 101 Switching Protocols");
        for (name, value) in response.headers() {
            line(&mut head, name.as_str(), value.as_bytes());
        }
        line(&mut head, "connection", b"Upgrade");
        line(&mut head, "upgrade", b"websocket");
        head.put_slice(b"\r\n\r\n");
        if self.write(&head).await.is_ok() {
            ends.carry(self.stream, phase).await;
        }
    }

    /// Closes so that the client can still read the last answer: closing a socket with unread input
    /// resets it, and a reset overtakes what was written (RFC 9112, section 9.6).
    pub(super) async fn close(mut self) {
        const LONGEST: Duration = Duration::from_secs(2);
        const MOST: usize = 4 * 1024 * 1024;
        let lingering = async {
            if self.stream.shutdown().await.is_err() {
                return;
            }
            let mut thrown_away = 0;
            while thrown_away < MOST {
                self.buffer.clear();
                if !self.fill(READ).await {
                    return;
                }
                thrown_away += self.buffer.len();
            }
        };
        // Too late is as good as closed.
        drop(timeout(LONGEST, lingering).await);
    }
}

/// How an answer is written, beside what it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) close: bool,
    pub(super) head_only: bool,
}

/// The client does not take the answer.
#[derive(Debug)]
pub(super) struct Cut;

/// Begins an answer, with room for the rest of most heads and `body` bytes behind it.
fn begin(parts: &response::Parts, body: usize) -> BytesMut {
    let mut head = BytesMut::with_capacity(1024 + body);
    head.put_slice(b"HTTP/1.1 ");
    head.put_slice(parts.status.as_str().as_bytes());
    head.put_slice(b" ");
    let reason = parts.status.canonical_reason().unwrap_or("");
    head.put_slice(reason.as_bytes());
    for (name, value) in &parts.headers {
        line(&mut head, name.as_str(), value.as_bytes());
    }
    head
}

fn end(head: &mut BytesMut, date: &str, style: Style) {
    if !date.is_empty() {
        line(head, "date", date.as_bytes());
    }
    if style.close {
        line(head, "connection", b"close");
    }
    head.put_slice(b"\r\n\r\n");
}

fn line(head: &mut BytesMut, name: &str, value: &[u8]) {
    head.put_slice(b"\r\n");
    head.put_slice(name.as_bytes());
    head.put_slice(b": ");
    head.put_slice(value);
}
