//! A strict reader of HTTP/1.1 heads (RFC 9112, sections 2 to 5): one grammar, nothing tolerated.
//!
//! Pure. RFC 9112 lets a reader accept a bare LF, leading blank lines, white space before a colon
//! or folded lines; each of these is where two readers have come to differ, so each is refused.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::server::exchange::Protocol;
use crate::server::framing::{Head, Violation};
use crate::server::settings::Limits;

/// Looks for the end of a head in bytes as they come, so that nothing is looked at twice and what
/// cannot become a head is refused at once.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    seen: usize,
    line_start: usize,
    lines: usize,
}

impl Scanner {
    /// Where the head ends, once its empty line is there. `bytes` always begins with the head.
    ///
    /// # Errors
    /// 400 for a byte that no head has, 414 and 431 for a head beyond the limits.
    pub(super) fn end(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Option<usize>, Violation> {
        loop {
            let rest = bytes.get(self.seen..).unwrap_or_default();
            let after_return = self.seen > 0 && bytes.get(self.seen - 1) == Some(&b'\r');
            if after_return && !matches!(rest.first(), Some(b'\n') | None) {
                return Err(Violation::bad("a CR without LF"));
            }
            // Most of a head is plain: it is passed in runs.
            let plain = plain_run(rest);
            self.seen += plain;
            self.within(limits)?;
            let Some(byte) = bytes.get(self.seen) else {
                return Ok(None);
            };
            match byte {
                b'\r' => {}
                b'\n' if !after_return || plain != 0 => {
                    return Err(Violation::bad("a line ends with LF alone"));
                }
                b'\n' => {
                    if let Some(end) = self.line_end()? {
                        return Ok(Some(end));
                    }
                    continue;
                }
                _ => return Err(Violation::bad("the head holds more than printable ASCII")),
            }
            self.seen += 1;
            self.within(limits)?;
        }
    }

    /// Takes an LF; where the head ends, if its line is empty.
    fn line_end(&mut self) -> Result<Option<usize>, Violation> {
        let empty = self.seen - self.line_start == 1;
        self.seen += 1;
        self.line_start = self.seen;
        if empty && self.lines == 0 {
            return Err(Violation::bad("an empty line before the request line"));
        }
        self.lines += usize::from(!empty);
        Ok(empty.then_some(self.seen))
    }

    fn within(&self, limits: &Limits) -> Result<(), Violation> {
        // The longest method, two spaces and the version.
        const AROUND_TARGET: usize = 32;
        if self.lines == 0 && self.seen > limits.target_bytes + AROUND_TARGET {
            return Err(Violation::new(
                StatusCode::URI_TOO_LONG,
                "the target is too long",
            ));
        }
        let longest = limits.target_bytes + AROUND_TARGET + limits.header_bytes;
        if self.lines > limits.headers + 1 || self.seen > longest {
            return Err(too_large());
        }
        Ok(())
    }
}

/// How many bytes of printable ASCII `bytes` begins with; eight at a time while they are.
fn plain_run(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    let (words, _) = bytes.as_chunks();
    let plain = words.iter().take_while(|word| {
        let word = u64::from_le_bytes(**word);
        // Below 0x20; 0x7f; and what has the high bit.
        let other = word.wrapping_sub(ONES * 0x20) | word.wrapping_add(ONES) | word;
        other & HIGHS == 0
    });
    let run = 8 * plain.count();
    let rest = bytes.get(run..).unwrap_or_default();
    let end = rest.iter().position(|byte| !matches!(byte, 0x20..=0x7e));
    run + end.unwrap_or(rest.len())
}

/// Reads a whole head, with its empty line.
///
/// # Errors
/// 400, 431 or 505.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Head, Violation> {
    let Ok(text) = str::from_utf8(bytes) else {
        return Err(Violation::bad("the head holds more than printable ASCII"));
    };
    let Some(text) = text.strip_suffix("\r\n\r\n") else {
        return Err(Violation::bad("the head has no end"));
    };
    let (request_line, fields) = first_line(text);
    let fields = fields.unwrap_or_default();
    let (method, target) = request_line_parts(request_line)?;
    if fields.len() > limits.header_bytes {
        return Err(too_large());
    }
    let mut headers = HeaderMap::with_capacity(USUAL);
    let mut rest = Some(fields).filter(|fields| !fields.is_empty());
    let mut lines = 0;
    while let Some(text) = rest {
        lines += 1;
        if lines > limits.headers {
            return Err(too_large());
        }
        let (line, others) = first_line(text);
        let (name, value) = field(line)?;
        headers.append(name, value);
        rest = others;
    }
    Ok(Head {
        protocol: Protocol::Http1,
        method: method.to_owned(),
        target: target.to_owned(),
        authority: None,
        headers,
        ended: false,
    })
}

/// Room for the fields of most requests, which would else grow twice.
const USUAL: usize = 12;

