//! Content codings (RFC 9110, section 8.4.1) of whole bodies, with limits against bombs.

use bytes::{Buf, Bytes};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// How a body is coded; exactly one coding, never a stack of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// The zlib format, RFC 1950. Raw deflate, which some senders mean by this name, is refused.
    Deflate,
}

/// Why a coded body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A coding, or a stack of codings, that is not understood.
    #[error("unsupported content coding")]
    Unsupported,
    /// The body is not what its coding says, is cut, fails its checksum, or goes on after its end.
    #[error("corrupt {0} body")]
    Corrupt(&'static str),
    /// Decoded, the body is larger than allowed.
    #[error("the decoded body is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes that are allowed.
        limit: usize,
    },
    /// Decoded, the body is more times larger than allowed: a decompression bomb.
    #[error("the decoded body is more than {limit} times larger than the coded one")]
    Ratio {
        /// The largest ratio that is allowed.
        limit: usize,
    },
}

impl Coding {
    /// Reads the value of a `Content-Encoding` field. Codings are case-insensitive (RFC 9110,
    /// section 8.4.1); `x-gzip`, lists, and everything else are refused.
    pub fn parse(value: &str) -> Result<Self, Error> {
        let known = [
            ("identity", Self::Identity),
            ("gzip", Self::Gzip),
            ("deflate", Self::Deflate),
        ];
        let mut known = known.into_iter();
        let found = known.find(|(name, _)| value.eq_ignore_ascii_case(name));
        found.map(|(_, coding)| coding).ok_or(Error::Unsupported)
    }
}

/// Decodes a whole body into at most `max` bytes and at most `max_ratio` times its own size.
///
/// Exactly one gzip member or zlib stream is taken, with its checksum; what stands behind it is
/// refused, since another reader may or may not go on there.
pub fn decode(coding: Coding, body: &[u8], max: usize, max_ratio: usize) -> Result<Vec<u8>, Error> {
    match coding {
        Coding::Identity if body.len() > max => Err(Error::TooLarge { limit: max }),
        Coding::Identity => Ok(body.to_vec()),
        Coding::Gzip => inflate(
            Decompress::new_gzip(WINDOW_BITS),
            "gzip",
            body,
            (max, max_ratio),
        ),
        Coding::Deflate => inflate(Decompress::new(true), "deflate", body, (max, max_ratio)),
    }
}

/// The beginning of a body of which not all may be there: decoded, `most` bytes of it. Whether the
/// rest is sound, [`decode`] says.
///
/// # Errors
/// When what is there is not of its coding.
pub fn decode_beginning(coding: Coding, body: &[u8], most: usize) -> Result<Vec<u8>, Error> {
    let (mut state, name) = match coding {
        Coding::Identity => return Ok(body.get(..most).unwrap_or(body).to_vec()),
        Coding::Gzip => (Decompress::new_gzip(WINDOW_BITS), "gzip"),
        Coding::Deflate => (Decompress::new(true), "deflate"),
    };
    let mut out = Vec::with_capacity(most);
    loop {
        let rest = body.get(consumed(state.total_in())..).unwrap_or_default();
        let before = (state.total_in(), out.len());
        let status = state.decompress_vec(rest, &mut out, FlushDecompress::None);
        let status = status.map_err(|_| Error::Corrupt(name))?;
        if status == Status::StreamEnd || before == (state.total_in(), out.len()) {
            return Ok(out);
        }
    }
}

/// A body that is decoded while it comes, in little memory.
pub struct Decoder {
    state: Option<(Decompress, &'static str)>,
    max_ratio: usize,
    ended: bool,
}

impl Decoder {
    /// Bytes that are let through whatever they were coded as: short texts may say little at length.
    const FREE: u64 = 1 << 20;

    #[must_use]
    pub fn new(coding: Coding, max_ratio: usize) -> Self {
        let state = match coding {
            Coding::Identity => None,
            Coding::Gzip => Some((Decompress::new_gzip(WINDOW_BITS), "gzip")),
            Coding::Deflate => Some((Decompress::new(true), "deflate")),
        };
        Self {
            state,
            max_ratio,
            ended: false,
        }
    }

