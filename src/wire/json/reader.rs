//! Walking over a JSON text event by event, for finding values and copying ranges.

use std::ops::Range;

use crate::wire::Error;
use crate::wire::json::Text;
use crate::wire::json::text::string_end;

/// A range of the source, in bytes.
pub type Span = Range<usize>;

/// What a [`Reader`] meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// `{`
    BeginObject {
        /// Where.
        at: usize,
    },
    /// `}`
    EndObject {
        /// Where.
        at: usize,
        /// Whether the object has no members.
        empty: bool,
    },
    /// `[`
    BeginArray {
        /// Where.
        at: usize,
    },
    /// `]`
    EndArray {
        /// Where.
        at: usize,
        /// Whether the array has no elements.
        empty: bool,
    },
    /// A member's key; its colon is read, its value comes next.
    Key(Text<'a>),
    /// A value that is a string.
    String(Text<'a>),
    /// A value that is a number, of any size.
    Number(Span),
    /// `true` or `false`.
    Bool(Span, bool),
    /// `null`.
    Null(Span),
    /// The whole text was one JSON value. It comes again however often it is asked for.
    End,
}

/// Where a value stands that is neither an object nor an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// With its quotes.
    String(Span),
    /// `null`
    Null(Span),
    /// A number, `true` or `false`.
    Other(Span),
}