/// The text before the first CRLF, and what follows it. A byte is found faster than a text.
fn first_line(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let mut returns = memchr::memchr_iter(b'\r', bytes);
    match returns.find(|at| bytes.get(at + 1) == Some(&b'\n')) {
        Some(end) => (&text[..end], Some(&text[end + 2..])),
        None => (text, None),
    }
}

/// The text before the first such byte, which is ASCII, and what follows it.
fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(byte, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// `method SP target SP HTTP/1.1`, with exactly these two spaces.
fn request_line_parts(line: &str) -> Result<(&str, &str), Violation> {
    let words = cut(line, b' ');
    let words = words.and_then(|(method, rest)| Some((method, cut(rest, b' ')?)));
    let Some((method, (target, version))) = words.filter(|(_, (_, last))| !last.contains(' '))
    else {
        return Err(Violation::bad("the request line is not three words"));
    };
    match version.strip_prefix("HTTP/").map(str::as_bytes) {
        Some(b"1.1") => {}
        Some([b'0'..=b'9', b'.', b'0'..=b'9']) => {
            return Err(Violation::new(
                StatusCode::HTTP_VERSION_NOT_SUPPORTED,
                "only HTTP/1.1 and HTTP/2 are spoken here",
            ));
        }
        _ => return Err(Violation::bad("the version is malformed")),
    }
    if method.is_empty() || target.is_empty() {
        return Err(Violation::bad("the request line is not three words"));
    }
    Ok((method, target))
}

/// `name:` with at most one space, then the value. A folded line has no name before its colon.
fn field(line: &str) -> Result<(HeaderName, HeaderValue), Violation> {
    let Some((name, value)) = cut(line, b':') else {
        return Err(Violation::bad("a header line has no colon"));
    };
    let Ok(parsed) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err(Violation::bad("the name of a header field is malformed"));
    };
    let value = value.strip_prefix(' ').unwrap_or(value);
    let of_framing = matches!(
        parsed.as_str(),
        "host" | "content-length" | "transfer-encoding" | "connection" | "expect"
    );
    if of_framing && value.trim() != value {
        return Err(Violation::bad("white space around a field of the framing"));
    }
    let Ok(value) = HeaderValue::from_str(value.trim_matches(' ')) else {
        return Err(Violation::bad("the value of a header field is malformed"));
    };
    Ok((parsed, value))
}

fn too_large() -> Violation {
    Violation::new(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "the header fields are too large",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    /// Scans `bytes` in pieces of `step`; where the head ends, or the status of the refusal.
    fn scan(bytes: &[u8], step: usize) -> Result<Option<usize>, u16> {
        let (mut scanner, limits) = (Scanner::default(), Limits::default());
        for seen in (step..bytes.len()).step_by(step).chain([bytes.len()]) {
            let end = scanner.end(&bytes[..seen], &limits);
            if let Some(end) = end.map_err(|refused| refused.status.as_u16())? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    #[test]
    fn a_head_ends_where_its_empty_line_does() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let with_body = [&head[..], b"body\n\0"].concat();
        for step in [1, 2, 3, 7, 100] {
            assert_eq!(scan(&with_body, step), Ok(Some(head.len())), "{step}");
        }
        assert_eq!(scan(&head[..head.len() - 1], 1), Ok(None));
    }

    #[test]
    fn a_field_keeps_its_value_and_loses_one_space() {
        let head = parse(
            b"GET /a?b HTTP/1.1\r\nX-A:b\r\nX-B: c d \r\nX-C:\r\n\r\n",
            &Limits::default(),
        );
        let head = head.unwrap();
        assert_eq!(
            (head.method.as_str(), head.target.as_str()),
            ("GET", "/a?b")
        );
        assert_eq!(head.headers["x-a"], "b");
        assert_eq!(head.headers["x-b"], "c d");
        assert_eq!(head.headers["x-c"], "");
    }

    proptest! {
        #[test]
        fn a_run_of_printable_bytes_ends_at_the_first_other(bytes: Vec<u8>, printable in "[ -~]{0,40}") {
            let bytes = [printable.as_bytes(), &bytes].concat();
            let end = bytes.iter().position(|byte| !matches!(byte, 0x20..=0x7e));
            assert_eq!(plain_run(&bytes), end.unwrap_or(bytes.len()));
        }

        #[test]
        fn what_is_found_does_not_depend_on_how_bytes_come(bytes in "(GET|POST| |/|\r\n|\n|\r|HTTP/1.1|Host|:|a|\t){0,40}", step in 1_usize..9) {
            assert_eq!(scan(bytes.as_bytes(), step), scan(bytes.as_bytes(), bytes.len().max(1)));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let limits = Limits::default();
            let _ = Scanner::default().end(&bytes, &limits);
            let _ = parse(&bytes, &limits);
            let _ = parse(&[&bytes[..], b"\r\n\r\n"].concat(), &limits);
        }
    }
}
