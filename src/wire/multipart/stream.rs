//! Reading a body as it comes, by the rules of [`super::parse`] and in memory that does not grow with
//! it: files may be larger than what a body may be that is read whole.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;

use super::{HEADERS, header, malformed};
use crate::wire::Error;

/// Reads the parts of one body in order.
#[derive(Debug)]
pub struct Reader {
    dashes: Vec<u8>,
    buffer: BytesMut,
    /// Where in the body the buffer begins.
    at: usize,
    state: State,
    parts: usize,
    most: usize,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    Part(Head),
    /// More of its content.
    Content(Bytes),
    /// It has ended.
    End,
}

/// What a part's headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The form field's name.
    pub name: String,
    /// A file's name; empty where a browser had no file to send.
    pub filename: Option<String>,
    /// The media type as it was given.
    pub content_type: Option<String>,
}

#[derive(Debug)]
enum State {
    /// Before the first boundary.
    Start,
    /// Behind the dashes and the boundary.
    Boundary,
    Headers,
    Content(Content),
    /// Behind the last boundary.
    Behind,
}

#[derive(Debug, Default)]
struct Content {
    /// Bytes that were given out.
    given: usize,
    /// How far the buffer was searched for the boundary.
    searched: usize,
    /// The length that the part's headers give.
    length: Option<usize>,
    /// What a `_charset_` field says so far.
    charset: Option<Vec<u8>>,
}

impl Reader {
    /// A reader of a body with this boundary and at most so many parts.
    ///
    /// # Errors
    /// A boundary that RFC 2046 does not allow.
    pub fn new(boundary: &str, most: usize) -> Result<Self, Error> {
        header::check_boundary(boundary)?;
        Ok(Self {
            dashes: format!("--{boundary}").into_bytes(),
            buffer: BytesMut::new(),
            at: 0,
            state: State::Start,
            parts: 0,
            most,
        })
    }

    /// Adds bytes of the body.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// What the bytes so far say next; `None` where it takes more of them.
    ///
    /// # Errors
    /// What is not canonical. Nothing of the body is to be used then.
    pub fn event(&mut self) -> Result<Option<Event>, Error> {
        loop {
            match &mut self.state {
                State::Start => {
                    let known = self.buffer.len().min(self.dashes.len());
                    if self.buffer.get(..known) != self.dashes.get(..known) {
                        return Err(malformed(0, "the body does not begin with its boundary"));
                    }
                    if known < self.dashes.len() {
                        return Ok(None);
                    }
                    self.take(known);
                    self.state = State::Boundary;
                }
                State::Boundary => match self.buffer.get(..2) {
                    None => return Ok(None),
                    Some(b"--") => {
                        self.take(2);
                        self.state = State::Behind;
                    }
                    Some(b"\r\n") if self.parts < self.most => {
                        self.take(2);
                        self.parts += 1;
                        self.state = State::Headers;
                    }
                    Some(b"\r\n") => {
                        let (what, limit) = ("parts", self.most);
                        return Err(Error::TooLarge { what, limit });
                    }
                    Some(_) => {
                        return Err(malformed(
                            self.at,
                            "a boundary that goes on or does not end",
                        ));
                    }
                },
                State::Headers => return self.headers(),
                State::Content(_) => return self.content(),
                State::Behind => {
                    let ends = matches!(&*self.buffer, b"" | b"\r" | b"\r\n");
                    return match ends {
                        true => Ok(None),
                        false => Err(malformed(self.at, "data behind the last boundary")),
                    };
                }
            }
        }
    }

    /// Says that the body has ended.
    ///
    /// # Errors
    /// A body that is not whole.
    pub fn finish(&mut self) -> Result<(), Error> {
        match (&self.state, &*self.buffer) {
            (State::Behind, b"" | b"\r\n") => Ok(()),
            _ => Err(malformed(self.at, "the last boundary is missing")),
        }
    }