    /// Decodes what stands at the beginning of `part`, and takes it away: some 32 KB at a time, so
    /// that whoever asks can work it off. Ask again until `part` is empty and nothing comes.
    ///
    /// # Errors
    /// As [`decode`]: what is not of its coding, goes on after its end, or grows too much.
    pub fn next(&mut self, part: &mut Bytes) -> Result<Bytes, Error> {
        let Some((state, name)) = &mut self.state else {
            return Ok(std::mem::take(part));
        };
        if self.ended {
            return match part.is_empty() {
                true => Ok(Bytes::new()),
                false => Err(Error::Corrupt(name)),
            };
        }
        let mut out = Vec::with_capacity(CHUNK);
        let before = state.total_in();
        let status = state.decompress_vec(part, &mut out, FlushDecompress::None);
        let status = status.map_err(|_| Error::Corrupt(name))?;
        part.advance(consumed(state.total_in() - before));
        let ratio = u64::try_from(self.max_ratio).unwrap_or(u64::MAX);
        if state.total_out() > Self::FREE.max(state.total_in().saturating_mul(ratio)) {
            return Err(Error::Ratio {
                limit: self.max_ratio,
            });
        }
        self.ended = status == Status::StreamEnd;
        if self.ended && !part.is_empty() {
            return Err(Error::Corrupt(name));
        }
        Ok(out.into())
    }

    /// Holds a body that has come to its end to it.
    ///
    /// # Errors
    /// When it is cut.
    pub fn finish(&self) -> Result<(), Error> {
        match &self.state {
            Some((_, name)) if !self.ended => Err(Error::Corrupt(name)),
            _ => Ok(()),
        }
    }
}

/// Encodes a whole body as one gzip member, at a level from 0 (stored) to 9 (smallest).
#[expect(
    clippy::expect_used,
    reason = "zlib refuses only a state that was not made by its constructor"
)]
#[must_use]
pub fn encode_gzip(body: &[u8], level: u32) -> Vec<u8> {
    let mut state = Compress::new_gzip(Compression::new(level.min(9)), WINDOW_BITS);
    let mut out = Vec::with_capacity(body.len() / 4 + 64);
    loop {
        let rest = body.get(consumed(state.total_in())..).unwrap_or_default();
        let status = state.compress_vec(rest, &mut out, FlushCompress::Finish);
        match status.expect("a state of its own") {
            Status::StreamEnd => return out,
            Status::Ok | Status::BufError => out.reserve(CHUNK),
        }
    }
}

/// 32 KiB, the largest window; what every sender may use.
const WINDOW_BITS: u8 = 15;
const CHUNK: usize = 32 << 10;

fn inflate(
    mut state: Decompress,
    name: &'static str,
    body: &[u8],
    (max, max_ratio): (usize, usize),
) -> Result<Vec<u8>, Error> {
    let by_ratio = body.len().saturating_mul(max_ratio);
    let limit = max.min(by_ratio);
    let mut out = Vec::with_capacity(body.len().saturating_mul(4).min(limit));
    loop {
        if out.len() == out.capacity() {
            out.reserve(CHUNK);
        }
        let rest = body.get(consumed(state.total_in())..).unwrap_or_default();
        let before = (state.total_in(), out.len());
        let status = state.decompress_vec(rest, &mut out, FlushDecompress::None);
        let status = status.map_err(|_| Error::Corrupt(name))?;
        if out.len() > limit {
            return Err(if by_ratio < max {
                Error::Ratio { limit: max_ratio }
            } else {
                Error::TooLarge { limit: max }
            });
        }
        match status {
            Status::StreamEnd if consumed(state.total_in()) == body.len() => return Ok(out),
            Status::StreamEnd => return Err(Error::Corrupt(name)),
            // No input is left, though the end has not come: the body is cut.
            Status::Ok | Status::BufError if before == (state.total_in(), out.len()) => {
                return Err(Error::Corrupt(name));
            }
            Status::Ok | Status::BufError => (),
        }
    }
}

