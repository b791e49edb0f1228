//! An answer's body: whole, or a file that is opened while it is sent.

use std::any::Any;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::Full;

use crate::proxy::{Part, Stream};

/// What an answer says. All but files are whole: what was not wholly checked is not sent.
pub enum Body {
    Whole(Full<Bytes>),
    /// Each part was checked. Where one is not as it must be, the answer breaks off, so that its
    /// reader notices: it is shorter than its length, or has no end.
    File(File),
}

/// A file, and what is held until it is sent.
pub struct File {
    stream: Stream,
    /// Bytes that are still to come, where that is known.
    left: Option<u64>,
    held: Option<Box<dyn Any>>,
}

/// The answer ends before its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the answer broke off")]
pub struct Broken;

impl Body {
    pub(super) fn file(stream: Stream) -> Self {
        Self::File(File {
            left: stream.length,
            stream,
            held: None,
        })
    }

    /// Keeps something until the answer is sent.
    pub(super) fn hold(&mut self, held: impl Any) {
        if let Self::File(file) = self {
            file.held = Some(Box::new(held));
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Whole(Full::default())
    }
}

impl<T> From<T> for Body
where
    Full<Bytes>: From<T>,
{
    fn from(whole: T) -> Self {
        Self::Whole(Full::from(whole))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let file = match self.get_mut() {
            Self::Whole(body) => {
                let frame = Pin::new(body).poll_frame(context);
                return frame.map_err(|never: Infallible| match never {});
            }
            Self::File(file) => file,
        };
        let part = ready!(file.stream.parts.poll_recv(context));
        Poll::Ready(match part {
            Some(Part::Bytes(bytes)) => {
                let rest = file.left.map(|left| left.checked_sub(bytes.len() as u64));
                match rest {
                    Some(None) => Some(Err(Broken)),
                    rest => {
                        file.left = rest.flatten();
                        Some(Ok(Frame::data(bytes)))
                    }
                }
            }
            Some(Part::End) if file.left.is_none_or(|left| left == 0) => None,
            // Whoever opens the file has stopped before its end.
            Some(Part::End) | None => Some(Err(Broken)),
        })
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::File(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::File(file) => file
                .left
                .map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}