    fn headers(&mut self) -> Result<Option<Event>, Error> {
        let head = self.buffer.get(..HEADERS + 4).unwrap_or(&self.buffer);
        let Some(length) = memmem::find(head, b"\r\n\r\n") else {
            if self.buffer.len() >= HEADERS + 4 {
                let what = "bytes of a part's headers";
                let limit = HEADERS;
                return Err(Error::TooLarge { what, limit });
            }
            return Ok(None);
        };
        let block = self.buffer.get(..length).unwrap_or_default();
        for found in memmem::find_iter(block, &self.dashes) {
            if matches!(before(block, found), None | Some(b'\r' | b'\n')) {
                return Err(malformed(self.at + found, "a boundary among headers"));
            }
        }
        let found = header::read(block, self.at)?;
        self.take(length + 4);
        self.state = State::Content(Content {
            length: found.length,
            charset: (found.name == "_charset_").then(Vec::new),
            ..Content::default()
        });
        Ok(Some(Event::Part(Head {
            name: found.name,
            filename: found.filename,
            content_type: found.content_type,
        })))
    }

    fn content(&mut self) -> Result<Option<Event>, Error> {
        let State::Content(content) = &mut self.state else {
            return Ok(None);
        };
        loop {
            let rest = self.buffer.get(content.searched..).unwrap_or_default();
            let Some(found) = memmem::find(rest, &self.dashes) else {
                break;
            };
            let found = content.searched + found;
            let until = self.buffer.get(..found).unwrap_or_default();
            if until.ends_with(b"\r\n") {
                return self.ends(found);
            }
            let last = before(until, found).or((content.given > 0).then_some(b'x'));
            if matches!(last, None | Some(b'\r' | b'\n')) {
                return Err(malformed(
                    self.at + found,
                    "a boundary behind a broken line",
                ));
            }
            content.searched = found + self.dashes.len();
        }
        // What may be the beginning of a line end and a boundary waits for what follows.
        let sure = self.buffer.len().saturating_sub(self.dashes.len() + 1);
        if sure == 0 {
            return Ok(None);
        }
        content.searched = content.searched.saturating_sub(sure);
        content.given += sure;
        let bytes = self.take(sure);
        self.note(&bytes)?;
        Ok(Some(Event::Content(bytes)))
    }

    /// The part ends before a boundary that was found at `found`: first what is left of it.
    fn ends(&mut self, found: usize) -> Result<Option<Event>, Error> {
        let State::Content(content) = &mut self.state else {
            return Ok(None);
        };
        if found > 2 {
            content.given += found - 2;
            content.searched = 0;
            let bytes = self.take(found - 2);
            self.note(&bytes)?;
            return Ok(Some(Event::Content(bytes)));
        }
        if content.length.is_some_and(|length| length != content.given) {
            return Err(malformed(self.at, "a length that is not the part's"));
        }
        let utf8 = |named: &Vec<u8>| named.eq_ignore_ascii_case(b"utf-8");
        if !content.charset.as_ref().is_none_or(utf8) {
            return Err(malformed(self.at, "a character set other than UTF-8"));
        }
        self.take(found + self.dashes.len());
        self.state = State::Boundary;
        Ok(Some(Event::End))
    }

    /// Keeps what a `_charset_` field says (RFC 7578, section 4.6).
    fn note(&mut self, bytes: &[u8]) -> Result<(), Error> {
        const LONGEST: usize = 16;
        if let State::Content(content) = &mut self.state
            && let Some(charset) = &mut content.charset
        {
            charset.extend_from_slice(bytes);
            if charset.len() > LONGEST {
                return Err(malformed(self.at, "a character set other than UTF-8"));
            }
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Bytes {
        self.at += count;
        self.buffer.copy_to_bytes(count)
    }
}

/// The byte before a place.
fn before(bytes: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).and_then(|at| bytes.get(at)).copied()
}