/// A count of bytes of a body in memory, which fits.
fn consumed(total: u64) -> usize {
    usize::try_from(total).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use bytes::Bytes;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::{any, prop_assert_eq};
    use proptest::proptest;

    use crate::wire::coding::{Coding, Decoder, Error, decode, decode_beginning, encode_gzip};

    const MAX: usize = 1 << 20;

    #[test]
    fn one_known_coding_is_taken() {
        assert_eq!(Coding::parse("gzip"), Ok(Coding::Gzip));
        assert_eq!(Coding::parse("Deflate"), Ok(Coding::Deflate));
        assert_eq!(Coding::parse("identity"), Ok(Coding::Identity));
        for value in [
            "",
            "x-gzip",
            "br",
            "zstd",
            "gzip, gzip",
            "gzip,identity",
            "gzip ",
            "*",
        ] {
            assert_eq!(Coding::parse(value), Err(Error::Unsupported), "{value}");
        }
    }

    /// Decodes a body that comes in parts of a size.
    fn streamed(coding: Coding, coded: &[u8], size: usize) -> Result<Vec<u8>, Error> {
        let mut decoder = Decoder::new(coding, 100);
        let mut body = Vec::new();
        for part in coded.chunks(size) {
            let mut part = Bytes::copy_from_slice(part);
            loop {
                let piece = decoder.next(&mut part)?;
                if piece.is_empty() && part.is_empty() {
                    break;
                }
                assert!(piece.len() <= 32 << 10 || coding == Coding::Identity);
                body.extend_from_slice(&piece);
            }
        }
        decoder.finish()?;
        Ok(body)
    }

    #[test]
    fn a_body_that_comes_in_parts_is_decoded_in_parts() {
        let body = sample().repeat(40);
        for size in [1, 7, 1000, 1 << 20] {
            for (coding, coded) in [
                (Coding::Identity, body.clone()),
                (Coding::Gzip, gzip(&body)),
                (Coding::Deflate, zlib(&body)),
            ] {
                let there = streamed(coding, &coded, size);
                assert_eq!(there.as_ref(), Ok(&body), "{coding:?} {size}");
                if coding == Coding::Identity {
                    continue;
                }
                let cut = &coded[..coded.len() - 1];
                assert!(streamed(coding, cut, size).is_err(), "{coding:?} {size}");
                let more = [coded.as_slice(), &coded].concat();
                assert!(streamed(coding, &more, size).is_err(), "{coding:?} {size}");
                let mut wrong = coded.clone();
                *wrong.last_mut().unwrap() ^= 1;
                assert!(streamed(coding, &wrong, size).is_err(), "{coding:?} {size}");
            }
        }
        let bomb = gzip(&vec![b'a'; 4 << 20]);
        let stopped = streamed(Coding::Gzip, &bomb, 1 << 20);
        assert_eq!(stopped, Err(Error::Ratio { limit: 100 }));
    }

    #[test]
    fn the_beginning_of_a_body_decodes_however_much_of_it_is_there() {
        let body = sample();
        for (coding, coded) in [
            (Coding::Identity, body.clone()),
            (Coding::Gzip, gzip(&body)),
            (Coding::Deflate, zlib(&body)),
        ] {
            for most in [0, 1, 100, body.len(), body.len() + 1] {
                let begun = decode_beginning(coding, &coded, most).unwrap();
                let least = most.min(body.len());
                assert!(
                    begun.len() >= least && body.starts_with(&begun),
                    "{coding:?} {most}"
                );
                assert!(
                    begun.len() <= most + 64,
                    "{coding:?} {most}: {}",
                    begun.len()
                );
            }
            for cut in 0..coded.len().min(200) {
                let begun = decode_beginning(coding, &coded[..cut], 1000).unwrap();
                assert!(body.starts_with(&begun), "{coding:?} {cut}");
            }
        }
        let nonsense = b"this is not compressed";
        assert!(decode_beginning(Coding::Gzip, nonsense, 100).is_err());
    }

    #[test]
    fn a_body_decodes_within_its_limits() {
        let body = sample();
        let max = body.len();
        for (coding, coded) in [
            (Coding::Identity, body.clone()),
            (Coding::Gzip, gzip(&body)),
            (Coding::Deflate, zlib(&body)),
        ] {
            assert_eq!(decode(coding, &coded, max, 1000), Ok(body.clone()));
            let error = Error::TooLarge { limit: max - 1 };
            assert_eq!(decode(coding, &coded, max - 1, 1000), Err(error));
        }
        assert_eq!(decode(Coding::Gzip, &gzip(b""), 0, 1), Ok(Vec::new()));
    }

    #[test]
    fn a_bomb_is_refused_by_its_ratio_before_it_fills_memory() {
        let bomb = gzip(&vec![0; 50 << 20]);
        let error = Error::Ratio { limit: 100 };
        assert_eq!(decode(Coding::Gzip, &bomb, usize::MAX, 100), Err(error));
        assert_eq!(
            decode(Coding::Gzip, &bomb, MAX, 2000),
            Err(Error::TooLarge { limit: MAX })
        );
    }

    #[test]
    fn every_cut_and_every_byte_behind_the_end_is_refused() {
        let body = sample();
        for (coding, coded) in [(Coding::Gzip, gzip(&body)), (Coding::Deflate, zlib(&body))] {
            for length in 0..coded.len() {
                assert!(
                    decode(coding, &coded[..length], MAX, 1000).is_err(),
                    "{length}"
                );
            }
            for behind in [b"\0".as_slice(), &coded] {
                let longer = [&coded, behind].concat();
                assert!(matches!(
                    decode(coding, &longer, MAX, 1000),
                    Err(Error::Corrupt(_))
                ));
            }
        }
    }

    #[test]
    fn a_wrong_checksum_or_length_is_refused() {
        let body = sample();
        for (coding, coded, checks) in [
            (Coding::Gzip, gzip(&body), 8),
            (Coding::Deflate, zlib(&body), 4),
        ] {
            for back in 1..=checks {
                let mut wrong = coded.clone();
                let at = wrong.len() - back;
                wrong[at] ^= 1;
                assert!(decode(coding, &wrong, MAX, 1000).is_err(), "{back}");
            }
        }
    }

    #[test]
    fn one_coding_is_not_taken_for_another() {
        let body = sample();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(&body).unwrap();
        let raw = raw.finish().unwrap();
        assert!(decode(Coding::Deflate, &raw, MAX, 1000).is_err());
        assert!(decode(Coding::Deflate, &gzip(&body), MAX, 1000).is_err());
        assert!(decode(Coding::Gzip, &zlib(&body), MAX, 1000).is_err());
        assert!(decode(Coding::Gzip, &raw, MAX, 1000).is_err());
        assert!(decode(Coding::Gzip, &body, MAX, 1000).is_err());
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(body in any::<Vec<u8>>(), level in 0_u32..=12) {
            let coded = encode_gzip(&body, level);
            prop_assert_eq!(decode(Coding::Gzip, &coded, MAX, 2000).unwrap(), body);
        }

        #[test]
        fn nothing_panics(body in any::<Vec<u8>>()) {
            let _ = decode(Coding::Gzip, &body, MAX, 1000);
            let _ = decode(Coding::Deflate, &body, MAX, 1000);
        }
    }

    #[test]
    fn large_bodies_encode_whole() {
        let body: Vec<u8> = (0_u32..200_000)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        for level in [0, 1, 6, 9] {
            let coded = encode_gzip(&body, level);
            assert_eq!(decode(Coding::Gzip, &coded, MAX, 1000).as_ref(), Ok(&body));
        }
    }

    fn sample() -> Vec<u8> {
        (0..400)
            .flat_map(|n| format!("{{\"n\":{n}}}").into_bytes())
            .collect()
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }
}
