//! Files: sealed in chunks under a key of their own, which the data subject's key seals.
//!
//! `docs/spec/file.md` specifies the format. It is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár,
//! CRYPTO 2015): each chunk's nonce says which it is and whether it is the last, so that no chunk can
//! be dropped, moved, added or taken from another file. Memory does not grow with a file.
//!
//! Read first: [`Sealer`], [`Head`], [`Opener`].

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use crate::model::{Personal, Secret};
use crate::protect::primitives::{self, Context, FormatVersion, SubjectKey};
use crate::protect::{Error, NONCE_LENGTH, TAG_LENGTH, TEXT_LENGTH, Token};

/// Bytes of a file in one chunk; the last has fewer, and none where the file has none.
pub const CHUNK: usize = 64 * 1024;
/// What a sealed file begins with. Like PNG's, it does not survive a change of line ends.
pub const MAGIC: [u8; 8] = *b"\x89SLUIS\r\n";
/// Bytes before the sealed head: magic, version, token, nonce, the sealed head's length.
pub const LEAD: usize = MAGIC.len() + 1 + TEXT_LENGTH + NONCE_LENGTH + 2;

const VERSION: u8 = 1;
const KEY_LENGTH: usize = 32;
/// A head is filled up to a multiple of this, so that its length tells little of a name's.
const STEP: usize = 256;
/// The associated data of each chunk.
const CHUNK_DATA: &[u8] = b"sluis-file\x01";

/// The nonce of a chunk: seven zero bytes, its number, whether it is the last. The key is random and
/// this file's alone, so that no nonce comes twice under it.
fn nonce(number: u32, last: bool) -> [u8; NONCE_LENGTH] {
    let [a, b, c, d] = number.to_be_bytes();
    [0, 0, 0, 0, 0, 0, 0, a, b, c, d, u8::from(last)]
}

/// How many bytes the chunks of a file have that is this long.
#[must_use]
pub fn sealed_length(plain: u64) -> u64 {
    let chunks = plain.div_ceil(CHUNK as u64).max(1);
    plain.saturating_add(chunks.saturating_mul(TAG_LENGTH as u64))
}

/// How long a file is whose chunks have so many bytes. `None`: no file has.
#[must_use]
pub fn opened_length(sealed: u64) -> Option<u64> {
    let chunks = sealed.div_ceil((CHUNK + TAG_LENGTH) as u64);
    let plain = sealed.checked_sub(chunks.checked_mul(TAG_LENGTH as u64)?)?;
    (sealed_length(plain) == sealed).then_some(plain)
}

/// Seals a file as it comes.
pub struct Sealer {
    key: FileKey,
    /// The chunk that is being filled.
    chunk: Zeroizing<Vec<u8>>,
    number: u32,
    length: u64,
}

struct FileKey {
    bytes: Secret,
    ready: SubjectKey,
}

impl Sealer {
    /// `key` is 32 random bytes that were never used before.
    ///
    /// # Errors
    /// [`Error::KeyLength`] for anything else.
    pub fn new(key: Secret) -> Result<Self, Error> {
        let ready = SubjectKey::new(&key)?;
        Ok(Self {
            key: FileKey { bytes: key, ready },
            chunk: Zeroizing::new(Vec::with_capacity(CHUNK)),
            number: 0,
            length: 0,
        })
    }

    /// Adds bytes of the file; writes the chunks that are full to `out`. A full one waits until
    /// there are more bytes: it may be the last.
    ///
    /// # Errors
    /// [`Error::Library`]; then the file is lost.
    pub fn push(&mut self, mut plain: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.length = self.length.saturating_add(plain.len() as u64);
        while !plain.is_empty() {
            if self.chunk.len() == CHUNK {
                self.seal(false, out)?;
            }
            let room = (CHUNK - self.chunk.len()).min(plain.len());
            let (now, later) = plain.split_at_checked(room).ok_or(Error::Library)?;
            self.chunk.extend_from_slice(now);
            plain = later;
        }
        Ok(())
    }

    /// Bytes of the file so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Writes the last chunk.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish(
        mut self,
        name: Personal,
        kind: &str,
        out: &mut Vec<u8>,
    ) -> Result<Sealed, Error> {
        self.seal(true, out)?;
        Ok(Sealed {
            key: self.key,
            name,
            kind: kind.to_owned(),
            length: sealed_length(self.length),
        })
    }

    fn seal(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        let nonce = nonce(self.number, last);
        let tag = primitives::seal_chunk(&self.key.ready, CHUNK_DATA, nonce, &mut self.chunk)?;
        out.extend_from_slice(&self.chunk);
        out.extend_from_slice(&tag);
        self.chunk.clear();
        self.number = self.number.checked_add(1).ok_or(Error::Library)?;
        Ok(())
    }
}

/// A file whose chunks are sealed. Only [`Sealer`] makes one.
pub struct Sealed {
    key: FileKey,
    name: Personal,
    kind: String,
    length: u64,
}

/// Prints no key and no name.
impl Debug for Sealed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.length)
    }
}

