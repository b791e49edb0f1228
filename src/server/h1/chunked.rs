//! A strict reader of the chunked coding (RFC 9112, section 7.1).
//!
//! Pure. A size is hexadecimal digits without a leading zero, nothing else stands on its line, and
//! nothing stands between the last chunk and the final empty line: extensions and trailers carry
//! nothing that a CRM's client needs, and have carried second requests.

use bytes::{Buf, BytesMut};

/// Where the reader stands between two reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Chunked {
    /// Before or within a size line.
    Size,
    /// Within a chunk, with so many bytes to come.
    Data(usize),
    /// Before the CRLF that ends a chunk.
    DataEnd,
    /// Before the CRLF that ends the body.
    LastEnd,
    Done,
}

/// A size of more digits does not fit any limit.
const SIZE_DIGITS: usize = 8;

impl Chunked {
    /// Moves data from `input` to `out` until more input is needed (`Ok(false)`) or the body has
    /// ended (`Ok(true)`). The caller checks how much `out` holds between two calls; a call adds
    /// at most what `input` holds.
    ///
    /// # Errors
    /// The rule that the coding breaks.
    pub(super) fn decode(
        &mut self,
        input: &mut BytesMut,
        out: &mut BytesMut,
    ) -> Result<bool, &'static str> {
        loop {
            match *self {
                Self::Size => {
                    let Some(size) = size(input)? else {
                        return Ok(false);
                    };
                    *self = match size {
                        0 => Self::LastEnd,
                        size => Self::Data(size),
                    };
                }
                Self::Data(left) => {
                    let ready = left.min(input.len());
                    if ready == 0 {
                        return Ok(false);
                    }
                    out.extend_from_slice(&input.split_to(ready));
                    *self = match left - ready {
                        0 => Self::DataEnd,
                        left => Self::Data(left),
                    };
                }
                Self::DataEnd => {
                    if !line_end(input, "a chunk is longer than its size")? {
                        return Ok(false);
                    }
                    *self = Self::Size;
                }
                Self::LastEnd => {
                    if !line_end(input, "trailers are not taken")? {
                        return Ok(false);
                    }
                    *self = Self::Done;
                }
                Self::Done => return Ok(true),
            }
        }
    }
}

/// Takes a size line, once it is there.
fn size(input: &mut BytesMut) -> Result<Option<usize>, &'static str> {
    const MALFORMED: &str = "the size of a chunk is malformed";
    let digits = input
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let (number, rest) = input.split_at(digits);
    if digits > SIZE_DIGITS || (digits > 1 && number.starts_with(b"0")) {
        return Err(MALFORMED);
    }
    match rest {
        [] | [b'\r'] if digits > 0 || rest.is_empty() => return Ok(None),
        [b'\r', b'\n', ..] if digits > 0 => {}
        _ => return Err(MALFORMED),
    }
    let number = str::from_utf8(number).map_err(|_| MALFORMED)?;
    let size = usize::from_str_radix(number, 16).map_err(|_| MALFORMED)?;
    input.advance(digits + 2);
    Ok(Some(size))
}

/// Takes a CRLF, once it is there.
fn line_end(input: &mut BytesMut, otherwise: &'static str) -> Result<bool, &'static str> {
    match &input[..] {
        [] | [b'\r'] => Ok(false),
        [b'\r', b'\n', ..] => {
            input.advance(2);
            Ok(true)
        }
        _ => Err(otherwise),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    type Parts = (Vec<u8>, Vec<u8>);

    /// Feeds `wire` in pieces of `step` bytes; what came out and what was left over.
    fn decode(wire: &[u8], step: usize) -> Result<Option<Parts>, &'static str> {
        let (mut state, mut input, mut out) = (Chunked::Size, BytesMut::new(), BytesMut::new());
        for piece in wire.chunks(step) {
            input.extend_from_slice(piece);
            if state.decode(&mut input, &mut out)? {
                return Ok(Some((out.to_vec(), input.to_vec())));
            }
        }
        Ok(None)
    }

    #[test]
    fn chunks_join_however_they_are_cut() {
        let wire = b"5\r\nhello\r\nA\r\n, somebody\r\n0\r\n\r\n";
        for step in 1..=wire.len() {
            let (body, rest) = decode(wire, step).unwrap().unwrap();
            assert_eq!((body.as_slice(), rest.len()), (&b"hello, somebody"[..], 0));
        }
    }

    #[test]
    fn whatever_is_not_plain_is_refused() {
        for wire in [
            "5;x=y\r\nhello\r\n0\r\n\r\n",
            "5 \r\nhello\r\n0\r\n\r\n",
            " 5\r\nhello\r\n0\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello!\r\n0\r\n\r\n",
            "5\r\nhell\r\n0\r\n\r\n",
            "0x5\r\nhello\r\n0\r\n\r\n",
            "+5\r\nhello\r\n0\r\n\r\n",
            "-5\r\nhello\r\n0\r\n\r\n",
            "05\r\nhello\r\n0\r\n\r\n",
            "00\r\n\r\n",
            "5\r\r\nhello\r\n0\r\n\r\n",
            "\r\n5\r\nhello\r\n0\r\n\r\n",
            "g\r\n\r\n",
            "\r\n\r\n",
            "FFFFFFFFF\r\n",
            "10000000000000005\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "0\r\nContent-Length: 5\r\n\r\n",
            "0\r\n\n",
        ] {
            for step in [1, wire.len()] {
                assert!(decode(wire.as_bytes(), step).is_err(), "{wire:?} by {step}");
            }
        }
    }

    #[test]
    fn what_follows_the_body_stays_in_the_input() {
        let (body, rest) = decode(b"0\r\n\r\nGET / HTTP/1.1\r\n", 64).unwrap().unwrap();
        assert_eq!(
            (body.as_slice(), rest.as_slice()),
            (&b""[..], &b"GET / HTTP/1.1\r\n"[..])
        );
    }

    proptest! {
        #[test]
        fn any_body_survives_any_cut(body: Vec<u8>, size in 1_usize..40, step in 1_usize..40, upper in any::<bool>()) {
            let mut wire = Vec::new();
            for chunk in body.chunks(size) {
                let line = if upper { format!("{:X}\r\n", chunk.len()) } else { format!("{:x}\r\n", chunk.len()) };
                wire.extend_from_slice(line.as_bytes());
                wire.extend_from_slice(chunk);
                wire.extend_from_slice(b"\r\n");
            }
            wire.extend_from_slice(b"0\r\n\r\n");
            let (out, rest) = decode(&wire, step).unwrap().unwrap();
            assert_eq!((out, rest.len()), (body, 0));
        }
    }
}
