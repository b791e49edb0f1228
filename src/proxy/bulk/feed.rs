//! The body of an upload as it comes, without its content coding.

use bytes::Bytes;

use super::{Failure, Incoming, Refusal, body};
use crate::model::Code;
use crate::wire::coding::{Coding, Decoder};

/// The body broke off.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// Why no more of a body comes.
pub(super) enum Broken {
    Gone,
    Refused(Refusal),
}

/// A body that is read as it comes.
pub(super) struct Feed<N> {
    next: N,
    decoder: Decoder,
    /// What is here and not decoded yet.
    part: Bytes,
}

impl<N: AsyncFnMut(usize) -> Result<Option<Bytes>, Gone>> Feed<N> {
    pub(super) fn new(incoming: &Incoming<'_>, next: N) -> Result<Self, Refusal> {
        let coding = Coding::parse(incoming.content_encoding.unwrap_or("identity"));
        let coding = coding.map_err(|_| body::coded())?;
        Ok(Self {
            next,
            decoder: Decoder::new(coding, body::RATIO),
            part: Bytes::new(),
        })
    }

    /// The next piece; none at the end of a body that is whole. `held`: how many bytes of the body
    /// are kept in memory meanwhile.
    pub(super) async fn next(&mut self, held: usize) -> Result<Option<Bytes>, Broken> {
        let wrong = |_| Broken::Refused(body::undecodable(Code::BodyMalformed));
        loop {
            // Decoding may go on after the last byte of a part.
            let piece = self.decoder.next(&mut self.part).map_err(wrong)?;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
            match (self.next)(held).await {
                Err(Gone) => return Err(Broken::Gone),
                Ok(Some(part)) => self.part = part,
                Ok(None) => return self.decoder.finish().map(|()| None).map_err(wrong),
            }
        }
    }

    /// A body that is small enough to be had whole; none where it broke off.
    pub(super) async fn whole(&mut self, most: usize) -> Result<Option<Vec<u8>>, Failure> {
        let mut body = Vec::new();
        loop {
            match self.next(body.len()).await {
                Err(Broken::Gone) => return Ok(None),
                Err(Broken::Refused(refusal)) => return Err(refusal.into()),
                Ok(None) => return Ok(Some(body)),
                Ok(Some(part)) => body.extend_from_slice(&part),
            }
            if body.len() > most {
                let text = format!("the body has more than {most} bytes");
                return Err(Refusal::new(Code::BodyTooLarge, text).into());
            }
        }
    }
}