impl Sealed {
    /// Bytes of its chunks.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What stands before the chunks. `context` is that of the row that `token` stands for.
    pub(in crate::protect) fn head(
        &self,
        token: Token,
        (key, context): (&SubjectKey, &Context<'_>),
        nonce: [u8; NONCE_LENGTH],
    ) -> Result<Vec<u8>, Error> {
        let mut plain = Zeroizing::new(self.key.bytes.expose().to_vec());
        for text in [self.name.expose(), self.kind.as_str()] {
            let length = u16::try_from(text.len()).map_err(|_| Error::Library)?;
            plain.extend_from_slice(&length.to_be_bytes());
            plain.extend_from_slice(text.as_bytes());
        }
        let filled = plain.len().next_multiple_of(STEP);
        plain.resize(filled, 0);
        let context = head_context(context);
        let sealed = primitives::seal_head(key, &context, nonce, &plain)?;
        let length = u16::try_from(sealed.len()).map_err(|_| Error::Library)?;
        let parts: [&[u8]; 6] = [
            &MAGIC,
            &[VERSION],
            &token.ascii(),
            &nonce,
            &length.to_be_bytes(),
            &sealed,
        ];
        Ok(parts.concat())
    }

    /// Looks whether chunks that were kept elsewhere are still this file's.
    #[must_use]
    pub fn check(self: Arc<Self>) -> Check {
        Check {
            file: self,
            number: 0,
        }
    }
}

/// Proves chunks before they leave.
pub struct Check {
    file: Arc<Sealed>,
    number: u32,
}

impl Check {
    /// Whether this is the file's next chunk.
    ///
    /// # Errors
    /// [`Error::Unopened`]: it must not leave.
    pub fn chunk(&mut self, sealed: &[u8], last: bool) -> Result<(), Error> {
        let nonce = nonce(self.number, last);
        let mut plain = primitives::open_with(&self.file.key.ready, CHUNK_DATA, nonce, sealed)?;
        plain.zeroize();
        self.number = self.number.checked_add(1).ok_or(Error::Library)?;
        Ok(())
    }
}

/// What stands before the sealed head.
#[derive(Clone, Copy, Debug)]
pub struct Lead {
    /// The token of the row that says whose file it is.
    pub token: Token,
    nonce: [u8; NONCE_LENGTH],
    /// Bytes of the sealed head that follows.
    pub head: usize,
}

impl Lead {
    /// Reads the first [`LEAD`] bytes of a file.
    ///
    /// # Errors
    /// [`Error::FormatUnknown`] for what does not begin as our files do.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = Error::FormatUnknown;
        let rest = bytes.strip_prefix(&MAGIC).ok_or(wrong)?;
        let (version, rest) = rest.split_first().ok_or(wrong)?;
        let (token, rest) = rest.split_first_chunk::<TEXT_LENGTH>().ok_or(wrong)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(wrong)?;
        let (length, _) = rest.split_first_chunk::<2>().ok_or(wrong)?;
        let token = str::from_utf8(token).ok().and_then(Token::parse);
        let (Some(token), VERSION) = (token, *version) else {
            return Err(wrong);
        };
        Ok(Self {
            token,
            nonce: *nonce,
            head: usize::from(u16::from_be_bytes(*length)),
        })
    }
}

/// What the head of a file says.
pub struct Head {
    pub name: Personal,
    /// The media type that the file came with.
    pub kind: String,
    key: SubjectKey,
}

impl Head {
    /// Opens a head. `context` is that of the row that the token stands for.
    ///
    /// # Errors
    /// [`Error::Unopened`].
    pub fn open(
        lead: &Lead,
        sealed: &[u8],
        (key, context): (&SubjectKey, &Context<'_>),
    ) -> Result<Self, Error> {
        let plain = primitives::open_head(key, &head_context(context), lead.nonce, sealed)?;
        let (key, rest) = plain.split_at_checked(KEY_LENGTH).ok_or(Error::Unopened)?;
        let (name, rest) = text(rest)?;
        let (kind, _) = text(rest)?;
        Ok(Self {
            name: Personal::from(name),
            kind: kind.to_owned(),
            key: SubjectKey::new(&Secret::new(key.to_vec()))?,
        })
    }

    /// Opens the chunks that follow.
    #[must_use]
    pub fn opener(self) -> Opener {
        Opener {
            key: self.key,
            number: 0,
            ended: false,
        }
    }
}

/// A text after its length.
fn text(bytes: &[u8]) -> Result<(&str, &[u8]), Error> {
    let (length, rest) = bytes.split_first_chunk::<2>().ok_or(Error::Unopened)?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (text, rest) = rest.split_at_checked(length).ok_or(Error::Unopened)?;
    let text = str::from_utf8(text).map_err(|_| Error::Unopened)?;
    Ok((text, rest))
}

fn head_context<'a>(context: &Context<'a>) -> Context<'a> {
    Context {
        form: FormatVersion::FileHead1,
        ..*context
    }
}

/// Opens the chunks of a file as they come.
pub struct Opener {
    key: SubjectKey,
    number: u32,
    ended: bool,
}

impl Opener {
    /// How many bytes of a file that goes on are one chunk.
    pub const SEALED: usize = CHUNK + TAG_LENGTH;

    /// Opens the next chunk, which is the last one if nothing follows it.
    ///
    /// # Errors
    /// [`Error::Unopened`]: a chunk that was changed, moved, added or left out.
    pub fn chunk(&mut self, sealed: &[u8], last: bool) -> Result<Vec<u8>, Error> {
        // An empty chunk ends an empty file and no other.
        let fits = match last {
            true => sealed.len() > TAG_LENGTH || (sealed.len() == TAG_LENGTH && self.number == 0),
            false => sealed.len() == Self::SEALED,
        };
        if self.ended || !fits {
            return Err(Error::Unopened);
        }
        let nonce = nonce(self.number, last);
        let plain = primitives::open_with(&self.key, CHUNK_DATA, nonce, sealed)?;
        self.number = self.number.checked_add(1).ok_or(Error::Unopened)?;
        self.ended = last;
        Ok(plain)
    }
}

#[cfg(test)]
mod tests;