/// A pull parser over one whole JSON text.
///
/// It is as strict as [`crate::wire::json::Document`], but for duplicate keys and for the limits
/// other than depth. A text is valid only once [`Event::End`] has come. An error does not move
/// the reader on: asking again gives an error again.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    expect: Expect,
    /// The containers that are open, outermost first, without the innermost.
    open: Vec<Container>,
    inside: Container,
    depth_limit: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    /// None: around the root.
    Nothing,
    Object,
    Array,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// A value: the root's, a member's, or an element after a comma.
    Value,
    /// An element, or the end of an empty array.
    FirstElement,
    /// A key after a comma.
    Key,
    /// A key, or the end of an empty object.
    FirstKey,
    /// A comma, or the end of the innermost container.
    Next,
    /// Nothing but white space.
    End,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a text in which at most `depth_limit` containers may be open.
    #[must_use]
    pub fn new(text: &'a str, depth_limit: usize) -> Self {
        Self {
            text,
            at: 0,
            expect: Expect::Value,
            open: Vec::with_capacity(depth_limit.min(64)),
            inside: Container::Nothing,
            depth_limit,
        }
    }

    /// Reads on to the next event.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would end after an error, and `End` must not look like one"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Event<'a>, Error> {
        let byte = self.skip_space();
        match self.expect {
            Expect::Next => self.after_value(byte),
            Expect::Value => self.value(byte),
            Expect::Key => self.key(byte),
            Expect::FirstKey if byte == b'}' => Ok(self.close(true)),
            Expect::FirstKey => self.key(byte),
            Expect::FirstElement if byte == b']' => Ok(self.close(true)),
            Expect::FirstElement => self.value(byte),
            Expect::End if self.at >= self.text.len() => Ok(Event::End),
            Expect::End => Err(self.malformed("data after the value")),
        }
    }

    /// Reads on over a key behind a comma, if `raw` is what stands there between the quotes and no
    /// white space around; else nothing moves. Records of an answer have the same keys in the same
    /// order, and comparing costs a fraction of reading. `raw` must be a key that was read here.
    #[inline]
    pub fn skip_key(&mut self, raw: &str) -> bool {
        if self.expect != Expect::Next || self.inside != Container::Object {
            return false;
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let stands = rest
            .strip_prefix(b",\"")
            .and_then(|rest| rest.strip_prefix(raw.as_bytes()))
            .is_some_and(|rest| rest.starts_with(b"\":"));
        if stands {
            self.at += raw.len() + 4;
            self.expect = Expect::Value;
        }
        stands
    }

    /// Reads on over a comma and the beginning of an array's next element, if that is `begins`, then
    /// letters and digits, then `"}`; else nothing moves. What is between stands where is said then.
    /// `begins` must begin with the brace of an object that was read here, and end in a text within
    /// an object that is its first value: so the reader is behind that first value now.
    #[inline]
    pub fn skip_opening(&mut self, begins: &str) -> Option<Span> {
        if self.expect != Expect::Next
            || self.inside != Container::Array
            || self.open.len() + 1 >= self.depth_limit
        {
            return None;
        }
        let rest = self.text.as_bytes().get(self.at..)?;
        let rest = rest.strip_prefix(b",")?.strip_prefix(begins.as_bytes())?;
        let plain = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric());
        let length = plain.count();
        if !rest.get(length..)?.starts_with(b"\"}") {
            return None;
        }
        let start = self.at + 1 + begins.len();
        self.open.push(self.inside);
        self.inside = Container::Object;
        self.done(start + length + 2);
        Some(start..start + length)
    }

    /// Reads on over a value other than an object or an array; else nothing moves, and
    /// [`Reader::next`] gives what is there.
    #[inline(always)]
    pub fn scalar(&mut self) -> Result<Option<Scalar>, Error> {
        if self.expect != Expect::Value {
            return Ok(None);
        }
        let at = self.at;
        match self.skip_space() {
            b'"' => {
                let at = self.at;
                let (close, _) = string_end(self.text.as_bytes(), at)?;
                self.done(close + 1);
                Ok(Some(Scalar::String(at..close + 1)))
            }
            byte @ (b'n' | b't' | b'f' | b'-' | b'0'..=b'9') => Ok(match self.value(byte)? {
                Event::Null(span) => Some(Scalar::Null(span)),
                Event::Number(span) | Event::Bool(span, _) => Some(Scalar::Other(span)),
                _ => None,
            }),
            _ => {
                self.at = at;
                Ok(None)
            }
        }
    }

    /// Skips the next value whole, checking it, and returns where it stands.
    ///
    /// There must be one: after a key, at the beginning, or in an array that has an element left.
    pub fn skip_value(&mut self) -> Result<Span, Error> {
        let outside = self.open.len();
        let mut start = None;
        loop {
            let event = self.next()?;
            match (event, start) {
                (Event::String(Text { span, .. }), None) => return Ok(span),
                (Event::Number(span) | Event::Bool(span, _) | Event::Null(span), None) => {
                    return Ok(span);
                }
                (Event::BeginObject { at } | Event::BeginArray { at }, None) => start = Some(at),
                (_, None) => return Err(self.malformed("no value to skip")),
                (_, Some(start)) if self.open.len() == outside => return Ok(start..self.at),
                (_, Some(_)) => (),
            }
        }
    }

    #[inline(always)]
    fn after_value(&mut self, byte: u8) -> Result<Event<'a>, Error> {
        match (byte, self.inside) {
            (b',', Container::Object) => {
                self.at += 1;
                self.expect = Expect::Key;
                let byte = self.skip_space();
                self.key(byte)
            }
            (b',', Container::Array) => {
                self.at += 1;
                self.expect = Expect::Value;
                let byte = self.skip_space();
                self.value(byte)
            }
            (b'}', Container::Object) | (b']', Container::Array) => Ok(self.close(false)),
            _ => Err(self.malformed("neither a comma nor the end of the container")),
        }
    }

    #[inline(always)]
    fn key(&mut self, byte: u8) -> Result<Event<'a>, Error> {
        if byte != b'"' {
            return Err(self.malformed("a key that is not a string"));
        }
        let key = self.text_at(self.at)?;
        if key.raw.is_empty() {
            return Err(self.malformed("an empty key"));
        }
        let bytes = self.text.as_bytes();
        let mut colon = key.span.end;
        if bytes.get(colon) != Some(&b':') {
            colon = space_end(bytes, colon);
            if bytes.get(colon) != Some(&b':') {
                return Err(Error::Malformed {
                    at: colon,
                    what: "no colon after a key",
                });
            }
        }
        self.at = colon + 1;
        self.expect = Expect::Value;
        Ok(Event::Key(key))
    }

    #[inline(always)]
    fn value(&mut self, byte: u8) -> Result<Event<'a>, Error> {
        let at = self.at;
        match byte {
            b'"' => {
                let text = self.text_at(at)?;
                self.done(text.span.end);
                Ok(Event::String(text))
            }
            b'{' => {
                self.enter(Container::Object, Expect::FirstKey)?;
                Ok(Event::BeginObject { at })
            }
            b'[' => {
                self.enter(Container::Array, Expect::FirstElement)?;
                Ok(Event::BeginArray { at })
            }
            b'n' => Ok(Event::Null(self.literal("null")?)),
            b't' => Ok(Event::Bool(self.literal("true")?, true)),
            b'f' => Ok(Event::Bool(self.literal("false")?, false)),
            b'-' | b'0'..=b'9' => {
                let end = number_end(self.text.as_bytes(), at)?;
                self.done(end);
                Ok(Event::Number(at..end))
            }
            _ => Err(self.malformed("no value")),
        }
    }

    #[inline(always)]
    fn text_at(&self, open: usize) -> Result<Text<'a>, Error> {
        let (close, escaped) = string_end(self.text.as_bytes(), open)?;
        Ok(Text {
            span: open..close + 1,
            raw: &self.text[open + 1..close],
            escaped,
        })
    }

    fn enter(&mut self, container: Container, expect: Expect) -> Result<(), Error> {
        if self.open.len() >= self.depth_limit {
            return Err(Error::TooLarge {
                what: "levels",
                limit: self.depth_limit,
            });
        }
        self.open.push(self.inside);
        self.inside = container;
        self.at += 1;
        self.expect = expect;
        Ok(())
    }

    fn close(&mut self, empty: bool) -> Event<'a> {
        let at = self.at;
        let closed = self.inside;
        self.inside = self.open.pop().unwrap_or(Container::Nothing);
        self.done(at + 1);
        match closed {
            Container::Object => Event::EndObject { at, empty },
            Container::Array | Container::Nothing => Event::EndArray { at, empty },
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<Span, Error> {
        let span = self.at..self.at + word.len();
        if self.text.as_bytes().get(span.clone()) != Some(word.as_bytes()) {
            return Err(self.malformed("an unknown word"));
        }
        self.done(span.end);
        Ok(span)
    }

    /// Moves on behind a whole value.
    #[inline(always)]
    fn done(&mut self, end: usize) {
        self.at = end;
        self.expect = match self.inside {
            Container::Nothing => Expect::End,
            Container::Object | Container::Array => Expect::Next,
        };
    }

    /// Moves to the next byte that is not white space and returns it; NUL, which no rule of the
    /// grammar accepts, stands for the end of the text.
    #[inline(always)]
    fn skip_space(&mut self) -> u8 {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => *byte,
            _ => {
                self.at = space_end(self.text.as_bytes(), self.at);
                self.text.as_bytes().get(self.at).copied().unwrap_or(0)
            }
        }
    }

    #[cold]
    fn malformed(&self, what: &'static str) -> Error {
        Error::Malformed { at: self.at, what }
    }
}

/// The offset of the first byte from `from` on that is not white space.
fn space_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let spaces = rest
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
    from + spaces.unwrap_or(rest.len())
}

/// The end of the number that begins at `at` (RFC 8259, section 6).
#[inline(always)]
fn number_end(bytes: &[u8], start: usize) -> Result<usize, Error> {
    let wrong = |at| Error::Malformed {
        at,
        what: "a broken number",
    };
    let at = start + usize::from(bytes.get(start) == Some(&b'-'));
    let mut end = match bytes.get(at) {
        Some(b'0') => at + 1,
        _ => digits_end(bytes, at).ok_or(wrong(at))?,
    };
    if bytes.get(end) == Some(&b'.') {
        end = digits_end(bytes, end + 1).ok_or(wrong(end))?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits_end(bytes, end + 1 + usize::from(signed)).ok_or(wrong(end))?;
    }
    Ok(end)
}

/// The end of one or more digits.
#[inline(always)]
fn digits_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    (at > start).then_some(at)
}
